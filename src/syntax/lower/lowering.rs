use std::ops::Range;

use crate::diagnostic::{Code, Problem, Problems};
use crate::source::{FileId, Span};
use crate::syntax::ast::{At, Name};
use crate::syntax::explain::{self, Piece};
use crate::syntax::grammar::{Pair, Pairs, Rule};
use crate::syntax::words::Block;

/// One file under way from pairs to tree.
pub(in crate::syntax) struct Lowering<'a> {
    pub(super) file: FileId,
    /// The text as it was written.
    pub(super) text: &'a str,
    /// The text as the grammar read it, the same length.
    marked: &'a str,
    too_deep: &'a [Range<usize>],
    problems: Problems,
}

impl<'a> Lowering<'a> {
    pub fn new(file: FileId, text: &'a str, marked: &'a str, too_deep: &'a [Range<usize>]) -> Self {
        Self { file, text, marked, too_deep, problems: Problems::default() }
    }

    pub fn into_problems(self) -> Problems {
        self.problems
    }

    pub fn report(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    pub(super) fn span(&self, pair: &Pair<'_>) -> Span {
        let span = pair.as_span();
        Span::new(self.file, span.start(), span.end())
    }

    pub(super) fn slice(&self, span: Span) -> &'a str {
        self.text.get(span.range()).unwrap_or("")
    }

    /// The text of a pair as it was written.
    pub(super) fn written(&self, pair: &Pair<'_>) -> &'a str {
        self.slice(self.span(pair))
    }

    /// Whether this is what stands for a piece that is too deep.
    pub(super) fn is_too_deep(&self, span: Span) -> bool {
        let start = span.start as usize;
        self.too_deep.binary_search_by_key(&start, |range| range.start).is_ok()
    }

    /// The members of a block, those that could be read; `member` gives none for one whose problem it has reported.
    pub(super) fn members<T>(
        &mut self,
        block: Block,
        pair: Option<Pair<'_>>,
        member: fn(&mut Self, Pair<'_>) -> Option<T>,
    ) -> Vec<T> {
        let Some(pair) = pair else { return Vec::new() };
        let open = self.span(&pair).start as usize;
        let mut members = Vec::new();
        let mut previous = None;
        for pair in pair.into_inner() {
            let span = self.span(&pair);
            match pair.as_rule() {
                Rule::bad_member => self.bad_piece(block, span, previous),
                Rule::missing_close => self.unclosed(block, open, span),
                _ => members.extend(member(self, pair)),
            }
            previous = Some(span);
        }
        members
    }

    /// A piece that is no member of its block, after the member `previous`.
    pub(super) fn bad_piece(&mut self, block: Block, span: Span, previous: Option<Span>) {
        self.explain(block, span, previous, explain::bad_piece);
    }

    /// The head of an item, or of a member with a block of its own.
    pub(super) fn bad_head(&mut self, block: Block, span: Span) {
        self.explain(block, span, None, explain::bad_head);
    }

    /// A `{…}` in a text that is no expression.
    pub(super) fn bad_hole(&mut self, span: Span) {
        self.explain(Block::File, span, None, explain::bad_hole);
    }

    fn explain(&mut self, block: Block, span: Span, previous: Option<Span>, with: fn(&Piece<'_>) -> Problem) {
        if !self.holds_too_deep(span) && !self.is_full() {
            let (file, text, marked) = (self.file, self.text, self.marked);
            self.problems.push(with(&Piece { file, text, marked, block, span, previous }));
        }
    }

    fn unclosed(&mut self, block: Block, open: usize, close: Span) {
        let before = self.text[..close.start as usize].trim_end().len();
        if self.holds_too_deep(Span::new(self.file, open, close.end as usize)) {
            return;
        }
        let open = Span::new(self.file, open, open + 1);
        self.report(
            Problem::error(Code::UNCLOSED, format!("this block of {} is never closed", block.described()))
                .label(open, "opened here")
                .label(explain::last_character(self.file, self.text, before), "a `}` should follow here")
                .help("close it with `}`")
                .fix("add `}`", Span::new(self.file, before, before), "\n}"),
        );
    }

    fn holds_too_deep(&self, span: Span) -> bool {
        let idx = self.too_deep.partition_point(|range| range.end <= span.start as usize);
        self.too_deep.get(idx).is_some_and(|range| range.start < span.end as usize)
    }

    /// Whether there are so many problems that another one need not be looked into.
    fn is_full(&self) -> bool {
        self.problems.len() > explain::MAX_PROBLEMS
    }

    /// A name, or a text that stands for one.
    pub(super) fn label(&mut self, pair: Pair<'_>) -> Option<Name> {
        let span = self.span(&pair);
        let text = match pair.as_rule() {
            Rule::text => self.constant(pair)?.value,
            Rule::unterminated => {
                self.unterminated(span);
                return None;
            }
            _ => self.written(&pair).to_owned(),
        };
        Some(Name { text, span })
    }

    pub(super) fn labels(&mut self, pair: Pair<'_>) -> Option<Vec<Name>> {
        // Every one is read, so that each that is wrong has its problem.
        let labels: Vec<_> = pair.into_inner().map(|pair| self.label(pair)).collect();
        labels.into_iter().collect()
    }

    /// Texts without values in them.
    pub(super) fn constants(&mut self, pair: Pair<'_>) -> Option<Vec<At<String>>> {
        let constants: Vec<_> = pair.into_inner().map(|pair| self.constant(pair)).collect();
        constants.into_iter().collect()
    }
}

/// The children of a pair, taken one after another. What the grammar guarantees to be there is asked for with `?` all the
/// same: a member that lacks it would be left out, and nothing could panic.
pub(super) struct Parts<'i>(Pairs<'i>);

impl<'i> Parts<'i> {
    pub fn of(pair: Pair<'i>) -> Self {
        Self(pair.into_inner())
    }

    pub fn next(&mut self) -> Option<Pair<'i>> {
        self.0.next()
    }

    /// The next child, if it is of this rule.
    pub fn take(&mut self, rule: Rule) -> Option<Pair<'i>> {
        self.0.peek().filter(|pair| pair.as_rule() == rule)?;
        self.0.next()
    }
}
