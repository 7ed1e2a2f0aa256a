use crate::diagnostic::{Code, Problem};
use crate::source::Span;
use crate::syntax::ast::{Command, CommandWord, TextPart};
use crate::syntax::grammar::{Pair, Rule};
use crate::syntax::lower::Lowering;
use crate::syntax::lower::lowering::Parts;
use crate::syntax::lower::text::Piece;

impl Lowering<'_> {
    pub(super) fn command(&mut self, pair: Pair<'_>) -> Option<Command> {
        let pair = Parts::of(pair).next()?;
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::text => self.command_line(pair, span),
            Rule::unterminated => {
                self.unterminated(span);
                None
            }
            _ => Some(Command::Named(self.value(pair).expression)),
        }
    }

    /// Parted into words here, before any value is put in: a value can be part of a word and never becomes two.
    fn command_line(&mut self, pair: Pair<'_>, span: Span) -> Option<Command> {
        let mut words = Words::default();
        for pair in pair.into_inner() {
            let Some(piece) = self.piece(pair) else { continue };
            match piece {
                Piece::Plain(span) => words.plain(self.slice(span), span),
                Piece::Escape(c, span) => words.literal(c.encode_utf8(&mut [0; 4]), span),
                Piece::Value(value, span) => words.part(TextPart::Value(value.expression), span),
            }
        }
        self.tell_of_bad_escapes();
        if let Some(quote) = words.quote {
            self.report(
                Problem::error(Code::BAD_COMMAND, "a `'` in this command is never closed")
                    .label(quote, "opened here")
                    .help("`'…'` keeps blanks together in one argument; write `\\'` for the character itself"),
            );
            return None;
        }
        words.end_word();
        let Some(program) = words.words.first() else {
            self.report(
                Problem::error(Code::BAD_COMMAND, "this command is empty")
                    .label(span, "no program is named")
                    .help("say what to run: `run \"probe-mailflow {host.name}\"`"),
            );
            return None;
        };
        if program.parts.is_empty() {
            self.report(
                Problem::error(Code::BAD_COMMAND, "the program of this command has no name")
                    .label(program.span, "an empty argument")
                    .help("begin the command with the program's name"),
            );
            return None;
        }
        if let Some(TextPart::Value(value)) = program.parts.first() {
            self.report(
                Problem::error(Code::BAD_COMMAND, "a value cannot say which program runs")
                    .label(value.span, "whoever writes the inventory could run anything")
                    .help("begin the command with the program's name; values can be its arguments"),
            );
            return None;
        }
        Some(Command::Line { words: words.words, span })
    }
}

/// The words of a command under way.
#[derive(Default)]
struct Words {
    words: Vec<CommandWord>,
    word: Option<CommandWord>,
    /// The `'` that is open.
    quote: Option<Span>,
}

impl Words {
    fn plain(&mut self, text: &str, span: Span) {
        let mut rest = text;
        let mut at = span.start as usize;
        while let Some(first) = rest.chars().next() {
            // As far as nothing in it means anything.
            let length = match first {
                '\'' | ' ' | '\t' => 1,
                _ => rest.find(['\'', ' ', '\t']).unwrap_or(rest.len()),
            };
            let (run, after) = rest.split_at(length);
            let here = Span::new(span.file, at, at + length);
            match first {
                '\'' => self.toggle_quote(here),
                ' ' | '\t' if self.quote.is_none() => self.end_word(),
                _ => self.literal(run, here),
            }
            rest = after;
            at += length;
        }
    }

    /// A quote makes a word even where nothing is in it: `''` is an empty argument.
    fn toggle_quote(&mut self, at: Span) {
        self.quote = match self.quote {
            Some(_) => None,
            None => Some(at),
        };
        self.word_at(at);
    }

    fn literal(&mut self, more: &str, at: Span) {
        let word = self.word_at(at);
        match word.parts.last_mut() {
            Some(TextPart::Literal { text, span }) => {
                text.push_str(more);
                *span = span.to(at);
            }
            _ => word.parts.push(TextPart::Literal { text: more.to_owned(), span: at }),
        }
    }

    fn part(&mut self, part: TextPart, at: Span) {
        self.word_at(at).parts.push(part);
    }

    /// The word under way, which now reaches to `at`.
    fn word_at(&mut self, at: Span) -> &mut CommandWord {
        let word = self.word.get_or_insert_with(|| CommandWord { parts: Vec::with_capacity(1), span: at });
        word.span = word.span.to(at);
        word
    }

    fn end_word(&mut self) {
        self.words.extend(self.word.take());
    }
}
