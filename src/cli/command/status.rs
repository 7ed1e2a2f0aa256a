use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::options::{Format, StateArguments};
use crate::cli::output::Output;
use crate::cli::{problems, state};
use crate::report;
use crate::run::{History, runs};

/// Show how far a run is, what it waits for, and who said what
#[derive(Debug, Args)]
pub struct StatusArguments {
    /// The run; without one, the newest
    #[arg(value_name = "RUN")]
    run: Option<String>,
    /// List all runs
    #[arg(long, conflicts_with = "run")]
    all: bool,
    #[command(flatten)]
    state: StateArguments,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub fn run(arguments: &StatusArguments, output: &Output) -> Exit {
    let text = state::existing(&arguments.state).and_then(|folder| match (arguments.all, arguments.format) {
        (true, Format::Text) => Ok(report::runs_text(&runs(&folder)?, output.width())),
        (true, Format::Json) => Ok(report::runs_json(&runs(&folder)?)),
        (false, Format::Text) => {
            Ok(report::status_text(&History::read(&folder, arguments.run.as_deref())?, output.width()))
        }
        (false, Format::Json) => Ok(report::status_json(&History::read(&folder, arguments.run.as_deref())?)),
    });
    match text {
        Ok(text) => {
            output.result(&text);
            Exit::Fine
        }
        Err(fault) => problems::run_fault(&fault, output),
    }
}
