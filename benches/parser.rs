//! What the tree costs on top of pest: a script of 1 MB to pest's pairs alone, and to our tree with spans and problems.
//!
//! `cargo bench --bench parser`. Both run in turn in each of a number of rounds; the figure is the median of the rounds'
//! ratios, with the lowest and the highest. The goal is 0.8 of the speed of the pairs. Then what bad scripts cost.

#![expect(clippy::disallowed_methods, reason = "a benchmark asks the clock")]
#![expect(clippy::print_stdout, reason = "its figures are its result")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use pest::Parser;
use pest_derive::Parser;
use sunup::source::FileId;
use sunup::syntax;

/// The same grammar as the library's, which does not show it.
#[derive(Parser, Debug)]
#[grammar = "../grammar/sunup.pest"]
struct Grammar;

const ROUNDS: usize = 15;
const MEGABYTE: usize = 1_000_000;

fn main() {
    let text = script(include_str!("../tests/cases/syntax/whole/all_members.sunup"));
    let problems = syntax::parse(FileId(0), &text).problems;
    assert!(problems.is_empty(), "the script of a benchmark is right");
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let pairs = time(|| Grammar::parse(Rule::file, &text));
        let tree = time(|| syntax::parse(FileId(0), &text));
        rounds.push((pairs, tree));
    }
    let megabytes = text.len() as f64 / 1e6;
    println!("a script of {megabytes:.1} MB, {ROUNDS} rounds: median (lowest - highest)");
    show("pest, pairs alone, MB/s", rounds.iter().map(|(pairs, _)| megabytes / pairs.as_secs_f64()));
    show("sunup, tree and problems, MB/s", rounds.iter().map(|(_, tree)| megabytes / tree.as_secs_f64()));
    show("ratio, goal 0.8", rounds.iter().map(|(pairs, tree)| pairs.as_secs_f64() / tree.as_secs_f64()));

    println!("\nbad scripts, ms");
    for (name, text) in bad_scripts() {
        show(name, (0..5).map(|_| time(|| syntax::parse(FileId(0), &text).problems.len()).as_secs_f64() * 1e3));
    }
}

/// The same text again and again; that names are defined twice is not the parser's business.
fn script(part: &str) -> String {
    part.repeat(MEGABYTE / part.len() + 1)
}

fn bad_scripts() -> [(&'static str, String); 6] {
    let good = include_str!("../tests/cases/syntax/whole/statements.sunup");
    [
        ("a million opening braces", "{".repeat(MEGABYTE)),
        ("a million opening parentheses", format!("let x = {}", "(".repeat(MEGABYTE))),
        ("64 levels of values in texts, unclosed", format!("let x = \"{}", "{\"".repeat(64))),
        ("1 MB with a fault in each soak", script(&good.replace("soak ", "soka "))),
        ("1 MB of nonsense", "%% x\n".repeat(MEGABYTE / 5)),
        ("1 MB of unclosed blocks", "rollout a { wave b {\n".repeat(MEGABYTE / 21)),
    ]
}

/// How long the work takes; what it gives is dropped afterwards.
fn time<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    let given = black_box(work());
    let took = start.elapsed();
    drop(given);
    took
}

fn show(name: &str, figures: impl Iterator<Item = f64>) {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    let (lowest, highest) = (figures.first().copied().unwrap_or(0.0), figures.last().copied().unwrap_or(0.0));
    let median = figures.get(figures.len() / 2).copied().unwrap_or(0.0);
    println!("{name:<42} {median:>9.2} ({lowest:.2} - {highest:.2})");
}
