use crate::engine::{Answer, GateSubject, Target};
use crate::model::{GateId, RegionId, TeamId};
use crate::plan::HostIdx;
use crate::time::Moment;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HostState {
    /// Not begun.
    Waiting,
    /// In a step that runs ahead of its batch: it is up.
    Ahead {
        step: u32,
    },
    /// What runs ahead is done, and its batch has not begun.
    Ready,
    /// In the step of this index.
    Changing {
        step: u32,
    },
    Done,
    /// Counts as down until it is mended, unless the step ran ahead.
    Failed {
        step: u32,
    },
    /// A step's end is unknown; a person must settle it. Counts as down, unless the step ran ahead.
    Unknown {
        step: u32,
    },
    /// Undoing the step of this index.
    Undoing {
        step: u32,
    },
    /// Also a failed host that was mended: it is as it was, and is not changed again.
    RolledBack,
    /// An undo failed, or a step that cannot be undone stands: this far and no further. Counts as down, unless it was up
    /// and nothing of it was undone.
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
    /// What runs ahead of the batches begins on these hosts of a lane; told again for hosts that were held.
    AheadBegan {
        stage: u32,
        turn: u32,
        lane: u32,
        hosts: Vec<HostIdx>,
    },
    /// Told again for hosts that budgets left behind, when they begin.
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
    /// A gate's last word on a subject; the askings on the way to it are not told.
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
    /// A rule tells a team.
    Notified {
        team: TeamId,
        about: Target,
        why: String,
    },
    /// Told for each new reason.
    Held {
        what: Target,
        why: String,
    },
    Resumed {
        what: Target,
    },
    /// `hosts` are those that no rollback had taken on before.
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
    /// Also the rollout's own start.
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

/// Whom a timer concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimerFor {
    Start,
    /// A window of this region opens.
    Window(RegionId),
    Soak,
    /// The time to approve is over.
    Approval,
    /// The deadline is at risk if nothing has happened by then.
    Deadline,
    /// A pause between two attempts, or between two askings of a step's wait.
    Host(HostIdx),
    /// The next asking of a gate.
    Gate {
        gate: GateId,
        subject: GateSubject,
    },
}

/// Something that is held, and one reason why; a thing may be held for several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    pub what: Target,
    pub why: String,
    pub since: Moment,
}
