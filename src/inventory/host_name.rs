use std::fmt;
use std::sync::Arc;

use crate::diagnostic::is_harmful;

/// A host's name that is safe to hand to a program: not empty, at most 253 bytes, no leading `-`, and none of the
/// characters that OpenSSH refuses (quotes, backtick, dollar, backslash, semicolon, ampersand, angle brackets, pipe,
/// brackets, blanks, control characters).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostName(Arc<str>);

/// Why a name is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadHostName {
    pub name: String,
    pub reason: String,
}

/// The longest name that DNS can carry.
const LONGEST: usize = 253;

impl HostName {
    pub fn new(name: &str) -> Result<HostName, BadHostName> {
        Self::check(name)?;
        Ok(HostName(name.into()))
    }

    /// The check alone, for a million names without an allocation.
    pub fn check(name: &str) -> Result<(), BadHostName> {
        if name.len() <= LONGEST && !name.starts_with('-') && !name.is_empty() && name.bytes().all(is_plain) {
            return Ok(());
        }
        match reason_against(name) {
            Some(reason) => Err(BadHostName { name: name.to_owned(), reason }),
            None => Ok(()),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The bytes of nearly every name: the quick way past the careful look.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b':')
}

fn reason_against(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some("it is empty".to_owned());
    }
    if name.len() > LONGEST {
        return Some(format!("it is {} bytes long, and {LONGEST} is the most", name.len()));
    }
    if name.starts_with('-') {
        return Some("it begins with `-`, so a program would take it for an option".to_owned());
    }
    let bad = name.chars().find(|&character| is_unsafe(character))?;
    Some(match bad {
        ' ' => "it holds a blank".to_owned(),
        bad if bad.is_whitespace() || is_harmful(bad) => format!("it holds the unseen character U+{:04X}", bad as u32),
        bad => format!("it holds `{bad}`, which has a meaning to a shell"),
    })
}

/// What OpenSSH 9.6 refuses in a host's name, and what could deceive a reader.
fn is_unsafe(character: char) -> bool {
    character.is_whitespace()
        || is_harmful(character)
        || matches!(
            character,
            '\'' | '"' | '`' | '$' | '\\' | ';' | '&' | '<' | '>' | '|' | '(' | ')' | '{' | '}' | '[' | ']'
        )
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_used_pass() {
        for name in
            ["web1", "a", "ex-syd-01.example.com", "10.0.0.1", "fe80::1", "_x", "münchen-1", "日本", "no", "1e3"]
        {
            assert_eq!(HostName::new(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn names_that_a_program_could_misread_do_not() {
        let hostile =
            ["", "-oProxyCommand=x", "a;id", "b$(id)", "x{{7*7}}", "a b", "a\tb", "a\nb", "`id`", "a|b", "a&b"];
        let marks =
            ["a'b", "a\"b", "a\\b", "a<b", "a>b", "a(b", "a)b", "a[b", "a]b", "a{b", "a}b", "a\u{202e}b", "a\u{1b}b"];
        for name in hostile.into_iter().chain(marks) {
            assert!(HostName::check(name).is_err(), "{name:?}");
        }
        assert!(HostName::check(&"a".repeat(253)).is_ok());
        assert!(HostName::check(&"a".repeat(254)).is_err());
    }

    #[test]
    fn the_reason_names_the_character() {
        assert!(HostName::check("a;b").unwrap_err().reason.contains("`;`"));
        assert!(HostName::check("a\u{1b}b").unwrap_err().reason.contains("U+001B"));
        assert!(HostName::check("-a").unwrap_err().reason.contains("option"));
    }
}
