use crate::diagnostic::{Code, Edit, Fix, Problem};
use crate::source::Span;
use crate::syntax::ast::{At, Text, TextPart};
use crate::syntax::grammar::{Pair, Rule};
use crate::syntax::lower::Lowering;
use crate::syntax::lower::expression::{Grown, hole};
use crate::syntax::lower::lowering::Parts;

/// A part of a text as it was written.
pub(super) enum Piece {
    /// As it stands in the source.
    Plain(Span),
    /// An escape, and what it means.
    Escape(char, Span),
    Value(Grown, Span),
}

impl Lowering<'_> {
    pub(super) fn text(&mut self, pair: Pair<'_>) -> Option<Text> {
        if pair.as_rule() == Rule::unterminated {
            self.unterminated(self.span(&pair));
            return None;
        }
        Some(self.text_grown(pair).0)
    }

    /// A text, and how high the highest of its values is.
    pub(super) fn text_grown(&mut self, pair: Pair<'_>) -> (Text, usize) {
        let span = self.span(&pair);
        // Most texts are of one part, and a part is large.
        let mut parts = Vec::with_capacity(1);
        let mut height = 0;
        for pair in pair.into_inner() {
            let Some(piece) = self.piece(pair) else { continue };
            match piece {
                Piece::Plain(span) => self.add_literal(&mut parts, self.slice(span), span),
                Piece::Escape(c, span) => self.add_literal(&mut parts, c.encode_utf8(&mut [0; 4]), span),
                Piece::Value(value, _) => {
                    height = height.max(value.height);
                    parts.push(TextPart::Value(value.expression));
                }
            }
        }
        self.tell_of_bad_escapes();
        (Text { parts, span }, height)
    }

    fn add_literal(&self, parts: &mut Vec<TextPart>, more: &str, at: Span) {
        match parts.last_mut() {
            Some(TextPart::Literal { text, span }) => {
                text.push_str(more);
                *span = span.to(at);
            }
            _ => parts.push(TextPart::Literal { text: more.to_owned(), span: at }),
        }
    }

    /// A child of a text; none for one whose problem is reported and that leaves nothing behind.
    pub(super) fn piece(&mut self, pair: Pair<'_>) -> Option<Piece> {
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::chunk => Some(Piece::Plain(span)),
            Rule::escape => Some(Piece::Escape(escaped(self.slice(span)), span)),
            Rule::hole => {
                let value = Parts::of(pair).next().map(|pair| self.grown(pair));
                Some(Piece::Value(value.unwrap_or_else(|| hole(span)), span))
            }
            Rule::bad_escape => {
                self.bad_escapes.push(span);
                None
            }
            _ => {
                let problem = self.bad_hole(span);
                self.report_all(problem);
                Some(Piece::Value(hole(span), span))
            }
        }
    }

    /// A path of Windows has several: one mistake.
    pub(super) fn tell_of_bad_escapes(&mut self) {
        let spans = std::mem::take(&mut self.bad_escapes);
        let mut written: Vec<String> = spans.iter().map(|span| format!("`{}`", self.slice(*span))).collect();
        written.dedup();
        let message = match written.as_slice() {
            [] => return,
            [one] => format!("{one} is no escape"),
            [first, second, third, ..] if written.len() > 3 => {
                format!("{first}, {second}, {third} and {} more are no escapes", written.len() - 3)
            }
            [first @ .., last] => format!("{} and {last} are no escapes", first.join(", ")),
        };
        let problem = Problem::error(Code::SYNTAX, message)
            .help("write `\\\\` for a backslash; the others are `\\n`, `\\t`, `\\\"`, `\\'` and `\\{`");
        let problem =
            spans.iter().fold(problem, |problem, span| problem.label(*span, "a backslash has a meaning in a text"));
        let edits = spans.iter().map(|span| Edit { span: *span, replacement: format!("\\{}", self.slice(*span)) });
        let fix = Fix { title: "write a backslash".to_owned(), edits: edits.collect() };
        self.report(Problem { fixes: vec![fix], ..problem });
    }

    /// A text without values in it.
    pub(super) fn constant(&mut self, pair: Pair<'_>) -> Option<At<String>> {
        let mut text = self.text(pair)?;
        // The grower of texts joins what stands side by side: without a value there is one part at most.
        if let [] | [TextPart::Literal { .. }] = text.parts[..] {
            let value = match text.parts.pop() {
                Some(TextPart::Literal { text, .. }) => text,
                _ => String::new(),
            };
            return Some(At { value, span: text.span });
        }
        let value = text.parts.iter().find_map(|part| match part {
            TextPart::Value(value) => Some(value.span),
            TextPart::Literal { .. } => None,
        });
        let is_hole = text.parts.iter().any(|part| matches!(part, TextPart::Value(value) if is_hole(value)));
        if let (Some(value), false) = (value, is_hole) {
            self.report(
                Problem::error(Code::SYNTAX, "this text must be fixed")
                    .label(value, "no value can be put in here")
                    .help("write `\\{` for a brace"),
            );
        }
        None
    }

    pub(super) fn unterminated(&mut self, span: Span) {
        let end = self.place(span.start as usize + self.slice(span).trim_end().len());
        let span = Span { end: end.end, ..span };
        self.report(
            Problem::error(Code::SYNTAX, "this text does not end on its line")
                .label(span, "begins here")
                .help("close it with `\"`; write `\\n` for a line break in it")
                .fix("add `\"`", end, "\""),
        );
    }
}

fn is_hole(expression: &crate::syntax::ast::Expression) -> bool {
    expression.kind == crate::syntax::ast::ExpressionKind::Hole
}

fn escaped(escape: &str) -> char {
    match escape.as_bytes().get(1) {
        Some(b'n') => '\n',
        Some(b't') => '\t',
        Some(b'"') => '"',
        Some(b'{') => '{',
        Some(b'\'') => '\'',
        // INVARIANT: the grammar takes no others but the backslash.
        _ => '\\',
    }
}
