use std::collections::HashSet;

use indexmap::IndexMap;

use crate::inventory::reader::datum::{Datum, number_text};

/// Reads a value of an Ansible INI file as Ansible does: as a Python literal where the whole text is one (the rules of
/// `ast.literal_eval`), else as the text that it is. So `10` and `1_000` are numbers, `1,2` is a list, `yes` and `a b` are
/// texts, and `"x"  # why` is `x`.
pub(crate) fn read(text: &str) -> Datum {
    let mut parser = Parser { rest: text.trim_start_matches([' ', '\t']), depth: 0 };
    match parser.whole() {
        Some(literal) => literal,
        None => Datum::Text(text.to_owned()),
    }
}

/// Python gives up at two hundred brackets, and then the value is text; so it is here, a little earlier.
const MOST_NESTED: usize = 64;

struct Parser<'a> {
    rest: &'a str,
    depth: usize,
}

/// A number, or a part of a complex one, for which Ansible has no type: it keeps the text.
enum Number {
    Real(Datum),
    Imaginary(String),
}

impl<'a> Parser<'a> {
    fn whole(&mut self) -> Option<Datum> {
        let first = self.element()?;
        let datum = if self.skip_to(',') { Datum::List(self.elements(vec![first], None)?) } else { first };
        self.skip_blanks();
        (self.rest.is_empty() || self.rest.starts_with('#')).then_some(datum)
    }

    fn element(&mut self) -> Option<Datum> {
        self.skip_blanks();
        let first = self.rest.chars().next()?;
        match first {
            '[' => self.nested(|parser| Some(Datum::List(parser.bracketed(']')?.0))),
            '(' => self.nested(Self::parenthesis),
            '{' => self.nested(Self::braces),
            '+' | '-' | '.' | '0'..='9' => self.number_or_dots(),
            _ => self.string_or_word(),
        }
    }

    fn nested(&mut self, read: impl FnOnce(&mut Self) -> Option<Datum>) -> Option<Datum> {
        if self.depth >= MOST_NESTED {
            return None;
        }
        self.depth += 1;
        self.rest = &self.rest[1..];
        let datum = read(self);
        self.depth -= 1;
        datum
    }

    /// Elements up to the closing bracket, and whether a comma stood among them.
    fn bracketed(&mut self, close: char) -> Option<(Vec<Datum>, bool)> {
        if self.skip_to(close) {
            return Some((Vec::new(), false));
        }
        let first = self.element()?;
        if self.skip_to(close) {
            return Some((vec![first], false));
        }
        self.skip_to(',').then_some(())?;
        Some((self.elements(vec![first], Some(close))?, true))
    }

    /// The elements after the first comma: to the closing bracket, or to the end.
    fn elements(&mut self, mut elements: Vec<Datum>, close: Option<char>) -> Option<Vec<Datum>> {
        loop {
            self.skip_blanks();
            match close {
                Some(close) if self.skip_to(close) => return Some(elements),
                None if self.rest.is_empty() || self.rest.starts_with('#') => return Some(elements),
                _ => elements.push(self.element()?),
            }
            if !self.skip_to(',') {
                return match close {
                    Some(close) => self.skip_to(close).then_some(elements),
                    None => Some(elements),
                };
            }
        }
    }

    /// `(1)` is a number, `(1,)` a list of one, `()` an empty list.
    fn parenthesis(&mut self) -> Option<Datum> {
        let (mut elements, has_comma) = self.bracketed(')')?;
        if elements.len() == 1 && !has_comma { elements.pop() } else { Some(Datum::List(elements)) }
    }

    /// A map, or a set, which becomes a list.
    fn braces(&mut self) -> Option<Datum> {
        if self.skip_to('}') {
            return Some(Datum::Map(Vec::new()));
        }
        let first = self.element()?;
        if !self.skip_to(':') {
            let mut elements = vec![first];
            if !self.skip_to('}') {
                self.skip_to(',').then_some(())?;
                elements = self.elements(elements, Some('}'))?;
            }
            let mut seen = HashSet::new();
            elements.retain(|element| seen.insert(identity(element)));
            return Some(Datum::List(elements));
        }
        let mut entries: IndexMap<String, Datum> = IndexMap::new();
        let mut key = first;
        loop {
            let (name, value) = (key_text(&key)?, self.element()?);
            entries.insert(name, value);
            let is_more = self.skip_to(',');
            if self.skip_to('}') {
                return Some(Datum::Map(entries.into_iter().collect()));
            }
            is_more.then_some(())?;
            key = self.element()?;
            self.skip_to(':').then_some(())?;
        }
    }

