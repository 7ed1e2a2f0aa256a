// What a merge left behind that nobody has decided.

use std::borrow::Cow;
use std::ops::Range;

use crate::diagnostic::{Code, Problem};
use crate::source::{FileId, Span};

const OURS: &str = "<<<<<<<";
const BASE: &str = "|||||||";
const MIDDLE: &str = "=======";
const THEIRS: &str = ">>>>>>>";

/// The text as it would be with our side of each conflict, of the same length, so that places stay; and the conflicts.
pub(super) fn without_conflicts(file: FileId, text: &str) -> (Cow<'_, str>, Vec<Problem>) {
    // Most scripts end here.
    if memchr::memmem::find(text.as_bytes(), OURS.as_bytes()).is_none() {
        return (Cow::Borrowed(text), Vec::new());
    }
    let conflicts = conflicts(text);
    let mut bytes = text.as_bytes().to_vec();
    let mut problems = Vec::new();
    for conflict in conflicts {
        for range in [conflict.begin.clone(), conflict.theirs] {
            for byte in bytes.get_mut(range).into_iter().flatten().filter(|byte| **byte != b'\n') {
                *byte = b' ';
            }
        }
        problems.push(
            Problem::error(Code::SYNTAX, "a merge left two versions here")
                .label(Span::new(file, conflict.begin.start, conflict.begin.end), "one begins here")
                .label(Span::new(file, conflict.end.start, conflict.end.end), "the other ends here")
                .help("keep one of the two, and take away the lines with `<<<<<<<`, `=======` and `>>>>>>>`"),
        );
    }
    // INVARIANT: whole lines are blanked, so this is text again.
    match String::from_utf8(bytes) {
        Ok(masked) => (Cow::Owned(masked), problems),
        Err(_) => (Cow::Borrowed(text), problems),
    }
}

/// Each by its lines, without their breaks.
struct Conflict {
    begin: Range<usize>,
    /// From the line in the middle, or before it that of the common version, to the last line.
    theirs: Range<usize>,
    end: Range<usize>,
}

fn conflicts(text: &str) -> Vec<Conflict> {
    let mut found = Vec::new();
    let mut begin: Option<Range<usize>> = None;
    let mut middle: Option<usize> = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let range = start..start + line.trim_end().len();
        start += line.len();
        if line.starts_with(OURS) {
            (begin, middle) = (Some(range), None);
        } else if begin.is_some() && (line.starts_with(BASE) || line.trim_end() == MIDDLE) {
            middle.get_or_insert(range.start);
        } else if line.starts_with(THEIRS)
            && let (Some(begin), Some(middle)) = (begin.take(), middle.take())
        {
            found.push(Conflict { begin, theirs: middle..range.end, end: range });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    #[test]
    fn our_side_stays_in_its_place() {
        let text = "a\n<<<<<<< HEAD\nours é\n=======\ntheirs é\n>>>>>>> fix\nb\n";
        let file = Sources::default().add("t", text);
        let (masked, problems) = without_conflicts(file, text);
        assert_eq!(masked.len(), text.len());
        assert_eq!(masked.split_whitespace().collect::<Vec<_>>(), ["a", "ours", "é", "b"]);
        assert_eq!(masked.matches('\n').count(), text.matches('\n').count());
        assert_eq!(problems.len(), 1);
    }

    #[test]
    fn half_a_conflict_is_text_like_any_other() {
        let text = "<<<<<<< HEAD\na\n=======\nb\n";
        let file = Sources::default().add("t", text);
        let (masked, problems) = without_conflicts(file, text);
        assert_eq!(masked, text);
        assert!(problems.is_empty());
    }
}
