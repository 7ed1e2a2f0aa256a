//! What the clocks of a zone show at every minute, by another library and another copy of the zone data than the product's.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use chrono::{NaiveDate, Offset, TimeDelta, TimeZone};
use chrono_tz::Tz;

/// How far the tables reach, from the epoch.
pub const DAYS: usize = 520;
pub const MINUTES: usize = DAYS * 1440;

/// What is added to the minutes from the epoch for the local ones, counted from the epoch's local midnight: one number for
/// each half of an hour, within which no clock of these years turns.
pub struct Clock {
    offsets: Vec<i32>,
    /// What was looked up before: the table is read from end to end for each.
    readings: RefCell<HashMap<(i32, bool), usize>>,
}

impl Clock {
    fn of(zone: &str, epoch: NaiveDate) -> Self {
        let zone: Tz = zone.parse().unwrap();
        let first = epoch.and_hms_opt(0, 0, 0).unwrap();
        let offset = |half: usize| {
            let at = first + TimeDelta::minutes(half as i64 * 30);
            zone.offset_from_utc_datetime(&at).fix().local_minus_utc() / 60
        };
        let mut offsets = Vec::with_capacity(MINUTES / 30);
        for day in 0..DAYS {
            // No clock turns twice a day.
            let (begin, end) = (offset(day * 48), offset(day * 48 + 48));
            offsets.extend((0..48).map(|half| if begin == end { begin } else { offset(day * 48 + half) }));
        }
        Self { offsets, readings: RefCell::new(HashMap::new()) }
    }

    pub fn local(&self, minute: usize) -> i32 {
        minute as i32 + self.offsets[minute / 30]
    }

    /// The first minute at which it is a local time; where the clocks skip it, the minute of the skip.
    pub fn first(&self, local: i32) -> usize {
        self.look(local, false, |minutes| {
            minutes.clone().find(|minute| self.local(*minute) >= local).unwrap_or(minutes.end)
        })
    }

    /// The last minute at which it is a local time; where the clocks skip it, the minute of the skip.
    pub fn last(&self, local: i32) -> usize {
        self.look(local, true, |minutes| {
            let exact = minutes.clone().rfind(|minute| self.local(*minute) == local);
            let before = || minutes.clone().rfind(|minute| self.local(*minute) < local).map(|minute| minute + 1);
            exact.or_else(before).unwrap_or(minutes.start)
        })
    }

    fn look(&self, local: i32, is_last: bool, find: impl FnOnce(std::ops::Range<usize>) -> usize) -> usize {
        if let Some(known) = self.readings.borrow().get(&(local, is_last)) {
            return *known;
        }
        // No zone is more than sixteen hours away.
        let bound = |minute: i32| minute.clamp(0, MINUTES as i32) as usize;
        let found = find(bound(local - 960)..bound(local + 960));
        self.readings.borrow_mut().insert((local, is_last), found);
        found
    }
}

/// The clocks that were asked for, kept for the next case.
#[derive(Default)]
pub struct Clocks {
    known: RefCell<HashMap<(String, NaiveDate), Rc<Clock>>>,
}

impl Clocks {
    pub fn of(&self, zone: &str, epoch: NaiveDate) -> Rc<Clock> {
        let mut known = self.known.borrow_mut();
        Rc::clone(known.entry((zone.to_owned(), epoch)).or_insert_with(|| Rc::new(Clock::of(zone, epoch))))
    }
}
