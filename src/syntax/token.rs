use crate::source::{FileId, Span};

/// A piece of a script that has no blanks in it, or a comment. What lies between two tokens is blanks alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    pub kind: TokenKind,
    pub span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A name or a keyword: which of the two depends on where it stands.
    Word,
    /// Anything that begins with a digit: `5.2`, `24h`, `25%`, `22:00`, `2007-05-08`.
    Number,
    /// `== != <= >= < > .. . , = + - * /`, or a character that has no meaning.
    Sign,
    /// `(`, `[`, `{`, and the `{` of a value in a text.
    Open,
    /// `)`, `]`, `}`
    Close,
    /// The `"` that begins or ends a text.
    Quote,
    /// What a text says between its quotes and values.
    Chunk,
    /// A text that does not end on its line, from its quote on.
    Unterminated,
    /// `# …` or `## …` to the end of its line.
    Comment,
}

/// Every token of a text in order. Any text has tokens.
pub fn tokens(file: FileId, text: &str) -> impl Iterator<Item = Token> {
    Lexer::new(text).map(move |raw| Token { kind: raw.kind, span: Span::new(file, raw.start, raw.end) })
}

/// A token before it knows its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RawToken {
    pub kind: TokenKind,
    pub start: usize,
    pub end: usize,
}

/// Goes through a text once, through a line with an unterminated text twice. It calls nothing in nests: what is open in
/// a text literal is on a stack of its own, so that no input is too deep for it.
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
    /// The tokens of the text literal that was read last, and how many of them were given out.
    pending: Vec<RawToken>,
    given: usize,
}

impl<'a> Lexer<'a> {
    pub fn new(text: &'a str) -> Self {
        let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Self { text, at, pending: Vec::new(), given: 0 }
    }

    fn code(&mut self) -> Option<RawToken> {
        let start = skip_blanks(self.text, self.at);
        self.at = start;
        if *self.text.as_bytes().get(start)? == b'"' {
            return Some(self.text_literal(start));
        }
        let token = code_token(self.text, start)?;
        self.at = token.end;
        Some(token)
    }

    fn text_literal(&mut self, start: usize) -> RawToken {
        self.pending.clear();
        self.given = 0;
        match read_text(self.text, start, &mut self.pending) {
            Some(end) => {
                self.at = end;
                self.given = 1;
                // INVARIANT: a text that ends has at least its two quotes.
                RawToken { kind: TokenKind::Quote, start, end: start + 1 }
            }
            None => {
                self.pending.clear();
                let end = unterminated_end(self.text, start);
                self.at = end;
                RawToken { kind: TokenKind::Unterminated, start, end }
            }
        }
    }
}

impl Iterator for Lexer<'_> {
    type Item = RawToken;

    fn next(&mut self) -> Option<RawToken> {
        if let Some(token) = self.pending.get(self.given) {
            self.given += 1;
            return Some(*token);
        }
        #[cfg(test)]
        let before = self.at;
        let token = self.code();
        #[cfg(test)]
        crate::syntax::work::add(self.at - before);
        token
    }
}

/// What is open inside a text literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    Text,
    /// The `{` of a value.
    Value,
    /// Another bracket inside a value.
    Bracket(u8),
}

/// Reads a text literal from its quote to the byte after its last; `None` where it does not end on its line.
fn read_text(text: &str, start: usize, tokens: &mut Vec<RawToken>) -> Option<usize> {
    let mut open = Vec::new();
    let mut at = start;
    loop {
        let token = match open.last() {
            Some(Inside::Text) => text_token(text, at)?,
            _ => {
                let at = skip_inline_blanks(text, at);
                // A comment goes to the end of the line, and the text does not end before it.
                if text.as_bytes().get(at) == Some(&b'#') {
                    return None;
                }
                code_token(text, at)?
            }
        };
        at = token.end;
        tokens.push(token);
        match (token.kind, open.last()) {
            (TokenKind::Quote, Some(Inside::Text)) => {
                open.pop();
                if open.is_empty() {
                    return Some(at);
                }
            }
            (TokenKind::Quote, _) => open.push(Inside::Text),
            (TokenKind::Open, Some(Inside::Text)) => open.push(Inside::Value),
            (TokenKind::Open, _) => open.push(Inside::Bracket(text.as_bytes()[token.start])),
            (TokenKind::Close, _) => close_inside(&mut open, text.as_bytes()[token.start]),
            _ => {}
        }
    }
}

