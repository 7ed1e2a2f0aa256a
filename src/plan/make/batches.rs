use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use crate::model::{GateId, Refinement, RegionId, SiteId, Stage, Step};
use crate::plan::contract::length_on;
use crate::plan::make::Maker;
use crate::plan::make::lanes::{Lane, Lanes, Strand, Turn};
use crate::plan::make::openings::{Fit, Openings};
use crate::plan::{BatchPlan, HostIdx, Ledger, RegionTurn};
use crate::time::{Duration, Moment, NoFit, later_by};

/// How long a stage's parts last.
#[derive(Debug, Clone)]
pub(super) struct Pace {
    /// What the steps take on the host of the stage on which they take longest, those that run ahead left out. A batch
    /// begins only where that fits, whoever is in it.
    pub(super) length: Duration,
    /// Where hosts differ: what the steps take on each host of the plan.
    lengths: Option<Vec<Duration>>,
    /// The steps that run ahead, from the begin of the turn.
    pub(super) ahead: Duration,
    /// Its gates, which are asked at the same time and planned to pass when first asked: the longest `for`.
    stage_gates_last: Duration,
    /// In regions that ask more, those too.
    gates_last_in: BTreeMap<RegionId, Duration>,
}

/// A stage with its batches.
pub(super) struct Batches {
    pub(super) turns: Vec<RegionTurn>,
    /// When all batches are through and their gates have passed.
    pub(super) ends_at: Moment,
    pub(super) unfit: Vec<UnfitStrand>,
}

/// Hosts for whose steps no window is long enough.
pub(super) struct UnfitStrand {
    pub(super) hosts: Vec<HostIdx>,
    pub(super) no_fit: NoFit,
}

impl Pace {
    pub(super) fn of(maker: &Maker, stage: &Stage, hosts: &[HostIdx]) -> Pace {
        let steps = &maker.rollout.steps;
        let lengths: Option<Vec<Duration>> = steps.iter().any(|step| step.lifts.is_some()).then(|| {
            (0..maker.targets.len() as u32).map(|host| length_on(steps, maker.workarounds, HostIdx(host))).collect()
        });
        let longest = lengths.as_ref().map(|all| hosts.iter().map(|host| all[host.0 as usize]).max());
        Pace {
            length: longest.flatten().unwrap_or_else(|| total(steps, false)),
            lengths,
            ahead: total(steps, true),
            stage_gates_last: longest_for(maker, &stage.gates),
            gates_last_in: gates_last_in(maker, stage, hosts),
        }
    }

    /// In all regions of the stage.
    pub(super) fn gates_last(&self) -> Duration {
        self.gates_last_in.values().copied().max().unwrap_or_default().max(self.stage_gates_last)
    }

    fn gates_last_of(&self, region: RegionId) -> Duration {
        self.gates_last_in.get(&region).copied().unwrap_or(self.stage_gates_last)
    }

    fn length_on(&self, host: HostIdx) -> Duration {
        self.lengths.as_ref().map_or(self.length, |lengths| lengths[host.0 as usize])
    }
}

fn gates_last_in(maker: &Maker, stage: &Stage, hosts: &[HostIdx]) -> BTreeMap<RegionId, Duration> {
    let refined = maker.rollout.refinements.iter().filter(|refinement| !refinement.gates.is_empty());
    let takes_part = |refinement: &&Refinement| {
        hosts.iter().any(|host| maker.targets.region(*host, maker.model) == refinement.region)
    };
    let lasts = |refinement: &Refinement| longest_for(maker, &refinement.gates).max(longest_for(maker, &stage.gates));
    refined.filter(takes_part).map(|refinement| (refinement.region, lasts(refinement))).collect()
}

fn longest_for(maker: &Maker, gates: &[GateId]) -> Duration {
    let gates = gates.iter().filter_map(|gate| maker.rollout.gates.get(gate.0 as usize));
    gates.map(|gate| gate.lasts_for).max().unwrap_or(Duration::ZERO)
}

fn total(steps: &[Step], ahead: bool) -> Duration {
    steps.iter().filter(|step| step.ahead == ahead).map(|step| step.takes).sum()
}

