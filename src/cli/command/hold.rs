use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::options::StateArguments;
use crate::cli::output::Output;
use crate::cli::said::{PlaceArguments, say};
use crate::run::Wish;

/// Hold a rollout, or a part of it: what is under way ends, nothing new begins
#[derive(Debug, Args)]
pub struct HoldArguments {
    #[command(flatten)]
    what: What,
}

/// Undo what was done, newest first, in all of a rollout or a part of it
#[derive(Debug, Args)]
pub struct RollbackArguments {
    #[command(flatten)]
    what: What,
}

#[derive(Debug, Args)]
struct What {
    /// The run; without one, the newest that is not finished
    #[arg(value_name = "RUN")]
    run: Option<String>,
    #[command(flatten)]
    place: PlaceArguments,
    #[command(flatten)]
    state: StateArguments,
}

pub fn hold(arguments: &HoldArguments, output: &Output) -> Exit {
    let what = &arguments.what;
    say(what.run.as_deref(), &Wish::Hold { what: what.place.place() }, &what.state, output)
}

pub fn rollback(arguments: &RollbackArguments, output: &Output) -> Exit {
    let what = &arguments.what;
    say(what.run.as_deref(), &Wish::Rollback { what: what.place.place() }, &what.state, output)
}
