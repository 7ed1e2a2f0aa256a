use std::borrow::Cow;
use std::ops::Range;

use crate::diagnostic::render::shown::shown_text;
use crate::source::{Source, Sources, Span};

/// The bytes that a label marks, inside the text and on characters. An empty label marks the character at it; where a
/// blank or the end of the line or file is there, the last character before it that can be seen.
pub(super) fn marked(source: &Source, span: Span) -> Range<usize> {
    let text = source.text();
    let start = floor(text, span.start as usize);
    let end = floor(text, span.end as usize);
    if start < end {
        return start..end;
    }
    let (before, after) = text.split_at(start);
    match after.chars().next().filter(|c| !c.is_whitespace()) {
        Some(c) => start..start + c.len_utf8(),
        None => match before.char_indices().rev().find(|(_, c)| !c.is_whitespace()) {
            Some((at, c)) => at..at + c.len_utf8(),
            None => start..start,
        },
    }
}

/// The same as a span: where every rendering says that a label is.
pub(super) fn marked_span(sources: &Sources, span: Span) -> Span {
    let marked = marked(sources.get(span.file), span);
    Span::new(span.file, marked.start, marked.end)
}

/// `rollout.sunup:12:3`, of what a label marks.
pub(super) fn place(sources: &Sources, span: Span) -> String {
    place_of_edit(sources, marked_span(sources, span))
}

/// `rollout.sunup:12:3`, of the very byte: what is put in goes there.
pub(super) fn place_of_edit(sources: &Sources, span: Span) -> String {
    let source = sources.get(span.file);
    let place = source.place(span.start as usize);
    format!("{}:{}:{}", file_name(source), place.line, place.column)
}

/// The name of a file, fit to begin a line: with `::` before anything else it would be a command to a build service.
pub(super) fn file_name(source: &Source) -> Cow<'_, str> {
    let name = shown_text(source.name());
    match name.trim_start().starts_with("::") {
        true => Cow::Owned(format!("./{name}")),
        false => name,
    }
}

fn floor(text: &str, byte: usize) -> usize {
    let mut byte = byte.min(text.len());
    while !text.is_char_boundary(byte) {
        byte -= 1;
    }
    byte
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_label_marks_what_can_be_seen() {
        let mut sources = Sources::default();
        let file = sources.add("a", "soak {\n  é\n\n");
        let source = sources.get(file);
        for (start, end, marked_text) in [
            (0, 4, "soak"),
            (5, 5, "{"),
            (6, 6, "{"),
            (9, 9, "é"),
            (13, 13, "é"),
            (900, 901, "é"),
            (10, 10, "é"),
            (4, 2, "k"),
        ] {
            let range = marked(source, Span { file, start, end });
            assert_eq!(source.text().get(range), Some(marked_text), "{start}..{end}");
        }
        let empty = sources.add("b", "");
        assert_eq!(marked(sources.get(empty), Span::new(empty, 0, 0)), 0..0);
        assert_eq!(place(&sources, Span::new(file, 13, 13)), "a:2:3");
    }
}
