use crate::source::FileId;
use crate::syntax::words::{self, Block};
use crate::syntax::{Token, TokenKind, tokens};

/// What a text is that somebody types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// A script, or items of one.
    Script,
    /// An expression by itself.
    Expression,
    /// A sentence of a block by itself.
    Sentence(Block),
}

/// Where a place in a text stands.
#[derive(Debug)]
pub(super) struct Context<'t> {
    /// The block around it; none in a text that is an expression by itself.
    pub block: Option<Block>,
    /// The tokens since the block's brace or the end of the block before, without the word at the place.
    pub sentence: Vec<&'t str>,
    /// Where in the text each of them begins.
    pub starts: Vec<usize>,
    /// The text up to the word at the place.
    pub before: &'t str,
    /// Where the word at the place begins; of a text literal, its quote.
    pub start: usize,
    /// The word as far as it is written, without the quote.
    pub prefix: &'t str,
    pub is_in_text: bool,
}

impl<'t> Context<'t> {
    pub fn of(text: &'t str, at: usize, entry: Entry) -> Context<'t> {
        let before = text.get(..at).unwrap_or(text);
        let mut all: Vec<Token> = tokens(FileId(0), before).filter(|token| token.kind != TokenKind::Comment).collect();
        // Of `web-` the hyphen belongs to a name that goes on.
        let hyphen = match all.as_slice() {
            [.., word, sign] if word.kind == TokenKind::Word && word.span.end == sign.span.start => {
                sign.span.end as usize == before.len() && &before[sign.span.range()] == "-"
            }
            _ => false,
        };
        let word = match hyphen.then(|| all.pop()).flatten() {
            Some(sign) => all.pop().map(|word| Token { span: word.span.to(sign.span), ..word }),
            None => all.pop_if(|token| is_under_way(*token, before)),
        };
        if let Some(token) = word.filter(|token| token.kind == TokenKind::Unterminated)
            && let Some(hole) = open_hole(&before[token.span.range()])
        {
            // `"probe {host.na`: what is in the braces is an expression.
            let inner = token.span.start as usize + hole;
            let mut context = Context::of(&before[inner..], before.len() - inner, Entry::Expression);
            context.start += inner;
            return context;
        }
        let (start, prefix, is_in_text) = match word {
            Some(token) => {
                let written = &before[token.span.range()];
                let is_in_text = token.kind == TokenKind::Unterminated;
                (token.span.start as usize, if is_in_text { &written[1..] } else { written }, is_in_text)
            }
            None => (before.len(), "", false),
        };
        let mut blocks = Blocks::new(entry);
        all.iter().for_each(|token| blocks.token(*token, before));
        let Blocks { stack, sentence, .. } = blocks;
        let starts = sentence.iter().map(|token| token.span.start as usize).collect();
        let sentence = sentence.iter().map(|token| &before[token.span.range()]).collect();
        let block = stack.last().copied().flatten();
        Context { block, sentence, starts, before: &before[..start], start, prefix, is_in_text }
    }

    /// The token so many before the word.
    pub fn back(&self, count: usize) -> Option<&'t str> {
        self.sentence.len().checked_sub(count).and_then(|idx| self.sentence.get(idx)).copied()
    }
}

/// Whether the last token still grows at the place.
fn is_under_way(token: Token, before: &str) -> bool {
    let touches = token.span.end as usize == before.len();
    touches && matches!(token.kind, TokenKind::Word | TokenKind::Number | TokenKind::Unterminated)
}

/// Where the expression begins whose `{` is not closed in a text literal.
fn open_hole(written: &str) -> Option<usize> {
    let open = written.rfind('{')?;
    let is_escaped = written[..open].ends_with('\\');
    (!is_escaped && !written[open..].contains('}')).then_some(open + 1)
}

struct Blocks {
    stack: Vec<Option<Block>>,
    /// Of the innermost block, since its last block inside.
    sentence: Vec<Token>,
    /// The sentences around it, of parentheses and texts: they go on when those end.
    outer: Vec<Vec<Token>>,
}

impl Blocks {
    fn new(entry: Entry) -> Blocks {
        let block = match entry {
            Entry::Script => Some(Block::File),
            Entry::Expression => None,
            Entry::Sentence(block) => Some(block),
        };
        Blocks { stack: vec![block], sentence: Vec::new(), outer: Vec::new() }
    }