/// A `}` ends its value, whatever is open in it; another bracket closes only its own kind.
fn close_inside(open: &mut Vec<Inside>, close: u8) {
    let opener = match close {
        b')' => b'(',
        b']' => b'[',
        _ => {
            while !matches!(open.pop(), None | Some(Inside::Value | Inside::Bracket(b'{'))) {}
            return;
        }
    };
    if open.last() == Some(&Inside::Bracket(opener)) {
        open.pop();
    }
}

/// The next piece of a text outside of its values; `None` at the end of the line.
fn text_token(text: &str, start: usize) -> Option<RawToken> {
    let bytes = text.as_bytes();
    let kind = match bytes.get(start)? {
        b'"' => TokenKind::Quote,
        b'{' => TokenKind::Open,
        b'\n' | b'\r' => return None,
        _ => {
            let end = chunk_end(bytes, start);
            return Some(RawToken { kind: TokenKind::Chunk, start, end });
        }
    };
    Some(RawToken { kind, start, end: start + 1 })
}

fn chunk_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' | b'{' | b'\n' | b'\r' => break,
            b'\\' if bytes.get(at + 1).is_some_and(|next| !matches!(next, b'\n' | b'\r')) => at += 2,
            _ => at += 1,
        }
    }
    at
}

/// The next token outside of texts; `None` at the end of the text, and at a line break where the caller left one.
fn code_token(text: &str, start: usize) -> Option<RawToken> {
    let bytes = text.as_bytes();
    let (kind, end) = match bytes.get(start)? {
        b'\n' | b'\r' => return None,
        b'#' => (TokenKind::Comment, comment_end(text, start)),
        b'"' => (TokenKind::Quote, start + 1),
        b'(' | b'[' | b'{' => (TokenKind::Open, start + 1),
        b')' | b']' | b'}' => (TokenKind::Close, start + 1),
        b'0'..=b'9' => (TokenKind::Number, number_end(text, start)),
        _ => match word_end(text, start) {
            end if end > start => (TokenKind::Word, end),
            _ => (TokenKind::Sign, sign_end(text, start)),
        },
    };
    Some(RawToken { kind, start, end })
}

fn sign_end(text: &str, start: usize) -> usize {
    match text.as_bytes()[start..] {
        [b'=' | b'!' | b'<' | b'>', b'=', ..] | [b'.', b'.', ..] => start + 2,
        [0..128, ..] => start + 1,
        _ => start + text[start..].chars().next().map_or(1, char::len_utf8),
    }
}

/// The end of the name or keyword that begins here; `start` where none does.
pub(super) fn word_end(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = start;
    loop {
        let next = match bytes.get(at) {
            Some(b'a'..=b'z' | b'A'..=b'Z' | b'_') => at + 1,
            Some(b'0'..=b'9') if at > start => at + 1,
            Some(b'-') if at > start => match letter_or_digit_end(text, at + 1) {
                Some(end) => end,
                None => return at,
            },
            Some(128..) => match letter_or_digit_end(text, at) {
                Some(end) => end,
                None => return at,
            },
            _ => return at,
        };
        at = next;
    }
}

fn letter_or_digit_end(text: &str, at: usize) -> Option<usize> {
    let c = text[at..].chars().next()?;
    (c == '_' || c.is_ascii_alphanumeric() || c.is_alphabetic()).then(|| at + c.len_utf8())
}

