use crate::source::Span;
use crate::syntax::ast::{At, Budget, Command, Expression, Name, Text};
use crate::time::Duration;

/// `gate mailflow per host { run "…" every 30s within 10m }`
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    pub name: Name,
    pub per: At<Per>,
    pub members: Vec<GateMember>,
}

/// What a gate is asked of, once each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    Host,
    Site,
    Region,
    Batch,
}

#[derive(Debug, Clone, PartialEq)]
pub enum GateMember {
    Probe {
        probe: Probe,
        span: Span,
    },
    /// Between two askings.
    Every(At<Duration>),
    /// How long it may go on failing before the gate fails.
    Within(At<Duration>),
    /// How long it must go on passing before the gate passes.
    For(At<Duration>),
    /// How many more times it is asked, where there is no `within`.
    Retry(At<u64>),
    /// The limit on one asking.
    Timeout(At<Duration>),
    /// Of so many askings, how many fail.
    Fails(At<Budget>),
}

#[derive(Debug, Clone, PartialEq)]
pub enum Probe {
    /// `run "probe {host.name}"`: exit 0 passes.
    Run(Command),
    /// `tcp host.address 25`: a connection passes.
    Tcp { address: Expression, port: At<u64> },
    /// `http "http://{host.address}/health" status 200`
    Http { url: Text, status: Option<At<u64>> },
}
