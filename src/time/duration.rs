use std::fmt;
use std::ops::{Add, Mul};

/// A length of time in whole seconds, never negative. Written `90s`, `15m`, `24h`, `2d`, `1w`, `1h30m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Duration(u64);

impl Duration {
    pub const ZERO: Duration = Duration(0);

    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds)
    }

    pub const fn from_minutes(minutes: u64) -> Self {
        Self(minutes * 60)
    }

    pub const fn seconds(self) -> u64 {
        self.0
    }

    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Reads `1h30m`. Units are w, d, h, m and s, from the largest to the smallest, each at most once.
    /// `None` where it is no duration, or is longer than a century.
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = text;
        let mut total: u64 = 0;
        let mut units = UNITS.iter();
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit())?;
            let number: u64 = rest[..digits].parse().ok()?;
            let unit = rest[digits..].chars().next()?;
            let (_, seconds) = units.by_ref().find(|(name, _)| *name == unit)?;
            total = total.checked_add(number.checked_mul(*seconds)?)?;
            rest = &rest[digits + 1..];
        }
        (!text.is_empty() && total <= CENTURY).then_some(Self(total))
    }

    pub fn to_chrono(self) -> chrono::TimeDelta {
        // INVARIANT: at most some centuries, which fit.
        chrono::TimeDelta::seconds(self.0.min(i64::MAX as u64 / 1000) as i64)
    }
}

const UNITS: [(char, u64); 5] = [('w', 604_800), ('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];
const CENTURY: u64 = 36_525 * 86_400;

impl fmt::Display for Duration {
    /// `1h30m`; weeks are shown as days.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        let mut rest = self.0;
        for (unit, seconds) in &UNITS[1..] {
            if rest >= *seconds {
                write!(f, "{}{unit}", rest / seconds)?;
                rest %= seconds;
            }
        }
        Ok(())
    }
}

impl Add for Duration {
    type Output = Duration;
    fn add(self, other: Duration) -> Duration {
        Duration(self.0.saturating_add(other.0))
    }
}

impl Mul<u64> for Duration {
    type Output = Duration;
    fn mul(self, times: u64) -> Duration {
        Duration(self.0.saturating_mul(times))
    }
}

impl std::iter::Sum for Duration {
    fn sum<I: Iterator<Item = Duration>>(all: I) -> Duration {
        all.fold(Duration::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::Duration;

    #[test]
    fn reads_and_shows() {
        for (text, seconds, shown) in [
            ("90s", 90, "1m30s"),
            ("15m", 900, "15m"),
            ("1h30m", 5400, "1h30m"),
            ("2d", 172_800, "2d"),
            ("1w", 604_800, "7d"),
        ] {
            let duration = Duration::parse(text).unwrap();
            assert_eq!(duration.seconds(), seconds);
            assert_eq!(duration.to_string(), shown);
        }
    }

    #[test]
    fn refuses_what_is_none() {
        for text in ["", "h", "24", "1m1h", "1h1h", "1x", "99999999999999999999s", "1000000w"] {
            assert_eq!(Duration::parse(text), None, "{text}");
        }
    }
}
