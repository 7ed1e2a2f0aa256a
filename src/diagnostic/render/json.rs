use std::io;

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter};

use crate::diagnostic::render::shown::severity;
use crate::diagnostic::{Edit, Fix, Label, Problem, Problems, is_harmful};
use crate::source::{Sources, Span};

/// For programs: one object with a `version`, all problems, places in lines, columns (both from one, in characters) and
/// bytes (from zero). A field that is new does not raise the version; one that changes its meaning or goes does.
pub fn json(problems: &Problems, sources: &Sources) -> String {
    let report =
        JsonReport { version: 1, problems: problems.iter().map(|problem| JsonProblem::of(problem, sources)).collect() };
    let mut out = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, Harmless(CompactFormatter));
    // INVARIANT: structs of texts and numbers always serialize, and writing into memory does not fail.
    let _ = report.serialize(&mut serializer);
    out.push(b'\n');
    String::from_utf8_lossy(&out).into_owned()
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
        Self { span: JsonSpan::of(label.span, sources), text: &label.text }
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

/// JSON may hold every character but C0 as it is; a terminal that shows the JSON may not. They are written as `\u202e`,
/// which a reader turns back into what they were.
struct Harmless(CompactFormatter);

impl Formatter for Harmless {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(is_harmful) {
            let (before, harmful) = rest.split_at(at);
            self.0.write_string_fragment(writer, before)?;
            let mut after = harmful.chars();
            if let Some(c) = after.next() {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
            rest = after.as_str();
        }
        self.0.write_string_fragment(writer, rest)
    }
}
