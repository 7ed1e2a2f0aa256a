use crate::syntax::format::WIDTH;
use crate::syntax::format::line::{Line, LineKind};

/// Lines that follow each other line up: the values of members, the braces and members of blocks on one line, and the
/// comments at line ends. A blank line, a comment of its own and a line of another kind end a run; so does what would make
/// a line too long, for the whole run.
pub(super) fn line_up(lines: &mut [Line<'_>]) {
    for run in lines.chunk_by_mut(is_same_run) {
        match run.first().map(|line| line.kind) {
            Some(LineKind::Sentence) => values(run),
            Some(LineKind::Block) => blocks(run),
            Some(LineKind::Plain) | None => {}
        }
    }
    for run in lines.chunk_by_mut(has_comments_of_one_run) {
        comments(run);
    }
}

fn is_same_run(above: &Line<'_>, below: &Line<'_>) -> bool {
    let words = (above.cells.first().map(|cell| &cell.word), below.cells.first().map(|cell| &cell.word));
    let is_alike = below.indent > 0 || words.0 == words.1;
    is_alike && above.kind == below.kind && above.indent == below.indent && !below.is_blank_before
}

/// Items are too different from each other to line up.
fn values(run: &mut [Line<'_>]) {
    if run.first().is_some_and(|line| line.indent > 0) {
        column(run, 0);
    }
}

/// The braces, and then each member as long as every line has one with the same first word there and behind it.
fn blocks(run: &mut [Line<'_>]) {
    if run.len() < 2 || !column(run, 0) {
        return;
    }
    let mut at = 1;
    while is_common(run, at) && is_common(run, at + 1) && column(run, at) {
        at += 1;
    }
}

/// Whether every line has a cell there that begins with the same word.
fn is_common(run: &[Line<'_>], at: usize) -> bool {
    let mut words = run.iter().map(|line| line.cells.get(at).map(|cell| &cell.word));
    let first = words.next().flatten();
    first.is_some() && words.all(|word| word == first)
}

/// Makes what follows a cell begin at one column, and says whether it does.
fn column(run: &mut [Line<'_>], at: usize) -> bool {
    let is_followed = |line: &Line<'_>| line.cells.len() > at + 1;
    let width = |line: &Line<'_>| line.cells.get(at).map_or(0, |cell| cell.width);
    let widest = run.iter().filter(|line| is_followed(line)).map(width).max().unwrap_or(0);
    let fits = run.iter().filter(|line| is_followed(line)).all(|line| line.width() + widest - width(line) <= WIDTH);
    if fits {
        for line in run.iter_mut().filter(|line| is_followed(line)) {
            let missing = widest - width(line);
            if let Some(cell) = line.cells.get_mut(at) {
                cell.gap += missing;
            }
        }
    }
    fits
}

/// A comment behind a long line stands alone: others would be pushed far to the right by it.
const FAR: usize = 80;

fn has_comments_of_one_run(above: &Line<'_>, below: &Line<'_>) -> bool {
    let is_at_end = |line: &Line<'_>| line.comment.is_some() && !line.cells.is_empty() && line.width() <= FAR;
    is_at_end(above) && is_at_end(below) && above.indent == below.indent && !below.is_blank_before
}

fn comments(run: &mut [Line<'_>]) {
    let widest = run.iter().map(Line::width).max().unwrap_or(0);
    for line in run {
        line.comment_gap += widest - line.width();
    }
}
