use std::collections::BTreeSet;
use std::ops::Range;

use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::diagnostic::render::place::{file_name, marked};
use crate::diagnostic::render::shown::shown_text;
use crate::diagnostic::{Label, Problem, begins_command, harmless, is_harmful};
use crate::source::{FileId, Place, Source, Sources};

/// The lines that one problem concerns, of all its files, made harmless and cut to a width: what miette draws.
///
/// miette takes one source a problem, reads it from its beginning for every label, and prints its characters as they
/// are. Given an excerpt, it draws the lines of several files in one go, reads nothing else, and meets no character that
/// a terminal would obey.
#[derive(Debug)]
pub(super) struct Excerpt {
    text: String,
    lines: Vec<Line>,
    labels: Vec<LabeledSpan>,
    /// Where each label begins in the excerpt, and in its file.
    places: Vec<(usize, Place)>,
}

#[derive(Debug)]
struct Line {
    file: FileId,
    name: String,
    number: usize,
    /// In the excerpt, the line end included.
    range: Range<usize>,
}

/// A label over more lines marks only its first: nobody wants a whole rollout underlined.
const MOST_LINES: usize = 5;

impl Excerpt {
    /// `width` is that of a line in characters.
    pub(super) fn of(problem: &Problem, sources: &Sources, width: usize) -> Self {
        let mut excerpt = Self { text: String::new(), lines: Vec::new(), labels: Vec::new(), places: Vec::new() };
        let mut files: Vec<FileId> = Vec::new();
        for label in &problem.labels {
            if !files.contains(&label.span.file) {
                files.push(label.span.file);
            }
        }
        for file in files {
            let labels = problem.labels.iter().enumerate().filter(|(_, label)| label.span.file == file);
            let marks: Vec<Mark> = labels.map(|(idx, label)| Mark::of(label, idx == 0, sources.get(file))).collect();
            excerpt.add_file(file, sources.get(file), marks, width.max(20));
        }
        excerpt
    }

    pub(super) fn labels(&self) -> Vec<LabeledSpan> {
        self.labels.clone()
    }

