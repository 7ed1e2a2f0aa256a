use chrono::{NaiveTime, Weekday};

use crate::source::Span;
use crate::syntax::ast::{At, Budget, Name, Scope};
use crate::time::Duration;

/// `policy house-rules { require guinea-pig  forbid window fri 12:00..sun }`
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    pub name: Name,
    pub rules: Vec<At<PolicyRule>>,
}

/// What every rollout must meet.
#[derive(Debug, Clone, PartialEq)]
pub enum PolicyRule {
    GuineaPig,
    /// Of every stage; without names any gate will do.
    Gate(Vec<Name>),
    /// Before the first wave.
    Approval {
        by: Option<Name>,
    },
    /// Of every guinea pig.
    Soak(At<Duration>),
    Undo,
    /// Of every stage.
    Batch {
        at_most: At<Budget>,
        scope: Option<At<Scope>>,
    },
    /// A stretch of every week in which nothing may be changed, local.
    ForbidWindow {
        from: WeekMoment,
        to: WeekMoment,
    },
}

/// `fri 12:00`; without a time the begin of the day, or its end where a stretch ends.
#[derive(Debug, Clone, PartialEq)]
pub struct WeekMoment {
    pub day: Weekday,
    pub time: Option<At<NaiveTime>>,
    pub span: Span,
}
