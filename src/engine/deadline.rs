use crate::engine::key::KeyParts;
use crate::engine::layout::LaneIdx;
use crate::engine::stages::StagePhase;
use crate::engine::work::Wakes;
use crate::engine::{Engine, TimerId};
use crate::model::Condition;
use crate::plan::StagePlan;
use crate::time::{Duration, Interval, Moment, later_by, show_utc};

/// Whether the deadline is known to be at risk; told once in a run.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Risk {
    is_met: bool,
    /// When it is looked at though nothing happens. It never fires later than it must; where it fires too soon it is set anew.
    timer: Option<(TimerId, Moment)>,
}

/// Something that the plan had done by `due_at` and that is not done yet. What follows is late by as much.
#[derive(Debug, Clone, Copy)]
struct Late {
    due_at: Moment,
    /// It cannot be done before; a moment that has passed where it may be done at any time.
    not_before: Moment,
    /// By how much it may be late and the plan's end stay where it is.
    spare: Duration,
}

impl Risk {
    pub fn add_to(&self, key: &mut KeyParts) {
        // Its timer follows from the moments of the rest.
        let Risk { is_met, timer: _ } = self;
        key.add(("risk", is_met));
    }
}

impl Engine {
    /// The rules of the deadline are met once: when the planned end, shifted by how late the run is, lies after it. Looked
    /// at before anything is begun because of an event, so that a rule holds it.
    pub(super) fn look_at_deadline(&mut self) {
        if let Some((deadline, meets_at)) = self.meets_risk_at()
            && meets_at <= self.at
        {
            self.risk.is_met = true;
            self.set_risk_timer(None);
            let deadline = show_utc(deadline);
            self.deadline_met(format!("the run is late, and its deadline at {deadline} cannot be met as planned"));
        }
    }

    /// Sees to it that it is looked at when it comes to that, though nothing happens until then.
    pub(super) fn watch_deadline(&mut self) {
        match self.meets_risk_at() {
            Some((_, meets_at)) if self.risk.timer.is_some_and(|(_, at)| at <= meets_at) => {}
            meets_at => self.set_risk_timer(meets_at.map(|(_, meets_at)| meets_at)),
        }
    }

    pub(super) fn risk_timer_fired(&mut self) {
        self.risk.timer = None;
    }

    /// The deadline, and the moment from which on it is at risk if nothing happens; none where nobody heeds it, or any more.
    fn meets_risk_at(&self) -> Option<(Moment, Moment)> {
        let deadline = self.plan.deadline.filter(|_| !self.risk.is_met && self.heeds_the_deadline())?;
        let late = self.late().into_iter();
        let meets_at = late.map(|late| late.passes_at(self.plan.ends_at, deadline, self.at)).min();
        meets_at.map(|meets_at| (deadline, meets_at))
    }

    fn heeds_the_deadline(&self) -> bool {
        self.plan.rules.iter().any(|rule| rule.condition == Condition::DeadlineAtRisk)
    }

    fn set_risk_timer(&mut self, at: Option<Moment>) {
        if let Some((timer, _)) = self.risk.timer.take() {
            self.cancel_timer(timer);
        }
        self.risk.timer = at.map(|at| (self.set_timer(at, Wakes::Risk), at));
    }

    /// All that is not done yet of what the plan's end waits for.
    fn late(&self) -> Vec<Late> {
        let plan = self.plan.clone();
        let Some(stage) = plan.stages.get(self.stage.idx as usize) else { return Vec::new() };
        let at = |due_at, not_before| vec![Late { due_at, not_before, spare: Duration::ZERO }];
        match self.stage.phase {
            StagePhase::Unstarted | StagePhase::Complete => Vec::new(),
            StagePhase::Early { until, .. } => at(stage.starts_at, until),
            StagePhase::Next => at(stage.starts_at, self.at),
            StagePhase::Turns => self.late_lanes(stage),
            StagePhase::Soaking { until, .. } => at(stage.ends_at, later_by(until, self.gates_last(stage))),
            StagePhase::Soaked
            | StagePhase::Gates(_)
            | StagePhase::Unapproved
            | StagePhase::Approval { .. }
            | StagePhase::Through => at(stage.ends_at, self.at),
        }
    }

    /// One turn after the other shifts all that follow; side by side, what is through before the last has time to spare.
    fn late_lanes(&self, stage: &StagePlan) -> Vec<Late> {
        let begun = self.stage.turns.len().min(stage.turns.len());
        let mut late = Vec::new();
        let through_at = |lane: LaneIdx| {
            let ends = self.layout.planned_lane(&self.plan, lane).batches.iter().map(|batch| batch.ends_at);
            ends.max().map_or(stage.starts_at, |end| later_by(end, self.gates_last(stage)))
        };
        let lanes = |turn: usize| self.layout.lanes_of_turn(&self.plan, self.stage.idx, turn as u32);
        let stage_through_at = (0..stage.turns.len()).flat_map(lanes).map(through_at).max();
        for turn in 0..begun {
            let turn_through_at = lanes(turn).map(through_at).max();
            let until = if stage.together { stage_through_at } else { turn_through_at };
            for lane in lanes(turn) {
                let spare = until.map_or(Duration::ZERO, |end| Interval { start: through_at(lane), end }.length());
                late.extend(self.late_batches(lane, stage, spare));
            }
        }
        late
    }

    fn late_batches(&self, lane: LaneIdx, stage: &StagePlan, spare: Duration) -> impl Iterator<Item = Late> {
        let run = self.lane(lane);
        run.under_way().map(move |(idx, are_gates_asked)| {
            let batch = self.layout.batch(&self.plan, idx);
            let has_begun = self.tallies.batch(idx).progress.begun() > 0;
            let (due_at, not_before) = match run.window {
                _ if are_gates_asked => (later_by(batch.ends_at, self.gates_last(stage)), self.at),
                _ if has_begun => (batch.ends_at, self.at),
                // Its turn was missed, or has not come.
                Some((_, opens_at)) => (batch.starts_at, opens_at),
                None => (batch.starts_at, self.at),
            };
            Late { due_at, not_before, spare }
        })
    }

    fn gates_last(&self, stage: &StagePlan) -> Duration {
        let gates = stage.gates.iter().filter_map(|gate| self.plan.gates.get(gate.0 as usize));
        gates.map(|gate| gate.lasts_for).max().unwrap_or(Duration::ZERO)
    }
}

impl Late {
    /// The first moment at which the planned end lies after the deadline, if this is not done before; `now` where it does
    /// already.
    fn passes_at(self, ends_at: Moment, deadline: Moment, now: Moment) -> Moment {
        let slack = Interval { start: ends_at, end: deadline }.length();
        // Later than this it may not be done.
        let latest = later_by(later_by(self.due_at, self.spare), slack);
        if self.not_before > latest { now } else { later_by(latest, Duration::from_seconds(1)) }
    }
}
