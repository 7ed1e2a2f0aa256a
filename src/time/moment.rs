use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};

use crate::time::{Duration, Zone};

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

/// The moment a length of time later; the end of time where there is none.
pub fn later_by(at: Moment, length: Duration) -> Moment {
    at.checked_add_signed(length.to_chrono()).unwrap_or(Moment::MAX_UTC)
}

/// `2007-05-08 12:00Z`; with seconds only where there are some.
pub fn show_utc(at: Moment) -> String {
    let format = if at.second() == 0 { "%Y-%m-%d %H:%MZ" } else { "%Y-%m-%d %H:%M:%SZ" };
    at.format(format).to_string()
}

/// Reads `2007-05-08`: four, two and two digits.
pub fn parse_date(text: &str) -> Option<NaiveDate> {
    let [year, month, day] = numbers(text, '-', [4, 2, 2])?;
    NaiveDate::from_ymd_opt(year as i32, month, day)
}

/// Reads `22:00` or `22:00:30`. There is no `24:00`: the day ends where the next begins.
pub fn parse_time_of_day(text: &str) -> Option<NaiveTime> {
    let [hour, minute, second] =
        numbers(text, ':', [2, 2, 2]).or_else(|| numbers(text, ':', [2, 2]).map(|[hour, minute]| [hour, minute, 0]))?;
    NaiveTime::from_hms_opt(hour, minute, second)
}

/// Reads `2007-05-08 17:00 UTC`, `2007-05-08T17:00Z`, `2007-05-08 17:00 +10:00` and `2007-05-08 17:00 Europe/Berlin`
/// (the zone may be any that is known). A local time that the clocks skip is the instant of the skip; one that comes
/// twice is the later.
pub fn parse_moment(text: &str) -> Option<Moment> {
    let (date, rest) = text.split_at_checked(10)?;
    let rest = rest.strip_prefix(['T', ' '])?;
    let digits = rest.find(|c: char| !c.is_ascii_digit() && c != ':').unwrap_or(rest.len());
    let (time, zone) = rest.split_at(digits);
    let local = NaiveDateTime::new(parse_date(date)?, parse_time_of_day(time)?);
    match zone.strip_prefix(' ').unwrap_or(zone) {
        "Z" | "UTC" => Some(local.and_utc()),
        offset if offset.starts_with(['+', '-']) => at_offset(local, parse_offset(offset)?),
        // A name must stand apart from the time.
        name if zone.starts_with(' ') => Some(Zone::find(name).ok()?.opening(local)),
        _ => None,
    }
}

fn at_offset(local: NaiveDateTime, offset: FixedOffset) -> Option<Moment> {
    let utc = local.checked_sub_signed(TimeDelta::seconds(i64::from(offset.local_minus_utc())))?;
    Some(utc.and_utc())
}

/// Reads `+10:00` and `-03:30`.
fn parse_offset(text: &str) -> Option<FixedOffset> {
    let (east, digits) = match text.strip_prefix('+') {
        Some(digits) => (1, digits),
        None => (-1, text.strip_prefix('-')?),
    };
    let seconds = parse_time_of_day(digits)?.num_seconds_from_midnight() as i32;
    FixedOffset::east_opt(east * seconds)
}

/// Numbers of exactly so many digits. Unlike chrono's own reading it takes no blanks, signs or missing digits.
fn numbers<const N: usize>(text: &str, separator: char, digits: [usize; N]) -> Option<[u32; N]> {
    let mut found = [0; N];
    let mut parts = text.split(separator);
    for (number, digits) in found.iter_mut().zip(digits) {
        let part = parts.next().filter(|part| part.len() == digits && part.bytes().all(|b| b.is_ascii_digit()))?;
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(found)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn moments_are_read_in_every_form() {
        for (text, utc) in [
            ("2007-05-08 17:00 UTC", "2007-05-08 17:00Z"),
            ("2007-05-08 17:00Z", "2007-05-08 17:00Z"),
            ("2007-05-08T17:00:30Z", "2007-05-08 17:00:30Z"),
            ("2007-05-08 17:00 Europe/Berlin", "2007-05-08 15:00Z"),
            ("2007-05-08 22:00 +10:00", "2007-05-08 12:00Z"),
            ("2007-05-08T22:00-03:30", "2007-05-09 01:30Z"),
            ("2007-05-08 17:00 EST", "2007-05-08 22:00Z"),
            ("2007-05-08 17:00 Etc/GMT+10", "2007-05-09 03:00Z"),
            // Skipped, and twice.
            ("2007-03-11 02:30 America/New_York", "2007-03-11 07:00Z"),
            ("2007-11-04 01:30 America/New_York", "2007-11-04 06:30Z"),
        ] {
            assert_eq!(parse_moment(text).map(show_utc).as_deref(), Some(utc), "{text}");
        }
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in [
            "",
            "2007-05-08",
            "2007-05-08 17:00",
            "2007-05-08 25:00 UTC",
            "2007-02-30 17:00 UTC",
            "2007-05-08 17:00 Nowhere/Land",
            "2007-05-08 17:00Europe/Berlin",
            "2007-05-08  17:00 UTC",
            "2007-05-08 17:00  UTC",
            "2007-5-8 17:00 UTC",
            "+2007-05-08 17:00 UTC",
            "2007-05-08 17:00 +1000",
            "2007-05-08 17:00 +99:00",
            "20é7-05-08 17:00 UTC",
        ] {
            assert_eq!(parse_moment(text), None, "{text}");
        }
    }

    #[test]
    fn dates_and_times_are_exact() {
        assert_eq!(parse_date("2008-02-29").map(|date| date.to_string()).as_deref(), Some("2008-02-29"));
        assert_eq!(parse_time_of_day("22:00:30").map(|time| time.to_string()).as_deref(), Some("22:00:30"));
        for text in ["2007-02-29", "2007-5-8", " 2007-05-08", "2007-05-08-", "+007-05-08", "2007/05/08"] {
            assert_eq!(parse_date(text), None, "{text}");
        }
        for text in ["24:00", "9:00", "22:0", "22", "22:00:60", "22:00:00:00", " 22:00"] {
            assert_eq!(parse_time_of_day(text), None, "{text}");
        }
    }

    #[test]
    fn the_end_of_time_is_the_end() {
        assert_eq!(later_by(Moment::MAX_UTC, Duration::from_seconds(u64::MAX)), Moment::MAX_UTC);
    }

    proptest! {
        #[test]
        fn nothing_panics(text in ".{0,40}") {
            let _ = (parse_moment(&text), parse_date(&text), parse_time_of_day(&text));
        }

        #[test]
        fn what_is_shown_is_read_back(second in 0i64..4_000_000_000) {
            let at = Moment::from_timestamp(second, 0).unwrap();
            prop_assert_eq!(parse_moment(&show_utc(at)), Some(at));
        }
    }
}
