use serde::Serialize;

use crate::diagnostic::render::machine::line_of;
use crate::diagnostic::render::place::marked_span;
use crate::diagnostic::render::shown::severity;
use crate::diagnostic::{Edit, Fix, Label, Problem, Problems};
use crate::source::{Sources, Span};

/// For programs: one object with a `version`, all problems, places in lines, columns (both from one, in characters) and
/// bytes (from zero). A field that is new does not raise the version; one that changes its meaning or goes does.
pub fn json(problems: &Problems, sources: &Sources) -> String {
    let report =
        JsonReport { version: 1, problems: problems.iter().map(|problem| JsonProblem::of(problem, sources)).collect() };
    line_of(&report)
}

#[derive(Serialize)]
struct JsonReport<'a> {
    version: u32,
    problems: Vec<JsonProblem<'a>>,
}

#[derive(Serialize)]
struct JsonProblem<'a> {
    code: &'static str,
    severity: &'static str,
    message: &'a str,
    labels: Vec<JsonLabel<'a>>,
    hosts: &'a [String],
    help: Option<&'a str>,
    fixes: Vec<JsonFix<'a>>,
    /// Where the code is explained, from the root of the project.
    page: String,
}

#[derive(Serialize)]
struct JsonLabel<'a> {
    #[serde(flatten)]
    span: JsonSpan<'a>,
    text: &'a str,
}

#[derive(Serialize)]
struct JsonFix<'a> {
    title: &'a str,
    edits: Vec<JsonEdit<'a>>,
}

#[derive(Serialize)]
struct JsonEdit<'a> {
    #[serde(flatten)]
    span: JsonSpan<'a>,
    replacement: &'a str,
}

/// The end is excluded.
#[derive(Serialize)]
struct JsonSpan<'a> {
    file: &'a str,
    start: JsonPlace,
    end: JsonPlace,
}

#[derive(Serialize)]
struct JsonPlace {
    line: usize,
    column: usize,
    byte: usize,
}

impl<'a> JsonProblem<'a> {
    fn of(problem: &'a Problem, sources: &'a Sources) -> Self {
        Self {
            code: problem.code.as_str(),
            severity: severity(problem.severity),
            message: &problem.message,
            labels: problem.labels.iter().map(|label| JsonLabel::of(label, sources)).collect(),
            hosts: &problem.hosts,
            help: problem.help.as_deref(),
            fixes: problem.fixes.iter().map(|fix| JsonFix::of(fix, sources)).collect(),
            page: format!("docs/errors/{}.md", problem.code),
        }
    }
}

impl<'a> JsonLabel<'a> {
    fn of(label: &'a Label, sources: &'a Sources) -> Self {
        Self { span: JsonSpan::of(marked_span(sources, label.span), sources), text: &label.text }
    }
}

impl<'a> JsonFix<'a> {
    fn of(fix: &'a Fix, sources: &'a Sources) -> Self {
        Self { title: &fix.title, edits: fix.edits.iter().map(|edit| JsonEdit::of(edit, sources)).collect() }
    }
}

impl<'a> JsonEdit<'a> {
    fn of(edit: &'a Edit, sources: &'a Sources) -> Self {
        Self { span: JsonSpan::of(edit.span, sources), replacement: &edit.replacement }
    }
}

impl<'a> JsonSpan<'a> {
    fn of(span: Span, sources: &'a Sources) -> Self {
        let source = sources.get(span.file);
        let at = |byte: u32| {
            let place = source.place(byte as usize);
            JsonPlace { line: place.line, column: place.column, byte: (byte as usize).min(source.text().len()) }
        };
        Self { file: source.name(), start: at(span.start), end: at(span.end) }
    }
}
