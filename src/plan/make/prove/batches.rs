use crate::model::{RegionId, SiteId};
use crate::plan::make::Maker;
use crate::plan::{BudgetGroup, StagePlan};
use crate::time::Moment;

/// The batches of a plan in one list, with whom each host is changed with.
pub(super) struct PlannedBatches {
    pub(super) all: Vec<Planned>,
    /// For each host its place in `all`.
    of_hosts: Vec<u32>,
    /// How many targets each of these has.
    pub(super) in_sites: Vec<u32>,
    pub(super) in_regions: Vec<u32>,
    pub(super) in_stages: Vec<u32>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Planned {
    pub(super) stage: usize,
    pub(super) region: RegionId,
    /// Where all its hosts stand at one.
    pub(super) site: Option<SiteId>,
    /// Counted through all stages.
    pub(super) lane: usize,
    pub(super) hosts: u32,
    pub(super) starts_at: Moment,
    pub(super) ends_at: Moment,
}

impl PlannedBatches {
    pub(super) fn of(maker: &Maker, stages: &[StagePlan]) -> Self {
        let mut found = Self {
            all: Vec::new(),
            of_hosts: vec![u32::MAX; maker.targets.len()],
            in_sites: vec![0; maker.model.sites.len()],
            in_regions: vec![0; maker.model.regions.len()],
            in_stages: vec![0; stages.len()],
        };
        let mut lanes = 0;
        for (stage, planned) in stages.iter().enumerate() {
            for turn in &planned.turns {
                for lane in &turn.lanes {
                    for batch in &lane.batches {
                        let first = batch.hosts.first().map(|host| maker.targets.site(*host));
                        let site =
                            first.filter(|site| batch.hosts.iter().all(|host| maker.targets.site(*host) == *site));
                        for host in &batch.hosts {
                            found.of_hosts[host.0 as usize] = found.all.len() as u32;
                            found.in_sites[maker.targets.site(*host).0 as usize] += 1;
                        }
                        found.in_regions[turn.region.0 as usize] += batch.hosts.len() as u32;
                        found.in_stages[stage] += batch.hosts.len() as u32;
                        found.all.push(Planned {
                            stage,
                            region: turn.region,
                            site,
                            lane: lanes,
                            hosts: batch.hosts.len() as u32,
                            starts_at: batch.starts_at,
                            ends_at: batch.ends_at,
                        });
                    }
                    lanes += 1;
                }
            }
        }
        found
    }

    /// The batches that have hosts of a group, each with how many, in the order in which they begin.
    pub(super) fn of_group(&self, group: &BudgetGroup) -> Vec<(usize, u32)> {
        let of_hosts = group.hosts.iter().filter_map(|host| self.of_hosts.get(host.0 as usize).copied());
        let mut batches: Vec<u32> = of_hosts.filter(|batch| *batch != u32::MAX).collect();
        batches.sort_unstable();
        let same = batches.chunk_by(|one, other| one == other);
        let mut found: Vec<(usize, u32)> = same.map(|all| (all[0] as usize, all.len() as u32)).collect();
        found.sort_by_key(|(batch, _)| (self.all[*batch].starts_at, *batch));
        found
    }
}
