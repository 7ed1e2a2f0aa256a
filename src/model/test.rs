use crate::inventory::HostSet;
use crate::model::{Claim, Given};
use crate::source::Span;
use crate::time::{Duration, Moment};

/// `test "a failing Sydney never reaches Singapore" { … }`: a scenario, and what must come of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    pub name: String,
    /// The rollout that is tried.
    pub rollout: String,
    /// When it starts; as the rollout says where this says nothing.
    pub starts_at: Option<Moment>,
    /// The only hosts that there are; all of the fleet where nothing is said.
    pub fleet: Option<HostSet>,
    pub draw: Option<Draw>,
    pub givens: Vec<Given>,
    pub expectations: Vec<Expectation>,
    pub span: Span,
    pub name_span: Span,
}

/// `for any …`: what is drawn by lot, again and again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draw {
    /// The fewest and the most hosts; the fleet as it is where nothing is said.
    pub hosts: Option<(u64, u64)>,
    pub failures: u64,
}

/// What must be so in the end, or by a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Expectation {
    pub claim: Claim,
    pub by: Option<By>,
    pub span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Moment(Moment),
    /// Of the rollout's start.
    Within(Duration),
}
