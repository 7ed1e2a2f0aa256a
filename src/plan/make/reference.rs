//! The batches of a plan once more, made slowly and as they are described: looks at every moment at which anything
//! could begin, counts who is down from scratch, and scans every host.

use std::collections::BTreeSet;

use crate::model::{Budget, Finish, Model, RegionId, Rollout, Scope, Site, SiteId, Stage};
use crate::plan::{BatchPlan, BudgetGroup, HostIdx, Lane, Plan, RegionTurn};
use crate::time::{Bound, Duration, Moment, Schedule, later_by};

/// The turns of a stage of a plan, from its hosts, its start and the order of its regions.
pub(super) fn turns(plan: &Plan, model: &Model, rollout: &Rollout, stage: usize) -> Vec<RegionTurn> {
    let planned = &plan.stages[stage];
    let mut slow = Slow { plan, model, rollout, stage: &rollout.stages[stage], batches: Vec::new() };
    let regions: Vec<RegionId> = planned.turns.iter().map(|turn| turn.region).collect();
    let waiting = |region: RegionId| -> Vec<HostIdx> {
        let hosts = (0..plan.hosts.len() as u32).map(HostIdx);
        hosts.filter(|&host| plan.host(host).stage as usize == stage && plan.region_of(host) == region).collect()
    };
    let mut turns = Vec::new();
    if planned.together {
        let mut lanes: Vec<SlowLane> = Vec::new();
        for (idx, &region) in regions.iter().enumerate() {
            lanes.extend(slow.lanes(idx, &waiting(region), planned.starts_at));
        }
        slow.go(lanes, &mut turns);
    } else {
        let mut at = planned.starts_at;
        for (idx, &region) in regions.iter().enumerate() {
            let lanes = slow.lanes(idx, &waiting(region), at);
            at = slow.go(lanes, &mut turns).max(at);
        }
    }
    let lane = |(_, lane): &(usize, Lane)| lane.clone();
    let turn = |(idx, &region): (usize, &RegionId)| RegionTurn {
        region,
        lanes: turns.iter().filter(|(turn, _)| *turn == idx).map(lane).collect(),
    };
    regions.iter().enumerate().map(turn).collect()
}

struct Slow<'a> {
    plan: &'a Plan,
    model: &'a Model,
    rollout: &'a Rollout,
    stage: &'a Stage,
    /// Of the whole stage so far.
    batches: Vec<BatchPlan>,
}

struct SlowLane {
    turn: usize,
    site: Option<SiteId>,
    began_at: Moment,
    ready_at: Moment,
    limit: usize,
    waiting: Vec<HostIdx>,
    batches: Vec<BatchPlan>,
}

