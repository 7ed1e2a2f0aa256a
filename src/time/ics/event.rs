use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use icalendar::parser::Property;

use crate::time::ics::CalendarError;
use crate::time::ics::recurrence::occurrences;
use crate::time::ics::value::{Clock, Value, parse_duration};
use crate::time::ics::work::Work;

/// What of an event says which days it covers. Each with its line.
#[derive(Debug)]
pub(super) struct Event {
    start: Value,
    /// From its beginning to its end on the wall.
    length: TimeDelta,
    rules: Vec<(usize, String)>,
    more: Vec<(usize, Value)>,
    less: Vec<(usize, Value)>,
    is_cancelled: bool,
    pub uid: Option<String>,
    /// Which occurrence of the event of the same `UID` this one stands for.
    pub replaces: Option<(usize, Value)>,
}

/// An event may not cover more: a slip in a year would freeze everything for ever.
const LONGEST_DAYS: i64 = 3_660;

/// The properties that say which days an event covers; nothing else of an event is read.
pub(super) const READ: [&str; 9] =
    ["DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "UID", "STATUS"];

impl Event {
    /// From the properties of an event that begins on `line`, each with its own line.
    pub(super) fn read(line: usize, properties: &[(usize, Property<'static>)]) -> Result<Event, CalendarError> {
        let all = |name: &'static str| {
            properties.iter().filter(move |(_, property)| property.name.as_str().eq_ignore_ascii_case(name))
        };
        let one = |name: &'static str| all(name).next();
        let (start_line, start) =
            one("DTSTART").ok_or_else(|| CalendarError::at(line, "this event has no `DTSTART`"))?;
        let start = value(*start_line, start)?;
        let (end_line, end) = match (one("DTEND"), one("DURATION")) {
            (Some((line, end)), _) => (*line, on(*line, &value(*line, end)?, &start.clock)?),
            (None, Some((line, duration))) => (*line, later(*line, start.wall, duration)?),
            (None, None) => (*start_line, start.wall),
        };
        let length = match end - start.wall {
            length if length < TimeDelta::zero() => {
                return Err(CalendarError::at(end_line, "this event ends before it begins"));
            }
            length if length > TimeDelta::days(LONGEST_DAYS) => {
                return Err(CalendarError::at(end_line, "this event lasts longer than ten years"));
            }
            length => length,
        };
        let replaces = match one("RECURRENCE-ID") {
            Some((line, property)) if parameter(property, "RANGE").is_some() => {
                return Err(CalendarError::at(*line, "`RANGE` is not understood: write a new event instead"));
            }
            Some((line, property)) => Some((*line, value(*line, property)?)),
            None => None,
        };
        Ok(Event {
            length,
            rules: all("RRULE").map(|(line, rule)| (*line, rule.val.as_str().to_owned())).collect(),
            more: values(all("RDATE"))?,
            less: values(all("EXDATE"))?,
            is_cancelled: one("STATUS")
                .is_some_and(|(_, status)| status.val.as_str().eq_ignore_ascii_case("CANCELLED")),
            uid: one("UID").map(|(_, uid)| uid.val.as_str().to_owned()),
            start,
            replaces,
        })
    }

    /// The first day of each occurrence and the last, those that other events replace left out.
    pub(super) fn days(
        &self,
        replaced: &[(usize, Value)],
        work: &mut Work,
    ) -> Result<Vec<(NaiveDate, NaiveDate)>, CalendarError> {
        if self.is_cancelled {
            return Ok(Vec::new());
        }
        // The beginning is an occurrence whether or not the rule says so.
        let mut starts = BTreeSet::from([self.start.wall]);
        for (line, rule) in &self.rules {
            starts.extend(occurrences(rule, &self.start, work).map_err(|message| CalendarError::at(*line, message))?);
        }
        for (line, value) in &self.more {
            starts.insert(on(*line, value, &self.start.clock)?);
        }
        let mut left_out = BTreeSet::new();
        let mut days_left_out = BTreeSet::new();
        for (line, value) in self.less.iter().chain(replaced) {
            let wall = on(*line, value, &self.start.clock)?;
            match value.clock {
                Clock::Date => days_left_out.insert(wall.date()),
                _ => left_out.insert(wall),
            };
        }
        starts.retain(|start| !left_out.contains(start) && !days_left_out.contains(&start.date()));
        Ok(starts.into_iter().filter_map(|start| self.covered(start)).collect())
    }

    /// The end is not covered: what ends at midnight, as every whole-day event does, ended the day before.
    fn covered(&self, start: NaiveDateTime) -> Option<(NaiveDate, NaiveDate)> {
        let end = start.checked_add_signed(self.length)?;
        let last = if end > start { end.checked_sub_signed(TimeDelta::seconds(1))? } else { start };
        Some((start.date(), last.date()))
    }
}

fn value(line: usize, property: &Property<'_>) -> Result<Value, CalendarError> {
    parse(line, property, property.val.as_str().trim())
}

/// `RDATE` and `EXDATE` list several; of a period only the beginning is read.
fn values<'a>(
    properties: impl Iterator<Item = &'a (usize, Property<'static>)>,
) -> Result<Vec<(usize, Value)>, CalendarError> {
    let mut found = Vec::new();
    for (line, property) in properties {
        for text in property.val.as_str().split(',').map(str::trim).filter(|text| !text.is_empty()) {
            let text = text.split('/').next().unwrap_or(text);
            found.push((*line, parse(*line, property, text)?));
        }
    }
    Ok(found)
}

fn parse(line: usize, property: &Property<'_>, text: &str) -> Result<Value, CalendarError> {
    Value::parse(text, parameter(property, "TZID"))
        .ok_or_else(|| CalendarError::at(line, format!("`{text}` is no date or time: write it like `20070508T220000`")))
}

fn parameter<'a>(property: &'a Property<'_>, name: &str) -> Option<&'a str> {
    let found = property.params.iter().find(|parameter| parameter.key.as_str().eq_ignore_ascii_case(name))?;
    Some(found.val.as_ref()?.as_str().trim_matches('"'))
}

fn on(line: usize, value: &Value, clock: &Clock) -> Result<NaiveDateTime, CalendarError> {
    value.on(clock).map_err(|message| CalendarError::at(line, message))
}

fn later(line: usize, start: NaiveDateTime, duration: &Property<'_>) -> Result<NaiveDateTime, CalendarError> {
    let text = duration.val.as_str().trim();
    let length = parse_duration(text)
        .ok_or_else(|| CalendarError::at(line, format!("`{text}` is no duration: write it like `P1D` or `PT8H`")))?;
    start.checked_add_signed(length).ok_or_else(|| CalendarError::at(line, "this event never ends"))
}
