use std::fmt::{self, Write};

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};
use unicode_width::UnicodeWidthStr;

use crate::diagnostic::render::excerpt::Excerpt;
use crate::diagnostic::render::short::headline;
use crate::diagnostic::render::shown::{fix, hosts, kind, shown, shown_text};
use crate::diagnostic::{Problem, Problems, Severity};
use crate::source::Sources;

/// How the paper looks on which problems are drawn. The caller decides; nothing here asks a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Columns; fewer than 40 are taken as 40.
    pub width: usize,
    pub has_colours: bool,
}

/// For people at a terminal: the source lines with what is wrong drawn under them, an empty line between problems.
pub fn fancy(problems: &Problems, sources: &Sources, look: Look) -> String {
    let look = Look { width: look.width.clamp(40, 400), ..look };
    let (problems, closing) = shown(problems);
    let blocks: Vec<String> = problems.map(|problem| block(problem, sources, look)).collect();
    let closing = closing.map(|closing| format!("{closing}\n"));
    blocks.into_iter().chain(closing).collect::<Vec<_>>().join("\n")
}

fn block(problem: &Problem, sources: &Sources, look: Look) -> String {
    let theme = if look.has_colours { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(look.width).with_links(false);
    // The box takes some columns left of the line, and the cut lines two more.
    let excerpt = Excerpt::of(problem, sources, look.width.saturating_sub(14));
    let mut out = String::new();
    // INVARIANT: an excerpt gives every span that it names. Were it not so, the problem is told without a drawing.
    if handler.render_report(&mut out, &Drawn { problem, excerpt }).is_err() {
        out = headline(problem, sources) + "\n";
    }
    if let Some(hosts) = hosts(problem) {
        push_note(&mut out, "hosts", &hosts, look);
    }
    if let Some(help) = &problem.help {
        push_note(&mut out, "help", &shown_text(help), look);
    }
    for mend in &problem.fixes {
        push_note(&mut out, "fix", &fix(mend, sources), look);
    }
    out
}

/// A word and a text that is wrapped beside it.
fn push_note(out: &mut String, word: &str, text: &str, look: Look) {
    let indent = word.len() + 4;
    let (on, off) = if look.has_colours { ("\x1b[36m", "\x1b[0m") } else { ("", "") };
    for (idx, line) in wrap(text, look.width.saturating_sub(indent)).iter().enumerate() {
        // INVARIANT: writing into a String does not fail.
        let _ = match idx {
            0 => writeln!(out, "  {on}{word}:{off} {line}"),
            _ => writeln!(out, "{:indent$}{line}", ""),
        };
    }
}

/// Breaks at blanks; a word that is wider than the line stays whole, so that it can be copied. No line begins with `::`:
/// a build service would take it for a command.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.width() + 1 + word.width() <= width || word.starts_with("::") => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A problem as miette wants it.
#[derive(Debug)]
struct Drawn<'a> {
    problem: &'a Problem,
    excerpt: Excerpt,
}

impl fmt::Display for Drawn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown_text(&self.problem.message))
    }
}

impl std::error::Error for Drawn<'_> {}

impl Diagnostic for Drawn<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(kind(self.problem)))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.problem.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.excerpt)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.excerpt.labels().into_iter()))
    }
}
