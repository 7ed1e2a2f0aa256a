use std::collections::BTreeSet;

use crate::engine::hosts::Doing;
use crate::engine::stages::StagePhase;
use crate::engine::work::Wakes;
use crate::engine::{
    Engine, GateSubject, HostState, Outcome, Progress, RegionState, Target, Task, TaskId, TimerFor, TimerId, Waiting,
};
use crate::model::RegionId;
use crate::plan::HostIdx;

impl Engine {
    /// None while something is under way or will be.
    pub fn outcome(&self) -> Option<Outcome> {
        let waits_for_people = matches!(self.stage.phase, StagePhase::Unstarted | StagePhase::Approval { .. });
        if !self.work.is_idle() || waits_for_people || self.work.wakes().any(|wakes| self.moves(wakes)) {
            return None;
        }
        let progress = self.tallies.rollout.progress;
        if self.rollbacks.were_any() && progress.rolled_back > 0 && progress.begun() == 0 {
            return Some(Outcome::RolledBack);
        }
        Some(if self.stage.phase == StagePhase::Complete { Outcome::Complete } else { Outcome::Held })
    }

    /// Whether something goes on when the timer fires.
    fn moves(&self, wakes: Wakes) -> bool {
        match wakes {
            Wakes::Risk => false,
            Wakes::Start | Wakes::Soak => !self.is_stage_held(),
            Wakes::Lane(_) | Wakes::Approval | Wakes::Host(_) | Wakes::Asking(_) => true,
        }
    }

    /// INVARIANT: `host` is one of the plan's.
    pub fn host(&self, host: HostIdx) -> HostState {
        self.hosts.state(host)
    }

    pub fn is_down(&self, host: HostIdx) -> bool {
        self.budgets.ledger.is_down(host)
    }

    /// The stage that is under way, or comes next; none when all are through.
    pub fn stage(&self) -> Option<u32> {
        ((self.stage.idx as usize) < self.plan.stages.len()).then_some(self.stage.idx)
    }

    /// INVARIANT: `region` is one of the plan's.
    pub fn region(&self, region: RegionId) -> RegionState {
        let progress = &self.tallies.regions[region.0 as usize].progress;
        if self.holds.has(Target::Region(region)) {
            RegionState::Held
        } else if progress.is_ended() {
            RegionState::Done
        } else if progress.waiting == progress.total() {
            RegionState::Waiting
        } else {
            RegionState::Running
        }
    }

    /// How many hosts of something are in which state, without counting them.
    ///
    /// INVARIANT: what is asked for is one of the plan's; of a batch that is not, nothing is in any state.
    pub fn progress(&self, of: Target) -> Progress {
        match of {
            Target::Rollout => self.tallies.rollout.progress,
            Target::Stage(stage) => self.tallies.stages[stage as usize].progress,
            Target::Region(region) => self.tallies.regions[region.0 as usize].progress,
            Target::Site(site) => self.tallies.sites[site.0 as usize].progress,
            Target::Batch { stage, turn, lane, batch } => self
                .layout
                .find_batch(stage, turn, lane, batch)
                .map_or_else(Progress::default, |batch| self.tallies.batch(batch).progress),
            Target::Host(host) => Progress::of_one(self.host(host)),
        }
    }

    /// The stage whose approval is waited for.
    pub fn asks_approval(&self) -> Option<u32> {
        matches!(self.stage.phase, StagePhase::Approval { .. }).then_some(self.stage.idx)
    }

    /// Whether something is held by itself, not by what it lies in.
    pub fn has_hold(&self, what: Target) -> bool {
        self.holds.has(what)
    }

    /// Whether every batch with hosts of this is past its gates.
    ///
    /// INVARIANT: what is asked for is one of the plan's.
    pub fn is_past_its_gates(&self, of: Target) -> bool {
        let hosts = self.layout.hosts_of(&self.plan, of).into_iter();
        hosts.filter_map(|host| self.layout.batch_of(host)).all(|batch| self.is_batch_through(batch))
    }

    /// What was handed out under this number and has not ended.
    pub fn task(&self, task: TaskId) -> Option<&Task> {
        self.work.get(task).map(|handed| &handed.task)
    }

    /// Whether the host's `verify` is asked how a lost step ended.
    ///
    /// INVARIANT: `host` is one of the plan's.
    pub fn is_recovering(&self, host: HostIdx) -> bool {
        self.hosts.activity(host).is_some_and(|activity| matches!(activity.doing, Doing::Recover))
    }

