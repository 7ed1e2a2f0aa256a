use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::{Args, ValueEnum};

use crate::cli::exit::Exit;
use crate::cli::options::ProblemFormat;
use crate::cli::output::Output;
use crate::cli::problems;
use crate::diagnostic::Severity;
use crate::model::Test;
use crate::report::{self, Verdict};
use crate::session::Session;
use crate::simulate::try_test;
use crate::world::{RealWorld, World};

/// Play the tests of scripts in a made-up world, and tell what does not come out as expected
///
/// Exit codes: 0 every test passed, 1 one failed, a script has problems, or there is no test.
#[derive(Debug, Args)]
pub struct TestArguments {
    /// Scripts, or folders whose scripts are taken
    #[arg(value_name = "FILE|FOLDER", required = true)]
    named: Vec<PathBuf>,
    /// Play only the tests with this in their name
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    #[arg(long, value_enum, default_value_t = TestFormat::Text)]
    format: TestFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TestFormat {
    /// For people
    Text,
    /// For programs; versioned
    Json,
    /// The XML that JUnit made common
    Junit,
    /// The Test Anything Protocol
    Tap,
}

pub fn run(arguments: &TestArguments, output: &Output) -> Exit {
    let mut verdicts = Vec::new();
    let mut is_sound = true;
    for script in scripts(&arguments.named, output, &mut is_sound) {
        let session = Session::load(&RealWorld, &script);
        if session.problems.has_errors() {
            is_sound = false;
            let text =
                problems::render(&session.problems, &session.sources, ProblemFormat::Fancy, output.width(), false);
            output.fault(&text);
            continue;
        }
        verdicts.extend(try_all(&session, arguments.filter.as_deref()));
    }
    if verdicts.is_empty() {
        if is_sound {
            output.fault("there is no test to play: write one, `test \"NAME\" { given …  expect … }`\n");
        }
        return Exit::Problems;
    }
    output.result(&match arguments.format {
        TestFormat::Text => report::verdict_text(&verdicts),
        TestFormat::Json => report::verdict_json(&verdicts),
        TestFormat::Junit => report::verdict_junit(&verdicts),
        TestFormat::Tap => report::verdict_tap(&verdicts),
    });
    if is_sound && verdicts.iter().all(Verdict::has_passed) { Exit::Fine } else { Exit::Problems }
}

/// The scripts that are named, and those that lie in a folder that is named, in the order of their names.
fn scripts(named: &[PathBuf], output: &Output, is_sound: &mut bool) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in named {
        if !RealWorld.is_directory(path) {
            found.push(path.clone());
            continue;
        }
        match RealWorld.list(path) {
            Ok(mut inside) => {
                inside.retain(|file| has_tests(file));
                inside.sort();
                found.extend(inside);
            }
            Err(why) => {
                *is_sound = false;
                output.fault(&format!("cannot read the folder `{}`: {why}\n", path.display()));
            }
        }
    }
    found
}

/// Modules have no rollout of their own: of a folder only what says tests is taken.
fn has_tests(file: &Path) -> bool {
    let is_script = file.extension().is_some_and(|extension| extension == "sunup");
    let text = || RealWorld.read(file).unwrap_or_default();
    is_script && String::from_utf8_lossy(&text()).lines().any(|line| line.trim_start().starts_with("test "))
}

/// In the order of the script, whichever is played first.
fn try_all(session: &Session, filter: Option<&str>) -> Vec<Verdict> {
    let Some(model) = &session.model else { return Vec::new() };
    let tests: Vec<&Test> =
        model.tests.iter().filter(|test| filter.is_none_or(|filter| test.name.contains(filter))).collect();
    let workers = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN).get().min(tests.len());
    let next = AtomicUsize::new(0);
    let mut verdicts: Vec<(usize, Verdict)> = std::thread::scope(|scope| {
        let work = || {
            let mut tried = Vec::new();
            while let Some((idx, test)) =
                Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|idx| Some((idx, tests.get(idx)?)))
            {
                tried.push((idx, verdict(session, test)));
            }
            tried
        };
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    verdicts.sort_by_key(|(idx, _)| *idx);
    verdicts.into_iter().map(|(_, verdict)| verdict).collect()
}

fn verdict(session: &Session, test: &Test) -> Verdict {
    let planned = session.plan(Some(&test.rollout), test.starts_at);
    let rollout = session.model.iter().flat_map(|model| &model.rollouts).find(|rollout| rollout.name == test.rollout);
    let (Some(plan), Some(rollout)) = (planned.plan, rollout) else {
        let errors = planned.problems.iter().filter(|problem| problem.severity == Severity::Error);
        let problems = errors.map(|problem| format!("{}: {}", problem.code, problem.message)).collect();
        return Verdict::unplanned(test, problems, &session.script, &session.sources);
    };
    let plan = Arc::new(plan);
    let trial = try_test(&plan, &rollout.targets, test);
    Verdict::of(test, &trial, &plan, &session.script, &session.sources)
}
