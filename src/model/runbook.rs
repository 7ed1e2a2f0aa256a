use crate::model::{Argument, Command, WorkaroundId};
use crate::source::Span;
use crate::time::Duration;

#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    pub name: String,
    pub run: Action,
    pub wait: Option<Wait>,
    pub undo: Undo,
    pub verify: Option<Action>,
    /// How long it lasts at the longest where all is well, the wait in it; a minute where nothing is said. A plan counts
    /// with it.
    pub takes: Duration,
    /// At the shortest; none where one length is said.
    pub takes_at_least: Option<Duration>,
    /// Of a hundred attempts so many fail by chance; a plan counts on none, a simulation throws dice.
    pub fails: f64,
    /// The limit on one attempt of its command. Where nothing is said an hour, or twice what the step takes where that is longer.
    pub timeout: Duration,
    pub retry: Retry,
    /// The host does not serve during it.
    pub down: bool,
    /// Runs as soon as the turn of the host's region begins, before its batch and outside of windows. Such steps come
    /// first and are never `down`.
    pub ahead: bool,
    /// It lifts this workaround: passed over on hosts that do not have it.
    pub lifts: Option<WorkaroundId>,
    pub span: Span,
}

/// What a step runs.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    Command(Command),
    /// The command of that name of the host's package.
    PackageInstall,
    PackageUninstall,
    PackageVerify,
}

/// `then wait tcp host.address 25 within 15m`, asked every five seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Wait {
    pub address: Argument,
    pub port: u16,
    pub within: Duration,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Undo {
    Action(Action),
    NotNeeded,
    Impossible,
}

/// More attempts after the first, and the pause before each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    pub times: u64,
    pub every: Duration,
}
