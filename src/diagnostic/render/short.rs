use crate::diagnostic::render::place::place;
use crate::diagnostic::render::shown::{fix, kind, shown, shown_text};
use crate::diagnostic::{Problem, Problems};
use crate::source::Sources;

/// A line a problem: `rollout.sunup:12:3: error[E0204]: no host has a field `regoin``, then in brackets the other places
/// and the fixes. Editors and `grep` read it.
pub fn short(problems: &Problems, sources: &Sources) -> String {
    let (problems, closing) = shown(problems);
    let lines: Vec<String> = problems.map(|problem| line(problem, sources)).chain(closing).collect();
    lines.into_iter().map(|line| line + "\n").collect()
}

fn line(problem: &Problem, sources: &Sources) -> String {
    let others: Vec<String> = problem.labels.iter().skip(1).map(|label| place(sources, label.span)).collect();
    let others = (!others.is_empty()).then(|| format!(" (also {})", others.join(", ")));
    let fixes = problem.fixes.iter().map(|mend| format!(" (fix: {})", fix(mend, sources)));
    headline(problem, sources) + &others.into_iter().chain(fixes).collect::<String>()
}

/// `rollout.sunup:12:3: error[E0204]: no host has a field `regoin``
pub(super) fn headline(problem: &Problem, sources: &Sources) -> String {
    let said = format!("{}: {}", kind(problem), shown_text(&problem.message));
    match problem.span() {
        Some(span) => format!("{}: {said}", place(sources, span)),
        None => said,
    }
}
