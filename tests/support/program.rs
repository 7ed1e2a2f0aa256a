//! A script with the files that it names, checked as the command checks it.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use sunup::builtin::library;
use sunup::check::{Checked, Input, Module, Origin, Unread, check};
use sunup::inventory::{Fleet, InputFile, ReadOptions, read};
use sunup::source::{FileId, Sources};
use sunup::syntax::ast::{CalendarMember, ItemKind, Use};
use sunup::syntax::{Parse, parse};
use sunup::time::{CalendarError, CalendarRule};

/// What a check of a whole program gives, with what the parser found.
#[allow(dead_code, reason = "not every test that includes this asks for all of it")]
pub struct Program {
    pub sources: Sources,
    pub parse: Parse,
    pub checked: Checked,
    /// Kept for those who plan what was checked.
    pub fleet: Option<Fleet>,
}

/// Checks a script; `file` answers what a path beside it holds.
pub fn program(script: &str, file: impl Fn(&str) -> Option<Vec<u8>>) -> Program {
    let mut sources = Sources::default();
    let id = sources.add("case", script);
    let mut files = vec![(id, parse(id, script), Origin::Own)];
    let mut unread = Unread::Nothing;
    let mut next = 0;
    while let Some((_, parse, _)) = files.get(next) {
        for (name, text, origin) in modules_of(parse, &file, &mut unread) {
            if sources.iter().all(|(_, source)| source.name() != name) {
                let id = sources.add(name, text.as_str());
                files.push((id, sunup::syntax::parse(id, &text), origin));
            }
        }
        next += 1;
    }
    let fleet = fleet_of(files.iter().map(|(_, parse, _)| parse), &file);
    let calendars = calendars_of(&files, &file);
    let modules: Vec<Module> =
        files.iter().map(|(file, parse, origin)| Module { file: *file, parse, origin: *origin }).collect();
    let input = Input { sources: &sources, modules: &modules, fleet: fleet.as_ref(), calendars: &calendars, unread };
    let checked = check(input);
    let parse = files.swap_remove(0).1;
    Program { sources, parse, checked, fleet }
}

fn modules_of(
    parse: &Parse,
    file: &impl Fn(&str) -> Option<Vec<u8>>,
    unread: &mut Unread,
) -> Vec<(String, String, Origin)> {
    let mut found = Vec::new();
    for item in &parse.file.items {
        let ItemKind::Use(used) = &item.kind else { continue };
        let (name, text, origin) = match used {
            Use::Library { path } => {
                let words: Vec<&str> = path.iter().map(|word| word.text.as_str()).collect();
                let text = words.get(1).and_then(|name| library(name)).map(str::to_owned);
                (words.join("."), text, Origin::Library)
            }
            Use::File { path } => {
                let text = file(&path.value).and_then(|bytes| String::from_utf8(bytes).ok());
                (path.value.clone(), text, Origin::Own)
            }
        };
        match text {
            Some(text) => found.push((name, text, origin)),
            None => {
                let what = if origin == Origin::Library { Unread::Library } else { Unread::Files };
                *unread = (*unread).max(what);
            }
        }
    }
    found
}

fn fleet_of<'a>(parses: impl Iterator<Item = &'a Parse>, file: &impl Fn(&str) -> Option<Vec<u8>>) -> Option<Fleet> {
    let mut whole: Option<Fleet> = None;
    for item in parses.flat_map(|parse| &parse.file.items) {
        let ItemKind::Inventory(inventory) = &item.kind else { continue };
        let mapping = inventory.mapping.iter().map(|(field, column)| (field.text.clone(), column.value.clone()));
        let options = ReadOptions { mapping: mapping.collect() };
        for path in &inventory.paths {
            let input = InputFile { path: path.value.clone(), bytes: file(&path.value)? };
            let read = read(&[input], &options).ok()?;
            whole = Some(match whole {
                None => read,
                Some(first) => first.join(read).ok()?,
            });
        }
    }
    whole
}

type Calendars = IndexMap<(FileId, String), Result<CalendarRule, CalendarError>>;

fn calendars_of(files: &[(FileId, Parse, Origin)], file: &impl Fn(&str) -> Option<Vec<u8>>) -> Calendars {
    let mut found = Calendars::new();
    for (id, parse, _) in files {
        for item in &parse.file.items {
            let ItemKind::Calendar(calendar) = &item.kind else { continue };
            for member in &calendar.members {
                let CalendarMember::Ics(path) = member else { continue };
                if let Some(bytes) = file(&path.value) {
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    found.insert((*id, path.value.clone()), CalendarRule::from_ics(&text));
                }
            }
        }
    }
    found
}

/// The files of a page or a test, by name.
#[allow(dead_code, reason = "not every test that includes this has files in memory")]
pub fn from_memory(files: &BTreeMap<String, String>) -> impl Fn(&str) -> Option<Vec<u8>> {
    |path| files.get(path).map(|text| text.clone().into_bytes())
}
