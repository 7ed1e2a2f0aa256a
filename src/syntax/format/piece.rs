use std::borrow::Cow;

use unicode_width::UnicodeWidthStr;

use crate::syntax::format::reading::Reading;
use crate::syntax::token::{RawToken, TokenKind};
use crate::syntax::words::{self, Class};

/// What never has a line break in it: a word, a sign, a whole text, a comment.
#[derive(Debug)]
pub(super) struct Piece<'a> {
    pub text: Cow<'a, str>,
    pub kind: PieceKind,
    /// Columns of it.
    pub width: usize,
    /// How many line breaks the script has before it.
    pub breaks: usize,
    /// Whether it touches the piece before it, where both are on one line.
    pub is_tight: bool,
    /// Of a piece that begins an item or a member: how many pieces that has.
    pub sentence: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PieceKind {
    Word,
    /// A number, a text, and any sign but these.
    Other,
    Comma,
    /// `+ - * /` between two values.
    Arithmetic,
    /// `(` or `[`
    Open,
    /// `)` or `]`
    Close,
    OpenBlock,
    CloseBlock,
    Comment,
}

impl Piece<'_> {
    pub fn is_comment(&self) -> bool {
        self.kind == PieceKind::Comment
    }

    /// Whether the grammar goes on with a sentence where a line begins with this: a word that begins sentences would begin one.
    pub fn may_begin_line(&self) -> bool {
        self.breaks > 0 || self.word().is_none_or(|word| word.begins.is_empty())
    }

    /// Whether it goes on with a sentence: the `by` of `owner by`, the `most` of `at most`.
    pub fn is_clause(&self) -> bool {
        self.word().is_some_and(|word| word.class == Class::Clause)
    }

    /// `and` or `or`
    pub fn is_connective(&self) -> bool {
        matches!(&*self.text, "and" | "or")
    }

    fn word(&self) -> Option<&'static words::Word> {
        (self.kind == PieceKind::Word).then(|| words::find(&self.text)).flatten()
    }
}

/// The pieces of a text in order.
pub(super) fn pieces<'a>(reading: &Reading<'a>) -> Vec<Piece<'a>> {
    let mut pieces: Vec<Piece<'a>> = Vec::new();
    // The sentences that are not over yet: where each ends, and the piece that it begins with.
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut atoms = reading.atoms.iter().peekable();
    let mut end = 0;
    let mut before = None;
    for token in &reading.tokens {
        if token.start < end {
            continue;
        }
        close(&mut open, &mut pieces, token.start);
        if let Some(sentence) = reading.sentences.get(&token.start) {
            open.push((*sentence, pieces.len()));
        }
        while atoms.next_if(|atom| atom.end <= token.start).is_some() {}
        let atom = atoms.peek().filter(|atom| atom.start == token.start);
        let whole = RawToken { end: atom.map_or(token.end, |atom| atom.end), ..*token };
        let piece = Piece {
            breaks: reading.slice(end..token.start).matches('\n').count(),
            is_tight: before.is_none_or(|before| is_tight(reading, before, whole)),
            ..piece(reading, whole, whole.end > token.end)
        };
        end = whole.end;
        if token.kind != TokenKind::Comment {
            before = Some(whole);
        }
        pieces.push(piece);
    }
    close(&mut open, &mut pieces, usize::MAX);
    pieces
}

/// Ends the sentences that end before this place.
fn close(open: &mut Vec<(usize, usize)>, pieces: &mut [Piece<'_>], place: usize) {
    while let Some((_, first)) = open.pop_if(|(end, _)| *end <= place) {
        let count = pieces.len() - first;
        if let Some(piece) = pieces.get_mut(first) {
            piece.sentence = Some(count);
        }
    }
}

fn piece<'a>(reading: &Reading<'a>, token: RawToken, is_compound: bool) -> Piece<'a> {
    let written = reading.slice(token.start..token.end);
    let kind = match (token.kind, written) {
        (TokenKind::Comment, _) => PieceKind::Comment,
        (TokenKind::Open, "{") => PieceKind::OpenBlock,
        (TokenKind::Close, "}") => PieceKind::CloseBlock,
        (TokenKind::Open, _) => PieceKind::Open,
        (TokenKind::Close, _) => PieceKind::Close,
        (TokenKind::Sign, ",") => PieceKind::Comma,
        (TokenKind::Sign, "+" | "-" | "*" | "/") if !reading.prefixes.contains(&token.start) => PieceKind::Arithmetic,
        (TokenKind::Word, _) => PieceKind::Word,
        _ => PieceKind::Other,
    };
    let text = match token.kind {
        TokenKind::Comment => Cow::Borrowed(written.trim_end_matches([' ', '\t', '\r'])),
        // A moment may have any blanks in it.
        TokenKind::Number if is_compound => Cow::Owned(written.split_ascii_whitespace().collect::<Vec<_>>().join(" ")),
        _ => Cow::Borrowed(written),
    };
    Piece { width: text.width(), text, kind, breaks: 0, is_tight: false, sentence: None }
}

/// Whether no blank stands between two tokens.
fn is_tight(reading: &Reading<'_>, before: RawToken, token: RawToken) -> bool {
    let (left, right) = (reading.slice(before.start..before.end), reading.slice(token.start..token.end));
    if token.kind == TokenKind::Comment {
        return false;
    }
    let joins = |sign: &str| matches!(sign, "." | "..");
    // The `-` of `22:00-06:00`.
    let is_to = |token: RawToken, sign: &str| {
        sign == "-" && !reading.prefixes.contains(&token.start) && !reading.operators.contains(&token.start)
    };
    let opens = |token: RawToken, bracket: &str| token.kind == TokenKind::Open && bracket != "{";
    let closes = |token: RawToken, bracket: &str| token.kind == TokenKind::Close && bracket != "}";
    right == ","
        || joins(left)
        || joins(right)
        || is_to(before, left)
        || is_to(token, right)
        || reading.prefixes.contains(&before.start)
        || opens(before, left)
        || closes(token, right)
        || opens(token, right) && reading.callers.contains(&before.end)
}
