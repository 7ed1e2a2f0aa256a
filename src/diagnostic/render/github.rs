use crate::diagnostic::render::place::{file_name, marked_span, place};
use crate::diagnostic::render::shown::{fix, hosts, severity, shown_text};
use crate::diagnostic::{Problem, Problems};
use crate::source::{Sources, Span};

/// For GitHub Actions: a workflow command a problem, which the service shows beside the line of the script. Lines and
/// columns count from one, columns in characters, the end excluded.
pub fn github(problems: &Problems, sources: &Sources) -> String {
    problems.iter().map(|problem| line(problem, sources)).collect()
}

fn line(problem: &Problem, sources: &Sources) -> String {
    let place = problem.span().map_or_else(String::new, |span| properties(span, sources));
    let title = property(&format!("{}: {}", problem.code, problem.code.title()));
    format!("::{} {place}title={title}::{}\n", severity(problem.severity), data(&message(problem, sources)))
}

/// `file=may.sunup,line=2,col=16,endLine=2,endColumn=26,`
fn properties(span: Span, sources: &Sources) -> String {
    let span = marked_span(sources, span);
    let source = sources.get(span.file);
    let (start, end) = (source.place(span.start as usize), source.place(span.end as usize));
    format!(
        "file={},line={},col={},endLine={},endColumn={},",
        property(&file_name(source)),
        start.line,
        start.column,
        end.line,
        end.column
    )
}

/// All that is known of it, a line each: the service shows nothing else.
fn message(problem: &Problem, sources: &Sources) -> String {
    let mut lines = vec![shown_text(&problem.message).into_owned()];
    for (idx, label) in problem.labels.iter().enumerate() {
        let text = shown_text(&label.text);
        match (idx, text.is_empty()) {
            (0, true) => {}
            (0, false) => lines.push(format!("here: {text}")),
            (_, true) => lines.push(format!("also: {}", place(sources, label.span))),
            (_, false) => lines.push(format!("also: {}: {text}", place(sources, label.span))),
        }
    }
    lines.extend(hosts(problem).map(|hosts| format!("hosts: {hosts}")));
    lines.extend(problem.help.as_deref().map(|help| format!("help: {}", shown_text(help))));
    lines.extend(problem.fixes.iter().map(|mend| format!("fix: {}", fix(mend, sources))));
    lines.join("\n")
}

/// What stands after the second `::`. A `%` that is not escaped could become a line break where it is read.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
