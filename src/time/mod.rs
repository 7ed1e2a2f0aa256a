//! Durations, zones, windows, calendars. No clock in it: every function is told what time it is.
//!
//! In: what a script says about time. Out: instants ([`Moment`]), and when the next window opens. Never: asks what time
//! it is, reads the system's zone files. Start at [`Schedule`].

mod calendar;
mod duration;
mod moment;
mod schedule;
mod zone;

pub use calendar::{Calendar, CalendarError, CalendarRule, Period, Position};
pub use duration::Duration;
pub use moment::{Interval, Moment, parse_date, parse_moment, parse_time_of_day};
pub use schedule::{Freeze, NoFit, Schedule, Window};
pub use zone::{UnknownZone, Zone, zone_data_version};
