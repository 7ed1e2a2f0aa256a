//! The batches of a plan once more, made slowly and as they are described: looks at every moment at which anything
//! could begin, counts who is down from scratch, and scans every host.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use crate::inventory::{Fleet, Value};
use crate::model::{
    self, AtOnce, Budget, Finish, HostOrder, Model, OrderKey, Refinement, RegionId, Rollout, Scope, Site, SiteId, Stage,
};
use crate::plan::example::Example;
use crate::plan::{BatchPlan, BudgetGroup, HostIdx, Lane, Plan, RegionTurn};
use crate::time::{Bound, Duration, Moment, Schedule, later_by};

/// The turns of a stage of a plan, from its hosts, its start and the order of its regions.
pub(super) fn turns(plan: &Plan, example: &Example, stage: usize) -> Vec<RegionTurn> {
    let planned = &plan.stages[stage];
    let Example { fleet, model, rollout, .. } = example;
    let mut slow = Slow { plan, fleet, model, rollout, stage: &rollout.stages[stage], idx: stage, batches: Vec::new() };
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
    fleet: &'a Fleet,
    model: &'a Model,
    rollout: &'a Rollout,
    stage: &'a Stage,
    idx: usize,
    /// Of the whole stage so far.
    batches: Vec<BatchPlan>,
}

struct SlowLane {
    turn: usize,
    site: Option<SiteId>,
    began_at: Moment,
    limit: usize,
    width: usize,
    /// When each of its batches was or will be through its gates.
    through: Vec<Moment>,
    waiting: Vec<HostIdx>,
    batches: Vec<BatchPlan>,
}

impl SlowLane {
    fn into_plan(self) -> Lane {
        Lane { site: self.site, width: self.width as u32, batches: self.batches }
    }
}

