//! Everything that fuzzing calls holds over its seeds, over what it found before, and over damaged forms of both.
//!
//! The same inputs every time. `FUZZ_ROUNDS=1000 cargo test --release --test fuzz_corpus` tries more of each seed; an input
//! that fails is written to `target/tmp/fuzz/`, from where it goes to `tests/fuzz/TARGET/` with a name that says what it is.

#![expect(clippy::disallowed_methods, reason = "a test of files reads them, and asks how long it may take")]
#![expect(clippy::print_stderr, reason = "the input that fails is told")]

#[path = "support/mutations.rs"]
mod mutations;
#[path = "support/targets/mod.rs"]
mod targets;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;

use mutations::{Dice, mutated};
use targets::seeds::{Seed, seeds};
use targets::{TARGETS, Target, target};

/// How many damaged forms of the seeds of a target are tried, where nobody asks for more: some seconds without optimisation.
const TRIED: usize = 1_500;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Tries a target on its seeds and on as many damaged forms of each as there is time for.
fn hold(name: &str) {
    let target = target(name);
    let seeds = seeds(root(), &target);
    let all: Vec<&[u8]> = seeds.iter().map(|seed| seed.bytes.as_slice()).collect();
    let words = (target.words)();
    let rounds = std::env::var("FUZZ_ROUNDS").ok().and_then(|rounds| rounds.parse().ok());
    let rounds = rounds.unwrap_or(TRIED.div_ceil(seeds.len().max(1)));
    for (idx, seed) in seeds.iter().enumerate() {
        run(&target, &seed.name, &seed.bytes);
        for round in 0..rounds {
            let mut dice = Dice::new(20_070_508 + (idx * 1_000_003 + round) as u64);
            let input = mutated(&seed.bytes, &all, &words, &mut dice);
            run(&target, &format!("{}, damaged for the {}th time", seed.name, round + 1), &input);
        }
    }
}

/// Runs a target; where it panics, keeps the input and says where.
fn run(target: &Target, what: &str, input: &[u8]) {
    let Err(panic) = catch_unwind(AssertUnwindSafe(|| (target.run)(input))) else { return };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz");
    let kept = folder.join(target.name);
    let written = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&kept, input));
    eprintln!("`{}` fails on {what}; kept in {}: {written:?}", target.name, kept.display());
    resume_unwind(panic);
}

#[test]
fn parser() {
    hold("parser");
}

#[test]
fn formatter() {
    hold("formatter");
}

#[test]
fn csv() {
    hold("csv");
}

#[test]
fn json() {
    hold("json");
}

#[test]
fn ansible_yaml() {
    hold("ansible_yaml");
}

#[test]
fn ansible_ini() {
    hold("ansible_ini");
}

#[test]
fn calendar() {
    hold("calendar");
}

/// What libFuzzer begins with: a folder of seeds for each target, and the words that it may put together.
#[test]
fn the_seeds_are_laid_out_for_libfuzzer() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("seeds");
    for target in TARGETS {
        let own = folder.join(target.name);
        std::fs::create_dir_all(&own).unwrap();
        let seeds = seeds(root(), &target);
        for seed in &seeds {
            std::fs::write(own.join(seed.name.replace(['/', ' '], "_")), &seed.bytes).unwrap();
        }
        let words: String = (target.words)().iter().map(|word| format!("\"{}\"\n", as_libfuzzer_reads(word))).collect();
        assert!(words.lines().all(|line| line.len() > 2 && line.is_ascii()), "{words}");
        std::fs::write(folder.join(format!("{}.dict", target.name)), words).unwrap();
        assert!(std::fs::read_dir(&own).unwrap().count() >= seeds.len(), "two seeds of `{}` share a name", target.name);
    }
}

/// Everything but plain characters by its bytes.
fn as_libfuzzer_reads(word: &str) -> String {
    let is_plain = |byte: u8| (byte.is_ascii_graphic() || byte == b' ') && byte != b'"' && byte != b'\\';
    let shown = |byte: u8| if is_plain(byte) { char::from(byte).to_string() } else { format!("\\x{byte:02X}") };
    word.bytes().map(shown).collect()
}

/// A target that nobody runs here, or that libFuzzer cannot run, would be no target.
#[test]
fn every_target_has_seeds_a_test_and_a_program() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).unwrap_or_default();
    let (this, manifest) = (read("tests/fuzz_corpus.rs"), read("fuzz/Cargo.toml"));
    for target in TARGETS {
        let seeds: Vec<Seed> = seeds(root(), &target);
        assert!(seeds.len() >= 5, "`{}` has {} seeds", target.name, seeds.len());
        assert!(this.contains(&format!("hold(\"{}\")", target.name)), "`{}` has no test", target.name);
        assert!(
            manifest.contains(&format!("path = \"targets/{}.rs\"", target.name)),
            "`{}` has no program",
            target.name
        );
        assert!(read(&format!("fuzz/targets/{}.rs", target.name)).contains(&format!("target(\"{}\")", target.name)));
    }
}
