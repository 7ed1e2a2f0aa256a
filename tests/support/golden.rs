//! Every golden case of the parser and of the checker, with what is wrong in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use sunup::diagnostic::Problems;
use sunup::source::Sources;
use sunup::syntax;

use crate::program::program;

pub struct Case {
    pub path: PathBuf,
    pub is_of_checker: bool,
    pub sources: Sources,
    pub problems: Problems,
}

impl Case {
    /// Reads a script as the golden case that stands at a path would be read.
    pub fn read(path: &Path, is_of_checker: bool, text: &str) -> Case {
        let (sources, problems) = match is_of_checker {
            true => {
                let folder = path.parent().unwrap();
                #[expect(clippy::disallowed_methods, reason = "a case reads the files beside it")]
                let case = program(text, |name| fs::read(folder.join(name)).ok());
                (case.sources, case.parse.problems.into_iter().chain(case.checked.problems).collect())
            }
            false => {
                let mut sources = Sources::default();
                let file = sources.add("case", text);
                (sources, syntax::parse(file, text).problems)
            }
        };
        Case { path: path.to_owned(), is_of_checker, sources, problems }
    }
}

/// All of them, in order.
pub fn cases() -> &'static [Case] {
    static CASES: LazyLock<Vec<Case>> = LazyLock::new(read_all);
    &CASES
}

fn read_all() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut found = Vec::new();
    for (room, is_of_checker) in [("check", true), ("syntax", false)] {
        for path in scripts(&root.join(room)) {
            #[expect(clippy::disallowed_methods, reason = "a case is a file")]
            let text = fs::read_to_string(&path).unwrap();
            found.push(Case::read(&path, is_of_checker, &text));
        }
    }
    found
}

#[expect(clippy::disallowed_methods, reason = "cases are files")]
fn scripts(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => found.extend(scripts(&path)),
            false if path.extension().is_some_and(|extension| extension == "sunup") => found.push(path),
            false => {}
        }
    }
    found.sort();
    found
}
