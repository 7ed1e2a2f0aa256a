// What people write who come from elsewhere, or whose editor or keyboard wrote it for them.

use std::ops::Range;

use crate::diagnostic::{Edit, Fix, Problem};
use crate::source::{FileId, Span};
use crate::syntax::expected::Expected;
use crate::syntax::meant;
use crate::syntax::token::{RawToken, TokenKind};
use crate::syntax::words::{self, Class};

/// What is to be done about it, and the edits that do it, where that is certain.
pub(super) struct Habit {
    pub help: String,
    edits: Vec<(Range<usize>, String)>,
    title: Option<String>,
}

impl Habit {
    fn advice(help: impl Into<String>) -> Self {
        Self { help: help.into(), edits: Vec::new(), title: None }
    }

    fn edit(help: impl Into<String>, range: Range<usize>, written: impl Into<String>) -> Self {
        Self { help: help.into(), edits: vec![(range, written.into())], title: None }
    }

    /// `written` in its place, which the help says.
    fn write(range: Range<usize>, written: &str) -> Self {
        Self::edit(format!("write `{}`", written.trim()), range, written)
    }

    fn titled(self, title: &str) -> Self {
        Self { title: Some(title.to_owned()), ..self }
    }

    pub fn told(self, problem: Problem, file: FileId) -> Problem {
        let title = self.title.unwrap_or_else(|| self.help.clone());
        let mut problem = problem.help(self.help);
        let edits = self.edits.into_iter().map(|(range, replacement)| {
            let span = Span::new(file, range.start, range.end);
            Edit { span, replacement }
        });
        let edits: Vec<_> = edits.collect();
        if !edits.is_empty() {
            problem.fixes.push(Fix { title, edits });
        }
        problem
    }
}

/// Where a sentence goes wrong.
pub(super) struct Place<'a> {
    pub text: &'a str,
    pub wrong: &'a RawToken,
    pub expected: &'a Expected,
}

impl Place<'_> {
    pub fn habit(&self) -> Option<Habit> {
        let rest = self.text.get(self.wrong.start..)?;
        self.operator(rest)
            .or_else(|| self.word())
            .or_else(|| look_alike(self.text, self.wrong.start))
            .or_else(|| comment(self.text, self.wrong.start).map(|(_, habit)| habit))
            .or_else(|| self.sign(rest))
    }

    /// Signs and words that compare or join elsewhere.
    fn operator(&self, rest: &str) -> Option<Habit> {
        let start = self.wrong.start;
        let before = self.text.get(..start)?;
        let after_sign = |sign: &str| before.ends_with(sign);
        // `<>` and `===` are two signs here, of which the first could be read.
        if rest.starts_with('>') && after_sign("<") {
            return Some(Habit::write(start - 1..start + 1, "!="));
        }
        if rest.starts_with('=') && (after_sign("==") || after_sign("!=")) {
            let ours = if after_sign("==") { "==" } else { "!=" };
            return Some(Habit::write(start - 2..start + 1, ours));
        }
        if self.takes("an operator") {
            let signs = [("&&", "and"), ("||", "or"), ("=", "=="), ("<>", "!="), ("&", "and"), ("|", "or")];
            if let Some((theirs, ours)) = signs.into_iter().find(|(theirs, _)| rest.starts_with(theirs)) {
                return Some(Habit::write(start..start + theirs.len(), ours));
            }
        }
        rest.starts_with('!').then(|| Habit::write(start..start + 1, "not "))
    }

    fn word(&self) -> Option<Habit> {
        let word = self.slice();
        let range = self.wrong.start..self.wrong.end;
        let expects = |wanted: &str| self.expected.words().any(|word| word == wanted);
        if self.takes("a weekday") {
            if let Some((first, last)) = weekdays(word) {
                return Some(Habit::write(range, &format!("{first}..{last}")));
            }
            if let Some(day) = meant::weekday(word) {
                return Some(
                    Habit::edit(
                        format!("weekdays are `mon`, `tue`, `wed`, `thu`, `fri`, `sat` and `sun`: write `{day}`"),
                        range,
                        day,
                    )
                    .titled(&format!("write `{day}`")),
                );
            }
        }
        let nothing = ["null", "none", "nil", "empty", "undefined", "blank", "None", "NULL"];
        if expects("missing") && nothing.contains(&word) {
            return Some(Habit::write(range, "missing"));
        }
        if self.has("-") && matches!(word, "to" | "until" | "till") || self.has("-") && word == ".." {
            return Some(Habit::write(range, "-"));
        }
        None
    }

    fn sign(&self, rest: &str) -> Option<Habit> {
        let range = self.wrong.start..self.wrong.end;
        let is_text = matches!(self.wrong.kind, TokenKind::Quote | TokenKind::Unterminated | TokenKind::Chunk);
        match () {
            () if rest.starts_with(';') => {
                Some(Habit::edit("sentences need nothing between them", range, "").titled("take it away"))
            }
            () if rest.starts_with([':', '=']) && !self.has("=") => {
                Some(Habit::edit("nothing stands between a word and what it says", range, "").titled("take it away"))
            }
            () if is_text && self.has(",") => {
                let place = self.wrong.start..self.wrong.start;
                Some(Habit::edit("a list has `,` between its parts", place, ", ").titled("write `,`"))
            }
            () if rest.starts_with(',') && self.takes("an operator") => Some(Habit::advice("a list stands in `[…]`")),
            () if self.takes("an operator") && rest.starts_with('-') => {
                Some(Habit::advice("a minus between two values has blanks around it"))
            }
            () => None,
        }
    }

    fn slice(&self) -> &str {
        self.text.get(self.wrong.start..self.wrong.end).unwrap_or("")
    }

    fn takes(&self, kind: &str) -> bool {
        self.expected.kinds.contains(&kind)
    }

    fn has(&self, sign: &str) -> bool {
        self.expected.literals.iter().any(|literal| literal == sign)
    }
}

