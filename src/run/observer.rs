use crate::engine::{Status, Waiting};
use crate::plan::Plan;
use crate::run::RunFault;
use crate::time::Moment;

/// Who is told what happens while a run goes on. Everything is on disk before it is told.
pub trait Observer {
    fn told(&mut self, at: Moment, status: &Status, plan: &Plan);

    /// Nothing is under way now: what the run waits for, and when it goes on by itself at the latest.
    fn waits(&mut self, waiting: &[Waiting], until: Option<Moment>, plan: &Plan) {
        let _ = (waiting, until, plan);
    }

    /// Nothing new begins any more. `under_way` processes and probes are waited for first.
    fn stops(&mut self, why: &Stop, under_way: usize) {
        let _ = (why, under_way);
    }
}

/// Why a controller stops before the run has an outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// Somebody asked: what is under way ends first.
    Asked,
    /// Somebody asked twice: what is under way is ended.
    AtOnce,
    /// The journal cannot be written any more.
    Fault(RunFault),
}

/// Listens to nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Observer for Silent {
    fn told(&mut self, _: Moment, _: &Status, _: &Plan) {}
}
