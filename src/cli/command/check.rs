use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::mend;
use crate::cli::options::{ProblemFormat, ScriptArguments};
use crate::cli::output::Output;
use crate::cli::problems;
use crate::diagnostic::Problems;
use crate::session::Session;
use crate::world::RealWorld;

/// Check a script against its inventory
///
/// The exit code is that of the files as they are when the command ends: 1 where they have an error.
#[derive(Debug, Args)]
pub struct CheckArguments {
    #[command(flatten)]
    script: ScriptArguments,
    /// How problems are printed
    #[arg(long, value_enum, default_value_t = ProblemFormat::Fancy)]
    format: ProblemFormat,
    /// Apply the fixes that need no choice, to the script and its own modules, and check what came of it
    #[arg(long)]
    fix: bool,
    /// Change nothing; print what --fix would change
    #[arg(long, conflicts_with = "format")]
    diff: bool,
}

pub fn run(arguments: &CheckArguments, output: &Output) -> Exit {
    let script = &arguments.script.script;
    let find = |session: &Session| find(session, arguments);
    if arguments.diff {
        mend::show(&Session::mended(&RealWorld, script, find), output);
        let session = Session::load(&RealWorld, script);
        return exit(&find(&session));
    }
    let is_written = !arguments.fix || mend::write(&Session::mended(&RealWorld, script, find), output);
    let session = Session::load(&RealWorld, script);
    let found = find(&session);
    let text =
        problems::render(&found, &session.sources, arguments.format, output.width(), output.answers_to_terminal());
    output.result(&text);
    output.talk(&problems::summary(&found, &session));
    if is_written { exit(&found) } else { Exit::Problems }
}

fn find(session: &Session, arguments: &CheckArguments) -> Problems {
    match &arguments.script.rollout {
        Some(name) => session.plan(Some(name), arguments.script.at).problems,
        None => session.check_plans(arguments.script.at),
    }
}

fn exit(found: &Problems) -> Exit {
    if found.has_errors() { Exit::Problems } else { Exit::Fine }
}
