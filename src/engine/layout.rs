use crate::engine::{GateSubject, Target};
use crate::model::{RegionId, SiteId};
use crate::plan::{BatchPlan, HostIdx, Lane, Plan, RegionTurn, StagePlan};
use crate::time::Duration;

/// A lane's place among all lanes of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LaneIdx(pub u32);

/// A batch's place among all batches of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct BatchIdx(pub u32);

/// Where each thing of a plan stands, so that no event has to search for it. Made once a run, shared by copies.
///
/// INVARIANT: no host is in two batches; plans are made so, and [`crate::plan::from_json`] checks it.
#[derive(Debug)]
pub(super) struct Layout {
    pub lanes: Vec<LanePlace>,
    pub batches: Vec<BatchPlace>,
    /// For each host; none for one that is never changed, which no plan that was made has.
    batch_of: Vec<Option<BatchIdx>>,
    /// The number of the first lane of each turn of each stage.
    first_lanes: Vec<Vec<u32>>,
    /// Whether being changed draws on the budgets: whether any step is `down`.
    pub draws: bool,
    /// How many steps run ahead; they come first.
    pub ahead: u32,
    /// For each stage what the steps of a batch take on the host on which they take longest.
    pub batch_lengths: Vec<Duration>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct LanePlace {
    pub stage: u32,
    pub turn: u32,
    pub lane: u32,
    pub region: RegionId,
    pub first_batch: u32,
    pub batches: u32,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct BatchPlace {
    pub lane: LaneIdx,
    /// Among the batches of its lane.
    pub batch: u32,
}

impl Layout {
    pub fn of(plan: &Plan) -> Layout {
        let mut layout = Layout {
            lanes: Vec::new(),
            batches: Vec::new(),
            batch_of: vec![None; plan.hosts.len()],
            first_lanes: Vec::new(),
            draws: plan.steps.iter().any(|step| step.down),
            ahead: plan.ahead_steps(),
            batch_lengths: batch_lengths(plan),
        };
        for (stage, planned) in (0..).zip(&plan.stages) {
            layout.add_stage(stage, planned);
        }
        layout
    }

    fn add_stage(&mut self, stage: u32, planned: &StagePlan) {
        let mut firsts = Vec::new();
        for (turn, planned) in (0..).zip(&planned.turns) {
            firsts.push(self.lanes.len() as u32);
            for (lane, lanes) in (0..).zip(&planned.lanes) {
                let first_batch = self.batches.len() as u32;
                let batches = lanes.batches.len() as u32;
                self.add_batches(lanes);
                self.lanes.push(LanePlace { stage, turn, lane, region: planned.region, first_batch, batches });
            }
        }
        self.first_lanes.push(firsts);
    }

    fn add_batches(&mut self, lane: &Lane) {
        let idx = LaneIdx(self.lanes.len() as u32);
        for (batch, planned) in (0..).zip(&lane.batches) {
            let batch_idx = BatchIdx(self.batches.len() as u32);
            for host in &planned.hosts {
                self.batch_of[host.0 as usize] = Some(batch_idx);
            }
            self.batches.push(BatchPlace { lane: idx, batch });
        }
    }

    pub fn lane(&self, lane: LaneIdx) -> &LanePlace {
        &self.lanes[lane.0 as usize]
    }

    pub fn batch_of(&self, host: HostIdx) -> Option<BatchIdx> {
        self.batch_of[host.0 as usize]
    }

    pub fn lane_of(&self, host: HostIdx) -> Option<LaneIdx> {
        self.batch_of(host).map(|batch| self.batches[batch.0 as usize].lane)
    }

    pub fn batch_idx(&self, lane: LaneIdx, batch: u32) -> BatchIdx {
        BatchIdx(self.lane(lane).first_batch + batch)
    }

    pub fn target(&self, batch: BatchIdx) -> Target {
        let BatchPlace { lane, batch } = self.batches[batch.0 as usize];
        let LanePlace { stage, turn, lane, .. } = *self.lane(lane);
        Target::Batch { stage, turn, lane, batch }
    }

    pub fn subject(&self, batch: BatchIdx) -> GateSubject {
        let BatchPlace { lane, batch } = self.batches[batch.0 as usize];
        let LanePlace { stage, turn, lane, .. } = *self.lane(lane);
        GateSubject::Batch { stage, turn, lane, batch }
    }

    /// None where the plan has no such batch.
    pub fn find_batch(&self, stage: u32, turn: u32, lane: u32, batch: u32) -> Option<BatchIdx> {
        let first = *self.first_lanes.get(stage as usize)?.get(turn as usize)?;
        let idx = first.checked_add(lane)?;
        let place = self.lanes.get(idx as usize)?;
        let is_it = (place.stage, place.turn, place.lane) == (stage, turn, lane) && batch < place.batches;
        is_it.then_some(BatchIdx(place.first_batch.saturating_add(batch)))
    }

    pub fn lanes_of_turn(&self, plan: &Plan, stage: u32, turn: u32) -> impl Iterator<Item = LaneIdx> + use<> {
        let first = self.first_lanes[stage as usize][turn as usize];
        let count = plan.stages[stage as usize].turns[turn as usize].lanes.len() as u32;
        (first..first + count).map(LaneIdx)
    }

    pub fn lanes_of_stage(&self, plan: &Plan, stage: u32) -> Vec<LaneIdx> {
        let turns = plan.stages.get(stage as usize).map_or(0, |planned| planned.turns.len() as u32);
        (0..turns).flat_map(|turn| self.lanes_of_turn(plan, stage, turn)).collect()
    }

    /// The lanes of a region in a stage; none where the region has no turn in it.
    pub fn lanes_of_region(&self, plan: &Plan, stage: u32, region: RegionId) -> Vec<LaneIdx> {
        let turns = plan.stages.get(stage as usize).map_or(&[][..], |planned| &planned.turns);
        let of_region = (0..).zip(turns).filter(|(_, turn)| turn.region == region);
        of_region.flat_map(|(turn, _)| self.lanes_of_turn(plan, stage, turn)).collect()
    }

    /// INVARIANT: `lane` and `batch` come from this layout of this plan.
    pub fn batch<'p>(&self, plan: &'p Plan, batch: BatchIdx) -> &'p BatchPlan {
        let BatchPlace { lane, batch } = self.batches[batch.0 as usize];
        &self.planned_lane(plan, lane).batches[batch as usize]
    }

