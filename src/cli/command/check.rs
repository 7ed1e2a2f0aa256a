use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::options::{ProblemFormat, ScriptArguments};
use crate::cli::output::Output;
use crate::cli::problems;
use crate::session::Session;
use crate::world::RealWorld;

/// Check a script against its inventory
#[derive(Debug, Args)]
pub struct CheckArguments {
    #[command(flatten)]
    script: ScriptArguments,
    /// How problems are printed
    #[arg(long, value_enum, default_value_t = ProblemFormat::Fancy)]
    format: ProblemFormat,
}

pub fn run(arguments: &CheckArguments, output: &Output) -> Exit {
    let session = Session::load(&RealWorld, &arguments.script.script);
    let found = match &arguments.script.rollout {
        Some(name) => session.plan(Some(name), arguments.script.at).problems,
        None => session.check_plans(arguments.script.at),
    };
    let text =
        problems::render(&found, &session.sources, arguments.format, output.width(), output.answers_to_terminal());
    output.result(&text);
    output.talk(&problems::summary(&found, &session));
    if found.has_errors() { Exit::Problems } else { Exit::Fine }
}