/// Makes the batches of a stage that begins at `at`: moment after moment, and of lanes that are ready at the same moment
/// in the order of turns and lanes. Every host of the stage ends in a batch or among the unfit.
pub(super) fn make(lanes: Lanes, pace: &Pace, at: Moment, ledger: &mut Ledger, openings: &mut Openings) -> Batches {
    let together = lanes.together;
    let turns: Vec<RunningTurn> = lanes.turns.into_iter().map(|turn| RunningTurn::new(turn, at)).collect();
    let mut run =
        Run { pace, turns, due: BinaryHeap::new(), ends: BTreeMap::new(), unfit: Vec::new(), ledger, openings };
    let first_turns = if together { run.turns.len() } else { run.turns.len().min(1) };
    for turn in 0..first_turns {
        run.begin_turn(turn, at);
    }
    while let Some(Reverse((now, turn, lane))) = run.due.pop() {
        run.bring_up_until(now);
        run.serve(now, turn, lane);
        let is_through = run.turns[turn].lanes_left == 0;
        if is_through && !together && turn + 1 < run.turns.len() {
            run.begin_turn(turn + 1, run.turns[turn].ends_at);
        }
    }
    run.bring_up_until(Moment::MAX_UTC);
    let ends_at = run.turns.iter().map(|turn| turn.ends_at).max().unwrap_or(at).max(at);
    let turns = run.turns.into_iter().map(RunningTurn::into_plan).collect();
    Batches { turns, ends_at, unfit: run.unfit }
}

struct Run<'a, 'm> {
    pace: &'a Pace,
    turns: Vec<RunningTurn>,
    /// When which lane of which turn is to be looked at.
    due: BinaryHeap<Reverse<(Moment, usize, usize)>>,
    /// The hosts under way by their ends.
    ends: BTreeMap<Moment, Vec<HostIdx>>,
    unfit: Vec<UnfitStrand>,
    ledger: &'a mut Ledger,
    openings: &'a mut Openings<'m>,
}

struct RunningTurn {
    region: RegionId,
    lanes: Vec<RunningLane>,
    lanes_left: usize,
    ends_at: Moment,
}

struct RunningLane {
    site: Option<SiteId>,
    limit: usize,
    width: usize,
    /// When each batch under way is through its gates; never more than `width`.
    through: BinaryHeap<Reverse<Moment>>,
    /// With the next opening of each, seen from the lane's beginning: the order in which they go.
    strands: Vec<(Option<Moment>, Strand)>,
    batches: Vec<BatchPlan>,
}

impl Run<'_, '_> {
    fn begin_turn(&mut self, turn: usize, at: Moment) {
        let running = &mut self.turns[turn];
        running.ends_at = at;
        // What runs ahead begins with the turn, and the first batch when it is done.
        let at = later_by(at, self.pace.ahead);
        for (lane, running) in running.lanes.iter_mut().enumerate() {
            for (opens_at, strand) in &mut running.strands {
                *opens_at = self.openings.opens_at(strand.schedule, at);
            }
            self.due.push(Reverse((at, turn, lane)));
        }
    }

    fn bring_up_until(&mut self, now: Moment) {
        while let Some(entry) = self.ends.first_entry().filter(|entry| *entry.key() <= now) {
            for host in entry.remove() {
                self.ledger.bring_up(host);
            }
        }
    }

    /// Begins as many batches of a lane as are ready, and says when to look at it again.
    fn serve(&mut self, now: Moment, turn: usize, lane: usize) {
        loop {
            let next = match self.turns[turn].lanes[lane].full_until(now) {
                Some(through_at) if self.turns[turn].lanes[lane].has_hosts() => Next::At(through_at),
                _ => self.begin_one(now, turn, lane),
            };
            match next {
                Next::Now => {}
                Next::At(again_at) => return self.due.push(Reverse((again_at, turn, lane))),
                Next::Never => {
                    self.turns[turn].lanes_left -= 1;
                    return;
                }
            }
        }
    }

