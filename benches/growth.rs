//! Nothing that a stranger wrote takes more than time in its length: every shape of `tests/support/shapes.rs` at a length,
//! and at eight times that. `cargo bench --bench growth`, or with `-- --words 1` every word of every target in its frames too.
//!
//! A shape fails where a byte of the long form costs more than [`MOST_GROWTH`] times one of the short, or more than
//! [`MOST_PER_BYTE`]; one whose work has a limit of its own where it takes more than [`MOST_SECONDS`], at sixty-four times the
//! length. The program ends with 1 then, and names it.

#![expect(clippy::disallowed_methods, reason = "the seeds are files")]
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

#[path = "../tests/support/shapes.rs"]
mod shapes;
#[path = "../tests/support/targets/mod.rs"]
mod targets;

#[allow(dead_code, reason = "peers that run in turn are another benchmark's")]
mod rounds;

use std::process::ExitCode;

use rounds::{option, processor_seconds};
use shapes::{Shape, shapes, words_in_frames};
use targets::{TARGETS, target};

/// Twice would be noise and caches; the square is eight.
const MOST_GROWTH: f64 = 3.0;

/// Nanoseconds for a byte, in a build with optimisation.
const MOST_PER_BYTE: f64 = 20_000.0;

/// What a limit of a reader allows: a million hosts of one line, or a cell of each for hundreds of variables.
const MOST_SECONDS: f64 = 20.0;

/// What is quicker is not worth a word.
const LEAST_SECONDS: f64 = 0.004;

struct Measured {
    shape: Shape,
    /// Nanoseconds a byte, short and long.
    short: f64,
    long: f64,
    seconds: f64,
}

impl Measured {
    fn growth(&self) -> f64 {
        self.long / self.short
    }

    fn is_too_much(&self) -> bool {
        if self.shape.is_capped {
            return self.seconds > MOST_SECONDS;
        }
        self.seconds > LEAST_SECONDS && (self.growth() > MOST_GROWTH || self.long > MOST_PER_BYTE)
    }
}

fn main() -> ExitCode {
    let length = option("--length", 16_384);
    let mut all = shapes();
    if option("--words", 0) > 0 {
        all.extend(TARGETS.iter().flat_map(|target| words_in_frames(target.name, &(target.words)())));
    }
    let mut found = Vec::new();
    for target in TARGETS {
        let of_target = all.iter().filter(|shape| shape.target == target.name);
        let mut measured: Vec<Measured> = of_target.map(|shape| measure(shape.clone(), length)).collect();
        measured.sort_by(|a, b| b.growth().total_cmp(&a.growth()));
        let most = |of: fn(&Measured) -> f64, is_capped: bool| {
            let told = measured.iter().filter(|one| one.shape.is_capped == is_capped && one.seconds > LEAST_SECONDS);
            told.map(of).fold(0.0, f64::max)
        };
        println!(
            "{:<14} {:>4} shapes of {} KiB: at most {:.0} ns a byte, which grows at most {:.1}-fold; with a limit {:.1} s",
            target.name,
            measured.len(),
            length * 8 / 1_024,
            most(|one| one.long, false),
            most(Measured::growth, false),
            most(|one| one.seconds, true),
        );
        found.extend(measured.into_iter().filter(Measured::is_too_much));
    }
    for one in &found {
        println!(
            "too much: {:.0} ns a byte, then {:.0}: {} {:?}",
            one.short, one.long, one.shape.target, one.shape.pieces
        );
    }
    if found.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn measure(shape: Shape, length: usize) -> Measured {
    let (short, long) = (shape.text(length), shape.text(length * if shape.is_capped { 64 } else { 8 }));
    let per_byte = |text: &str| seconds(&shape, text) * 1e9 / text.len() as f64;
    let (short, long_per_byte) = (per_byte(&short), per_byte(&long));
    Measured { shape, short, long: long_per_byte, seconds: long_per_byte * long.len() as f64 / 1e9 }
}

/// The mean of as many runs as the clock needs to tell: the kernel's account ticks every four milliseconds.
fn seconds(shape: &Shape, text: &str) -> f64 {
    const TOLD: f64 = 0.025;
    let run = target(shape.target).run;
    let (start, mut runs, mut times) = (processor_seconds(), 0_usize, 1_usize);
    loop {
        (0..times).for_each(|_| run(text.as_bytes()));
        runs += times;
        times *= 2;
        let took = processor_seconds() - start;
        if took > TOLD {
            return took / runs as f64;
        }
    }
}
