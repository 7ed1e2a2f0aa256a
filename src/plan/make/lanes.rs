use std::collections::BTreeMap;

use crate::model::{RegionId, RegionOrder, SiteId, Stage};
use crate::plan::make::Maker;
use crate::plan::make::limits::Limits;
use crate::plan::make::openings::{Openings, ScheduleId};
use crate::plan::make::queue::{Queue, Seat};
use crate::plan::make::ranks::Ranks;
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

/// Hosts that are changed one batch after the other, or in a sliding window.
pub(super) struct Lane {
    /// Where the batches are of a site.
    pub(super) site: Option<SiteId>,
    /// The most hosts of a batch.
    pub(super) limit: usize,
    /// The most batches under way at once.
    pub(super) width: usize,
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
        let waiting = Waiting { ranks: Ranks::of(maker, stage, hosts), ledger, openings };
        let mut turns: Vec<Turn> = regions
            .into_iter()
            .map(|(region, hosts)| Turn { region, lanes: lanes_of(maker, stage, hosts, &waiting) })
            .collect();
        order(maker, &stage.order, &mut turns, openings, at);
        Lanes { turns, together: stage.order == RegionOrder::Together }
    }
}

/// What it takes to put hosts in order.
struct Waiting<'a, 'm> {
    ranks: Ranks,
    ledger: &'a Ledger,
    openings: &'a Openings<'m>,
}

fn lanes_of(maker: &Maker, stage: &Stage, hosts: Vec<HostIdx>, waiting: &Waiting) -> Vec<Lane> {
    let refinement = hosts.first().and_then(|host| maker.refinement(maker.targets.region(*host, maker.model)));
    let limits = Limits::of(stage, refinement);
    let mut lanes: BTreeMap<Option<SiteId>, Vec<HostIdx>> = BTreeMap::new();
    for host in hosts {
        lanes.entry(limits.are_of_sites.then(|| maker.targets.site(host))).or_default().push(host);
    }
    lanes
        .into_iter()
        .map(|(site, hosts)| Lane {
            site,
            limit: limits.batch(hosts.len()),
            width: limits.width,
            strands: strands(maker, hosts, waiting),
        })
        .collect()
}

fn strands(maker: &Maker, hosts: Vec<HostIdx>, waiting: &Waiting) -> Vec<Strand> {
    let mut strands: BTreeMap<ScheduleId, Vec<Seat>> = BTreeMap::new();
    for host in hosts {
        let seat = Seat { rank: waiting.ranks.rank(host), host };
        strands.entry(waiting.openings.of_site(maker.targets.site(host))).or_default().push(seat);
    }
    let strand = |(schedule, seats)| Strand { schedule, queue: Queue::new(seats, waiting.ledger) };
    strands.into_iter().map(strand).collect()
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
