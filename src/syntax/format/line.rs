use std::borrow::Cow;

/// A line of the formatted script. A line with neither cells nor a comment is never made: a blank line is a mark of the next.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub indent: usize,
    pub is_blank_before: bool,
    pub cells: Vec<Cell<'a>>,
    pub comment: Option<Cow<'a, str>>,
    /// Blanks before the comment.
    pub comment_gap: usize,
    pub kind: LineKind,
}

/// What the lines around it may line up with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineKind {
    /// Nothing.
    Plain,
    /// A member on its line: its first word, and the rest where that is a value.
    Sentence,
    /// An item or member with its block on one line: what stands before the brace, then each member.
    Block,
}

/// A part of a line that may be followed by blanks, so that the next begins where those above and below it do.
#[derive(Debug)]
pub(super) struct Cell<'a> {
    pub text: Cow<'a, str>,
    pub width: usize,
    /// The first word of the member in it.
    pub word: Cow<'a, str>,
    /// Blanks before the next cell.
    pub gap: usize,
}

impl<'a> Line<'a> {
    pub fn new(indent: usize, is_blank_before: bool, kind: LineKind, cells: Vec<Cell<'a>>) -> Self {
        Self { indent, is_blank_before, cells, comment: None, comment_gap: 2, kind }
    }

    /// Columns up to its comment.
    pub fn width(&self) -> usize {
        let gaps = self.cells.len().saturating_sub(1);
        let gaps: usize = self.cells.iter().take(gaps).map(|cell| cell.gap).sum();
        self.indent + gaps + self.cells.iter().map(|cell| cell.width).sum::<usize>()
    }
}

/// The text of the lines.
pub(super) fn written(lines: &[Line<'_>], line_end: &str) -> String {
    let mut out = String::new();
    for line in lines {
        if line.is_blank_before {
            out.push_str(line_end);
        }
        blanks(&mut out, line.indent);
        for (idx, cell) in line.cells.iter().enumerate() {
            out.push_str(&cell.text);
            let is_last = idx + 1 == line.cells.len();
            blanks(&mut out, if is_last { 0 } else { cell.gap });
        }
        if let Some(comment) = &line.comment {
            blanks(&mut out, if line.cells.is_empty() { 0 } else { line.comment_gap });
            out.push_str(comment);
        }
        out.push_str(line_end);
    }
    out
}

fn blanks(out: &mut String, count: usize) {
    out.extend(std::iter::repeat_n(' ', count));
}
