use std::cmp::Reverse;

/// The candidate that `word` was most likely meant to be; none where nothing is near enough to be worth a word.
/// Of several equally near ones the one that comes first. Upper and lower case count as near, not as equal.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let length = lower.chars().count();
    candidates
        .into_iter()
        .filter(|candidate| *candidate != word)
        .filter_map(|candidate| Some((nearness(&lower, length, candidate)?, candidate)))
        .min_by_key(|(nearness, _)| *nearness)
        .map(|(_, candidate)| candidate)
}

/// Whether the nearest candidate is the only one as near: then a machine may write it. Of `web-1` nobody knows whether `web-2`
/// or `web-3` was meant.
pub fn is_certain<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> bool {
    let lower = word.to_lowercase();
    let length = lower.chars().count();
    let mut least: Option<(usize, &str)> = None;
    let mut is_only = false;
    for candidate in candidates.into_iter().filter(|candidate| *candidate != word) {
        let Some((edits, _)) = nearness(&lower, length, candidate) else { continue };
        match least {
            Some((fewest, found)) if fewest == edits => is_only &= found == candidate,
            Some((fewest, _)) if fewest < edits => {}
            _ => (least, is_only) = (Some((edits, candidate)), true),
        }
    }
    is_only
}

/// How far a candidate is: edits, then the shared beginning (people begin words rightly). `None` where it is too far.
fn nearness(lower: &str, length: usize, candidate: &str) -> Option<(usize, Reverse<usize>)> {
    let candidate_length = candidate.chars().count();
    let allowed = allowed_edits(length.max(candidate_length));
    // The lengths alone say that it is too far: most candidates end here, without the quadratic measure.
    if length.abs_diff(candidate_length) > allowed || length > LONGEST {
        return None;
    }
    let candidate = candidate.to_lowercase();
    let edits = strsim::damerau_levenshtein(lower, &candidate);
    let shared = lower.chars().zip(candidate.chars()).take_while(|(a, b)| a == b).count();
    (edits <= allowed).then_some((edits, Reverse(shared)))
}

/// One edit in a short word, a third of a longer one: `soka` is `soak`, but `web` is not `db`.
fn allowed_edits(length: usize) -> usize {
    match length {
        0..=2 => 0,
        3..=5 => 1,
        _ => (length / 3).min(4),
    }
}

/// A longer word is no slip of the finger, and the measure is quadratic.
const LONGEST: usize = 80;

#[cfg(test)]
mod tests {
    use super::{is_certain, nearest};

    #[test]
    fn slips_of_the_finger_are_found() {
        let words = ["window", "owner", "soak", "batch", "guinea-pig", "exchange", "US"];
        for (word, meant) in [
            ("windwo", Some("window")),
            ("Window", Some("window")),
            ("soka", Some("soak")),
            ("exchnage", Some("exchange")),
            ("guineapig", Some("guinea-pig")),
            ("us", Some("US")),
            ("gate", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, words), meant, "{word}");
        }
    }

    #[test]
    fn of_equals_the_better_beginning_then_the_first() {
        assert_eq!(nearest("cat", ["bat", "car", "can"]), Some("car"));
        assert_eq!(nearest("web-1", ["web-2", "web-3"]), Some("web-2"));
        assert_eq!(nearest("web-1", ["web-3", "web-2"]), Some("web-3"));
    }

    #[test]
    fn of_equals_none_is_certain() {
        assert!(is_certain("windwo", ["window", "owner"]));
        assert!(is_certain("windwo", ["window", "window"]));
        assert!(!is_certain("web-1", ["web-3", "web-2"]));
        assert!(!is_certain("gate", ["window"]));
    }

    #[test]
    fn the_word_itself_is_no_suggestion() {
        assert_eq!(nearest("soak", ["soak"]), None);
    }

    #[test]
    fn a_very_long_word_costs_nothing() {
        let long = "a".repeat(1_000_000);
        assert_eq!(nearest(&long, [long.as_str(), "a"]), None);
    }
}
