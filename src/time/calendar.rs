use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate, Weekday};

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

impl Calendar {
    pub fn contains(&self, day: NaiveDate) -> bool {
        self.rules.iter().any(|rule| rule.contains(day))
    }

    /// What it closes in every week, whatever the date: its days of the week.
    pub fn only_weekdays(&self) -> Calendar {
        let rules = self.rules.iter().filter(|rule| matches!(rule, CalendarRule::Weekdays(_)));
        Calendar { name: self.name.clone(), rules: rules.cloned().collect() }
    }
}

impl CalendarRule {
    fn contains(&self, day: NaiveDate) -> bool {
        match self {
            CalendarRule::Dates { first, last } => *first <= day && day <= *last,
            CalendarRule::Listed(days) => days.contains(&day),
            CalendarRule::Weekdays(weekdays) => weekdays.contains(&day.weekday()),
            CalendarRule::Edge { position, count, period } => period.days_from(*position, day) < i64::from(*count),
            CalendarRule::NthWeekday { position, nth, weekday, period } => {
                day.weekday() == *weekday && period.days_from(*position, day) / 7 + 1 == i64::from(*nth)
            }
        }
    }
}

impl Period {
    /// How many days lie between a day and the first, or the last, of its period.
    fn days_from(self, position: Position, day: NaiveDate) -> i64 {
        match position {
            Position::First => (day - self.first_day(day)).num_days(),
            Position::Last => (self.last_day(day) - day).num_days(),
        }
    }

    fn first_day(self, day: NaiveDate) -> NaiveDate {
        let month = match self {
            Period::Month => day.month(),
            Period::Quarter => day.month0() / 3 * 3 + 1,
            Period::Year => 1,
        };
        // At the very beginning of time the period is cut.
        NaiveDate::from_ymd_opt(day.year(), month, 1).unwrap_or(NaiveDate::MIN)
    }

    fn last_day(self, day: NaiveDate) -> NaiveDate {
        let months = match self {
            Period::Month => 1,
            Period::Quarter => 3,
            Period::Year => 12,
        };
        let next = self.first_day(day).checked_add_months(chrono::Months::new(months));
        next.and_then(|next| next.pred_opt()).unwrap_or(NaiveDate::MAX)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::time::parse_date;

    fn days_in_2007(rule: CalendarRule) -> Vec<String> {
        let calendar = Calendar { name: "c".to_owned(), rules: vec![rule] };
        let first = parse_date("2007-01-01").unwrap();
        first
            .iter_days()
            .take(365)
            .filter(|day| calendar.contains(*day))
            .map(|day| day.format("%m-%d").to_string())
            .collect()
    }

    #[test]
    fn the_second_tuesday_is_not_the_day_before_the_second_wednesday() {
        let second = |weekday| {
            days_in_2007(CalendarRule::NthWeekday { position: Position::First, nth: 2, weekday, period: Period::Month })
        };
        assert_eq!(
            second(Weekday::Tue),
            [
                "01-09", "02-13", "03-13", "04-10", "05-08", "06-12", "07-10", "08-14", "09-11", "10-09", "11-13",
                "12-11"
            ]
        );
        assert_eq!(second(Weekday::Wed)[7], "08-08");
    }

    #[test]
    fn edges_and_ends() {
        assert_eq!(
            days_in_2007(CalendarRule::Edge { position: Position::Last, count: 2, period: Period::Quarter }),
            ["03-30", "03-31", "06-29", "06-30", "09-29", "09-30", "12-30", "12-31"]
        );
        assert_eq!(
            days_in_2007(CalendarRule::Edge { position: Position::First, count: 1, period: Period::Year }),
            ["01-01"]
        );
        assert_eq!(
            days_in_2007(CalendarRule::NthWeekday {
                position: Position::Last,
                nth: 1,
                weekday: Weekday::Fri,
                period: Period::Quarter
            }),
            ["03-30", "06-29", "09-28", "12-28"]
        );
        assert!(
            days_in_2007(CalendarRule::Edge { position: Position::First, count: 0, period: Period::Year }).is_empty()
        );
        let never = CalendarRule::NthWeekday {
            position: Position::First,
            nth: 0,
            weekday: Weekday::Tue,
            period: Period::Month,
        };
        assert!(days_in_2007(never).is_empty());
    }

    #[test]
    fn ranges_hold_both_ends() {
        let date = |text| parse_date(text).unwrap();
        let rule = CalendarRule::Dates { first: date("2007-02-27"), last: date("2007-03-01") };
        assert_eq!(days_in_2007(rule), ["02-27", "02-28", "03-01"]);
    }

    proptest! {
        /// The n-th from the beginning is found by counting; the same for the end.
        #[test]
        fn nth_weekdays_are_those_that_counting_finds(offset in 0u64..60_000, from_end: bool, quarter: bool) {
            let day = NaiveDate::MIN.max(parse_date("1950-01-01").unwrap()) + chrono::Days::new(offset);
            let period = if quarter { Period::Quarter } else { Period::Month };
            let position = if from_end { Position::Last } else { Position::First };
            let is_same = |other: NaiveDate| match period {
                Period::Quarter => (other.year(), other.quarter()) == (day.year(), day.quarter()),
                _ => (other.year(), other.month()) == (day.year(), day.month()),
            };
            let mut nth = 0;
            let mut walked = day;
            while is_same(walked) {
                nth += u32::from(walked.weekday() == day.weekday());
                walked = if from_end { walked.succ_opt().unwrap() } else { walked.pred_opt().unwrap() };
            }
            for tried in 1..20 {
                let rule = CalendarRule::NthWeekday { position, nth: tried, weekday: day.weekday(), period };
                prop_assert_eq!(rule.contains(day), tried == nth);
            }
        }
    }

    #[test]
    fn the_ends_of_time_are_no_panic() {
        for day in [NaiveDate::MIN, NaiveDate::MAX] {
            for period in [Period::Month, Period::Quarter, Period::Year] {
                for position in [Position::First, Position::Last] {
                    let _ = CalendarRule::Edge { position, count: 3, period }.contains(day);
                }
            }
        }
    }
}
