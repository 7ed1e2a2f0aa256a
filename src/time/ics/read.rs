use std::collections::{BTreeMap, BTreeSet};

use icalendar::parser::Property;

use crate::time::CalendarRule;
use crate::time::ics::event::{Event, READ};
use crate::time::ics::line::{ContentLine, content_lines};
use crate::time::ics::value::Value;
use crate::time::ics::work::Work;

/// What is wrong with an .ics file, and on which line (from one).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarError {
    pub line: Option<usize>,
    pub message: String,
}

impl CalendarError {
    pub(super) fn at(line: usize, message: impl Into<String>) -> Self {
        Self { line: Some(line), message: message.into() }
    }
}

impl CalendarRule {
    /// The days that the events of an .ics file cover, in their own zones' dates. Recurring events are expanded from
    /// the first event to 2100, within a limit. An event that ends at midnight does not cover the day it ends on.
    ///
    /// A cancelled event covers nothing; an event that replaces one occurrence of another is heeded.
    pub fn from_ics(text: &str) -> Result<CalendarRule, CalendarError> {
        if text.len() > LARGEST {
            let message = format!("the file is larger than {} MiB", LARGEST >> 20);
            return Err(CalendarError { line: None, message });
        }
        let events = events(&content_lines(text)?)?;
        let mut replaced: BTreeMap<&str, Vec<(usize, Value)>> = BTreeMap::new();
        for event in &events {
            if let (Some(uid), Some(value)) = (&event.uid, &event.replaces) {
                replaced.entry(uid).or_default().push(value.clone());
            }
        }
        let mut work = Work::default();
        let mut days = BTreeSet::new();
        for event in &events {
            let uid = event.uid.as_deref().filter(|_| event.replaces.is_none());
            let replaced = uid.and_then(|uid| replaced.get(uid)).map_or(&[][..], Vec::as_slice);
            work.replace(replaced.len()).map_err(|message| CalendarError { line: None, message })?;
            for (first, last) in event.days(replaced, &mut work)? {
                for day in first.iter_days().take_while(|day| *day <= last) {
                    work.cover().map_err(|message| CalendarError { line: None, message })?;
                    days.insert(day);
                }
            }
        }
        Ok(CalendarRule::Listed(days))
    }
}

/// Larger than any calendar of a company, small enough to hold in memory three times.
const LARGEST: usize = 16 << 20;

/// No calendar nests deeper than an alarm in an event in a calendar.
const DEEPEST: usize = 8;

/// The events of all calendars in a file. Blocks are matched here and not by the parser's own recursion, which a file of
/// a million `BEGIN` lines would exhaust; it reads the properties, a line at a time, so each has its number.
fn events(lines: &[ContentLine]) -> Result<Vec<Event>, CalendarError> {
    let mut events = Vec::new();
    let mut open: Vec<(String, usize)> = Vec::new();
    let mut properties: Vec<(usize, Property<'static>)> = Vec::new();
    for line in lines {
        let name = line.name().ok_or_else(|| CalendarError::at(line.number, "this line is no `NAME:value`"))?;
        match name.as_str() {
            "BEGIN" => open_block(&mut open, line)?,
            "END" => {
                let (block, began) = close_block(&mut open, line)?;
                if block == "VEVENT" {
                    events.push(Event::read(began, &std::mem::take(&mut properties))?);
                }
            }
            _ if open.is_empty() => {
                return Err(CalendarError::at(
                    line.number,
                    "this is no calendar: it does not begin with `BEGIN:VCALENDAR`",
                ));
            }
            name => {
                let is_of_event = open.last().is_some_and(|(block, _)| block == "VEVENT");
                if is_of_event && READ.contains(&name) {
                    properties.push((line.number, property(line)?));
                }
            }
        }
    }
    match open.pop() {
        Some((block, began)) => Err(CalendarError::at(began, format!("`BEGIN:{block}` has no `END:{block}`"))),
        None if lines.is_empty() => Err(CalendarError { line: None, message: "the file is empty".to_owned() }),
        None => Ok(events),
    }
}

fn open_block(open: &mut Vec<(String, usize)>, line: &ContentLine) -> Result<(), CalendarError> {
    let block = line.plain_value();
    if open.is_empty() && block != "VCALENDAR" {
        return Err(CalendarError::at(line.number, "this is no calendar: it does not begin with `BEGIN:VCALENDAR`"));
    }
    if block == "VEVENT" && open.last().is_none_or(|(outer, _)| outer != "VCALENDAR") {
        return Err(CalendarError::at(line.number, "an event may stand only in a calendar, not in another block"));
    }
    if open.len() >= DEEPEST {
        return Err(CalendarError::at(line.number, format!("blocks are nested more than {DEEPEST} deep")));
    }
    open.push((block, line.number));
    Ok(())
}

fn close_block(open: &mut Vec<(String, usize)>, line: &ContentLine) -> Result<(String, usize), CalendarError> {
    let block = line.plain_value();
    match open.pop() {
        Some((began, number)) if began == block => Ok((began, number)),
        Some((began, number)) => {
            let message = format!("`END:{block}` stands where the `BEGIN:{began}` of line {number} must end");
            Err(CalendarError::at(line.number, message))
        }
        None => Err(CalendarError::at(line.number, format!("`END:{block}` has no `BEGIN:{block}`"))),
    }
}

fn property(line: &ContentLine) -> Result<Property<'static>, CalendarError> {
    match Property::try_from(line.text.as_str()) {
        Ok(property) => Ok(owned(property)),
        Err(_) => Err(CalendarError::at(line.number, "this property of an event is not understood")),
    }
}

