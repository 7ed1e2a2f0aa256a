use std::fmt;
use std::sync::Arc;

use chrono::{Datelike, Duration as Length, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Weekday};

use crate::time::stretches::Stretches;
use crate::time::{Freeze, Schedule, Window, Zone};

/// A stretch of every week in local time: `fri 12:00..sun`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeekStretch {
    pub from: WeekTime,
    /// The first such moment after the beginning.
    pub to: WeekTime,
}

/// A moment of every week. Without a time it is the begin of the day where a stretch begins, its end where one ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeekTime {
    pub day: Weekday,
    pub time: Option<NaiveTime>,
}

const DAY: i64 = 86_400;
const WEEK: i64 = 7 * DAY;

impl WeekStretch {
    /// Whether it has a moment in common with what lasts from one local time to another.
    pub fn overlaps(self, start: NaiveDateTime, end: NaiveDateTime) -> bool {
        let (from, to) = self.seconds();
        let begins = seconds_of_week(start.weekday(), start.time());
        let ends = begins + (end - start).num_seconds().clamp(0, 2 * WEEK);
        [-1, 0, 1, 2].into_iter().any(|week| begins < to + week * WEEK && from + week * WEEK < ends)
    }

    /// Its beginning and its end in seconds after the beginning of the week; the end may lie in the next.
    fn seconds(self) -> (i64, i64) {
        let from = seconds_of_week(self.from.day, self.from.time.unwrap_or(NaiveTime::MIN));
        let to = match self.to.time {
            Some(time) => seconds_of_week(self.to.day, time),
            None => seconds_of_week(self.to.day, NaiveTime::MIN) + DAY,
        };
        (from, if to > from { to } else { to + WEEK })
    }
}

impl Schedule {
    /// The first stretch of open time, in local time, that has a moment in common with a stretch of the week. It is looked
    /// for in a week without changes of the clocks; calendars close what they close in every week.
    pub fn opens_within(&self, week: WeekStretch) -> Option<(NaiveDateTime, NaiveDateTime)> {
        let windows = self.windows.iter().map(|window| Window {
            except: window.except.iter().map(|calendar| Arc::new(calendar.only_weekdays())).collect(),
            ..window.clone()
        });
        let freezes = self.freezes.iter().map(|freeze| Freeze { calendar: Arc::new(freeze.calendar.only_weekdays()) });
        let weekly = Schedule { zone: Zone::utc(), windows: windows.collect(), freezes: freezes.collect() };
        let monday = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap_or_default().and_time(NaiveTime::MIN).and_utc();
        let mut stretches = Stretches::around(&weekly, monday);
        // From some days before it on, so that each is seen from its beginning.
        let stretches = std::iter::from_fn(|| stretches.next(monday, None));
        stretches
            .take_while(|stretch| stretch.start < monday + Length::days(8))
            .map(|stretch| (stretch.start.naive_utc(), stretch.end.naive_utc()))
            .find(|(start, end)| monday.naive_utc() < *end && week.overlaps(*start, *end))
    }
}

fn seconds_of_week(day: Weekday, time: NaiveTime) -> i64 {
    i64::from(day.num_days_from_monday()) * DAY + i64::from(time.num_seconds_from_midnight())
}

impl fmt::Display for WeekStretch {
    /// As it is written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.from, self.to)
    }
}

impl fmt::Display for WeekTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.day.to_string().to_lowercase())?;
        match self.time {
            Some(time) => write!(f, " {}", time.format("%H:%M")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{Calendar, CalendarRule, parse_time_of_day};

    const WORKDAYS: [Weekday; 5] = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];

    fn at(day: Weekday, time: &str) -> WeekTime {
        WeekTime { day, time: parse_time_of_day(time) }
    }

    fn stretch(from: WeekTime, to: WeekTime) -> WeekStretch {
        WeekStretch { from, to }
    }

    fn local(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
    }

    fn nightly(days: &[Weekday]) -> Schedule {
        let time = |text| parse_time_of_day(text).unwrap();
        let window = Window { days: days.to_vec(), opens: time("22:00"), closes: time("06:00"), except: Vec::new() };
        Schedule { zone: Zone::find("Asia/Tokyo").unwrap(), windows: vec![window], freezes: Vec::new() }
    }

    #[test]
    fn stretches_of_the_week_are_as_long_as_they_say() {
        let weekend = stretch(at(Weekday::Fri, "12:00"), at(Weekday::Sun, ""));
        assert_eq!(weekend.to_string(), "fri 12:00..sun");
        // 11 May 2007 was a Friday.
        for (start, end, overlaps) in [
            ("2007-05-11 11:00", "2007-05-11 12:00", false),
            ("2007-05-11 11:00", "2007-05-11 12:01", true),
            ("2007-05-13 23:59", "2007-05-14 01:00", true),
            ("2007-05-14 00:00", "2007-05-18 12:00", false),
            ("2007-05-10 00:00", "2007-05-20 00:00", true),
        ] {
            assert_eq!(weekend.overlaps(local(start), local(end)), overlaps, "{start}");
        }
        // Over the end of the week.
        let night = stretch(at(Weekday::Sun, "22:00"), at(Weekday::Mon, "04:00"));
        assert!(night.overlaps(local("2007-05-14 03:00"), local("2007-05-14 03:30")));
        assert!(night.overlaps(local("2007-05-13 21:00"), local("2007-05-13 22:30")));
        assert!(!night.overlaps(local("2007-05-14 04:00"), local("2007-05-14 05:00")));
        let always = stretch(at(Weekday::Fri, "12:00"), at(Weekday::Fri, "12:00"));
        assert!(always.overlaps(local("2007-05-14 04:00"), local("2007-05-14 05:00")));
    }

    #[test]
    fn windows_are_found_that_open_within_them() {
        let weekend = stretch(at(Weekday::Fri, "12:00"), at(Weekday::Sun, ""));
        let found = nightly(&WORKDAYS).opens_within(weekend);
        assert_eq!(found, Some((local("2024-01-05 22:00"), local("2024-01-06 06:00"))));
        assert_eq!(nightly(&WORKDAYS[..4]).opens_within(weekend), None);
        // The window of Sunday night is open on Monday too.
        let monday = stretch(at(Weekday::Mon, ""), at(Weekday::Mon, "01:00"));
        assert!(nightly(&[Weekday::Sun]).opens_within(monday).is_some());
        let always = Schedule { zone: Zone::utc(), windows: Vec::new(), freezes: Vec::new() };
        assert!(always.opens_within(weekend).is_some());
    }

    #[test]
    fn calendars_count_where_they_are_of_days_of_the_week() {
        let weekend = stretch(at(Weekday::Fri, "12:00"), at(Weekday::Sun, ""));
        let calendar = |rule| Arc::new(Calendar { name: "c".to_owned(), rules: vec![rule] });
        let mut schedule = nightly(&WORKDAYS);
        schedule.windows[0].except = vec![calendar(CalendarRule::Weekdays(vec![Weekday::Fri]))];
        assert_eq!(schedule.opens_within(weekend), None);
        let day = NaiveDate::from_ymd_opt(2024, 1, 5).unwrap();
        schedule.windows[0].except = vec![calendar(CalendarRule::Dates { first: day, last: day })];
        assert!(schedule.opens_within(weekend).is_some());
    }
}
