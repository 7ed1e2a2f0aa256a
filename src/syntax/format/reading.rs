use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::source::FileId;
use crate::syntax::grammar::{Pair, Rule};
use crate::syntax::parse::{Parse, with_pairs};
use crate::syntax::token::{Lexer, RawToken, TokenKind};

/// A text as the formatter sees it: its tokens, and what only the grammar can say of them.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    pub text: &'a str,
    pub tokens: Vec<RawToken>,
    /// Where each item and member begins, and where it ends.
    pub sentences: BTreeMap<usize, usize>,
    /// What is one piece, whatever tokens it has: a text, a name, a moment, a zone. In order, none in another.
    pub atoms: Vec<Range<usize>>,
    /// Each `-` before a value.
    pub prefixes: BTreeSet<usize>,
    /// Each `-` between two values.
    pub operators: BTreeSet<usize>,
    /// The end of each name that a `(` of its own follows.
    pub callers: BTreeSet<usize>,
    /// Each rule of the grammar with the bytes that it covers, parents first.
    rules: Vec<(Rule, usize, usize)>,
    /// What the `##` lines before each item say of it.
    pub documentation: Vec<Option<String>>,
}

impl<'a> Reading<'a> {
    /// `parse` is of the same text.
    pub fn of(file: FileId, text: &'a str, parse: Parse) -> Self {
        let documentation = parse.file.items.into_iter().map(|item| item.documentation).collect();
        let mut reading = Self {
            text,
            tokens: Lexer::new(text).collect(),
            sentences: BTreeMap::new(),
            atoms: Vec::new(),
            prefixes: BTreeSet::new(),
            operators: BTreeSet::new(),
            callers: BTreeSet::new(),
            rules: Vec::new(),
            documentation,
        };
        with_pairs(file, text, |pairs| pairs.flatten().for_each(|pair| reading.take(&pair)));
        reading
    }

    /// What is written besides blanks and comments. `22:00-06:00` is one token and `22:00 - 06:00` three; both are this.
    pub fn code(&self) -> String {
        self.words().map(|token| self.slice(token.start..token.end)).collect()
    }

    /// The comments as they are written, without the blanks at their ends.
    pub fn comments(&self) -> impl Iterator<Item = &'a str> {
        let comments = self.tokens.iter().filter(|token| token.kind == TokenKind::Comment);
        comments.map(|token| self.slice(token.start..token.end).trim_end_matches([' ', '\t', '\r']))
    }

    /// The tree: each rule of the grammar with the places in [`Reading::code`] at which it begins and ends.
    pub fn tree(&self) -> Vec<(Rule, usize, usize)> {
        let mut length = 0;
        let words: Vec<(&RawToken, usize)> = self
            .words()
            .map(|token| {
                length += token.end - token.start;
                (token, length - (token.end - token.start))
            })
            .collect();
        let in_code = |place: usize| {
            let idx = words.partition_point(|(token, _)| token.start < place).checked_sub(1)?;
            let (token, before) = words.get(idx)?;
            Some(before + place.min(token.end) - token.start)
        };
        let place = |place: usize| in_code(place).unwrap_or(0);
        self.rules.iter().map(|(rule, start, end)| (*rule, place(*start), place(*end))).collect()
    }

    fn words(&self) -> impl Iterator<Item = &RawToken> {
        self.tokens.iter().filter(|token| token.kind != TokenKind::Comment)
    }

    pub fn slice(&self, range: Range<usize>) -> &'a str {
        self.text.get(range).unwrap_or("")
    }

    fn take(&mut self, pair: &Pair<'_>) {
        let span = pair.as_span();
        let (start, end) = (span.start(), span.end());
        if pair.as_rule() == Rule::EOI {
            return;
        }
        self.rules.push((pair.as_rule(), start, end));
        match pair.as_rule() {
            Rule::text | Rule::name | Rule::field_name | Rule::moment | Rule::time_zone => self.atom(start..end),
            Rule::prefix if span.as_str() == "-" => drop(self.prefixes.insert(start)),
            Rule::operator if span.as_str() == "-" => drop(self.operators.insert(start)),
            _ => {}
        }
        match pair.as_rule() {
            Rule::call | Rule::quantified | Rule::function => {
                self.callers.extend(pair.clone().into_inner().next().map(|name| name.as_span().end()));
            }
            Rule::file => self.members(pair),
            // Besides blocks only a value in a text begins with this brace.
            rule if rule != Rule::hole && span.as_str().starts_with('{') => self.members(pair),
            _ => {}
        }
    }

    fn members(&mut self, pair: &Pair<'_>) {
        let members = pair.clone().into_inner().filter(|member| member.as_rule() != Rule::EOI);
        self.sentences.extend(members.map(|member| (member.as_span().start(), member.as_span().end())));
    }

    /// What lies in an atom before is part of it.
    fn atom(&mut self, range: Range<usize>) {
        if self.atoms.last().is_none_or(|last| last.end <= range.start) {
            self.atoms.push(range);
        }
    }
}
