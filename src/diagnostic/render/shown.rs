use std::borrow::Cow;

use crate::diagnostic::render::place::place_of_edit;
use crate::diagnostic::{Fix, Problem, Problems, Severity, harmless};
use crate::source::Sources;

/// More than anybody reads in one go.
const MOST_PROBLEMS: usize = 100;

const MOST_HOSTS: usize = 10;

const MOST_EDITS: usize = 3;

/// Characters of one text. A value that long is not there to be read, and would hide everything else.
const MOST_CHARACTERS: usize = 1_000;

/// A text of others as people are shown it: harmless, and cut where it is far too long.
pub(super) fn shown_text(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(MOST_CHARACTERS) {
        // The whole of it is not made harmless first: that could be many megabytes for nothing.
        Some((at, _)) => Cow::Owned(format!("{}…", harmless(&text[..at]))),
        None => harmless(text),
    }
}

/// The problems that are shown to people, and a line about those that are not.
pub(super) fn shown(problems: &Problems) -> (impl Iterator<Item = &Problem>, Option<String>) {
    let left = problems.len().saturating_sub(MOST_PROBLEMS);
    let closing = match left {
        0 => None,
        1 => Some("and 1 more problem, not shown".to_owned()),
        _ => Some(format!("and {left} more problems, not shown")),
    };
    (problems.iter().take(MOST_PROBLEMS), closing)
}

/// `ex-syd-01, ex-syd-02 and 26 more`; none where there are no hosts.
pub(super) fn hosts(problem: &Problem) -> Option<String> {
    let names: Vec<_> = problem.hosts.iter().take(MOST_HOSTS).map(|name| shown_text(name)).collect();
    let left = problem.hosts.len() - names.len();
    match (names.is_empty(), left) {
        (true, _) => None,
        (false, 0) => Some(names.join(", ")),
        (false, _) => Some(format!("{} and {left} more", names.join(", "))),
    }
}

/// "write `exchange` at may.sunup:2:16": what would be done, and where. A machine is told all places, people a few.
pub(super) fn fix(fix: &Fix, sources: &Sources) -> String {
    let places: Vec<String> = fix.edits.iter().take(MOST_EDITS).map(|edit| place_of_edit(sources, edit.span)).collect();
    let (title, left) = (shown_text(&fix.title), fix.edits.len() - places.len());
    match (places.join(", "), left) {
        (places, _) if places.is_empty() => title.into_owned(),
        (places, 0) => format!("{title} at {places}"),
        (places, 1) => format!("{title} at {places} and 1 more place"),
        (places, _) => format!("{title} at {places} and {left} more places"),
    }
}

/// `error[E0204]`
pub(super) fn kind(problem: &Problem) -> String {
    format!("{}[{}]", severity(problem.severity), problem.code)
}

pub(super) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}
