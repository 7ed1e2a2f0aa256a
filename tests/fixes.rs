//! Each fix of each problem of every golden case mends its problem, and brings no new one.

#![expect(clippy::unwrap_used, reason = "what a test cannot do without ends it")]

use std::collections::BTreeMap;

use sunup::diagnostic::{Code, Fix, Problems};

#[path = "support/golden.rs"]
mod golden;
#[allow(dead_code, reason = "shared with the cases")]
#[path = "support/program.rs"]
mod program;

use golden::{Case, cases};

#[test]
fn each_fix_mends_its_problem_and_brings_no_new_one() {
    let mut wrong = Vec::new();
    let mut fixes = 0;
    for case in cases() {
        let before = kinds(&case.problems);
        for problem in case.problems.iter() {
            for fix in &problem.fixes {
                fixes += 1;
                let mended = Case::read(&case.path, case.is_of_checker, &applied(fix, case));
                let after = kinds(&mended.problems);
                let count = |kinds: &Kinds| kinds.get(&kind(problem.code, &problem.message)).copied().unwrap_or(0);
                let name = format!("{}: {} {}: {}", case.path.display(), problem.code, problem.message, fix.title);
                if count(&after) >= count(&before) {
                    wrong.push(format!("{name}: it is still there"));
                }
                let new = after.iter().filter(|(kind, count)| before.get(*kind).is_none_or(|before| before < count));
                let new = new.filter(|(kind, _)| !is_revealed(problem.code, kind));
                wrong.extend(new.map(|(kind, _)| format!("{name}: now there is {kind}")));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {fixes} fixes\n{}", wrong.len(), wrong.join("\n"));
    assert!(fixes > 60, "only {fixes} fixes were tried");
}

/// What could not be seen as long as the other was there: a sentence is told one slip, and hosts are counted once a selector
/// is sound.
fn is_revealed(mended: Code, kind: &str) -> bool {
    const REVEALED: [(Code, Code); 3] = [
        (Code::SYNTAX, Code::SYNTAX),
        (Code::WRONG_TYPE, Code::HOSTS_PASSED_OVER),
        (Code::UNKNOWN_VALUE, Code::HOSTS_PASSED_OVER),
    ];
    REVEALED.iter().any(|(before, after)| *before == mended && kind.starts_with(after.as_str()))
}

/// How many problems read so.
type Kinds = BTreeMap<String, usize>;

fn kinds(problems: &Problems) -> Kinds {
    let mut kinds = Kinds::new();
    for problem in problems.iter() {
        *kinds.entry(kind(problem.code, &problem.message)).or_default() += 1;
    }
    kinds
}

fn kind(code: Code, message: &str) -> String {
    format!("{code} {message}")
}

/// The text of a case after one fix, from its last edit to its first.
fn applied(fix: &Fix, case: &Case) -> String {
    let (file, source) = case.sources.iter().next().unwrap();
    let mut text = source.text().to_owned();
    let mut edits: Vec<_> = fix.edits.iter().collect();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.span.start));
    for edit in edits {
        assert_eq!(edit.span.file, file, "{}: a fix of another file", case.path.display());
        text.replace_range(edit.span.range(), &edit.replacement);
    }
    text
}
