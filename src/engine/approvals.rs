use crate::engine::stages::StagePhase;
use crate::engine::work::Wakes;
use crate::engine::{Command, Engine, Target};
use crate::model::Otherwise;
use crate::time::later_by;

impl Engine {
    pub(super) fn ask_approval(&mut self) {
        let stage = self.stage.idx;
        let plan = self.plan.clone();
        let Some(approval) = &plan.stages[stage as usize].approval else {
            return self.go_on(StagePhase::Through);
        };
        self.commands.push(Command::AskApproval { stage });
        let until = approval.within.map(|within| later_by(self.at, within));
        let timer = until.map(|until| self.set_timer(until, Wakes::Approval));
        self.stage.phase = StagePhase::Approval { timer, until };
    }

    pub(super) fn approve(&mut self, stage: u32) {
        if self.answer_approval(stage) {
            self.go_on(StagePhase::Through);
        }
    }

    pub(super) fn deny(&mut self, stage: u32, person: &str) {
        if self.answer_approval(stage) {
            self.refuse(&format!("{person} denied the approval"));
        }
    }

    pub(super) fn approval_time_over(&mut self) {
        if matches!(self.stage.phase, StagePhase::Approval { .. }) {
            self.refuse("nobody approved in time");
        }
    }

    /// Whether an answer is waited for; if so, it is waited for no longer.
    fn answer_approval(&mut self, stage: u32) -> bool {
        let StagePhase::Approval { timer, .. } = self.stage.phase else { return false };
        if stage != self.stage.idx {
            return false;
        }
        if let Some(timer) = timer {
            self.cancel_timer(timer);
        }
        true
    }

    /// Once the stage is resumed, people are asked again.
    fn refuse(&mut self, why: &str) {
        let stage = self.stage.idx;
        self.stage.phase = StagePhase::Unapproved;
        let approval = self.plan.stages[stage as usize].approval.as_ref();
        match approval.map(|approval| approval.otherwise) {
            Some(Otherwise::Rollback) => {
                self.roll_back(Target::Stage(stage), why);
            }
            Some(Otherwise::Hold) | None => self.hold(Target::Stage(stage), why.to_owned()),
        }
    }
}
