use std::hash::{BuildHasher, Hasher};

use hashbrown::DefaultHashBuilder;

/// The distinct texts of a column, each once, one after the other in one buffer. A text's code is its place, from one:
/// zero is left for a cell that has none.
#[derive(Debug, Clone, Default)]
pub(crate) struct Dictionary {
    texts: String,
    /// Where each text ends; eight bytes, so that no fleet is too large for it.
    ends: Vec<u64>,
    kinds: Vec<CellKind>,
}

/// How a cell was written, which bounds what its field may be taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(crate) enum CellKind {
    /// From a format without types (CSV): it may be taken for anything that it reads as.
    Plain,
    /// Marked as text by its format: it may still be a version, for which no format has a mark.
    Text,
    Integer,
    Number,
    Bool,
    /// The text is a JSON array of texts.
    List,
}

impl Dictionary {
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The text of a code; empty for zero and for a code that it never gave out.
    pub(crate) fn text(&self, code: u32) -> &str {
        let Some(idx) = (code as usize).checked_sub(1) else { return "" };
        let Some(&end) = self.ends.get(idx) else { return "" };
        let start = if idx == 0 { 0 } else { self.ends[idx - 1] };
        &self.texts[start as usize..end as usize]
    }

    /// Whether a code stands for this text, written in this way. On bytes, which need no look at where characters end.
    fn is(&self, code: u32, text: &str, kind: CellKind) -> bool {
        let idx = (code as usize).wrapping_sub(1);
        let (Some(&end), Some(&known)) = (self.ends.get(idx), self.kinds.get(idx)) else { return false };
        let start = if idx == 0 { 0 } else { self.ends[idx - 1] };
        known == kind && &self.texts.as_bytes()[start as usize..end as usize] == text.as_bytes()
    }

    pub(crate) fn kind(&self, code: u32) -> CellKind {
        (code as usize).checked_sub(1).and_then(|idx| self.kinds.get(idx)).copied().unwrap_or(CellKind::Plain)
    }

    /// All codes with their texts, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &str)> {
        (1..=self.len() as u32).map(|code| (code, self.text(code)))
    }

    /// The code of a text without an index: a walk over the whole dictionary.
    pub(crate) fn search(&self, text: &str) -> Option<u32> {
        self.iter().find(|(_, candidate)| *candidate == text).map(|(code, _)| code)
    }

    pub(crate) fn push(&mut self, text: &str, kind: CellKind) -> u32 {
        self.texts.push_str(text);
        self.ends.push(self.texts.len() as u64);
        self.kinds.push(kind);
        self.ends.len() as u32
    }

    pub(crate) fn shrink(&mut self) {
        self.texts.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.kinds.shrink_to_fit();
    }
}

/// Finds the code of a text in a dictionary: a table of open addresses, each slot a hash above a code. A look at
/// it mostly ends in one line of memory, and that is what a million different names cost; the usual tables need two.
#[derive(Debug, Clone, Default)]
pub(crate) struct TextIndex {
    /// A power of two of them, or none; zero is free, since no code is.
    slots: Vec<u64>,
    len: usize,
    hasher: DefaultHashBuilder,
}

impl TextIndex {
    pub(crate) fn find(&self, dictionary: &Dictionary, text: &str, kind: CellKind) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        self.search(self.hash(text), dictionary, text, kind).ok()
    }

    /// The code of the text, which the dictionary gets if it has it not.
    pub(crate) fn intern(&mut self, dictionary: &mut Dictionary, text: &str, kind: CellKind) -> u32 {
        self.intern_hashed(self.hash(text), dictionary, text, kind)
    }

    pub(crate) fn intern_hashed(&mut self, hash: u32, dictionary: &mut Dictionary, text: &str, kind: CellKind) -> u32 {
        if (self.len + 1) * 10 > self.slots.len() * 7 {
            self.grow();
        }
        match self.search(hash, dictionary, text, kind) {
            Ok(code) => code,
            Err(free) => {
                let code = dictionary.push(text, kind);
                self.slots[free] = slot(hash, code);
                self.len += 1;
                code
            }
        }
    }

    pub(crate) fn hash(&self, text: &str) -> u32 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write(text.as_bytes());
        (hasher.finish() >> 32) as u32
    }

    /// Looks at the slots of several hashes that are about to be asked for. Here the looks do not wait for each other, so
    /// the memory answers many at once.
    pub(crate) fn warm(&self, hashes: &[u32]) {
        let Some(mask) = self.slots.len().checked_sub(1) else { return };
        let looks = hashes.iter().fold(0, |looks, &hash| looks ^ self.slots[hash as usize & mask]);
        std::hint::black_box(looks);
    }

    /// The code, or the free slot where it would stand. INVARIANT: there are slots, and some are free.
    fn search(&self, hash: u32, dictionary: &Dictionary, text: &str, kind: CellKind) -> Result<u32, usize> {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let found = self.slots[at];
            if found == 0 {
                return Err(at);
            }
            if (found >> 32) as u32 == hash && dictionary.is(found as u32, text, kind) {
                return Ok(found as u32);
            }
            at = (at + 1) & mask;
        }
    }

    fn grow(&mut self) {
        let slots = vec![0; (self.slots.len() * 2).max(16)];
        let mask = slots.len() - 1;
        for found in std::mem::replace(&mut self.slots, slots).into_iter().filter(|&found| found != 0) {
            let mut at = (found >> 32) as usize & mask;
            while self.slots[at] != 0 {
                at = (at + 1) & mask;
            }
            self.slots[at] = found;
        }
    }
}

fn slot(hash: u32, code: u32) -> u64 {
    u64::from(hash) << 32 | u64::from(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_is_kept_once_and_zero_is_none() {
        let (mut dictionary, mut index) = (Dictionary::default(), TextIndex::default());
        let codes: Vec<u32> =
            ["a", "b", "", "a", "b"].iter().map(|t| index.intern(&mut dictionary, t, CellKind::Plain)).collect();
        assert_eq!(codes, [1, 2, 3, 1, 2]);
        assert_eq!(dictionary.len(), 3);
        assert_eq!(dictionary.text(2), "b");
        assert_eq!(dictionary.text(0), "");
        assert_eq!(dictionary.text(9), "");
        assert_eq!(dictionary.search("b"), Some(2));
        assert_eq!(index.find(&dictionary, "c", CellKind::Plain), None);
    }

    #[test]
    fn the_same_text_of_another_kind_is_another_entry() {
        let (mut dictionary, mut index) = (Dictionary::default(), TextIndex::default());
        assert_eq!(index.intern(&mut dictionary, "4", CellKind::Text), 1);
        assert_eq!(index.intern(&mut dictionary, "4", CellKind::Integer), 2);
        assert_eq!(index.find(&dictionary, "4", CellKind::Integer), Some(2));
    }

    #[test]
    fn a_table_that_grows_forgets_nothing() {
        let (mut dictionary, mut index) = (Dictionary::default(), TextIndex::default());
        assert_eq!(index.find(&dictionary, "0", CellKind::Plain), None);
        for number in 0..10_000_u32 {
            assert_eq!(index.intern(&mut dictionary, &number.to_string(), CellKind::Plain), number + 1);
        }
        for number in 0..10_000_u32 {
            assert_eq!(index.find(&dictionary, &number.to_string(), CellKind::Plain), Some(number + 1));
        }
        assert_eq!(index.find(&dictionary, "10000", CellKind::Plain), None);
    }
}
