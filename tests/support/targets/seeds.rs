//! What fuzzing begins with: the files of the tree, the scripts in its pages, and what `tests/fuzz/TARGET/` keeps, which is
//! what no other file shows and everything that fuzzing ever found.

use std::fs;
use std::path::{Path, PathBuf};

use super::Target;

/// A seed: where it comes from, and its bytes.
#[allow(dead_code, reason = "not everything that includes this asks for all of it")]
pub struct Seed {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// Where examples, cases and pages are.
const FOLDERS: [&str; 4] = ["examples", "stdlib", "tests/cases", "tests/inventory"];
const PAGES: [&str; 2] = ["docs", "README.md"];

/// The seeds of a target, in the order of their names. `root` is the folder of the project.
#[allow(dead_code, reason = "not everything that includes this asks for seeds")]
pub fn seeds(root: &Path, target: &Target) -> Vec<Seed> {
    let kept = files_below(&root.join("tests/fuzz").join(target.name));
    let of_tree = FOLDERS.iter().flat_map(|folder| files_below(&root.join(folder)));
    let of_tree =
        of_tree.filter(|path| (target.is_seed)(path) && !path.components().any(|part| part.as_os_str() == "fleet"));
    let mut seeds: Vec<Seed> =
        of_tree.chain(kept).map(|path| Seed { bytes: read(&path), name: shown(root, &path) }).collect();
    for page in PAGES.iter().flat_map(|page| files_below(&root.join(page))) {
        let text = String::from_utf8(read(&page)).unwrap_or_default();
        for (idx, (mark, block)) in blocks(&text).into_iter().enumerate() {
            if (target.is_seed)(Path::new(&format!("block.{}", mark.split(' ').next().unwrap_or("")))) {
                seeds.push(Seed {
                    name: format!("{}, block {}", shown(root, &page), idx + 1),
                    bytes: block.into_bytes(),
                });
            }
        }
    }
    seeds
}

#[allow(dead_code, reason = "not everything that includes this asks for seeds")]
fn shown(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

#[allow(dead_code, reason = "not everything that includes this asks for seeds")]
fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files in a folder and all folders in it, in order; of a file itself that one.
#[allow(dead_code, reason = "not everything that includes this asks for seeds")]
fn files_below(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let Ok(entries) = fs::read_dir(path) else { return Vec::new() };
    let mut inside: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    inside.sort();
    inside.iter().flat_map(|path| files_below(path)).collect()
}

/// Every fenced block of a page, with what stands after its opening fence.
#[allow(dead_code, reason = "not everything that includes this asks for seeds")]
fn blocks(page: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in page.lines() {
        match (&mut open, line.trim_start().strip_prefix("```")) {
            (None, Some(mark)) => open = Some((mark.to_owned(), String::new())),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some((_, body)), None) => body.extend([line, "\n"]),
            (None, None) => {}
        }
    }
    blocks
}

fn ends(path: &Path, ends: &[&str]) -> bool {
    path.extension().and_then(|end| end.to_str()).is_some_and(|end| ends.contains(&end))
}

pub fn is_script(path: &Path) -> bool {
    ends(path, &["sunup"])
}

pub fn is_csv(path: &Path) -> bool {
    ends(path, &["csv", "tsv"])
}

pub fn is_json(path: &Path) -> bool {
    ends(path, &["json"])
}

pub fn is_yaml(path: &Path) -> bool {
    ends(path, &["yml", "yaml"])
}

pub fn is_ini(path: &Path) -> bool {
    ends(path, &["ini"]) || path.file_name().is_some_and(|name| name == "hosts")
}

pub fn is_calendar(path: &Path) -> bool {
    ends(path, &["ics"])
}
