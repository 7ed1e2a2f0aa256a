use std::sync::Arc;

use crate::source::{FileId, Span};

/// The files of one program: scripts, modules and, where a problem points into them, inventories.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<Source>,
}

/// One file with an index of its lines.
#[derive(Debug, Clone)]
pub struct Source {
    name: String,
    text: Arc<str>,
    line_starts: Vec<u32>,
    /// How many characters stand before each block of the text; none where each is one byte.
    characters: Vec<u32>,
}

/// Bytes. A column is counted from the start of its block: a line may be as long as the file.
const BLOCK: usize = 1024;

/// A place for people: both count from one; the column counts characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub line: usize,
    pub column: usize,
}

impl Sources {
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        let id = FileId(self.files.len() as u32);
        self.files.push(Source::new(name, text));
        id
    }

    /// INVARIANT: every `FileId` was given out by `add` of this value.
    pub fn get(&self, id: FileId) -> &Source {
        &self.files[id.0 as usize]
    }

    pub fn text(&self, span: Span) -> &str {
        self.get(span.file).text().get(span.range()).unwrap_or("")
    }

    pub fn place(&self, span: Span) -> Place {
        self.get(span.file).place(span.start as usize)
    }

    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        self.files.iter().enumerate().map(|(idx, source)| (FileId(idx as u32), source))
    }
}

impl Source {
    pub fn new(name: impl Into<String>, text: impl Into<Arc<str>>) -> Self {
        let text = text.into();
        let mut line_starts = vec![0];
        line_starts.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at as u32 + 1));
        let characters = if text.is_ascii() { Vec::new() } else { blocks(text.as_bytes()) };
        Self { name: name.into(), text, line_starts, characters }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn shared_text(&self) -> Arc<str> {
        Arc::clone(&self.text)
    }

    /// The place of a byte. One past the end, or inside a character, is clamped to the character's start.
    pub fn place(&self, byte: usize) -> Place {
        let byte = self.clamp(byte);
        let line = self.line_starts.partition_point(|&start| start as usize <= byte) - 1;
        let start = self.line_starts[line] as usize;
        Place { line: line + 1, column: self.characters_before(byte) - self.characters_before(start) + 1 }
    }

    pub fn line_count(&self) -> usize {
        self.line_starts.len()
    }

    /// The text of a line (counted from one) without its line end; empty where there is no such line.
    pub fn line(&self, number: usize) -> &str {
        let Some(start) = number.checked_sub(1).and_then(|idx| self.line_starts.get(idx)) else { return "" };
        let end = self.line_starts.get(number).map_or(self.text.len(), |&next| next as usize);
        self.text[*start as usize..end].trim_end_matches(['\n', '\r'])
    }

    /// The span of a line (counted from one) without its line end.
    pub fn line_span(&self, id: FileId, number: usize) -> Option<Span> {
        let start = *self.line_starts.get(number.checked_sub(1)?)? as usize;
        Some(Span::new(id, start, start + self.line(number).len()))
    }

    /// How many characters begin before a byte of the text.
    fn characters_before(&self, byte: usize) -> usize {
        match self.characters.get(byte / BLOCK) {
            None => byte,
            Some(&before) => before as usize + count(&self.text.as_bytes()[byte / BLOCK * BLOCK..byte]),
        }
    }

    fn clamp(&self, byte: usize) -> usize {
        let mut byte = byte.min(self.text.len());
        while !self.text.is_char_boundary(byte) {
            byte -= 1;
        }
        byte
    }
}

/// The characters before each block, and before the end.
fn blocks(text: &[u8]) -> Vec<u32> {
    let mut before = vec![0];
    let mut characters = 0;
    for block in text.chunks(BLOCK) {
        characters += count(block) as u32;
        before.push(characters);
    }
    before
}

/// Each character of UTF-8 has one byte that goes on no other.
fn count(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte & 0xc0 != 0x80).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_across_blocks() {
        for unit in ["a", "é", "a🐹", "東京\n"] {
            let text = unit.repeat(3 * BLOCK / unit.len() + 7);
            let source = Source::new("a", text.as_str());
            for (byte, _) in text.char_indices().chain([(text.len(), ' ')]) {
                let start = text[..byte].rfind('\n').map_or(0, |at| at + 1);
                let line = text[..byte].matches('\n').count() + 1;
                let column = text[start..byte].chars().count() + 1;
                assert_eq!(source.place(byte), Place { line, column }, "{unit} at {byte}");
            }
        }
    }

    #[test]
    fn places_count_from_one_and_in_characters() {
        let source = Source::new("a", "éa\nb\r\n");
        assert_eq!(source.place(0), Place { line: 1, column: 1 });
        assert_eq!(source.place(2), Place { line: 1, column: 2 });
        assert_eq!(source.place(1), Place { line: 1, column: 1 });
        assert_eq!(source.place(4), Place { line: 2, column: 1 });
        assert_eq!(source.place(99), Place { line: 3, column: 1 });
        assert_eq!(source.line(2), "b");
        assert_eq!(source.line(9), "");
    }
}
