use std::fmt::Write;

use serde::Serialize;

use crate::diagnostic::render::machine::line_of;
use crate::diagnostic::render::place::marked_span;
use crate::diagnostic::render::shown::{hosts, severity};
use crate::diagnostic::{Code, Edit, Fix, Label, Problem, Problems, harmless};
use crate::source::{Sources, Span};

/// For code scanners: SARIF 2.1.0, one run, on one line. Labels beyond the first are related locations; rules are the pages
/// of the codes. Lines and columns count from one, columns in characters, the end excluded.
pub fn sarif(problems: &Problems, sources: &Sources) -> String {
    let mut codes: Vec<Code> = problems.iter().map(|problem| problem.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let run = Run {
        tool: Tool {
            driver: Driver {
                name: "sunup",
                version: env!("CARGO_PKG_VERSION"),
                rules: codes.iter().map(|code| Rule::of(*code)).collect(),
            },
        },
        column_kind: "unicodeCodePoints",
        results: problems.iter().map(|problem| SarifResult::of(problem, &codes, sources)).collect(),
    };
    line_of(&Log { schema: SCHEMA, version: "2.1.0", runs: [run] })
}

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool,
    column_kind: &'static str,
    results: Vec<SarifResult<'a>>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
struct Driver {
    name: &'static str,
    version: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    short_description: Text,
    full_description: Text,
    help: Page,
    help_uri: String,
}

/// A page as it is written: Markdown reads well as text too.
#[derive(Serialize)]
struct Page {
    text: String,
    markdown: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult<'a> {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Text,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<SarifFix<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    properties: Option<Properties>,
}

#[derive(Serialize)]
struct Properties {
    hosts: Vec<String>,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifFix<'a> {
    description: Text,
    artifact_changes: Vec<ArtifactChange<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange<'a> {
    artifact_location: ArtifactLocation,
    replacements: Vec<Replacement<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement<'a> {
    deleted_region: Region,
    inserted_content: Inserted<'a>,
}

/// Goes into a file as it is.
#[derive(Serialize)]
struct Inserted<'a> {
    text: &'a str,
}

impl Rule {
    fn of(code: Code) -> Self {
        Self {
            id: code.as_str(),
            short_description: Text::of(code.title()),
            full_description: Text::of(&code.meaning().split_whitespace().collect::<Vec<_>>().join(" ")),
            help: Page { text: in_message(code.page()), markdown: code.page() },
            help_uri: format!("urn:sunup:errors:{code}"),
        }
    }
}

impl<'a> SarifResult<'a> {
    fn of(problem: &'a Problem, codes: &[Code], sources: &Sources) -> Self {
        let mut labels = problem.labels.iter();
        let main = labels.next().map(|label| Location::of(None, label, sources));
        let hosts = &problem.hosts;
        Self {
            rule_id: problem.code.as_str(),
            rule_index: codes.partition_point(|code| *code < problem.code),
            level: severity(problem.severity),
            message: Text { text: message(problem) },
            locations: main.into_iter().collect(),
            related_locations: labels.enumerate().map(|(id, label)| Location::of(Some(id), label, sources)).collect(),
            fixes: problem.fixes.iter().map(|fix| SarifFix::of(fix, sources)).collect(),
            properties: (!hosts.is_empty())
                .then(|| Properties { hosts: hosts.iter().map(|host| harmless(host).into_owned()).collect() }),
        }
    }
}

/// Scanners show the message alone, so that the hosts and the help are in it.
fn message(problem: &Problem) -> String {
    let hosts = hosts(problem).map(|hosts| format!("hosts: {hosts}"));
    let help = problem.help.as_deref().map(|help| format!("help: {}", without_links(help)));
    let said = without_links(&problem.message);
    [Some(said), hosts.map(|hosts| without_links(&hosts)), help].into_iter().flatten().collect::<Vec<_>>().join("\n")
}

/// Text of others in a message.
fn without_links(text: &str) -> String {
    in_message(&harmless(text))
}

/// In a message `{0}` is a placeholder and `[words](place)` a link, wherever the words came from (SARIF 2.1.0, 3.11.5 and
/// 3.11.6): braces are doubled, and a blank between the brackets makes it no link.
fn in_message(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}").replace("](", "] (")
}

impl Text {
    fn of(text: &str) -> Self {
        Self { text: without_links(text) }
    }
}

impl Location {
    fn of(id: Option<usize>, label: &Label, sources: &Sources) -> Self {
        let span = marked_span(sources, label.span);
        Self {
            id,
            physical_location: PhysicalLocation {
                artifact_location: ArtifactLocation::of(span, sources),
                region: Region::of(span, sources),
            },
            message: (!label.text.is_empty()).then(|| Text::of(&label.text)),
        }
    }
}

impl ArtifactLocation {
    fn of(span: Span, sources: &Sources) -> Self {
        Self { uri: uri(sources.get(span.file).name()) }
    }
}

/// A path as a reference relative to where the command was called, an absolute one as a `file:` URI, a module of the
/// library as a URI of its own.
fn uri(name: &str) -> String {
    let library = name.strip_prefix('<').and_then(|name| name.strip_suffix('>'));
    let (mut uri, path) = match library {
        Some(module) => ("sunup:".to_owned(), module),
        None if name.starts_with('/') => ("file://".to_owned(), name),
        None => (String::new(), name),
    };
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            // INVARIANT: writing into a String does not fail.
            _ => drop(write!(uri, "%{byte:02X}")),
        }
    }
    uri
}

impl Region {
    fn of(span: Span, sources: &Sources) -> Self {
        let source = sources.get(span.file);
        let (start, end) = (source.place(span.start as usize), source.place(span.end as usize));
        Self { start_line: start.line, start_column: start.column, end_line: end.line, end_column: end.column }
    }
}

impl<'a> SarifFix<'a> {
    fn of(fix: &'a Fix, sources: &Sources) -> Self {
        let mut changes: Vec<(Span, Vec<Replacement<'a>>)> = Vec::new();
        for edit in &fix.edits {
            let replacement = Replacement::of(edit, sources);
            match changes.iter_mut().find(|(span, _)| span.file == edit.span.file) {
                Some((_, replacements)) => replacements.push(replacement),
                None => changes.push((edit.span, vec![replacement])),
            }
        }
        let changes = changes.into_iter().map(|(span, replacements)| ArtifactChange {
            artifact_location: ArtifactLocation::of(span, sources),
            replacements,
        });
        Self { description: Text::of(&fix.title), artifact_changes: changes.collect() }
    }
}

impl<'a> Replacement<'a> {
    fn of(edit: &'a Edit, sources: &Sources) -> Self {
        Self { deleted_region: Region::of(edit.span, sources), inserted_content: Inserted { text: &edit.replacement } }
    }
}
