use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::problems;
use crate::engine::{HostState, Outcome, Status, Waiting};
use crate::plan::Plan;
use crate::report;
use crate::run::{Controller, Observer, RunFault, Stop};
use crate::time::{Moment, show_utc};

/// Carries a run on with its progress on the terminal, and gives the exit code of how it ended.
pub fn carry_on(begun: Result<Controller, RunFault>, output: &Output) -> Exit {
    let controller = match begun {
        Ok(controller) => controller,
        Err(fault) => return problems::run_fault(&fault, output),
    };
    let run = controller.run().to_owned();
    output.talk(&format!("Run {run}\n"));
    let mut progress = Progress::new(controller.plan(), output);
    let ended = controller.carry_on(&mut progress);
    progress.bar.finish_and_clear();
    match ended {
        Ok(end) => {
            let words = match (end.outcome, &end.stop) {
                (Some(outcome), _) => report::outcome_sentence(outcome).to_owned(),
                (None, _) => "The run was stopped; nothing is lost.".to_owned(),
            };
            let exit = match end.outcome {
                Some(Outcome::Complete) => Exit::Fine,
                Some(Outcome::Held | Outcome::RolledBack) | None => Exit::Stopped,
            };
            let next = match end.outcome {
                Some(Outcome::Complete | Outcome::RolledBack) => format!("`sunup status {run}` shows it."),
                Some(Outcome::Held) | None => {
                    format!(
                        "`sunup status {run}` shows why; `sunup resume {run}` goes on, `sunup rollback {run}` undoes it."
                    )
                }
            };
            output.result(&format!("{words} {next}\n"));
            exit
        }
        Err(fault) => {
            let exit = problems::run_fault(&fault, output);
            output.talk(&format!("What was recorded is safe. `sunup resume {run}` goes on once that is mended.\n"));
            exit
        }
    }
}

/// A line for each thing that people want to know, and a bar where there is a terminal.
struct Progress<'o> {
    bar: ProgressBar,
    output: &'o Output,
}

impl<'o> Progress<'o> {
    fn new(plan: &Plan, output: &'o Output) -> Self {
        let has_bar = output.talks_to_terminal() && !output.is_quiet();
        let target = if has_bar { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(plan.hosts.len() as u64), target);
        // INVARIANT: the template is a constant that is known to be one.
        if let Ok(style) = ProgressStyle::with_template("{bar:32} {pos} of {len} hosts  {msg}") {
            bar.set_style(style);
        }
        Self { bar, output }
    }

    fn say(&self, line: &str) {
        if self.bar.is_hidden() {
            self.output.talk(&format!("{line}\n"));
        } else {
            self.bar.println(line);
        }
    }
}

impl Observer for Progress<'_> {
    fn told(&mut self, at: Moment, status: &Status, plan: &Plan) {
        if let Status::HostChanged { state: HostState::Done, .. } = status {
            self.bar.inc(1);
        }
        if matches!(status, Status::Finished { .. }) {
            return;
        }
        if let Some(line) = report::progress_line(at, status, plan) {
            self.say(&line);
        }
    }

    fn waits(&mut self, waiting: &[Waiting], until: Option<Moment>, plan: &Plan) {
        let first = waiting.first().map(|waiting| report::waiting_sentence(waiting, plan)).unwrap_or_default();
        // The sentence of an approval says itself until when it is waited for.
        let until = until.filter(|_| !matches!(waiting.first(), Some(Waiting::Approval { .. })));
        let until = until.map_or_else(String::new, |until| format!(" (goes on {})", show_utc(until)));
        self.say(&format!("  waiting: {first}{until}"));
    }

    fn stops(&mut self, why: &Stop, under_way: usize) {
        let words = match why {
            Stop::Asked => format!("stopping: {under_way} under way are waited for; once more stops them at once"),
            Stop::AtOnce => "stopping at once".to_owned(),
            Stop::Fault(fault) => format!("stopping: {fault}; {under_way} under way are waited for"),
        };
        self.say(&words);
    }
}
