use crate::diagnostic::{Code, Problem, nearest};
use crate::source::{FileId, Span};
use crate::syntax::expected::{Expected, one_of, reach};
use crate::syntax::grammar::Rule;
use crate::syntax::habits::{self, Place, foreign_operator};
use crate::syntax::samples::sample;
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

/// The expected word that was most likely meant: the nearest, or the only one that goes on as this one begins.
fn near_word<'e>(found: &str, expected: &'e Expected) -> Option<&'e str> {
    let longer = || {
        let mut longer = expected.words().filter(|word| found.len() >= 3 && word.starts_with(found));
        longer.next().filter(|_| longer.next().is_none())
    };
    nearest(found, expected.words()).or_else(longer)
}

/// Whether a piece begins as a sentence of its block does.
pub(super) fn begins_sentence(block: Block, piece: &str) -> bool {
    let word = piece.split(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_'))).next().unwrap_or("");
    block.words().any(|known| known == word)
}

/// The places within a piece, behind its first word, where a sentence of the block may begin, each with the entry that
/// would read it. What has a block of its own is none: its brace may be part of what went wrong.
pub(super) fn beginnings_within(block: Block, text: &str, span: Span) -> Vec<(usize, Rule)> {
    let start = span.start as usize;
    let tokens = Lexer::new(text.get(span.range()).unwrap_or("")).filter(|token| token.kind == TokenKind::Word);
    tokens
        .skip(1)
        .map(|token| (start + token.start, text.get(start + token.start..start + token.end).unwrap_or("")))
        .filter(|(_, word)| block.words().any(|known| known == *word))
        .map(|(start, word)| (start, entry(block, word)))
        .filter(|(_, rule)| *rule != Rule::one_head)
        .collect()
}

/// Whether the second of two pieces begins on the line on which the first ends.
pub(super) fn is_on_one_line(text: &str, first: Span, second: Span) -> bool {
    text.get(first.end as usize..second.start as usize).is_some_and(|between| !between.contains('\n'))
}

/// The entry that reads a sentence with this first word; one with a block of its own only up to its brace.
pub(super) fn entry(block: Block, word: &str) -> Rule {
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
        (Block::Test, _) => Rule::one_test_member,
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

    /// A sentence whose first word is right. Where nothing better is to be said, an example says how it is written.
    fn malformed(&self, rule: Rule, tokens: &[RawToken]) -> Problem {
        let first = tokens.first().map_or("", |token| self.slice(token));
        self.with_sample(self.first_wrong(rule, tokens), first)
    }

    fn with_sample(&self, problem: Problem, first: &str) -> Problem {
        match sample(self.block, first) {
            Some(sample) if problem.help.is_none() => {
                let note = if first == "freeze" { ", the name of a `calendar`" } else { "" };
                problem.help(format!("it is written like this: `{sample}`{note}"))
            }
            _ => problem,
        }
    }

    /// Reads a sentence again to find the first token that is wrong.
    fn first_wrong(&self, rule: Rule, tokens: &[RawToken]) -> Problem {
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
        if let Some(problem) = self.foreign_date(wrong) {
            return problem;
        }
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
        if let Some(habit) = (Place { text: self.text, wrong, expected }).habit() {
            return habit.told(problem, self.file);
        }
        let near = match wrong.kind {
            TokenKind::Word => near_word(found, expected),
            _ => None,
        };
        match near {
            Some(near) => problem.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, near),
            None => problem,
        }
    }

    fn foreign_date(&self, wrong: &RawToken) -> Option<Problem> {
        let (range, dates) = habits::date(self.text, wrong)?;
        let span = Span::new(self.file, range.start, range.end);
        let written = self.text.get(range)?;
        let problem = Problem::error(Code::BAD_LITERAL, format!("`{written}` is no date"))
            .label(span, "dates are written year, month, day")
            .help(format!("write {}", one_of(&dates.iter().map(|date| format!("`{date}`")).collect::<Vec<_>>())));
        Some(dates.iter().fold(problem, |problem, date| problem.fix(format!("write `{date}`"), span, date)))
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
            _ => self.with_sample(self.unexpected(first, &expected), word),
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
        let clause = near_word(found, expected);
        // Where both are as near, the sentence under way goes on.
        match nearest(found, clause.into_iter().chain(member)).or(clause) {
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
        if let Some(ours) = words::command_here(word, self.block) {
            return problem.help(format!("`{word}` belongs in a step; {described} says `{ours}`"));
        }
        let elsewhere = words::find(word).map_or(&[][..], |word| word.begins);
        if !elsewhere.is_empty() {
            let places: Vec<_> = elsewhere.iter().map(|block| block.inside().to_owned()).collect();
            return problem.help(format!("`{word}` belongs {}", one_of(&places)));
        }
        match nearest(word, self.block.words()).or_else(|| words::called_here(word, self.block)) {
            Some(near) => problem.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, near),
            None => match words::said_here(word, self.block).and_then(|ours| sample(self.block, ours)) {
                Some(sample) => problem.help(format!("it is written like this: `{sample}`")),
                None => problem.help(self.what_block_says()),
            },
        }
    }

    /// Something that is no word where a sentence must begin.
    fn no_sentence(&self, first: &RawToken) -> Problem {
        let problem = Problem::error(Code::SYNTAX, format!("{} cannot stand here", self.quoted(first)));
        let problem = problem.label(self.span_of(first), "begins no sentence");
        let habit = habits::look_alike(self.text, first.start).filter(|_| first.kind == TokenKind::Sign);
        if let Some(habit) = habit {
            return habit.told(problem, self.file);
        }
        if let Some((sign, habit)) = habits::comment(self.text, first.start) {
            let problem = Problem::error(Code::SYNTAX, format!("a script has no `{sign}`"));
            let span = Span::new(self.file, first.start, first.start + sign.len());
            return habit.told(problem.label(span, "not known here"), self.file);
        }
        let key = self.text.get(first.end..).and_then(|rest| rest.split('"').next()).unwrap_or("");
        match first.kind == TokenKind::Quote && self.block.words().any(|known| known == key) {
            true => problem.help(format!("keywords stand without quotes, and without `:` behind them: `{key} …`")),
            false => problem.help(self.what_block_says()),
        }
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
            _ => match self.slice(token).chars().next().and_then(habits::invisible) {
                Some((name, written)) => format!("{name} ({written})"),
                None => format!("`{}`", self.slice(token).chars().take(40).collect::<String>()),
            },
        }
    }

    fn slice(&self, token: &RawToken) -> &str {
        self.text.get(token.start..token.end).unwrap_or("")
    }

    fn span_of(&self, token: &RawToken) -> Span {
        Span::new(self.file, token.start, token.end)
    }
}
