#![expect(clippy::disallowed_methods, reason = "the driver that starts processes")]

use std::io::{self, PipeReader, pipe};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use crate::engine::StepResult;
use crate::plan::Plan;
use crate::run::Cutoff;
use crate::run::driver::program::ProgramPath;
use crate::run::driver::wait::{Limits, Stopped, Watch};
use crate::run::driver::{Captured, Driver, Ended, Order};
use crate::time::Duration;

/// Processes on this machine: each in a process group of its own, with nothing to read, what it prints captured.
#[derive(Debug, Clone)]
pub struct Local {
    directory: PathBuf,
    programs: ProgramPath,
    grace: Duration,
}

impl Local {
    /// Between the request to end and the end by force.
    pub const GRACE: Duration = Duration::from_seconds(5);

    pub fn new(directory: impl Into<PathBuf>, command_path: Option<&Path>) -> Local {
        let directory = directory.into();
        Local { programs: ProgramPath::new(directory.clone(), command_path), directory, grace: Local::GRACE }
    }

    pub fn for_plan(plan: &Plan) -> Local {
        Local::new(&plan.directory, plan.command_path.as_deref().map(Path::new))
    }

    pub fn with_grace(self, grace: Duration) -> Local {
        Local { grace, ..self }
    }

    fn start(&self, order: &Order) -> Result<(Child, PipeReader), String> {
        let (name, arguments) = order.arguments.split_first().ok_or("the command has no program")?;
        let program = self.programs.find(name)?;
        // One pipe for both keeps the order in which they were written.
        let (reader, writer) = pipe().map_err(|error| cannot_start(name, &error))?;
        let errors = writer.try_clone().map_err(|error| cannot_start(name, &error))?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .envs(order.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(&self.directory)
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(writer)
            .stderr(errors);
        if let Some(path) = self.programs.variable() {
            command.env("PATH", path);
        }
        let child = command.spawn().map_err(|error| cannot_start(name, &error))?;
        // With `command` our own ends of the pipe are closed, so that the reader comes to an end.
        Ok((child, reader))
    }
}

impl Driver for Local {
    fn perform(&self, order: &Order, cutoff: &Cutoff) -> Ended {
        let (child, reader) = match self.start(order) {
            Ok(started) => started,
            Err(detail) => return Ended::not_started(detail),
        };
        let limits = Limits { time: order.limit, grace: self.grace };
        let end = Watch::new(child, reader).until_it_ends(limits, cutoff);
        let result = match (end.stopped, end.status) {
            (Some(Stopped::CutOff), _) => None,
            (Some(Stopped::AtLimit), _) => Some(StepResult::TimedOut),
            (None, Ok(status)) => Some(result_of(status, &end.output)),
            (None, Err(error)) => {
                Some(StepResult::Failed { detail: format!("nobody could tell how it ended: {error}") })
            }
        };
        Ended { result, output: end.output }
    }
}

fn cannot_start(name: &str, error: &io::Error) -> String {
    format!("`{}` cannot be started: {error}", crate::diagnostic::harmless(name))
}

fn result_of(status: ExitStatus, output: &Captured) -> StepResult {
    let how = match (status.code(), status.signal()) {
        (Some(0), _) => return StepResult::Succeeded,
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("killed by signal {signal}"),
        // INVARIANT: who has ended has a code or a signal.
        (None, None) => "ended without a word".to_owned(),
    };
    let detail = match output.last_line() {
        Some(line) => format!("{how}: {line}"),
        None => how,
    };
    StepResult::Failed { detail }
}
