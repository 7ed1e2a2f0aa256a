use std::collections::VecDeque;

use crate::engine::gates::{RoundIdx, RoundOf};
use crate::engine::key::KeyParts;
use crate::engine::layout::{BatchIdx, LaneIdx, LanePlace};
use crate::engine::work::Wakes;
use crate::engine::{Engine, HostState, Status, Target, TimerId};
use crate::plan::HostIdx;
use crate::time::{Moment, NoFit};

/// How far a lane is; its batches come one after the other.
#[derive(Debug, Clone, Default)]
pub(super) struct LaneRun {
    pub phase: LanePhase,
    /// Among the lane's batches.
    pub batch: u32,
    /// Hosts of the batch that begin as soon as the window is open and nothing holds them. Those that wait for a budget
    /// are with the budgets.
    pub pending: VecDeque<HostIdx>,
    /// Set while the window is closed.
    pub window: Option<(TimerId, Moment)>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum LanePhase {
    /// Its turn has not come.
    #[default]
    Waiting,
    /// A batch is about to begin, or under way.
    Batch,
    /// The batch has ended, and its gates are asked.
    Gates(RoundIdx),
    Through,
}

impl LaneRun {
    pub fn add_to(&self, idx: usize, key: &mut KeyParts) {
        let LaneRun { phase, batch, pending, window } = self;
        let phase = match phase {
            LanePhase::Waiting => 0u8,
            LanePhase::Batch => 1,
            LanePhase::Gates(_) => 2,
            LanePhase::Through => 3,
        };
        key.add(("lane", idx, phase, batch, window.is_some()));
        pending.iter().for_each(|host| key.add_to_host(*host, "pending"));
    }
}

impl Engine {
    pub(super) fn begin_lane(&mut self, lane: LaneIdx) {
        self.begin_batch(lane, 0);
    }

    /// Goes as far as a lane can now.
    pub(super) fn look_at_lane(&mut self, lane: LaneIdx) {
        match self.lane(lane).phase {
            LanePhase::Waiting | LanePhase::Through => {}
            LanePhase::Batch => {
                self.begin_pending(lane);
                if self.tallies.batch(self.batch_of_lane(lane)).progress.is_ended() {
                    self.end_batch(lane);
                }
            }
            LanePhase::Gates(round) => {
                if self.gates.is_passed(round) {
                    self.gates.forget(round);
                    self.begin_batch(lane, self.lane(lane).batch + 1);
                }
            }
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

    fn begin_batch(&mut self, lane: LaneIdx, batch: u32) {
        let place = *self.layout.lane(lane);
        if batch >= place.batches {
            self.lane_mut(lane).phase = LanePhase::Through;
            self.lane_is_through(place.turn);
            return;
        }
        let planned = self.layout.batch(&self.plan, self.layout.batch_idx(lane, batch));
        let pending = planned.hosts.iter().copied().collect();
        *self.lane_mut(lane) = LaneRun { phase: LanePhase::Batch, batch, pending, window: None };
        self.due.lanes.insert(lane);
    }

    /// Begins what is pending in a lane, now or when its window opens.
    fn begin_pending(&mut self, lane: LaneIdx) {
        let Some(first) = self.first_unheld(lane) else {
            return self.set_window(lane, None);
        };
        let site = self.plan.host(first).site;
        let bounds = self.plan.bounds(self.layout.lane(lane).stage, site);
        let schedule = &self.plan.sites[site.0 as usize].schedule;
        match schedule.earliest_fit(self.at, self.layout.batch_length, &bounds) {
            Ok(start) if start <= self.at => {
                self.set_window(lane, None);
                self.begin_hosts(lane);
            }
            Ok(start) => self.set_window(lane, Some(start)),
            Err(no_fit) => {
                let region = self.layout.lane(lane).region;
                self.hold(Target::Region(region), no_window(&no_fit));
            }
        }
    }

    /// The first pending host that nothing holds.
    fn first_unheld(&self, lane: LaneIdx) -> Option<HostIdx> {
        let run = self.lane(lane);
        if run.pending.is_empty() || self.is_lane_held(lane) {
            return None;
        }
        run.pending.iter().copied().find(|host| !self.is_host_held(*host))
    }

    fn is_lane_held(&self, lane: LaneIdx) -> bool {
        let LanePlace { region, .. } = *self.layout.lane(lane);
        self.is_stage_held()
            || self.holds.has(Target::Region(region))
            || self.holds.has(self.layout.target(self.batch_of_lane(lane)))
    }

    fn is_host_held(&self, host: HostIdx) -> bool {
        self.holds.has(Target::Site(self.plan.host(host).site)) || self.holds.has(Target::Host(host))
    }

    /// Whether a host of a batch that is under way may not begin.
    pub(super) fn is_held(&self, host: HostIdx) -> bool {
        self.is_host_held(host) || self.layout.lane_of(host).is_some_and(|lane| self.is_lane_held(lane))
    }

    /// Nothing was begun on the host after all: it is as it was before its turn.
    pub(super) fn wait_again(&mut self, host: HostIdx) {
        if let Some(lane) = self.layout.lane_of(host) {
            self.lane_mut(lane).pending.push_back(host);
        }
        self.hosts.set_begun(host, 0);
        self.deactivate(host);
        self.set_state(host, HostState::Waiting);
        self.bring_up(host);
    }

    /// Begins every pending host that is not held and has room; the others stay behind.
    fn begin_hosts(&mut self, lane: LaneIdx) {
        let mut hosts = Vec::new();
        let pending = std::mem::take(&mut self.lane_mut(lane).pending);
        for host in pending {
            if self.is_host_held(host) {
                self.lane_mut(lane).pending.push_back(host);
            } else if self.take_down_to_change(host) {
                hosts.push(host);
            }
        }
        if hosts.is_empty() {
            return;
        }
        let LanePlace { stage, turn, lane: of_turn, .. } = *self.layout.lane(lane);
        let batch = self.lane(lane).batch;
        self.tell(Status::BatchBegan { stage, turn, lane: of_turn, batch, hosts: hosts.clone() });
        for host in hosts {
            self.begin_host(host);
        }
    }

    fn end_batch(&mut self, lane: LaneIdx) {
        let LanePlace { stage, turn, lane: of_turn, .. } = *self.layout.lane(lane);
        let batch = self.lane(lane).batch;
        let progress = self.tallies.batch(self.batch_of_lane(lane)).progress;
        let failed = progress.failed + progress.half_rolled_back;
        self.tell(Status::BatchEnded { stage, turn, lane: of_turn, batch, done: progress.done, failed });
        let questions = self.questions_of_batch(self.batch_of_lane(lane));
        let round = self.begin_round(RoundOf::Batch(self.batch_of_lane(lane)), questions);
        self.lane_mut(lane).phase = LanePhase::Gates(round);
        self.due.lanes.insert(lane);
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

    pub(super) fn batch_of_lane(&self, lane: LaneIdx) -> BatchIdx {
        self.layout.batch_idx(lane, self.lane(lane).batch)
    }

    pub(super) fn lane(&self, lane: LaneIdx) -> &LaneRun {
        &self.lanes[lane.0 as usize]
    }

    fn lane_mut(&mut self, lane: LaneIdx) -> &mut LaneRun {
        &mut self.lanes[lane.0 as usize]
    }
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