impl Slow<'_> {
    fn lanes(&self, turn: usize, hosts: &[HostIdx], at: Moment) -> Vec<SlowLane> {
        let (batch, at_once) = self.said(hosts);
        let batches_of_site = batch.is_some_and(|batch| batch.scope == Scope::Site);
        let slides_in_site = at_once.is_some_and(|window| window.scope == Scope::Site);
        let of_site = batches_of_site || slides_in_site;
        let at = later_by(at, self.plan.ahead_length());
        let key = |host: &HostIdx| of_site.then(|| self.plan.host(*host).site);
        let lanes: BTreeSet<Option<SiteId>> = hosts.iter().map(key).collect();
        let lane = |site| {
            let waiting: Vec<HostIdx> = hosts.iter().copied().filter(|host| key(host) == site).collect();
            let limit = limit(batch, at_once, waiting.len());
            let width = at_once.map_or(1, |window| window.most as usize);
            SlowLane { turn, site, began_at: at, limit, width, through: Vec::new(), waiting, batches: Vec::new() }
        };
        lanes.into_iter().map(lane).collect()
    }

    /// How many at once, of the region of these hosts.
    fn said(&self, hosts: &[HostIdx]) -> (Option<&model::Batch>, Option<&AtOnce>) {
        match self.refinement(hosts[0]).filter(|refined| refined.batch.is_some() || refined.at_once.is_some()) {
            Some(refined) => (refined.batch.as_ref(), refined.at_once.as_ref()),
            None => (self.stage.batch.as_ref(), self.stage.at_once.as_ref()),
        }
    }

    fn refinement(&self, host: HostIdx) -> Option<&Refinement> {
        self.rollout.refinements.iter().find(|refinement| refinement.region == self.plan.region_of(host))
    }

    /// Until nobody waits in these lanes; gives the moment when the last gate has passed.
    fn go(&mut self, mut lanes: Vec<SlowLane>, done: &mut Vec<(usize, Lane)>) -> Moment {
        let mut moments: BTreeSet<Moment> = lanes.iter().map(|lane| lane.began_at).collect();
        let mut through_at = Moment::MIN_UTC;
        while let Some(now) = moments.pop_first() {
            for lane in lanes.iter_mut().filter(|lane| lane.began_at <= now) {
                while let Some(batch) = self.batch(lane, now) {
                    lane.waiting.retain(|host| !batch.hosts.contains(host));
                    let through = later_by(batch.ends_at, self.gates_last(batch.hosts[0]));
                    through_at = through_at.max(through);
                    let up_at = batch.hosts.iter().map(|host| later_by(now, self.plan.length_on(*host)));
                    moments.extend(up_at.chain([through]).filter(|at| *at > now));
                    lane.through.push(through);
                    self.batches.push(batch.clone());
                    lane.batches.push(batch);
                }
                let fits = lane.waiting.iter().map(|host| self.fit(*host, now));
                moments.extend(fits.filter(|fit| *fit > now));
            }
        }
        assert!(lanes.iter().all(|lane| lane.waiting.is_empty()));
        done.extend(lanes.into_iter().map(|lane| (lane.turn, lane.into_plan())));
        through_at
    }

    fn batch(&self, lane: &SlowLane, now: Moment) -> Option<BatchPlan> {
        if lane.through.iter().filter(|through| **through > now).count() >= lane.width {
            return None;
        }
        let opens_at = |host: HostIdx| self.schedule(host).next_open(lane.began_at).unwrap().start;
        let mut can: Vec<HostIdx> = lane.waiting.clone();
        can.retain(|host| self.fit(*host, now) == now);
        can.sort_by(|a, b| opens_at(*a).cmp(&opens_at(*b)).then_with(|| self.in_order(*a, *b)).then(a.cmp(b)));
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
        let ends_at = hosts.iter().map(|host| later_by(now, self.plan.length_on(*host))).max()?;
        Some(BatchPlan { hosts, starts_at: now, ends_at, window })
    }

    /// By the keys of the stage, one after the other.
    fn in_order(&self, one: HostIdx, other: HostIdx) -> Ordering {
        let value = |host: HostIdx, field| {
            let host = self.rollout.targets.iter().nth(host.0 as usize).unwrap();
            self.fleet.value(host, field)
        };
        let by_key = |key: &OrderKey| match (value(one, key.field), value(other, key.field)) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(one), Some(other)) => match &key.order {
                HostOrder::Ascending => compare(&one, &other),
                HostOrder::Descending => compare(&other, &one),
                HostOrder::First(firsts) => {
                    let place = |value| firsts.iter().position(|first| *first == value).unwrap_or(firsts.len());
                    place(one).cmp(&place(other))
                }
            },
        };
        self.stage.order_by.iter().map(by_key).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }

    fn has_room(&self, beside: &[HostIdx], host: HostIdx, now: Moment) -> bool {
        let takes_down = self.rollout.steps.iter().any(|step| step.down);
        let is_down = |batch: &BatchPlan, host: HostIdx| {
            batch.starts_at <= now && now < later_by(batch.starts_at, self.plan.length_on(host))
        };
        let changing = |batch: &BatchPlan| batch.hosts.iter().copied().filter(|host| is_down(batch, *host)).collect();
        let mut down: Vec<HostIdx> =
            self.batches.iter().flat_map(|batch| -> Vec<HostIdx> { changing(batch) }).collect();
        down.extend(beside);
        let is_kept = |budget: &BudgetGroup| {
            let down = budget.hosts.iter().filter(|member| down.contains(member) || **member == host).count();
            !budget.hosts.contains(&host) || budget.size as usize - down >= budget.keep as usize
        };
        !takes_down || self.plan.budgets.iter().all(is_kept)
    }

    fn schedule(&self, host: HostIdx) -> &Schedule {
        let site = self.plan.host(host).site;
        let refined = self.refinement(host).and_then(|refinement| refinement.schedules.get(&site));
        refined.unwrap_or(&self.site(host).schedule)
    }

    fn site(&self, host: HostIdx) -> &Site {
        &self.model.sites[self.plan.host(host).site.0 as usize]
    }

    /// Whether what the one can do the other can at the same time.
    fn are_alike(&self, host: HostIdx, other: HostIdx) -> bool {
        self.schedule(host) == self.schedule(other) && self.bounds(host) == self.bounds(other)
    }

    fn bounds(&self, host: HostIdx) -> Vec<Bound> {
        let refined = self.refinement(host).and_then(|refinement| refinement.finish_before);
        let bound = |finish| match finish {
            Finish::Time(time) => Bound::Time(time),
            Finish::Sunrise => Bound::Sunrise(self.site(host).coordinates.unwrap()),
        };
        self.stage.finish_before.into_iter().chain(refined).map(bound).collect()
    }

    fn fit(&self, host: HostIdx, from: Moment) -> Moment {
        self.schedule(host).earliest_fit(from, self.length(), &self.bounds(host)).unwrap()
    }

    /// Of the host of the stage on which the steps take longest.
    fn length(&self) -> Duration {
        let hosts = (0..self.plan.hosts.len() as u32).map(HostIdx);
        let of_stage = hosts.filter(|host| self.plan.host(*host).stage as usize == self.idx);
        of_stage.map(|host| self.plan.length_on(host)).max().unwrap_or(Duration::ZERO)
    }

    fn gates_last(&self, host: HostIdx) -> Duration {
        let refined = self.refinement(host).map_or(&[][..], |refinement| &refinement.gates);
        let gates = self.stage.gates.iter().chain(refined).map(|gate| self.rollout.gates[gate.0 as usize].lasts_for);
        gates.max().unwrap_or(Duration::ZERO)
    }
}

fn limit(batch: Option<&model::Batch>, at_once: Option<&AtOnce>, hosts: usize) -> usize {
    if at_once.is_some() {
        return 1;
    }
    let Some(batch) = batch else { return hosts };
    let amount = match batch.amount {
        Budget::Hosts(number) => number as usize,
        Budget::Percent(percent) => hosts * percent as usize / 100,
    };
    amount.min(batch.at_most.unwrap_or(u64::MAX) as usize).max(1)
}

/// Of two values of one field.
fn compare(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::Integer(one), Value::Integer(other)) => one.cmp(other),
        (Value::Version(one), Value::Version(other)) => one.cmp(other),
        (Value::Text(one), Value::Text(other)) => one.as_bytes().cmp(other.as_bytes()),
        (Value::Bool(one), Value::Bool(other)) => one.cmp(other),
        other => panic!("no order of {other:?}"),
    }
}