fn number_end(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = start;
    loop {
        at = match (bytes.get(at), bytes.get(at + 1)) {
            (Some(b'0'..=b'9' | b'%'), _) => at + 1,
            (Some(b'.' | b':'), Some(b'0'..=b'9')) => at + 1,
            (Some(b'-'), _) => match letter_or_digit_end(text, at + 1) {
                Some(end) => end,
                None => return at,
            },
            (Some(_), _) => match letter_or_digit_end(text, at) {
                Some(end) => end,
                None => return at,
            },
            (None, _) => return at,
        };
    }
}

/// Where a text that does not end on its line stops. Closing braces at the end of the line are not part of it if a blank
/// stands before them: they close the block around it, as in `step drain { run "cluster node }`.
fn unterminated_end(text: &str, start: usize) -> usize {
    let end = line_end(text, start);
    let line = text[start..end].trim_end();
    let tail = line.trim_end_matches(['}', ' ', '\t']).len();
    match text[start + tail..start + line.len()].find([' ', '\t']) {
        Some(blank) if line.ends_with('}') => start + tail + blank,
        _ => end,
    }
}

/// A comment ends with its line, as in the grammar: a carriage return inside a line is part of it.
fn comment_end(text: &str, start: usize) -> usize {
    let line = memchr::memchr(b'\n', &text.as_bytes()[start..]).map_or(text.len(), |length| start + length);
    start + text[start..line].trim_end_matches('\r').len()
}

fn line_end(text: &str, start: usize) -> usize {
    memchr::memchr2(b'\n', b'\r', &text.as_bytes()[start..]).map_or(text.len(), |length| start + length)
}

fn skip_blanks(text: &str, start: usize) -> usize {
    let blanks = text.as_bytes()[start..].iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    start + blanks.count()
}

fn skip_inline_blanks(text: &str, start: usize) -> usize {
    let blanks = text.as_bytes()[start..].iter().take_while(|byte| matches!(byte, b' ' | b'\t'));
    start + blanks.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<&str> {
        tokens(FileId(0), text).map(|token| &text[token.span.range()]).collect()
    }

    #[test]
    fn words_numbers_and_signs() {
        assert_eq!(shown("batch 25% of us-east-1"), ["batch", "25%", "of", "us-east-1"]);
        assert_eq!(shown("a- b --c d-"), ["a", "-", "b", "-", "-", "c", "d", "-"]);
        assert_eq!(
            shown("2007-05-08 17:00 UTC 1h30m 5.2.1 1..5"),
            ["2007-05-08", "17:00", "UTC", "1h30m", "5.2.1", "1", "..", "5"]
        );
        assert_eq!(shown("größe==\u{fffd}x"), ["größe", "==", "\u{fffd}", "x"]);
    }

    #[test]
    fn a_text_is_told_in_pieces() {
        assert_eq!(
            shown(r#"run "a \"{host.name}\" b" x"#),
            ["run", "\"", r#"a \""#, "{", "host", ".", "name", "}", r#"\" b"#, "\"", "x"]
        );
        assert_eq!(shown(r#""{"{a}"}""#), ["\"", "{", "\"", "{", "a", "}", "\"", "}", "\""]);
        assert_eq!(shown(r#""{(a}" b"#), ["\"", "{", "(", "a", "}", "\"", "b"]);
    }

    #[test]
    fn an_unterminated_text_ends_with_its_line_and_leaves_closing_braces() {
        assert_eq!(shown("run \"abc {x\nsoak 4h"), ["run", "\"abc {x", "soak", "4h"]);
        assert_eq!(shown("step a { run \"foo } }\r\n}"), ["step", "a", "{", "run", "\"foo", "}", "}", "}"]);
        assert_eq!(shown("\"foo}\nx"), ["\"foo}", "x"]);
        assert_eq!(shown("\"a\\"), ["\"a\\"]);
    }

    #[test]
    fn comments_are_tokens() {
        assert_eq!(shown("a # b \"c\n## d\n\"# no\""), ["a", "# b \"c", "## d", "\"", "# no", "\""]);
    }
}