    fn number_or_dots(&mut self) -> Option<Datum> {
        if let Some(rest) = self.rest.strip_prefix("...") {
            self.rest = rest;
            return Some(Datum::Text("...".to_owned()));
        }
        let real = match self.signed_number()? {
            Number::Real(real) => real,
            Number::Imaginary(text) => return Some(Datum::Text(text)),
        };
        self.skip_blanks();
        let sign = match self.rest.chars().next() {
            Some(sign @ ('+' | '-')) => sign,
            _ => return Some(real),
        };
        self.rest = &self.rest[1..];
        self.skip_blanks();
        match self.number()? {
            Number::Imaginary(text) => Some(Datum::Text(format!("({}{sign}{text})", shown_part(&real)))),
            Number::Real(_) => None,
        }
    }

    fn signed_number(&mut self) -> Option<Number> {
        let is_negative = self.rest.starts_with('-');
        if is_negative || self.rest.starts_with('+') {
            self.rest = &self.rest[1..];
            self.skip_blanks();
        }
        let number = self.number()?;
        if !is_negative {
            return Some(number);
        }
        Some(match number {
            Number::Real(Datum::Integer(number)) => Number::Real(Datum::Integer(-number)),
            Number::Real(Datum::Digits(digits)) => Number::Real(Datum::Digits(format!("-{digits}"))),
            Number::Real(Datum::Number(number)) => Number::Real(Datum::Number(-number)),
            Number::Real(_) => return None,
            Number::Imaginary(text) => Number::Imaginary(format!("(-0-{text})")),
        })
    }

    /// A number without a sign, which no letter may follow.
    fn number(&mut self) -> Option<Number> {
        let end = number_end(self.rest)?;
        let (number, rest) = self.rest.split_at(end);
        let digits = number.replace('_', "");
        let is_imaginary = rest.starts_with(['j', 'J']);
        let rest = if is_imaginary { &rest[1..] } else { rest };
        if rest.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.') {
            return None;
        }
        self.rest = rest;
        let lower = digits.to_ascii_lowercase();
        if is_imaginary {
            let part = lower.parse::<f64>().ok()?;
            return Some(Number::Imaginary(format!("{}j", shown_part(&Datum::Number(part)))));
        }
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
            if let Some(digits) = lower.strip_prefix(prefix) {
                return i64::from_str_radix(digits, radix).ok().map(Datum::Integer).map(Number::Real);
            }
        }
        if lower.contains(['.', 'e']) {
            return lower.parse().ok().map(Datum::Number).map(Number::Real);
        }
        // Python refuses `017`, so that it stays text; `00` it takes.
        if lower.len() > 1 && lower.starts_with('0') && lower.bytes().any(|byte| byte != b'0') {
            return None;
        }
        Some(Number::Real(whole_number(&lower)))
    }

    /// Strings one after the other are one; a word is `True`, `False`, `None`, an empty `set()`, or no literal.
    fn string_or_word(&mut self) -> Option<Datum> {
        let (mut text, mut count) = (String::new(), 0);
        loop {
            self.skip_blanks();
            let Some(start) = string_start(self.rest) else { break };
            let is_bytes = start.is_bytes;
            let (piece, rest) = read_string(self.rest, start)?;
            if is_bytes && !piece.is_ascii() {
                return None;
            }
            text.push_str(&piece);
            self.rest = rest;
            count += 1;
        }
        if count > 0 {
            return Some(Datum::Text(text));
        }
        let end = self.rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        match word {
            "True" => Some(Datum::Bool(true)),
            "False" => Some(Datum::Bool(false)),
            "None" => Some(Datum::Null),
            "set" => (self.skip_to('(') && self.skip_to(')')).then_some(Datum::List(Vec::new())),
            _ => None,
        }
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\u{c}']);
    }

    /// Passes the character, with the blanks before it; false where another stands there.
    fn skip_to(&mut self, wanted: char) -> bool {
        self.skip_blanks();
        let rest = self.rest.strip_prefix(wanted);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }
}

