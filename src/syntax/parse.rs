use crate::diagnostic::{Code, Problem, Problems};
use crate::source::{FileId, Span};
use crate::syntax::conflict::without_conflicts;
use crate::syntax::explain::{self, MAX_PROBLEMS};
use crate::syntax::lower::Lowering;
use crate::syntax::shape::Shape;
use crate::syntax::{ast, grammar};

/// How deeply brackets and blocks may nest, the same on every platform. A `not` or a `-` before a value counts as one.
pub const MAX_DEPTH: usize = 64;

/// What was understood of one file, and everything that was wrong with its form.
#[derive(Debug, Clone)]
pub struct Parse {
    pub file: ast::File,
    /// Every comment in order, with `##` documentation among them. Blank lines can be told from the text.
    pub comments: Vec<Comment>,
    pub problems: Problems,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comment {
    pub span: Span,
    pub documents: bool,
}

/// Reads one file. Any text gives a tree.
pub fn parse(file: FileId, text: &str) -> Parse {
    // What reading [`MAX_DEPTH`] levels needs, in a build without optimisation too.
    stacker::maybe_grow(STACK_NEEDED, 2 * STACK_NEEDED, || read(file, text))
}

/// What the grammar makes of a text, for those that ask for more than the tree says.
pub(super) fn with_pairs<T>(file: FileId, text: &str, take: impl FnOnce(grammar::Pairs<'_>) -> T) -> Option<T> {
    stacker::maybe_grow(STACK_NEEDED, 2 * STACK_NEEDED, || {
        let marked = Shape::of(file, text).marked(text);
        grammar::read_file(marked.as_deref().unwrap_or(text)).ok().map(take)
    })
}

pub(super) const STACK_NEEDED: usize = 2 * 1024 * 1024;

fn read(file: FileId, text: &str) -> Parse {
    let (text, conflicts) = without_conflicts(file, text);
    let text = text.as_ref();
    let shape = Shape::of(file, text);
    let marked = shape.marked(text);
    let marked = marked.as_deref().unwrap_or(text);
    let mut lowering = Lowering::new(file, text, marked, &shape.too_deep);
    let mut items = match grammar::read_file(marked) {
        Ok(pairs) => lowering.items(pairs),
        Err(_) => {
            lowering.report(explain::out_of_calls(file, text));
            Vec::new()
        }
    };
    document(&mut items, &shape.comments, text);
    let mut problems = lowering.into_problems();
    problems.extend(conflicts);
    problems.extend(shape.too_deep.iter().take(MAX_PROBLEMS + 1).map(|range| too_deep(file, range.start)));
    Parse { file: ast::File { items }, comments: shape.comments, problems: capped(problems) }
}

/// Gives each item the `##` lines that stand directly before it.
fn document(items: &mut [ast::Item], comments: &[Comment], text: &str) {
    for item in items {
        let before = comments.partition_point(|comment| comment.span.end <= item.span.start);
        let mut start = item.span.start as usize;
        let mut lines = Vec::new();
        for comment in comments[..before].iter().rev().take_while(|comment| comment.documents) {
            if !text[comment.span.end as usize..start].trim().is_empty() {
                break;
            }
            start = comment.span.start as usize;
            let line = text[comment.span.range()].trim_start_matches('#').trim_end();
            lines.push(line.strip_prefix(' ').unwrap_or(line));
        }
        lines.reverse();
        item.documentation = (!lines.is_empty()).then(|| lines.join("\n"));
    }
}

fn too_deep(file: FileId, start: usize) -> Problem {
    Problem::error(Code::TOO_DEEP, format!("nested more than {MAX_DEPTH} levels deep"))
        .label(Span::new(file, start, start + 1), format!("level {} begins here", MAX_DEPTH + 1))
        .help("give parts of it names with `let`")
}

/// In order of place; past the limit one that says that there are more.
fn capped(problems: Problems) -> Problems {
    let problems = problems.sorted();
    if problems.len() <= MAX_PROBLEMS {
        return problems;
    }
    let mut kept: Problems = problems.iter().take(MAX_PROBLEMS).cloned().collect();
    if let Some(last) = problems.iter().nth(MAX_PROBLEMS).and_then(Problem::span) {
        kept.push(
            Problem::error(Code::TOO_MANY_PROBLEMS, "there are more problems than are worth reading at once")
                .label(last, "the next one is here")
                .help("mend some of those above and check again"),
        );
    }
    kept
}
