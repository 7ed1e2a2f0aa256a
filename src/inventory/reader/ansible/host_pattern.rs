use crate::inventory::reader::fault::quoted;

/// A host's entry in an Ansible inventory: names, of which a range makes many, and a port that they share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HostPattern {
    pub(crate) names: Vec<String>,
    pub(crate) port: Option<u32>,
}

/// So many hosts may come of the ranges of one inventory: `h[1:999999999]` is nobody's fleet.
pub(crate) const MOST_RANGED: usize = 1_000_000;

/// A name of 253 bytes and the widest ranges in it; a longer one would be written out a million times.
const LONGEST_RANGED: usize = 1_024;

/// More ranges than this in one entry multiply into nonsense.
const MOST_RANGES: usize = 8;

/// Reads an entry as Ansible does, and gives back why it cannot. `room` is how many hosts there may still be.
pub(crate) fn read(entry: &str, room: usize) -> Result<HostPattern, String> {
    let (address, port) = split_port(entry);
    let (pattern, port) = if is_address(address) { (address, port) } else { (entry, None) };
    let port = port.map(|port| port.parse().map_err(|_| format!("the port {port} is too large"))).transpose()?;
    if pattern.matches('[').count() > MOST_RANGES {
        return Err(format!("it has more than {MOST_RANGES} ranges"));
    }
    if pattern.len() > LONGEST_RANGED && pattern.contains('[') {
        return Err("it is longer than the name of a host can be".to_owned());
    }
    let mut names = Vec::new();
    expand(pattern, room, &mut names)?;
    Ok(HostPattern { names, port: port.filter(|&port| port > 0) })
}

/// `web1:22`, `[::1]:22`, `web[1:3]:22`.
fn split_port(entry: &str) -> (&str, Option<&str>) {
    let (mut address, mut port) = (entry, None);
    let split = |text: &'_ str| -> Option<(usize, usize)> {
        let at = text.rfind(':')?;
        let digits = &text[at + 1..];
        (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some((at, at + 1))
    };
    if let Some((end, digits)) = split(address)
        && let Some(inner) = address[..end].strip_prefix('[').and_then(|inner| inner.strip_suffix(']'))
        && !inner.is_empty()
    {
        (port, address) = (Some(&address[digits..]), inner);
    }
    if let Some((end, digits)) = split(address)
        && has_colons_in_brackets_only(&address[..end])
    {
        (port, address) = (Some(&address[digits..]), &address[..end]);
    }
    (address, port)
}

fn has_colons_in_brackets_only(text: &str) -> bool {
    let mut is_inside = false;
    text.chars().all(|character| match (is_inside, character) {
        (false, '[') => {
            is_inside = true;
            true
        }
        (false, ':' | ']') => false,
        (true, ']') => {
            is_inside = false;
            true
        }
        _ => true,
    }) && !is_inside
}

/// Whether Ansible takes it for the name or the address of a host, ranges in it included.
fn is_address(text: &str) -> bool {
    let without_ranges = replace_ranges(text);
    without_ranges.parse::<std::net::Ipv6Addr>().is_ok()
        || without_ranges.split('.').all(|label| {
            label.starts_with(|c: char| c.is_alphanumeric() || c == '_')
                && !label.ends_with(['-', '_'])
                && label.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
        })
}

/// Puts `1` for each well-formed range.
fn replace_ranges(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(open) = rest.find('[') {
        let Some(close) = rest[open..].find(']').map(|at| open + at) else { break };
        out.push_str(&rest[..open]);
        let range = &rest[open + 1..close];
        out.push_str(if is_range(range) { "1" } else { "[]" });
        rest = &rest[close + 1..];
    }
    out + rest
}

fn is_range(text: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_letter = |part: &str| part.len() == 1 && part.bytes().all(|byte| byte.is_ascii_alphabetic());
    let parts: Vec<&str> = text.split(':').collect();
    match parts.as_slice() {
        [first, last] => is_number(first) && is_number(last) || is_letter(first) && is_letter(last),
        [first, last, step] => {
            is_number(step) && (is_number(first) && is_number(last) || is_letter(first) && is_letter(last))
        }
        _ => false,
    }
}

/// Writes out the first range, and those after it in each of the names that come of it.
fn expand(pattern: &str, room: usize, names: &mut Vec<String>) -> Result<(), String> {
    let Some(open) = pattern.find('[') else {
        if names.len() >= room {
            return Err(format!("its range makes more than {MOST_RANGED} hosts"));
        }
        names.push(pattern.to_owned());
        return Ok(());
    };
    let close = pattern.find(']').filter(|&close| close > open).ok_or("a range is not closed with `]`")?;
    let (head, range, tail) = (&pattern[..open], &pattern[open + 1..close], &pattern[close + 1..]);
    for item in Range::read(range)? {
        expand(&format!("{head}{item}{tail}"), room, names)?;
    }
    Ok(())
}

