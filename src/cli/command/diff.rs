use std::path::Path;

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::options::{Format, StateArguments, moment};
use crate::cli::output::Output;
use crate::cli::saved_plan::saved_plan;
use crate::cli::{problems, state};
use crate::diagnostic::{Code, Problem, Problems};
use crate::inventory::{self, Fleet, ReadOptions};
use crate::plan::Plan;
use crate::report;
use crate::run::History;
use crate::session::{Session, load_inventory};
use crate::source::Sources;
use crate::time::Moment;
use crate::world::{RealWorld, World};

/// Show what is different between two scripts, saved plans, runs or inventories, in the plan's own terms
///
/// Exit codes: 0 no difference, 1 a difference, 2 one of the two cannot be read or planned, or they cannot be compared.
#[derive(Debug, Args)]
pub struct DiffArguments {
    /// A script, a plan from `sunup plan --save`, a run, or an inventory (a file or a folder)
    #[arg(value_name = "A")]
    before: String,
    /// What it is compared with; scripts, plans and runs with each other, inventories with inventories
    #[arg(value_name = "B")]
    after: String,
    /// The rollout to take, where a script has several
    #[arg(long, value_name = "NAME")]
    rollout: Option<String>,
    /// When the rollout of a script starts, instead of what the script says; beside a run, the run's own start
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    at: Option<Moment>,
    #[command(flatten)]
    state: StateArguments,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub fn run(arguments: &DiffArguments, output: &Output) -> Exit {
    match compared(arguments, output) {
        Ok((text, is_different)) => {
            output.result(&text);
            if is_different { Exit::Problems } else { Exit::Fine }
        }
        Err(Told) => Exit::Usage,
    }
}

/// Why there is nothing to show has been printed.
struct Told;

/// What stands on one side.
enum Side {
    Script(Box<Session>),
    Plan(Box<Plan>),
    Run(Box<Plan>),
    Inventory(Box<Fleet>),
}

fn compared(arguments: &DiffArguments, output: &Output) -> Result<(String, bool), Told> {
    // Both are looked at, so that what is wrong with each is told.
    let sides = [&arguments.before, &arguments.after].map(|name| side(name, arguments, output));
    let [Ok(before), Ok(after)] = sides else { return Err(Told) };
    let names = [arguments.before.as_str(), arguments.after.as_str()];
    match (before, after) {
        (Side::Inventory(before), Side::Inventory(after)) => {
            let diff = inventory::diff(&before, &after);
            let fleets = [&*before, &*after];
            let text = match arguments.format {
                Format::Text => report::inventory_diff_text(&diff, fleets, names, output.width()),
                Format::Json => report::inventory_diff_json(&diff, fleets, names),
            };
            Ok((text, !diff.is_none()))
        }
        (Side::Inventory(_), _) | (_, Side::Inventory(_)) => {
            let problem = Problem::error(Code::BAD_VALUE, "an inventory can only be compared with an inventory");
            Err(refuse(problem.help("name two inventories, or two of scripts, plans and runs"), output))
        }
        (before, after) => {
            // A script without a start, or beside a run, is planned for the same start: else all times were different.
            let now = RealWorld.now();
            let run_start = [&before, &after].into_iter().find_map(|side| match side {
                Side::Run(plan) => Some(plan.starts_at),
                _ => None,
            });
            let plan_start = [&before, &after].into_iter().find_map(Side::start);
            let starts = Starts { said: arguments.at.or(run_start), else_at: plan_start.unwrap_or(now) };
            let plans = [before, after].map(|side| side.plan(arguments, &starts, output));
            let [Ok(before), Ok(after)] = plans else { return Err(Told) };
            let difference = report::difference(&before, &after);
            let text = match arguments.format {
                Format::Text => report::diff_text(&difference, names, output.width()),
                Format::Json => report::diff_json(&difference, names),
            };
            Ok((text, !difference.is_none()))
        }
    }
}

/// When a script is planned to start.
struct Starts {
    /// Whatever it says.
    said: Option<Moment>,
    /// Where it says nothing.
    else_at: Moment,
}

impl Side {
    fn start(&self) -> Option<Moment> {
        match self {
            Side::Plan(plan) | Side::Run(plan) => Some(plan.starts_at),
            Side::Script(_) | Side::Inventory(_) => None,
        }
    }

    fn plan(self, arguments: &DiffArguments, starts: &Starts, output: &Output) -> Result<Box<Plan>, Told> {
        let mut session = match self {
            Side::Plan(plan) | Side::Run(plan) => return Ok(plan),
            Side::Script(session) => session,
            Side::Inventory(_) => return Err(Told),
        };
        session.now = starts.else_at;
        let planned = session.plan(arguments.rollout.as_deref(), starts.said);
        planned.plan.map(Box::new).ok_or_else(|| {
            problems::report(&planned.problems, &session, Format::Text, output);
            Told
        })
    }
}

/// A script is known by its name's end, a saved plan by its first letter; what is no file is a run.
fn side(name: &str, arguments: &DiffArguments, output: &Output) -> Result<Side, Told> {
    let path = Path::new(name);
    if path.extension().is_some_and(|extension| extension == "sunup") {
        return Ok(Side::Script(Box::new(Session::load(&RealWorld, path))));
    }
    if !RealWorld.is_file(path) && !RealWorld.is_directory(path) {
        let history = state::existing(&arguments.state).and_then(|folder| History::read(&folder, Some(name)));
        return match history {
            Ok(history) => Ok(Side::Run(Box::new(Plan::clone(history.plan())))),
            Err(_) if name.contains(['/', '.']) => {
                let problem = Problem::error(Code::FILE_UNREADABLE, format!("there is no file `{name}`"));
                Err(refuse(problem.help("name a script, a saved plan, an inventory or a run"), output))
            }
            Err(fault) => {
                problems::run_fault(&fault, output);
                Err(Told)
            }
        };
    }
    if is_marked_as_plan(path) {
        return match saved_plan(path) {
            Some(Ok(plan)) => Ok(Side::Plan(Box::new(plan))),
            Some(Err(problem)) => Err(refuse(problem, output)),
            None => Err(refuse(Problem::error(Code::FILE_UNREADABLE, format!("cannot read `{name}`")), output)),
        };
    }
    load_inventory(&RealWorld, path, &ReadOptions::default()).fleet.map(Box::new).map(Side::Inventory).map_err(
        |faults| {
            problems::inventory_faults(&faults, output);
            Told
        },
    )
}

/// Inventories may be JSON as well.
fn is_marked_as_plan(path: &Path) -> bool {
    RealWorld.read(path).is_ok_and(|bytes| {
        let head = &bytes[..bytes.len().min(200)];
        String::from_utf8_lossy(head).contains("\"sunup plan\"")
    })
}

fn refuse(problem: Problem, output: &Output) -> Told {
    output.fault(&problems::drawn(&Problems::from_iter([problem]), &Sources::default(), output));
    Told
}
