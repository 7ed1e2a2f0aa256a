use crate::engine::stages::StagePhase;
use crate::engine::{Engine, HostState, Target};
use crate::model::{Otherwise, RegionId};
use crate::plan::HostIdx;

/// Whether a region still has to do with the rest of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RegionRest {
    /// Something is under way there, or comes by itself.
    Busy,
    /// Nothing goes on until a person does something about this region.
    Waits { is_held: bool },
    /// All that there was is behind it.
    Over,
}

impl RegionRest {
    pub fn waits(self) -> bool {
        matches!(self, RegionRest::Waits { .. })
    }
}

impl Engine {
    /// How it stands with each region, by `RegionId`.
    pub fn region_rests(&self) -> Vec<RegionRest> {
        let mut seen = vec![Seen::default(); self.plan.regions.len()];
        let mut mark = |region: RegionId, mark: fn(&mut Seen)| mark(&mut seen[region.0 as usize]);
        for host in (0..self.plan.hosts.len() as u32).map(HostIdx) {
            let region = self.plan.region_of(host);
            if self.hosts.activity(host).is_some() {
                mark(region, |seen| seen.is_busy = true);
            } else if self.hosts.claimed_by(host).is_some() || matches!(self.host(host), HostState::Unknown { .. }) {
                mark(region, |seen| seen.waits = true);
            }
        }
        for region in self.gates.subjects().filter_map(|subject| self.region_of_subject(subject)) {
            mark(region, |seen| seen.is_busy = true);
        }
        for (place, lane) in self.layout.lanes.iter().zip(&self.lanes) {
            if lane.window.is_some() {
                mark(place.region, |seen| seen.is_busy = true);
            }
            // One that is under way though nothing goes on has no room for the next host until another is mended.
            match lane.has_begun() {
                _ if lane.is_through() => {}
                true => mark(place.region, |seen| seen.waits = true),
                false => mark(place.region, |seen| seen.has_more = true),
            }
        }
        for region in self.regions_that_the_stage_looks_at() {
            mark(region, |seen| seen.has_more = true);
        }
        for held in self.holds.targets() {
            match held {
                // Told apart from the regions.
                Target::Rollout | Target::Stage(_) => {}
                Target::Region(region) => mark(region, |seen| seen.is_held = true),
                Target::Site(site) => mark(self.plan.sites[site.0 as usize].region, |seen| seen.waits = true),
                Target::Host(host) => mark(self.plan.region_of(host), |seen| seen.waits = true),
                Target::Batch { stage, turn, lane, batch } => {
                    if let Some(batch) = self.layout.find_batch(stage, turn, lane, batch) {
                        let lane = self.layout.batches[batch.0 as usize].lane;
                        mark(self.layout.lane(lane).region, |seen| seen.waits = true);
                    }
                }
            }
        }
        seen.into_iter().map(Seen::rest).collect()
    }

    /// The regions of the stage under way of which gates may still be asked, or which its approval may undo.
    fn regions_that_the_stage_looks_at(&self) -> impl Iterator<Item = RegionId> {
        let planned = self.plan.stages.get(self.stage.idx as usize).filter(|planned| {
            let may_undo = planned.approval.as_ref().is_some_and(|one| one.otherwise == Otherwise::Rollback);
            may_undo || (!planned.soak.is_zero() && self.is_before_its_last_gates())
        });
        planned.into_iter().flat_map(|planned| planned.turns.iter().map(|turn| turn.region))
    }

    fn is_before_its_last_gates(&self) -> bool {
        !matches!(self.stage.phase, StagePhase::Unapproved | StagePhase::Approval { .. } | StagePhase::Through)
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    is_busy: bool,
    is_held: bool,
    /// Something in it is begun and not through: where nothing goes on, it is held, lacks room, or nobody knows how a step
    /// ended.
    waits: bool,
    has_more: bool,
}

impl Seen {
    fn rest(self) -> RegionRest {
        match self {
            Seen { is_busy: true, .. } => RegionRest::Busy,
            Seen { is_held: true, .. } => RegionRest::Waits { is_held: true },
            Seen { waits: true, .. } => RegionRest::Waits { is_held: false },
            Seen { has_more: true, .. } => RegionRest::Busy,
            _ => RegionRest::Over,
        }
    }
}
