use crate::source::Span;
use crate::syntax::ast::{At, Claim, Expression, Name};
use crate::time::Duration;

/// `test "a failing Sydney never reaches Singapore" { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    pub name: Name,
    pub members: Vec<TestMember>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum TestMember {
    /// `plan exchange-may`: the rollout that is tried.
    Plan(Name),
    Start(Expression),
    /// `fleet "ex-syd-01", "ex-lon-01"`: as if there were no others.
    Fleet {
        hosts: Vec<At<String>>,
        span: Span,
    },
    /// `for any fleet of 3 to 40 hosts`
    AnyFleet {
        fewest: At<u64>,
        most: At<u64>,
        span: Span,
    },
    /// `for any 2 failures`
    AnyFailures {
        count: At<u64>,
        span: Span,
    },
    Given(Given),
    Expect(Expect),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    pub what: Happening,
    pub when: Option<When>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Happening {
    /// `gate mailflow fails at site "sydney"`; without a name any gate.
    Gate {
        gate: Option<Name>,
        answer: Reply,
        place: Option<Place>,
    },
    /// `step install takes 50m at hosts role == "hub"`; without a name any step.
    Step {
        step: Option<Name>,
        outcome: StepOutcome,
        place: Option<Place>,
    },
    /// `host "ex-syd-01" lost`
    Lost(Place),
    Back(Place),
    /// `global approves after 2h`
    Approval {
        team: Name,
        answer: ApprovalAnswer,
        after: Option<At<Duration>>,
    },
    /// `"ada" holds region asia`
    Act {
        person: Name,
        act: At<Spoken>,
        place: ActPlace,
    },
    ControllerDies,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    Passes,
    Fails,
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepOutcome {
    Fails,
    Hangs,
    Takes(At<Duration>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApprovalAnswer {
    Approves,
    Denies,
    Silent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoken {
    Holds,
    Resumes,
    RollsBack,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    Host(At<String>),
    Hosts(Expression),
    Site(At<String>),
    Region(Name),
}

#[derive(Debug, Clone, PartialEq)]
pub enum ActPlace {
    Rollout,
    Stage(Name),
    Place(Place),
}

#[derive(Debug, Clone, PartialEq)]
pub enum When {
    At(Expression),
    /// After the rollout's start.
    After(At<Duration>),
    Once(Claim),
}

/// `expect region europe done by 2007-05-10 06:00 UTC`
#[derive(Debug, Clone, PartialEq)]
pub struct Expect {
    pub claim: Claim,
    pub by: Option<By>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum By {
    Moment(Expression),
    /// Of the rollout's start.
    Within(At<Duration>),
}
