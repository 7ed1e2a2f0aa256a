use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::diagnostic::{Code, Edit, Fix, Problems};
use crate::source::{FileId, Sources, Span};

/// What one application of fixes comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mended {
    /// The new text of each file that changes.
    pub texts: BTreeMap<FileId, String>,
    /// The fixes that are in them, in the order of their problems.
    pub done: Vec<Mend>,
}

/// A fix that was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mend {
    pub code: Code,
    /// The problem's.
    pub message: String,
    pub title: String,
    /// Where its first edit is, in the text before it.
    pub at: Span,
}

/// Applies the fixes of all problems, in their order, as far as they do not overlap: of two that do, the first wins.
///
/// A problem with several fixes is left alone: a person has to choose. So is a fix that would touch a file that
/// `is_ours` denies, and one whose edits do not lie on characters of their file.
pub fn mend(problems: &Problems, sources: &Sources, is_ours: impl Fn(FileId) -> bool) -> Mended {
    let mut done = Vec::new();
    let mut edits: BTreeMap<FileId, Vec<&Edit>> = BTreeMap::new();
    for problem in problems.iter() {
        let [fix] = problem.fixes.as_slice() else { continue };
        let Some(first) = fix.edits.first() else { continue };
        if fix.edits.iter().all(|edit| is_ours(edit.span.file)) && fits(fix, sources, &edits) {
            done.push(Mend {
                code: problem.code,
                message: problem.message.clone(),
                title: fix.title.clone(),
                at: first.span,
            });
            for edit in &fix.edits {
                edits.entry(edit.span.file).or_default().push(edit);
            }
        }
    }
    let texts = edits.into_iter().map(|(file, edits)| (file, apply(sources.get(file).text(), edits)));
    Mended { texts: texts.collect(), done }
}

/// Whether the edits of a fix are sound, and stand beside each other and beside what is taken.
fn fits(fix: &Fix, sources: &Sources, taken: &BTreeMap<FileId, Vec<&Edit>>) -> bool {
    let is_sound = |edit: &Edit| sources.get(edit.span.file).text().get(edit.span.range()).is_some();
    let is_apart = |(idx, edit): (usize, &Edit)| {
        let beside = fix.edits.iter().take(idx).filter(|other| other.span.file == edit.span.file);
        let taken = taken.get(&edit.span.file).into_iter().flatten().copied();
        !taken.chain(beside).any(|other| overlap(edit.span, other.span))
    };
    fix.edits.iter().all(is_sound) && fix.edits.iter().enumerate().all(is_apart)
}

/// Two insertions at one place overlap, and an insertion at the edge of a replacement: nothing says which comes first.
fn overlap(one: Span, other: Span) -> bool {
    match one.is_empty() || other.is_empty() {
        true => one.start <= other.end && other.start <= one.end,
        false => one.start < other.end && other.start < one.end,
    }
}

/// INVARIANT: the edits lie on characters of the text and do not overlap.
fn apply(text: &str, mut edits: Vec<&Edit>) -> String {
    edits.sort_by_key(|edit| Reverse(edit.span.start));
    let is_dos = text.split_once('\n').is_some_and(|(first, _)| first.ends_with('\r'));
    let mut mended = text.to_owned();
    for edit in edits {
        match is_dos {
            true => mended.replace_range(edit.span.range(), &edit.replacement.replace('\n', "\r\n")),
            false => mended.replace_range(edit.span.range(), &edit.replacement),
        }
    }
    mended
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Problem;

    /// The edits of a fix: start, end, replacement.
    type Edits<'a> = &'a [(usize, usize, &'a str)];

    /// Each problem by its fixes.
    fn mended(text: &str, problems: &[&[Edits]]) -> (String, usize) {
        let mut sources = Sources::default();
        let file = sources.add("a", text);
        let fix = |edits: &Edits| Fix {
            title: "mend".to_owned(),
            edits: edits
                .iter()
                .map(|(start, end, text)| Edit { span: Span::new(file, *start, *end), replacement: (*text).to_owned() })
                .collect(),
        };
        let problems = problems.iter().map(|fixes| {
            let mut problem = Problem::error(Code::SYNTAX, "wrong");
            problem.fixes = fixes.iter().map(fix).collect();
            problem
        });
        let mended = mend(&problems.collect(), &sources, |_| true);
        (mended.texts.get(&file).cloned().unwrap_or_else(|| text.to_owned()), mended.done.len())
    }

    #[test]
    fn fixes_that_stand_beside_each_other_are_all_applied() {
        assert_eq!(mended("ab cd", &[&[&[(3, 5, "yz")]], &[&[(0, 2, "wxx")]]]), ("wxx yz".to_owned(), 2));
        assert_eq!(mended("ab cd", &[&[&[(0, 2, "x"), (3, 5, "y")]]]), ("x y".to_owned(), 1));
        assert_eq!(mended("abcd", &[&[&[(0, 2, "x")]], &[&[(2, 4, "y")]]]), ("xy".to_owned(), 2));
    }

    #[test]
    fn of_two_that_overlap_the_first_wins() {
        assert_eq!(mended("abcd", &[&[&[(0, 3, "x")]], &[&[(2, 4, "y")]]]), ("xd".to_owned(), 1));
        assert_eq!(mended("abcd", &[&[&[(1, 1, "x")]], &[&[(1, 1, "y")]]]), ("axbcd".to_owned(), 1));
        assert_eq!(mended("abcd", &[&[&[(0, 2, "x")]], &[&[(2, 2, "y")]]]), ("xcd".to_owned(), 1));
        assert_eq!(mended("abcd", &[&[&[(0, 2, "x"), (1, 3, "y")]]]), ("abcd".to_owned(), 0));
    }

    #[test]
    fn what_a_person_must_choose_and_what_lies_nowhere_is_left() {
        assert_eq!(mended("abcd", &[&[&[(0, 2, "x")], &[(0, 2, "y")]]]), ("abcd".to_owned(), 0));
        assert_eq!(mended("é", &[&[&[(1, 2, "x")]], &[&[(0, 9, "y")]], &[&[(2, 0, "z")]]]), ("é".to_owned(), 0));
        assert_eq!(mended("abcd", &[&[], &[&[]]]), ("abcd".to_owned(), 0));
    }

    #[test]
    fn lines_end_as_they_do_in_the_file() {
        assert_eq!(mended("a\r\nb\r\n", &[&[&[(4, 4, "\n}")]]]), ("a\r\nb\r\n}\r\n".to_owned(), 1));
    }
}
