use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::problems;
use crate::cli::trying::{Tried, try_one};
use crate::model::Test;
use crate::plan::Plan;
use crate::report::{self, Coverage, Tested};
use crate::session::Session;
use crate::simulate::Seen;
use crate::syntax::ast::ItemKind;
use crate::world::{RealWorld, World};

/// Run the tests that scripts hold: each a made-up run, and what must come of it
///
/// Exit codes: 0 all passed, 1 one failed, or a script has problems, 2 there is no test to run.
#[derive(Debug, Args)]
pub struct TestArguments {
    /// Scripts, or folders with scripts below them
    #[arg(value_name = "FILE|FOLDER", required = true)]
    paths: Vec<PathBuf>,
    /// Only tests whose name holds this text
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    #[arg(long, value_enum, default_value_t = TestFormat::Text)]
    format: TestFormat,
    /// Say what no test goes through: rules, gates, undos, approvals, regions, sites, packages
    #[arg(long)]
    coverage: bool,
    /// Run again whenever a script, a module, an inventory or a calendar changes, until Ctrl-C
    #[arg(long)]
    watch: bool,
    /// Where the lots of `for any` start; the same seed draws the same
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TestFormat {
    /// For people
    Text,
    /// For build servers: an XML file of JUnit's kind
    Junit,
    /// The Test Anything Protocol, version 14
    Tap,
    /// For programs; versioned
    Json,
}

pub fn run(arguments: &TestArguments, output: &Output) -> Exit {
    let (exit, mut loaded) = run_once(arguments, output);
    if !arguments.watch {
        return exit;
    }
    loop {
        output.talk("Watching for changes; Ctrl-C ends it.\n");
        wait_for_change(arguments, &loaded);
        (_, loaded) = run_once(arguments, output);
    }
}

/// How often files are looked at for changes.
const LOOKS_AFTER: Duration = Duration::from_millis(500);

/// Waits until what the scripts are made of is another.
#[expect(clippy::disallowed_methods, reason = "files are looked at now and then")]
fn wait_for_change(arguments: &TestArguments, loaded: &[Session]) {
    let marks = |sessions: &[Session]| sessions.iter().map(Session::mark).collect::<Vec<String>>();
    let before = marks(loaded);
    loop {
        thread::sleep(LOOKS_AFTER);
        if marks(&sessions(&arguments.paths)) != before {
            return;
        }
    }
}

fn run_once(arguments: &TestArguments, output: &Output) -> (Exit, Vec<Session>) {
    let sessions = sessions(&arguments.paths);
    let mut has_problems = false;
    for session in sessions.iter().filter(|session| session.problems.has_errors()) {
        output.fault(&problems::drawn(&session.problems, &session.sources, output));
        has_problems = true;
    }
    let filter = arguments.filter.as_deref().unwrap_or("");
    let chosen: Vec<(&Session, &Test)> = sessions
        .iter()
        .filter(|session| !session.problems.has_errors())
        .flat_map(|session| {
            session.model.iter().flat_map(move |model| model.tests.iter().map(move |test| (session, test)))
        })
        .filter(|(_, test)| test.name.contains(filter))
        .collect();
    let tried = try_all(&chosen, arguments.seed);
    let coverage = if arguments.coverage { covered(&sessions, &chosen, &tried) } else { Vec::new() };
    let tested: Vec<Tested> = tried.into_iter().map(|tried| tried.tested).collect();
    output.result(&match arguments.format {
        TestFormat::Text => report::tests_text(&tested, &coverage),
        TestFormat::Junit => report::tests_junit(&tested),
        TestFormat::Tap => report::tests_tap(&tested),
        TestFormat::Json => report::tests_json(&tested, &coverage),
    });
    let exit = match tested.iter().all(Tested::is_passed) && !has_problems {
        true if tested.is_empty() => {
            output.talk("There is no test to run: write `test \"…\" { given …  expect … }`.\n");
            Exit::Usage
        }
        true => Exit::Fine,
        false => Exit::Problems,
    };
    (exit, sessions)
}

/// In as many threads as there are processors; what comes of it is in the order of the tests.
fn try_all(chosen: &[(&Session, &Test)], seed: u64) -> Vec<Tried> {
    let workers = thread::available_parallelism().map_or(1, usize::from).min(chosen.len().max(1));
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<(usize, Tried)>> = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let idx = next.fetch_add(1, Ordering::Relaxed);
                    let Some((session, test)) = chosen.get(idx) else { return };
                    let tried = try_one(session, test, seed);
                    // A lock is poisoned only where another thread has panicked, which ends the scope anyway.
                    if let Ok(mut results) = results.lock() {
                        results.push((idx, tried));
                    }
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_default();
    results.sort_by_key(|(idx, _)| *idx);
    results.into_iter().map(|(_, tried)| tried).collect()
}

/// What no test has gone through, of each rollout that has a test.
fn covered(sessions: &[Session], chosen: &[(&Session, &Test)], tried: &[Tried]) -> Vec<Coverage> {
    let mut all = Vec::new();
    for session in sessions {
        let mut rollouts: indexmap::IndexMap<&str, (Arc<Plan>, Vec<&Seen>)> = indexmap::IndexMap::new();
        let own = chosen.iter().zip(tried).filter(|((of, _), _)| std::ptr::eq(*of, session));
        for ((_, test), tried) in own {
            if let Some((plan, seen)) = &tried.seen {
                rollouts.entry(&test.rollout).or_insert_with(|| (Arc::clone(plan), Vec::new())).1.push(seen);
            }
        }
        let covered = rollouts.values();
        all.extend(covered.map(|(plan, seen)| report::coverage(plan, seen.iter().copied(), &session.sources)));
    }
    all
}

/// The scripts that are named, and those below the folders that are named which hold a test, in the order of their names.
fn sessions(paths: &[PathBuf]) -> Vec<Session> {
    let mut sessions = Vec::new();
    for path in paths {
        if !RealWorld.is_directory(path) {
            sessions.push(Session::load(&RealWorld, path));
            continue;
        }
        let mut scripts = Vec::new();
        below(path, DEEPEST, &mut scripts);
        sessions.extend(scripts.iter().map(|path| Session::load(&RealWorld, path)).filter(holds_a_test));
    }
    sessions
}

/// In the script itself: a module is tried by the script that uses it, and by itself where it is named.
fn holds_a_test(session: &Session) -> bool {
    let items = session.files.first().into_iter().flat_map(|script| &script.parse.file.items);
    items.into_iter().any(|item| matches!(item.kind, ItemKind::Test(_)))
}

/// How deep folders are looked into.
const DEEPEST: usize = 16;

fn below(folder: &Path, deeper: usize, scripts: &mut Vec<PathBuf>) {
    for entry in RealWorld.list(folder).unwrap_or_default() {
        let is_hidden = entry.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if is_hidden {
            continue;
        }
        if RealWorld.is_directory(&entry) {
            if deeper > 0 {
                below(&entry, deeper - 1, scripts);
            }
        } else if entry.extension().is_some_and(|extension| extension == "sunup") {
            scripts.push(entry);
        }
    }
}
