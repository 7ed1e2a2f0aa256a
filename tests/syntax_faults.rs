//! Whatever happens to a script, each fault is told once, in the statement that has it.

#[path = "support/targets/script.rs"]
mod script;

use std::ops::Range;

use proptest::prelude::*;
use sunup::source::FileId;
use sunup::syntax;
use sunup::syntax::ast::{ItemKind, RolloutMember};

const FILE: FileId = FileId(0);

/// A statement a line, so that a fault has a place that is easy to name.
const GOOD: &str = include_str!("cases/syntax/whole/statements.sunup");

/// Faults that leave the brackets alone: what is done to a line of a script.
#[derive(Debug, Clone, Copy)]
enum Fault {
    /// The keyword is misspelt.
    Keyword,
    /// There is one word too many at the end.
    Rest,
    /// Nothing follows the keyword.
    BreaksOff,
    /// A sign that means nothing stands in the middle.
    Sign,
    /// A line of nonsense stands before.
    Nonsense,
    /// A sentence that no block knows stands before.
    Unknown,
}

const FAULTS: [Fault; 6] =
    [Fault::Keyword, Fault::Rest, Fault::BreaksOff, Fault::Sign, Fault::Nonsense, Fault::Unknown];

/// The line with the fault in it. None for a line that has no statement alone.
fn broken(line: &str, fault: Fault) -> Option<String> {
    let statement = line.trim_start();
    let indent = &line[..line.len() - statement.len()];
    let is_whole = !statement.is_empty() && !statement.contains(['{', '}']) && !statement.starts_with('#');
    let (keyword, rest) = statement.split_once(' ').unwrap_or((statement, ""));
    match fault {
        Fault::Nonsense => Some(format!("{indent}%% @ 12\n{line}")),
        Fault::Unknown => Some(format!("{indent}zzzz something \"else\" 5h\n{line}")),
        _ if !is_whole => None,
        // A mapping begins with a name, and any will do.
        Fault::Keyword if rest.starts_with('=') => None,
        Fault::Keyword => Some(format!("{indent}{keyword}qq {rest}")),
        Fault::Rest => Some(format!("{line} zzzz")),
        Fault::BreaksOff if rest.is_empty() => None,
        Fault::BreaksOff => Some(format!("{indent}{keyword}")),
        Fault::Sign if rest.is_empty() => None,
        Fault::Sign => Some(format!("{indent}{keyword} % {rest}")),
    }
}

/// The script with faults in some lines, and where the broken lines are.
fn with_faults(faults: &[(usize, Fault)]) -> (String, Vec<Range<usize>>) {
    let mut text = String::new();
    let mut places = Vec::new();
    for (number, line) in GOOD.lines().enumerate() {
        let fault = faults.iter().find(|(at, _)| *at == number);
        let broken = fault.and_then(|(_, fault)| broken(line, *fault));
        let start = text.len();
        text.push_str(broken.as_deref().unwrap_or(line));
        if broken.is_some() {
            places.push(start..text.len());
        }
        text.push('\n');
    }
    (text, places)
}

fn assert_one_problem_each(faults: &[(usize, Fault)]) {
    let (text, places) = with_faults(faults);
    let problems = syntax::parse(FILE, &text).problems;
    let found: Vec<_> = problems.iter().filter_map(|problem| problem.span()).collect();
    let shown =
        || format!("{faults:?}\n{text}\n{:#?}", problems.iter().map(|p| (&p.message, p.span())).collect::<Vec<_>>());
    assert_eq!(problems.len(), places.len(), "{}", shown());
    for (place, span) in places.iter().zip(&found) {
        assert!(
            place.start <= span.start as usize && span.end as usize <= place.end,
            "{place:?}, {span:?}: {}",
            shown()
        );
    }
}

#[test]
fn the_good_script_has_no_problem_and_every_line_can_be_broken() {
    let parse = syntax::parse(FILE, GOOD);
    assert!(parse.problems.is_empty(), "{:?}", parse.problems);
    assert!(parse.file.items.iter().any(|item| matches!(item.kind, ItemKind::Rollout(_))));
    assert!(GOOD.lines().filter(|line| broken(line, Fault::Rest).is_some()).count() > 50);
}

