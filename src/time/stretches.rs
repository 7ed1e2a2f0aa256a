use std::collections::VecDeque;

use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta};

use crate::time::{Duration, Interval, Moment, Schedule, Window};

/// How far ahead anyone looks for open time.
pub(super) const HORIZON_DAYS: i64 = 400;

/// How far back the search begins, so that the window that is open already is seen from its opening: a window lasts a
/// day at most, and a gap in the clocks another.
const BEFORE_DAYS: i64 = 3;

/// The open time of a schedule in order of time, a day at a time and only as far as it is asked for: most questions are
/// answered by the next night.
pub(super) struct Stretches<'a> {
    schedule: &'a Schedule,
    /// In the order in which they open on a day; local times name instants in order, so pieces come in order too.
    windows: Vec<&'a Window>,
    next_day: Option<NaiveDate>,
    last_day: NaiveDate,
    /// Open pieces found and not yet handed out.
    pieces: VecDeque<Interval>,
}

impl<'a> Stretches<'a> {
    /// From some days before `at` to the horizon after it.
    pub(super) fn around(schedule: &'a Schedule, at: Moment) -> Self {
        let today = schedule.zone.local(at).0.date();
        let mut windows: Vec<&Window> = schedule.windows.iter().collect();
        windows.sort_by_key(|window| window.opens);
        Self {
            schedule,
            windows,
            next_day: Some(shift(today, -BEFORE_DAYS)),
            last_day: shift(today, HORIZON_DAYS),
            pieces: VecDeque::new(),
        }
    }

    /// The next stretch, with everything that touches it; but once it lasts for `enough` after `at`, it may end before
    /// its true end.
    pub(super) fn next(&mut self, at: Moment, enough: Option<Duration>) -> Option<Interval> {
        let mut stretch = self.take()?;
        while let Some(next) = self.peek() {
            let is_enough = enough.is_some_and(|enough| stretch.end - stretch.start.max(at) >= enough.to_chrono());
            if next.start > stretch.end || is_enough {
                break;
            }
            stretch.end = stretch.end.max(next.end);
            self.pieces.pop_front();
        }
        Some(stretch)
    }

    fn take(&mut self) -> Option<Interval> {
        self.fill();
        self.pieces.pop_front()
    }

    fn peek(&mut self) -> Option<Interval> {
        self.fill();
        self.pieces.front().copied()
    }

    fn fill(&mut self) {
        while self.pieces.is_empty() {
            let Some(day) = self.next_day.filter(|day| *day <= self.last_day) else { return };
            self.next_day = match self.windows.is_empty() {
                true => self.push_unfrozen_days(day),
                false => {
                    self.push_windows(day);
                    day.succ_opt()
                }
            };
        }
    }

    /// Without windows it is open from the end of one freeze to the beginning of the next. Gives the day to go on with.
    fn push_unfrozen_days(&mut self, first: NaiveDate) -> Option<NaiveDate> {
        let days = || first.iter_days().take_while(|day| *day <= self.last_day);
        let open = days().find(|day| !self.schedule.is_frozen(*day))?;
        let frozen = days().skip_while(|day| *day <= open).find(|day| self.schedule.is_frozen(*day));
        // Read as deny reads them: a midnight that comes twice frees its day at the later and freezes it at the earlier.
        let zone = &self.schedule.zone;
        let start = zone.opening(open.and_time(NaiveTime::MIN));
        let end = zone.closing(frozen.unwrap_or_else(|| shift(self.last_day, 1)).and_time(NaiveTime::MIN));
        self.push(Interval { start, end });
        frozen
    }

    fn push_windows(&mut self, day: NaiveDate) {
        let next_day = shift(day, 1);
        let is_frozen = [self.schedule.is_frozen(day), self.schedule.is_frozen(next_day)];
        for idx in 0..self.windows.len() {
            let Some(window) = self.windows.get(idx).filter(|window| window.opens_on(day)) else { continue };
            // Only these two days can freeze what opens on the first of them: its earliest opening is at the later
            // midnight that begins the day, its latest closing at the earlier midnight that ends the other.
            match (is_frozen, window.closes > window.opens) {
                ([true, true], _) | ([true, _], true) => {}
                ([false, false], _) | ([false, _], true) => self.push(self.schedule.open_from(window, day)),
                ([true, false], false) => {
                    let open = self.schedule.open_from(window, day);
                    self.push(Interval { start: open.start.max(self.schedule.day(day).end), ..open });
                }
                ([false, true], false) => {
                    let open = self.schedule.open_from(window, day);
                    self.push(Interval { end: open.end.min(self.schedule.day(next_day).start), ..open });
                }
            }
        }
    }

    fn push(&mut self, piece: Interval) {
        if piece.start < piece.end {
            self.pieces.push_back(piece);
        }
    }
}

impl Schedule {
    /// When a window is open that opens on a day; empty or upside down where the clocks leave nothing of it.
    fn open_from(&self, window: &Window, day: NaiveDate) -> Interval {
        let closing_day = if window.closes > window.opens { day } else { shift(day, 1) };
        let start = self.zone.opening(day.and_time(window.opens));
        let end = self.zone.closing(closing_day.and_time(window.closes));
        Interval { start, end }
    }

    fn is_frozen(&self, day: NaiveDate) -> bool {
        self.freezes.iter().any(|freeze| freeze.calendar.contains(day))
    }

    /// A local day from its first midnight to the last midnight that ends it: both readings of a midnight that comes twice.
    fn day(&self, day: NaiveDate) -> Interval {
        let start = self.zone.closing(day.and_time(NaiveTime::MIN));
        let end = self.zone.opening(shift(day, 1).and_time(NaiveTime::MIN));
        Interval { start, end }
    }
}

impl Window {
    fn opens_on(&self, day: NaiveDate) -> bool {
        self.days.contains(&day.weekday()) && !self.except.iter().any(|calendar| calendar.contains(day))
    }
}

/// A date some days off; the last or first date there is where there is none.
pub(super) fn shift(day: NaiveDate, days: i64) -> NaiveDate {
    let end = if days < 0 { NaiveDate::MIN } else { NaiveDate::MAX };
    day.checked_add_signed(TimeDelta::days(days)).unwrap_or(end)
}
