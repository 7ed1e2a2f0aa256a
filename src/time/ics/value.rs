use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use crate::time::{Zone, zone_name};

/// A date or time as a file gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value {
    /// For a date, its midnight.
    pub wall: NaiveDateTime,
    pub clock: Clock,
}

/// Which clock a wall time is read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Clock {
    /// It is a date.
    Date,
    /// A time without a zone: the reader's own.
    Floating,
    Utc,
    Zone(String),
}

impl Value {
    /// Reads `20070508`, `20070508T220000` and `20070508T120000Z`.
    pub(super) fn parse(text: &str, tzid: Option<&str>) -> Option<Value> {
        let Some((date, time)) = text.split_once('T') else {
            return Some(Value { wall: parse_date(text)?.and_time(NaiveTime::MIN), clock: Clock::Date });
        };
        let (time, clock) = match (time.strip_suffix('Z'), tzid) {
            (Some(time), _) => (time, Clock::Utc),
            (None, Some(tzid)) => (time, Clock::Zone(tzid.to_owned())),
            (None, None) => (time, Clock::Floating),
        };
        Some(Value { wall: parse_date(date)?.and_time(parse_time(time)?), clock })
    }

    /// The wall time that another clock shows at this value. Dates and floating times are the same on every clock.
    pub(super) fn on(&self, other: &Clock) -> Result<NaiveDateTime, String> {
        let moves = |clock: &Clock| matches!(clock, Clock::Utc | Clock::Zone(_));
        if self.clock == *other || !moves(&self.clock) || !moves(other) {
            return Ok(self.wall);
        }
        Ok(zone_of(other)?.local(zone_of(&self.clock)?.opening(self.wall)).0)
    }
}

/// No zone has a longer name; nobody looks for the parts of a path of a megabyte.
const LONGEST_ZONE: usize = 64;

/// The zone of a `TZID`: an IANA name, one behind a vendor's prefix (`/example.org/Europe/Berlin`), or a Windows name,
/// which a calendar program writes and nobody can mend.
fn zone_of(clock: &Clock) -> Result<Zone, String> {
    let Clock::Zone(tzid) = clock else { return Ok(Zone::utc()) };
    let suffixes = std::iter::successors(Some(tzid.as_str()), |name| name.split_once('/').map(|(_, rest)| rest));
    let known = suffixes.filter(|name| name.len() <= LONGEST_ZONE).find(|name| zone_name::is_known(name));
    known
        .or_else(|| zone_name::of_windows(tzid))
        .and_then(|name| Zone::find(name).ok())
        .ok_or_else(|| format!("the zone `{tzid}` is not known, and this event needs it"))
}

/// Reads `P1W`, `P2DT3H`, `PT90M`. A negative one is refused: no event ends before it begins.
pub(super) fn parse_duration(text: &str) -> Option<TimeDelta> {
    let mut rest = text.strip_prefix('+').unwrap_or(text).strip_prefix('P')?;
    let mut seconds: i64 = 0;
    let mut units: &[(char, i64)] = &[('W', 604_800), ('D', 86_400)];
    let mut is_empty = true;
    while !rest.is_empty() {
        if let Some(time) = rest.strip_prefix('T') {
            rest = time;
            units = &[('H', 3_600), ('M', 60), ('S', 1)];
        }
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: i64 = rest.get(..digits)?.parse().ok()?;
        let unit = rest.get(digits..)?.chars().next()?;
        let (_, length) = units.iter().find(|(name, _)| *name == unit)?;
        seconds = seconds.checked_add(number.checked_mul(*length)?)?;
        // INVARIANT: the unit is one of the letters above, one byte long.
        rest = rest.get(digits + 1..)?;
        is_empty = false;
    }
    if is_empty { None } else { TimeDelta::try_seconds(seconds) }
}

fn parse_date(text: &str) -> Option<NaiveDate> {
    let digits = digits(text, 8)?;
    NaiveDate::from_ymd_opt((digits / 10_000) as i32, digits / 100 % 100, digits % 100)
}

fn parse_time(text: &str) -> Option<NaiveTime> {
    let digits = digits(text, 6)?;
    // A leap second is the last of its minute: only days matter here.
    NaiveTime::from_hms_opt(digits / 10_000, digits / 100 % 100, (digits % 100).min(59))
}

fn digits(text: &str, count: usize) -> Option<u32> {
    let is_exact = text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    if is_exact { text.parse().ok() } else { None }
}