    /// What goes on when a timer fires; none for one that is not set.
    pub fn timer_for(&self, timer: TimerId) -> Option<TimerFor> {
        Some(match self.work.wakes_of(timer)? {
            Wakes::Start => TimerFor::Start,
            Wakes::Lane(lane) => TimerFor::Window(self.layout.lane(lane).region),
            Wakes::Soak => TimerFor::Soak,
            Wakes::Approval => TimerFor::Approval,
            Wakes::Risk => TimerFor::Deadline,
            Wakes::Host(host) => TimerFor::Host(host),
            Wakes::Asking(asking) => {
                let (gate, subject) = self.gates.asked(asking)?;
                TimerFor::Gate { gate, subject }
            }
        })
    }

    /// The region in which a subject lies; none for a batch that is none of the plan's.
    pub fn region_of(&self, subject: GateSubject) -> Option<RegionId> {
        self.region_of_subject(subject)
    }

    /// Whether hosts wait for room in a budget.
    pub fn waits_for_budgets(&self) -> bool {
        self.budgets.waiting().next().is_some()
    }

    /// All that the run waits for beside the work under way: times, then budgets, then people.
    pub fn waiting(&self) -> Vec<Waiting> {
        let mut waiting = self.waiting_for_times();
        waiting.extend(self.budgets.waiting().map(|(host, group)| Waiting::Budget { host, group }));
        let holds = self.holds().into_iter();
        waiting.extend(holds.map(|hold| Waiting::Person { what: hold.what, why: hold.why }));
        let unknown = self.hosts.unknown().map(|(host, lost)| Waiting::Person {
            what: Target::Host(host),
            why: format!("nobody knows how step `{}` ended", self.plan.steps[lost.step as usize].name),
        });
        waiting.extend(unknown);
        waiting
    }

    fn waiting_for_times(&self) -> Vec<Waiting> {
        let stage = self.stage.idx;
        match self.stage.phase {
            StagePhase::Early { until, .. } => vec![Waiting::Window { stage, opens_at: until }],
            StagePhase::Turns => {
                let lanes = self.layout.lanes_of_stage(&self.plan, stage);
                let windows = lanes.into_iter().filter_map(|lane| self.lane(lane).window);
                let opens: BTreeSet<_> = windows.map(|(_, opens_at)| opens_at).collect();
                opens.into_iter().map(|opens_at| Waiting::Window { stage, opens_at }).collect()
            }
            StagePhase::Soaking { until, .. } => vec![Waiting::Soak { stage, until }],
            StagePhase::Approval { until, .. } => vec![Waiting::Approval { stage, until }],
            _ => Vec::new(),
        }
    }

    /// What people call a thing.
    pub(super) fn show(&self, target: Target) -> String {
        match target {
            Target::Rollout => "the rollout".to_owned(),
            Target::Stage(stage) => {
                let name = self.plan.stages.get(stage as usize).map_or("", |stage| &stage.name);
                format!("stage `{name}`")
            }
            Target::Region(region) => format!("region `{}`", self.plan.regions[region.0 as usize].name),
            Target::Site(site) => format!("site `{}`", self.plan.sites[site.0 as usize].name),
            Target::Batch { stage, turn, lane, batch } => self.show_batch(stage, turn, lane, batch),
            Target::Host(host) => format!("`{}`", self.plan.host(host).name),
        }
    }

    fn show_batch(&self, stage: u32, turn: u32, lane: u32, batch: u32) -> String {
        let planned = self.plan.stages.get(stage as usize).and_then(|stage| stage.turns.get(turn as usize));
        let number = batch.saturating_add(1);
        let Some(planned) = planned else { return format!("batch {number}") };
        let site = planned.lanes.get(lane as usize).and_then(|lane| lane.site);
        let place = self.show(site.map_or(Target::Region(planned.region), Target::Site));
        format!("batch {number} of {place}")
    }

    pub(super) fn show_subject(&self, subject: GateSubject) -> String {
        self.show(match subject {
            GateSubject::Host(host) => Target::Host(host),
            GateSubject::Site { site, .. } => Target::Site(site),
            GateSubject::Region { region, .. } => Target::Region(region),
            GateSubject::Batch { stage, turn, lane, batch } => Target::Batch { stage, turn, lane, batch },
        })
    }
}
