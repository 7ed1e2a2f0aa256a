use std::ops::Range;

use crate::diagnostic::{Code, Problem, nearest};
use crate::source::{FileId, Span};
use crate::syntax::expected::{Expected, one_of, reach};
use crate::syntax::grammar::Rule;
use crate::syntax::token::{Lexer, RawToken, TokenKind};
use crate::syntax::words::{self, Block, Class};

/// How many problems of one file are shown.
pub(super) const MAX_PROBLEMS: usize = 100;

/// A piece of a file that could not be read.
pub(super) struct Piece<'a> {
    pub file: FileId,
    pub text: &'a str,
    /// The text as the grammar read it.
    pub marked: &'a str,
    /// The block in which it stands.
    pub block: Block,
    pub span: Span,
    /// The member before it in the block.
    pub previous: Option<Span>,
}

/// What is wrong with a piece that is no member of its block, or no item.
pub(super) fn bad_piece(piece: &Piece<'_>) -> Problem {
    let tokens = piece.tokens();
    let Some(first) = tokens.first() else { return piece.cannot_stand(piece.span) };
    let word = piece.slice(first);
    if first.kind == TokenKind::Word
        && (piece.block == Block::Mapping || piece.block.words().any(|known| known == word))
    {
        return piece.malformed(entry(piece.block, word), &tokens);
    }
    match piece.sentence_before() {
        Some(start) => piece.after_sentence(start, first),
        None if first.kind == TokenKind::Word => piece.unknown_word(piece.span_of(first)),
        None => piece.no_sentence(first),
    }
}

/// What is wrong between the keyword of a block and its brace.
pub(super) fn bad_head(piece: &Piece<'_>) -> Problem {
    piece.malformed(Rule::one_head, &piece.tokens())
}

/// What is wrong with a `{…}` in a text.
pub(super) fn bad_hole(piece: &Piece<'_>) -> Problem {
    piece.malformed(Rule::one_hole, &piece.tokens()).help("write `\\{` for a brace that is part of the text")
}

pub(super) fn stray_close(close: Span, before: Option<Span>) -> Problem {
    let problem = Problem::error(Code::SYNTAX, "this `}` closes nothing").label(close, "every block is closed already");
    match before {
        Some(before) => problem.label(before, "the last one was closed here").help("one of the two is too many"),
        None => problem.help("take it away").fix("take it away", close, ""),
    }
}

pub(super) fn out_of_calls(file: FileId, text: &str) -> Problem {
    Problem::error(Code::SYNTAX, "this script is too hard to read")
        .label(last_character(file, text, text.len()), "gave up before this")
        .help("this should not happen: please report it with the script")
}

/// The last character before `end`, since a place without width is not drawn at the end of a file.
pub(super) fn last_character(file: FileId, text: &str, end: usize) -> Span {
    let start = text[..end].char_indices().next_back().map_or(end, |(start, _)| start);
    Span::new(file, start, end)
}

fn found_text(token: &RawToken) -> bool {
    matches!(token.kind, TokenKind::Quote | TokenKind::Unterminated | TokenKind::Chunk)
}

/// How others compare, and how it is said here.
fn foreign_operator(word: &str) -> Option<&'static str> {
    Some(match word {
        "not" => "write `not (role in [\"a\", \"b\"])`, or `role != \"a\" and role != \"b\"`",
        "like" | "contains" | "startswith" | "starts" | "glob" => {
            "a pattern is `name matches \"web-*\"`; an element of a list is `\"a\" in groups`"
        }
        "equals" | "eq" => "write `==`",
        "ne" => "write `!=`",
        _ => return None,
    })
}

/// `mon-fri`, which is one name.
fn weekdays(word: &str) -> Option<(&str, &str)> {
    let is_weekday = |part: &str| words::find(part).is_some_and(|word| word.class == Class::Weekday);
    word.split_once('-').filter(|(first, last)| is_weekday(first) && is_weekday(last))
}

