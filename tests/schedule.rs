//! The schedule against a slow and obvious one that looks at every minute.

#![expect(clippy::unwrap_used, reason = "what a test cannot do without ends it")]

use std::sync::Arc;

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Weekday};
use proptest::prelude::*;
use sunup::time::{Bound, Calendar, CalendarRule, Duration, Freeze, Moment, Schedule, Window, Zone};

/// Zones and local dates near which the clocks do something that breaks schedulers.
const TRAPS: [(&str, &str); 22] = [
    ("America/New_York", "2007-03-11"),
    ("America/New_York", "2007-11-04"),
    ("Australia/Lord_Howe", "2007-10-28"),
    ("Australia/Lord_Howe", "2007-03-25"),
    ("Antarctica/Troll", "2024-03-31"),
    ("Antarctica/Troll", "2024-10-27"),
    ("America/Sao_Paulo", "2018-11-04"),
    ("America/Sao_Paulo", "2018-02-18"),
    ("Africa/Cairo", "2023-04-28"),
    ("America/St_Johns", "2007-03-11"),
    ("America/St_Johns", "2007-11-04"),
    ("Pacific/Apia", "2011-12-30"),
    ("Pacific/Kwajalein", "1993-08-21"),
    ("Africa/Casablanca", "2025-02-23"),
    ("Africa/Casablanca", "2025-04-06"),
    ("Europe/Dublin", "2007-03-25"),
    ("Asia/Kathmandu", "2007-05-08"),
    ("Pacific/Chatham", "2007-09-30"),
    ("Australia/Eucla", "2009-03-29"),
    ("Asia/Pyongyang", "2018-05-04"),
    ("Antarctica/Casey", "2020-10-04"),
    ("America/Vancouver", "2026-11-01"),
];

/// The table of minutes reaches this far to either side; what lies within the last days is not compared, since there the
/// table does not show how a stretch ends.
const BEFORE_MINUTES: i64 = 5 * 1440;
const AFTER_MINUTES: i64 = 9 * 1440;
const UNSURE_MINUTES: i64 = 4 * 1440;

/// What every minute is: its local time, and whether change is allowed in it.
struct EveryMinute {
    first: Moment,
    local: Vec<NaiveDateTime>,
    open: Vec<bool>,
}

impl EveryMinute {
    fn look(schedule: &Schedule, at: Moment) -> Self {
        let first = at - TimeDelta::minutes(BEFORE_MINUTES);
        let minutes = BEFORE_MINUTES + AFTER_MINUTES;
        let local: Vec<_> = (0..minutes).map(|m| schedule.zone.local(first + TimeDelta::minutes(m)).0).collect();
        let open = vec![schedule.windows.is_empty(); local.len()];
        let mut seen = Self { first, local, open };
        let first_day = seen.local[0].date() - Days::new(2);
        for day in first_day.iter_days().take(20) {
            for window in &schedule.windows {
                let excepted = window.except.iter().any(|calendar| calendar.contains(day));
                if window.days.contains(&day.weekday()) && !excepted {
                    let closing_day = if window.closes > window.opens { day } else { day + Days::new(1) };
                    let opens = seen.last_reading(day.and_time(window.opens));
                    let closes = seen.first_reading(closing_day.and_time(window.closes));
                    seen.open.iter_mut().take(closes).skip(opens).for_each(|open| *open = true);
                }
            }
        }
        for day in first_day.iter_days().take(20) {
            if schedule.freezes.iter().any(|freeze| freeze.calendar.contains(day)) {
                let begins = seen.first_reading(day.and_time(NaiveTime::MIN));
                let ends = seen.last_reading((day + Days::new(1)).and_time(NaiveTime::MIN));
                seen.open.iter_mut().take(ends).skip(begins).for_each(|open| *open = false);
            }
        }
        seen
    }

    /// The first minute at which it is a local time or later.
    fn first_reading(&self, local: NaiveDateTime) -> usize {
        self.local.iter().position(|minute| *minute >= local).unwrap_or(self.local.len())
    }

    /// The last minute at which it is a local time; where it never is, the first after all that are earlier.
    fn last_reading(&self, local: NaiveDateTime) -> usize {
        let exact = self.local.iter().rposition(|minute| *minute == local);
        exact.unwrap_or_else(|| self.local.iter().rposition(|minute| *minute < local).map_or(0, |minute| minute + 1))
    }

    fn stretches(&self) -> Vec<(usize, usize)> {
        let mut found: Vec<(usize, usize)> = Vec::new();
        for minute in (0..self.open.len()).filter(|minute| self.open[*minute]) {
            match found.last_mut() {
                Some((_, end)) if *end == minute => *end += 1,
                _ => found.push((minute, minute + 1)),
            }
        }
        found
    }

    /// What of a stretch can be used when all must finish before some times of day.
    fn usable(&self, (start, end): (usize, usize), finish_before: &[NaiveTime]) -> Vec<(usize, usize)> {
        let opens = self.local[start];
        let comings = |time: &NaiveTime| {
            let today = opens.date().and_time(*time);
            let first = if *time <= opens.time() { today + Days::new(1) } else { today };
            (0..20).map(|day| self.first_reading(first + Days::new(day))).collect::<Vec<usize>>()
        };
        let comings: Vec<Vec<usize>> = finish_before.iter().map(comings).collect();
        let is_long = comings.iter().any(|one| one[1] < end);
        let mut ends: Vec<usize> = comings.into_iter().flatten().filter(|one| *one < end).chain([end]).collect();
        ends.sort_unstable();
        let starts = std::iter::once(start).chain(ends.clone()).map(|begin| begin.max(start));
        let pieces = starts.zip(ends);
        if is_long { pieces.collect() } else { pieces.take(1).collect() }
    }