/// A comment, or a fence, as other languages write it, and the sign that begins it.
pub(super) fn comment(text: &str, at: usize) -> Option<(&'static str, Habit)> {
    let rest = text.get(at..)?;
    if let Some(signs) = ["//", "--", "/*"].into_iter().find(|signs| rest.starts_with(signs)) {
        let line = rest.lines().next().unwrap_or("").trim_end();
        let help = "a comment begins with `#`, and goes to the end of its line";
        let mut habit = Habit::edit(help, at..at + signs.len(), "#").titled("write `#`");
        if signs == "/*" {
            // One that goes on over several lines has more to mend than a machine should.
            match line.ends_with("*/") && line.len() >= 4 {
                true => habit.edits.push((at + line.len() - 2..at + line.len(), String::new())),
                false => habit.edits.clear(),
            }
        }
        return Some((signs, habit));
    }
    let fence = || Habit::advice("this is Markdown's sign for a piece of code: take the line away");
    rest.starts_with("```").then(|| ("```", fence()))
}

/// A date as it is written elsewhere, which ends where the grammar stopped, or there begins.
pub(super) fn date(text: &str, wrong: &RawToken) -> Option<(Range<usize>, Vec<String>)> {
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '.' | '/');
    let within = text.get(wrong.start..)?;
    let starts_here = within.starts_with(|c: char| c.is_ascii_digit()) && !within.get(..3)?.contains(':');
    let before = text.get(..wrong.start)?;
    let anchor = if starts_here { wrong.start } else { before.trim_end_matches([' ', '\t', '/']).len() };
    let start = text.get(..anchor)?.trim_end_matches(is_part).len();
    let from = text.get(start..)?;
    let length = from.find(|c: char| !is_part(c)).unwrap_or(from.len());
    let written = from.get(..length)?.trim_end_matches(['.', '/']);
    let dates = meant::dates(written);
    (!dates.is_empty()).then(|| (start..start + written.len(), dates))
}

/// A character that looks like one of ours.
pub(super) fn look_alike(text: &str, at: usize) -> Option<Habit> {
    let rest = text.get(at..)?;
    let found = rest.chars().next()?;
    let end = at + found.len_utf8();
    if is_quote(found) {
        return Some(quoted(text, at, found));
    }
    if let Some((name, _)) = invisible(found) {
        let help = format!("there is {name} here, which looks like a blank: write a blank");
        return Some(Habit::edit(help, at..end, " ").titled("write a blank"));
    }
    let ours = match found {
        '–' | '—' | '‐' | '‑' | '−' => '-',
        '：' => ':',
        '；' => ';',
        '，' => ',',
        '（' => '(',
        '）' => ')',
        '｛' => '{',
        '｝' => '}',
        '［' => '[',
        '］' => ']',
        '＝' => '=',
        '…' => return Some(Habit::write(at..end, "..")),
        _ => return None,
    };
    let help = format!("`{found}` only looks like it: write `{ours}`");
    Some(Habit::edit(help, at..end, ours).titled(&format!("write `{ours}`")))
}

/// What an invisible character is called, and how it is written.
pub(super) fn invisible(found: char) -> Option<(&'static str, &'static str)> {
    Some(match found {
        '\u{a0}' => ("a no-break space", "U+00A0"),
        '\u{2007}' | '\u{202f}' => ("a narrow no-break space", "U+202F"),
        '\u{2002}'..='\u{200a}' => ("a wide blank", "U+2002"),
        '\u{3000}' => ("a wide blank", "U+3000"),
        '\u{200b}' => ("a blank without width", "U+200B"),
        '\u{feff}' => ("a byte order mark", "U+FEFF"),
        _ => return None,
    })
}

fn is_quote(found: char) -> bool {
    matches!(found, '“' | '”' | '„' | '‟' | '«' | '»' | '‘' | '’' | '‚' | '\'' | '＂')
}

/// The quotes of a text that ends on its line are mended together.
fn quoted(text: &str, at: usize, found: char) -> Habit {
    let help = "texts stand in straight double quotes: `\"…\"`";
    let inside = at + found.len_utf8();
    let line = text.get(inside..).and_then(|rest| rest.lines().next()).unwrap_or("");
    let close = line.char_indices().find(|(_, c)| is_quote(*c) || *c == '"');
    match close {
        Some((length, close)) if close != '"' => {
            let end = inside + length;
            let mut habit = Habit::edit(help, at..inside, "\"").titled("write `\"`");
            habit.edits.push((end..end + close.len_utf8(), "\"".to_owned()));
            habit
        }
        _ => Habit::advice(help),
    }
}

/// How others compare, and how it is said here.
pub(super) fn foreign_operator(word: &str) -> Option<&'static str> {
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
fn weekdays(word: &str) -> Option<(&'static str, &'static str)> {
    let weekday = |part: &str| {
        let known = words::find(part).filter(|word| word.class == Class::Weekday).map(|word| word.text);
        known.or_else(|| meant::weekday(part))
    };
    let (first, last) = word.split_once('-')?;
    Some((weekday(first)?, weekday(last)?))
}
