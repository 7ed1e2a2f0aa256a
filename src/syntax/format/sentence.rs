use std::borrow::Cow;

use crate::syntax::format::WIDTH;
use crate::syntax::format::layout::comment;
use crate::syntax::format::line::{Cell, Line, LineKind};
use crate::syntax::format::piece::{Piece, PieceKind};

/// The lines of a sentence without its block: one where it fits, else as many as it needs. Where a comment stands in it,
/// the line ends with the comment. A list that has a line break behind its bracket has one line for each of its elements.
pub(super) fn lay_out<'a>(pieces: &[Piece<'a>], indent: usize, is_blank_before: bool, lines: &mut Vec<Line<'a>>) {
    let parts = parts(pieces);
    if let [part] = parts.as_slice()
        && let Some(cells) = cells(part.pieces, WIDTH - indent.min(WIDTH))
    {
        let is_edge = |piece: &Piece<'_>| matches!(piece.kind, PieceKind::OpenBlock | PieceKind::CloseBlock);
        let kind = if pieces.last().is_some_and(is_edge) { LineKind::Plain } else { LineKind::Sentence };
        lines.push(Line::new(indent, is_blank_before, kind, cells));
        return;
    }
    for (idx, part) in parts.iter().enumerate() {
        let is_blank_before = if idx == 0 { is_blank_before } else { part.is_blank_before };
        let indent = indent + 2 * part.level + if part.goes_on { 4 } else { 0 };
        match part.pieces {
            [piece] if piece.is_comment() => comment(piece, indent, is_blank_before, lines),
            pieces => fill(pieces, indent, is_blank_before, if part.goes_on { indent } else { indent + 4 }, lines),
        }
    }
}

/// A sentence on one line with the blanks that its signs ask for; none where it has a comment or too little room.
pub(super) fn flat<'a>(pieces: &[Piece<'a>], room: usize) -> Option<Cell<'a>> {
    let mut width = 0;
    let mut text = Cow::Borrowed("");
    for (idx, piece) in pieces.iter().enumerate() {
        let blank = idx > 0 && !piece.is_tight;
        width += piece.width + usize::from(blank);
        if piece.is_comment() || width > room {
            return None;
        }
        match idx {
            0 => text = piece.text.clone(),
            _ => {
                let text = text.to_mut();
                text.push_str(if blank { " " } else { "" });
                text.push_str(&piece.text);
            }
        }
    }
    let word = pieces.first().map_or(Cow::Borrowed(""), |piece| piece.text.clone());
    Some(Cell { text, width, word, gap: 1 })
}

/// The first word and the value after it; all in one where the second word goes on with the first: `owner by`.
fn cells<'a>(pieces: &[Piece<'a>], room: usize) -> Option<Vec<Cell<'a>>> {
    let whole = flat(pieces, room)?;
    let (first, rest) = pieces.split_at(1.min(pieces.len()));
    let is_phrase = rest.first().is_none_or(|second| second.is_clause() || second.is_tight);
    if is_phrase {
        return Some(vec![whole]);
    }
    Some(vec![flat(first, room)?, flat(rest, room)?])
}

/// Pieces of a sentence between two line breaks that must be.
struct Part<'p, 'a> {
    pieces: &'p [Piece<'a>],
    is_blank_before: bool,
    /// How many lists with a line for each element are around it.
    level: usize,
    /// Whether it goes on with what the line before it began.
    goes_on: bool,
}

/// A bracket that is open.
struct Open {
    /// Whether its elements have lines of their own.
    is_spread: bool,
}