    fn token(&mut self, token: Token, text: &str) {
        let written = &text[token.span.range()];
        match (token.kind, written) {
            (TokenKind::Open, "{") => {
                let opened = self.stack.last().copied().flatten().and_then(|block| self.opened(block, text));
                self.stack.push(opened);
                self.outer.push(std::mem::take(&mut self.sentence));
            }
            (TokenKind::Close, "}") if self.stack.len() > 1 => {
                let closed = self.stack.pop().flatten();
                let around = self.outer.pop().unwrap_or_default();
                // The value of a text is part of its sentence; a block ends the one that opened it.
                self.sentence = if closed.is_some() { Vec::new() } else { around };
            }
            _ => self.sentence.push(token),
        }
    }

    /// The block that a brace opens behind the sentence at hand.
    fn opened(&self, block: Block, text: &str) -> Option<Block> {
        let words = self.sentence.iter().map(|token| &text[token.span.range()]);
        words.filter_map(|word| opens(block, word)).next()
    }
}

/// The block that a word opens within another.
fn opens(block: Block, word: &str) -> Option<Block> {
    Some(match (block, word) {
        (Block::File, "inventory") => Block::Mapping,
        (Block::File, "connect") => Block::Connect,
        (Block::File, "regions" | "region") => Block::Region,
        (Block::File, "service") => Block::Service,
        (Block::File, "calendar") => Block::Calendar,
        (Block::File, "team") => Block::Team,
        (Block::File, "bulletin") => Block::Bulletin,
        (Block::File, "gate") => Block::Gate,
        (Block::File, "runbook") => Block::Runbook,
        (Block::File, "rollout") => Block::Rollout,
        (Block::File, "stages") => Block::Stages,
        (Block::File, "refine") => Block::Refine,
        (Block::File, "policy") => Block::Policy,
        (Block::File, "workaround") => Block::Workaround,
        (Block::File, "test") => Block::Test,
        (Block::Bulletin, "package" | "packages") => Block::Package,
        (Block::Runbook, "step") => Block::Step,
        (Block::Rollout | Block::Stages, "guinea-pig" | "wave") => Block::Stage,
        (Block::Rollout, "stages") => Block::Stage,
        (Block::Rollout, "on") => Block::Rule,
        _ => return None,
    })
}

/// The last keyword of a sentence that tells what a name behind it names: of `gate mailflow, ` it is `gate`.
pub(super) fn governing<'t>(sentence: &[&'t str]) -> Option<&'t str> {
    let mut words = sentence.iter().rev().copied();
    words.find(|word| words::find(word).is_some_and(|word| word.class != words::Class::Operator))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(text: &str) -> Option<Block> {
        Context::of(text, text.len(), Entry::Script).block
    }

    #[test]
    fn the_block_around_a_place() {
        assert_eq!(block("let x = 1\n"), Some(Block::File));
        assert_eq!(block("rollout r { apply b with c to a == 1 wave w { "), Some(Block::Stage));
        assert_eq!(block("rollout r { wave w { soak 4h } "), Some(Block::Rollout));
        assert_eq!(block("gate g per host { run \"a {host.name}\" "), Some(Block::Gate));
        assert_eq!(block("regions by region { "), Some(Block::Region));
        assert_eq!(block("} } } "), Some(Block::File));
    }

    #[test]
    fn the_word_at_a_place() {
        let context = Context::of("wave w { batch 25% of si", 24, Entry::Script);
        assert_eq!((context.prefix, context.start), ("si", 22));
        let context = Context::of("product == \"exch", 16, Entry::Expression);
        assert_eq!((context.prefix, context.start, context.is_in_text), ("exch", 11, true));
        assert_eq!(context.back(2), Some("product"));
        let context = Context::of("run \"probe {host.na", 19, Entry::Script);
        assert_eq!((context.prefix, context.start, context.block), ("na", 17, None));
    }

    #[test]
    fn any_place_of_any_text_has_one() {
        for text in ["\"{", "\"a\\{b", "ü\"ß{", "{{{\"", "\"{a}{\"b", ":;\u{0}"] {
            for at in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
                for entry in [Entry::Script, Entry::Expression] {
                    let context = Context::of(text, at, entry);
                    assert!(context.start <= at, "{text}");
                }
            }
        }
    }
}
