use std::num::NonZeroUsize;
use std::sync::Arc;

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::options::{Format, ScriptArguments};
use crate::cli::output::Output;
use crate::cli::problems;
use crate::report;
use crate::session::Session;
use crate::simulate::{Bounds, explore};
use crate::world::RealWorld;

/// Look at every outcome, and tell the shortest story of each that is bad
///
/// Exit codes: 0 nothing can go wrong, 1 something can, or not everything was seen.
#[derive(Debug, Args)]
pub struct ExploreArguments {
    #[command(flatten)]
    script: ScriptArguments,
    /// The most mishaps in one run: steps, undos and gates that fail, gates without an answer, approvals not given, crashes,
    /// people who hold or roll back
    #[arg(long, value_name = "N", default_value_t = 2)]
    failures: u8,
    /// The most states to look at; each takes some kilobytes
    #[arg(long, value_name = "N", default_value_t = Bounds::default().states)]
    states: usize,
    /// Tell every host and every order of regions apart, also where it makes no difference: far more states; on a small
    /// rollout it shows that nothing is left out
    #[arg(long)]
    unreduced: bool,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub fn run(arguments: &ExploreArguments, output: &Output) -> Exit {
    let session = Session::load(&RealWorld, &arguments.script.script);
    let planned = session.plan(arguments.script.rollout.as_deref(), arguments.script.at);
    let Some(plan) = planned.plan else {
        return problems::report(&planned.problems, &session, arguments.format, output);
    };
    problems::remark(&planned.problems, &session, output);
    let plan = Arc::new(plan);
    let bounds = Bounds {
        failures: arguments.failures,
        states: arguments.states,
        tells_all_apart: arguments.unreduced,
        workers: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
    };
    let found = explore(&plan, bounds);
    output.result(&match arguments.format {
        Format::Text => report::explore_text(&found, &plan),
        Format::Json => report::explore_json(&found, &plan),
    });
    if found.findings.is_empty() && found.is_exhausted { Exit::Fine } else { Exit::Problems }
}
