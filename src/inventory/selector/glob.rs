/// A pattern in which `*` stands for any characters, `?` for one, `[a-z0]` for one of these and `[!a-z]` for one of the
/// others. Upper and lower case differ. There is no escape: `[*]` stands for a star. A `[` that is never closed is itself.
pub(crate) struct Glob {
    shape: Shape,
}

/// The common patterns need no steps.
enum Shape {
    Exact(String),
    Begins(String),
    Ends(String),
    Contains(String),
    Steps(Vec<Step>),
}

enum Step {
    Any,
    One,
    Character(char),
    Class { ranges: Vec<(char, char)>, inside: bool },
}

impl Glob {
    pub(crate) fn new(pattern: &str) -> Glob {
        let is_plain = |text: &str| !text.contains(['*', '?', '[']);
        let inner = pattern.strip_prefix('*').unwrap_or(pattern);
        let inner = inner.strip_suffix('*').unwrap_or(inner);
        let shape = match (pattern.starts_with('*'), pattern.len() > 1 && pattern.ends_with('*')) {
            _ if !is_plain(inner) => Shape::Steps(steps(pattern)),
            (false, false) => Shape::Exact(inner.to_owned()),
            (false, true) => Shape::Begins(inner.to_owned()),
            (true, false) => Shape::Ends(inner.to_owned()),
            (true, true) => Shape::Contains(inner.to_owned()),
        };
        Glob { shape }
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        match &self.shape {
            Shape::Exact(whole) => text == whole,
            Shape::Begins(start) => text.starts_with(start.as_str()),
            // The last byte decides nearly always, without a call to compare the rest.
            Shape::Ends(end) => {
                text.as_bytes().last() == end.as_bytes().last() && text.as_bytes().ends_with(end.as_bytes())
                    || end.is_empty()
            }
            Shape::Contains(part) => text.contains(part.as_str()),
            Shape::Steps(steps) => matches_steps(steps, text),
        }
    }
}

fn steps(pattern: &str) -> Vec<Step> {
    let (mut steps, mut rest) = (Vec::new(), pattern.chars());
    while let Some(character) = rest.next() {
        steps.push(match character {
            '*' => Step::Any,
            '?' => Step::One,
            '[' => match class(rest.as_str()) {
                Some((class, after)) => {
                    rest = after.chars();
                    class
                }
                None => Step::Character('['),
            },
            other => Step::Character(other),
        });
    }
    steps
}

/// What stands in brackets, and the text after them. A `]` that comes first is one of the characters.
fn class(text: &str) -> Option<(Step, &str)> {
    let (inside, body) = match text.strip_prefix(['!', '^']) {
        Some(body) => (false, body),
        None => (true, text),
    };
    let end = body.char_indices().skip(1).find(|&(_, character)| character == ']').map(|(at, _)| at)?;
    let characters: Vec<char> = body[..end].chars().collect();
    let (mut ranges, mut at) = (Vec::new(), 0);
    while let Some(&first) = characters.get(at) {
        match (characters.get(at + 1), characters.get(at + 2)) {
            (Some('-'), Some(&last)) => {
                ranges.push((first, last));
                at += 3;
            }
            _ => {
                ranges.push((first, first));
                at += 1;
            }
        }
    }
    Some((Step::Class { ranges, inside }, &body[end + 1..]))
}

/// The usual walk with one place to fall back to, the last star: at worst the text's length times the pattern's.
fn matches_steps(steps: &[Step], text: &str) -> bool {
    let (mut step, mut rest) = (0, text);
    let mut star: Option<(usize, &str)> = None;
    loop {
        if let Some(Step::Any) = steps.get(step) {
            star = Some((step + 1, rest));
            step += 1;
            continue;
        }
        let next = rest.chars().next();
        match (steps.get(step), next) {
            (None, None) => return true,
            (Some(wanted), Some(character)) if wanted.takes(character) => {
                step += 1;
                rest = &rest[character.len_utf8()..];
                continue;
            }
            _ => {}
        }
        let Some((after_star, from)) = star else { return false };
        let Some(skipped) = from.chars().next() else { return false };
        let from = &from[skipped.len_utf8()..];
        (step, rest, star) = (after_star, from, Some((after_star, from)));
    }
}

impl Step {
    fn takes(&self, character: char) -> bool {
        match self {
            Step::Any | Step::One => true,
            Step::Character(wanted) => *wanted == character,
            Step::Class { ranges, inside } => {
                ranges.iter().any(|&(first, last)| (first..=last).contains(&character)) == *inside
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_texts() {
        for (pattern, yes, no) in [
            ("web1", &["web1"][..], &["web", "web12", ""][..]),
            ("web*", &["web", "web12"], &["aweb", ""]),
            ("*7", &["7", "win-akl-07"], &["70", ""]),
            ("*syd*", &["syd", "ex-syd-01"], &["sd"]),
            ("*", &["", "x"], &[]),
            ("**", &["", "x"], &[]),
            ("ex-*-0?", &["ex-syd-01", "ex--0x"], &["ex-syd-0", "ex-syd-011"]),
            ("db[1-3]", &["db1", "db3"], &["db4", "db", "db-"]),
            ("db[!1-3]", &["db4", "dbx"], &["db1", "db"]),
            ("[]x]", &["]", "x"], &["y"]),
            ("[", &["["], &["x"]),
            ("a*b*c", &["abc", "aXbYc", "abcbc"], &["ab", "acb"]),
            ("é?", &["éü"], &["é", "éüx"]),
            ("", &[""], &["x"]),
        ] {
            let glob = Glob::new(pattern);
            assert!(yes.iter().all(|text| glob.matches(text)), "{pattern} matches {yes:?}");
            assert!(!no.iter().any(|text| glob.matches(text)), "{pattern} matches none of {no:?}");
        }
    }

    #[test]
    fn a_hostile_pattern_ends() {
        let glob = Glob::new(&"*a?".repeat(200));
        assert!(!glob.matches(&"a".repeat(399)));
    }
}
