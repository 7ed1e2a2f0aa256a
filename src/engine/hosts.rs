use std::collections::BTreeMap;

use crate::engine::key::{KeyParts, named};
use crate::engine::work::Wakes;
use crate::engine::{Answer, Engine, HostState, Question, StepResult, Target, Task, TaskId, TimerId};
use crate::model::Step;
use crate::plan::HostIdx;
use crate::time::{Duration, Moment, later_by};

/// Between two askings of a step's wait, and the most that one asking takes.
const WAIT_EVERY: Duration = Duration::from_seconds(5);

/// What each host has been through, and what is under way on the few that are being changed.
#[derive(Debug, Clone)]
pub(super) struct Hosts {
    records: Vec<Record>,
    active: BTreeMap<HostIdx, Activity>,
    /// Hosts with a lost step that nothing can tell about.
    unknown: BTreeMap<HostIdx, Activity>,
    ended: u64,
}

#[derive(Debug, Clone)]
struct Record {
    state: HostState,
    /// How many steps were begun and are not undone: what a rollback has before it.
    begun: u32,
    /// Counts from 1 in the order in which hosts ended; 0 for those that have not.
    ended: u64,
    /// The rollback that undoes it.
    claimed_by: Option<u32>,
}

/// What goes on with a host.
#[derive(Debug, Clone, Copy)]
pub(super) struct Activity {
    pub way: Way,
    pub step: u32,
    pub attempt: u32,
    pub doing: Doing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Forward,
    Back,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Doing {
    /// The step's command, or its undo.
    Command,
    /// Between two attempts.
    Pause(TimerId),
    Wait {
        asked_at: Moment,
        until: Moment,
    },
    Verify,
    /// The step's `verify` tells how a lost command ended.
    Recover,
    /// A person must say how a lost command ended.
    Lost,
}

impl Hosts {
    pub fn new(count: usize) -> Hosts {
        let record = Record { state: HostState::Waiting, begun: 0, ended: 0, claimed_by: None };
        Hosts { records: vec![record; count], active: BTreeMap::new(), unknown: BTreeMap::new(), ended: 0 }
    }

    pub fn replace_state(&mut self, host: HostIdx, state: HostState) -> HostState {
        std::mem::replace(&mut self.record_mut(host).state, state)
    }

    pub fn state(&self, host: HostIdx) -> HostState {
        self.record(host).state
    }

    pub fn ended(&self, host: HostIdx) -> u64 {
        self.record(host).ended
    }

    pub fn begun(&self, host: HostIdx) -> u32 {
        self.record(host).begun
    }

    pub fn set_begun(&mut self, host: HostIdx, steps: u32) {
        self.record_mut(host).begun = steps;
    }

    pub fn claimed_by(&self, host: HostIdx) -> Option<u32> {
        self.record(host).claimed_by
    }

    pub fn set_claim(&mut self, host: HostIdx, rollback: Option<u32>) {
        self.record_mut(host).claimed_by = rollback;
    }

    pub fn activity(&self, host: HostIdx) -> Option<Activity> {
        self.active.get(&host).copied()
    }

    pub fn unknown(&self) -> impl Iterator<Item = (HostIdx, Activity)> {
        self.unknown.iter().map(|(host, activity)| (*host, *activity))
    }

    pub fn take_unknown(&mut self, host: HostIdx) -> Option<Activity> {
        self.unknown.remove(&host)
    }

    pub fn contains(&self, host: HostIdx) -> bool {
        (host.0 as usize) < self.records.len()
    }

    pub fn add_to(&self, key: &mut KeyParts, what: impl Fn(u32) -> Target) {
        let Hosts { records, active, unknown, ended: _ } = self;
        for (host, record) in (0..).map(HostIdx).zip(records) {
            let Record { state, begun, ended: _, claimed_by } = record;
            let claim = claimed_by.map(|claim| named(what(claim), key));
            key.add_to_host(host, (15u8, state, begun, claim));
        }
        for (host, activity) in active {
            key.add_to_host(*host, (16u8, activity.told()));
        }
        for (host, activity) in unknown {
            key.add_to_host(*host, (17u8, activity.told()));
        }
    }

    fn mark_ended(&mut self, host: HostIdx) {
        self.ended += 1;
        self.record_mut(host).ended = self.ended;
    }

    fn record(&self, host: HostIdx) -> &Record {
        &self.records[host.0 as usize]
    }

