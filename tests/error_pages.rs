//! Each code's page shows a fault and its mend, and both are what the page says they are.

#![expect(clippy::unwrap_used, reason = "what a test cannot do without ends it")]

use std::collections::BTreeMap;
use std::path::Path;

use sunup::diagnostic::{Code, Problems};
use sunup::session::Session;
use sunup::source::Sources;
use sunup::syntax;
use sunup::time::{CalendarRule, Moment, parse_moment};
use sunup::world::MemoryWorld;

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

/// Of these a page shows what a run, or the state of a machine, leads to: no check of a script can say them.
fn is_of_a_run(code: Code) -> bool {
    code.as_str().starts_with("E09") || code == Code::NOT_ALLOWED
}

/// The codes that a check of a section's script gives, with those of the plans of its rollouts. A file that the cure does not
/// mend is the example's.
fn checked(page: &str, section: &str) -> Vec<Code> {
    let sections = ["Example", section];
    let files = sections.iter().flat_map(|section| blocks(page, section));
    let files: BTreeMap<String, String> =
        files.filter_map(|(kind, text)| Some((kind.split_once(' ')?.1.to_owned(), text))).collect();
    let world = files.into_iter().fold(MemoryWorld::at(now()), |world, (name, text)| world.file(name, text));
    let world = world.file("example.sunup", script(page, section).unwrap());
    let problems = Session::load(&world, Path::new("example.sunup")).check_plans(None);
    let mut codes: Vec<Code> = problems.iter().map(|problem| problem.code).collect();
    codes.dedup();
    codes
}

/// When scripts are checked that say no start.
fn now() -> Moment {
    parse_moment("2007-05-08 12:00 UTC").unwrap()
}

#[test]
fn a_check_says_what_the_pages_say() {
    for code in Code::ALL.iter().filter(|code| script(code.page(), "Example").is_some()) {
        let expected = if is_of_a_run(*code) { Vec::new() } else { vec![*code] };
        // What the parser could not read is not there to be checked.
        if !code.as_str().starts_with("E01") {
            assert_eq!(checked(code.page(), "Example"), expected, "the example of {code}");
        }
        assert_eq!(checked(code.page(), "The cure"), [], "the cure of {code}");
    }
}
