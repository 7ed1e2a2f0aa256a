use clap::{Args, ValueEnum};

use crate::cli::exit::Exit;
use crate::cli::options::StateArguments;
use crate::cli::output::Output;
use crate::cli::said::say;
use crate::engine::Settlement;
use crate::run::Wish;

/// Say how a step ended of which nobody knows, or that a failed host is mended
#[derive(Debug, Args)]
pub struct SettleArguments {
    /// The host
    #[arg(value_name = "HOST")]
    host: String,
    /// What is true of it
    #[arg(value_enum, value_name = "HOW")]
    how: How,
    /// The run; without one, the newest that is not finished
    #[arg(value_name = "RUN")]
    run: Option<String>,
    #[command(flatten)]
    state: StateArguments,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum How {
    /// The step did its work: go on after it
    Done,
    /// It did not: run it again
    Again,
    /// Give the host up: it counts as failed and down
    Failed,
    /// The failed host is in order again, as it was before: it counts as up, and is not changed
    Mended,
}

pub fn run(arguments: &SettleArguments, output: &Output) -> Exit {
    let settlement = match arguments.how {
        How::Done => Settlement::Done,
        How::Again => Settlement::Again,
        How::Failed => Settlement::Failed,
        How::Mended => Settlement::Mended,
    };
    let wish = Wish::Settle { host: arguments.host.clone(), settlement };
    say(arguments.run.as_deref(), &wish, &arguments.state, output)
}