/// The items of a range, one at a time, so that a large one is stopped before it is written out.
enum Range {
    Numbers { next: u64, last: u64, step: u64, width: usize },
    Letters { next: usize, last: usize, step: usize },
}

/// The order in which ranges of letters run.
const LETTERS: &[u8; 52] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

impl Range {
    fn read(text: &str) -> Result<Range, String> {
        let shown = quoted(&format!("[{text}]"));
        let parts: Vec<&str> = text.split(':').collect();
        let (first, last, step) = match parts.as_slice() {
            [first, last] => (*first, *last, "1"),
            [first, last, step] => (*first, *last, *step),
            _ => return Err(format!("the range {shown} is not `[first:last]` or `[first:last:step]`")),
        };
        let first = if first.is_empty() { "0" } else { first };
        if last.is_empty() {
            return Err(format!("the range {shown} has no end"));
        }
        let width = if first.len() > 1 && first.starts_with('0') { first.len() } else { 0 };
        if width > 0 && width != last.len() {
            return Err(format!("the two ends of {shown} must have as many digits, since the first begins with 0"));
        }
        let step = step.parse::<u64>().ok().filter(|&step| step > 0);
        let step = step.ok_or_else(|| format!("the step of {shown} is not a number above 0"))?;
        let letter = |text: &str| match text.as_bytes() {
            [byte] => LETTERS.iter().position(|letter| letter == byte),
            _ => None,
        };
        if let (Some(next), Some(last)) = (letter(first), letter(last)) {
            if next > last {
                return Err(format!("the range {shown} runs backwards: letters run from a to z, then from A to Z"));
            }
            return Ok(Range::Letters { next, last, step: usize::try_from(step).unwrap_or(usize::MAX) });
        }
        let number =
            |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u64>().ok()).flatten();
        match (number(first), number(last)) {
            (Some(next), Some(last)) if next <= last => Ok(Range::Numbers { next, last, step, width }),
            (Some(_), Some(_)) => Err(format!("the range {shown} runs backwards, so it names no host")),
            _ => Err(format!("the ends of {shown} are not two numbers or two letters")),
        }
    }
}

impl Iterator for Range {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        match self {
            Range::Numbers { next, last, step, width } => {
                let item = (*next <= *last).then(|| format!("{next:0width$}", width = *width))?;
                match next.checked_add(*step) {
                    Some(following) => *next = following,
                    // The end of all numbers is behind us.
                    None => (*next, *last) = (1, 0),
                }
                Some(item)
            }
            Range::Letters { next, last, step } => {
                let letter = LETTERS.get(*next).filter(|_| *next <= *last)?;
                *next = next.saturating_add(*step);
                Some(char::from(*letter).to_string())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(entry: &str) -> Vec<String> {
        read(entry, 100).unwrap().names
    }

    #[test]
    fn ranges_are_inclusive_and_multiply() {
        assert_eq!(names("web[1:3]"), ["web1", "web2", "web3"]);
        assert_eq!(names("web[01:03].x"), ["web01.x", "web02.x", "web03.x"]);
        assert_eq!(names("db-[a:c]"), ["db-a", "db-b", "db-c"]);
        assert_eq!(names("db-[y:B]"), ["db-y", "db-z", "db-A", "db-B"]);
        assert_eq!(names("h[:2]"), ["h0", "h1", "h2"]);
        assert_eq!(names("h[1:9:4]"), ["h1", "h5", "h9"]);
        assert_eq!(names("[a:b]-[1:2]"), ["a-1", "a-2", "b-1", "b-2"]);
        assert_eq!(names(&format!("h[{}:{}]", u64::MAX, u64::MAX)), [format!("h{}", u64::MAX)]);
    }

    #[test]
    fn ports_are_told_from_ranges_and_addresses() {
        let port = |entry: &str| read(entry, 100).map(|pattern| (pattern.names, pattern.port)).unwrap();
        assert_eq!(port("web1:2222"), (vec!["web1".to_owned()], Some(2222)));
        assert_eq!(port("web[1:1]:22"), (vec!["web1".to_owned()], Some(22)));
        assert_eq!(port("[::1]:22"), (vec!["::1".to_owned()], Some(22)));
        assert_eq!(port("fe80::1"), (vec!["fe80::1".to_owned()], None));
        assert_eq!(port("web1:0"), (vec!["web1".to_owned()], None));
        assert_eq!(port("web_:22"), (vec!["web_:22".to_owned()], None));
    }

    #[test]
    fn what_is_no_range_says_why() {
        for entry in
            ["h[001:10]", "h[1:]", "h[Z:T]", "h[3:1]", "h[1:3:0]", "h[1]", "h[1:2:3:4]", "h[1:3", "h[a:3]", "h[x]"]
        {
            assert!(read(entry, 100).is_err(), "{entry}");
        }
        assert!(read("h[1:999999999]", MOST_RANGED).unwrap_err().contains("more than 1000000 hosts"));
        assert!(read("h[1:999]-[1:999]-[1:999]-[1:999]", MOST_RANGED).is_err());
    }
}
