use crate::cli::exit::Exit;
use crate::cli::options::{Format, ProblemFormat};
use crate::cli::output::Output;
use crate::diagnostic::{Look, Problems, Severity, fancy, github, harmless, json, plain, sarif, short};
use crate::inventory::InventoryFault;
use crate::run::RunFault;
use crate::session::Session;
use crate::source::Sources;

pub fn render(problems: &Problems, sources: &Sources, format: ProblemFormat, width: usize, colour: bool) -> String {
    match format {
        ProblemFormat::Fancy => fancy(problems, sources, Look { width, has_colours: colour }),
        ProblemFormat::Plain => plain(problems, sources),
        ProblemFormat::Short => short(problems, sources),
        ProblemFormat::Json => json(problems, sources),
        ProblemFormat::Sarif => sarif(problems, sources),
        ProblemFormat::Github => github(problems, sources),
    }
}

/// `3 problems: 2 errors, 1 warning`, or that all is well and what was looked at.
pub fn summary(problems: &Problems, session: &Session) -> String {
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    let warnings = problems.len() - errors;
    let first = problems.iter().find(|problem| problem.severity == Severity::Error).or_else(|| problems.iter().next());
    let explain = first.map(|problem| format!(" `sunup explain {}` says more.", problem.code)).unwrap_or_default();
    match (errors, warnings) {
        (0, 0) => format!("No problems: {}.\n", looked_at(session)),
        (0, _) => format!("{}; nothing stands against a run.{explain}\n", count(warnings, "warning")),
        (_, 0) => format!("{}; nothing was started.{explain}\n", count(errors, "error")),
        (_, _) => {
            format!("{}, {}; nothing was started.{explain}\n", count(errors, "error"), count(warnings, "warning"))
        }
    }
}

/// Prints the problems of a command that cannot go on, and gives its exit code.
pub fn report(problems: &Problems, session: &Session, format: Format, output: &Output) -> Exit {
    match format {
        Format::Json => output.result(&json(problems, &session.sources)),
        Format::Text => {
            output.fault(&drawn(problems, &session.sources, output));
            output.talk(&summary(problems, session));
        }
    }
    Exit::Problems
}

/// Prints the warnings of a command that goes on.
pub fn remark(problems: &Problems, session: &Session, output: &Output) {
    if !problems.is_empty() {
        output.talk(&drawn(problems, &session.sources, output));
    }
}

/// Prints why a run cannot begin, go on or be acted on, and gives the exit code.
pub fn run_fault(fault: &RunFault, output: &Output) -> Exit {
    let problems = Problems::from_iter([fault.problem()]);
    output.fault(&drawn(&problems, &Sources::default(), output));
    Exit::Problems
}

/// Prints why an inventory that is named by itself cannot be read.
pub fn inventory_faults(faults: &[InventoryFault], output: &Output) {
    for fault in faults {
        let place = fault.line.map_or_else(String::new, |line| format!(", line {line}"));
        output.fault(&format!("error: {}{place}: {}\n", harmless(&fault.path), harmless(&fault.message)));
        if let Some(help) = &fault.help {
            output.fault(&format!("  help: {}\n", harmless(help)));
        }
    }
}

pub fn drawn(problems: &Problems, sources: &Sources, output: &Output) -> String {
    fancy(problems, sources, Look { width: output.width(), has_colours: output.talks_to_terminal() })
}

fn looked_at(session: &Session) -> String {
    let hosts = session.fleet.as_ref().map_or(0, |fleet| fleet.len());
    let rollouts = session.model.as_ref().map_or(0, |model| model.rollouts.len());
    format!("{} over {}", count(rollouts, "rollout"), count(hosts, "host"))
}

fn count(number: usize, noun: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{s}")
}