    fn record_mut(&mut self, host: HostIdx) -> &mut Record {
        &mut self.records[host.0 as usize]
    }
}

impl Activity {
    fn told(&self) -> impl std::hash::Hash + use<> {
        let Activity { way, step, attempt, doing } = *self;
        let doing = match doing {
            Doing::Command => 0u8,
            Doing::Pause(_) => 1,
            Doing::Wait { asked_at: _, until: _ } => 2,
            Doing::Verify => 3,
            Doing::Recover => 4,
            Doing::Lost => 5,
        };
        (way == Way::Back, step, attempt, doing)
    }
}

impl Engine {
    /// Begins the batch of a host, which has been taken down if its change draws on budgets.
    pub(super) fn begin_host(&mut self, host: HostIdx) {
        self.begin_step(host, self.layout.ahead);
    }

    /// Begins what runs ahead.
    pub(super) fn begin_first_step(&mut self, host: HostIdx) {
        self.begin_step(host, 0);
    }

    fn begin_step(&mut self, host: HostIdx, from: u32) {
        let step = self.step_from(host, from);
        if step as usize >= self.plan.steps.len() {
            return self.host_is_done(host);
        }
        self.set_state(host, self.in_step(step));
        self.hosts.set_begun(host, step + 1);
        self.begin_command(host, Way::Forward, step, 1);
    }

    /// The first step from one on that the host does not pass over; the number of steps where there is none.
    pub(super) fn step_from(&self, host: HostIdx, from: u32) -> u32 {
        let steps = self.plan.steps.iter().skip(from as usize);
        from + steps.take_while(|step| self.plan.passes_over(host, step)).count() as u32
    }

    /// Runs a step's command, or its undo.
    pub(super) fn begin_command(&mut self, host: HostIdx, way: Way, step: u32, attempt: u32) {
        let task = match way {
            Way::Forward => Task::Run { host, step, attempt },
            Way::Back => Task::Undo { host, step, attempt },
        };
        self.begin(task);
        self.activate(host, Activity { way, step, attempt, doing: Doing::Command });
    }

    pub(super) fn step_ended(&mut self, task: TaskId, result: &StepResult) {
        let host = match self.work.get(task).map(|handed| &handed.task) {
            Some(Task::Run { host, .. } | Task::Undo { host, .. } | Task::Verify { host, .. }) => *host,
            Some(Task::Probe { .. }) | None => return,
        };
        self.work.take_task(task);
        let Some(activity) = self.hosts.activity(host) else { return };
        let has_succeeded = *result == StepResult::Succeeded;
        match (activity.doing, activity.way) {
            (Doing::Command, Way::Forward) if has_succeeded => self.command_succeeded(host, activity),
            (Doing::Command, Way::Back) if has_succeeded => self.step_is_undone(host, activity.step),
            (Doing::Verify, _) if has_succeeded => self.step_is_done(host, activity.step),
            (Doing::Recover, _) => self.recovered(host, activity, result),
            _ => self.attempt_failed(host, activity),
        }
    }

    fn command_succeeded(&mut self, host: HostIdx, activity: Activity) {
        match &self.step(activity.step).wait {
            Some(wait) => {
                let until = later_by(self.at, wait.within);
                self.ask_wait(host, activity, until);
            }
            None => self.verify(host, activity),
        }
    }

    fn ask_wait(&mut self, host: HostIdx, activity: Activity, until: Moment) {
        let question = Question::Wait { host, step: activity.step, timeout: WAIT_EVERY };
        self.begin(Task::Probe { question });
        self.activate(host, Activity { doing: Doing::Wait { asked_at: self.at, until }, ..activity });
    }

    pub(super) fn wait_answered(&mut self, host: HostIdx, answer: Answer) {
        let Some(activity) = self.hosts.activity(host) else { return };
        let Doing::Wait { asked_at, until } = activity.doing else { return };
        if answer == Answer::Pass {
            self.verify(host, activity);
        } else if self.at >= until {
            self.attempt_failed(host, activity);
        } else {
            let next = later_by(asked_at, WAIT_EVERY).max(self.at).min(until);
            self.set_timer(next, Wakes::Host(host));
        }
    }

    fn verify(&mut self, host: HostIdx, activity: Activity) {
        if self.step(activity.step).verify.is_none() {
            return self.step_is_done(host, activity.step);
        }
        self.begin(Task::Verify { host, step: activity.step });
        self.activate(host, Activity { doing: Doing::Verify, ..activity });
    }

    pub(super) fn step_is_done(&mut self, host: HostIdx, step: u32) {
        if self.hosts.claimed_by(host).is_some() {
            return self.try_undo(host);
        }
        if step + 1 == self.layout.ahead {
            return self.is_ready(host);
        }
        self.begin_step(host, step + 1);
    }

    fn host_is_done(&mut self, host: HostIdx) {
        self.hosts.mark_ended(host);
        self.deactivate(host);
        self.set_state(host, HostState::Done);
        self.bring_up(host);
    }

