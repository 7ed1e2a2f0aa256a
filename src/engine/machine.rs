use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use crate::engine::budgets::Budgets;
use crate::engine::deadline::Risk;
use crate::engine::gates::Gates;
use crate::engine::holds::Holds;
use crate::engine::hosts::Hosts;
use crate::engine::lanes::LaneRun;
use crate::engine::layout::{BatchIdx, LaneIdx, Layout};
use crate::engine::rollback::Rollbacks;
use crate::engine::rules::Firing;
use crate::engine::stages::StageRun;
use crate::engine::tally::Tallies;
use crate::engine::work::{Wakes, Work};
use crate::engine::{Command, Event, HostState, Outcome, Status, TimerId};
use crate::plan::{HostIdx, Plan};
use crate::time::Moment;

/// The state of one run. Cheap enough to clone for a step back.
///
/// An event does what is its own at once (a host goes to its next step, a region is held) and notes what must be looked
/// at because of it: rules that fire, budgets with new room, batches, lanes and the stage that may go on. These are then looked at
/// in that order until nothing is due, so that a rule holds what a lane would otherwise begin.
#[derive(Debug, Clone)]
pub struct Engine {
    pub(super) plan: Arc<Plan>,
    pub(super) layout: Arc<Layout>,
    /// The moment of the event that is being taken in.
    pub(super) at: Moment,
    /// What the event leads to so far; empty between events.
    pub(super) commands: Vec<Command>,
    pub(super) due: Due,
    pub(super) work: Work,
    pub(super) hosts: Hosts,
    pub(super) tallies: Tallies,
    pub(super) budgets: Budgets,
    pub(super) stage: StageRun,
    /// By `LaneIdx`.
    pub(super) lanes: Vec<LaneRun>,
    pub(super) gates: Gates,
    pub(super) holds: Holds,
    pub(super) rollbacks: Rollbacks,
    pub(super) risk: Risk,
    /// The outcome that was told last.
    pub(super) told: Option<Outcome>,
}

/// What must be looked at before an event is dealt with; empty between events.
#[derive(Debug, Clone, Default)]
pub(super) struct Due {
    pub rules: VecDeque<Firing>,
    /// Budget groups, by their place in the plan.
    pub groups: BTreeSet<usize>,
    pub batches: BTreeSet<BatchIdx>,
    pub lanes: BTreeSet<LaneIdx>,
    pub stage: bool,
}

impl Engine {
    pub fn new(plan: Arc<Plan>) -> Engine {
        let layout = Arc::new(Layout::of(&plan));
        Engine {
            at: plan.starts_at,
            commands: Vec::new(),
            due: Due::default(),
            work: Work::default(),
            hosts: Hosts::new(plan.hosts.len()),
            tallies: Tallies::new(&plan, &layout),
            budgets: Budgets::new(&plan),
            stage: StageRun::default(),
            lanes: vec![LaneRun::default(); layout.lanes.len()],
            gates: Gates::default(),
            holds: Holds::default(),
            rollbacks: Rollbacks::default(),
            risk: Risk::default(),
            told: None,
            layout,
            plan,
        }
    }

    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// Takes in what happened at `at` and says what is to be done now. An event that does not fit the state (a task that
    /// is not under way, a timer that was cancelled) changes nothing.
    pub fn apply(&mut self, at: Moment, event: &Event) -> Vec<Command> {
        self.at = at;
        match event {
            Event::Started => self.start(),
            Event::TaskBegan { task } => self.work.began(*task),
            Event::StepEnded { task, result } => self.step_ended(*task, result),
            Event::ProbeAnswered { task, answer, detail } => self.probe_answered(*task, *answer, detail),
            Event::TimerFired { timer } => self.timer_fired(*timer),
            Event::TaskLost { task } => self.task_lost(*task),
            Event::Said { person, act } => self.said(person, act),
        }
        self.look_at_deadline();
        self.look_at_what_is_due();
        self.watch_deadline();
        self.tell_outcome();
        std::mem::take(&mut self.commands)
    }

    fn timer_fired(&mut self, timer: TimerId) {
        match self.work.take_timer(timer) {
            None => {}
            Some(Wakes::Start) => self.start_moment_came(),
            Some(Wakes::Lane(lane)) => self.window_opened(lane),
            Some(Wakes::Soak) => self.soaked(),
            Some(Wakes::Approval) => self.approval_time_over(),
            Some(Wakes::Host(host)) => self.pause_over(host),
            Some(Wakes::Asking(asking)) => self.ask(asking),
            Some(Wakes::Risk) => self.risk_timer_fired(),
        }
    }

    fn look_at_what_is_due(&mut self) {
        loop {
            if let Some(firing) = self.due.rules.pop_front() {
                self.fire(firing);
            } else if let Some(group) = self.due.groups.pop_first() {
                self.look_at_group(group);
            } else if let Some(batch) = self.due.batches.pop_first() {
                self.look_at_batch(batch);
            } else if let Some(lane) = self.due.lanes.pop_first() {
                self.look_at_lane(lane);
            } else if std::mem::take(&mut self.due.stage) {
                self.look_at_stage();
            } else {
                return;
            }
        }
    }

    pub(super) fn tell(&mut self, status: Status) {
        self.commands.push(Command::Tell(status));
    }

    /// The one place where a host's state changes: the counts, the story and the batch hear of it.
    pub(super) fn set_state(&mut self, host: HostIdx, state: HostState) {
        let before = self.hosts.replace_state(host, state);
        if before == state {
            return;
        }
        self.tallies.change(&self.plan, &self.layout, host, before, state);
        self.tell(Status::HostChanged { host, state });
        if !matches!(state, HostState::Ahead { .. } | HostState::Changing { .. } | HostState::Undoing { .. }) {
            self.due.batches.extend(self.layout.batch_of(host));
        }
    }

    fn tell_outcome(&mut self) {
        let outcome = self.outcome();
        if self.told != outcome {
            self.told = outcome;
            if let Some(outcome) = outcome {
                self.tell(Status::Finished { outcome });
            }
        }
    }
}
