use crate::engine::{TaskId, TimerId};
use crate::model::{RegionId, SiteId};
use crate::plan::HostIdx;

/// What happened. Each is in the journal before the commands that it leads to go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The run begins.
    Started,
    /// A task's process or probe is about to be started. Without it a task is known not to have begun.
    TaskBegan {
        task: TaskId,
    },
    /// A step's command (or its undo, or its verify) ended.
    StepEnded {
        task: TaskId,
        result: StepResult,
    },
    /// A probe (of a gate, or of a step's wait) answered.
    ProbeAnswered {
        task: TaskId,
        answer: Answer,
        detail: String,
    },
    TimerFired {
        timer: TimerId,
    },
    /// The controller died while the task was under way, and nothing can tell how it ended.
    TaskLost {
        task: TaskId,
    },
    /// A person spoke; whether the person may is decided before.
    Said {
        person: String,
        act: PersonAct,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepResult {
    Succeeded,
    /// `detail` is one line: the exit code and the last line of output.
    Failed {
        detail: String,
    },
    /// Stopped at its time limit.
    TimedOut,
    /// It could not even be started.
    NotStarted {
        detail: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Pass,
    Fail,
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PersonAct {
    /// Of the stage that waits.
    Approve {
        stage: u32,
    },
    Deny {
        stage: u32,
    },
    Hold {
        target: Target,
    },
    /// Lifts holds; failed gates of what is resumed are asked again.
    Resume {
        target: Target,
    },
    Rollback {
        target: Target,
    },
    /// Says how a lost step ended, or that a failed host is mended.
    Settle {
        host: HostIdx,
        settlement: Settlement,
    },
}

/// What an act, a hold or a rollback is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    Rollout,
    /// By its index.
    Stage(u32),
    Region(RegionId),
    Site(SiteId),
    /// Its place in the plan; only rules name batches, people do not.
    Batch {
        stage: u32,
        turn: u32,
        lane: u32,
        batch: u32,
    },
    Host(HostIdx),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    /// The lost step did its work: go on after it.
    Done,
    /// It did not: run it again.
    Again,
    /// Give the host up: it counts as failed and down.
    Failed,
    /// A failed host is up and in order again, as it was before the rollout: it counts as up, and is not changed.
    Mended,
}
