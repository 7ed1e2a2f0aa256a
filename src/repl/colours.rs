use crate::session::Session;
use crate::source::FileId;
use crate::syntax::words::{self, Class};
use crate::syntax::{TokenKind, tokens};

const COMMENT: &str = "\x1b[2m";
const TEXT: &str = "\x1b[32m";
const NUMBER: &str = "\x1b[33m";
const KEYWORD: &str = "\x1b[34m";
const OPERATOR: &str = "\x1b[35m";
const FIELD: &str = "\x1b[36m";
const COMMAND: &str = "\x1b[1m";
const PLAIN: &str = "\x1b[0m";

/// A text with the colours of its tokens, as wide as it was.
pub(super) fn coloured(session: &Session, text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut from = 0;
    if text.trim_start().starts_with(':') {
        let start = text.len() - text.trim_start().len();
        let end = text[start..].find(char::is_whitespace).map_or(text.len(), |length| start + length);
        push(&mut out, COMMAND, &text[..end]);
        from = end;
    }
    let offset = from;
    let body = &text[offset..];
    for token in tokens(FileId(0), body) {
        let range = offset + token.span.start as usize..offset + token.span.end as usize;
        out.push_str(&text[from..range.start]);
        from = range.end;
        push(&mut out, colour(session, token.kind, &text[range.clone()]), &text[range]);
    }
    out.push_str(&text[from..]);
    out
}

fn push(out: &mut String, colour: &str, text: &str) {
    if colour.is_empty() {
        out.push_str(text);
        return;
    }
    out.push_str(colour);
    out.push_str(text);
    out.push_str(PLAIN);
}

fn colour(session: &Session, kind: TokenKind, written: &str) -> &'static str {
    match kind {
        TokenKind::Comment => COMMENT,
        TokenKind::Quote | TokenKind::Chunk | TokenKind::Unterminated => TEXT,
        TokenKind::Number => NUMBER,
        TokenKind::Word if session.fleet.as_ref().is_some_and(|fleet| fleet.field(written).is_some()) => FIELD,
        TokenKind::Word => match words::find(written).map(|word| word.class) {
            Some(Class::Operator | Class::Literal | Class::Value) => OPERATOR,
            Some(_) => KEYWORD,
            None => "",
        },
        TokenKind::Sign | TokenKind::Open | TokenKind::Close => "",
    }
}

/// What is proposed, paler than what is written.
pub(super) fn pale(text: &str) -> String {
    format!("{COMMENT}{text}{PLAIN}")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::world::MemoryWorld;

    #[test]
    fn colours_add_nothing_that_is_seen() {
        let world = MemoryWorld::new().file("f.csv", "name,role\na,web\n").file("s.sunup", "inventory \"f.csv\"");
        let session = Session::load(&world, Path::new("s.sunup"));
        for text in [":type role == \"web\"", "role == \"w", "count(hosts where a > 1) # x", "ü \"{é\n}", ": "] {
            let shown = coloured(&session, text);
            let mut plain = shown.clone();
            for colour in [COMMENT, TEXT, NUMBER, KEYWORD, OPERATOR, FIELD, COMMAND, PLAIN] {
                plain = plain.replace(colour, "");
            }
            assert_eq!(plain, text);
        }
        assert!(coloured(&session, "role").contains(FIELD));
        assert!(coloured(&session, "soak").contains(KEYWORD));
    }
}
