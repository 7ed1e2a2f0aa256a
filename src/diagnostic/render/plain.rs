use std::fmt::Write;

use crate::diagnostic::render::place::place;
use crate::diagnostic::render::short::line;
use crate::diagnostic::render::shown::{hosts, shown};
use crate::diagnostic::{Problem, Problems, harmless};
use crate::source::Sources;

/// For screen readers and logs: whole sentences in reading order, no drawing, no colour, an empty line between problems.
pub fn plain(problems: &Problems, sources: &Sources) -> String {
    let (problems, closing) = shown(problems);
    let blocks: Vec<String> = problems.map(|problem| block(problem, sources)).collect();
    let closing = closing.map(|closing| format!("{closing}\n"));
    blocks.into_iter().chain(closing).collect::<Vec<_>>().join("\n")
}

fn block(problem: &Problem, sources: &Sources) -> String {
    let mut out = line(problem, sources) + "\n";
    // INVARIANT: writing into a String does not fail.
    for (idx, label) in problem.labels.iter().enumerate().filter(|(_, label)| !label.text.is_empty()) {
        let text = harmless(&label.text);
        let _ = match idx {
            0 => writeln!(out, "  here: {text}"),
            _ => writeln!(out, "  {}: {text}", place(sources, label.span)),
        };
    }
    if let Some(hosts) = hosts(problem) {
        let _ = writeln!(out, "  hosts: {hosts}");
    }
    if let Some(help) = &problem.help {
        let _ = writeln!(out, "  help: {}", harmless(help));
    }
    out
}
