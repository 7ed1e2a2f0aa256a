//! One test a room: each file under `tests/cases/<room>/` is read, and what the room says about it must be what the file
//! beside it (`.out`) says. `UPDATE=1` writes those files; read what it wrote before you commit it.
//!
//! A room joins with one function from a file's path and text to what is shown, and one test below.

#![expect(clippy::disallowed_methods, reason = "a runner of cases reads the cases")]
#![expect(clippy::unwrap_used, reason = "a case that cannot be read fails the test")]

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sunup::diagnostic::{Problems, Severity};
use sunup::repl::{Look, Prompt, Settings};
use sunup::report::{Ink, PlanTextOptions, SimulateTextOptions, explore_text, plan_text, simulate_text};
use sunup::session::Session;
use sunup::simulate::{Bounds, Odds, Scenario, Trials, explore, simulate};
use sunup::source::{Sources, Span};
use sunup::syntax;
use sunup::world::RealWorld;

#[path = "support/outline.rs"]
mod outline;
#[path = "support/program.rs"]
mod program;

use outline::outline;
use program::program;

#[test]
fn syntax_cases() {
    run("syntax", |_, text| {
        let mut sources = Sources::default();
        let file = sources.add("case", text);
        let parse = syntax::parse(file, text);
        format!("{}{}", shown_problems(&sources, &parse.problems), outline(&parse.file))
    });
}

/// The script as it is formatted, or why it is not.
#[test]
fn format_cases() {
    run("format", |_, text| {
        let mut sources = Sources::default();
        let file = sources.add("case", text);
        match syntax::format(file, text) {
            Ok(formatted) => formatted,
            Err(syntax::Refusal::Malformed(problems)) => shown_problems(&sources, &problems),
            Err(syntax::Refusal::Differs(difference)) => format!("{difference}\n"),
        }
    });
}

/// A case's `inventory "x.csv"` is read from beside it, its calendars and modules too.
#[test]
fn check_cases() {
    run("check", |path, text| {
        let folder = path.parent().unwrap();
        let case = program(text, |name| fs::read(folder.join(name)).ok());
        let malformed = shown_problems(&case.sources, &case.parse.problems);
        assert!(malformed.is_empty(), "{}: a case of a check is well formed\n{malformed}", path.display());
        let names_inventory = text.contains("inventory ");
        assert_eq!(case.fleet.is_some(), names_inventory, "{}: its inventory is to be read", path.display());
        match case.checked.problems.is_empty() {
            true => "fine\n".to_owned(),
            false => shown_problems(&case.sources, &case.checked.problems),
        }
    });
}

/// Whole scripts, as `sunup check` looks at them: all problems of the script and of the plans of its rollouts.
#[test]
fn script_cases() {
    run("scripts", |path, _| {
        let script = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
        let session = Session::load(&RealWorld, script);
        let problems = session.check_plans(None);
        match problems.is_empty() {
            true => "fine\n".to_owned(),
            false => shown_problems(&session.sources, &problems),
        }
    });
}

/// A plan is shown down to its hosts, 80 columns wide.
#[test]
fn plan_cases() {
    run("plan", |path, _| {
        // As it would be named on the command line: a plan says where its script is.
        let script = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
        let session = Session::load(&RealWorld, script);
        let planned = session.plan(None, None);
        let options = PlanTextOptions { hosts: true, width: 80 };
        let plan = planned.plan.map_or(String::new(), |plan| plan_text(&plan, &options));
        shown_problems(&session.sources, &planned.problems) + &plan
    });
}

/// Every outcome up to two mishaps, and the shortest story of each bad one.
#[test]
fn explore_cases() {
    run("explore", |path, _| {
        let session = Session::load(&RealWorld, path);
        let plan = Arc::new(session.plan(None, None).plan.unwrap());
        explore_text(&explore(&plan, Bounds::default()), &plan)
    });
}

