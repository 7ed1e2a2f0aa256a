use chrono::NaiveTime;

use crate::inventory::{FieldId, HostSet, Value};
use crate::model::{
    Budget, Command, Connection, Gate, GateId, Policy, Property, Refinement, Region, RegionId, Service, Site, SiteId,
    Step, Team, TeamId, Test,
};
use crate::source::Span;
use crate::time::{Duration, Moment};

/// Everything that a script says, checked against its fleet.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    pub regions: Vec<Region>,
    /// In the order of their first hosts. Every host of a region is in exactly one site.
    pub sites: Vec<Site>,
    pub services: Vec<Service>,
    pub teams: Vec<Team>,
    pub rollouts: Vec<Rollout>,
    pub policies: Vec<Policy>,
    /// Of the rollouts above, in the order of the files.
    pub tests: Vec<Test>,
    /// How hosts are reached that say nothing themselves; none where the script has no `connect`.
    pub connection: Option<Connection>,
    /// `path` of `connect local`, as written.
    pub command_path: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Rollout {
    pub name: String,
    pub bulletin: Bulletin,
    /// The steps of its runbook, in order.
    pub steps: Vec<Step>,
    pub runbook: String,
    pub targets: HostSet,
    pub starts_at: Option<Moment>,
    pub deadline: Option<Deadline>,
    pub gates: Vec<Gate>,
    /// Those that a step lifts.
    pub workarounds: Vec<Workaround>,
    pub stages: Vec<Stage>,
    /// At most one a region.
    pub refinements: Vec<Refinement>,
    pub rules: Vec<Rule>,
    pub properties: Vec<Property>,
    pub span: Span,
    pub targets_span: Span,
}

/// By when all of it must have ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadline {
    pub at: DeadlineAt,
    pub span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeadlineAt {
    Moment(Moment),
    AfterStart(Duration),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Bulletin {
    pub name: String,
    pub title: Option<String>,
    pub severity: Option<StatedSeverity>,
    pub released_at: Option<Moment>,
    pub packages: Vec<Package>,
    pub span: Span,
}

/// `severity critical`; `severity at most critical` while only the notice is out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatedSeverity {
    pub level: Severity,
    pub at_most: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Low,
    Moderate,
    Important,
    Critical,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageId(pub u32);

/// The form of a bulletin that one kind of host gets.
#[derive(Debug, Clone, PartialEq)]
pub struct Package {
    pub name: String,
    /// The hosts of the fleet that it is for.
    pub hosts: HostSet,
    pub install: Option<Command>,
    pub uninstall: Option<Command>,
    pub verify: Option<Command>,
    pub severity: Option<StatedSeverity>,
    pub span: Span,
}

/// A workaround's place in [`Rollout::workarounds`], and in a plan's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkaroundId(pub u32);

/// A stopgap for a bulletin.
#[derive(Debug, Clone, PartialEq)]
pub struct Workaround {
    pub name: String,
    /// The hosts of the fleet that have it.
    pub hosts: HostSet,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    pub name: String,
    pub kind: StageKind,
    pub pick: Pick,
    pub order: RegionOrder,
    /// Of the hosts of a lane, the first key first; hosts alike in all are in the inventory's order.
    pub order_by: Vec<OrderKey>,
    pub batch: Option<Batch>,
    /// In the place of `batch`, never beside it.
    pub at_once: Option<AtOnce>,
    pub soak: Duration,
    pub gates: Vec<GateId>,
    pub approval: Option<Approval>,
    pub finish_before: Option<Finish>,
    pub span: Span,
    pub name_span: Span,
    /// Where it is said which hosts it takes; none where nothing is.
    pub pick_span: Option<Span>,
    pub soak_span: Option<Span>,
    pub finish_span: Option<Span>,
}

/// What every batch must have ended by: the first after its window opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// Local.
    Time(NaiveTime),
    /// At the site.
    Sunrise,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StageKind {
    GuineaPig,
    Wave,
}

/// Which hosts a stage takes of the targets that no earlier stage took.
#[derive(Debug, Clone, PartialEq)]
pub enum Pick {
    Rest,
    Hosts(HostSet),
    /// One for each combination of these fields' values, and of the packages where `package` is said.
    OnePer {
        fields: Vec<FieldId>,
        package: bool,
    },
    Amount(Budget),
    Regions(Vec<RegionId>),
    Sites(Vec<SiteId>),
}

#[derive(Debug, Clone, PartialEq)]
pub enum RegionOrder {
    /// Also where nothing is said.
    Together,
    InOrder(Vec<RegionId>),
    FollowingTheSun {
        from: Option<RegionId>,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub struct OrderKey {
    pub field: FieldId,
    pub order: HostOrder,
}

/// Hosts that lack the field come last.
#[derive(Debug, Clone, PartialEq)]
pub enum HostOrder {
    Ascending,
    Descending,
    /// Those with these values in this order, then all others.
    First(Vec<Value>),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    pub amount: Budget,
    /// Site or region.
    pub scope: Scope,
    pub at_most: Option<u64>,
    pub span: Span,
}

/// `at most 10 at once per site`: a window that slides over the hosts, each of which is a batch of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct AtOnce {
    pub most: u64,
    /// Site or region.
    pub scope: Scope,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Approval {
    pub team: TeamId,
    pub within: Option<Duration>,
    pub otherwise: Otherwise,
    pub span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Otherwise {
    Hold,
    Rollback,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    pub condition: Condition,
    pub actions: Vec<Act>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    GateFailed(Option<GateId>),
    GateUnknown(Option<GateId>),
    /// The index of the step.
    StepFailed(Option<u32>),
    MoreThanFailed {
        limit: Budget,
        scope: Scope,
    },
    RegionsHeld(u64),
    /// The planned end, shifted by how late the run is, comes after the deadline.
    DeadlineAtRisk,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Hold(Scope),
    Rollback(Scope),
    Notify(Recipient),
}

/// Who is told of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipient {
    Team(TeamId),
    /// The teams that own the regions that it is about.
    Owner,
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
