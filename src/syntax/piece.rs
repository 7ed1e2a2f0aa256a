use crate::diagnostic::{Code, Problem, Problems};
use crate::source::{FileId, Span};
use crate::syntax::ast::Expression;
use crate::syntax::expected::{self, Expected};
use crate::syntax::explain::entry;
use crate::syntax::grammar::{Rule, read_piece};
use crate::syntax::lower::Lowering;
use crate::syntax::parse::{STACK_NEEDED, parse};
use crate::syntax::shape::Shape;
use crate::syntax::words::Block;

/// Reads a text that is one expression and nothing else. None where it is not, with what is wrong.
pub fn parse_expression(file: FileId, text: &str) -> (Option<Expression>, Problems) {
    stacker::maybe_grow(STACK_NEEDED, 2 * STACK_NEEDED, || read_expression(file, text))
}

fn read_expression(file: FileId, text: &str) -> (Option<Expression>, Problems) {
    let shape = Shape::of(file, text);
    let marked = shape.marked(text);
    let marked = marked.as_deref().unwrap_or(text);
    let Some(pair) = read_piece(Rule::one_expression, marked) else { return (None, what_is_wrong(file, text)) };
    let mut lowering = Lowering::new(file, text, marked, &shape.too_deep);
    let expression = lowering.expression(pair);
    let problems = lowering.into_problems();
    match problems.is_empty() && shape.too_deep.is_empty() {
        true => (Some(expression), problems),
        // What is too deep is told by who reads it as an item.
        false => (None, what_is_wrong(file, text)),
    }
}

/// As an item's value, where every way to go wrong has its words; at the places that it has here.
fn what_is_wrong(file: FileId, text: &str) -> Problems {
    const BEFORE: &str = "let it = ";
    let back = |span: Span| {
        let place = |at: u32| (at as usize).saturating_sub(BEFORE.len()).min(text.len());
        Span::new(file, place(span.start), place(span.end))
    };
    let found = parse(file, &format!("{BEFORE}{text}")).problems;
    let mut problems: Vec<Problem> = found.iter().cloned().collect();
    for problem in &mut problems {
        problem.labels.iter_mut().for_each(|label| label.span = back(label.span));
        problem.fixes.iter_mut().flat_map(|fix| &mut fix.edits).for_each(|edit| edit.span = back(edit.span));
    }
    problems.truncate(1);
    if let [problem] = problems.as_mut_slice()
        && problem.code == Code::UNKNOWN_MEMBER
        && let Some(span) = problem.span()
    {
        let found = text.get(span.range()).unwrap_or("");
        *problem = Problem::error(Code::SYNTAX, format!("expected an operator, found `{found}`"))
            .label(span, "the expression could end before it");
    }
    if problems.is_empty() {
        let whole = Span::new(file, 0, text.len());
        problems.push(Problem::error(Code::SYNTAX, "this is no expression").label(whole, "cannot be worked out"));
    }
    problems.into_iter().collect()
}

/// What could follow the beginning of a sentence.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Continuation {
    /// Keywords.
    pub words: Vec<String>,
    /// Whether a value could stand there.
    pub takes_value: bool,
    /// Whether a name could.
    pub takes_name: bool,
    /// Whether the sentence could end there.
    pub may_end: bool,
}

/// What could follow the beginning of a sentence of a block; none where the beginning itself is wrong.
pub fn continuation(block: Block, beginning: &str) -> Option<Continuation> {
    let first = beginning.split(|c: char| c.is_whitespace() || c == '{').find(|word| !word.is_empty())?;
    let rule = entry(block, first);
    stacker::maybe_grow(STACK_NEEDED, 2 * STACK_NEEDED, || {
        let beginning = beginning.trim();
        if expected::reach(rule, beginning) < beginning.len() {
            return None;
        }
        let expected = Expected::after(rule, beginning);
        Some(Continuation {
            words: expected.words().map(str::to_owned).collect(),
            takes_value: expected.kinds.contains(&"a value"),
            takes_name: expected.kinds.iter().any(|kind| matches!(*kind, "a name" | "a field's name")),
            may_end: expected.may_end,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(block: Block, beginning: &str) -> Vec<String> {
        let mut words = continuation(block, beginning).expect("it is right so far").words;
        words.sort();
        words
    }

    #[test]
    fn an_expression_stands_alone() {
        assert!(parse_expression(FileId(0), " count(hosts where a == 1)\n").0.is_some());
        for (text, message, place) in [
            ("a b", "expected an operator, found `b`", 2..3),
            ("hosts where a ==", "expected a value after `==`", 14..16),
            ("x = 1", "expected an operator, found `=`", 2..3),
            ("", "", 0..0),
        ] {
            let (expression, problems) = parse_expression(FileId(0), text);
            assert_eq!(expression, None, "{text}");
            let first = problems.iter().next().expect("something is wrong");
            assert!(first.message.contains(message), "{text}: {}", first.message);
            if !message.is_empty() {
                assert_eq!(first.span().map(Span::range), Some(place), "{text}");
            }
        }
    }

    #[test]
    fn a_sentence_says_how_it_goes_on() {
        assert!(words(Block::Stage, "batch 25%").contains(&"of".to_owned()));
        assert!(words(Block::Stage, "batch 25% of").contains(&"site".to_owned()));
        assert!(words(Block::Stage, "approve by ops within 8h else").contains(&"rollback".to_owned()));
        assert_eq!(continuation(Block::Stage, "batch nonsense nonsense"), None);
        assert!(continuation(Block::Rollout, "to product ==").is_some_and(|next| next.takes_value));
    }
}
