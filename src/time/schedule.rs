use std::sync::Arc;

use chrono::{NaiveTime, Weekday};

use crate::time::bound::Pieces;
use crate::time::stretches::{HORIZON_DAYS, Stretches};
use crate::time::{Bound, Calendar, Duration, Interval, Moment, Zone, later_by};

/// When change is allowed at a site: its windows in its zone, less its freezes. Without a window, always less the freezes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    pub zone: Zone,
    pub windows: Vec<Window>,
    pub freezes: Vec<Freeze>,
}

/// `window mon..fri 22:00-06:00 except quarter-end`. It belongs to the date on which it opens; a close that is not
/// after the opening is on the next day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    pub days: Vec<Weekday>,
    pub opens: NaiveTime,
    pub closes: NaiveTime,
    /// A window whose date is in one of these does not open.
    pub except: Vec<Arc<Calendar>>,
}

/// No change on the local days of a calendar, whoever allows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freeze {
    pub calendar: Arc<Calendar>,
}

/// Why something does not fit: the longest opening there is within 400 days, and by how much it is too short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoFit {
    /// None where no window opens at all.
    pub longest: Option<Interval>,
    pub short_by: Duration,
    /// What would open next, where the sun must rise to end it and does not: the day is all light or all dark.
    pub sunless: Option<Interval>,
}

impl Schedule {
    /// The first stretch of open time that ends after `at`, cut to begin no earlier than `at`. Touching windows are one
    /// stretch. None where nothing opens within 400 days; a stretch that lasts longer is cut there.
    pub fn next_open(&self, at: Moment) -> Option<Interval> {
        let horizon = horizon(at);
        if self.is_always_open() {
            return Some(Interval { start: at, end: horizon });
        }
        let mut stretches = Stretches::around(self, at);
        std::iter::from_fn(|| stretches.next(at, None))
            .map(|stretch| Interval { start: stretch.start.max(at), end: stretch.end.min(horizon) })
            .find(|open| open.start < open.end)
    }

    /// The first moment from `from` on at which change is allowed here and not by the other. Looks 400 days ahead.
    pub fn first_beyond(&self, other: &Schedule, from: Moment) -> Option<Moment> {
        let end = horizon(from);
        let mut at = from;
        while at < end {
            let open = self.next_open(at).filter(|open| open.start < end)?;
            match other.next_open(open.start) {
                Some(allowed) if allowed.start <= open.start => {
                    if allowed.end < open.end {
                        return Some(allowed.end).filter(|beyond| *beyond < end);
                    }
                    at = open.end;
                }
                _ => return Some(open.start),
            }
        }
        None
    }

    pub fn is_open(&self, at: Moment) -> bool {
        self.earliest_fit(at, Duration::ZERO, &[]) == Ok(at)
    }

    /// The earliest start from `at` on at which `length` fits whole into open time.
    ///
    /// With `bounds` it ends by the first of each after the stretch opens. Where a stretch lasts so long that one comes
    /// again, each is a bound that nothing may straddle.
    ///
    /// Looks 400 days ahead, and sees no stretch as longer than that unless it is always open.
    ///
    /// # Errors
    /// Nothing fits within these days; or the sun does not rise for a day from the opening that comes next: to look on
    /// until it does would be to wait for months unseen.
    pub fn earliest_fit(&self, at: Moment, length: Duration, bounds: &[Bound]) -> Result<Moment, NoFit> {
        if self.is_always_open() && bounds.is_empty() {
            return Ok(at);
        }
        let mut search = Search { at, length, longest: None };
        let mut stretches = Stretches::around(self, at);
        // With a bound the true opening and end of a stretch matter, so it is followed to its end.
        let enough = bounds.is_empty().then_some(length);
        while let Some(stretch) = stretches.next(at, enough) {
            if stretch.end <= at {
                continue;
            }
            if bounds.is_empty() {
                if let Some(start) = search.try_piece(stretch) {
                    return Ok(start);
                }
                continue;
            }
            for piece in Pieces::of(&self.zone, stretch, bounds) {
                let Ok(piece) = piece else { return Err(search.into_sunless(stretch)) };
                if let Some(start) = search.try_piece(piece) {
                    return Ok(start);
                }
            }
        }
        Err(search.into_no_fit())
    }

