use std::sync::Arc;

use indexmap::IndexMap;

use crate::model::{
    Approval, Budget, Command, Connection, Finish, Gate, GateId, PackageId, Property, RegionId, Rule, Scope, SiteId,
    StageKind, StatedSeverity, Step, Team, TeamId, WorkaroundId,
};
use crate::time::{Bound, Coordinates, Duration, Interval, Moment, Schedule};

/// A host's place in [`Plan::hosts`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostIdx(pub u32);

/// One rollout with times: who is changed when, by what, within which budgets, past which gates. It is a contract: a run
/// needs nothing else.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    pub rollout: String,
    pub bulletin: String,
    pub title: Option<String>,
    pub severity: Option<StatedSeverity>,
    pub runbook: String,
    /// The script as it was named on the command line.
    pub script: String,
    pub starts_at: Moment,
    /// The earliest end of the last stage.
    pub ends_at: Moment,
    pub deadline: Option<Moment>,
    /// The version of the zone database that the times were worked out with.
    pub zone_data: String,
    pub fingerprint: Fingerprint,
    /// All regions of the model; those without a target have no turn.
    pub regions: Vec<PlanRegion>,
    pub sites: Vec<PlanSite>,
    pub teams: Vec<Team>,
    /// The targets, in the inventory's order.
    pub hosts: Vec<PlanHost>,
    /// What the commands' holes are filled with: `host.name`, `host.address`, …; one for each value that a command names.
    pub values: IndexMap<String, ValueColumn>,
    pub packages: Vec<PlanPackage>,
    /// Those that a step lifts.
    pub workarounds: Vec<PlanWorkaround>,
    /// Every group of every budget that a target is in.
    pub budgets: Vec<BudgetGroup>,
    pub steps: Vec<Step>,
    pub gates: Vec<Gate>,
    pub stages: Vec<StagePlan>,
    /// What regions' teams have tightened, at most one a region. Their windows and freezes are those of `sites`.
    pub refinements: Vec<PlanRefinement>,
    pub rules: Vec<Rule>,
    /// What must hold at every moment, as the script says.
    pub properties: Vec<Property>,
    /// All services of the model; those without a target have no hosts here.
    pub services: Vec<PlanService>,
    /// `path` of `connect local`; absolute, once the session has made it so.
    pub command_path: Option<String>,
    /// The folder in which local processes start: the script's; absolute, once the session has made it so.
    pub directory: String,
}

/// Covers everything that the plan was made from: the script and its modules, the inventory, calendars, zone data.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fingerprint {
    /// Hex SHA-256 over all inputs' hashes.
    pub whole: String,
    pub inputs: Vec<Input>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// `script`, `module`, `inventory`, `calendar`, `zone data`
    pub kind: String,
    pub name: String,
    /// Hex SHA-256.
    pub hash: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanRegion {
    pub name: String,
    pub owner: Option<TeamId>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct PlanSite {
    pub name: String,
    pub region: RegionId,
    pub schedule: Arc<Schedule>,
    pub coordinates: Option<Coordinates>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanHost {
    pub name: Arc<str>,
    pub site: SiteId,
    pub package: PackageId,
    /// None where neither the script nor the host says how it is reached.
    pub connection: Option<Connection>,
    /// Index into [`Plan::stages`].
    pub stage: u32,
}

/// One value a host, each distinct text once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ValueColumn {
    pub texts: Vec<Arc<str>>,
    /// For each host the index of its text; `u32::MAX` where it has none.
    pub codes: Vec<u32>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct PlanPackage {
    pub name: String,
    pub install: Option<Command>,
    pub uninstall: Option<Command>,
    pub verify: Option<Command>,
}

/// A service as a claim counts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanService {
    pub name: String,
    /// All of its hosts, targets or not.
    pub size: u32,
    /// The targets among them, in order.
    pub hosts: Vec<HostIdx>,
}

/// A stopgap, and the targets that have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanWorkaround {
    pub name: String,
    /// In order.
    pub hosts: Vec<HostIdx>,
}

/// One service's budget over one group of its hosts: `mail, cluster sydney-exchange-1`.
#[derive(Debug, Clone, PartialEq)]
pub struct BudgetGroup {
    pub service: String,
    /// `cluster sydney-exchange-1`; empty where the budget is over the whole service.
    pub group: String,
    /// As written: `at least 50% up`.
    pub rule: String,
    /// All hosts of the group, targets or not.
    pub size: u32,
    /// How many must stay up.
    pub keep: u32,
    /// The targets in it, in order. (A host that is not a target stays up.)
    pub hosts: Vec<HostIdx>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct StagePlan {
    pub name: String,
    pub kind: StageKind,
    /// False: the turns come one after the other, each when the one before is through (or held).
    pub together: bool,
    /// In which order the hosts of a lane go, as written: `role first "passive"`; none for the inventory's.
    pub order_by: Option<String>,
    pub turns: Vec<RegionTurn>,
    pub batch: Option<BatchLimit>,
    /// In the place of `batch`.
    pub at_once: Option<AtOnceLimit>,
    pub soak: Duration,
    pub gates: Vec<GateId>,
    pub approval: Option<Approval>,
    pub finish_before: Option<Finish>,
    pub starts_at: Moment,
    /// After the soak and the gates that are asked after it; the next stage starts here.
    pub ends_at: Moment,
}

/// The `batch` member as written.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchLimit {
    pub amount: Budget,
    pub scope: Scope,
    pub at_most: Option<u64>,
}

/// The `at most … at once` member as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AtOnceLimit {
    pub most: u64,
    pub scope: Scope,
}

