use crate::model::Budget;

/// How many hosts to take: percentages round down, and never below one.
pub(in crate::plan) fn to_take(amount: Budget, of: usize) -> usize {
    let hosts = match amount {
        Budget::Hosts(hosts) => usize::try_from(hosts).unwrap_or(usize::MAX),
        Budget::Percent(percent) => (part(percent, of) + CLOSE).floor() as usize,
    };
    hosts.max(1)
}

/// How many hosts to keep: percentages round up.
pub(super) fn to_keep(amount: Budget, of: usize) -> u32 {
    match amount {
        Budget::Hosts(hosts) => u32::try_from(hosts).unwrap_or(u32::MAX),
        Budget::Percent(percent) => (part(percent, of) - CLOSE).ceil().max(0.0) as u32,
    }
}

fn part(percent: f64, of: usize) -> f64 {
    of as f64 * percent / 100.0
}

/// `33.3%` of 1000 is 333, though the nearest binary number to it is a little more.
const CLOSE: f64 = 1e-9;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_rounds_down_and_what_is_kept_up() {
        for (percent, of, taken, kept) in [
            (25.0, 36, 9, 9),
            (50.0, 3, 1, 2),
            (50.0, 1, 1, 1),
            (10.0, 4, 1, 1),
            (33.3, 1000, 333, 333),
            (70.0, 10, 7, 7),
            (0.0, 10, 1, 0),
            (100.0, 7, 7, 7),
        ] {
            assert_eq!(to_take(Budget::Percent(percent), of), taken, "{percent}% of {of}");
            assert_eq!(to_keep(Budget::Percent(percent), of), kept, "{percent}% of {of}");
        }
        assert_eq!(to_take(Budget::Hosts(4), 2), 4);
        assert_eq!(to_take(Budget::Hosts(0), 2), 1);
        assert_eq!(to_keep(Budget::Hosts(u64::MAX), 2), u32::MAX);
    }

    proptest::proptest! {
        #[test]
        fn whole_percentages_are_exact(percent in 0u64..=100, of in 0u64..5_000_000) {
            let product = percent * of;
            let amount = Budget::Percent(percent as f64);
            proptest::prop_assert_eq!(u64::from(to_keep(amount, of as usize)), product.div_ceil(100));
            proptest::prop_assert_eq!(to_take(amount, of as usize) as u64, (product / 100).max(1));
        }
    }
}
