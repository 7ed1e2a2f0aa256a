use std::sync::Arc;

use crate::engine::{Answer, Command, Event, GateSubject, Target, Task, TaskId, TimerId};
use crate::model::GateId;
use crate::plan::{HostIdx, Plan};
use crate::time::Moment;

/// The state of one run. Cheap enough to clone for a step back.
#[derive(Debug, Clone)]
pub struct Engine {
    plan: Arc<Plan>,
    // engine room: private state
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HostState {
    /// Not begun.
    Waiting,
    /// In the step of this index.
    Changing {
        step: u32,
    },
    Done,
    /// Counts as down until it is mended.
    Failed {
        step: u32,
    },
    /// A step's end is unknown; a person must settle it. Counts as down.
    Unknown {
        step: u32,
    },
    /// Undoing the step of this index.
    Undoing {
        step: u32,
    },
    RolledBack,
    /// An undo failed, or a step that cannot be undone stands: this far and no further. Counts as down.
    HalfRolledBack {
        step: u32,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegionState {
    Waiting,
    Running,
    Held,
    Done,
}

/// One thing that people want to know while it happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    StageBegan {
        stage: u32,
    },
    BatchBegan {
        stage: u32,
        turn: u32,
        lane: u32,
        batch: u32,
        hosts: Vec<HostIdx>,
    },
    BatchEnded {
        stage: u32,
        turn: u32,
        lane: u32,
        batch: u32,
        done: u32,
        failed: u32,
    },
    HostChanged {
        host: HostIdx,
        state: HostState,
    },
    GateAnswered {
        gate: GateId,
        subject: GateSubject,
        answer: Answer,
        detail: String,
    },
    Soaking {
        stage: u32,
        until: Moment,
    },
    StageEnded {
        stage: u32,
    },
    /// Index into `Plan::rules`.
    RuleFired {
        rule: u32,
    },
    Held {
        what: Target,
        why: String,
    },
    Resumed {
        what: Target,
    },
    RollbackBegan {
        what: Target,
        hosts: u32,
    },
    RollbackEnded {
        what: Target,
    },
    Finished {
        outcome: Outcome,
    },
}

/// How a run ends, or that it cannot go on by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Every stage is through.
    Complete,
    /// Nothing is under way and nothing will be until a person acts.
    Held,
    /// All that was changed is undone, as a rule or a person said.
    RolledBack,
}

/// What a run waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waiting {
    Window {
        stage: u32,
        opens_at: Moment,
    },
    Soak {
        stage: u32,
        until: Moment,
    },
    Approval {
        stage: u32,
        until: Option<Moment>,
    },
    /// Index into `Plan::budgets`.
    Budget {
        host: HostIdx,
        group: usize,
    },
    Person {
        what: Target,
        why: String,
    },
}

impl Engine {
    pub fn new(plan: Arc<Plan>) -> Engine {
        Engine { plan }
    }

    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// Takes in what happened at `at` and says what is to be done now. An event that does not fit the state (a task that
    /// is not under way, a timer that was cancelled) changes nothing.
    pub fn apply(&mut self, at: Moment, event: &Event) -> Vec<Command> {
        let _ = (at, event);
        unimplemented!("engine room")
    }

    /// The work handed out and not yet ended, with whether it is known to have begun; in order.
    pub fn under_way(&self) -> Vec<(TaskId, Task, bool)> {
        unimplemented!("engine room")
    }

    /// Timers set and neither fired nor cancelled; in order of time.
    pub fn timers(&self) -> Vec<(TimerId, Moment)> {
        unimplemented!("engine room")
    }

    /// None while something is under way or will be.
    pub fn outcome(&self) -> Option<Outcome> {
        unimplemented!("engine room")
    }

    pub fn host(&self, host: HostIdx) -> HostState {
        let _ = host;
        unimplemented!("engine room")
    }

    pub fn is_down(&self, host: HostIdx) -> bool {
        let _ = host;
        unimplemented!("engine room")
    }

    pub fn waiting(&self) -> Vec<Waiting> {
        unimplemented!("engine room")
    }
}
