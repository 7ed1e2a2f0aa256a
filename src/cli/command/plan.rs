use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::options::{Format, ScriptArguments};
use crate::cli::output::Output;
use crate::cli::problems;
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

/// The file appears whole or not at all, with the mode that the user's mask allows: a plan is there to be agreed on.
fn save(path: &Path, text: &str, output: &Output) -> Exit {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let written =
        tempfile::Builder::new().permissions(Permissions::from_mode(0o666)).tempfile_in(folder).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(path).map_err(|error| error.error)?;
            Ok(())
        });
    match written {
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
