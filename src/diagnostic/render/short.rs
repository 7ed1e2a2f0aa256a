use crate::diagnostic::render::place::place;
use crate::diagnostic::render::shown::{kind, shown};
use crate::diagnostic::{Problem, Problems, harmless};
use crate::source::Sources;

/// A line a problem: `rollout.sunup:12:3: error[E0204]: no host has a field `regoin``. Editors and `grep` read it.
pub fn short(problems: &Problems, sources: &Sources) -> String {
    let (problems, closing) = shown(problems);
    let lines: Vec<String> = problems.map(|problem| line(problem, sources)).chain(closing).collect();
    lines.into_iter().map(|line| line + "\n").collect()
}

pub(super) fn line(problem: &Problem, sources: &Sources) -> String {
    let said = format!("{}: {}", kind(problem), harmless(&problem.message));
    match problem.span() {
        Some(span) => format!("{}: {said}", place(sources, span)),
        None => said,
    }
}
