use chrono::{NaiveDate, NaiveTime, TimeDelta};

use crate::time::stretches::shift;
use crate::time::sun::LONGEST_DAY_HOURS;
use crate::time::{Coordinates, Interval, Moment, Zone};

/// What something that begins in a stretch of open time must have ended by: the first after the stretch opens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bound {
    /// A local time of day.
    Time(NaiveTime),
    /// Sunrise at a place.
    Sunrise(Coordinates),
}

/// The sun does not rise for a day from a moment at which it has to.
#[derive(Debug, Clone, Copy)]
pub(super) struct NoSunrise;

/// The parts of a stretch between its bounds.
///
/// A stretch that ends before any bound comes again is one night: what is left of it after the first is morning, and no
/// part of it.
pub(super) struct Pieces<'a> {
    stretch: Interval,
    comings: Vec<Coming<'a>>,
    is_one_night: bool,
    /// Where the next part begins; none when all are found.
    next: Option<Moment>,
}

impl<'a> Pieces<'a> {
    pub(super) fn of(zone: &'a Zone, stretch: Interval, bounds: &[Bound]) -> Self {
        let comings: Vec<Coming> = bounds.iter().map(|bound| Coming::first(zone, *bound, stretch.start)).collect();
        let comes_twice = |coming: &Coming| match (coming.at, coming.later().at) {
            (Ok(_), Ok(second)) => second < stretch.end,
            (Ok(first), Err(NoSunrise)) => stretch.end - first > TimeDelta::hours(LONGEST_DAY_HOURS),
            (Err(NoSunrise), _) => false,
        };
        let is_one_night = !comings.iter().any(comes_twice);
        Self { stretch, comings, is_one_night, next: Some(stretch.start) }
    }
}

impl Iterator for Pieces<'_> {
    type Item = Result<Interval, NoSunrise>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.next.take().filter(|start| *start < self.stretch.end)?;
        let mut end = self.stretch.end;
        for coming in &self.comings {
            match coming.at {
                Ok(at) => end = end.min(at),
                Err(NoSunrise) => return Some(Err(NoSunrise)),
            }
        }
        for coming in self.comings.iter_mut().filter(|coming| coming.at.is_ok_and(|at| at <= end)) {
            *coming = coming.later();
        }
        if !self.is_one_night {
            self.next = Some(end.max(self.stretch.start));
        }
        Some(Ok(Interval { start, end }))
    }
}

/// When a bound comes for the first time, and then again and again.
#[derive(Clone, Copy)]
struct Coming<'a> {
    zone: &'a Zone,
    bound: Bound,
    /// Of a time of day.
    day: NaiveDate,
    at: Result<Moment, NoSunrise>,
}

impl<'a> Coming<'a> {
    fn first(zone: &'a Zone, bound: Bound, opens_at: Moment) -> Self {
        let opens = zone.local(opens_at).0;
        match bound {
            Bound::Time(time) => {
                let day = if time > opens.time() { opens.date() } else { shift(opens.date(), 1) };
                Coming { zone, bound, day, at: Ok(zone.closing(day.and_time(time))) }
            }
            Bound::Sunrise(place) => Coming { zone, bound, day: opens.date(), at: sunrise(place, opens_at) },
        }
    }

    fn later(self) -> Self {
        let Ok(before) = self.at else { return self };
        match self.bound {
            Bound::Time(time) => {
                let day = shift(self.day, 1);
                let at = self.zone.closing(day.and_time(time));
                // At the end of time there is no day after.
                Coming { day, at: Ok(if at > before { at } else { Moment::MAX_UTC }), ..self }
            }
            Bound::Sunrise(place) => Coming { at: sunrise(place, before), ..self },
        }
    }
}

fn sunrise(place: Coordinates, after: Moment) -> Result<Moment, NoSunrise> {
    place.next_sunrise(after).ok_or(NoSunrise)
}
