use std::sync::Arc;

use crate::model::{Budget, GateId, RegionId, Scope, SiteId, TeamId};
use crate::source::Span;

/// A service's place in [`crate::model::Model::services`], and in a plan's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceId(pub u32);

/// `always service mail kept`, `never world started unless australia passed`: judged after every event of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Property {
    pub kind: PropertyKind,
    pub claim: Claim,
    /// While it holds, the claim is excused.
    pub unless: Option<Claim>,
    pub span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PropertyKind {
    /// Broken while the claim does not hold.
    Always,
    /// Broken while the claim holds.
    Never,
}

/// `a and b or c`: one of these groups, of which every term holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    pub any_of: Vec<Vec<Term>>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Term {
    /// None of its budgets is broken.
    ServiceKept(ServiceId),
    State {
        of: Subject,
        state: State,
    },
    /// The gate has ever said so of anything, as its last word on it.
    Gate {
        gate: GateId,
        has_passed: bool,
    },
    MoreThan {
        limit: Budget,
        what: Counted,
        place: CountedIn,
    },
    Hosts {
        hosts: Hosts,
        state: State,
    },
    /// A notice went to the team, or it was asked to approve.
    Told(TeamId),
    /// It is not so.
    Not(Box<Term>),
}

/// Hosts by their places among the targets of the rollout, which is how its plan knows them; in order.
pub type Hosts = Arc<[u32]>;

/// What a claim speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    Rollout,
    /// Its index.
    Stage(u32),
    Region(RegionId),
    Site(SiteId),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// A host of it was ever begun.
    Started,
    /// The run has gone past it: all of its hosts have ended, well or not, and gates, soak and approval are behind it.
    Passed,
    /// Now.
    Held,
    /// Now: something was undone there, and nothing is left that is changed.
    RolledBack,
    /// Now, and every host of it.
    Done,
    /// Now: a host of it failed, or its undo did, and it is not mended or undone.
    Failed,
    /// Now: a host of it is not serving.
    Down,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    Down,
    /// That failed, or whose undo failed, and that are not mended or undone.
    Failed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountedIn {
    /// In any one of them.
    Scope(Scope),
    Service(ServiceId),
}