/// Whether a piece begins as a sentence of its block does.
pub(super) fn begins_sentence(block: Block, piece: &str) -> bool {
    let word = piece.split(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_'))).next().unwrap_or("");
    block.words().any(|known| known == word)
}

/// The places within a piece, behind its first word, that begin as a sentence of the block does, each with the entry that
/// would read it. What has a block of its own is none: its brace may be part of what went wrong.
pub(super) fn sentences_within(block: Block, text: &str, span: Span) -> Vec<(Range<usize>, Rule)> {
    let start = span.start as usize;
    let tokens = Lexer::new(text.get(span.range()).unwrap_or("")).filter(|token| token.kind == TokenKind::Word);
    let begins: Vec<(usize, Rule)> = tokens
        .skip(1)
        .map(|token| (start + token.start, text.get(start + token.start..start + token.end).unwrap_or("")))
        .filter(|(_, word)| block.words().any(|known| known == *word))
        .map(|(start, word)| (start, entry(block, word)))
        .collect();
    let ends = begins.iter().skip(1).map(|(start, _)| *start).chain([span.end as usize]);
    let pieces = begins.iter().zip(ends).map(|((start, rule), end)| (*start..end, *rule));
    pieces.filter(|(_, rule)| *rule != Rule::one_head).collect()
}

/// Whether the second of two pieces begins on the line on which the first ends.
pub(super) fn is_on_one_line(text: &str, first: Span, second: Span) -> bool {
    text.get(first.end as usize..second.start as usize).is_some_and(|between| !between.contains('\n'))
}

/// The entry that reads a sentence with this first word; one with a block of its own only up to its brace.
fn entry(block: Block, word: &str) -> Rule {
    match (block, word) {
        (Block::File, "use" | "let" | "fn" | "inventory") => Rule::one_item,
        (Block::File, _) => Rule::one_head,
        (Block::Bulletin, "package" | "packages") => Rule::one_head,
        (Block::Runbook, _) => Rule::one_head,
        (Block::Rollout, "guinea-pig" | "wave" | "on") => Rule::one_head,
        (Block::Mapping, _) => Rule::one_mapping,
        (Block::Connect, _) => Rule::one_connect_member,
        (Block::Region, _) => Rule::one_region_member,
        (Block::Service, _) => Rule::one_service_member,
        (Block::Calendar, _) => Rule::one_calendar_member,
        (Block::Team, _) => Rule::one_team_member,
        (Block::Bulletin, _) => Rule::one_bulletin_member,
        (Block::Package, _) => Rule::one_package_member,
        (Block::Gate, _) => Rule::one_gate_member,
        (Block::Step, _) => Rule::one_step_member,
        (Block::Rollout, _) => Rule::one_rollout_member,
        (Block::Stage, _) => Rule::one_stage_member,
        (Block::Rule, _) => Rule::one_rule_member,
        (Block::Stages, "guinea-pig" | "wave") => Rule::one_head,
        (Block::Stages, _) => Rule::one_stages_member,
        (Block::Refine, _) => Rule::one_refine_member,
        (Block::Policy, _) => Rule::one_policy_member,
        (Block::Workaround, _) => Rule::one_workaround_member,
    }
}

impl Piece<'_> {
    /// The tokens of the piece, at their places in the whole text, without comments.
    fn tokens(&self) -> Vec<RawToken> {
        let start = self.span.start as usize;
        let text = self.text.get(self.span.range()).unwrap_or("");
        Lexer::new(text)
            .filter(|token| token.kind != TokenKind::Comment)
            .map(|token| RawToken { start: token.start + start, end: token.end + start, ..token })
            .collect()
    }

    /// A sentence whose first word is right: reads it again to find the first token that is not.
    fn malformed(&self, rule: Rule, tokens: &[RawToken]) -> Problem {
        let start = self.span.start as usize;
        let reached = start + reach(rule, self.marked.get(self.span.range()).unwrap_or(""));
        let idx = tokens.iter().position(|token| token.end > reached).unwrap_or(tokens.len());
        let before = |idx: usize| tokens.get(idx).map_or(self.span.end as usize, |token| token.start);
        let expected = |idx: usize| Expected::after(rule, self.marked.get(start..before(idx)).unwrap_or("").trim_end());
        // The grammar reads an operator to see that it is no name, which counts as having come so far.
        if let Some(operator) =
            idx.checked_sub(1).and_then(|idx| tokens.get(idx)).filter(|token| self.is_reserved(token))
        {
            let expected = expected(idx - 1);
            if !expected.words().any(|word| word == self.slice(operator)) {
                return self.unexpected(operator, &expected);
            }
        }
        match tokens.get(idx) {
            Some(wrong) => self.unexpected(wrong, &expected(idx)),
            None => self.incomplete(tokens.last(), &expected(idx)),
        }
    }

    fn is_reserved(&self, token: &RawToken) -> bool {
        let class = words::find(self.slice(token)).map(|word| word.class);
        token.kind == TokenKind::Word && matches!(class, Some(Class::Operator | Class::Literal))
    }

    fn incomplete(&self, last: Option<&RawToken>, expected: &Expected) -> Problem {
        let Some(last) = last else { return self.cannot_stand(self.span) };
        if expected.is_empty() {
            return self.cannot_stand(self.span);
        }
        let span = self.span_of(last);
        Problem::error(Code::SYNTAX, format!("expected {} after {}", expected.described(), self.quoted(last)))
            .label(span, "the sentence breaks off here")
    }

    fn unexpected(&self, wrong: &RawToken, expected: &Expected) -> Problem {
        let span = self.span_of(wrong);
        let found = self.slice(wrong);
        if expected.may_end && wrong.kind == TokenKind::Word {
            return self.perhaps_clause(wrong, expected);
        }
        let problem = match expected.is_empty() {
            true => Problem::error(Code::SYNTAX, format!("{} cannot stand here", self.quoted(wrong))),
            false => {
                let described = expected.described();
                Problem::error(Code::SYNTAX, format!("expected {described}, found {}", self.quoted(wrong)))
            }
        };
        let problem = problem.label(span, "not expected here");
        let near = match wrong.kind {
            TokenKind::Word => nearest(found, expected.words()),
            _ => None,
        };
        if let Some(near) = near {
            return problem.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, near);
        }
        self.habit(problem, wrong, expected)
    }

    /// What people write who come from elsewhere.
    fn habit(&self, problem: Problem, wrong: &RawToken, expected: &Expected) -> Problem {
        let takes_operator = expected.kinds.contains(&"an operator");
        let rest = self.text.get(wrong.start..).unwrap_or("");
        let (length, ours) = match () {
            () if takes_operator && rest.starts_with("&&") => (2, "and"),
            () if takes_operator && rest.starts_with("||") => (2, "or"),
            () if takes_operator && rest.starts_with('=') => (1, "=="),
            () if takes_operator && rest.starts_with("<>") => (2, "!="),
            () if rest.starts_with('!') => (1, "not "),
            () if rest.starts_with(';') => {
                let span = self.span_of(wrong);
                return problem.help("sentences need nothing between them").fix("take it away", span, "");
            }
            () if rest.starts_with([':', '=']) && !expected.literals.iter().any(|literal| literal == "=") => {
                let span = self.span_of(wrong);
                return problem.help("nothing stands between a word and what it says").fix("take it away", span, "");
            }
            () if found_text(wrong) && expected.literals.iter().any(|literal| literal == ",") => {
                let place = Span::new(self.file, wrong.start, wrong.start);
                return problem.help("a list has `,` between its parts").fix("write `,`", place, ", ");
            }
            () if rest.starts_with(',') && takes_operator => return problem.help("a list stands in `[…]`"),
            () if expected.kinds.contains(&"a weekday") && weekdays(self.slice(wrong)).is_some() => {
                let (first, last) = weekdays(self.slice(wrong)).unwrap_or_default();
                let (span, written) = (self.span_of(wrong), format!("{first}..{last}"));
                return problem.help(format!("write `{written}`")).fix(
                    format!("write `{written}`"),
                    span,
                    written.clone(),
                );
            }
            () if expected.literals.iter().any(|literal| literal == "-")
                && ["to", "until", "till"].contains(&self.slice(wrong)) =>
            {
                return problem.help("write `-`").fix("write `-`", self.span_of(wrong), "-");
            }
            () if rest.starts_with('\'') => return problem.help("texts stand in double quotes: `\"…\"`"),
            () if takes_operator && rest.starts_with('-') => {
                return problem.help("a minus between two values has blanks around it");
            }
            () => return problem,
        };
        let span = Span::new(self.file, wrong.start, wrong.start + length);
        let ours_trimmed = ours.trim_end();
        problem.help(format!("write `{ours_trimmed}`")).fix(format!("write `{ours_trimmed}`"), span, ours)
    }

    /// Something after a sentence that could have ended, on the same line: a slip in a clause, or in the next member.
    fn after_sentence(&self, start: usize, first: &RawToken) -> Problem {
        let beginning = self.marked.get(start..first.start).unwrap_or("");
        let word =
            self.text[start..].split(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_'))).next().unwrap_or("");
        let rule = entry(self.block, word);
        // Where the two go on together beyond the first word of this piece, it goes wrong later. (A minus is read before
        // it is seen that the blank after it is missing.)
        let whole = Piece { span: Span { start: start as u32, ..self.span }, ..*self };
        let reached = start + reach(rule, self.marked.get(whole.span.range()).unwrap_or(""));
        if reached >= first.end && self.slice(first) != "-" {
            return whole.malformed(rule, &whole.tokens());
        }
        let expected = Expected::after(rule, beginning.trim_end());
        match first.kind {
            TokenKind::Word => self.perhaps_clause(first, &expected),
            _ => self.unexpected(first, &expected),
        }
    }

    fn perhaps_clause(&self, wrong: &RawToken, expected: &Expected) -> Problem {
        let span = self.span_of(wrong);
        let found = self.slice(wrong);
        if let Some(help) = foreign_operator(found).filter(|_| expected.kinds.contains(&"an operator")) {
            return Problem::error(Code::SYNTAX, format!("expected an operator, found `{found}`"))
                .label(span, "not expected here")
                .help(help);
        }
        let member = nearest(found, self.block.words());
        let clause = nearest(found, expected.words());
        // Where both are as near, the sentence under way goes on.
        match nearest(found, clause.into_iter().chain(member)) {
            Some(near) if clause == Some(near) => {
                let described = expected.described();
                Problem::error(Code::SYNTAX, format!("expected {described}, found `{found}`"))
                    .label(span, "not expected here")
                    .help(format!("did you mean `{near}`?"))
                    .fix(format!("write `{near}`"), span, near)
            }
            _ if expected.literals.iter().any(|literal| literal == ",") => {
                let problem = self.unknown_word(span);
                match problem.fixes.is_empty() {
                    true => problem.help("a list has `,` between its parts"),
                    false => problem,
                }
            }
            _ => self.unknown_word(span),
        }
    }

    /// A word that begins no sentence of this block.
    fn unknown_word(&self, span: Span) -> Problem {
        let word = self.text.get(span.range()).unwrap_or("");
        let described = self.block.described();
        let problem = Problem::error(Code::UNKNOWN_MEMBER, format!("`{word}` is not something {described} can say"))
            .label(span, format!("begins no sentence of {described}"));
        let elsewhere = words::find(word).map_or(&[][..], |word| word.begins);
        if !elsewhere.is_empty() {
            let places: Vec<_> = elsewhere.iter().map(|block| block.inside().to_owned()).collect();
            return problem.help(format!("`{word}` belongs {}", one_of(&places)));
        }
        match nearest(word, self.block.words()).or_else(|| words::called_here(word, self.block)) {
            Some(near) => problem.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, near),
            None => problem.help(self.what_block_says()),
        }
    }

    /// Something that is no word where a sentence must begin.
    fn no_sentence(&self, first: &RawToken) -> Problem {
        let problem = Problem::error(Code::SYNTAX, format!("{} cannot stand here", self.quoted(first)));
        problem.label(self.span_of(first), "begins no sentence").help(self.what_block_says())
    }

    fn cannot_stand(&self, span: Span) -> Problem {
        Problem::error(Code::SYNTAX, "this cannot stand here").label(span, "begins no sentence")
    }

    fn what_block_says(&self) -> String {
        let mut known: Vec<_> = self.block.words().map(|word| format!("`{word}`")).collect();
        known.sort();
        match self.block {
            Block::Mapping => "write `timezone = \"Time Zone\"`: our field, then the file's column".to_owned(),
            _ => format!("{} says {}", self.block.described(), one_of(&known)),
        }
    }

    /// Where the sentence before this piece begins, if it is on the same line.
    fn sentence_before(&self) -> Option<usize> {
        let previous = self.previous?;
        is_on_one_line(self.text, previous, self.span).then_some(previous.start as usize)
    }

    fn quoted(&self, token: &RawToken) -> String {
        match token.kind {
            TokenKind::Quote | TokenKind::Unterminated | TokenKind::Chunk => "a text".to_owned(),
            _ => format!("`{}`", self.slice(token).chars().take(40).collect::<String>()),
        }
    }

    fn slice(&self, token: &RawToken) -> &str {
        self.text.get(token.start..token.end).unwrap_or("")
    }

    fn span_of(&self, token: &RawToken) -> Span {
        Span::new(self.file, token.start, token.end)
    }
}
