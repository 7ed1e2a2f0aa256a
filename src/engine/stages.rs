use crate::engine::gates::{RoundIdx, RoundOf};
use crate::engine::key::KeyParts;
use crate::engine::work::Wakes;
use crate::engine::{Engine, Status, Target, TimerId};
use crate::time::{Moment, later_by};

/// How far the stages are; they come one after the other.
#[derive(Debug, Clone, Default)]
pub(super) struct StageRun {
    /// The stage that is under way or comes next; the number of stages once all are through.
    pub idx: u32,
    pub phase: StagePhase,
    /// For each turn of the stage that has begun, how many of its lanes are not through.
    pub turns: Vec<u32>,
    /// Lanes of the stage that are not through.
    pub lanes_left: u32,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum StagePhase {
    /// Nobody has said that the run begins.
    #[default]
    Unstarted,
    /// The run has begun before the plan's start.
    Early {
        timer: TimerId,
        until: Moment,
    },
    /// Begins as soon as nothing holds it.
    Next,
    Turns,
    Soaking {
        timer: TimerId,
        until: Moment,
    },
    Soaked,
    Gates(RoundIdx),
    /// Nobody was asked yet, or the answer was no and somebody has resumed.
    Unapproved,
    Approval {
        timer: Option<TimerId>,
        until: Option<Moment>,
    },
    /// Ends as soon as nothing holds it and nothing is being undone.
    Through,
    Complete,
}

impl StageRun {
    pub fn add_to(&self, key: &mut KeyParts) {
        let StageRun { idx, phase, turns, lanes_left } = self;
        let phase = match phase {
            StagePhase::Unstarted => 0u8,
            StagePhase::Early { timer: _, until: _ } => 1,
            StagePhase::Next => 2,
            StagePhase::Turns => 3,
            StagePhase::Soaking { timer: _, until: _ } => 4,
            StagePhase::Soaked => 5,
            StagePhase::Gates(_) => 6,
            StagePhase::Unapproved => 7,
            StagePhase::Approval { timer: _, until: _ } => 8,
            StagePhase::Through => 9,
            StagePhase::Complete => 10,
        };
        // How many lanes are left follows from the lanes.
        let (begun, _) = (turns.len(), lanes_left);
        key.add((18u8, idx, phase, begun));
    }
}

impl Engine {
    pub(super) fn start(&mut self) {
        if self.stage.phase != StagePhase::Unstarted {
            return;
        }
        let until = self.plan.starts_at;
        if self.at < until {
            let timer = self.set_timer(until, Wakes::Start);
            self.stage.phase = StagePhase::Early { timer, until };
        } else {
            self.start_moment_came();
        }
    }

    pub(super) fn start_moment_came(&mut self) {
        self.stage.phase = StagePhase::Next;
        self.due.stage = true;
    }

    pub(super) fn soaked(&mut self) {
        self.stage.phase = StagePhase::Soaked;
        self.due.stage = true;
    }

    /// Whether nothing new may begin in the stage that is under way.
    pub(super) fn is_stage_held(&self) -> bool {
        self.holds.has(Target::Rollout) || self.holds.has(Target::Stage(self.stage.idx))
    }

    /// Goes as far as the stage can now.
    pub(super) fn look_at_stage(&mut self) {
        if self.is_stage_held() {
            return;
        }
        match self.stage.phase {
            StagePhase::Next if !self.holds.any_region() => self.begin_stage(),
            StagePhase::Turns => self.look_at_turns(),
            StagePhase::Soaked => self.ask_after_soak(),
            StagePhase::Gates(round) if self.gates.is_passed(round) => {
                self.gates.forget(round);
                self.go_on(StagePhase::Unapproved);
            }
            StagePhase::Unapproved => self.ask_approval(),
            StagePhase::Through if !self.holds.any_region() && self.rollbacks.are_over() => self.end_stage(),
            _ => {}
        }
    }

    pub(super) fn go_on(&mut self, phase: StagePhase) {
        self.stage.phase = phase;
        self.due.stage = true;
    }

    fn begin_stage(&mut self) {
        let stage = self.stage.idx;
        if stage as usize >= self.plan.stages.len() {
            self.stage.phase = StagePhase::Complete;
            return;
        }
        self.tell(Status::StageBegan { stage });
        self.stage.turns = Vec::new();
        self.stage.lanes_left = self.layout.lanes_of_stage(&self.plan, stage).len() as u32;
        self.go_on(StagePhase::Turns);
    }

    /// Begins the turns that may begin, and the soak once all are through.
    fn look_at_turns(&mut self) {
        let plan = self.plan.clone();
        let planned = &plan.stages[self.stage.idx as usize];
        while self.stage.turns.len() < planned.turns.len() && (planned.together || self.begun_turns_are_over()) {
            self.begin_turn(self.stage.turns.len() as u32);
        }
        if self.stage.turns.len() < planned.turns.len() || self.stage.lanes_left > 0 {
            return;
        }
        if planned.soak.is_zero() {
            return self.go_on(StagePhase::Unapproved);
        }
        let until = later_by(self.at, planned.soak);
        let timer = self.set_timer(until, Wakes::Soak);
        self.stage.phase = StagePhase::Soaking { timer, until };
        self.tell(Status::Soaking { stage: self.stage.idx, until });
    }

    /// A turn is over when it is through or its region is held; one that is resumed later goes on beside its followers.
    fn begun_turns_are_over(&self) -> bool {
        let planned = &self.plan.stages[self.stage.idx as usize];
        let mut begun = self.stage.turns.iter().zip(&planned.turns);
        begun.all(|(lanes_left, turn)| *lanes_left == 0 || self.holds.has(Target::Region(turn.region)))
    }

    fn begin_turn(&mut self, turn: u32) {
        let plan = self.plan.clone();
        let lanes: Vec<_> = self.layout.lanes_of_turn(&plan, self.stage.idx, turn).collect();
        self.stage.turns.push(lanes.len() as u32);
        for lane in lanes {
            self.begin_lane(lane);
        }
    }

    pub(super) fn lane_is_through(&mut self, turn: u32) {
        self.stage.turns[turn as usize] -= 1;
        self.stage.lanes_left -= 1;
        if self.stage.turns[turn as usize] == 0 {
            self.due.stage = true;
        }
    }

    fn ask_after_soak(&mut self) {
        let questions = self.questions_of_stage(self.stage.idx);
        let round = self.begin_round(RoundOf::Stage, questions);
        self.go_on(StagePhase::Gates(round));
    }

    /// A run of which something is undone is complete only once a person has resumed what the rollback holds.
    pub(super) fn reopen(&mut self) {
        if self.stage.phase == StagePhase::Complete {
            self.stage.idx = self.stage.idx.saturating_sub(1);
            self.stage.phase = StagePhase::Through;
        }
    }

    fn end_stage(&mut self) {
        self.tell(Status::StageEnded { stage: self.stage.idx });
        self.stage.idx += 1;
        self.go_on(if (self.stage.idx as usize) < self.plan.stages.len() {
            StagePhase::Next
        } else {
            StagePhase::Complete
        });
    }
}