/// Two elements of a set with the same one are the same.
fn identity(element: &Datum) -> String {
    match element {
        // Zero is zero, whatever its sign.
        Datum::Number(number) => format!("{:?}", number + 0.0),
        other => format!("{other:?}"),
    }
}

/// As the keys of a map are written in JSON.
fn key_text(key: &Datum) -> Option<String> {
    match key {
        Datum::Null => Some("null".to_owned()),
        Datum::List(_) | Datum::Map(_) => None,
        scalar => scalar.cell().map(|(text, _)| text),
    }
}

/// Python writes the parts of a complex number without `.0`.
fn shown_part(part: &Datum) -> String {
    match part {
        Datum::Number(number) => number_text(*number).trim_end_matches(".0").to_owned(),
        other => other.cell().map(|(text, _)| text).unwrap_or_default(),
    }
}

/// The digits of a whole number without a sign, as the narrowest value that holds it.
pub(crate) fn whole_number(digits: &str) -> Datum {
    match digits.parse() {
        Ok(number) => Datum::Integer(number),
        Err(_) => Datum::Digits(digits.to_owned()),
    }
}

/// Where a number of Python's ends; none where there is none. An underscore stands between digits alone.
fn number_end(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let digits = |from: usize, is_digit: fn(&u8) -> bool| {
        let mut at = from;
        while bytes.get(at).is_some_and(is_digit)
            || (at > from && bytes.get(at) == Some(&b'_') && bytes.get(at + 1).is_some_and(is_digit))
        {
            at += 1;
        }
        at
    };
    if let [b'0', kind @ (b'x' | b'X' | b'o' | b'O' | b'b' | b'B'), ..] = bytes {
        let is_digit: fn(&u8) -> bool = match kind {
            b'x' | b'X' => u8::is_ascii_hexdigit,
            b'o' | b'O' => |byte| matches!(byte, b'0'..=b'7'),
            _ => |byte| matches!(byte, b'0' | b'1'),
        };
        let from = if bytes.get(2) == Some(&b'_') { 3 } else { 2 };
        let end = digits(from, is_digit);
        return (end > from).then_some(end);
    }
    let whole = digits(0, u8::is_ascii_digit);
    let mut end = whole;
    if bytes.get(end) == Some(&b'.') {
        end = digits(end + 1, u8::is_ascii_digit);
        if whole == 0 && end == 1 {
            return None;
        }
    }
    if end > 0 && matches!(bytes.get(end), Some(b'e' | b'E')) {
        let from = end + 1 + usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(from, u8::is_ascii_digit);
        end = if exponent > from { exponent } else { end };
    }
    (end > 0).then_some(end)
}

struct StringStart {
    /// How many bytes come before the text: the prefix and the quotes.
    length: usize,
    quotes: &'static str,
    is_raw: bool,
    is_bytes: bool,
}

/// `br`, say.
const LONGEST_PREFIX: usize = 2;

fn string_start(text: &str) -> Option<StringStart> {
    let prefix_end = text.bytes().take(LONGEST_PREFIX + 1).position(|byte| matches!(byte, b'\'' | b'"'))?;
    let prefix = text[..prefix_end].to_ascii_lowercase();
    if !matches!(prefix.as_str(), "" | "r" | "u" | "b" | "br" | "rb") {
        return None;
    }
    let quotes = ["'''", "\"\"\"", "'", "\""].into_iter().find(|quotes| text[prefix_end..].starts_with(quotes))?;
    Some(StringStart {
        length: prefix_end + quotes.len(),
        quotes,
        is_raw: prefix.contains('r'),
        is_bytes: prefix.contains('b'),
    })
}

/// The text of a string, and what follows it; none where it does not end or names a character that we do not know.
fn read_string(text: &str, start: StringStart) -> Option<(String, &str)> {
    let (mut out, mut rest) = (String::new(), &text[start.length..]);
    loop {
        if let Some(after) = rest.strip_prefix(start.quotes) {
            return Some((out, after));
        }
        let mut characters = rest.chars();
        match characters.next()? {
            '\\' if start.is_raw => {
                let next = characters.next()?;
                out.extend(['\\', next]);
                rest = characters.as_str();
            }
            '\\' => rest = read_escape(characters.as_str(), start.is_bytes, &mut out)?,
            character => {
                out.push(character);
                rest = characters.as_str();
            }
        }
    }
}

