use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::options::StateArguments;
use crate::cli::output::Output;
use crate::cli::said::say;
use crate::run::Wish;

/// Let a rollout go on that waits for approval
#[derive(Debug, Args)]
pub struct ApproveArguments {
    #[command(flatten)]
    answer: Answer,
}

/// Refuse a rollout the approval that it waits for
#[derive(Debug, Args)]
pub struct DenyArguments {
    #[command(flatten)]
    answer: Answer,
}

#[derive(Debug, Args)]
struct Answer {
    /// The run; without one, the newest that is not finished
    #[arg(value_name = "RUN")]
    run: Option<String>,
    /// The stage that is meant, to be sure
    #[arg(long, value_name = "NAME")]
    stage: Option<String>,
    #[command(flatten)]
    state: StateArguments,
}

pub fn approve(arguments: &ApproveArguments, output: &Output) -> Exit {
    let answer = &arguments.answer;
    say(answer.run.as_deref(), &Wish::Approve { stage: answer.stage.clone() }, &answer.state, output)
}

pub fn deny(arguments: &DenyArguments, output: &Output) -> Exit {
    let answer = &arguments.answer;
    say(answer.run.as_deref(), &Wish::Deny { stage: answer.stage.clone() }, &answer.state, output)
}
