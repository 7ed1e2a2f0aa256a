//! How long a person at the prompt waits, from the text to the answer in words: `cargo bench --bench repl`, with `-- --rounds N`. The goals: a
//! selector over 1,000,000 hosts 50 ms, a completion at 100,000 hosts 20 ms, `:next` and `:back` on the flagship 5 ms.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

mod fleet;
mod rounds;

use std::path::Path;

use rounds::{Rounds, option};
use sunup::repl::{Look, Prompt, Settings};
use sunup::world::{MemoryWorld, RealWorld, World};

fn main() {
    let rounds = option("--rounds", 9);
    questions(option("--hosts", 1_000_000), rounds);
    completions(option("--completed", 100_000), rounds);
    walk(rounds);
}

fn world(hosts: usize) -> MemoryWorld {
    MemoryWorld::new().file("fleet.csv", fleet::csv(&fleet::hosts(hosts)))
}

fn prompt<'w>(world: &'w dyn World, file: &str) -> Prompt<'w> {
    let mut prompt = Prompt::new(Settings {
        world,
        look: Look { width: 100, has_colours: false, rows: 40 },
        write: &|_, _| Ok(()),
        is_interrupted: &|| false,
    });
    let said = prompt.open(Path::new(file));
    assert!(!said.has_failed, "{}", said.problems);
    prompt
}

fn questions(hosts: usize, rounds: usize) {
    let world = world(hosts);
    let mut prompt = prompt(&world, "fleet.csv");
    for question in [
        "product == \"exchange\"",
        "product == \"exchange\" and region in [\"europe\", \"asia\"] and os_version >= 5.2",
        "count(hosts where product == \"exchange\") by region",
        "count(hosts) by region, product",
    ] {
        let ask = &mut || {
            let said = prompt.take(question);
            assert!(!said.has_failed, "{}", said.problems);
            said.answer.len()
        };
        Rounds::run(rounds, 20, &mut [(question, ask)]).print(&format!("A question, {hosts} hosts"), "ms", 1e3);
    }
}

fn completions(hosts: usize, rounds: usize) {
    let world = world(hosts);
    let prompt = prompt(&world, "fleet.csv");
    for text in ["pro", "product == \"ex", "name == \"", "count(hosts where reg", ":when h", "h"] {
        let complete = &mut || prompt.complete(text, text.len()).candidates.len();
        Rounds::run(rounds, 20, &mut [(text, complete)]).print(&format!("A completion, {hosts} hosts"), "ms", 1e3);
    }
}

/// Each step of the way by itself: the slowest counts.
fn walk(rounds: usize) {
    let mut prompt = prompt(&RealWorld, "examples/exchange-2007/rollout.sunup");
    let mut slowest = [0.0_f64; 2];
    for _ in 0..rounds {
        assert!(!prompt.take(":start").has_failed);
        for (way, command) in [":next", ":back"].into_iter().enumerate() {
            for _ in 0..150 {
                let start = rounds::processor_seconds();
                std::hint::black_box(prompt.take(command));
                slowest[way] = slowest[way].max(rounds::processor_seconds() - start);
            }
        }
    }
    println!(
        "\nThe flagship walked through, the slowest step in words: {:.3} ms on, {:.3} ms back",
        slowest[0] * 1e3,
        slowest[1] * 1e3
    );
}
