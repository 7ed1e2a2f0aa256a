use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use crate::time::Duration;

/// An instant, in UTC, to the second.
pub type Moment = DateTime<Utc>;

/// From one instant to another, the end excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    pub start: Moment,
    pub end: Moment,
}

impl Interval {
    pub fn length(self) -> Duration {
        Duration::from_seconds((self.end - self.start).num_seconds().max(0) as u64)
    }

    pub fn contains(self, at: Moment) -> bool {
        self.start <= at && at < self.end
    }
}

/// Reads `2007-05-08`.
pub fn parse_date(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
}

/// Reads `22:00` or `22:00:30`.
pub fn parse_time_of_day(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(text, "%H:%M").or_else(|_| NaiveTime::parse_from_str(text, "%H:%M:%S")).ok()
}

/// Reads `2007-05-08 17:00 UTC`, `2007-05-08T17:00Z` and `2007-05-08 17:00 Europe/Berlin` (the zone may be any that is
/// known). A local time that the clocks skip is the instant of the skip; one that comes twice is the later.
pub fn parse_moment(text: &str) -> Option<Moment> {
    let _ = text;
    unimplemented!("time room")
}
