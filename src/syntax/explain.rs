use crate::diagnostic::{Code, Problem};
use crate::source::{FileId, Span};
use crate::syntax::words::Block;

/// How many problems of one file are shown.
pub(super) const MAX_PROBLEMS: usize = 100;

/// A piece of a file that could not be read.
pub(super) struct Piece<'a> {
    pub file: FileId,
    pub text: &'a str,
    /// The text as the grammar read it.
    pub marked: &'a str,
    /// The block in which it stands.
    pub block: Block,
    pub span: Span,
    /// The member before it in the block.
    pub previous: Option<Span>,
}

pub(super) fn bad_piece(piece: &Piece<'_>) -> Problem {
    Problem::error(Code::SYNTAX, "this cannot be read").label(piece.span, "not something that can stand here")
}

pub(super) fn bad_head(piece: &Piece<'_>) -> Problem {
    Problem::error(Code::SYNTAX, "this beginning cannot be read").label(piece.span, "not how a block begins")
}

pub(super) fn bad_hole(piece: &Piece<'_>) -> Problem {
    Problem::error(Code::SYNTAX, "this value cannot be read").label(piece.span, "not an expression")
}

pub(super) fn out_of_calls(file: FileId, text: &str) -> Problem {
    Problem::error(Code::SYNTAX, "this script is too hard to read")
        .label(last_character(file, text, text.len()), "gave up before this")
        .help("this should not happen: please report it with the script")
}

/// The last character before `end`, since a place without width is not drawn at the end of a file.
pub(super) fn last_character(file: FileId, text: &str, end: usize) -> Span {
    let start = text[..end].char_indices().next_back().map_or(end, |(start, _)| start);
    Span::new(file, start, end)
}
