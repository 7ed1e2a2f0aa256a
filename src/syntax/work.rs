//! How much it takes to read a text, counted and not timed: a clock tells as much of what else the machine does.
//!
//! What is counted is what could grow beyond the length of a text: the steps of the grammar, with each piece that is read
//! again to explain it, and the bytes that are taken apart into tokens, as often as they are.

use std::cell::Cell;

use crate::source::FileId;
use crate::syntax::{MAX_DEPTH, Refusal, format};

#[allow(dead_code, reason = "the benchmark of growth asks for more of it")]
#[path = "../../tests/support/shapes.rs"]
mod shapes;

#[allow(dead_code, reason = "other tests ask for more of it")]
#[path = "../../tests/support/nesting.rs"]
mod nesting;

thread_local! {
    static DONE: Cell<Option<usize>> = const { Cell::new(None) };
}

pub(super) fn is_counted() -> bool {
    DONE.get().is_some()
}

pub(super) fn add(steps: usize) {
    DONE.set(DONE.get().map(|done| done.saturating_add(steps)));
}

fn of(work: impl FnOnce()) -> usize {
    DONE.set(Some(0));
    work();
    DONE.take().unwrap_or(0)
}

/// What reading and formatting a text may take for each of its bytes: twice what takes most.
const MOST_PER_BYTE: usize = 300;

/// And beside that for a text of any length.
const MOST_FOR_ANY: usize = 5_000;

/// How many times as much a byte may take in a text eight times as long. The square would be eight; steps are counted up to
/// twice too many.
const MOST_GROWTH: usize = 3;

const FILE: FileId = FileId(0);

/// Many of one thing, in many places.
#[test]
fn long_runs_cost_no_square() {
    let runs = [
        "\"",
        "{",
        "}",
        "(",
        " ",
        "\t",
        "\n",
        "\r\n",
        "#",
        "a ",
        "\\",
        "'",
        ",",
        "-",
        "- ",
        "0",
        "9x",
        ".",
        "\"{",
        "} ",
        "\"}\n",
        "run \" } ",
        "soak ",
        "soak\n",
        "batch 5 of ",
        "é",
        "\u{1}",
        "\u{3}",
        "\u{4}",
        "[\n",
        "a,",
        "let x = \n",
        "\"{'",
        "##\n",
        "\u{feff}",
        "{}",
        "use a ",
        "x y\n",
        "on gate failed { ",
        "always a started and ",
        "refine a in region b { ",
        "not ",
    ];
    for run in runs {
        for before in ["", "rollout a { wave b {\n", "let x = ", "\"", "gate ", "rollout a { x "] {
            let text = |length: usize| format!("{before}{}", run.repeat(length / run.len()));
            assert_linear(&format!("{run:?} after {before:?}"), text);
        }
    }
}

/// What made something slow once, and what could.
#[test]
fn what_was_slow_once_costs_no_square() {
    for shape in shapes::shapes().into_iter().filter(|shape| shape.target == "parser") {
        assert_linear(&format!("{:?}", shape.pieces), |length| shape.text(length));
    }
}

/// An exponential grammar would take millions of steps for one level more.
#[test]
fn depth_costs_no_more_than_length() {
    for kind in nesting::KINDS {
        for is_closed in [true, false] {
            let at = |levels: usize| kind.text(kind.times_beyond(levels - 1), is_closed);
            let (half, whole) = (at(MAX_DEPTH / 2), at(MAX_DEPTH));
            let (few, many) = (of(|| read_and_format(&half)), of(|| read_and_format(&whole)));
            assert!(many <= few * 2 * MOST_GROWTH + MOST_FOR_ANY, "{}: {few} steps, then {many}", kind.name);
        }
    }
}

fn assert_linear(what: &str, text: impl Fn(usize) -> String) {
    let (short, long) = (text(250), text(2_000));
    let (few, many) = (of(|| read_and_format(&short)), of(|| read_and_format(&long)));
    assert!(few >= short.len() && many >= long.len(), "{what}: nothing was counted");
    let allowed = (long.len() * MOST_PER_BYTE).min(few * long.len() / short.len() * MOST_GROWTH) + MOST_FOR_ANY;
    assert!(many <= allowed, "{what}: {few} steps for {} bytes, {many} for {}", short.len(), long.len());
}

/// The formatter reads what it is given, what it wrote, and formats that again.
fn read_and_format(text: &str) {
    match format(FILE, text) {
        Ok(_) => {}
        Err(Refusal::Malformed(problems)) => {
            assert!(problems.iter().all(|problem| problem.message != "this script is too hard to read"), "{text}");
        }
        Err(Refusal::Differs(difference)) => panic!("the formatter is wrong: {difference}"),
    }
}
