use std::sync::Arc;

use chrono::{NaiveTime, Weekday};

use crate::time::{Calendar, Duration, Interval, Moment, Zone};

/// When change is allowed at a site: its windows in its zone, less its freezes. Without a window, always less the freezes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    pub zone: Zone,
    pub windows: Vec<Window>,
    pub freezes: Vec<Freeze>,
}

/// `window mon..fri 22:00-06:00 except quarter-end`. It belongs to the date on which it opens; a close that is not
/// after the opening is on the next day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    pub days: Vec<Weekday>,
    pub opens: NaiveTime,
    pub closes: NaiveTime,
    /// A window whose date is in one of these does not open.
    pub except: Vec<Arc<Calendar>>,
}

/// No change on the local days of a calendar, whoever allows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freeze {
    pub calendar: Arc<Calendar>,
}

/// Why something does not fit: the longest opening there is within a year, and by how much it is too short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoFit {
    /// None where no window opens at all.
    pub longest: Option<Interval>,
    pub short_by: Duration,
}

impl Schedule {
    /// The first stretch of open time that ends after `at`, cut to begin no earlier than `at`. Touching windows are one stretch.
    /// None where nothing opens within 400 days.
    pub fn next_open(&self, at: Moment) -> Option<Interval> {
        let _ = at;
        unimplemented!("time room")
    }

    pub fn is_open(&self, at: Moment) -> bool {
        self.next_open(at).is_some_and(|open| open.contains(at))
    }

    /// The earliest start from `at` on at which `length` fits whole into open time; with `finish_before`, so that it ends
    /// by the first such local time of day after the stretch opens.
    pub fn earliest_fit(
        &self,
        at: Moment,
        length: Duration,
        finish_before: Option<NaiveTime>,
    ) -> Result<Moment, NoFit> {
        let _ = (at, length, finish_before);
        unimplemented!("time room")
    }
}