    fn is_always_open(&self) -> bool {
        self.windows.is_empty() && self.freezes.is_empty()
    }
}

/// What has been seen so far of the open time that a length must fit into.
struct Search {
    at: Moment,
    length: Duration,
    longest: Option<Interval>,
}

impl Search {
    fn try_piece(&mut self, piece: Interval) -> Option<Moment> {
        let usable = Interval { start: piece.start.max(self.at), end: piece.end };
        if usable.start >= usable.end {
            return None;
        }
        if usable.end - usable.start >= self.length.to_chrono() {
            return Some(usable.start);
        }
        if self.longest.is_none_or(|longest| longest.length() < usable.length()) {
            self.longest = Some(usable);
        }
        None
    }

    fn into_no_fit(self) -> NoFit {
        let most = self.longest.map_or(0, |longest| longest.length().seconds());
        let short_by = Duration::from_seconds(self.length.seconds().saturating_sub(most));
        NoFit { longest: self.longest, short_by, sunless: None }
    }

    fn into_sunless(self, stretch: Interval) -> NoFit {
        NoFit { sunless: Some(stretch), ..self.into_no_fit() }
    }
}

fn horizon(at: Moment) -> Moment {
    later_by(at, Duration::from_seconds(HORIZON_DAYS as u64 * 86_400))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{CalendarRule, Coordinates, parse_date, parse_moment, parse_time_of_day, show_utc};

    const WEEK: [Weekday; 7] =
        [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

    fn window(days: &[Weekday], opens: &str, closes: &str) -> Window {
        let time = |text| parse_time_of_day(text).unwrap();
        Window { days: days.to_vec(), opens: time(opens), closes: time(closes), except: Vec::new() }
    }

    fn schedule(zone: &str, windows: Vec<Window>) -> Schedule {
        Schedule { zone: Zone::find(zone).unwrap(), windows, freezes: Vec::new() }
    }

    fn dates(first: &str, last: &str) -> Arc<Calendar> {
        let date = |text| parse_date(text).unwrap();
        let rules = vec![CalendarRule::Dates { first: date(first), last: date(last) }];
        Arc::new(Calendar { name: "dates".to_owned(), rules })
    }

    fn freeze(first: &str, last: &str) -> Freeze {
        Freeze { calendar: dates(first, last) }
    }

    fn at(text: &str) -> Moment {
        parse_moment(text).unwrap()
    }

    fn before(time: &str) -> Bound {
        Bound::Time(parse_time_of_day(time).unwrap())
    }

    fn hours(hours: u64) -> Duration {
        Duration::from_minutes(hours * 60)
    }

    fn open(schedule: &Schedule, from: &str) -> String {
        let zone = &schedule.zone;
        schedule.next_open(at(from)).map_or("never".to_owned(), |open| {
            format!("{} to {}, {}", zone.show(open.start), zone.show(open.end), open.length())
        })
    }

    #[test]
    fn a_night_is_as_long_as_the_clocks_make_it() {
        for (zone, date, length, ends) in [
            ("America/New_York", "2007-03-10", "7h", "2007-03-11 06:00 -04:00"),
            ("America/New_York", "2007-11-03", "9h", "2007-11-04 06:00 -05:00"),
            ("Australia/Lord_Howe", "2007-10-27", "7h30m", "2007-10-28 06:00 +11:00"),
            ("Australia/Lord_Howe", "2007-03-24", "8h30m", "2007-03-25 06:00 +10:30"),
            ("Antarctica/Troll", "2024-03-30", "6h", "2024-03-31 06:00 +02:00"),
            ("Antarctica/Troll", "2024-10-26", "10h", "2024-10-27 06:00 +00:00"),
            ("Europe/London", "2007-03-24", "7h", "2007-03-25 06:00 +01:00"),
            ("America/Sao_Paulo", "2018-11-03", "7h", "2018-11-04 06:00 -02:00"),
            ("Asia/Kathmandu", "2007-05-08", "8h", "2007-05-09 06:00 +05:45"),
            // There was no 30 December: Thursday's window ends at the skip, Friday's opens there, and they are one.
            ("Pacific/Apia", "2011-12-29", "8h", "2011-12-31 06:00 +14:00"),
        ] {
            let nightly = schedule(zone, vec![window(&WEEK, "22:00", "06:00")]);
            let evening = nightly.zone.opening(parse_date(date).unwrap().and_time(parse_time_of_day("22:00").unwrap()));
            let open = nightly.next_open(evening).unwrap();
            assert_eq!(open.start, evening, "{zone}");
            assert_eq!(open.length().to_string(), length, "{zone}");
            assert_eq!(nightly.zone.show(open.end)[4..], *ends, "{zone}");
        }
    }

    #[test]
    fn what_one_allows_beyond_another_is_a_moment() {
        use Weekday::{Fri, Thu, Tue, Wed};
        let whole = schedule("Asia/Tokyo", vec![window(&WEEK, "22:00", "00:00"), window(&WEEK, "00:00", "06:00")]);
        let beyond = |days: &[Weekday], opens: &str, closes: &str| {
            let part = schedule("Asia/Tokyo", vec![window(days, opens, closes)]);
            part.first_beyond(&whole, at("2007-05-08 12:00Z")).map(|at| whole.zone.show(at))
        };
        // Touching windows are one.
        assert_eq!(beyond(&[Tue, Wed], "23:00", "03:00"), None);
        assert_eq!(beyond(&WEEK, "22:00", "06:00"), None);
        assert_eq!(beyond(&[Fri], "23:00", "07:00").as_deref(), Some("Sat 2007-05-12 06:00 +09:00"));
        assert_eq!(beyond(&[Thu], "21:30", "23:00").as_deref(), Some("Thu 2007-05-10 21:30 +09:00"));
        // What a freeze closes is closed to all.
        let mut frozen = whole.clone();
        frozen.freezes = vec![freeze("2007-05-20", "2007-05-21")];
        assert_eq!(frozen.first_beyond(&whole, at("2007-05-08 12:00Z")), None);
        let beyond = whole.first_beyond(&frozen, at("2007-05-08 12:00Z")).unwrap();
        assert_eq!(whole.zone.show(beyond), "Sun 2007-05-20 00:00 +09:00");
        let always = schedule("Asia/Tokyo", Vec::new());
        assert_eq!(whole.first_beyond(&always, beyond), None);
        assert_eq!(always.first_beyond(&whole, at("2007-05-08 21:30Z")), Some(at("2007-05-08 21:30Z")));
    }

    #[test]
    fn a_window_belongs_to_the_date_it_opens_on() {
        use Weekday::{Fri, Thu};
        let mut fridays = schedule("Europe/Berlin", vec![window(&[Fri], "22:00", "06:00")]);
        assert_eq!(
            open(&fridays, "2007-05-08 12:00Z"),
            "Fri 2007-05-11 22:00 +02:00 to Sat 2007-05-12 06:00 +02:00, 8h"
        );
        // Saturday being excepted changes nothing; Friday being excepted takes the whole night.
        fridays.windows[0].except = vec![dates("2007-05-12", "2007-05-12")];
        assert!(open(&fridays, "2007-05-08 12:00Z").starts_with("Fri 2007-05-11"));
        fridays.windows[0].except = vec![dates("2007-05-11", "2007-05-11")];
        assert!(open(&fridays, "2007-05-08 12:00Z").starts_with("Fri 2007-05-18"));
        // Only the window of the day before the skip: two hours are left of it.
        let thursdays = schedule("Pacific/Apia", vec![window(&[Thu], "22:00", "06:00")]);
        assert_eq!(
            open(&thursdays, "2011-12-30 00:00Z"),
            "Thu 2011-12-29 22:00 -10:00 to Sat 2011-12-31 00:00 +14:00, 2h"
        );
    }

    #[test]
    fn a_window_within_a_gap_or_upside_down_in_a_fold_does_not_open() {
        let gap = schedule("America/New_York", vec![window(&WEEK, "02:10", "02:50")]);
        assert_eq!(open(&gap, "2007-03-10 12:00Z"), "Mon 2007-03-12 02:10 -04:00 to Mon 2007-03-12 02:50 -04:00, 40m");
        let fold = schedule("America/New_York", vec![window(&WEEK, "01:15", "01:45")]);
        assert!(open(&fold, "2007-11-03 12:00Z").starts_with("Mon 2007-11-05"));
    }

    #[test]
    fn touching_windows_are_one_and_an_open_one_is_cut() {
        let windows =
            vec![window(&WEEK, "02:00", "06:00"), window(&WEEK, "22:00", "02:00"), window(&WEEK, "23:00", "01:00")];
        let nightly = schedule("UTC", windows);
        let night = "Tue 2007-05-08 22:00 +00:00 to Wed 2007-05-09 06:00 +00:00, 8h";
        assert_eq!(open(&nightly, "2007-05-08 12:00Z"), night);
        assert_eq!(
            open(&nightly, "2007-05-09 02:30Z"),
            "Wed 2007-05-09 02:30 +00:00 to Wed 2007-05-09 06:00 +00:00, 3h30m"
        );
        assert_eq!(nightly.earliest_fit(at("2007-05-08 12:00Z"), hours(8), &[]), Ok(at("2007-05-08 22:00Z")));
        assert!(nightly.is_open(at("2007-05-09 05:59Z")) && !nightly.is_open(at("2007-05-09 06:00Z")));
    }

    #[test]
    fn a_freeze_beats_a_window_even_in_its_middle() {
        let mut nightly = schedule("UTC", vec![window(&WEEK, "22:00", "06:00")]);
        nightly.freezes = vec![freeze("2007-05-09", "2007-05-09")];
        assert_eq!(
            open(&nightly, "2007-05-08 12:00Z"),
            "Tue 2007-05-08 22:00 +00:00 to Wed 2007-05-09 00:00 +00:00, 2h"
        );
        assert_eq!(
            open(&nightly, "2007-05-09 00:00Z"),
            "Thu 2007-05-10 00:00 +00:00 to Thu 2007-05-10 06:00 +00:00, 6h"
        );
    }

    #[test]
    fn without_windows_it_is_open_but_for_the_freezes() {
        let mut always = schedule("Australia/Sydney", Vec::new());
        let start = at("2007-05-08 12:00Z");
        assert_eq!(always.earliest_fit(start, Duration::from_seconds(u64::MAX), &[]), Ok(start));
        assert_eq!(always.next_open(start).unwrap().length().to_string(), "400d");
        always.freezes = vec![freeze("2007-05-08", "2007-05-09"), freeze("2007-05-12", "2007-05-12")];
        assert_eq!(
            open(&always, "2007-05-08 12:00Z"),
            "Thu 2007-05-10 00:00 +10:00 to Sat 2007-05-12 00:00 +10:00, 2d"
        );
        assert_eq!(always.earliest_fit(start, hours(49), &[]), Ok(at("2007-05-13 00:00 Australia/Sydney")));
    }

    #[test]
    fn what_must_finish_before_a_time_does() {
        let nightly = schedule("UTC", vec![window(&WEEK, "22:00", "06:00")]);
        let five = &[before("05:00")];
        let fit = |from, length| nightly.earliest_fit(at(from), length, five).map(show_utc);
        assert_eq!(fit("2007-05-08 12:00Z", hours(7)), Ok("2007-05-08 22:00Z".to_owned()));
        assert_eq!(fit("2007-05-09 01:00Z", hours(4)), Ok("2007-05-09 01:00Z".to_owned()));
        assert_eq!(fit("2007-05-09 01:01Z", hours(4)), Ok("2007-05-09 22:00Z".to_owned()));
        // What is left after five is morning, not tonight.
        assert_eq!(fit("2007-05-09 05:10Z", Duration::from_minutes(5)), Ok("2007-05-09 22:00Z".to_owned()));
        let no_fit = fit("2007-05-08 12:00Z", hours(8)).unwrap_err();
        assert_eq!(no_fit.short_by, hours(1));
        assert_eq!(no_fit.longest.map(|longest| show_utc(longest.end)).as_deref(), Some("2007-05-09 05:00Z"));
        // Where it is always open, nothing straddles five.
        let always = schedule("UTC", Vec::new());
        let start = always.earliest_fit(at("2007-05-08 12:00Z"), hours(18), five);
        assert_eq!(start.map(show_utc), Ok("2007-05-09 05:00Z".to_owned()));
        let whole_days = schedule("UTC", vec![window(&WEEK, "00:00", "00:00")]);
        let start = whole_days.earliest_fit(at("2007-05-08 12:00Z"), hours(18), five);
        assert_eq!(start.map(show_utc), Ok("2007-05-09 05:00Z".to_owned()));
    }

    #[test]
    fn what_must_finish_before_sunrise_does() {
        let at_place = |latitude, longitude| [Bound::Sunrise(Coordinates::new(latitude, longitude).unwrap())];
        let berlin = schedule("Europe/Berlin", vec![window(&WEEK, "22:00", "07:00")]);
        let fit = |schedule: &Schedule, from, length, bounds: &[Bound]| {
            schedule.earliest_fit(at(from), length, bounds).map(|start| schedule.zone.show(start)[4..20].to_owned())
        };
        // The sun rises at 05:20 on that day, in December after the window has closed.
        let here = at_place(52.52, 13.41);
        let night = |length| fit(&berlin, "2007-05-08 12:00Z", Duration::from_minutes(length), &here);
        assert_eq!(night(7 * 60 + 20), Ok("2007-05-08 22:00".to_owned()));
        assert_eq!(night(7 * 60 + 21), Ok("2007-07-29 22:00".to_owned()));
        let dark = |from| fit(&berlin, from, hours(9), &here);
        assert_eq!(dark("2007-12-08 12:00Z"), Ok("2007-12-08 22:00".to_owned()));
        // The earlier of two bounds.
        let both = [here[0], before("05:00")];
        let no_fit = berlin.earliest_fit(at("2007-05-08 12:00Z"), hours(9), &both).unwrap_err();
        assert_eq!((no_fit.short_by, no_fit.sunless), (hours(1), None));
        // Where it is always open, nothing straddles a sunrise.
        let always = schedule("Europe/Berlin", Vec::new());
        assert_eq!(fit(&always, "2007-05-08 12:00Z", hours(18), &here), Ok("2007-05-09 05:20".to_owned()));
        // Near the pole no month is waited for.
        let north = at_place(69.65, 18.96);
        let no_fit = berlin.earliest_fit(at("2007-06-08 12:00Z"), hours(1), &north).unwrap_err();
        let window = no_fit.sunless.unwrap();
        assert_eq!(
            (show_utc(window.start), show_utc(window.end)),
            ("2007-06-08 20:00Z".into(), "2007-06-09 05:00Z".into())
        );
        let no_fit = always.earliest_fit(at("2007-05-15 12:00Z"), hours(25), &north).unwrap_err();
        assert!(no_fit.sunless.is_some(), "{no_fit:?}");
    }

    #[test]
    fn what_does_not_fit_is_told_by_how_much() {
        let nightly = schedule("America/New_York", vec![window(&WEEK, "22:00", "06:00")]);
        // The longest night of the year is the one of November.
        let no_fit = nightly.earliest_fit(at("2007-05-08 12:00Z"), hours(10), &[]).unwrap_err();
        assert_eq!((no_fit.longest.unwrap().length(), no_fit.short_by), (hours(9), hours(1)));
        assert_eq!(show_utc(no_fit.longest.unwrap().start), "2007-11-04 02:00Z");
        let never = schedule("UTC", vec![window(&[], "22:00", "06:00")]);
        assert_eq!(never.next_open(at("2007-05-08 12:00Z")), None);
        let no_fit = never.earliest_fit(at("2007-05-08 12:00Z"), hours(1), &[]).unwrap_err();
        assert_eq!(no_fit, NoFit { longest: None, short_by: hours(1), sunless: None });
    }

    #[test]
    fn the_ends_of_time_are_no_panic() {
        let mut nightly = schedule("Pacific/Apia", vec![window(&WEEK, "22:00", "06:00")]);
        for _ in 0..2 {
            for at in [Moment::MIN_UTC, Moment::MAX_UTC] {
                let _ = (nightly.next_open(at), nightly.is_open(at));
                let _ = nightly.earliest_fit(at, Duration::from_seconds(u64::MAX), &[before("05:00")]);
            }
            nightly.windows.clear();
            nightly.freezes = vec![freeze("2007-05-09", "2007-05-09")];
        }
    }
}
