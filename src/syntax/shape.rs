use std::ops::Range;

use crate::source::{FileId, Span};
use crate::syntax::parse::{Comment, MAX_DEPTH};
use crate::syntax::token::{Lexer, RawToken, TokenKind};
use crate::syntax::words::{self, Block};

/// What one walk over the tokens tells before the grammar reads a text.
#[derive(Debug, Default)]
pub(super) struct Shape {
    pub comments: Vec<Comment>,
    /// What lies one level too deep: from the bracket, `not` or `-` that opens that level to the end of what it holds.
    pub too_deep: Vec<Range<usize>>,
    /// What must read otherwise for the grammar. Lengths stay, so places do.
    marks: Vec<(Range<usize>, u8)>,
}

/// Where a block must end at the latest; stands for a line break.
const CUT: u8 = 1;
/// Stands for a control character of the script's own that would have a meaning for the grammar.
const NOTHING: u8 = 2;
/// The quote of a text that does not end on its line.
const UNTERMINATED: u8 = 3;
/// The blank at which such a text stops.
const UNTERMINATED_END: u8 = 4;
/// What is too deep reads as a name; lowering knows it by its place and makes a hole of it.
const TOO_DEEP: u8 = b'_';

impl Shape {
    pub fn of(file: FileId, text: &str) -> Shape {
        let (shape, unclosed) = Walk::over(file, text, Cutting::Off);
        if unclosed { Walk::over(file, text, Cutting::On).0 } else { shape }
    }

    /// The text as the grammar is to read it; `None` where that is the text itself.
    pub fn marked(&self, text: &str) -> Option<String> {
        if self.marks.is_empty() {
            return None;
        }
        let mut bytes = text.as_bytes().to_vec();
        for (range, mark) in &self.marks {
            if let Some(marked) = bytes.get_mut(range.clone()) {
                marked.fill(*mark);
            }
        }
        // Where the nesting is never closed nothing is left to read: a million braces are not read as a name either.
        if let Some(last) = self.too_deep.last().filter(|last| last.end == text.len()) {
            bytes.truncate(last.start + 1);
        }
        // INVARIANT: marks begin and end between characters, so this is text again.
        String::from_utf8(bytes).ok()
    }
}

/// Whether a block that is never closed ends before an item at the left edge. Only where some block is never closed: in
/// a script whose braces agree, how it is indented means nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cutting {
    Off,
    On,
}

struct Walk<'a> {
    text: &'a str,
    cutting: Cutting,
    shape: Shape,
    /// Each bracket and text that is open, and how deep the nesting was before it and the operators that wait for it.
    open: Vec<(u8, usize)>,
    depth: usize,
    /// How many unary operators within `depth` wait for their operand.
    waiting: usize,
    /// Where the piece that is too deep began, while it lasts.
    too_deep_from: Option<usize>,
}

impl<'a> Walk<'a> {
    /// The shape, and whether a block is never closed.
    fn over(file: FileId, text: &'a str, cutting: Cutting) -> (Shape, bool) {
        let shape = Shape::default();
        let mut walk = Self { text, cutting, shape, open: Vec::new(), depth: 0, waiting: 0, too_deep_from: None };
        for at in memchr::memchr3_iter(CUT, UNTERMINATED, UNTERMINATED_END, text.as_bytes()) {
            walk.mark(at..at + 1, NOTHING);
        }
        let mut previous = None;
        for token in Lexer::new(text) {
            if token.kind == TokenKind::Comment {
                let documents = text[token.start..].starts_with("##");
                walk.shape.comments.push(Comment { span: Span::new(file, token.start, token.end), documents });
            } else {
                walk.token(token, previous);
                previous = Some(token);
            }
        }
        let unclosed = walk.open.iter().any(|(bracket, _)| *bracket == b'{');
        walk.depth = 0;
        walk.end_too_deep(text.len());
        (walk.shape, unclosed)
    }

    fn token(&mut self, token: RawToken, previous: Option<RawToken>) {
        match token.kind {
            TokenKind::Open => self.opened(token),
            TokenKind::Close => self.closed(token),
            TokenKind::Quote if self.is_open(b'"') => self.pop(token.end),
            TokenKind::Quote => self.push(b'"'),
            TokenKind::Word if self.is_not(token) => self.operator(token),
            TokenKind::Sign if self.is_unary_minus(token, previous) => self.operator(token),
            TokenKind::Word => self.word(token),
            TokenKind::Unterminated => self.unterminated(token),
            TokenKind::Number | TokenKind::Sign | TokenKind::Chunk | TokenKind::Comment => self.operand(token.end),
        }
    }

