//! The ways to reach a host, one file each.
//!
//! In: an [`Order`], split into arguments. Out: how it ended, and what it printed. Never: decides whether to try again,
//! hands a text to a shell. A new driver passes `tests/drivers.rs`. Start at [`Driver`].

mod local;
mod output;
mod program;
mod simulated;
mod wait;

use std::fmt;

use crate::engine::StepResult;
use crate::run::Cutoff;
use crate::time::Duration;

pub use local::Local;
pub use output::Captured;
pub use simulated::Simulated;

/// One way to reach hosts.
pub trait Driver: Send + Sync + fmt::Debug {
    /// Carries the order out and waits for its end, at most as long as its limit and a grace. Where `cutoff` is pulled,
    /// it ends what it began and comes back soon.
    fn perform(&self, order: &Order, cutoff: &Cutoff) -> Ended;

    /// Whether it answers at once and touches nothing.
    fn is_instant(&self) -> bool {
        false
    }
}

/// A command for one host.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Order {
    /// The program and its arguments. Not empty.
    pub arguments: Vec<String>,
    /// Beside what our own environment says.
    pub variables: Vec<(&'static str, String)>,
    pub limit: Duration,
}

/// How an order ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// None where it was cut off, so that nobody can tell what it did.
    pub result: Option<StepResult>,
    pub output: Captured,
}

impl Ended {
    fn not_started(detail: String) -> Ended {
        Ended { result: Some(StepResult::NotStarted { detail }), output: Captured::default() }
    }
}
