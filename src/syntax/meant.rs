// What a literal was meant to be that is written as elsewhere. Each function says so only where one reading is likely.

use crate::syntax::words;

/// `9pm`, `21`, `21.30`, `21h30`, `2130` and `24:00` as a time of day.
pub(super) fn time_of_day(written: &str) -> Option<String> {
    let lower = written.to_ascii_lowercase();
    let (digits, later) = match (lower.strip_suffix("am"), lower.strip_suffix("pm")) {
        (Some(digits), _) => (digits, Some(false)),
        (_, Some(digits)) => (digits, Some(true)),
        _ => (lower.strip_suffix("uhr").unwrap_or(&lower), None),
    };
    let (hours, minutes) = match digits.split_once([':', '.', 'h']) {
        Some((hours, "")) => (hours, "00"),
        Some(parts) => parts,
        None if matches!(digits.len(), 3 | 4) => digits.split_at_checked(digits.len() - 2)?,
        None => (digits, "00"),
    };
    let (hours, minutes) = (small(hours, 2)?, small(minutes, 2).filter(|_| minutes.len() == 2)?);
    let hours = match (later, hours) {
        (None, 24) if minutes == 0 => 0,
        (None, _) => hours,
        (Some(_), 0 | 13..) => return None,
        (Some(later), _) => hours % 12 + if later { 12 } else { 0 },
    };
    (hours < 24 && minutes < 60).then(|| format!("{hours:02}:{minutes:02}"))
}

/// `30min`, `2hours`, `0.5h`, `12_h` and `1:30` as a duration.
pub(super) fn duration(written: &str) -> Option<String> {
    if let Some((hours, minutes)) = written.split_once(':') {
        let (hours, minutes) = (small(hours, 3)?, small(minutes, 2).filter(|minutes| *minutes < 60)?);
        return match (hours, minutes) {
            (0, 0) => None,
            (0, minutes) => Some(format!("{minutes}m")),
            (hours, 0) => Some(format!("{hours}h")),
            (hours, minutes) => Some(format!("{hours}h{minutes}m")),
        };
    }
    let number = written.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
    let (number, name) = written.split_at_checked(number)?;
    let unit = unit(name.trim_start_matches(['_', '-']))?;
    let Some((whole, part)) = number.split_once('.') else {
        return small(number, 9).map(|number| format!("{number}{unit}"));
    };
    let (whole, tenths) = (small(whole, 4)?, small(part, 1).filter(|_| part.len() == 1)?);
    let (smaller, count) = match unit {
        "w" => return None,
        "d" => ("h", 24),
        "h" => ("m", 60),
        "m" => ("s", 60),
        _ => return None,
    };
    let part = (tenths * count).checked_div(10).filter(|part| part * 10 == tenths * count)?;
    match (whole, part) {
        (0, 0) => None,
        (0, part) => Some(format!("{part}{smaller}")),
        (whole, 0) => Some(format!("{whole}{unit}")),
        (whole, part) => Some(format!("{whole}{unit}{part}{smaller}")),
    }
}

/// The unit that a word spells out: `hours` is `h`.
pub(super) fn unit(word: &str) -> Option<&'static str> {
    Some(match word.to_lowercase().as_str() {
        "s" | "sec" | "secs" | "second" | "seconds" => "s",
        "m" | "min" | "mins" | "minute" | "minutes" => "m",
        "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        "d" | "day" | "days" => "d",
        "w" | "wk" | "wks" | "week" | "weeks" => "w",
        _ => return None,
    })
}

/// The ways to read `08.12.2026`, `8/12/2026` or `2026/12/08` as a date, the likelier first.
pub(super) fn dates(written: &str) -> Vec<String> {
    let sign = if written.contains('/') { '/' } else { '.' };
    let parts: Vec<&str> = written.split(sign).collect();
    let [first, second, third] = parts[..] else { return Vec::new() };
    let read = |year: &str, month: &str, day: &str| {
        let (year, month, day) = (small(year, 4).filter(|_| year.len() == 4)?, small(month, 2)?, small(day, 2)?);
        ((1..=12).contains(&month) && (1..=31).contains(&day)).then(|| format!("{year:04}-{month:02}-{day:02}"))
    };
    let mut found: Vec<String> = match sign {
        '.' => [read(third, second, first), read(first, second, third)].into_iter().flatten().collect(),
        // Americans write the month first, others the day: both are offered.
        _ => [read(third, first, second), read(third, second, first), read(first, second, third)]
            .into_iter()
            .flatten()
            .collect(),
    };
    found.dedup();
    found
}