    fn is_not(&self, token: RawToken) -> bool {
        self.text.as_bytes()[token.start..token.end] == *b"not"
    }

    fn word(&mut self, token: RawToken) {
        let may_end_something = self.cutting == Cutting::On || self.is_open(b'(') || self.is_open(b'[');
        if may_end_something && !self.open.is_empty() && self.begins_line(token.start) {
            self.line(token);
        }
        self.operand(token.end);
    }

    /// A line that begins with a word. One that begins a sentence ends every `(` and `[` of the sentence before.
    fn line(&mut self, token: RawToken) {
        let Some(word) = words::find(self.slice(token)).filter(|word| !word.begins.is_empty()) else { return };
        while self.is_open(b'(') || self.is_open(b'[') {
            self.pop(token.start);
        }
        if self.cutting == Cutting::On && self.is_item_at_the_edge(token, word) {
            self.mark(token.start - 1..token.start, CUT);
            while !self.open.is_empty() {
                self.pop(token.start - 1);
            }
        }
    }

    fn is_item_at_the_edge(&self, token: RawToken, word: &words::Word) -> bool {
        let at_edge = self.text[..token.start].ends_with('\n');
        let line = self.text[token.end..].lines().next().unwrap_or("");
        let is_item = matches!(word.text, "let" | "fn" | "use" | "inventory") || line.contains('{');
        at_edge && is_item && word.begins.contains(&Block::File)
    }

    fn begins_line(&self, at: usize) -> bool {
        self.text[..at].trim_end_matches([' ', '\t']).ends_with('\n')
    }

    /// A minus where a value must stand; one after a value stands between two.
    fn is_unary_minus(&self, token: RawToken, previous: Option<RawToken>) -> bool {
        if self.slice(token) != "-" {
            return false;
        }
        let follows_value = previous.is_some_and(|token| match token.kind {
            TokenKind::Word => !matches!(self.slice(token), "not" | "and" | "or" | "in" | "matches"),
            TokenKind::Number | TokenKind::Quote | TokenKind::Close => true,
            _ => false,
        });
        !follows_value
    }

    fn unterminated(&mut self, token: RawToken) {
        self.mark(token.start..token.start + 1, UNTERMINATED);
        if self.text[token.end..].starts_with([' ', '\t']) {
            self.mark(token.end..token.end + 1, UNTERMINATED_END);
        }
        self.operand(token.end);
    }

    fn opened(&mut self, token: RawToken) {
        self.deeper(token);
        self.waiting += 1;
        self.push(self.text.as_bytes()[token.start]);
    }

    fn operator(&mut self, token: RawToken) {
        self.deeper(token);
        self.waiting += 1;
    }

    fn operand(&mut self, end: usize) {
        self.depth -= self.waiting;
        self.waiting = 0;
        self.end_too_deep(end);
    }

    fn closed(&mut self, token: RawToken) {
        let opener = match self.text.as_bytes()[token.start] {
            b')' => b'(',
            b']' => b'[',
            _ => b'{',
        };
        self.operand(token.start);
        while opener == b'{' && (self.is_open(b'(') || self.is_open(b'[')) {
            self.pop(token.start);
        }
        if self.is_open(opener) {
            self.pop(token.end);
        }
    }

    fn push(&mut self, bracket: u8) {
        self.open.push((bracket, self.depth - self.waiting));
        self.waiting = 0;
    }

    fn pop(&mut self, end: usize) {
        if let Some((_, before)) = self.open.pop() {
            self.depth = before;
            self.waiting = 0;
            self.end_too_deep(end);
        }
    }

    fn deeper(&mut self, token: RawToken) {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            self.too_deep_from.get_or_insert(token.start);
        }
    }

    fn end_too_deep(&mut self, end: usize) {
        if self.depth > MAX_DEPTH {
            return;
        }
        if let Some(start) = self.too_deep_from.take() {
            self.mark(start..end, TOO_DEEP);
            self.shape.too_deep.push(start..end);
        }
    }

    fn mark(&mut self, range: Range<usize>, mark: u8) {
        self.shape.marks.push((range, mark));
    }

    fn is_open(&self, bracket: u8) -> bool {
        self.open.last().is_some_and(|(open, _)| *open == bracket)
    }

    fn slice(&self, token: RawToken) -> &'a str {
        self.text.get(token.start..token.end).unwrap_or("")
    }
}
