use std::fmt;

use chrono::{NaiveTime, Timelike, Weekday};

use crate::time::Window;

impl fmt::Display for Window {
    /// As it is written: `mon..fri 22:00-06:00 except quarter-end`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}-{}", show_days(&self.days), show_time(self.opens), show_time(self.closes))?;
        for (idx, calendar) in self.except.iter().enumerate() {
            write!(f, "{}{}", if idx == 0 { " except " } else { ", " }, calendar.name)?;
        }
        Ok(())
    }
}

/// Runs of three days and more as `mon..fri`, a run over the end of the week too (`fri..mon`); others one by one.
fn show_days(days: &[Weekday]) -> String {
    let is_in = |idx: usize| days.contains(&weekday(idx));
    if (0..7).all(is_in) {
        return "mon..sun".to_owned();
    }
    // Begins after a day that is not in it, so that no run is cut in two.
    let Some(first) = (0..7).find(|idx| is_in(*idx) && !is_in(idx + 6)) else { return "never".to_owned() };
    let start = if is_in(6) && is_in(0) { first } else { 0 };
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for idx in (start..start + 7).filter(|idx| is_in(*idx)) {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == idx => *last = idx,
            _ => runs.push((idx, idx)),
        }
    }
    runs.iter().map(show_run).collect::<Vec<_>>().join(", ")
}

fn show_run((first, last): &(usize, usize)) -> String {
    match last - first {
        0 => day_name(*first),
        1 => format!("{}, {}", day_name(*first), day_name(*last)),
        _ => format!("{}..{}", day_name(*first), day_name(*last)),
    }
}

fn day_name(idx: usize) -> String {
    weekday(idx).to_string().to_lowercase()
}

fn weekday(idx: usize) -> Weekday {
    const WEEK: [Weekday; 7] =
        [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];
    WEEK[idx % 7]
}

fn show_time(time: NaiveTime) -> impl fmt::Display {
    if time.second() == 0 { time.format("%H:%M") } else { time.format("%H:%M:%S") }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::time::{Calendar, parse_time_of_day};

    #[test]
    fn windows_are_shown_as_they_are_written() {
        use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
        for (days, shown) in [
            (vec![Mon, Tue, Wed, Thu, Fri], "mon..fri"),
            (vec![Fri, Mon], "mon, fri"),
            (vec![Sun, Sat], "sat, sun"),
            (vec![Fri, Sat, Sun, Mon], "fri..mon"),
            (vec![Sun, Mon, Wed], "wed, sun, mon"),
            (vec![Tue, Wed, Tue], "tue, wed"),
            (vec![Mon, Tue, Wed, Thu, Fri, Sat, Sun], "mon..sun"),
            (vec![], "never"),
        ] {
            assert_eq!(show_days(&days), shown);
        }
        let calendar = |name: &str| Arc::new(Calendar { name: name.to_owned(), rules: Vec::new() });
        let window = Window {
            days: vec![Mon, Tue, Wed, Thu, Fri],
            opens: parse_time_of_day("22:00").unwrap(),
            closes: parse_time_of_day("06:00:30").unwrap(),
            except: vec![calendar("quarter-end"), calendar("easter")],
        };
        assert_eq!(window.to_string(), "mon..fri 22:00-06:00:30 except quarter-end, easter");
    }
}
