use std::collections::BTreeSet;

use chrono::{NaiveDate, Weekday};

/// A set of days: dates, ranges of dates, and rules. Whether a day is in it is decided for local dates.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Calendar {
    pub name: String,
    pub rules: Vec<CalendarRule>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CalendarRule {
    /// Both ends are in it.
    Dates { first: NaiveDate, last: NaiveDate },
    /// Days read from an .ics file, recurring events expanded.
    Listed(BTreeSet<NaiveDate>),
    /// `days fri..sun`
    Weekdays(Vec<Weekday>),
    /// `days last 3 of quarter`, `days first 2 of month`
    Edge { position: Position, count: u32, period: Period },
    /// `days second tue of month` (n from 1), `days last fri of month` (`position` Last, n from the end)
    NthWeekday { position: Position, nth: u32, weekday: Weekday, period: Period },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    First,
    Last,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    Month,
    Quarter,
    Year,
}

/// What is wrong with an .ics file, and on which line (from one).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarError {
    pub line: Option<usize>,
    pub message: String,
}

impl Calendar {
    pub fn contains(&self, day: NaiveDate) -> bool {
        let _ = day;
        unimplemented!("time room")
    }
}

impl CalendarRule {
    /// The days that the events of an .ics file cover, in their own zones' dates. Recurring events are expanded from
    /// the first event to 2100, within a limit. An event that ends at midnight does not cover the day it ends on.
    pub fn from_ics(text: &str) -> Result<CalendarRule, CalendarError> {
        let _ = text;
        unimplemented!("time room")
    }
}
