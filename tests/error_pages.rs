//! Each code's page shows a fault and its mend, and both are what the page says they are.

#![expect(clippy::unwrap_used, reason = "what a test cannot do without ends it")]

use std::collections::BTreeMap;

use sunup::diagnostic::{Code, Problems};
use sunup::source::Sources;
use sunup::syntax;
use sunup::time::CalendarRule;

#[allow(dead_code, reason = "shared with the cases")]
#[path = "support/program.rs"]
mod program;

use program::{from_memory, program};

/// The fenced blocks of a section, each with what stands after its fence.
fn blocks<'a>(page: &'a str, section: &str) -> Vec<(&'a str, String)> {
    let title = format!("\n## {section}\n");
    let Some((_, rest)) = page.split_once(title.as_str()) else { return Vec::new() };
    let text = rest.split("\n## ").next().unwrap_or(rest);
    let mut found: Vec<(&str, String)> = Vec::new();
    let mut is_inside = false;
    for line in text.lines() {
        match line.strip_prefix("```") {
            Some(_) if is_inside => is_inside = false,
            Some(kind) => {
                is_inside = true;
                found.push((kind, String::new()));
            }
            None if is_inside => {
                let (_, block) = found.last_mut().unwrap();
                *block += line;
                *block += "\n";
            }
            None => {}
        }
    }
    assert!(!is_inside, "a block is not closed: {text}");
    found
}

fn script(page: &str, section: &str) -> Option<String> {
    let blocks = blocks(page, section);
    blocks.into_iter().find(|(kind, _)| *kind == "sunup").map(|(_, text)| text)
}

fn problems(script: &str) -> Problems {
    let mut sources = Sources::default();
    let file = sources.add("example", script);
    syntax::parse(file, script).problems
}

fn codes(script: &str) -> Vec<Code> {
    problems(script).iter().map(|problem| problem.code).collect()
}

#[test]
fn each_page_says_what_why_and_how_to_mend_it() {
    for code in Code::ALL {
        let page = code.page();
        let sections: Vec<&str> = page.lines().filter(|line| line.starts_with("## ")).collect();
        // There is no small example of too many problems.
        let expected: &[&str] = match *code {
            Code::TOO_MANY_PROBLEMS => &["## Why it matters", "## The cure"],
            _ => &["## Why it matters", "## Example", "## The cure"],
        };
        assert_eq!(sections, expected, "{code}");
        let longest = page.lines().map(|line| line.chars().count()).max();
        assert!(longest <= Some(130), "{code} has a line of {longest:?}");
        assert!(page.ends_with('\n'), "{code}");
    }
}

#[test]
fn the_examples_are_in_the_language() {
    let mut seen = 0;
    for code in Code::ALL {
        let is_of_syntax = code.as_str().starts_with("E01");
        let Some(fault) = script(code.page(), "Example") else { continue };
        seen += 1;
        let expected = if is_of_syntax { vec![*code] } else { Vec::new() };
        assert_eq!(codes(&fault), expected, "the example of {code}");
        let mend = script(code.page(), "The cure").unwrap_or_else(|| panic!("{code} shows no mend"));
        assert_eq!(codes(&mend), [], "the cure of {code}");
        assert!(is_of_syntax || fault != mend || !blocks(code.page(), "The cure").is_empty(), "{code} mends nothing");
    }
    assert!(seen >= 45, "only {seen} pages have a script");
}

#[test]
fn the_examples_files_are_named_once_and_are_used() {
    for code in Code::ALL {
        for section in ["Example", "The cure"] {
            let mut files = BTreeMap::new();
            for (kind, text) in blocks(code.page(), section) {
                let Some((_, name)) = kind.split_once(' ') else { continue };
                assert!(files.insert(name, text).is_none(), "{code}: `{name}` stands there twice");
                let script = script(code.page(), section).unwrap_or_default();
                assert!(script.contains(&format!("\"{name}\"")), "{code}: nothing reads `{name}`");
            }
        }
    }
}

#[test]
fn the_calendar_of_the_example_is_refused_and_its_mend_is_not() {
    let calendar = |section| {
        let blocks = blocks(Code::BAD_CALENDAR.page(), section);
        let (_, text) = blocks.into_iter().find(|(kind, _)| kind.starts_with("ics ")).unwrap();
        CalendarRule::from_ics(&text)
    };
    assert_eq!(calendar("Example").unwrap_err().line, Some(4));
    assert!(calendar("The cure").is_ok());
}

/// What the checker gives; what else a page may show, the planner, the session or the run gives.
const OF_THE_CHECKER: &[Code] = &[
    Code::UNKNOWN_NAME,
    Code::DEFINED_TWICE,
    Code::WRONG_TYPE,
    Code::UNKNOWN_FIELD,
    Code::UNKNOWN_VALUE,
    Code::RECURSION,
    Code::MEMBER_MISSING,
    Code::MEMBER_TWICE,
    Code::BAD_VALUE,
    Code::WRONG_ARGUMENTS,
    Code::FIELD_MISSING_ON_HOST,
    Code::VALUE_LIKE_OPTION,
    Code::SELECTS_NOTHING,
    Code::TWO_REGIONS,
    Code::NO_REGION,
    Code::NO_PACKAGE,
    Code::TWO_PACKAGES,
    Code::HOSTS_PASSED_OVER,
    Code::CONFLICT_INSTALLED,
    Code::UNKNOWN_ZONE,
    Code::BAD_CALENDAR,
    Code::WINDOW_EMPTY,
    Code::CANNOT_UNDO,
    Code::NO_UNDO_SAID,
    Code::RULE_TWICE,
    Code::UNKNOWN_TEAM,
    Code::NOT_ALLOWED,
];

/// The codes that a check of a section's script gives. A file that the cure does not mend is the example's.
fn checked(page: &str, section: &str) -> Vec<Code> {
    let sections = ["Example", section];
    let files = sections.iter().flat_map(|section| blocks(page, section));
    let files: BTreeMap<String, String> =
        files.filter_map(|(kind, text)| Some((kind.split_once(' ')?.1.to_owned(), text))).collect();
    let found = program(&script(page, section).unwrap(), from_memory(&files));
    let mut codes: Vec<Code> = found.checked.problems.iter().map(|problem| problem.code).collect();
    codes.dedup();
    codes
}

#[test]
fn the_checker_says_what_its_pages_say() {
    for code in Code::ALL.iter().filter(|code| script(code.page(), "Example").is_some()) {
        let expected = if OF_THE_CHECKER.contains(code) { vec![*code] } else { Vec::new() };
        // What the parser could not read is not there to be checked.
        if !code.as_str().starts_with("E01") {
            assert_eq!(checked(code.page(), "Example"), expected, "the example of {code}");
        }
        assert_eq!(checked(code.page(), "The cure"), [], "the cure of {code}");
    }
}
