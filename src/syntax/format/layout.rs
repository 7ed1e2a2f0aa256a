use unicode_width::UnicodeWidthStr;

use crate::syntax::format::WIDTH;
use crate::syntax::format::align::line_up;
use crate::syntax::format::line::{Cell, Line, LineKind, written};
use crate::syntax::format::piece::{Piece, PieceKind, pieces};
use crate::syntax::format::reading::Reading;
use crate::syntax::format::sentence;

/// The lines of a script in the one style.
pub(super) fn lay_out<'a>(reading: &Reading<'a>) -> Vec<Line<'a>> {
    let pieces = pieces(reading);
    let mut lines = Vec::new();
    body(&pieces, 0, &mut lines);
    line_up(&mut lines);
    lines
}

/// What stands in a block, or in a file: sentences and comments.
fn body<'a>(pieces: &[Piece<'a>], indent: usize, lines: &mut Vec<Line<'a>>) {
    let first_line = lines.len();
    let mut rest = pieces;
    while let [piece, ..] = rest {
        let is_blank_before = piece.breaks > 1 && lines.len() > first_line;
        if piece.is_comment() {
            comment(piece, indent, is_blank_before, lines);
            rest = rest.get(1..).unwrap_or_default();
            continue;
        }
        let count = piece.sentence.unwrap_or(1).min(rest.len());
        let (sentence, after) = rest.split_at(count);
        self::sentence(sentence, indent, is_blank_before, lines);
        rest = after;
    }
}

/// A comment stays at the end of the line that it was at the end of.
pub(super) fn comment<'a>(piece: &Piece<'a>, indent: usize, is_blank_before: bool, lines: &mut Vec<Line<'a>>) {
    match lines.last_mut() {
        Some(line) if piece.breaks == 0 && line.comment.is_none() => line.comment = Some(piece.text.clone()),
        _ => {
            let mut line = Line::new(indent, is_blank_before, LineKind::Plain, Vec::new());
            line.comment = Some(piece.text.clone());
            lines.push(line);
        }
    }
}

fn sentence<'a>(pieces: &[Piece<'a>], indent: usize, is_blank_before: bool, lines: &mut Vec<Line<'a>>) {
    let Some((open, close)) = block(pieces) else {
        return sentence::lay_out(pieces, indent, is_blank_before, lines);
    };
    let (head, rest) = pieces.split_at(open + 1);
    let (inside, end) = rest.split_at(close - open - 1);
    let is_on_one_line = inside.iter().chain(end.first()).all(|piece| piece.breaks == 0 || inside.is_empty());
    if is_on_one_line && let Some(cells) = flat_block(head, inside, end, WIDTH - indent.min(WIDTH)) {
        lines.push(Line::new(indent, is_blank_before, LineKind::Block, cells));
        return;
    }
    sentence::lay_out(head, indent, is_blank_before, lines);
    body(inside, indent + 2, lines);
    sentence::lay_out(end, indent, false, lines);
}

/// Where the block of a sentence opens and closes.
fn block(pieces: &[Piece<'_>]) -> Option<(usize, usize)> {
    let open = pieces.iter().position(|piece| piece.kind == PieceKind::OpenBlock)?;
    let close = pieces.iter().rposition(|piece| piece.kind == PieceKind::CloseBlock)?;
    (open < close).then_some((open, close))
}

/// A sentence with its block on one line, where that has no comment and room; what stands before the brace is the first
/// cell, each member one of the others.
fn flat_block<'a>(head: &[Piece<'a>], inside: &[Piece<'a>], end: &[Piece<'a>], room: usize) -> Option<Vec<Cell<'a>>> {
    let mut cells: Vec<Cell<'a>> = Vec::new();
    let (open, head) = head.split_last()?;
    cells.push(sentence::flat(head, room)?);
    let mut rest = inside;
    let mut start = format!("{} ", open.text);
    while let [piece, ..] = rest {
        let (member, after) = rest.split_at(piece.sentence.unwrap_or(1).min(rest.len()));
        let mut cell = flat(member, room)?;
        cell.width += start.len();
        cell.text = format!("{start}{}", cell.text).into();
        cell.gap = 2;
        cells.push(cell);
        start.clear();
        rest = after;
    }
    let end = sentence::flat(end, room)?;
    match cells.last_mut() {
        Some(last) if start.is_empty() => {
            last.width += 1 + end.width;
            last.text = format!("{} {}", last.text, end.text).into();
        }
        _ => cells.push(Cell { width: start.len() + end.width, text: format!("{start}{}", end.text).into(), ..end }),
    }
    let line = Line::new(0, false, LineKind::Block, cells);
    (line.width() <= room).then_some(line.cells)
}

/// A member on one line, whether it has a block or not.
fn flat<'a>(pieces: &[Piece<'a>], room: usize) -> Option<Cell<'a>> {
    let Some((open, close)) = block(pieces) else { return sentence::flat(pieces, room) };
    let (head, rest) = pieces.split_at(open + 1);
    let (inside, end) = rest.split_at(close - open - 1);
    let cells = flat_block(head, inside, end, room)?;
    let line = Line::new(0, false, LineKind::Block, cells);
    let text = written(&[line], "");
    let word = head.first()?.text.clone();
    Some(Cell { width: text.width(), text: text.into(), word, gap: 1 })
}
