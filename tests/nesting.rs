//! What nests too deep is told in the same words by everything that reads scripts, at the same place, on a small stack.

#![expect(clippy::unwrap_used, reason = "what a test cannot do without ends it")]
#![expect(clippy::disallowed_methods, reason = "a test of the command runs it")]

#[path = "support/nesting.rs"]
mod nesting;

use std::path::Path;
use std::process::{Command, Output};

use nesting::{KINDS, Kind};
use sunup::diagnostic::{Code, Problems};
use sunup::session::Session;
use sunup::source::FileId;
use sunup::syntax::{MAX_DEPTH, Refusal, format, parse};
use sunup::world::MemoryWorld;

const FILE: FileId = FileId(0);

/// The smallest stack that a caller may give us: less than a thread of Rust, Windows or musl has by itself (musl: 128 KiB
/// by default, but Rust asks for 2 MiB).
const STACK: usize = 512 * 1024;

fn on_small_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    std::thread::Builder::new().stack_size(STACK).spawn(work).unwrap().join().unwrap()
}

/// What is said of the depth: the message and the place.
fn told(problems: &Problems) -> Vec<(String, usize)> {
    let too_deep = problems.iter().filter(|problem| problem.code == Code::TOO_DEEP);
    too_deep.map(|problem| (problem.message.clone(), problem.span().unwrap().start as usize)).collect()
}

/// Whether the parser, the formatter and a session say the same of a script; gives what they say.
fn told_by_all(text: String, is_checked: bool) -> Vec<(String, usize)> {
    on_small_stack(move || {
        let parsed = told(&parse(FILE, &text).problems);
        let formatted = match format(FILE, &text) {
            Ok(_) => Vec::new(),
            Err(Refusal::Malformed(problems)) => told(&problems),
            Err(Refusal::Differs(difference)) => panic!("the formatter is wrong: {difference}"),
        };
        assert_eq!(formatted, parsed, "the formatter");
        if !is_checked {
            return parsed;
        }
        let world = MemoryWorld::new().file("a.sunup", text);
        let session = Session::load(&world, Path::new("a.sunup"));
        assert_eq!(told(&session.check_plans(None)), parsed, "a check");
        assert_eq!(told(&session.plan(None, None).problems), parsed, "a plan");
        parsed
    })
}

fn is_told_too_deep(kind: &Kind, times: usize, is_closed: bool) -> bool {
    let told = told_by_all(kind.text(times, is_closed), times < 1_000);
    match told.as_slice() {
        [] => false,
        [(message, _)] => {
            assert_eq!(message, "nested more than 64 levels deep", "{}", kind.name);
            true
        }
        _ => panic!("{}, {times} times: told more than once: {told:?}", kind.name),
    }
}

#[test]
fn up_to_the_limit_nothing_is_said_and_beyond_it_the_same_by_all() {
    assert_eq!(MAX_DEPTH, 64);
    for kind in KINDS {
        for levels in [MAX_DEPTH - 1, MAX_DEPTH, MAX_DEPTH + 1] {
            let times = kind.times_beyond(levels - 1);
            let is_too_deep = kind.levels(times) > MAX_DEPTH;
            assert_eq!(is_told_too_deep(&kind, times, true), is_too_deep, "{}, {levels} levels", kind.name);
        }
    }
}

/// A million where that is a matter of seconds without optimisation; what is closed again is read to its end.
#[test]
fn a_million_levels_are_told_as_sixty_five_are() {
    for kind in KINDS {
        let is_plain = ["parentheses", "lists", "braces"].contains(&kind.name);
        assert!(is_told_too_deep(&kind, if is_plain { 1_000_000 } else { 10_000 }, true), "{}", kind.name);
        // What never ends is no nesting where a text would have to end for it.
        let is_in_text = kind.name.contains("text") || kind.name.contains("command");
        let times = if kind.is_one_sign() { 1_000_000 } else { 10_000 };
        assert!(is_told_too_deep(&kind, times, false) || is_in_text, "{}, never closed", kind.name);
    }
}

