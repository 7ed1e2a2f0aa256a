use std::collections::BTreeSet;

use crate::engine::GateSubject;
use crate::model::{RegionId, SiteId};
use crate::plan::{HostIdx, Plan};

/// Hosts for which something holds, and the sites and regions that have one of them in a stage. Made once: a gate of a region is asked
/// after every batch, and to look through the region's hosts each time would take the square of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Affected {
    hosts: Vec<bool>,
    sites: BTreeSet<(u32, SiteId)>,
    regions: BTreeSet<(u32, RegionId)>,
}

impl Affected {
    pub(super) fn of(plan: &Plan, is_affected: impl Fn(HostIdx) -> bool) -> Affected {
        let mut affected = Affected::default();
        for (idx, host) in (0u32..).map(HostIdx).zip(&plan.hosts) {
            let is_affected = is_affected(idx);
            affected.hosts.push(is_affected);
            if is_affected {
                affected.sites.insert((host.stage, host.site));
                affected.regions.insert((host.stage, plan.region_of(idx)));
            }
        }
        affected
    }

    pub(super) fn has(&self, host: HostIdx) -> bool {
        self.hosts.get(host.0 as usize).copied().unwrap_or_default()
    }

    /// Whether it holds for one of the hosts that a gate speaks of.
    pub(super) fn has_one_of(&self, subject: GateSubject, plan: &Plan) -> bool {
        match subject {
            GateSubject::Host(host) => self.has(host),
            GateSubject::Site { stage, site } => self.sites.contains(&(stage, site)),
            GateSubject::Region { stage, region } => self.regions.contains(&(stage, region)),
            GateSubject::Batch { stage, turn, lane, batch } => {
                let stage = plan.stages.get(stage as usize);
                let lane = stage.and_then(|stage| stage.turns.get(turn as usize)?.lanes.get(lane as usize));
                let batch = lane.and_then(|lane| lane.batches.get(batch as usize));
                batch.is_some_and(|batch| batch.hosts.iter().any(|host| self.has(*host)))
            }
        }
    }
}
