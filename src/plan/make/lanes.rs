use std::collections::BTreeMap;

use crate::model::{Batch, RegionId, RegionOrder, Scope, SiteId, Stage};
use crate::plan::make::openings::{Openings, ScheduleId};
use crate::plan::make::queue::Queue;
use crate::plan::make::{Maker, amount};
use crate::plan::{HostIdx, Ledger};
use crate::time::Moment;

/// A stage before its batches are made: who waits in which lane of which turn.
pub(super) struct Lanes {
    pub(super) turns: Vec<Turn>,
    /// Whether all turns begin when the stage does.
    pub(super) together: bool,
}

pub(super) struct Turn {
    pub(super) region: RegionId,
    pub(super) lanes: Vec<Lane>,
}

/// Hosts that are changed one batch after the other.
pub(super) struct Lane {
    /// Where the batches are of a site.
    pub(super) site: Option<SiteId>,
    /// The most hosts of a batch.
    pub(super) limit: usize,
    pub(super) strands: Vec<Strand>,
}

/// The hosts of a lane that share a schedule, so that they can be in one batch.
pub(super) struct Strand {
    pub(super) schedule: ScheduleId,
    pub(super) queue: Queue,
}

impl Lanes {
    pub(super) fn of(
        maker: &Maker,
        stage: &Stage,
        hosts: &[HostIdx],
        ledger: &Ledger,
        openings: &mut Openings,
        at: Moment,
    ) -> Lanes {
        let mut regions: BTreeMap<RegionId, Vec<HostIdx>> = BTreeMap::new();
        for &host in hosts {
            regions.entry(maker.targets.region(host, maker.model)).or_default().push(host);
        }
        let mut turns: Vec<Turn> = regions
            .into_iter()
            .map(|(region, hosts)| Turn {
                region,
                lanes: lanes_of(maker, stage.batch.as_ref(), hosts, ledger, openings),
            })
            .collect();
        order(maker, &stage.order, &mut turns, openings, at);
        Lanes { turns, together: stage.order == RegionOrder::Together }
    }
}

fn lanes_of(
    maker: &Maker,
    batch: Option<&Batch>,
    hosts: Vec<HostIdx>,
    ledger: &Ledger,
    openings: &Openings,
) -> Vec<Lane> {
    let by_site = batch.is_some_and(|batch| batch.scope == Scope::Site);
    let mut lanes: BTreeMap<Option<SiteId>, Vec<HostIdx>> = BTreeMap::new();
    for host in hosts {
        lanes.entry(by_site.then(|| maker.targets.site(host))).or_default().push(host);
    }
    lanes
        .into_iter()
        .map(|(site, hosts)| Lane {
            site,
            limit: limit(batch, hosts.len()),
            strands: strands(maker, hosts, ledger, openings),
        })
        .collect()
}

fn limit(batch: Option<&Batch>, hosts: usize) -> usize {
    let Some(batch) = batch else { return hosts };
    let at_most = batch.at_most.map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX));
    amount::to_take(batch.amount, hosts).min(at_most).max(1)
}

fn strands(maker: &Maker, hosts: Vec<HostIdx>, ledger: &Ledger, openings: &Openings) -> Vec<Strand> {
    let mut strands: BTreeMap<ScheduleId, Vec<HostIdx>> = BTreeMap::new();
    for host in hosts {
        strands.entry(openings.of_site(maker.targets.site(host))).or_default().push(host);
    }
    strands.into_iter().map(|(schedule, hosts)| Strand { schedule, queue: Queue::new(&hosts, ledger) }).collect()
}

fn order(maker: &Maker, order: &RegionOrder, turns: &mut [Turn], openings: &Openings, at: Moment) {
    match order {
        RegionOrder::Together => {}
        RegionOrder::InOrder(regions) => {
            turns.sort_by_key(|turn| regions.iter().position(|region| *region == turn.region));
        }
        RegionOrder::FollowingTheSun { from } => {
            // Ties stay in the regions' order; a region in which nothing opens comes last.
            let place = |opens: Option<Moment>, region| (opens.is_none(), opens, region);
            let opens = |turn: &Turn| {
                let strands = turn.lanes.iter().flat_map(|lane| &lane.strands);
                strands.filter_map(|strand| openings.opens_at(strand.schedule, at)).min()
            };
            turns.sort_by_cached_key(|turn| place(opens(turn), turn.region));
            let Some(first) = *from else { return };
            // A region without hosts in the stage still says where in the circle to begin.
            let sites = maker.model.sites.iter().enumerate().filter(|(_, site)| site.region == first);
            let schedules = sites.map(|(idx, _)| openings.of_site(SiteId(idx as u32)));
            let first_opens = schedules.filter_map(|schedule| openings.opens_at(schedule, at)).min();
            let start = match turns.iter().position(|turn| turn.region == first) {
                Some(start) => start,
                None => turns.partition_point(|turn| place(opens(turn), turn.region) < place(first_opens, first)),
            };
            if start < turns.len() {
                turns.rotate_left(start);
            }
        }
    }
}
