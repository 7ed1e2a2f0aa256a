//! Calendars: the days of the years that we follow, or a fault on a line that is there.

use chrono::Datelike;
use sunup::time::CalendarRule;

pub fn ics(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match CalendarRule::from_ics(text) {
        Ok(CalendarRule::Listed(days)) => {
            assert!(days.len() <= 1_000_000 && days.iter().all(|day| day.year().abs() < 20_000));
        }
        Ok(other) => panic!("an .ics file lists its days, and this says {other:?}"),
        Err(error) => {
            let lines = text.split('\n').count();
            assert!(error.line.is_none_or(|line| (1..=lines).contains(&line)), "{lines} lines, but {error:?}");
            assert!(!error.message.is_empty(), "{error:?}");
        }
    }
}

pub fn words() -> Vec<&'static str> {
    vec![
        "BEGIN:VCALENDAR\r\n",
        "END:VCALENDAR\r\n",
        "BEGIN:VEVENT\r\n",
        "END:VEVENT\r\n",
        "BEGIN:VTIMEZONE\r\n",
        "DTSTART:",
        "DTSTART;VALUE=DATE:",
        "DTSTART;TZID=Europe/Berlin:",
        "DTEND:",
        "DURATION:",
        "RRULE:",
        "RDATE:",
        "EXDATE:",
        "RECURRENCE-ID:",
        "RECURRENCE-ID;RANGE=THISANDFUTURE:",
        "UID:a\r\n",
        "STATUS:CANCELLED\r\n",
        "FREQ=YEARLY",
        "FREQ=DAILY",
        "FREQ=MONTHLY;BYDAY=2TU",
        "FREQ=WEEKLY",
        ";INTERVAL=2",
        ";COUNT=3",
        ";UNTIL=20090101",
        ";UNTIL=20090101T000000Z",
        ";BYMONTH=2",
        ";BYMONTHDAY=30",
        ";BYSETPOS=-1",
        ";BYWEEKNO=53",
        ";BYYEARDAY=-366",
        ";BYEASTER=0",
        ";WKST=SU",
        ";BYHOUR=25",
        "20070508",
        "20070508T220000",
        "20070508T220000Z",
        "99991231",
        "00010101",
        "P1D",
        "PT8H",
        "-P1W",
        "P9999999W",
        "\r\n",
        "\n",
        "\r\n ",
        ":",
        ";",
        "=",
        ",",
        "\"",
        "^n",
        "\\n",
        "\u{feff}",
    ]
}
