use std::cell::Cell;
use std::ops::Range;

use crate::diagnostic::{Code, Problem, Problems};
use crate::source::{FileId, Span};
use crate::syntax::ast::{At, Name};
use crate::syntax::explain::{self, Piece};
use crate::syntax::grammar::{Pair, Pairs, Rule, read_piece};
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
    /// How many pieces were read again to say what is wrong with them.
    explained: Cell<usize>,
    /// Where the last block ended that is never closed, and how many have ended there.
    unclosed: (usize, usize),
    /// The escapes of the text at hand that are none.
    pub(super) bad_escapes: Vec<Span>,
    /// Where the text that is being lowered begins: 0 but for a piece that is read by itself.
    base: usize,
}

impl<'a> Lowering<'a> {
    pub fn new(file: FileId, text: &'a str, marked: &'a str, too_deep: &'a [Range<usize>]) -> Self {
        let problems = Problems::default();
        Self {
            file,
            text,
            marked,
            too_deep,
            problems,
            explained: Cell::new(0),
            unclosed: (0, 0),
            bad_escapes: Vec::new(),
            base: 0,
        }
    }

    pub fn into_problems(self) -> Problems {
        self.problems
    }

    pub fn report(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    pub(super) fn report_all(&mut self, problems: impl IntoIterator<Item = Problem>) {
        self.problems.extend(problems);
    }

    pub(super) fn span(&self, pair: &Pair<'_>) -> Span {
        let span = pair.as_span();
        Span::new(self.file, self.base + span.start(), self.base + span.end())
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
                Rule::bad_member if previous.is_some_and(|(previous, _)| self.is_told_of(previous, span)) => {
                    if let Some((previous, count)) = previous
                        && let Some(word) = self.bare_command(previous, span)
                    {
                        members.truncate(count);
                        let problem = Problem::error(Code::WRONG_TYPE, "a command belongs here");
                        let help =
                            "write a command in quotes, or `package.install`, `package.uninstall`, `package.verify`";
                        self.report_all(Some(problem.label(word, "of the wrong type").help(help)));
                    }
                    members.extend(self.salvaged(block, span, member));
                }
                Rule::bad_member => {
                    let problem = self.bad_piece(block, span, previous.map(|(span, _)| span));
                    // What the piece belongs to was read in part only, which is worse than not at all.
                    if let (Some((_, count)), Some(Code::SYNTAX | Code::BAD_LITERAL)) =
                        (previous, problem.as_ref().map(|problem| problem.code))
                        && self.is_on_one_line(previous.map_or(span, |(span, _)| span), span)
                        && !explain::begins_sentence(block, self.slice(span))
                    {
                        members.truncate(count);
                    }
                    if problem.is_some() {
                        members.extend(self.salvaged(block, span, member));
                    }
                    self.report_all(problem);
                }
                Rule::no_open => self.no_open(block, span),
                Rule::missing_close | Rule::unclosed => self.unclosed(block, open, span),
                _ => {
                    previous = Some((span, members.len()));
                    members.extend(member(self, pair));
                    continue;
                }
            }
            previous = None;
        }
        members
    }

    /// Whether a piece is the rest of what is wrong with the member before it: the `hours` of `12 hours`, or the words of a
    /// command without quotes.
    fn is_told_of(&self, previous: Span, piece: Span) -> bool {
        let spells_unit = self.spelled_unit(previous).is_some_and(|(word, _)| word.start == piece.start);
        let number = self.slice(previous).rsplit([' ', '\t']).next().unwrap_or("");
        if spells_unit && number.bytes().all(|byte| byte.is_ascii_digit()) {
            return true;
        }
        self.bare_command(previous, piece).is_some()
    }

    /// The first word of a command without quotes, if that is what a member and the piece behind it are.
    fn bare_command(&self, previous: Span, piece: Span) -> Option<Span> {
        let mut words = self.slice(previous).split_whitespace();
        let is_command = matches!(words.next(), Some("run" | "undo" | "verify" | "install" | "uninstall"));
        let word = words.next().filter(|word| word.bytes().all(|byte| byte.is_ascii_alphanumeric()))?;
        let is_bare = is_command && words.next().is_none() && self.is_on_one_line(previous, piece);
        is_bare.then(|| Span::new(previous.file, previous.end as usize - word.len(), previous.end as usize))
    }

    /// The whole sentences that stand behind what could not be read: each has faults of its own, which must not wait until
    /// the first is mended.
    fn salvaged<T>(&mut self, block: Block, span: Span, member: fn(&mut Self, Pair<'_>) -> Option<T>) -> Vec<T> {
        let mut members = Vec::new();
        let marked = self.marked;
        let beginnings = explain::beginnings_within(block, self.text, span);
        let mut at = 0;
        while let Some((start, rule)) = beginnings.get(at) {
            // A word that begins a sentence may stand within one, as in `needs no undo`: then that is the longer one.
            let ends = beginnings.iter().map(|(start, _)| *start).chain([span.end as usize]).enumerate();
            let read = ends.skip(at + 1).take(MOST_WITHIN).find_map(|(next, end)| {
                let pair = read_piece(*rule, marked.get(*start..end)?)?;
                Some((next, pair))
            });
            let Some((next, pair)) = read else {
                at += 1;
                continue;
            };
            let outer = std::mem::replace(&mut self.base, *start);
            members.extend(member(self, pair));
            self.base = outer;
            at = next;
        }
        members
    }

    /// Whether the second of two pieces begins on the line on which the first ends.
    pub(super) fn is_on_one_line(&self, first: Span, second: Span) -> bool {
        explain::is_on_one_line(self.text, first, second)
    }

    /// What is wrong with a piece that is no member of its block, after the member `previous`.
    pub(super) fn bad_piece(&self, block: Block, span: Span, previous: Option<Span>) -> Option<Problem> {
        self.explained(block, span, previous, explain::bad_piece)
    }

    /// What is wrong with the head of an item, or of a member with a block of its own.
    pub(super) fn bad_head(&self, block: Block, span: Span) -> Option<Problem> {
        self.explained(block, span, None, explain::bad_head)
    }

    /// What is wrong with a `{…}` in a text that is no expression.
    pub(super) fn bad_hole(&self, span: Span) -> Option<Problem> {
        self.explained(Block::File, span, None, explain::bad_hole)
    }

    /// None for a piece whose problem is known already, or where there are too many to look into another.
    fn explained(
        &self,
        block: Block,
        span: Span,
        previous: Option<Span>,
        with: fn(&Piece<'_>) -> Problem,
    ) -> Option<Problem> {
        if !self.may_explain(span) {
            return None;
        }
        Some(with(&Piece { file: self.file, text: self.text, marked: self.marked, block, span, previous }))
    }

    /// Whether a problem of this piece would be shown and is not known already. Counts it.
    pub(super) fn may_explain(&self, span: Span) -> bool {
        let explained = self.explained.get();
        let may = explained <= explain::MAX_PROBLEMS && !self.holds_too_deep(span);
        self.explained.set(explained + usize::from(may));
        may
    }

    fn no_open(&mut self, block: Block, place: Span) {
        let before = self.text[..place.start as usize].trim_end().len();
        let head = explain::last_character(self.file, self.text, before);
        self.report(
            Problem::error(Code::SYNTAX, format!("expected `{{` before what {} says", block.described()))
                .label(head, "the block begins after this")
                .fix("add `{`", self.place(before), " {"),
        );
    }

    fn unclosed(&mut self, block: Block, open: usize, close: Span) {
        let before = self.text[..close.start as usize].trim_end().len();
        if self.holds_too_deep(Span::new(self.file, open, close.end as usize)) {
            return;
        }
        // The blocks inside that end here too have been told of already. What closes this one has to close them first.
        self.unclosed = match self.unclosed {
            (place, count) if place == before => (before, count + 1),
            _ => (before, 1),
        };
        let (title, braces) = match self.unclosed.1 {
            1 => ("add `}`".to_owned(), "\n}".to_owned()),
            count => (format!("add {count} `}}`"), "\n}".repeat(count)),
        };
        let open = Span::new(self.file, open, open + 1);
        self.report(
            Problem::error(Code::UNCLOSED, format!("this block of {} is never closed", block.described()))
                .label(open, "opened here")
                .label(explain::last_character(self.file, self.text, before), "a `}` should follow here")
                .help("close it with `}`")
                .fix(title, Span::new(self.file, before, before), braces),
        );
    }

    fn holds_too_deep(&self, span: Span) -> bool {
        let idx = self.too_deep.partition_point(|range| range.end <= span.start as usize);
        self.too_deep.get(idx).is_some_and(|range| range.start < span.end as usize)
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

/// How many words that begin sentences elsewhere are looked for in one sentence, which keeps the work linear.
const MOST_WITHIN: usize = 3;

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

    /// The next child, unless it is of this rule.
    pub fn take_other_than(&mut self, rule: Rule) -> Option<Pair<'i>> {
        self.0.peek().filter(|pair| pair.as_rule() != rule)?;
        self.0.next()
    }

    /// The next child, if it is of this rule.
    pub fn take(&mut self, rule: Rule) -> Option<Pair<'i>> {
        self.0.peek().filter(|pair| pair.as_rule() == rule)?;
        self.0.next()
    }
}