/// Two hundred runs by chance, from one seed.
#[test]
fn simulate_cases() {
    run("simulate", |path, _| {
        let session = Session::load(&RealWorld, path);
        let plan = Arc::new(session.plan(None, None).plan.unwrap());
        let workers = NonZeroUsize::MIN;
        let trials = Trials { runs: 200, seed: 7, odds: Arc::new(Odds::of(&plan)), workers };
        let found = simulate(&plan, Scenario::default(), &trials);
        let options = SimulateTextOptions { width: 100, ink: Ink::Ascii, fit: None, run: None, given: &[] };
        simulate_text(&found, &plan, &options)
    });
}

/// What is typed at the prompt, and what it says, 90 columns wide. The first line names what is loaded, from beside the case
/// or by its path from the top: `# repl tests/repl/mail.sunup`.
#[test]
fn repl_cases() {
    run("repl", |path, text| {
        let settings = Settings {
            world: &RealWorld,
            look: Look { width: 90, has_colours: false, rows: 12 },
            write: &|_, _| Err(std::io::ErrorKind::ReadOnlyFilesystem.into()),
            is_interrupted: &|| false,
        };
        let mut prompt = Prompt::new(settings);
        let mut out = String::new();
        if let Some(file) = text.lines().next().and_then(|line| line.strip_prefix("# repl ")) {
            let folder = path.parent().unwrap().strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
            let file = if file.starts_with("tests/") { PathBuf::from(file) } else { folder.join(file) };
            let said = prompt.open(&file);
            out.push_str(&format!("{}{}", said.problems, said.answer));
        }
        let mut input = String::new();
        for line in text.lines() {
            input.push_str(line);
            input.push('\n');
            if Prompt::is_whole(&input) {
                out.extend(input.lines().map(|line| format!("> {line}\n")));
                let said = prompt.take(&input);
                out.push_str(&format!("{}{}", said.problems, said.answer));
                input.clear();
            }
        }
        assert_eq!(input, "", "{}: the last input is not whole", path.display());
        out
    });
}

/// Runs every case of a room and tells of all that differ.
fn run(room: &str, show: impl Fn(&Path, &str) -> String) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(room);
    let cases = scripts(&folder);
    assert!(!cases.is_empty(), "no cases under {}", folder.display());
    let wrong: Vec<String> = cases.iter().filter_map(|case| differs(case, &show)).collect();
    assert!(wrong.is_empty(), "{} of {} cases differ\n\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// What is wrong with a case; none where it says what it said.
fn differs(case: &Path, show: &impl Fn(&Path, &str) -> String) -> Option<String> {
    let text = fs::read_to_string(case).unwrap();
    let shown = show(case, &text);
    let golden = case.with_extension("out");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&golden, shown).unwrap();
        return None;
    }
    let expected = fs::read_to_string(&golden).unwrap_or_default();
    (shown != expected).then(|| format!("{}\n--- expected\n{expected}\n+++ found\n{shown}", case.display()))
}

fn scripts(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => found.extend(scripts(&path)),
            false if path.extension().is_some_and(|extension| extension == "sunup") => found.push(path),
            false => {}
        }
    }
    found.sort();
    found
}

/// Each problem in plain lines: code and message, the places, the hosts, the help, the mends.
fn shown_problems(sources: &Sources, problems: &Problems) -> String {
    let mut out = String::new();
    for problem in problems.iter() {
        let warning = if problem.severity == Severity::Warning { "warning: " } else { "" };
        out.push_str(&format!("{} {warning}{}\n", problem.code, problem.message));
        for label in &problem.labels {
            out.push_str(&format!("  {} {}\n", shown_place(sources, label.span), label.text));
        }
        if !problem.hosts.is_empty() {
            out.push_str(&format!("  hosts {}\n", problem.hosts.join(", ")));
        }
        if let Some(help) = &problem.help {
            out.push_str(&format!("  help: {help}\n"));
        }
        for fix in &problem.fixes {
            out.push_str(&format!("  fix: {}", fix.title));
            for edit in &fix.edits {
                out.push_str(&format!(" ({} becomes {:?})", shown_place(sources, edit.span), edit.replacement));
            }
            out.push('\n');
        }
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

fn shown_place(sources: &Sources, span: Span) -> String {
    let place = sources.place(span);
    format!("{}:{} {:?}", place.line, place.column, sources.text(span))
}
