use std::collections::{BTreeMap, VecDeque};

use crate::engine::gates::{RoundIdx, RoundOf};
use crate::engine::key::KeyParts;
use crate::engine::layout::{BatchIdx, LaneIdx, LanePlace};
use crate::engine::work::Wakes;
use crate::engine::{Engine, HostState, Status, Target, TimerId};
use crate::model::RegionId;
use crate::plan::HostIdx;
use crate::time::{Moment, NoFit};

/// How far a lane is.
#[derive(Debug, Clone, Default)]
pub(super) struct LaneRun {
    phase: LanePhase,
    /// The first of its batches that has not been opened.
    next: u32,
    /// The batches that are under way, at most as many as the lane is wide; with the gates that are asked of those whose
    /// hosts have ended.
    open: BTreeMap<BatchIdx, Option<RoundIdx>>,
    /// Hosts on which the steps that run ahead have not begun.
    pub ahead: VecDeque<HostIdx>,
    /// Hosts of open batches that begin as soon as their window is open and nothing holds them. Those that wait for a
    /// budget are with the budgets.
    pending: VecDeque<HostIdx>,
    /// Set while no pending host's window is open.
    pub window: Option<(TimerId, Moment)>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum LanePhase {
    /// Its turn has not come.
    #[default]
    Waiting,
    Running,
    Through,
}

impl LaneRun {
    pub fn add_to(&self, idx: usize, region: RegionId, key: &mut KeyParts) {
        let LaneRun { phase, next, open, ahead, pending, window } = self;
        let phase = match phase {
            LanePhase::Waiting => 0u8,
            LanePhase::Running => 1,
            LanePhase::Through => 2,
        };
        key.add_to_region(region, (1u8, idx, phase, next, window.is_some()));
        for (batch, round) in open {
            key.add_to_region(region, (2u8, batch, round.is_some()));
        }
        ahead.iter().for_each(|host| key.add_to_host(*host, 3u8));
        pending.iter().for_each(|host| key.add_to_host(*host, 4u8));
    }

    /// Whether a batch of this lane has been opened, and its gates have passed.
    fn is_past(&self, batch: BatchIdx, place: u32) -> bool {
        place < self.next && !self.open.contains_key(&batch)
    }

    /// The batches that are open, with whether their gates are asked.
    pub fn under_way(&self) -> impl Iterator<Item = (BatchIdx, bool)> {
        self.open.iter().map(|(batch, round)| (*batch, round.is_some()))
    }
}

impl LaneRun {
    pub fn has_begun(&self) -> bool {
        self.phase != LanePhase::Waiting
    }

    pub fn is_through(&self) -> bool {
        self.phase == LanePhase::Through
    }
}

impl Engine {
    pub(super) fn begin_lane(&mut self, lane: LaneIdx) {
        self.lane_mut(lane).phase = LanePhase::Running;
        if self.layout.ahead > 0 {
            let plan = self.plan.clone();
            let batches = self.layout.planned_lane(&plan, lane).batches.iter();
            self.lane_mut(lane).ahead = batches.flat_map(|batch| batch.hosts.iter().copied()).collect();
        }
        self.open_batches(lane);
        self.due.lanes.insert(lane);
    }

    /// Goes as far as a lane can now: it begins, or holds have changed, or a window has opened.
    pub(super) fn look_at_lane(&mut self, lane: LaneIdx) {
        if self.lane(lane).phase == LanePhase::Running {
            self.begin_ahead(lane);
            self.begin_pending(lane);
        }
    }

    /// Goes as far as a batch can now: one of its hosts has ended or is ready, or its gates have answered.
    pub(super) fn look_at_batch(&mut self, batch: BatchIdx) {
        let lane = self.layout.batches[batch.0 as usize].lane;
        match self.lane(lane).open.get(&batch).copied() {
            None => {}
            Some(None) => {
                let progress = &self.tallies.batch(batch).progress;
                if progress.is_ended() {
                    self.end_batch(lane, batch);
                } else if progress.ahead == 0 {
                    self.begin_pending(lane);
                }
            }
            Some(Some(round)) if self.gates.is_passed(round) => {
                self.gates.forget(round);
                self.lane_mut(lane).open.remove(&batch);
                self.open_batches(lane);
            }
            Some(Some(_)) => {}
        }
    }

    pub(super) fn window_opened(&mut self, lane: LaneIdx) {
        self.lane_mut(lane).window = None;
        self.due.lanes.insert(lane);
    }