    pub fn planned_lane<'p>(&self, plan: &'p Plan, lane: LaneIdx) -> &'p Lane {
        let place = self.lane(lane);
        &plan.stages[place.stage as usize].turns[place.turn as usize].lanes[place.lane as usize]
    }

    /// The hosts that a target is about, in the plan's order.
    pub fn hosts_of(&self, plan: &Plan, target: Target) -> Vec<HostIdx> {
        match target {
            Target::Rollout => plan.stages.iter().flat_map(|stage| hosts_of_turns(&stage.turns)).collect(),
            Target::Stage(stage) => hosts_of_turns(&plan.stages[stage as usize].turns).collect(),
            Target::Region(region) => hosts_of_region(plan, region).collect(),
            Target::Site(site) => hosts_of_site(plan, site),
            Target::Batch { stage, turn, lane, batch } => self
                .find_batch(stage, turn, lane, batch)
                .map_or_else(Vec::new, |batch| self.batch(plan, batch).hosts.clone()),
            Target::Host(host) => vec![host],
        }
    }
}

fn batch_lengths(plan: &Plan) -> Vec<Duration> {
    if plan.steps.iter().all(|step| step.lifts.is_none()) {
        return vec![plan.batch_length(); plan.stages.len()];
    }
    let longest = |stage: &StagePlan| hosts_of_turns(&stage.turns).map(|host| plan.length_on(host)).max();
    plan.stages.iter().map(|stage| longest(stage).unwrap_or(Duration::ZERO)).collect()
}

fn hosts_of_turns(turns: &[RegionTurn]) -> impl Iterator<Item = HostIdx> {
    let lanes = turns.iter().flat_map(|turn| &turn.lanes);
    lanes.flat_map(|lane| &lane.batches).flat_map(|batch| batch.hosts.iter().copied())
}

fn hosts_of_region(plan: &Plan, region: RegionId) -> impl Iterator<Item = HostIdx> {
    let turns = plan.stages.iter().flat_map(|stage| &stage.turns).filter(move |turn| turn.region == region);
    turns.flat_map(|turn| hosts_of_turns(std::slice::from_ref(turn)))
}

fn hosts_of_site(plan: &Plan, site: SiteId) -> Vec<HostIdx> {
    let region = plan.sites[site.0 as usize].region;
    hosts_of_region(plan, region).filter(|host| plan.host(*host).site == site).collect()
}
