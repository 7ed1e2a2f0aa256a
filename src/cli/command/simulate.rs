use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::options::{Format, StateArguments, moment};
use crate::cli::output::Output;
use crate::cli::plan_source::{Found, Wanted, find};
use crate::cli::{problems, state};
use crate::engine::Outcome;
use crate::report::{self, SimulateTextOptions};
use crate::run::{History, RunFault};
use crate::simulate::{Fit, Odds, Scenario, Trials, World, simulate, simulate_from};
use crate::time::Moment;
use crate::world::{RealWorld, World as _};

/// Try a rollout many times by chance: when regions are done, how often it is rolled back, what it waits for
///
/// Exit codes: 0 it was tried, 1 the script has problems.
#[derive(Debug, Args)]
pub struct SimulateArguments {
    /// A script, a plan from `sunup plan --save`, or a run: one that is not over is tried from where it stands
    #[arg(value_name = "FILE|RUN")]
    named: PathBuf,
    /// The rollout to take, where the script has several
    #[arg(long, value_name = "NAME")]
    rollout: Option<String>,
    /// When it starts, instead of what the script says: `2007-05-08 18:00 UTC`
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    at: Option<Moment>,
    /// How many runs to try
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    runs: u32,
    /// Where the dice start; the same seed gives the same runs
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Take how long steps last and how often steps and gates fail from the journals of these runs, by name; what they do not
    /// show is as the script says
    #[arg(long, value_name = "RUN", num_args = 1..)]
    fit: Vec<String>,
    /// What goes otherwise than well in every run, as a test says it: `gate mailflow fails at site "sydney"`; may be said
    /// several times
    #[arg(long, value_name = "SENTENCE")]
    given: Vec<String>,
    #[command(flatten)]
    state: StateArguments,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub fn run(arguments: &SimulateArguments, output: &Output) -> Exit {
    let wanted = Wanted {
        named: &arguments.named,
        rollout: arguments.rollout.as_deref(),
        at: arguments.at,
        state: &arguments.state,
        given: &arguments.given,
        format: arguments.format,
    };
    let Found { plan, history, scenario } = match find(&wanted, output) {
        Ok(found) => found,
        Err(exit) => return exit,
    };
    let fit = match fit(arguments) {
        Ok(fit) => fit,
        Err(fault) => return problems::run_fault(&fault, output),
    };
    let odds = fit.as_ref().map_or_else(|| Odds::of(&plan), |fit| fit.odds(&plan));
    let trials = Trials {
        runs: arguments.runs as usize,
        seed: arguments.seed,
        odds: Arc::new(odds),
        workers: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
    };
    let history = history.filter(goes_on);
    let simulated = match &history {
        Some(history) => simulate_from(&standing(history), &trials),
        None => simulate(&plan, scenario, &trials),
    };
    let run = history.as_ref().map(|history| history.summary.id.as_str());
    output.result(&match arguments.format {
        Format::Text => {
            let options = SimulateTextOptions {
                width: output.width(),
                ink: output.ink(),
                fit: fit.as_ref(),
                run,
                given: &arguments.given,
            };
            report::simulate_text(&simulated, &plan, &options)
        }
        Format::Json => report::simulate_json(&simulated, &plan, fit.as_ref(), &arguments.given),
    });
    Exit::Fine
}

/// A run that is not over is tried from where it stands, one that is from its beginning.
fn goes_on(history: &History) -> bool {
    !matches!(history.engine().outcome(), Some(Outcome::Complete | Outcome::RolledBack))
}

/// A rehearsal has a clock of its own, which stands at its last event.
fn standing(history: &History) -> World {
    let events = history.events.iter().map(|past| (past.moment, &past.event));
    let last = history.events.last().map_or(history.plan().starts_at, |past| past.moment);
    let now = if history.summary.is_rehearsal { last } else { RealWorld.now().max(last) };
    World::replayed(history.plan(), events, now, Scenario::default())
}

/// What the runs of `--fit` show; none where none is named.
fn fit(arguments: &SimulateArguments) -> Result<Option<Fit>, RunFault> {
    if arguments.fit.is_empty() {
        return Ok(None);
    }
    let folder = state::existing(&arguments.state)?;
    let mut fit = Fit::default();
    for run in &arguments.fit {
        let history = History::read(&folder, Some(run))?;
        fit.add(history.plan(), history.events.iter().map(|past| (past.moment, &past.event)));
    }
    Ok(Some(fit))
}