/// The weekday that a word names: in full, in capitals, in German or French.
pub(super) fn weekday(word: &str) -> Option<&'static str> {
    let lower = word.to_lowercase();
    Some(match lower.as_str() {
        "mo" | "montag" | "lun" | "lundi" => "mon",
        "di" | "die" | "dienstag" | "mar" | "mardi" => "tue",
        "mi" | "mit" | "mittwoch" | "mer" | "mercredi" => "wed",
        "do" | "don" | "donnerstag" | "jeu" | "jeudi" => "thu",
        "fr" | "fre" | "freitag" | "ven" | "vendredi" => "fri",
        "sa" | "sam" | "samstag" | "samedi" | "sonnabend" => "sat",
        "so" | "son" | "sonntag" | "dim" | "dimanche" => "sun",
        _ => {
            let full = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
            let meant = full.iter().find(|full| lower.len() >= 2 && full.starts_with(&lower))?;
            let known = words::find(meant.get(..3)?)?;
            return Some(known.text);
        }
    })
}

/// A number of few digits.
fn small(digits: &str, most: usize) -> Option<u32> {
    let is_number = !digits.is_empty() && digits.len() <= most && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day() {
        let meant = [
            ("9pm", "21:00"),
            ("12am", "00:00"),
            ("12pm", "12:00"),
            ("9:30pm", "21:30"),
            ("21", "21:00"),
            ("5", "05:00"),
            ("21.30", "21:30"),
            ("21h", "21:00"),
            ("21h30", "21:30"),
            ("2130", "21:30"),
            ("24:00", "00:00"),
            ("22uhr", "22:00"),
        ];
        for (written, time) in meant {
            assert_eq!(time_of_day(written).as_deref(), Some(time), "{written}");
        }
        for written in ["25", "25:00", "24:30", "13pm", "0am", "21.5", "21m", "", "9é", "1é0"] {
            assert_eq!(time_of_day(written), None, "{written}");
        }
    }

    #[test]
    fn durations() {
        let meant = [
            ("30min", "30m"),
            ("2hours", "2h"),
            ("0.5h", "30m"),
            ("1.5h", "1h30m"),
            ("2.0d", "2d"),
            ("12_h", "12h"),
            ("1:30", "1h30m"),
            ("0:45", "45m"),
            ("3H", "3h"),
        ];
        for (written, duration_meant) in meant {
            assert_eq!(duration(written).as_deref(), Some(duration_meant), "{written}");
        }
        for written in ["1d12", "5%", "0.0h", "0.25s", "12", "5y", "1.55h", "é"] {
            assert_eq!(duration(written), None, "{written}");
        }
    }

    #[test]
    fn dates_of_elsewhere() {
        assert_eq!(dates("08.12.2026"), ["2026-12-08"]);
        assert_eq!(dates("12/08/2026"), ["2026-12-08", "2026-08-12"]);
        assert_eq!(dates("24/12/2026"), ["2026-12-24"]);
        assert_eq!(dates("2026/12/08"), ["2026-12-08"]);
        assert_eq!(dates("2026.12.08"), ["2026-12-08"]);
        for written in ["5.2.1", "13.13.2026", "08.12.26", "1/2"] {
            assert!(dates(written).is_empty(), "{written}");
        }
    }

    #[test]
    fn weekdays_of_elsewhere() {
        assert_eq!(weekday("Monday"), Some("mon"));
        assert_eq!(weekday("do"), Some("thu"));
        assert_eq!(weekday("THU"), Some("thu"));
        assert_eq!(weekday("weekend"), None);
        assert_eq!(weekday("m"), None);
    }
}