    /// A host that a budget left behind may find room now; it begins unless its window is closed or it is held.
    pub(super) fn come_forward(&mut self, host: HostIdx) {
        if let Some(lane) = self.layout.lane_of(host) {
            self.lane_mut(lane).pending.push_back(host);
            self.begin_pending(lane);
        }
    }

    /// What ran ahead on the host is done: it begins with its batch.
    pub(super) fn wait_for_batch(&mut self, host: HostIdx) {
        let Some(batch) = self.layout.batch_of(host) else { return };
        let lane = self.layout.batches[batch.0 as usize].lane;
        if self.lane(lane).open.contains_key(&batch) {
            self.lane_mut(lane).pending.push_back(host);
        }
    }

    /// Whether a batch has ended and its gates have passed.
    pub(super) fn is_batch_through(&self, batch: BatchIdx) -> bool {
        let place = self.layout.batches[batch.0 as usize];
        self.lane(place.lane).is_past(batch, place.batch)
    }

    /// Opens the next batches, as many as the lane is wide.
    fn open_batches(&mut self, lane: LaneIdx) {
        let plan = self.plan.clone();
        let place = *self.layout.lane(lane);
        let width = self.layout.planned_lane(&plan, lane).width as usize;
        while self.lane(lane).open.len() < width && self.lane(lane).next < place.batches {
            let batch = self.layout.batch_idx(lane, self.lane(lane).next);
            let hosts = self.layout.batch(&plan, batch).hosts.iter().copied();
            let waiting: Vec<_> = hosts.filter(|host| self.is_before_its_batch(*host)).collect();
            let run = self.lane_mut(lane);
            run.next += 1;
            run.open.insert(batch, None);
            run.pending.extend(waiting);
            self.due.batches.insert(batch);
        }
        if self.lane(lane).open.is_empty() {
            self.lane_mut(lane).phase = LanePhase::Through;
            self.lane_is_through(place.turn);
        }
    }

    /// Whether nothing of the host's batch was begun on it, and it may begin.
    fn is_before_its_batch(&self, host: HostIdx) -> bool {
        let before = if self.layout.ahead > 0 { HostState::Ready } else { HostState::Waiting };
        self.host(host) == before && self.hosts.claimed_by(host).is_none()
    }

    /// Begins what is pending in a lane, now or when its window opens.
    fn begin_pending(&mut self, lane: LaneIdx) {
        if self.lane(lane).pending.is_empty() || self.is_lane_held(lane) {
            return self.set_window(lane, None);
        }
        let mut windows = Windows::default();
        let (mut hosts, mut left) = (Vec::new(), VecDeque::new());
        let pending = std::mem::take(&mut self.lane_mut(lane).pending);
        for host in pending.into_iter().filter(|host| self.is_before_its_batch(*host)) {
            if self.is_host_held(host) || self.is_batch_ahead(host) || !self.is_open_for(host, lane, &mut windows) {
                left.push_back(host);
            } else {
                hosts.push(host);
            }
        }
        self.lane_mut(lane).pending = left;
        self.set_window(lane, windows.opens_at);
        self.begin_hosts(hosts);
        if let Some(no_fit) = windows.never {
            let region = self.layout.lane(lane).region;
            self.hold(Target::Region(region), no_window(&no_fit));
        }
    }

    fn is_open_for(&self, host: HostIdx, lane: LaneIdx, windows: &mut Windows) -> bool {
        let site = self.plan.host(host).site;
        if let Some((_, is_open)) = windows.last.filter(|(last, _)| *last == site) {
            return is_open;
        }
        let stage = self.layout.lane(lane).stage as usize;
        let bounds = self.plan.bounds(self.layout.lane(lane).stage, site);
        let schedule = &self.plan.sites[site.0 as usize].schedule;
        let is_open = match schedule.earliest_fit(self.at, self.layout.batch_lengths[stage], &bounds) {
            Ok(start) if start <= self.at => true,
            Ok(start) => {
                windows.opens_at = Some(windows.opens_at.map_or(start, |first| first.min(start)));
                false
            }
            Err(no_fit) => {
                windows.never.get_or_insert(no_fit);
                false
            }
        };
        windows.last = Some((site, is_open));
        is_open
    }

    /// Whether what runs ahead is under way on a host of its batch, which waits for that.
    fn is_batch_ahead(&self, host: HostIdx) -> bool {
        self.layout.batch_of(host).is_some_and(|batch| self.tallies.batch(batch).progress.ahead > 0)
    }

