use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

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

/// Finds the code of a text in a dictionary: the codes alone, hashed by the texts that they stand for.
#[derive(Debug, Clone, Default)]
pub(crate) struct TextIndex {
    codes: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl TextIndex {
    pub(crate) fn find(&self, dictionary: &Dictionary, text: &str, kind: CellKind) -> Option<u32> {
        let hash = self.hasher.hash_one(text.as_bytes());
        self.codes.find(hash, |&code| dictionary.text(code) == text && dictionary.kind(code) == kind).copied()
    }

    /// The code of the text, which the dictionary gets if it has it not.
    pub(crate) fn intern(&mut self, dictionary: &mut Dictionary, text: &str, kind: CellKind) -> u32 {
        let hash = self.hasher.hash_one(text.as_bytes());
        let known = self.codes.find(hash, |&code| dictionary.text(code) == text && dictionary.kind(code) == kind);
        if let Some(&code) = known {
            return code;
        }
        let code = dictionary.push(text, kind);
        let hasher = &self.hasher;
        self.codes.insert_unique(hash, code, |&code| hasher.hash_one(dictionary.text(code).as_bytes()));
        code
    }
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
}