/// Reads what follows a backslash; an escape that Python does not know stays as it is.
fn read_escape<'a>(rest: &'a str, is_bytes: bool, out: &mut String) -> Option<&'a str> {
    let mut characters = rest.chars();
    let escape = characters.next()?;
    let coded = |digits: usize, radix: u32, from: usize| {
        let code = rest.get(from..from + digits).and_then(|digits| u32::from_str_radix(digits, radix).ok())?;
        Some((char::from_u32(code)?, &rest[from + digits..]))
    };
    let plain = match escape {
        '\\' | '\'' | '"' => escape,
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        '0'..='7' => {
            let digits = rest.bytes().take(3).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
            let (character, rest) = coded(digits, 8, 0)?;
            out.push(character);
            return Some(rest);
        }
        'x' | 'u' | 'U' if escape == 'x' || !is_bytes => {
            let digits = match escape {
                'x' => 2,
                'u' => 4,
                _ => 8,
            };
            let (character, rest) = coded(digits, 16, 1)?;
            out.push(character);
            return Some(rest);
        }
        // A character by its name: that table is not worth carrying, so the value stays text.
        'N' if !is_bytes => return None,
        unknown => {
            out.extend(['\\', unknown]);
            return Some(characters.as_str());
        }
    };
    out.push(plain);
    Some(characters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Datum {
        Datum::Text(text.to_owned())
    }

    fn list(elements: &[Datum]) -> Datum {
        Datum::List(elements.to_vec())
    }

    #[test]
    fn literals_of_python() {
        use Datum::{Bool, Integer, Null, Number};
        for (source, wanted) in [
            ("10000", Integer(10_000)),
            ("  7 # why", Integer(7)),
            ("1_000", Integer(1_000)),
            ("-5", Integer(-5)),
            ("+5", Integer(5)),
            ("00", Integer(0)),
            ("0x1F", Integer(31)),
            ("0o17", Integer(15)),
            ("0b11", Integer(3)),
            ("99999999999999999999", Datum::Digits("99999999999999999999".to_owned())),
            ("1.5", Number(1.5)),
            ("1.", Number(1.0)),
            (".5", Number(0.5)),
            ("1e3", Number(1_000.0)),
            ("-1.5E-3", Number(-0.0015)),
            ("True", Bool(true)),
            ("None", Null),
            ("'  g  '", text("  g  ")),
            ("\"a\" 'b'", text("ab")),
            (r"'a\n\x41\u00e9\q'", text("a\nAé\\q")),
            (r"r'a\n'", text("a\\n")),
            ("'''it's'''", text("it's")),
            ("b'abc'", text("abc")),
            ("[1, 'a', [True]]", list(&[Integer(1), text("a"), list(&[Bool(true)])])),
            ("1,2", list(&[Integer(1), Integer(2)])),
            ("1,", list(&[Integer(1)])),
            ("(1)", Integer(1)),
            ("(1,)", list(&[Integer(1)])),
            ("()", list(&[])),
            ("{'a': 1, 2: 'b', 'a': 3}", Datum::Map(vec![("a".to_owned(), Integer(3)), ("2".to_owned(), text("b"))])),
            ("{1, 2, 1}", list(&[Integer(1), Integer(2)])),
            ("set()", list(&[])),
            ("...", text("...")),
            ("2j", text("2j")),
            ("1+2j", text("(1+2j)")),
        ] {
            assert_eq!(read(source), wanted, "{source}");
        }
    }

    #[test]
    fn all_else_is_text() {
        let nested = format!("{}{}", "[".repeat(500), "]".repeat(500));
        for source in [
            "",
            "yes",
            "true",
            "a b",
            "5.2.1",
            "017",
            "10abc",
            "1 2",
            "1_",
            "1__0",
            "0x",
            "--1",
            "1+2",
            "[1",
            "[1 2]",
            "{1: }",
            "'open",
            "'a' b",
            "f'a'",
            "'\\N{DASH}'",
            "'\\ud800'",
            "1,,2",
            ",",
            "#",
            "nan",
            "é",
            "'",
            "\"",
            ".",
            "..",
            "5 5",
            "1if",
            "web[1]",
            &nested,
        ] {
            assert_eq!(read(source), text(source), "{source}");
        }
    }
}
