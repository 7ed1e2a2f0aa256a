use crate::engine::{Answer, StepResult};
use crate::run::Cutoff;
use crate::run::driver::{Driver, Local, Order};
use crate::run::probe::Answered;

/// Exit code 0 passes, any other end fails. One that cannot be started, or does not end in time, has said nothing.
pub(super) fn ask(local: &Local, order: &Order, cutoff: &Cutoff) -> Answered {
    let ended = local.perform(order, cutoff);
    let last = ended.output.last_line();
    let (answer, detail) = match ended.result {
        None => (None, String::new()),
        Some(StepResult::Succeeded) => (Some(Answer::Pass), last.unwrap_or_default()),
        Some(StepResult::Failed { detail }) => (Some(Answer::Fail), detail),
        Some(StepResult::TimedOut) => (Some(Answer::Unknown), format!("no answer within {}", order.limit)),
        Some(StepResult::NotStarted { detail }) => (Some(Answer::Unknown), detail),
    };
    Answered { answer, detail, output: ended.output }
}
