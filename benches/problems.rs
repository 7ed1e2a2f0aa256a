//! What a report of 1,000 problems costs in each rendering: over a script of 10,000 lines with a module beside it, and over
//! one that is a single line of 600,000 characters, where every column has to be counted.
//!
//! `cargo bench --bench problems`. People are shown a hundred problems a report, so that theirs are ten reports of a
//! hundred: all of the 1,000 are drawn.

#![expect(clippy::disallowed_methods, reason = "a benchmark asks the clock")]
#![expect(clippy::print_stdout, reason = "its figures are its result")]

use std::hint::black_box;
use std::time::Instant;

use sunup::diagnostic::{Code, Look, Problem, Problems, fancy, github, json, plain, sarif, short};
use sunup::source::{FileId, Sources, Span};

const PROBLEMS: usize = 1_000;

fn main() {
    println!("{:<8}  {:>10}  {:>10}", "", "of lines", "one line");
    let lines = report(&"  gate ready per host { run \"true\" every 30s within 10m }  # é and more\n".repeat(10_000));
    let line = report(&"gate ready per host { run \"true\" every 30s within 10m } ".repeat(10_800));
    let look = Look { width: 100, has_colours: true };
    measure("fancy", &lines, &line, &|problems, sources| fancy(problems, sources, look));
    measure("plain", &lines, &line, &plain);
    measure("short", &lines, &line, &short);
    measure("json", &lines, &line, &json);
    measure("sarif", &lines, &line, &sarif);
    measure("github", &lines, &line, &github);
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

fn measure(name: &str, lines: &Report, line: &Report, render: &dyn Fn(&Problems, &Sources) -> String) {
    println!("{name:<8}  {}  {}", median(lines, render), median(line, render));
}

/// Milliseconds.
fn median((hundreds, sources): &Report, render: &dyn Fn(&Problems, &Sources) -> String) -> String {
    let mut times: Vec<f64> = (0..11)
        .map(|_| {
            let start = Instant::now();
            for problems in hundreds {
                black_box(render(problems, sources));
            }
            start.elapsed().as_secs_f64() * 1_000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    format!("{:>8.1}ms", times[times.len() / 2])
}
