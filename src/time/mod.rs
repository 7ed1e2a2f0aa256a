//! Durations, zones, windows, calendars, the sun. No clock in it: every function is told what time it is.
//!
//! In: what a script says about time. Out: instants ([`Moment`]), and when the next window opens. Never: asks what time
//! it is, reads the system's zone files. Start at [`Schedule`].

mod bound;
mod calendar;
mod duration;
mod ics;
mod moment;
mod schedule;
mod stretches;
mod sun;
mod week;
mod window;
mod zone;
mod zone_name;

pub use bound::Bound;
pub use calendar::{Calendar, CalendarRule, Period, Position};
pub use duration::Duration;
pub use ics::CalendarError;
pub use moment::{Interval, Moment, later_by, parse_date, parse_moment, parse_time_of_day, show_utc};
pub use schedule::{Freeze, NoFit, Schedule, Window};
pub use sun::Coordinates;
pub use week::{WeekStretch, WeekTime};
pub use zone::{UnknownZone, Zone, zone_data_version};