    pub(super) fn is_lane_held(&self, lane: LaneIdx) -> bool {
        self.is_stage_held() || self.holds.has(Target::Region(self.layout.lane(lane).region))
    }

    pub(super) fn is_host_held(&self, host: HostIdx) -> bool {
        let is_batch_held = |batch| self.holds.has(self.layout.target(batch));
        self.holds.has(Target::Site(self.plan.host(host).site))
            || self.holds.has(Target::Host(host))
            || self.layout.batch_of(host).is_some_and(is_batch_held)
    }

    /// Whether a host of a turn that has begun may not begin.
    pub(super) fn is_held(&self, host: HostIdx) -> bool {
        self.is_host_held(host) || self.layout.lane_of(host).is_some_and(|lane| self.is_lane_held(lane))
    }

    /// Nothing was begun on the host after all, neither ahead nor of its batch: it is as it was before its turn.
    pub(super) fn wait_again(&mut self, host: HostIdx) {
        let Some(lane) = self.layout.lane_of(host) else { return };
        let was_ahead = matches!(self.host(host), HostState::Ahead { .. });
        let (begun, state) = match self.layout.ahead {
            ahead if ahead > 0 && !was_ahead => (ahead, HostState::Ready),
            _ => (0, HostState::Waiting),
        };
        let lane = self.lane_mut(lane);
        if was_ahead {
            lane.ahead.push_back(host)
        } else {
            lane.pending.push_back(host)
        }
        self.hosts.set_begun(host, begun);
        self.deactivate(host);
        self.set_state(host, state);
        self.bring_up(host);
    }

    /// Begins every one of these hosts that has room; the others stay behind.
    fn begin_hosts(&mut self, hosts: Vec<HostIdx>) {
        let layout = self.layout.clone();
        let with_room: Vec<_> = hosts.into_iter().filter(|host| self.take_down_to_change(*host)).collect();
        for together in with_room.chunk_by(|one, other| layout.batch_of(*one) == layout.batch_of(*other)) {
            let batch = together.first().and_then(|host| layout.batch_of(*host));
            if let Some(Target::Batch { stage, turn, lane, batch }) = batch.map(|batch| layout.target(batch)) {
                self.tell(Status::BatchBegan { stage, turn, lane, batch, hosts: together.to_vec() });
            }
        }
        for host in with_room {
            self.begin_host(host);
        }
    }

    fn end_batch(&mut self, lane: LaneIdx, batch: BatchIdx) {
        let LanePlace { stage, turn, lane: of_turn, first_batch, .. } = *self.layout.lane(lane);
        let progress = self.tallies.batch(batch).progress;
        let failed = progress.failed + progress.half_rolled_back;
        let number = batch.0 - first_batch;
        self.tell(Status::BatchEnded { stage, turn, lane: of_turn, batch: number, done: progress.done, failed });
        let questions = self.questions_of_batch(batch);
        let round = self.begin_round(RoundOf::Batch(batch), questions);
        self.lane_mut(lane).open.insert(batch, Some(round));
        self.due.batches.insert(batch);
    }

    /// Sets, moves or cancels the timer of a lane's window.
    fn set_window(&mut self, lane: LaneIdx, opens_at: Option<Moment>) {
        let before = self.lane(lane).window;
        if before.map(|(_, at)| at) == opens_at {
            return;
        }
        if let Some((timer, _)) = before {
            self.cancel_timer(timer);
        }
        let window = opens_at.map(|at| (self.set_timer(at, Wakes::Lane(lane)), at));
        self.lane_mut(lane).window = window;
    }

    pub(super) fn lane(&self, lane: LaneIdx) -> &LaneRun {
        &self.lanes[lane.0 as usize]
    }

    pub(super) fn lane_mut(&mut self, lane: LaneIdx) -> &mut LaneRun {
        &mut self.lanes[lane.0 as usize]
    }
}

/// What was found of the windows of the hosts that are pending in a lane.
#[derive(Default)]
struct Windows {
    /// The site that was looked at last, since those of a batch come together.
    last: Option<(crate::model::SiteId, bool)>,
    /// The first that is closed now.
    opens_at: Option<Moment>,
    never: Option<NoFit>,
}

fn no_window(no_fit: &NoFit) -> String {
    match no_fit.longest {
        _ if no_fit.sunless.is_some() => {
            "the sun does not rise for a day, and it must finish before sunrise".to_owned()
        }
        None => "no window opens within 400 days".to_owned(),
        Some(_) => format!("no window within 400 days is long enough: the longest is {} too short", no_fit.short_by),
    }
}