#[test]
fn each_fault_alone_is_one_problem_in_its_statement() {
    for number in 0..GOOD.lines().count() {
        for fault in FAULTS {
            assert_one_problem_each(&[(number, fault)]);
        }
    }
}

#[test]
fn faults_in_every_line_are_as_many_problems() {
    for fault in FAULTS {
        let lines: Vec<_> = (0..GOOD.lines().count()).step_by(2).map(|number| (number, fault)).take(90).collect();
        assert_one_problem_each(&lines);
    }
}

#[test]
fn a_fault_in_one_place_leaves_the_rest_of_the_tree() {
    let number = GOOD.lines().position(|line| line.trim_start().starts_with("soak")).unwrap();
    let (text, _) = with_faults(&[(number, Fault::Sign)]);
    let good = syntax::parse(FILE, GOOD).file;
    let bad = syntax::parse(FILE, &text).file;
    let members = |file: &syntax::ast::File| {
        let rollouts = file.items.iter().filter_map(|item| match &item.kind {
            ItemKind::Rollout(rollout) => Some(rollout),
            _ => None,
        });
        let stages = rollouts.flat_map(|rollout| &rollout.members).filter_map(|member| match member {
            RolloutMember::Stage(stage) => Some(stage.members.len()),
            _ => None,
        });
        stages.sum::<usize>()
    };
    assert_eq!(good.items.len(), bad.items.len());
    assert_eq!(members(&bad) + 1, members(&good));
}

#[test]
fn more_than_a_hundred_problems_end_with_one_that_says_so() {
    let problems = syntax::parse(FILE, &"zzzz\n".repeat(5_000)).problems;
    let codes: Vec<_> = problems.iter().map(|problem| problem.code.as_str()).collect();
    assert_eq!(codes.len(), 101);
    assert!(codes[..100].iter().all(|code| *code == "E0102"));
    assert_eq!(codes[100], "E0108");
}

/// Pieces that mean something, so that what is made of them comes further than characters alone.
fn pieces() -> impl Strategy<Value = String> {
    let all: Vec<String> = script::words().into_iter().map(str::to_owned).collect();
    let piece = proptest::sample::select(all);
    proptest::collection::vec((piece, prop_oneof![Just(""), Just(" "), Just("\n")]), 0..80)
        .prop_map(|pieces| pieces.into_iter().map(|(piece, after)| piece + after).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_faults_are_as_many_problems(faults in proptest::collection::vec((0..GOOD.lines().count(), 0..FAULTS.len()), 1..40)) {
        let mut faults: Vec<_> = faults.into_iter().map(|(line, fault)| (line, FAULTS[fault])).collect();
        faults.sort_by_key(|(line, _)| *line);
        // A sentence that breaks off goes on with a name on the next line if that begins with no keyword: both read as one.
        faults.dedup_by(|(line, _), (before, fault)| line == before || *line == *before + 1 && matches!(fault, Fault::BreaksOff));
        assert_one_problem_each(&faults);
    }

    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        script::assert_sound(&text);
    }

    #[test]
    fn any_pieces_are_answered(text in pieces()) {
        script::assert_sound(&text);
    }

    #[test]
    fn a_damaged_script_is_answered(
        damages in proptest::collection::vec((0..GOOD.len(), 0..30usize, prop_oneof![Just(String::new()), pieces()]), 1..5)
    ) {
        let mut text = GOOD.to_owned();
        for (at, length, instead) in damages {
            let mut start = at.min(text.len());
            let mut end = (start + length).min(text.len());
            while !text.is_char_boundary(start) { start -= 1; }
            while !text.is_char_boundary(end) { end += 1; }
            text.replace_range(start..end, &instead);
        }
        script::assert_sound(&text);
    }

    /// A script cut off anywhere, as it is while someone writes it.
    #[test]
    fn a_script_cut_off_is_answered(at in 0..GOOD.len()) {
        if let Some(text) = GOOD.get(..at) {
            script::assert_sound(text);
        }
    }
}
