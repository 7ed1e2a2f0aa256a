use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::options::StateArguments;
use crate::cli::output::Output;
use crate::cli::progress;
use crate::cli::said::{PlaceArguments, say};
use crate::cli::{problems, state};
use crate::engine::Outcome;
use crate::run::{Controller, History, Holder, RunFault, Settings, Verdict, Wish, act};

/// Go on with a run: after a crash, or after it was held
///
/// Where another process carries the run on, the hold is lifted there. Else this process goes on with it.
#[derive(Debug, Args)]
pub struct ResumeArguments {
    /// The run; without one, the newest that is not finished
    #[arg(value_name = "RUN")]
    run: Option<String>,
    #[command(flatten)]
    place: PlaceArguments,
    #[command(flatten)]
    state: StateArguments,
    /// Processes and probes at once, at most
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..))]
    at_once: u16,
}

pub fn run(arguments: &ResumeArguments, output: &Output) -> Exit {
    match resume(arguments, output) {
        Ok(exit) => exit,
        Err(fault) => problems::run_fault(&fault, output),
    }
}

fn resume(arguments: &ResumeArguments, output: &Output) -> Result<Exit, RunFault> {
    let folder = state::existing(&arguments.state)?;
    let history = History::unfinished(&folder, arguments.run.as_deref())?;
    let run = history.summary.id.as_str();
    let wish = Wish::Resume { what: arguments.place.place() };
    if let Holder::Process(_) = history.summary.holder {
        return Ok(say(Some(run), &wish, &arguments.state, output));
    }
    if lifts_holds(&history, &arguments.place) {
        act(&folder, Some(run), &state::person(), &wish)?;
    }
    let settings = state::settings(Settings { at_once: usize::from(arguments.at_once), ..Settings::default() })?;
    Ok(progress::carry_on(Controller::resume(&folder, Some(run), settings), output))
}

/// After a crash holds stay as they are. A run that is held goes on only when its holds are lifted, unless somebody has said
/// something else that waits to be taken in, such as a rollback.
fn lifts_holds(history: &History, place: &PlaceArguments) -> bool {
    let has_news = history.acts.iter().any(|act| act.verdict == Verdict::Waiting);
    !place.is_whole() || (history.summary.outcome == Some(Outcome::Held) && !has_news)
}
