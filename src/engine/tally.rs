use crate::engine::HostState;
use crate::engine::key::KeyParts;
use crate::engine::layout::{BatchIdx, Layout};
use crate::model::{RegionId, Scope, SiteId};
use crate::plan::{HostIdx, Plan};

/// How many hosts of something are in which state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    pub waiting: u32,
    /// In a step that runs ahead.
    pub ahead: u32,
    /// Through all that runs ahead; their batch has not begun.
    pub ready: u32,
    pub changing: u32,
    pub done: u32,
    pub failed: u32,
    pub unknown: u32,
    pub undoing: u32,
    pub rolled_back: u32,
    pub half_rolled_back: u32,
}

impl Progress {
    pub fn total(&self) -> u32 {
        self.waiting + self.begun() + self.rolled_back
    }

    /// Those on which something was begun and is not wholly undone.
    pub fn begun(&self) -> u32 {
        self.ahead
            + self.ready
            + self.changing
            + self.done
            + self.failed
            + self.unknown
            + self.undoing
            + self.half_rolled_back
    }

    /// Whether no host has anything before it, unless it is rolled back later.
    pub fn is_ended(&self) -> bool {
        self.waiting + self.ahead + self.ready + self.changing + self.unknown + self.undoing == 0
    }

    pub(super) fn of_one(state: HostState) -> Progress {
        let mut progress = Progress::default();
        *progress.slot(state) += 1;
        progress
    }

    fn slot(&mut self, state: HostState) -> &mut u32 {
        match state {
            HostState::Waiting => &mut self.waiting,
            HostState::Ahead { .. } => &mut self.ahead,
            HostState::Ready => &mut self.ready,
            HostState::Changing { .. } => &mut self.changing,
            HostState::Done => &mut self.done,
            HostState::Failed { .. } => &mut self.failed,
            HostState::Unknown { .. } => &mut self.unknown,
            HostState::Undoing { .. } => &mut self.undoing,
            HostState::RolledBack => &mut self.rolled_back,
            HostState::HalfRolledBack { .. } => &mut self.half_rolled_back,
        }
    }
}

/// The counts of one batch, site, region, stage, or of the rollout.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    pub progress: Progress,
    /// Hosts that failed in this run, whatever became of them: a rule's limit is not undone by a rollback.
    pub failures: u32,
}

/// All counts, kept as hosts change, so that no event counts hosts.
#[derive(Debug, Clone)]
pub(super) struct Tallies {
    pub rollout: Tally,
    pub stages: Vec<Tally>,
    pub regions: Vec<Tally>,
    pub sites: Vec<Tally>,
    pub batches: Vec<Tally>,
}

/// The things that count a host.
#[derive(Debug, Clone, Copy)]
struct Counted {
    stage: u32,
    region: RegionId,
    site: SiteId,
    batch: Option<BatchIdx>,
}

impl Tallies {
    pub fn new(plan: &Plan, layout: &Layout) -> Tallies {
        let mut tallies = Tallies {
            rollout: Tally::default(),
            stages: vec![Tally::default(); plan.stages.len()],
            regions: vec![Tally::default(); plan.regions.len()],
            sites: vec![Tally::default(); plan.sites.len()],
            batches: vec![Tally::default(); layout.batches.len()],
        };
        for host in (0..plan.hosts.len() as u32).map(HostIdx) {
            tallies.each(counted(plan, layout, host), |tally| tally.progress.waiting += 1);
        }
        tallies
    }

    pub fn change(&mut self, plan: &Plan, layout: &Layout, host: HostIdx, from: HostState, to: HostState) {
        self.each(counted(plan, layout, host), |tally| {
            *tally.progress.slot(from) -= 1;
            *tally.progress.slot(to) += 1;
        });
    }

    pub fn count_failure(&mut self, plan: &Plan, layout: &Layout, host: HostIdx) {
        self.each(counted(plan, layout, host), |tally| tally.failures += 1);
    }

    pub fn batch(&self, batch: BatchIdx) -> &Tally {
        &self.batches[batch.0 as usize]
    }

    /// How many hosts are in which state follows from the hosts. Failures count as far as a rule counts them.
    pub fn add_to(&self, key: &mut KeyParts) {
        let Tallies { rollout, stages, regions, sites, batches } = self;
        let counted = |key: &KeyParts, scope: Scope, tally: &Tally| {
            let Tally { progress, failures } = tally;
            if *failures == 0 { 0 } else { (*failures).min(key.kinds().most_failures(scope, progress.total())) }
        };
        // A run of which all that was changed is undone ends otherwise.
        let Tally { progress, failures: _ } = rollout;
        key.add((19u8, progress.rolled_back > 0, progress.begun() > 0, counted(key, Scope::Rollout, rollout)));
        for (stage, tally) in stages.iter().enumerate() {
            key.add((20u8, stage, counted(key, Scope::Stage, tally)));
        }
        for (region, tally) in (0..).map(RegionId).zip(regions) {
            key.add_to_region(region, (21u8, counted(key, Scope::Region, tally)));
        }
        for (site, tally) in (0..).map(SiteId).zip(sites).filter(|(_, tally)| tally.failures > 0) {
            key.add_to_site(site, (22u8, site, counted(key, Scope::Site, tally)));
        }
        for (batch, tally) in (0..).map(BatchIdx).zip(batches).filter(|(_, tally)| tally.failures > 0) {
            key.add_to_batch(batch, (23u8, batch, counted(key, Scope::Batch, tally)));
        }
    }

    fn each(&mut self, of: Counted, mut count: impl FnMut(&mut Tally)) {
        count(&mut self.rollout);
        count(&mut self.stages[of.stage as usize]);
        count(&mut self.regions[of.region.0 as usize]);
        count(&mut self.sites[of.site.0 as usize]);
        if let Some(batch) = of.batch {
            count(&mut self.batches[batch.0 as usize]);
        }
    }
}

fn counted(plan: &Plan, layout: &Layout, host: HostIdx) -> Counted {
    let planned = plan.host(host);
    Counted { stage: planned.stage, region: plan.region_of(host), site: planned.site, batch: layout.batch_of(host) }
}