fn owned(property: Property<'_>) -> Property<'static> {
    Property {
        name: property.name.into_owned(),
        val: property.val.into_owned(),
        params: property
            .params
            .into_iter()
            .map(|parameter| icalendar::parser::Parameter {
                key: parameter.key.into_owned(),
                val: parameter.val.map(icalendar::parser::ParseString::into_owned),
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use proptest::prelude::*;

    use super::*;

    /// The days of a calendar whose only event has these lines, as `2007-05-08` or runs `2007-05-08..10`.
    fn days(event: &str) -> String {
        match CalendarRule::from_ics(&calendar(event)) {
            Ok(CalendarRule::Listed(days)) => show(&days),
            Ok(_) => unreachable!("an .ics file gives listed days"),
            Err(error) => format!("{}: {}", error.line.map_or("-".to_owned(), |line| line.to_string()), error.message),
        }
    }

    fn calendar(event: &str) -> String {
        format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\n{event}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
    }

    fn show(days: &BTreeSet<NaiveDate>) -> String {
        days.iter().map(|day| day.to_string()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_end_is_not_covered() {
        for (event, covered) in [
            ("DTSTART;VALUE=DATE:20070508", "2007-05-08"),
            ("DTSTART;VALUE=DATE:20070508\r\nDTEND;VALUE=DATE:20070510", "2007-05-08 2007-05-09"),
            ("DTSTART:20070508T220000\r\nDTEND:20070509T000000", "2007-05-08"),
            ("DTSTART:20070508T220000\r\nDTEND:20070509T000001", "2007-05-08 2007-05-09"),
            ("DTSTART:20070508T220000", "2007-05-08"),
            ("DTSTART:20070508T220000\r\nDTEND:20070508T220000", "2007-05-08"),
            ("DTSTART:20070508T220000\r\nDURATION:PT3H", "2007-05-08 2007-05-09"),
            (
                "DTSTART;VALUE=DATE:20070508\r\nDURATION:P1W",
                "2007-05-08 2007-05-09 2007-05-10 2007-05-11 2007-05-12 2007-05-13 2007-05-14",
            ),
            // As written, in its own zone: it is already the 9th in UTC.
            ("DTSTART;TZID=America/New_York:20070508T220000", "2007-05-08"),
            ("DTSTART;TZID=\"Custom: zone\":20070508T220000", "2007-05-08"),
            ("DTSTART:20070508T220000Z", "2007-05-08"),
            // The end is read on the clock of the beginning.
            ("DTSTART;TZID=Europe/Berlin:20070508T200000\r\nDTEND:20070508T220000Z", "2007-05-08"),
            ("DTSTART;TZID=Europe/Berlin:20070508T200000\r\nDTEND:20070508T220001Z", "2007-05-08 2007-05-09"),
            ("DTSTART;TZID=W. Europe Standard Time:20070508T200000\r\nDTEND:20070508T220001Z", "2007-05-08 2007-05-09"),
            (
                "DTSTART;TZID=/example.org/2007/Europe/Berlin:20070508T200000\r\nDTEND:20070508T220001Z",
                "2007-05-08 2007-05-09",
            ),
            ("DTSTART;VALUE=DATE:20070508\r\nSTATUS:CANCELLED", ""),
        ] {
            assert_eq!(days(event), covered, "{event}");
        }
    }

    #[test]
    fn recurring_events_are_expanded() {
        for (rule, covered) in [
            ("RRULE:FREQ=MONTHLY;BYDAY=2TU;COUNT=3", "2007-05-08 2007-06-12 2007-07-10"),
            ("RRULE:FREQ=WEEKLY;UNTIL=20070522", "2007-05-08 2007-05-15 2007-05-22"),
            ("RRULE:FREQ=WEEKLY;COUNT=3\r\nEXDATE;VALUE=DATE:20070515", "2007-05-08 2007-05-22"),
            (
                "RRULE:FREQ=YEARLY;COUNT=2\r\nRDATE;VALUE=DATE:20070601,20070701",
                "2007-05-08 2007-06-01 2007-07-01 2008-05-08",
            ),
            ("RRULE:FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=2", "2007-05-08 2007-05-31 2007-06-30"),
            // A rule that ended before it began leaves the beginning.
            ("RRULE:FREQ=DAILY;UNTIL=20070101", "2007-05-08"),
        ] {
            assert_eq!(days(&format!("DTSTART;VALUE=DATE:20070508\r\n{rule}")), covered, "{rule}");
        }
    }

    #[test]
    fn timed_recurrence_keeps_the_wall_clock_and_ends_by_the_instant() {
        // 22:00 in New York is 02:00 UTC in summer: the last is on the evening of the 10th, not of the 11th.
        let start = "DTSTART;TZID=America/New_York:20070508T220000\r\nDTEND;TZID=America/New_York:20070508T233000\r\n";
        assert_eq!(
            days(&format!("{start}RRULE:FREQ=DAILY;UNTIL=20070511T020000Z")),
            "2007-05-08 2007-05-09 2007-05-10"
        );
        assert_eq!(days(&format!("{start}RRULE:FREQ=DAILY;UNTIL=20070511T015959Z")), "2007-05-08 2007-05-09");
        let exdates = "EXDATE;TZID=America/New_York:20070509T220000\r\nEXDATE:20070511T020000Z";
        assert_eq!(days(&format!("{start}RRULE:FREQ=DAILY;COUNT=4\r\n{exdates}")), "2007-05-08 2007-05-11");
        // Nights over the change of the clocks, the end of March and of October.
        let night = "DTSTART;TZID=Europe/Berlin:20070323T230000\r\nDTEND;TZID=Europe/Berlin:20070324T000000\r\n";
        assert_eq!(days(&format!("{night}RRULE:FREQ=DAILY;COUNT=4")), "2007-03-23 2007-03-24 2007-03-25 2007-03-26");
    }

    #[test]
    fn an_event_that_replaces_an_occurrence_is_heeded() {
        let master = "BEGIN:VEVENT\nUID:a\nDTSTART;VALUE=DATE:20070508\nRRULE:FREQ=WEEKLY;COUNT=3\nEND:VEVENT\n";
        let moved = "BEGIN:VEVENT\nUID:a\nRECURRENCE-ID;VALUE=DATE:20070515\nDTSTART;VALUE=DATE:20070516\nEND:VEVENT\n";
        let dropped = "BEGIN:VEVENT\nUID:a\nRECURRENCE-ID;VALUE=DATE:20070522\nDTSTART;VALUE=DATE:20070522\nSTATUS:CANCELLED\nEND:VEVENT\n";
        let text = format!("BEGIN:VCALENDAR\n{master}{moved}{dropped}END:VCALENDAR\n");
        let CalendarRule::Listed(days) = CalendarRule::from_ics(&text).unwrap() else { unreachable!("listed") };
        assert_eq!(show(&days), "2007-05-08 2007-05-16");
    }

    #[test]
    fn folds_alarms_and_other_blocks_are_read_over() {
        let event = "DTSTART;VALUE=DA\r\n TE:2007\r\n\t0508\r\nSUMMARY:Quarter; with a: colon\\, and more\r\n\r\n\
                     BEGIN:VALARM\r\nTRIGGER:-PT15M\r\nDURATION:nonsense\r\nEND:VALARM";
        assert_eq!(days(event), "2007-05-08");
        assert_eq!(days("dtstart;value=date:20070508"), "2007-05-08");
        let zone = "\u{feff}BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:X\nBEGIN:STANDARD\nDTSTART:19701101T020000\n\
                    END:STANDARD\nEND:VTIMEZONE\nEND:VCALENDAR\n";
        assert_eq!(CalendarRule::from_ics(zone), Ok(CalendarRule::Listed(BTreeSet::new())));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (event, told) in [
            ("SUMMARY:x", "3: this event has no `DTSTART`"),
            ("DTSTART:20070230", "4: `20070230` is no date or time: write it like `20070508T220000`"),
            ("DTSTART;VALUE=DATE:20070508\r\nDTEND;VALUE=DATE:20070507", "5: this event ends before it begins"),
            ("DTSTART;VALUE=DATE:20070508\r\nDTEND;VALUE=DATE:20700507", "5: this event lasts longer than ten years"),
            ("DTSTART;VALUE=DATE:20070508\r\nDURATION:1h", "5: `1h` is no duration: write it like `P1D` or `PT8H`"),
            ("DTSTART;VALUE=DATE:20070508\r\nRRULE:FREQ=SOMETIMES", "5: the rule `FREQ=SOMETIMES` is not understood"),
            (
                "DTSTART;VALUE=DATE:20070508\r\nRRULE:FREQ=DAILY;BYMONTH=13",
                "5: the rule `FREQ=DAILY;BYMONTH=13` is not understood",
            ),
            (
                "DTSTART;VALUE=DATE:20070508\r\nRRULE:FREQ=SECONDLY",
                "5: an event that recurs `SECONDLY` is not about days",
            ),
            (
                "DTSTART;VALUE=DATE:20070508\r\nRRULE:FREQ=DAILY;INTERVAL=0",
                "5: the rule `FREQ=DAILY;INTERVAL=0` has an interval of nothing",
            ),
            ("DTSTART;VALUE=DATE:20070508\r\nRRULE:FREQ=DAILY;UNTIL=soon", "5: `UNTIL=SOON` is no date or time"),
            ("DTSTART;VALUE=DATE:20070508\r\nRRULE:FREQ=HOURLY", "5: an event that recurs `HOURLY` is not about days"),
            (
                "DTSTART;TZID=Mars:20070508T220000\r\nDTEND:20070508T230000Z",
                "5: the zone `Mars` is not known, and this event needs it",
            ),
            ("DTSTART;VALUE=DATE:20070508\r\nnonsense", "5: this line is no `NAME:value`"),
            ("BEGIN:VEVENT", "4: an event may stand only in a calendar, not in another block"),
            ("END:VALARM", "4: `END:VALARM` stands where the `BEGIN:VEVENT` of line 3 must end"),
        ] {
            assert_eq!(days(event), told);
        }
        for (text, line) in [
            ("", None),
            ("\n\n", None),
            (" folded", Some(1)),
            ("hello: world", Some(1)),
            ("BEGIN:VEVENT\nEND:VEVENT", Some(1)),
            ("BEGIN:VCALENDAR\n\nBEGIN:VEVENT\n", Some(3)),
            ("END:VCALENDAR", Some(1)),
        ] {
            assert_eq!(CalendarRule::from_ics(text).unwrap_err().line, line, "{text}");
        }
    }

    #[test]
    fn bombs_are_refused() {
        assert_eq!(CalendarRule::from_ics(&"BEGIN:VCALENDAR\n".repeat(500_000)).unwrap_err().line, Some(9));
        assert_eq!(CalendarRule::from_ics(&" ".repeat(LARGEST + 1)).unwrap_err().line, None);
        let many = "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20070508\nDTEND;VALUE=DATE:20160508\nEND:VEVENT\n".repeat(20_000);
        let error = CalendarRule::from_ics(&format!("BEGIN:VCALENDAR\n{many}END:VCALENDAR\n")).unwrap_err();
        assert_eq!(error.message, "the events cover more than 1000000 days");
        let rules = "RRULE:FREQ=YEARLY;COUNT=1\n".repeat(100_000);
        let error = CalendarRule::from_ics(&calendar(&format!("DTSTART:19000101\n{rules}"))).unwrap_err();
        assert_eq!(error.message, "so many rules that recur for so long are too much work: say `UNTIL`");
    }

    fn rule_part() -> impl Strategy<Value = String> {
        let number = prop_oneof![-400i32..400, Just(0), Just(i32::MAX)];
        prop_oneof![
            (
                proptest::sample::select(
                    &[
                        "COUNT",
                        "INTERVAL",
                        "BYMONTH",
                        "BYMONTHDAY",
                        "BYYEARDAY",
                        "BYWEEKNO",
                        "BYHOUR",
                        "BYSETPOS",
                        "BYEASTER"
                    ][..]
                ),
                proptest::collection::vec(number, 1..4)
            )
                .prop_map(|(name, numbers)| {
                    format!("{name}={}", numbers.iter().map(i32::to_string).collect::<Vec<_>>().join(","))
                }),
            proptest::sample::select(
                &["BYDAY=MO,-1FR", "BYDAY=53TU", "WKST=SU", "UNTIL=20090101", "UNTIL=99991231T235959Z", "=", "X"][..]
            )
            .prop_map(str::to_owned),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn no_rule_panics(
            every in proptest::sample::select(&["YEARLY", "MONTHLY", "WEEKLY", "DAILY"][..]),
            parts in proptest::collection::vec(rule_part(), 0..4),
            start in proptest::sample::select(&["19000101", "20070508T220000Z", "20080229", "99991231", "21000101T000000"][..]),
        ) {
            let event = format!("DTSTART:{start}\nRRULE:FREQ={every};{}\nDURATION:P9W", parts.join(";"));
            let _ = CalendarRule::from_ics(&calendar(&event));
        }

        #[test]
        fn no_text_panics(lines in proptest::collection::vec("(BEGIN:|END:|DTSTART|RRULE:FREQ=|EXDATE|TZID|;|:|V(EVENT|CALENDAR)| ?.{0,9})*", 0..12)) {
            let _ = CalendarRule::from_ics(&lines.join("\n"));
            let _ = CalendarRule::from_ics(&calendar(&lines.join("\n")));
        }
    }
}
