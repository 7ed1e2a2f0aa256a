use chrono::NaiveTime;

use crate::source::Span;
use crate::syntax::ast::{At, Budget, Expression, Name, Property};
use crate::time::Duration;

#[derive(Debug, Clone, PartialEq)]
pub struct Rollout {
    pub name: Name,
    pub members: Vec<RolloutMember>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum RolloutMember {
    /// `apply MS07-026 with patch-exchange`
    Apply {
        bulletin: Name,
        runbook: Name,
        span: Span,
    },
    /// `to product == "exchange"`
    To(Expression),
    /// `start patch-tuesday(2007-05) at 18:00 UTC`
    Start(Expression),
    Deadline(Deadline),
    Stage(Stage),
    /// `stages three-rings { gate pages }`: the stages of that name, the members said of each of them.
    Stages {
        stages: Name,
        members: Vec<StageMember>,
        span: Span,
    },
    Rule(Rule),
    Property(Property),
}

/// `deadline 14d after released`
#[derive(Debug, Clone, PartialEq)]
pub struct Deadline {
    pub kind: DeadlineKind,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum DeadlineKind {
    After { length: At<Duration>, base: At<DeadlineBase> },
    Moment(Expression),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeadlineBase {
    /// Of the bulletin.
    Released,
    /// Of the rollout.
    Start,
}

/// `stages three-rings { guinea-pig ring-0 { … }  wave ring-1 { … } }`
#[derive(Debug, Clone, PartialEq)]
pub struct Stages {
    pub name: Name,
    pub stages: Vec<Stage>,
}

/// `guinea-pig lab { … }` or `wave world { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    pub kind: StageKind,
    pub name: Name,
    pub members: Vec<StageMember>,
    pub span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StageKind {
    GuineaPig,
    Wave,
}

#[derive(Debug, Clone, PartialEq)]
pub enum StageMember {
    Pick {
        pick: Pick,
        span: Span,
    },
    Order {
        order: RegionOrder,
        span: Span,
    },
    /// `order by role first "passive" then "active", version descending`
    OrderBy {
        keys: Vec<OrderKey>,
        span: Span,
    },
    Batch(Batch),
    AtOnce(AtOnce),
    Soak(At<Duration>),
    /// `gate mailflow, queue`
    Gates(Vec<Name>),
    Approval(Approval),
    /// `finish before 05:00`, `finish before sunrise`
    FinishBefore(At<Finish>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// Local.
    Time(NaiveTime),
    Sunrise,
}

#[derive(Debug, Clone, PartialEq)]
pub struct OrderKey {
    pub field: Name,
    pub direction: OrderDirection,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum OrderDirection {
    Ascending,
    Descending,
    /// These values in this order, all others after them.
    First(Vec<Expression>),
}

/// `at most 10 at once per site`
#[derive(Debug, Clone, PartialEq)]
pub struct AtOnce {
    pub most: At<u64>,
    /// A region where none is said.
    pub scope: Option<At<Scope>>,
    pub span: Span,
}

/// Which hosts a stage takes of those that no earlier stage took. Without one: all that are left.
#[derive(Debug, Clone, PartialEq)]
pub enum Pick {
    /// `hosts os == "XP"`
    Where(Expression),
    /// `hosts one per package`, `hosts one per version, site`
    OnePer(Vec<Name>),
    /// `hosts 10%`, `hosts 5`
    Amount(Budget),
    /// `region australia, japan`
    Regions(Vec<Name>),
    /// `site "sydney", "perth"`
    Sites(Vec<At<String>>),
}

#[derive(Debug, Clone, PartialEq)]
pub enum RegionOrder {
    /// `regions together`
    Together,
    /// `regions in order japan, asia`
    InOrder(Vec<Name>),
    /// `regions following the sun from japan`
    FollowingTheSun { from: Option<Name> },
}

/// `batch 25% of site at most 4`, `batch 1 per site`, `batch 10`
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    pub amount: At<Budget>,
    /// `per site`/`of site`, `per region`/`of region`; a region where none is said.
    pub scope: Option<At<Scope>>,
    pub at_most: Option<At<u64>>,
    pub span: Span,
}

/// `approve by global within 8h else hold`
#[derive(Debug, Clone, PartialEq)]
pub struct Approval {
    pub team: Name,
    pub within: Option<At<Duration>>,
    /// Without one: hold.
    pub otherwise: Option<At<Otherwise>>,
    pub span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Otherwise {
    Hold,
    Rollback,
}

/// `on gate failed { rollback batch hold region }`
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    pub condition: Condition,
    pub condition_span: Span,
    pub actions: Vec<At<Action>>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// `on gate failed`, `on gate mailflow failed`
    GateFailed { gate: Option<Name> },
    /// `on gate unknown`
    GateUnknown { gate: Option<Name> },
    /// `on step failed`, `on step install failed`
    StepFailed { step: Option<Name> },
    /// `on more than 2% failed in region`, `on more than 3 failed in rollout`
    MoreThanFailed { limit: At<Budget>, scope: At<Scope> },
    /// `on 2 regions held`
    RegionsHeld { count: At<u64> },
    /// `on deadline at risk`
    DeadlineAtRisk,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    Hold(Scope),
    Rollback(Scope),
    /// Teams, and `owner` for those that own the regions that it is about.
    Notify(Vec<Name>),
}

/// How much of a rollout: from one host to all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    Host,
    Batch,
    Site,
    Region,
    Stage,
    Rollout,
}