    /// Begins a batch of a lane that has room for one, or says when to look at it again.
    fn begin_one(&mut self, now: Moment, turn: usize, lane: usize) -> Next {
        let fits = self.fits(now, turn, lane);
        let running = &mut self.turns[turn].lanes[lane];
        // The first host with room decides whose strand it is, strands that open earlier before others.
        let can_start = fits.iter().filter(|(_, fit)| fit.start == now);
        let first = can_start.filter_map(|(idx, fit)| {
            let (opens_at, strand) = &mut running.strands[*idx];
            Some((*opens_at, strand.queue.first_with_room(self.ledger)?, *idx, *fit))
        });
        if let Some((_, _, idx, fit)) = first.min_by_key(|(opens_at, seat, ..)| (*opens_at, *seat)) {
            let hosts = running.strands[idx].1.queue.take(running.limit, self.ledger);
            self.begin_batch(turn, lane, hosts, fit);
            return Next::Now;
        }
        // No room, or no open window: when the next host of anybody is up again, or the next window opens.
        let has_waited = fits.iter().any(|(_, fit)| fit.start == now);
        let room_at = self.ends.keys().next().copied().filter(|_| has_waited);
        let opens_at = fits.iter().map(|(_, fit)| fit.start).filter(|start| *start > now).min();
        // INVARIANT: while nothing is down every group has room for one (`budgets::groups` refuses others), so a lane that
        // still has hosts began a batch, or has something to wait for.
        room_at.into_iter().chain(opens_at).min().map_or(Next::Never, Next::At)
    }

    /// When the strands that have hosts left can start. Those that never can are given up.
    fn fits(&mut self, now: Moment, turn: usize, lane: usize) -> Vec<(usize, Fit)> {
        let mut fits = Vec::new();
        for (idx, (_, strand)) in self.turns[turn].lanes[lane].strands.iter_mut().enumerate() {
            if strand.queue.is_empty() {
                continue;
            }
            match self.openings.fit(strand.schedule, now) {
                Ok(fit) => fits.push((idx, fit)),
                Err(no_fit) => self.unfit.push(UnfitStrand { hosts: strand.queue.clear(), no_fit }),
            }
        }
        fits
    }

    fn begin_batch(&mut self, turn: usize, lane: usize, hosts: Vec<HostIdx>, fit: Fit) {
        let mut ends_at = fit.start;
        for &host in &hosts {
            let up_at = later_by(fit.start, self.pace.length_on(host));
            self.ends.entry(up_at).or_default().push(host);
            ends_at = ends_at.max(up_at);
        }
        let running = &mut self.turns[turn];
        let through_at = later_by(ends_at, self.pace.gates_last_of(running.region));
        running.ends_at = running.ends_at.max(through_at);
        let lane = &mut running.lanes[lane];
        lane.through.push(Reverse(through_at));
        lane.batches.push(BatchPlan { hosts, starts_at: fit.start, ends_at, window: fit.window });
    }
}

/// When a lane is looked at again.
enum Next {
    Now,
    At(Moment),
    Never,
}

impl RunningLane {
    fn has_hosts(&self) -> bool {
        self.strands.iter().any(|(_, strand)| !strand.queue.is_empty())
    }

    /// When one of the batches under way is through, where no more may be.
    fn full_until(&mut self, now: Moment) -> Option<Moment> {
        while self.through.peek().is_some_and(|Reverse(through_at)| *through_at <= now) {
            self.through.pop();
        }
        let next = self.through.peek().map(|Reverse(through_at)| *through_at);
        next.filter(|_| self.through.len() >= self.width)
    }
}

impl RunningTurn {
    fn new(turn: Turn, at: Moment) -> RunningTurn {
        let lane = |lane: Lane| RunningLane {
            site: lane.site,
            limit: lane.limit,
            width: lane.width,
            through: BinaryHeap::new(),
            strands: lane.strands.into_iter().map(|strand| (None, strand)).collect(),
            batches: Vec::new(),
        };
        let lanes: Vec<RunningLane> = turn.lanes.into_iter().map(lane).collect();
        RunningTurn { region: turn.region, lanes_left: lanes.len(), lanes, ends_at: at }
    }

    fn into_plan(self) -> RegionTurn {
        let lane =
            |lane: RunningLane| crate::plan::Lane { site: lane.site, width: lane.width as u32, batches: lane.batches };
        RegionTurn { region: self.region, lanes: self.lanes.into_iter().map(lane).collect() }
    }
}
