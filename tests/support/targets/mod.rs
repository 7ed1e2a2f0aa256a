//! What fuzzing calls: one function for each thing that reads what a stranger wrote. The crate in `fuzz/` runs them under
//! libFuzzer, `tests/fuzz_corpus.rs` over the seeds, the finds and mutations of both.
//!
//! In: any bytes. Out: nothing, or a panic where something that must always hold does not.

mod calendar;
mod inventory;
pub mod script;
pub mod seeds;

use std::path::Path;

/// One thing that reads what a stranger wrote.
#[allow(dead_code, reason = "not everything that includes this asks for all of it")]
#[derive(Clone, Copy)]
pub struct Target {
    /// The name of its program in `fuzz/targets/`, and of its folder in `tests/fuzz/`.
    pub name: &'static str,
    pub run: fn(&[u8]),
    /// Whether a file of the tree is one of its seeds.
    pub is_seed: fn(&Path) -> bool,
    /// Pieces that mean something to it, for mutations and for libFuzzer's dictionary.
    pub words: fn() -> Vec<&'static str>,
}

#[allow(dead_code, reason = "not everything that includes this asks for all of it")]
pub const TARGETS: [Target; 7] = [
    Target { name: "parser", run: script::parser, is_seed: seeds::is_script, words: script::words },
    Target { name: "formatter", run: script::formatter, is_seed: seeds::is_script, words: script::words },
    Target { name: "csv", run: inventory::csv, is_seed: seeds::is_csv, words: inventory::csv_words },
    Target { name: "json", run: inventory::json, is_seed: seeds::is_json, words: inventory::json_words },
    Target { name: "ansible_yaml", run: inventory::yaml, is_seed: seeds::is_yaml, words: inventory::yaml_words },
    Target { name: "ansible_ini", run: inventory::ini, is_seed: seeds::is_ini, words: inventory::ini_words },
    Target { name: "calendar", run: calendar::ics, is_seed: seeds::is_calendar, words: calendar::words },
];

/// The target of that name.
#[allow(dead_code, reason = "not everything that includes this asks for it by name")]
pub fn target(name: &str) -> Target {
    *TARGETS.iter().find(|target| target.name == name).unwrap_or_else(|| panic!("there is no target `{name}`"))
}
