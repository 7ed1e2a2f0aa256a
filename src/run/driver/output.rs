use std::collections::VecDeque;

use crate::diagnostic::harmless;

/// What a process printed: all of it where it is short, else its beginning and its end.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Captured {
    pub head: Vec<u8>,
    pub tail: Vec<u8>,
    /// How many bytes there were; what is more than head and tail is lost.
    pub bytes: u64,
}

impl Captured {
    /// The last line that is not blank, fit for a terminal, at most 160 characters of it.
    pub fn last_line(&self) -> Option<String> {
        let end = if self.tail.is_empty() { &self.head } else { &self.tail };
        let text = String::from_utf8_lossy(end);
        let line = text.lines().rev().map(str::trim).find(|line| !line.is_empty())?;
        let mut short: String = line.chars().take(LINE).collect();
        if short.len() < line.len() {
            short.push('…');
        }
        Some(harmless(&short).into_owned())
    }

    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// What is between head and tail.
    pub fn lost_bytes(&self) -> u64 {
        self.bytes - (self.head.len() + self.tail.len()) as u64
    }
}

const LINE: usize = 160;
const HEAD: usize = 8 * 1024;
const TAIL: usize = 24 * 1024;

/// Takes in whatever comes and keeps no more than the two ends.
#[derive(Debug, Default)]
pub(super) struct Capture {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    bytes: u64,
}

impl Capture {
    pub fn take(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        let (first, rest) = bytes.split_at(bytes.len().min(HEAD - self.head.len()));
        self.head.extend_from_slice(first);
        // Of a piece longer than the tail only its end can stay.
        let rest = &rest[rest.len().saturating_sub(TAIL)..];
        let over = (self.tail.len() + rest.len()).saturating_sub(TAIL);
        self.tail.drain(..over);
        self.tail.extend(rest);
    }

    pub fn finish(self) -> Captured {
        Captured { head: self.head, tail: self.tail.into(), bytes: self.bytes }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_last_line_is_harmless_and_short() {
        let of = |text: &str| Captured { head: text.into(), tail: Vec::new(), bytes: text.len() as u64 }.last_line();
        assert_eq!(of("one\ntwo \n\n").as_deref(), Some("two"));
        assert_eq!(of("\x1b[31mred").as_deref(), Some(r"\u{1b}[31mred"));
        assert_eq!(of(" \n"), None);
        assert_eq!(of(&"x".repeat(500)).map(|line| line.chars().count()), Some(LINE + 1));
    }

    proptest! {
        #[test]
        fn both_ends_are_kept(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..20_000), 0..8)) {
            let mut capture = Capture::default();
            pieces.iter().for_each(|piece| capture.take(piece));
            let (captured, whole) = (capture.finish(), pieces.concat());
            prop_assert_eq!(captured.bytes, whole.len() as u64);
            prop_assert!(whole.starts_with(&captured.head));
            prop_assert!(whole.ends_with(&captured.tail));
            let kept = captured.head.len() + captured.tail.len();
            prop_assert_eq!(kept, whole.len().min(HEAD + TAIL));
            prop_assert_eq!(captured.lost_bytes(), (whole.len() - kept) as u64);
        }
    }
}