impl Slow<'_> {
    fn lanes(&self, turn: usize, hosts: &[HostIdx], at: Moment) -> Vec<SlowLane> {
        let of_site = self.stage.batch.as_ref().is_some_and(|batch| batch.scope == Scope::Site);
        let key = |host: &HostIdx| of_site.then(|| self.plan.host(*host).site);
        let lanes: BTreeSet<Option<SiteId>> = hosts.iter().map(key).collect();
        let lane = |site| {
            let waiting: Vec<HostIdx> = hosts.iter().copied().filter(|host| key(host) == site).collect();
            let limit = self.limit(waiting.len());
            SlowLane { turn, site, began_at: at, ready_at: at, limit, waiting, batches: Vec::new() }
        };
        lanes.into_iter().map(lane).collect()
    }

    fn limit(&self, hosts: usize) -> usize {
        let Some(batch) = &self.stage.batch else { return hosts };
        let amount = match batch.amount {
            Budget::Hosts(number) => number as usize,
            Budget::Percent(percent) => hosts * percent as usize / 100,
        };
        amount.min(batch.at_most.unwrap_or(u64::MAX) as usize).max(1)
    }

    /// Until nobody waits in these lanes; gives the moment when the last gate has passed.
    fn go(&mut self, mut lanes: Vec<SlowLane>, done: &mut Vec<(usize, Lane)>) -> Moment {
        let mut moments: BTreeSet<Moment> = lanes.iter().map(|lane| lane.ready_at).collect();
        let mut through_at = Moment::MIN_UTC;
        while let Some(now) = moments.pop_first() {
            for lane in lanes.iter_mut().filter(|lane| lane.ready_at <= now && !lane.waiting.is_empty()) {
                if let Some(batch) = self.batch(lane, now) {
                    lane.waiting.retain(|host| !batch.hosts.contains(host));
                    lane.ready_at = later_by(batch.ends_at, self.gates_last());
                    through_at = through_at.max(lane.ready_at);
                    moments.extend([batch.ends_at, lane.ready_at]);
                    self.batches.push(batch.clone());
                    lane.batches.push(batch);
                }
                let fits = lane.waiting.iter().map(|host| self.fit(*host, now));
                moments.extend(fits.filter(|fit| *fit > now));
            }
        }
        assert!(lanes.iter().all(|lane| lane.waiting.is_empty()));
        done.extend(lanes.into_iter().map(|lane| (lane.turn, Lane { site: lane.site, batches: lane.batches })));
        through_at
    }

    fn batch(&self, lane: &SlowLane, now: Moment) -> Option<BatchPlan> {
        let opens_at = |host: HostIdx| self.schedule(host).next_open(lane.began_at).unwrap().start;
        let mut can: Vec<HostIdx> = lane.waiting.clone();
        can.retain(|host| self.fit(*host, now) == now);
        can.sort_by_key(|host| (opens_at(*host), *host));
        // The first host with room decides the schedule of the batch.
        let first = can.iter().copied().find(|host| self.has_room(&[], *host, now))?;
        let mut hosts: Vec<HostIdx> = Vec::new();
        for host in can.into_iter().filter(|host| self.are_alike(*host, first)) {
            if hosts.len() < lane.limit && self.has_room(&hosts, host, now) {
                hosts.push(host);
            }
        }
        let schedule = self.schedule(first);
        let is_always_open = schedule.windows.is_empty() && schedule.freezes.is_empty();
        let window = if is_always_open { None } else { schedule.next_open(now) };
        Some(BatchPlan { hosts, starts_at: now, ends_at: later_by(now, self.length()), window })
    }

    fn has_room(&self, beside: &[HostIdx], host: HostIdx, now: Moment) -> bool {
        let takes_down = self.rollout.steps.iter().any(|step| step.down);
        let under_way = |batch: &&BatchPlan| batch.starts_at <= now && now < batch.ends_at;
        let down: Vec<HostIdx> =
            self.batches.iter().filter(under_way).flat_map(|batch| &batch.hosts).chain(beside).copied().collect();
        let is_kept = |budget: &BudgetGroup| {
            let down = budget.hosts.iter().filter(|member| down.contains(member) || **member == host).count();
            !budget.hosts.contains(&host) || budget.size as usize - down >= budget.keep as usize
        };
        !takes_down || self.plan.budgets.iter().all(is_kept)
    }

    fn schedule(&self, host: HostIdx) -> &Schedule {
        &self.site(host).schedule
    }

    fn site(&self, host: HostIdx) -> &Site {
        &self.model.sites[self.plan.host(host).site.0 as usize]
    }

    /// Whether what the one can do the other can at the same time.
    fn are_alike(&self, host: HostIdx, other: HostIdx) -> bool {
        self.schedule(host) == self.schedule(other) && self.bound(host) == self.bound(other)
    }

    fn bound(&self, host: HostIdx) -> Option<Bound> {
        Some(match self.stage.finish_before? {
            Finish::Time(time) => Bound::Time(time),
            Finish::Sunrise => Bound::Sunrise(self.site(host).coordinates.unwrap()),
        })
    }

    fn fit(&self, host: HostIdx, from: Moment) -> Moment {
        self.schedule(host).earliest_fit(from, self.length(), self.bound(host).as_slice()).unwrap()
    }

    fn length(&self) -> Duration {
        self.rollout.steps.iter().map(|step| step.takes).sum()
    }

    fn gates_last(&self) -> Duration {
        let gates = self.stage.gates.iter().map(|gate| self.rollout.gates[gate.0 as usize].lasts_for);
        gates.max().unwrap_or(Duration::ZERO)
    }
}
