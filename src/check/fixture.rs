//! Small programs and fleets for the tests of this room.

use indexmap::IndexMap;

use crate::builtin::library;
use crate::check::entry::Checker;
use crate::check::{Checked, Input, Module, Origin, Unread, check};
use crate::diagnostic::Problem;
use crate::inventory::{Fleet, InputFile, ReadOptions, read};
use crate::source::{FileId, Sources};
use crate::syntax::parse;
use crate::time::{CalendarError, CalendarRule};

/// A fleet from the lines of a CSV file.
pub(super) fn fleet(csv: &str) -> Fleet {
    let file = InputFile { path: "hosts.csv".to_owned(), bytes: csv.as_bytes().to_vec() };
    read(&[file], &ReadOptions::default()).unwrap()
}

/// Checks a script against a fleet; `use` of the library is followed.
pub(super) fn checked(script: &str, fleet: Option<&Fleet>) -> Checked {
    checked_with(script, fleet, &[])
}

/// The same, with what its .ics files say.
pub(super) fn checked_with(script: &str, fleet: Option<&Fleet>, calendars: &[(&str, CalendarRule)]) -> Checked {
    let calendars: Vec<_> =
        calendars.iter().map(|(path, rule)| ((FileId(0), (*path).to_owned()), Ok(rule.clone()))).collect();
    with_input(script, fleet, calendars.into_iter().collect(), check)
}

/// A checker over a script, before it has checked anything but names.
pub(super) fn with_checker<T>(script: &str, fleet: Option<&Fleet>, ask: impl FnOnce(&mut Checker) -> T) -> T {
    with_input(script, fleet, IndexMap::new(), |input| ask(&mut Checker::new(input)))
}

type Calendars = IndexMap<(FileId, String), Result<CalendarRule, CalendarError>>;

fn with_input<T>(script: &str, fleet: Option<&Fleet>, calendars: Calendars, ask: impl FnOnce(Input) -> T) -> T {
    let mut sources = Sources::default();
    let script_id = sources.add("rollout.sunup", script);
    let mut parses = vec![(script_id, parse(script_id, script), Origin::Own)];
    for name in ["gates", "patch-tuesday"] {
        if script.contains(&format!("use std.{name}")) {
            let text = library(name).unwrap();
            let id = sources.add(format!("std.{name}"), text);
            parses.push((id, parse(id, text), Origin::Library));
        }
    }
    let modules: Vec<Module> =
        parses.iter().map(|(file, parse, origin)| Module { file: *file, parse, origin: *origin }).collect();
    ask(Input { sources: &sources, modules: &modules, fleet, calendars: &calendars, unread: Unread::Nothing })
}

/// Code and message, for a glance.
pub(super) fn shown(problems: impl IntoIterator<Item = Problem>) -> Vec<String> {
    problems.into_iter().map(|problem| format!("{} {}", problem.code, problem.message)).collect()
}
