use crate::source::Span;
use crate::syntax::ast::{At, Budget, Command, Expression, Name};
use crate::time::Duration;

#[derive(Debug, Clone, PartialEq)]
pub struct Runbook {
    pub name: Name,
    pub steps: Vec<Step>,
}

/// `step install { run package.install  undo package.uninstall  takes 20m  timeout 1h  down }`
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    pub name: Name,
    pub members: Vec<StepMember>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum StepMember {
    Run(Run),
    Undo(Undo),
    /// Exit 0 says that the step's effect is there.
    Verify(Command),
    /// `takes 20m`, or `takes 20m to 40m`.
    Takes {
        least: At<Duration>,
        most: Option<At<Duration>>,
    },
    /// Of so many attempts, how many fail.
    Fails(At<Budget>),
    /// The limit on one attempt.
    Timeout(At<Duration>),
    /// `retry 2 every 30s`: more attempts after the first.
    Retry {
        times: At<u64>,
        every: Option<At<Duration>>,
    },
    /// The host does not serve during it.
    Down(Span),
    /// It may run before the window opens.
    Ahead(Span),
    /// Takes a workaround away, on the hosts that have it.
    Lift {
        workaround: Name,
        span: Span,
    },
}

/// `run "…" then wait tcp host.address 25 within 15m`
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    pub command: Command,
    pub wait: Option<Wait>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Wait {
    pub address: Expression,
    pub port: At<u64>,
    pub within: At<Duration>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Undo {
    /// `undo "…"`
    Command(Command),
    /// `needs no undo`
    NotNeeded(Span),
    /// `cannot be undone`
    Impossible(Span),
}