/// What a region's team has tightened: it holds in every stage in which the region takes part.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanRefinement {
    pub region: RegionId,
    /// Its windows and freezes where it has its own, as written, for people; they hold through the schedules of its sites.
    pub times: Vec<String>,
    /// In the place of what the stages say.
    pub batch: Option<BatchLimit>,
    pub at_once: Option<AtOnceLimit>,
    /// As written; the soak of a stage is the longest of those of its regions.
    pub soak: Option<Duration>,
    /// Asked beside those of the stages.
    pub gates: Vec<GateId>,
    /// Holds beside what the stages say.
    pub finish_before: Option<Finish>,
}

/// A region's part in a stage.
#[derive(Debug, Clone, PartialEq)]
pub struct RegionTurn {
    pub region: RegionId,
    /// Run at the same time; one a site where the batch is of a site, else one.
    pub lanes: Vec<Lane>,
}

/// Batches that begin in their order: each when one before it is through its gates, so that no more than `width` are under
/// way at once.
#[derive(Debug, Clone, PartialEq)]
pub struct Lane {
    /// Where the batches are of a site.
    pub site: Option<SiteId>,
    /// 1 where each batch waits for the one before it; `at most N at once` makes it N, and each batch one host.
    pub width: u32,
    pub batches: Vec<BatchPlan>,
}

/// Hosts changed at the same moment; all have the same schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchPlan {
    pub hosts: Vec<HostIdx>,
    /// The earliest start, inside the window.
    pub starts_at: Moment,
    /// The start and what the steps take on the host on which they take longest, those that ran ahead left out.
    pub ends_at: Moment,
    /// The open stretch that it runs in, as far as it lay ahead of those who waited for it; none where it is always open.
    pub window: Option<Interval>,
}

/// What `finish before` means at a place. Without one nobody knows when the sun rises: `make` makes no such plan.
pub(super) fn bounds(finishes: impl Iterator<Item = Finish>, place: Option<Coordinates>) -> Vec<Bound> {
    let bound = |finish| match finish {
        Finish::Time(time) => Some(Bound::Time(time)),
        Finish::Sunrise => place.map(Bound::Sunrise),
    };
    finishes.filter_map(bound).collect()
}

impl BudgetGroup {
    /// How many may be down at once; none where more must stay up than there are.
    pub fn most_down(&self) -> u32 {
        self.size.saturating_sub(self.keep)
    }
}

impl Plan {
    /// What all steps take together, those that run ahead left out.
    pub fn batch_length(&self) -> Duration {
        self.steps.iter().filter(|step| !step.ahead).map(|step| step.takes).sum()
    }

    /// What the steps that run ahead take together.
    pub fn ahead_length(&self) -> Duration {
        self.steps.iter().filter(|step| step.ahead).map(|step| step.takes).sum()
    }

    /// How many steps run ahead; they come first.
    pub fn ahead_steps(&self) -> u32 {
        self.steps.iter().take_while(|step| step.ahead).count() as u32
    }

    /// What a host's steps take together in its batch.
    pub fn length_on(&self, host: HostIdx) -> Duration {
        length_on(&self.steps, &self.workarounds, host)
    }

    /// Whether a host passes over a step, since it has not what the step lifts.
    pub fn passes_over(&self, host: HostIdx, step: &Step) -> bool {
        passes_over(&self.workarounds, host, step)
    }

    /// INVARIANT: every `HostIdx` of a plan is one of its hosts; `from_json` checks it for a loaded one.
    pub fn host(&self, idx: HostIdx) -> &PlanHost {
        &self.hosts[idx.0 as usize]
    }

    /// What a batch of a stage must have ended by at a site.
    ///
    /// INVARIANT: both are of this plan; where a stage ends before sunrise, every site of its hosts has coordinates.
    pub fn bounds(&self, stage: u32, site: SiteId) -> Vec<Bound> {
        let site = &self.sites[site.0 as usize];
        let refined = self.refinement(site.region).and_then(|refinement| refinement.finish_before);
        bounds(self.stages[stage as usize].finish_before.into_iter().chain(refined), site.coordinates)
    }

    /// What the region's team has tightened.
    pub fn refinement(&self, region: RegionId) -> Option<&PlanRefinement> {
        self.refinements.iter().find(|refinement| refinement.region == region)
    }

    /// The sliding window of a stage in a region; none where batches are barriers.
    pub fn at_once(&self, stage: &StagePlan, region: RegionId) -> Option<AtOnceLimit> {
        match self.refinement(region).filter(|refined| refined.batch.is_some() || refined.at_once.is_some()) {
            Some(refined) => refined.at_once,
            None => stage.at_once,
        }
    }

    pub fn region_of(&self, idx: HostIdx) -> RegionId {
        self.sites[self.host(idx).site.0 as usize].region
    }

    /// The text that a host has for a value such as `host.address`.
    pub fn value(&self, key: &str, idx: HostIdx) -> Option<&str> {
        let column = self.values.get(key)?;
        let code = *column.codes.get(idx.0 as usize)?;
        column.texts.get(code as usize).map(|text| &**text)
    }
}

/// [`Plan::length_on`], before there is a plan.
pub(super) fn length_on(steps: &[Step], workarounds: &[PlanWorkaround], host: HostIdx) -> Duration {
    let its = steps.iter().filter(|step| !step.ahead && !passes_over(workarounds, host, step));
    its.map(|step| step.takes).sum()
}

fn passes_over(workarounds: &[PlanWorkaround], host: HostIdx, step: &Step) -> bool {
    let has = |WorkaroundId(idx): WorkaroundId| {
        workarounds.get(idx as usize).is_some_and(|workaround| workaround.hosts.binary_search(&host).is_ok())
    };
    step.lifts.is_some_and(|workaround| !has(workaround))
}