    fn add_file(&mut self, file: FileId, source: &Source, mut marks: Vec<Mark>, width: usize) {
        let name = file_name(source).into_owned();
        let numbers: BTreeSet<usize> = marks.iter().flat_map(|mark| mark.first - 1..=mark.last + 1).collect();
        for number in numbers {
            let is_marked = marks.iter().any(|mark| (mark.first..=mark.last).contains(&number));
            let exists = (1..=source.line_count()).contains(&number);
            // A line that ends a file with nothing in it is none, unless it is what is marked.
            if !exists || (!is_marked && number == source.line_count() && source.line(number).is_empty()) {
                continue;
            }
            let start = self.text.len();
            self.add_line(source, number, &mut marks, width);
            let range = start..self.text.len();
            self.lines.push(Line { file, name: name.clone(), number, range });
        }
        marks.sort_by_key(|mark| mark.shown.start);
        for mark in marks {
            let text = (!mark.text.is_empty()).then_some(mark.text);
            // What was cut off is marked at the cut.
            let one = self.text.get(mark.shown.start..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
            let span = SourceSpan::from((mark.shown.start, mark.shown.len().max(one)));
            self.labels.push(match mark.is_main {
                true => LabeledSpan::new_primary_with_span(text, span),
                false => LabeledSpan::new_with_span(text, span),
            });
            self.places.push((mark.shown.start, mark.place));
        }
    }

    /// Writes a line, and notes where the marks on it came to stand.
    fn add_line(&mut self, source: &Source, number: usize, marks: &mut [Mark], width: usize) {
        let line = source.line(number);
        let line_start = line.as_ptr() as usize - source.text().as_ptr() as usize;
        let first_mark = marks.iter().filter(|mark| mark.first == number).map(|mark| mark.bytes.start).min();
        let window = window(line, first_mark.map_or(0, |byte| byte.saturating_sub(line_start)), width);

        if window.start > 0 {
            self.text.push('…');
        }
        let mut column = 0;
        let visible = line.get(window.clone()).unwrap_or("");
        for (at, c) in visible.char_indices() {
            let byte = line_start + window.start + at;
            self.note(marks, number, byte);
            column += match c {
                '#' if begins_command(&visible[at..]) => self.push_str("\\u{23}"),
                _ => self.push(c, column),
            };
        }
        self.note(marks, number, usize::MAX);
        if window.end < line.len() {
            self.text.push('…');
        } else if visible.is_empty() && first_mark.is_some() {
            // So that there is something to mark.
            self.text.push(' ');
        }
        self.text.push('\n');
    }

    /// What is pushed next stands at a byte of the file: the marks that begin or end at or before it do so here.
    fn note(&self, marks: &mut [Mark], number: usize, byte: usize) {
        for mark in marks {
            if mark.first == number && !mark.has_begun && byte >= mark.bytes.start {
                mark.has_begun = true;
                mark.shown.start = self.text.len();
                mark.shown.end = self.text.len();
            }
            if mark.last == number && !mark.has_ended && byte >= mark.bytes.end {
                mark.has_ended = true;
                mark.shown.end = self.text.len();
            }
        }
    }

    /// Gives the columns it takes. Tabs become blanks: their width would depend on the terminal.
    fn push(&mut self, c: char, column: usize) -> usize {
        match c {
            '\t' => self.push_str(&"    "[column % 4..]),
            _ if is_harmful(c) => self.push_str(&harmless(c.encode_utf8(&mut [0; 4]))),
            _ => self.push_str(c.encode_utf8(&mut [0; 4])),
        }
    }

    fn push_str(&mut self, text: &str) -> usize {
        self.text.push_str(text);
        text.chars().count()
    }

    fn line_at(&self, byte: usize) -> Option<usize> {
        self.lines.iter().position(|line| line.range.contains(&byte))
    }

    /// Whether one line of the excerpt follows another in their file.
    fn are_neighbours(&self, idx: usize, next: usize) -> bool {
        match (self.lines.get(idx), self.lines.get(next)) {
            (Some(line), Some(next)) => line.file == next.file && line.number + 1 == next.number,
            _ => false,
        }
    }
}

impl SourceCode for Excerpt {
    /// Fails for a span over lines that do not follow each other; miette then draws two boxes.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let last_byte = span.offset() + span.len().saturating_sub(1);
        let (Some(mut first), Some(mut last)) = (self.line_at(span.offset()), self.line_at(last_byte)) else {
            return Err(MietteError::OutOfBounds);
        };
        if !(first..last).all(|idx| self.are_neighbours(idx, idx + 1)) {
            return Err(MietteError::OutOfBounds);
        }
        for _ in 0..before {
            first -= usize::from(first > 0 && self.are_neighbours(first - 1, first));
        }
        for _ in 0..after {
            last += usize::from(self.are_neighbours(last, last + 1));
        }
        let (Some(first_line), Some(last_line)) = (self.lines.get(first), self.lines.get(last)) else {
            return Err(MietteError::OutOfBounds);
        };
        let range = first_line.range.start..last_line.range.end;
        let data = self.text.as_bytes().get(range.clone()).unwrap_or_default();
        // Without context miette asks for the place that it writes above the box: the file's own, not the excerpt's.
        let column = match self.places.iter().find(|(at, _)| before == 0 && *at == span.offset()) {
            Some((_, place)) => place.column - 1,
            None => 0,
        };
        Ok(Box::new(MietteSpanContents::new_named(
            first_line.name.clone(),
            data,
            (range.start, range.len()).into(),
            first_line.number - 1,
            column,
            last - first + 1,
        )))
    }
}

/// A label on its way from the file's bytes to the excerpt's.
struct Mark {
    bytes: Range<usize>,
    first: usize,
    last: usize,
    place: Place,
    shown: Range<usize>,
    has_begun: bool,
    has_ended: bool,
    text: String,
    is_main: bool,
}

impl Mark {
    fn of(label: &Label, is_main: bool, source: &Source) -> Self {
        let bytes = marked(source, label.span);
        let place = source.place(bytes.start);
        // The line of the last byte that is marked: an end at the beginning of a line is on the line before.
        let last = source.place(bytes.end.saturating_sub(1).max(bytes.start)).line;
        let is_long = last - place.line >= MOST_LINES;
        Self {
            bytes: if is_long { bytes.start..usize::MAX } else { bytes },
            first: place.line,
            last: if is_long { place.line } else { last },
            place,
            shown: 0..0,
            has_begun: false,
            has_ended: false,
            text: shown_text(&label.text).into_owned(),
            is_main,
        }
    }
}

/// The bytes of a line that are shown, on characters: all, or `width` characters around a byte.
fn window(line: &str, around: usize, width: usize) -> Range<usize> {
    if line.len() <= width {
        return 0..line.len();
    }
    let mut start = around.min(line.len());
    while !line.is_char_boundary(start) {
        start -= 1;
    }
    let (before, _) = line.split_at(start);
    let start = before.char_indices().rev().take(width / 3).last().map_or(start, |(at, _)| at);
    let start = if start < width / 3 { 0 } else { start };
    let rest = line.get(start..).unwrap_or("");
    let end = rest.char_indices().nth(width).map_or(line.len(), |(at, _)| start + at);
    start..end
}