/// The command's own stack is as small.
fn sunup(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new("sh");
    command.arg("-c").arg("ulimit -s 512 && exec \"$0\" \"$@\"").arg(env!("CARGO_BIN_EXE_sunup")).args(arguments);
    command.current_dir(folder).env("SUNUP_STATE", folder.join("state")).env_remove("TERM").output().unwrap()
}

/// Every command that reads a script.
const COMMANDS: [&[&str]; 4] =
    [&["check", "a.sunup"], &["plan", "a.sunup"], &["explore", "a.sunup"], &["fmt", "a.sunup"]];

#[test]
fn every_command_says_it_in_the_same_words() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| KINDS.into_iter().find(|kind| kind.name == name).unwrap();
    for kind in [
        at("parentheses"),
        at("lists"),
        at("values in texts"),
        at("braces"),
        at("parentheses of a claim"),
        at("braces of a rule"),
        at("braces of a refinement"),
        at("waves in stages"),
    ] {
        let most = if kind.name == "parentheses" { 1_000_000 } else { 10_000 };
        for (times, is_too_deep) in
            [(kind.times_beyond(MAX_DEPTH - 1), false), (kind.times_beyond(MAX_DEPTH), true), (most, true)]
        {
            std::fs::write(folder.path().join("a.sunup"), kind.text(times, true)).unwrap();
            for arguments in COMMANDS {
                let output = sunup(folder.path(), arguments);
                let said = String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
                let is_told = said.contains("nested more than 64 levels deep");
                assert_eq!(is_told, is_too_deep, "{arguments:?} of {}, {times} times:\n{said}", kind.name);
                assert!(output.status.code().is_some(), "{arguments:?} of {}, {times} times: no code", kind.name);
            }
        }
    }
}

/// As deep as may be, in everything that is evaluated: no part of the work needs more stack than there is.
#[test]
fn what_is_as_deep_as_may_be_is_checked_planned_and_explored() {
    let nested = |open: &str, middle: &str, close: &str, levels: usize| {
        format!("{}{middle}{}", open.repeat(levels), close.repeat(levels))
    };
    let script = format!(
        "inventory \"a.csv\"\nconnect simulated\n\
         let wide = {}\n\
         fn twice(n) = {}\n\
         regions by region {{ window mon..sun 22:00-06:00 }}\n\
         team ops {{ members \"ada\"  may everything }}\n\
         service web {{ hosts {}  keep at least 1 up }}\n\
         bulletin fix {{ package fix where {} {{ install \"i {}\"  uninstall \"u\" }} }}\n\
         gate up per host {{ run \"p\" }}\n\
         runbook k {{ step s {{ run package.install  needs no undo  takes 5m  down }} }}\n\
         rollout r {{\n  apply fix with k\n  to {}\n  start 2007-05-08 12:00 UTC\n  \
         guinea-pig one {{ hosts {}  batch 1  gate up }}\n  wave rest {{ batch 1  gate up }}\n  \
         always service web kept\n}}\n",
        nested("(", "2", ")", MAX_DEPTH),
        nested("(", "n", ")", MAX_DEPTH),
        nested("(", "role == \"web\"", ")", MAX_DEPTH - 1),
        nested("not (", "cores > 100", ")", (MAX_DEPTH - 1) / 2),
        nested("{\"", "x", "\"}", MAX_DEPTH - 3),
        nested("(", "cores >= twice(wide)", ")", MAX_DEPTH - 2),
        nested("not (", "name != \"a\"", ")", (MAX_DEPTH - 2) / 2 - 1),
    );
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("a.csv"),
        "name,region,site,timezone,role,cores\na,eu,ber,Europe/Berlin,web,2\nb,eu,ber,Europe/Berlin,web,4\n",
    )
    .unwrap();
    std::fs::write(folder.path().join("a.sunup"), &script).unwrap();
    for arguments in COMMANDS {
        let output = sunup(folder.path(), arguments);
        let said = String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}:\n{said}\n{script}");
    }
}