    fn attempt_failed(&mut self, host: HostIdx, activity: Activity) {
        let retry = self.step(activity.step).retry;
        // A step that is to be undone is not tried again.
        let is_given_up = activity.way == Way::Forward && self.hosts.claimed_by(host).is_some();
        if is_given_up || u64::from(activity.attempt) > retry.times {
            return self.attempts_are_over(host, activity);
        }
        let timer = self.set_timer(later_by(self.at, retry.every), Wakes::Host(host));
        self.activate(host, Activity { doing: Doing::Pause(timer), ..activity });
    }

    pub(super) fn pause_over(&mut self, host: HostIdx) {
        let Some(activity) = self.hosts.activity(host) else { return };
        match activity.doing {
            Doing::Pause(_) => {
                let attempt = activity.attempt.saturating_add(1);
                self.begin_command(host, activity.way, activity.step, attempt);
            }
            Doing::Wait { until, .. } => self.ask_wait(host, activity, until),
            Doing::Command | Doing::Verify | Doing::Recover | Doing::Lost => {}
        }
    }

    fn attempts_are_over(&mut self, host: HostIdx, activity: Activity) {
        match activity.way {
            Way::Forward => self.host_failed(host, activity.step),
            Way::Back => self.undo_failed(host, activity.step),
        }
    }

    pub(super) fn host_failed(&mut self, host: HostIdx, step: u32) {
        self.hosts.mark_ended(host);
        self.take_down_in(host, step);
        self.deactivate(host);
        self.set_state(host, HostState::Failed { step });
        self.failure_met(host, step);
        if self.hosts.claimed_by(host).is_some() {
            self.try_undo(host);
        }
    }

    pub(super) fn task_lost(&mut self, task: TaskId) {
        let Some(handed) = self.work.take_task(task) else { return };
        match handed.task {
            Task::Run { host, .. } | Task::Undo { host, .. } => self.command_lost(host),
            // A question changes nothing on a host: it is asked again.
            Task::Verify { .. } => {
                self.begin(handed.task);
            }
            Task::Probe { .. } => match handed.asking {
                Some(asking) => self.ask(asking),
                None => {
                    self.begin(handed.task);
                }
            },
        }
    }

    fn command_lost(&mut self, host: HostIdx) {
        let Some(activity) = self.hosts.activity(host) else { return };
        if self.step(activity.step).verify.is_none() {
            return self.nobody_knows(host, activity);
        }
        self.begin(Task::Verify { host, step: activity.step });
        self.activate(host, Activity { doing: Doing::Recover, ..activity });
    }

    /// The verify of a step whose command, or undo, was lost has ended: its effect is there, or not.
    fn recovered(&mut self, host: HostIdx, activity: Activity, result: &StepResult) {
        let Activity { way, step, attempt, .. } = activity;
        match (result, way) {
            (StepResult::Succeeded, Way::Forward) => self.step_is_done(host, step),
            (StepResult::Failed { .. }, Way::Forward) => self.run_again(host, activity),
            (StepResult::Succeeded, Way::Back) => self.begin_command(host, way, step, attempt),
            (StepResult::Failed { .. }, Way::Back) => self.step_is_undone(host, step),
            (StepResult::TimedOut | StepResult::NotStarted { .. }, _) => self.nobody_knows(host, activity),
        }
    }

    /// A lost command is known not to have done its work. It is no failed attempt.
    pub(super) fn run_again(&mut self, host: HostIdx, activity: Activity) {
        let Activity { way, step, attempt, .. } = activity;
        if way == Way::Forward && self.hosts.claimed_by(host).is_some() {
            self.hosts.set_begun(host, step);
            return self.try_undo(host);
        }
        self.set_state(host, if way == Way::Forward { self.in_step(step) } else { HostState::Undoing { step } });
        self.begin_command(host, way, step, attempt);
    }

    fn nobody_knows(&mut self, host: HostIdx, activity: Activity) {
        self.take_down_in(host, activity.step);
        self.deactivate(host);
        self.hosts.unknown.insert(host, Activity { doing: Doing::Lost, ..activity });
        self.set_state(host, HostState::Unknown { step: activity.step });
    }

    /// A step of a host came to no good end: it counts as down. One that runs ahead takes no host down, so that as many as
    /// there are may be in it at once; a host stays as it was in it.
    pub(super) fn take_down_in(&mut self, host: HostIdx, step: u32) {
        if step >= self.layout.ahead {
            self.take_down(host);
        }
    }

    /// Something is under way on the host from now on, if it was not before.
    pub(super) fn activate(&mut self, host: HostIdx, activity: Activity) {
        if self.hosts.active.insert(host, activity).is_none() {
            self.count_rising(host);
        }
    }

    pub(super) fn deactivate(&mut self, host: HostIdx) {
        if self.hosts.active.remove(&host).is_some() {
            self.count_risen(host);
        }
    }

    fn step(&self, step: u32) -> &Step {
        &self.plan.steps[step as usize]
    }
}
