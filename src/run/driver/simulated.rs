use crate::engine::StepResult;
use crate::run::Cutoff;
use crate::run::driver::{Captured, Driver, Ended, Order};

/// No process: every order succeeds. That it stands on the clock for as long as the step takes is the controller's part.
#[derive(Debug, Clone, Copy, Default)]
pub struct Simulated;

impl Driver for Simulated {
    fn perform(&self, _: &Order, _: &Cutoff) -> Ended {
        Ended { result: Some(StepResult::Succeeded), output: Captured::default() }
    }

    fn is_instant(&self) -> bool {
        true
    }
}
