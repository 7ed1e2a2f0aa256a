//! What a report of 1,000 problems costs in each rendering: over a script of 10,000 lines with a module beside it, and over
//! one that is a single line of 600,000 characters, where every column has to be counted.
//!
//! `cargo bench --bench problems`. People are shown a hundred problems a report, so that theirs are ten reports of a
//! hundred: all of the 1,000 are drawn.

#![expect(clippy::print_stdout, reason = "its figures are its result")]

mod rounds;

use std::hint::black_box;

use rounds::{Rounds, option};
use sunup::diagnostic::{Code, Look, Problem, Problems, fancy, github, json, plain, sarif, short};
use sunup::source::{FileId, Sources, Span};

const PROBLEMS: usize = 1_000;

fn main() {
    for (title, text) in [
        (
            "a script of 10,000 lines",
            "  gate ready per host { run \"true\" every 30s within 10m }  # é and more\n".repeat(10_000),
        ),
        (
            "one line of 600,000 characters",
            "gate ready per host { run \"true\" every 30s within 10m } # é ".repeat(10_000),
        ),
    ] {
        let report = report(&text);
        let look = Look { width: 100, has_colours: true };
        let rounds = Rounds::run(
            option("--rounds", 11),
            1,
            &mut [
                ("short", &mut || all(&report, &short)),
                ("plain", &mut || all(&report, &plain)),
                ("fancy", &mut || all(&report, &|problems, sources| fancy(problems, sources, look))),
                ("json", &mut || all(&report, &json)),
                ("sarif", &mut || all(&report, &sarif)),
                ("github", &mut || all(&report, &github)),
            ],
        );
        rounds.print(&format!("{PROBLEMS} problems in {title}"), "ms", 1_000.0);
    }
}

type Report = (Vec<Problems>, Sources);

/// Labels at two ends and in a second file, hosts, a help and a fix for each.
fn report(text: &str) -> Report {
    let mut sources = Sources::default();
    let script = sources.add("rollouts/may.sunup", text);
    let module = sources.add("rollouts/parts/gates.sunup", text);
    let at = |file: FileId, number: usize| {
        let start = text.len() / PROBLEMS * number;
        Span::new(file, start, start + 5)
    };
    let problem = |number: usize| {
        Problem::error(Code::UNKNOWN_VALUE, format!("no host has the product `exchnage-{number}`"))
            .label(at(script, number), "this value")
            .label(at(script, PROBLEMS - 1 - number), "the region that it concerns")
            .label(at(module, number), "the gate that asks for it")
            .hosts((0..36).map(|host| format!("ex-syd-{host:02}")))
            .help("did you mean `exchange`, which 36 hosts have?")
            .fix("write `exchange`", at(script, number), "\"exchange\"")
    };
    let hundreds = (0..PROBLEMS / 100).map(|hundred| (hundred * 100..(hundred + 1) * 100).map(problem).collect());
    (hundreds.collect(), sources)
}

/// Gives how many problems were told.
fn all((hundreds, sources): &Report, render: &dyn Fn(&Problems, &Sources) -> String) -> usize {
    let tell = |problems: &Problems| {
        black_box(render(problems, sources));
        problems.len()
    };
    hundreds.iter().map(tell).sum()
}
