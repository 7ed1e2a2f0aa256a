use crate::engine::Status;
use crate::model::{GateId, RegionId, SiteId};
use crate::plan::HostIdx;
use crate::time::{Duration, Moment};

/// Counts from 0 in the order in which the engine hands out work; the same on every replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(pub u64);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimerId(pub u64);

/// What the engine wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    Begin {
        task: TaskId,
        work: Task,
    },
    /// A task that was handed out and has not begun does not begin: what it is about is held.
    Withdraw {
        task: TaskId,
    },
    SetTimer {
        timer: TimerId,
        at: Moment,
    },
    CancelTimer {
        timer: TimerId,
    },
    /// A stage waits for people; answered by `Said`.
    AskApproval {
        stage: u32,
    },
    /// For the progress line and the story; nothing answers it.
    Tell(Status),
}

/// One process or probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// `attempt` counts from 1.
    Run {
        host: HostIdx,
        step: u32,
        attempt: u32,
    },
    Undo {
        host: HostIdx,
        step: u32,
        attempt: u32,
    },
    Verify {
        host: HostIdx,
        step: u32,
    },
    Probe {
        question: Question,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// A gate, asked of a subject; its limit on one asking is in the gate.
    Gate { gate: GateId, subject: GateSubject },
    /// The wait of a step; one connection attempt.
    Wait { host: HostIdx, step: u32, timeout: Duration },
}

/// Whom a gate is asked of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GateSubject {
    Host(HostIdx),
    Site {
        stage: u32,
        site: SiteId,
    },
    Region {
        stage: u32,
        region: RegionId,
    },
    /// The place of the batch: stage, turn, lane, batch.
    Batch {
        stage: u32,
        turn: u32,
        lane: u32,
        batch: u32,
    },
}