    fn earliest_fit(&self, length: u64, finish_before: &[NaiveTime]) -> Option<Moment> {
        let now = BEFORE_MINUTES as usize;
        let mut pieces = self.stretches().into_iter().flat_map(|stretch| self.usable(stretch, finish_before));
        let piece = pieces.find(|(start, end)| {
            let start = (*start).max(now);
            start < *end && (end - start) as u64 >= length
        });
        piece.map(|(start, _)| self.moment(start.max(now)))
    }

    fn next_open(&self) -> Option<(Moment, Moment)> {
        let now = BEFORE_MINUTES as usize;
        let stretch = self.stretches().into_iter().find(|(_, end)| *end > now);
        stretch.map(|(start, end)| (self.moment(start.max(now)), self.moment(end)))
    }

    fn moment(&self, minute: usize) -> Moment {
        self.first + TimeDelta::minutes(minute as i64)
    }
}

fn weekdays() -> impl Strategy<Value = Vec<Weekday>> {
    proptest::collection::vec((0u8..7).prop_map(|day| Weekday::try_from(day).unwrap()), 0..8)
}

/// Whole quarters of an hour mostly, so that windows touch and meet the clock's own changes.
fn time_of_day() -> impl Strategy<Value = NaiveTime> {
    let minute = prop_oneof![4 => (0u32..96).prop_map(|quarter| quarter * 15), 1 => 0u32..1440];
    minute.prop_map(|minute| NaiveTime::from_hms_opt(minute / 60, minute % 60, 0).unwrap())
}

fn calendar(near: NaiveDate) -> impl Strategy<Value = Arc<Calendar>> {
    let dates = (0u64..14, 0u64..3).prop_map(move |(from, more)| {
        let first = near - Days::new(6) + Days::new(from);
        CalendarRule::Dates { first, last: first + Days::new(more) }
    });
    let rule = prop_oneof![4 => dates, 1 => weekdays().prop_map(CalendarRule::Weekdays)];
    rule.prop_map(|rule| Arc::new(Calendar { name: "random".to_owned(), rules: vec![rule] }))
}

fn window(near: NaiveDate) -> impl Strategy<Value = Window> {
    let except = proptest::collection::vec(calendar(near), 0..2);
    let days = prop_oneof![2 => Just((0..7).map(|day| Weekday::try_from(day).unwrap()).collect()), 1 => weekdays()];
    (days, time_of_day(), time_of_day(), except).prop_map(|(days, opens, closes, except)| Window {
        days,
        opens,
        closes,
        except,
    })
}

/// A schedule and a moment within two days of one of the traps, or of any other day of that zone.
fn question() -> impl Strategy<Value = (Schedule, Moment)> {
    let day = (0..TRAPS.len(), prop_oneof![3 => Just(0), 1 => 0u64..10_000]).prop_map(|(trap, later)| {
        let (zone, date) = TRAPS[trap];
        (Zone::find(zone).unwrap(), date.parse::<NaiveDate>().unwrap() + Days::new(later))
    });
    day.prop_flat_map(|(zone, day)| {
        let windows = proptest::collection::vec(window(day), 0..4);
        let freezes = proptest::collection::vec(calendar(day).prop_map(|calendar| Freeze { calendar }), 0..3);
        let noon = day.and_hms_opt(12, 0, 0).unwrap().and_utc();
        let at = (-3000i64..3000).prop_map(move |minutes| noon + TimeDelta::minutes(minutes));
        (windows, freezes, at)
            .prop_map(move |(windows, freezes, at)| (Schedule { zone: zone.clone(), windows, freezes }, at))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_minute_agrees(
        (schedule, at) in question(),
        length in prop_oneof![Just(0u64), 1u64..600, 600u64..3000],
        finish_before in proptest::collection::vec(time_of_day(), 0..3),
    ) {
        let slow = EveryMinute::look(&schedule, at);
        let sure_until = at + TimeDelta::minutes(AFTER_MINUTES - UNSURE_MINUTES);

        let now = slow.open[BEFORE_MINUTES as usize];
        prop_assert_eq!(schedule.is_open(at), now, "is open");

        let open = schedule.next_open(at);
        match slow.next_open().filter(|(start, end)| *start < sure_until && *end <= sure_until) {
            Some(expected) => prop_assert_eq!(open.map(|open| (open.start, open.end)), Some(expected)),
            None => prop_assert!(open.is_none_or(|open| open.end > sure_until)),
        }

        let bound: Vec<Bound> = finish_before.iter().copied().map(Bound::Time).collect();
        let length = Duration::from_minutes(length);
        let fit = schedule.earliest_fit(at, length, &bound);
        match slow.earliest_fit(length.seconds() / 60, &finish_before).filter(|start| *start < sure_until) {
            Some(start) => prop_assert_eq!(fit, Ok(start)),
            None => match fit {
                Ok(start) => prop_assert!(start >= sure_until, "{} is too early", start),
                Err(no_fit) => {
                    let longest = no_fit.longest.map_or(Duration::ZERO, |longest| longest.length());
                    prop_assert!(longest < length || length.is_zero());
                    prop_assert_eq!((longest + no_fit.short_by).seconds(), length.seconds());
                }
            },
        }
    }
}
