use std::fmt::Write;

use crate::diagnostic::render::place::place;
use crate::diagnostic::render::short::headline;
use crate::diagnostic::render::shown::{fix, hosts, shown, shown_text};
use crate::diagnostic::{Problem, Problems};
use crate::source::Sources;

/// For screen readers and logs: whole sentences in reading order, no drawing, no colour, an empty line between problems.
pub fn plain(problems: &Problems, sources: &Sources) -> String {
    let (problems, closing) = shown(problems);
    let blocks: Vec<String> = problems.map(|problem| block(problem, sources)).collect();
    let closing = closing.map(|closing| format!("{closing}\n"));
    blocks.into_iter().chain(closing).collect::<Vec<_>>().join("\n")
}

fn block(problem: &Problem, sources: &Sources) -> String {
    let mut out = headline(problem, sources) + "\n";
    // INVARIANT: writing into a String does not fail.
    for (idx, label) in problem.labels.iter().enumerate() {
        let text = shown_text(&label.text);
        let _ = match (idx, text.is_empty()) {
            (0, true) => Ok(()),
            (0, false) => writeln!(out, "  here: {text}"),
            (_, true) => writeln!(out, "  also: {}", place(sources, label.span)),
            (_, false) => writeln!(out, "  also: {}: {text}", place(sources, label.span)),
        };
    }
    if let Some(hosts) = hosts(problem) {
        let _ = writeln!(out, "  hosts: {hosts}");
    }
    if let Some(help) = &problem.help {
        let _ = writeln!(out, "  help: {}", shown_text(help));
    }
    for mend in &problem.fixes {
        let _ = writeln!(out, "  fix: {}", fix(mend, sources));
    }
    out
}
