use crate::inventory::HostSet;
use crate::model::{Claim, GateId, RegionId, SiteId, TeamId};
use crate::source::Span;
use crate::time::{Duration, Moment};

/// One thing that goes otherwise than well in a made-up run: `gate mailflow fails at site "sydney" after 3h`.
///
/// What speaks of the same thing for the same place is overruled by what is said after it.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    pub what: Happening,
    /// From the beginning, where nothing is said.
    pub when: Option<When>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Happening {
    /// Every asking of the gate, or of any gate (none), about anything in the place.
    Gate {
        gate: Option<GateId>,
        answer: Reply,
        place: Place,
    },
    /// Every attempt of the step of this index, or of any step (none).
    Step {
        step: Option<u32>,
        outcome: StepOutcome,
        place: Place,
    },
    /// Cannot be reached from then on: steps and probes of it fail until it is back.
    Lost {
        place: Place,
    },
    Back {
        place: Place,
    },
    /// How the stage's approval, or every one that is asked of the team, is answered; none of both means every approval.
    Approval {
        stage: Option<u32>,
        team: Option<TeamId>,
        answer: ApprovalAnswer,
        /// So long after it is asked for.
        after: Option<Duration>,
    },
    /// A person does something.
    Act {
        person: String,
        act: Spoken,
        place: ActPlace,
    },
    /// The controller dies and is started again: what was under way is lost.
    ControllerDies,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    Passes,
    Fails,
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepOutcome {
    Fails,
    /// Goes on until its time limit ends it.
    Hangs,
    /// Well, after so long.
    Takes(Duration),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApprovalAnswer {
    Approves,
    Denies,
    /// Nobody answers.
    Silent,
}

/// What a person does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoken {
    Holds,
    Resumes,
    RollsBack,
}

/// What a person's act is about.
#[derive(Debug, Clone, PartialEq)]
pub enum ActPlace {
    Rollout,
    /// Its index.
    Stage(u32),
    Region(RegionId),
    Site(SiteId),
    /// Each of them.
    Hosts(HostSet),
}

#[derive(Debug, Clone, PartialEq)]
pub enum When {
    At(Moment),
    /// After the rollout's start.
    After(Duration),
    /// As soon as it is so; once.
    Once(Claim),
}

/// Where something happens, in the fleet's terms.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    Everywhere,
    Region(RegionId),
    Site(SiteId),
    Hosts(HostSet),
}
