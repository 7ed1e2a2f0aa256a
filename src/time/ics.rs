use crate::time::CalendarRule;

/// What is wrong with an .ics file, and on which line (from one).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarError {
    pub line: Option<usize>,
    pub message: String,
}

impl CalendarRule {
    /// The days that the events of an .ics file cover, in their own zones' dates. Recurring events are expanded from
    /// the first event to 2100, within a limit. An event that ends at midnight does not cover the day it ends on.
    pub fn from_ics(text: &str) -> Result<CalendarRule, CalendarError> {
        let _ = text;
        unimplemented!("time room")
    }
}
