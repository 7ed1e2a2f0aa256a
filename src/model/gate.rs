use crate::model::{Argument, Command};
use crate::source::Span;
use crate::time::Duration;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GateId(pub u32);

/// Passes when its probe passes (and goes on passing for `lasts_for`); fails when it still fails at the end of `within`,
/// or after `retries` more askings where there is no `within`. An answer that is neither is unknown, and holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    pub name: String,
    pub per: Per,
    pub probe: Probe,
    /// Between two askings; 30 s where nothing is said.
    pub every: Duration,
    pub within: Option<Duration>,
    /// `for 15m`
    pub lasts_for: Duration,
    pub retries: u64,
    /// The limit on one asking; 30 s where nothing is said.
    pub timeout: Duration,
    /// Of a hundred askings so many fail by chance; a run counts on none, a simulation throws dice.
    pub fails: f64,
    pub span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    Host,
    Site,
    Region,
    Batch,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Probe {
    Command(Command),
    Tcp { address: Argument, port: u16 },
    Http { url: Argument, status: u16 },
}