fn parts<'p, 'a>(pieces: &'p [Piece<'a>]) -> Vec<Part<'p, 'a>> {
    let mut parts: Vec<Part<'p, 'a>> = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let mut level = 0;
    // The kind of the last piece that is no comment.
    let mut before = None;
    let mut start = 0;
    let (mut is_blank_before, mut goes_on, mut level_at_start) = (false, false, 0);
    for (idx, piece) in pieces.iter().enumerate() {
        let next = || pieces.get(idx..).unwrap_or_default().iter().find(|piece| !piece.is_comment());
        let closes = next().is_some_and(|next| next.kind == PieceKind::Close);
        let is_spread = open.last().is_some_and(|open| open.is_spread);
        let is_between = is_spread && (closes || matches!(before, Some(PieceKind::Open | PieceKind::Comma)));
        let follows_comment = idx.checked_sub(1).and_then(|idx| pieces.get(idx)).is_some_and(Piece::is_comment);
        let is_break = follows_comment || piece.is_comment() || is_between && piece.may_begin_line();
        if piece.kind == PieceKind::Close && open.pop().is_some_and(|open| open.is_spread) {
            level -= 1;
        }
        if is_break && idx > 0 {
            let part = pieces.get(start..idx).unwrap_or_default();
            parts.push(Part { pieces: part, is_blank_before, level: level_at_start, goes_on });
            start = idx;
            level_at_start = level;
            goes_on = !is_between;
            let is_edge = piece.kind == PieceKind::Close || before == Some(PieceKind::Open) && !follows_comment;
            is_blank_before = piece.breaks > 1 && !is_edge;
        }
        if piece.kind == PieceKind::Open {
            let is_spread = pieces.get(idx + 1).is_some_and(|next| next.breaks > 0 || next.is_comment());
            level += usize::from(is_spread);
            open.push(Open { is_spread });
        }
        if !piece.is_comment() {
            before = Some(piece.kind);
        }
    }
    let part = pieces.get(start..).unwrap_or_default();
    parts.push(Part { pieces: part, is_blank_before, level: level_at_start, goes_on });
    parts
}

/// Fills lines; where one is full it is broken at the best of the places that it has.
fn fill<'a>(pieces: &[Piece<'a>], indent: usize, is_blank_before: bool, then: usize, lines: &mut Vec<Line<'a>>) {
    let places = places(pieces);
    let (mut start, mut indent, mut is_blank_before) = (0, indent, is_blank_before);
    let mut best: Option<(usize, usize)> = None;
    let mut width = indent;
    let mut idx = 0;
    while let Some(piece) = pieces.get(idx) {
        if idx > start
            && let Some(cost) = places.get(idx).copied().flatten()
            && best.is_none_or(|(least, _)| cost <= least)
        {
            best = Some((cost, idx));
        }
        width += piece.width + usize::from(idx > start && !piece.is_tight);
        if width > WIDTH
            && let Some((_, place)) = best.take()
        {
            push(pieces.get(start..place), indent, is_blank_before, lines);
            (start, indent, is_blank_before, width, idx) = (place, then, false, then, place);
            continue;
        }
        idx += 1;
    }
    push(pieces.get(start..), indent, is_blank_before, lines);
}

fn push<'a>(pieces: Option<&[Piece<'a>]>, indent: usize, is_blank_before: bool, lines: &mut Vec<Line<'a>>) {
    let cell = flat(pieces.unwrap_or_default(), usize::MAX);
    lines.push(Line::new(indent, is_blank_before, LineKind::Plain, cell.into_iter().collect()));
}

/// Words that begin a part of a sentence which a reader takes in by itself.
const CLAUSES: &[&str] = &["by", "else", "except", "from", "per", "then", "unless", "where", "with"];

/// What a line break before each piece costs; none where there must be none. After a comma and before a part of a sentence
/// it costs least, and the less the fewer brackets are open.
fn places(pieces: &[Piece<'_>]) -> Vec<Option<usize>> {
    let mut depth: usize = 0;
    let mut before = None;
    let mut places = Vec::new();
    for (idx, piece) in pieces.iter().enumerate() {
        let cost = match before {
            Some(PieceKind::Comma) => 0,
            // Behind the keyword it belongs to the keyword: `owner by`.
            _ if idx > 1 && CLAUSES.contains(&&*piece.text) => 1,
            _ if piece.is_connective() => 2,
            _ if piece.kind == PieceKind::Arithmetic => 5,
            // The brace of a block stays with what it is of.
            _ if piece.kind == PieceKind::OpenBlock => 1_000,
            _ => 100,
        };
        let may_break = !piece.is_tight && piece.may_begin_line();
        places.push(may_break.then_some(cost + 8 * depth));
        match piece.kind {
            PieceKind::Open => depth += 1,
            PieceKind::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        before = Some(piece.kind);
    }
    places
}
