use chrono::{Datelike, NaiveDateTime, TimeZone};
use rrule::{RRule, RRuleSet, Tz, Unvalidated};

use crate::time::ics::value::{Clock, Value};
use crate::time::ics::work::Work;

/// The years through which rules are followed.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2100;

/// More than a day for each day of two centuries: such a rule is not about days.
const MOST_OCCURRENCES: usize = 100_000;

/// The beginnings of all occurrences of a rule, on the clock of its event, to the end of 2100.
///
/// The rule is followed in wall-clock time written as UTC: an event at nine stays at nine when the clocks change, and
/// the crate's own zone data, older than ours, are never asked.
pub(super) fn occurrences(rule: &str, start: &Value, work: &mut Work) -> Result<Vec<NaiveDateTime>, String> {
    if !YEARS.contains(&start.wall.year()) {
        return Err(format!("an event may recur only from {} to {}", YEARS.start(), YEARS.end()));
    }
    let Rewritten { rule: rewritten, until } = on_the_wall(rule, start)?;
    if until.is_some_and(|until| until < start.wall) {
        return Ok(Vec::new());
    }
    let years = until.map_or(*YEARS.end(), |until| until.year()).min(*YEARS.end()) - start.wall.year() + 1;
    work.follow(i64::from(years) * 366)?;

    let not_understood = || format!("the rule `{rule}` is not understood");
    let first = Tz::UTC.from_utc_datetime(&start.wall);
    let parsed: RRule<Unvalidated> = rewritten.parse().map_err(|_| not_understood())?;
    let valid = parsed.validate(first).map_err(|_| not_understood())?;
    let found: Vec<NaiveDateTime> = RRuleSet::new(first)
        .rrule(valid)
        .limit()
        .into_iter()
        .map(|at| at.naive_utc())
        .take_while(|at| at.year() <= *YEARS.end())
        .take(MOST_OCCURRENCES + 1)
        .collect();
    match found.len() {
        0 => Err(format!("the rule `{rule}` never comes")),
        1..=MOST_OCCURRENCES => Ok(found),
        _ => Err(format!("the rule `{rule}` recurs more than {MOST_OCCURRENCES} times")),
    }
}

/// A rule with its `UNTIL`, if it has one, on the clock of the event, and written as UTC.
struct Rewritten {
    rule: String,
    until: Option<NaiveDateTime>,
}

/// Refuses what would cost much and say nothing about days.
fn on_the_wall(rule: &str, start: &Value) -> Result<Rewritten, String> {
    let mut parts = Vec::new();
    let mut end = None;
    for part in rule.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let (name, value) =
            part.split_once('=').ok_or_else(|| format!("`{part}` in the rule `{rule}` has no value"))?;
        let (name, value) = (name.to_ascii_uppercase(), value.to_ascii_uppercase());
        match (name.as_str(), value.as_str()) {
            ("FREQ", "SECONDLY" | "MINUTELY" | "HOURLY") => {
                return Err(format!("an event that recurs `{value}` is not about days"));
            }
            ("BYMINUTE" | "BYSECOND", list) if list.contains(',') => {
                return Err(format!("the rule `{rule}` recurs too often in a day"));
            }
            ("INTERVAL", zero) if zero.bytes().all(|b| b == b'0') => {
                return Err(format!("the rule `{rule}` has an interval of nothing"));
            }
            ("UNTIL", _) => {
                let until =
                    last_moment(&value, start).ok_or_else(|| format!("`UNTIL={value}` is no date or time"))??;
                parts.push(format!("UNTIL={}", until.format("%Y%m%dT%H%M%SZ")));
                end = Some(until);
            }
            _ => parts.push(format!("{name}={value}")),
        }
    }
    Ok(Rewritten { rule: parts.join(";"), until: end })
}

/// Where a rule ends, on the clock of its event. A date is meant to its end.
fn last_moment(until: &str, start: &Value) -> Option<Result<NaiveDateTime, String>> {
    let value = Value::parse(until, None)?;
    if value.clock == Clock::Date {
        return value.wall.date().and_hms_opt(23, 59, 59).map(Ok);
    }
    Some(value.on(&start.clock))
}
