use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::options::{Format, ScriptArguments};
use crate::cli::output::Output;
use crate::cli::problems;
use crate::cli::write::write_whole;
use crate::diagnostic::harmless;
use crate::plan;
use crate::report;
use crate::session::Session;
use crate::world::RealWorld;

/// Show who is changed when
#[derive(Debug, Args)]
pub struct PlanArguments {
    #[command(flatten)]
    script: ScriptArguments,
    /// Show every host of every batch
    #[arg(long)]
    hosts: bool,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Save the plan, for `sunup run PLAN`
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
}

pub fn run(arguments: &PlanArguments, output: &Output) -> Exit {
    let session = Session::load(&RealWorld, &arguments.script.script);
    let planned = session.plan(arguments.script.rollout.as_deref(), arguments.script.at);
    let Some(plan) = planned.plan else {
        return problems::report(&planned.problems, &session, arguments.format, output);
    };
    problems::remark(&planned.problems, &session, output);
    match arguments.format {
        Format::Text => output.result(&report::plan_text(
            &plan,
            &report::PlanTextOptions { hosts: arguments.hosts, width: output.width() },
        )),
        Format::Json => output.result(&report::plan_json(&plan)),
    }
    match &arguments.save {
        Some(path) => save(path, &plan::to_json(&plan), output),
        None => Exit::Fine,
    }
}

fn save(path: &Path, text: &str, output: &Output) -> Exit {
    match write_whole(path, text) {
        Ok(()) => {
            output
                .talk(&format!("The plan is in {}. `sunup run {0}` runs it.\n", harmless(&path.display().to_string())));
            Exit::Fine
        }
        Err(error) => {
            output.fault(&format!("error: cannot write `{}`: {error}\n", harmless(&path.display().to_string())));
            Exit::Problems
        }
    }
}
