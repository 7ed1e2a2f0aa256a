use crate::source::FileId;
use crate::syntax::words::{self, Block, Class};
use crate::syntax::{TokenKind, parse, tokens};

/// What a text that somebody types is so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// Blanks and comments.
    Nothing,
    /// Items of a script; `is_whole` where no more must follow.
    Items { is_whole: bool },
    /// Anything else: an expression.
    Expression { is_whole: bool },
}

impl Input {
    pub fn is_whole(self) -> bool {
        match self {
            Input::Nothing => true,
            Input::Items { is_whole } | Input::Expression { is_whole } => is_whole,
        }
    }
}

/// Looks at what a text is, and whether more must follow: an open bracket, an operator at its end, an item without its block.
pub fn input(text: &str) -> Input {
    let file = FileId(0);
    let all: Vec<_> = tokens(file, text).filter(|token| token.kind != TokenKind::Comment).collect();
    let written: Vec<&str> = all.iter().map(|token| &text[token.span.range()]).collect();
    let (Some(first), Some(last)) = (written.first(), written.last()) else {
        // What documents an item has the item behind it.
        let documents = text.lines().any(|line| line.trim_start().starts_with("##"));
        return if documents { Input::Items { is_whole: false } } else { Input::Nothing };
    };
    let opened = all.iter().filter(|token| token.kind == TokenKind::Open).count();
    let closed = all.iter().filter(|token| token.kind == TokenKind::Close).count();
    let goes_on = opened > closed || expects_more(last);
    match is_item(first, &all, text) {
        true => Input::Items { is_whole: !goes_on && !lacks_its_end(text) },
        false => Input::Expression { is_whole: !goes_on },
    }
}

/// `region "x"` begins an item; `region == "x"` asks for a field of that name.
fn is_item(first: &str, all: &[crate::syntax::Token], text: &str) -> bool {
    let begins = Block::File.words().any(|word| word == first);
    let second = all.get(1).map(|token| (token.kind, &text[token.span.range()]));
    begins
        && match second {
            Some((TokenKind::Quote | TokenKind::Unterminated, _)) => true,
            Some((TokenKind::Word, word)) => words::find(word).is_none_or(|word| word.class != Class::Operator),
            Some((TokenKind::Open, bracket)) => bracket == "{",
            _ => false,
        }
}

fn expects_more(last: &str) -> bool {
    let is_sign = matches!(last, "=" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "," | "+" | "*" | "/" | "-" | "..");
    is_sign || matches!(last, "and" | "or" | "not" | "in" | "matches" | "where" | "by")
}

/// Whether all that is wrong with a text is that it ends too early.
fn lacks_its_end(text: &str) -> bool {
    let problems = parse(FileId(0), text).problems;
    let end = text.trim_end().len();
    let at_end = |problem: &crate::diagnostic::Problem| problem.span().is_some_and(|span| span.end as usize >= end);
    !problems.is_empty() && problems.iter().all(at_end) && !text.trim_end().ends_with('}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed() {
        for (text, found) in [
            ("", Input::Nothing),
            (" # a comment", Input::Nothing),
            ("## What comes next.", Input::Items { is_whole: false }),
            ("product == \"x\"", Input::Expression { is_whole: true }),
            ("product ==", Input::Expression { is_whole: false }),
            ("count(hosts where", Input::Expression { is_whole: false }),
            ("region == \"asia\"", Input::Expression { is_whole: true }),
            ("region in [\"asia\"", Input::Expression { is_whole: false }),
            ("let x = 1", Input::Items { is_whole: true }),
            ("let x =", Input::Items { is_whole: false }),
            ("gate g per host", Input::Items { is_whole: false }),
            ("gate g per host {", Input::Items { is_whole: false }),
            ("gate g per host { tcp host.address 22 }", Input::Items { is_whole: true }),
            ("gate g per hots { tcp host.address 22 }", Input::Items { is_whole: true }),
            ("use std.gates", Input::Items { is_whole: true }),
            (")))", Input::Expression { is_whole: true }),
        ] {
            assert_eq!(input(text), found, "{text}");
        }
    }
}
