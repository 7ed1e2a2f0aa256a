use crate::model::{Budget, GateId, RegionId, Scope, SiteId};
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
}

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
