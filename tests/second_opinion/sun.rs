//! When the sun rises, by the low-precision formulas of the Astronomical Almanac (good to a hundredth of a degree, some
//! seconds of time) and not by the product's library.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use chrono::NaiveDate;

use crate::clocks::MINUTES;

/// Two readings of the sky may be this many minutes apart: refraction and rounding.
pub const UNSURE: i32 = 3;

/// The sunrises of the places that were asked for, in minutes from an epoch.
#[derive(Default)]
pub struct Sun {
    known: RefCell<HashMap<(u64, u64, NaiveDate), Minutes>>,
}

type Minutes = Rc<Vec<usize>>;

impl Sun {
    pub fn rises(&self, (north, east): (f64, f64), epoch: NaiveDate) -> Minutes {
        let mut known = self.known.borrow_mut();
        let key = (north.to_bits(), east.to_bits(), epoch);
        Rc::clone(known.entry(key).or_insert_with(|| Rc::new(rises(north, east, epoch))))
    }
}

/// Every minute at which the sun's upper rim has come over the horizon.
fn rises(north: f64, east: f64, epoch: NaiveDate) -> Vec<usize> {
    let noon_2000 = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap().and_hms_opt(12, 0, 0).unwrap();
    let first_day = (epoch.and_hms_opt(0, 0, 0).unwrap() - noon_2000).num_minutes() as f64 / 1440.0;
    let is_up = |minute: usize| height(first_day + minute as f64 / 1440.0, north, east) >= -0.833;
    let mut rises = Vec::new();
    let mut was_up = is_up(0);
    for half in 1..MINUTES / 30 {
        let up = is_up(half * 30);
        if up && !was_up {
            rises.extend(((half - 1) * 30..=half * 30).find(|minute| is_up(*minute)));
        }
        was_up = up;
    }
    rises
}

/// Degrees from the horizon to the sun's middle, so many days after the noon that began the year 2000 (J2000).
fn height(days: f64, north: f64, east: f64) -> f64 {
    let mean_anomaly = (357.528 + 0.985_600_3 * days).to_radians();
    let mean_longitude = 280.460 + 0.985_647_4 * days;
    let longitude = (mean_longitude + 1.915 * mean_anomaly.sin() + 0.020 * (2.0 * mean_anomaly).sin()).to_radians();
    let tilt = (23.439 - 0.000_000_4 * days).to_radians();
    let ascension = (tilt.cos() * longitude.sin()).atan2(longitude.cos());
    let declination = (tilt.sin() * longitude.sin()).asin();
    let sidereal = (280.460_618_37 + 360.985_647_366_29 * days + east).to_radians();
    let hour_angle = sidereal - ascension;
    let north = north.to_radians();
    (north.sin() * declination.sin() + north.cos() * declination.cos() * hour_angle.cos()).asin().to_degrees()
}
