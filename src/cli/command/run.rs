use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::options::{Format, StateArguments, moment};
use crate::cli::output::Output;
use crate::cli::progress;
use crate::cli::saved_plan::saved_plan;
use crate::cli::{problems, state};
use crate::diagnostic::{Code, Problem, Problems};
use crate::plan::Plan;
use crate::run::{Controller, Settings};
use crate::session::{Session, compare};
use crate::source::Sources;
use crate::time::{Moment, show_utc};
use crate::world::{RealWorld, World};

/// Run a rollout for real: a script, or a plan that was saved
#[derive(Debug, Args)]
pub struct RunArguments {
    /// A script, or a plan from `sunup plan --save`
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The rollout to take, where the script has several
    #[arg(long, value_name = "NAME")]
    rollout: Option<String>,
    /// When it starts, instead of what the script says: `2026-11-24 18:00 UTC`
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    at: Option<Moment>,
    #[command(flatten)]
    state: StateArguments,
    /// Processes and probes at once, at most
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..))]
    at_once: u16,
}

pub fn run(arguments: &RunArguments, output: &Output) -> Exit {
    let plan = match saved_plan(&arguments.file) {
        Some(Ok(plan)) => checked_against_today(arguments, plan, output),
        Some(Err(problem)) => Err(refuse(problem, output)),
        None => planned_now(arguments, output),
    };
    let plan = match plan {
        Ok(plan) => plan,
        Err(exit) => return exit,
    };
    let settings = state::settings(Settings { at_once: usize::from(arguments.at_once), ..Settings::default() });
    let begun = settings.and_then(|settings| {
        let folder = state::folder(&arguments.state)?;
        Controller::begin(&folder, Arc::new(plan), &state::person(), settings)
    });
    progress::carry_on(begun, output)
}

/// The plan that was agreed on is the plan that runs: where an input is another today, it does not.
fn checked_against_today(arguments: &RunArguments, plan: Plan, output: &Output) -> Result<Plan, Exit> {
    if arguments.at.is_some() || arguments.rollout.is_some() {
        let problem = Problem::error(Code::PLAN_CHANGED, "a saved plan has its rollout and its start");
        return Err(refuse(problem.help("leave out --at and --rollout, or run the script"), output));
    }
    let script = Path::new(&plan.directory).join(Path::new(&plan.script).file_name().unwrap_or_default());
    let session = Session::load(&RealWorld, &script);
    match compare::changed(&plan, &session) {
        None => Ok(plan),
        Some(problem) => Err(refuse(problem, output)),
    }
}

/// A script is planned from its start on, or from now where that is past.
fn planned_now(arguments: &RunArguments, output: &Output) -> Result<Plan, Exit> {
    let session = Session::load(&RealWorld, &arguments.file);
    let rollout = arguments.rollout.as_deref();
    let mut planned = session.plan(rollout, arguments.at);
    let now = RealWorld.now();
    if arguments.at.is_none() && planned.plan.as_ref().is_some_and(|plan| plan.starts_at < now) {
        output.talk(&format!("The script's start is past: it starts now, {}.\n", show_utc(now)));
        planned = session.plan(rollout, Some(now));
    }
    match planned.plan {
        Some(plan) => {
            problems::remark(&planned.problems, &session, output);
            Ok(plan)
        }
        None => Err(problems::report(&planned.problems, &session, Format::Text, output)),
    }
}

fn refuse(problem: Problem, output: &Output) -> Exit {
    output.fault(&problems::drawn(&Problems::from_iter([problem]), &Sources::default(), output));
    Exit::Problems
}
