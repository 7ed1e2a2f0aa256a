use crate::plan::{BatchPlan, HostIdx, Lane, Plan, RegionTurn, StagePlan};

/// Where a host stands in its plan: the places of its stage, turn, lane and batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seat {
    pub stage: u32,
    pub turn: u32,
    pub lane: u32,
    pub batch: u32,
}

impl Seat {
    /// INVARIANT: the host is one of the plan's, and every host of a plan is in a batch of its stage.
    pub(super) fn of(plan: &Plan, host: HostIdx) -> Seat {
        let stage = plan.host(host).stage;
        let turns = plan.stages.get(stage as usize).map_or(&[][..], |stage| &stage.turns);
        for (turn, planned) in (0..).zip(turns).filter(|(_, turn)| turn.region == plan.region_of(host)) {
            for (lane, planned) in (0..).zip(&planned.lanes) {
                for (batch, planned) in (0..).zip(&planned.batches) {
                    if planned.hosts.contains(&host) {
                        return Seat { stage, turn, lane, batch };
                    }
                }
            }
        }
        Seat { stage, turn: 0, lane: 0, batch: 0 }
    }

    pub fn stage(self, plan: &Plan) -> Option<&StagePlan> {
        plan.stages.get(self.stage as usize)
    }

    pub fn turn(self, plan: &Plan) -> Option<&RegionTurn> {
        self.stage(plan)?.turns.get(self.turn as usize)
    }

    pub fn lane(self, plan: &Plan) -> Option<&Lane> {
        self.turn(plan)?.lanes.get(self.lane as usize)
    }

    pub fn batch(self, plan: &Plan) -> Option<&BatchPlan> {
        self.lane(plan)?.batches.get(self.batch as usize)
    }
}
