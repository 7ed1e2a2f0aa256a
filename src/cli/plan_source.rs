use std::path::Path;
use std::sync::Arc;

use crate::cli::exit::Exit;
use crate::cli::options::{Format, StateArguments};
use crate::cli::output::Output;
use crate::cli::saved_plan::saved_plan;
use crate::cli::{problems, state};
use crate::diagnostic::{Code, Problem, Problems, harmless};
use crate::plan::Plan;
use crate::run::{History, RunFault};
use crate::session::Session;
use crate::simulate::Scenario;
use crate::source::Sources;
use crate::time::Moment;
use crate::world::{RealWorld, World};

/// What a plan is looked for by.
pub struct Wanted<'a> {
    /// A script, a saved plan, or a run.
    pub named: &'a Path,
    pub rollout: Option<&'a str>,
    pub at: Option<Moment>,
    pub state: &'a StateArguments,
    /// What is given for a made-up run, as a test says it.
    pub given: &'a [String],
    pub format: Format,
}

/// What was found: a plan, and the run that it is of where one was named.
pub struct Found {
    pub plan: Arc<Plan>,
    pub history: Option<History>,
    pub scenario: Scenario,
}

/// The plan of a script, of a file that `sunup plan --save` wrote, or of a run; what stands against it is told.
///
/// # Errors
/// With what the command ends where there is none.
pub fn find(wanted: &Wanted, output: &Output) -> Result<Found, Exit> {
    if let Some(saved) = saved_plan(wanted.named) {
        refuse_options(wanted, "a saved plan", output)?;
        let plan = saved.map_err(|problem| refuse(problem, output))?;
        return Ok(Found { plan: Arc::new(plan), history: None, scenario: Scenario::default() });
    }
    if !RealWorld.is_file(wanted.named)
        && let Some(run) = run_name(wanted.named)
    {
        refuse_options(wanted, "a run", output)?;
        let history = state::existing(wanted.state).and_then(|folder| History::read(&folder, Some(run)));
        let history = history.map_err(|fault| match fault {
            RunFault::NoRun => {
                let problem = Problem::error(Code::FILE_UNREADABLE, format!("there is no file and no run `{run}`"));
                refuse(problem.help("name a script, a saved plan or a run; `sunup status --all` lists runs"), output)
            }
            fault => problems::run_fault(&fault, output),
        })?;
        return Ok(Found { plan: Arc::clone(history.plan()), history: Some(history), scenario: Scenario::default() });
    }
    let (session, givens) = match wanted.given {
        [] => (Session::load(&RealWorld, wanted.named), Vec::new()),
        given => Session::load_with(&RealWorld, wanted.named, wanted.rollout, given),
    };
    let planned = session.plan(wanted.rollout, wanted.at);
    let Some(plan) = planned.plan else {
        return Err(problems::report(&planned.problems, &session, wanted.format, output));
    };
    problems::remark(&planned.problems, &session, output);
    let rollouts = session.model.iter().flat_map(|model| &model.rollouts);
    let targets = rollouts.into_iter().find(|rollout| rollout.name == plan.rollout).map(|rollout| &rollout.targets);
    let scenario = targets.map_or_else(Scenario::default, |targets| Scenario::bind(&plan, targets, &givens));
    Ok(Found { plan: Arc::new(plan), history: None, scenario })
}

/// What has no folder and no ending is the name of a run.
fn run_name(path: &Path) -> Option<&str> {
    let name = path.to_str()?;
    let is_file = name.contains(['/', '\\']) || path.extension().is_some();
    (!is_file).then_some(name)
}

fn refuse_options(wanted: &Wanted, what: &str, output: &Output) -> Result<(), Exit> {
    if !wanted.given.is_empty() {
        let problem =
            Problem::error(Code::PLAN_CHANGED, format!("{what} knows no fleet that something could be given for"));
        return Err(refuse(problem.help("name the script in its place"), output));
    }
    if wanted.rollout.is_none() && wanted.at.is_none() {
        return Ok(());
    }
    let problem = Problem::error(Code::PLAN_CHANGED, format!("{what} has its rollout and its start"));
    let named = harmless(&wanted.named.display().to_string()).into_owned();
    Err(refuse(problem.help(format!("leave out --at and --rollout, or name a script in place of `{named}`")), output))
}

/// Tells what no script is to blame for.
fn refuse(problem: Problem, output: &Output) -> Exit {
    output.fault(&problems::drawn(&Problems::from_iter([problem]), &Sources::default(), output));
    Exit::Problems
}
