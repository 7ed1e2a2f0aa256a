use chrono::{Datelike, NaiveDate, TimeDelta, Timelike};
use sunrise::{SolarDay, SolarEvent};

use crate::time::Moment;

/// A place on earth, in degrees: north and east are positive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coordinates {
    latitude: f64,
    longitude: f64,
}

/// From one sunrise to the next it is a day and, where the seasons turn near a pole, up to an hour or so.
pub(super) const LONGEST_DAY_HOURS: i64 = 26;

/// For these years the sun is known well enough; beyond them nobody plans.
const YEARS: std::ops::RangeInclusive<i32> = 1600..=2400;

impl Coordinates {
    /// None where that is no place on earth.
    pub fn new(latitude: f64, longitude: f64) -> Option<Coordinates> {
        let is_on_earth = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
        is_on_earth.then_some(Coordinates { latitude, longitude })
    }

    pub fn latitude(self) -> f64 {
        self.latitude
    }

    pub fn longitude(self) -> f64 {
        self.longitude
    }

    /// The first sunrise after `at`, to the minute and rounded down: when the upper rim of the sun appears at the horizon
    /// of a flat country at sea level. The almanac says the same within a minute or two, but for the weeks in which it is
    /// all day or all night near a pole. None where the sun does not rise within 26 hours.
    pub fn next_sunrise(self, at: Moment) -> Option<Moment> {
        let until = at.checked_add_signed(TimeDelta::hours(LONGEST_DAY_HOURS))?;
        let place = sunrise::Coordinates::new(self.latitude, self.longitude)?;
        // The sun's day is that of the meridian, which may be a day before or after that of Greenwich.
        let first = at.date_naive().pred_opt()?;
        let days = first.iter_days().take(4).filter(|day| YEARS.contains(&day.year()));
        let rises = days.filter_map(|day| sunrise_of(place, day));
        rises.filter(|rise| at < *rise && *rise <= until).min()
    }
}

fn sunrise_of(place: sunrise::Coordinates, day: NaiveDate) -> Option<Moment> {
    SolarDay::new(place, day).event_time(SolarEvent::Sunrise)?.with_second(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{parse_moment, show_utc};

    fn place(latitude: f64, longitude: f64) -> Coordinates {
        Coordinates::new(latitude, longitude).unwrap()
    }

    /// Sunrises in UTC by the Solar Position Algorithm of the National Renewable Energy Laboratory (NREL/TP-560-34302), the
    /// yardstick of almanacs; worked out with the crate `solar-positioning` 0.7.2.
    const ALMANAC: [(&str, f64, f64, &str); 9] = [
        ("Greenwich", 51.4779, 0.0, "2007-06-21 03:42:38Z"),
        ("Sydney", -33.8688, 151.2093, "2007-05-08 20:35:12Z"),
        ("London", 51.5074, -0.1278, "2024-12-21 08:03:59Z"),
        ("New York", 40.7128, -74.006, "2024-03-20 10:58:31Z"),
        ("Reykjavik", 64.1466, -21.9426, "2024-06-21 02:55:18Z"),
        ("Quito", -0.1807, -78.4678, "2024-01-01 11:13:15Z"),
        ("Tokyo", 35.6762, 139.6503, "2024-06-30 19:29:14Z"),
        ("Auckland", -36.8485, 174.7633, "2007-06-13 19:31:16Z"),
        ("Apia", -13.8333, -171.7667, "2012-01-01 17:02:44Z"),
    ];

    #[test]
    fn the_sun_rises_when_the_almanac_says() {
        for (name, latitude, longitude, rises) in ALMANAC {
            let rises = parse_moment(rises).unwrap();
            let found = place(latitude, longitude).next_sunrise(rises - TimeDelta::hours(9)).unwrap();
            let apart = (found - rises).num_seconds().abs();
            assert!(apart <= 90, "{name}: {} is {apart} s from {}", show_utc(found), show_utc(rises));
        }
    }

    #[test]
    fn every_day_has_its_sunrise_where_it_has_one() {
        for (name, latitude, longitude, rises) in ALMANAC {
            let here = place(latitude, longitude);
            let mut at = parse_moment(rises).unwrap();
            for _ in 0..400 {
                let next = here.next_sunrise(at).unwrap();
                let hours = (next - at).num_minutes() as f64 / 60.0;
                assert!((23.8..24.2).contains(&hours) || at == parse_moment(rises).unwrap(), "{name}: {hours}");
                at = next;
            }
        }
    }

    #[test]
    fn near_the_poles_it_is_day_or_night_for_months() {
        let tromso = place(69.6492, 18.9553);
        let next = |from: &str| tromso.next_sunrise(parse_moment(from).unwrap()).map(show_utc);
        assert_eq!(next("2024-12-20 21:00Z"), None);
        assert_eq!(next("2024-06-20 20:00Z"), None);
        assert_eq!(next("2024-03-20 20:00Z").as_deref(), Some("2024-03-21 04:37Z"));
        assert_eq!(place(90.0, 0.0).next_sunrise(parse_moment("2024-06-20 20:00Z").unwrap()), None);
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for (latitude, longitude) in [(90.1, 0.0), (0.0, -180.5), (f64::NAN, 0.0), (0.0, f64::INFINITY)] {
            assert_eq!(Coordinates::new(latitude, longitude), None);
        }
    }

    #[test]
    fn the_ends_of_time_are_no_panic() {
        for at in [Moment::MIN_UTC, Moment::MAX_UTC] {
            assert_eq!(place(-33.9, 151.2).next_sunrise(at), None);
        }
    }
}
