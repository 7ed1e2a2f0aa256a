use std::borrow::Cow;

/// Text of others (a file, a host, a person) made fit for a terminal, a log or a page: whatever could move the cursor,
/// start an escape sequence, turn the direction of writing, break the line or hide comes out as a visible escape such as
/// `\u{1b}`; so does what a build service reads as a command out of a log (`##[add-mask]`). Everything else stays as it
/// is, a backslash too: this is for reading, not for reading back.
pub fn harmless(text: &str) -> Cow<'_, str> {
    let Some(first) = find_harm(text) else { return Cow::Borrowed(text) };
    let mut out = String::with_capacity(text.len() + 16);
    let (before, rest) = text.split_at(first);
    out.push_str(before);
    for (at, c) in rest.char_indices() {
        match c {
            '#' if begins_command(&rest[at..]) => out.push_str("\\u{23}"),
            _ => push_harmless(&mut out, c),
        }
    }
    Cow::Owned(out)
}

/// Where the first character stands that [`harmless`] would change.
pub(crate) fn find_harm(text: &str) -> Option<usize> {
    let harm = |&(at, c): &(usize, char)| is_harmful(c) || (c == '#' && begins_command(&text[at..]));
    text.char_indices().find(harm).map(|(at, _)| at)
}

/// Whether a text begins with what build services obey wherever it stands in a line: `##[…` and `##vso[…`.
pub(crate) fn begins_command(text: &str) -> bool {
    let word = text.strip_prefix("##").map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric()));
    word.is_some_and(|rest| rest.starts_with('['))
}

/// Whether a character may not reach a reader as it is.
pub fn is_harmful(c: char) -> bool {
    match c {
        ' '..='~' => false,
        // C0, DEL and C1: a terminal obeys them, U+009B as much as ESC [.
        _ if c.is_control() => true,
        // Direction marks, embeddings, overrides and isolates (CVE-2021-42574).
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}' => true,
        // What ends a line for some readers and not for others.
        '\u{2028}' | '\u{2029}' => true,
        // What has no width: two names that differ in it look the same.
        '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' => true,
        '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}' | '\u{3164}' | '\u{ffa0}' | '\u{feff}' => true,
        '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' => true,
        // Variation selectors can carry hidden text; the two that emoji need are left.
        '\u{fe00}'..='\u{fe0d}' | '\u{e0000}'..='\u{e0fff}' => true,
        _ => false,
    }
}

fn push_harmless(out: &mut String, c: char) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        _ if is_harmful(c) => out.extend(c.escape_unicode()),
        _ => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_text_is_lent_as_it_is() {
        for text in ["", "ex-syd-01", r"C:\new\table", "Zürich 東京 🐹", "a\u{fe0f}"] {
            assert!(matches!(harmless(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }

    #[test]
    fn what_a_terminal_obeys_is_shown() {
        for (text, shown) in [
            ("a\x1b[31mb", r"a\u{1b}[31mb"),
            ("a\r\nb\tc", r"a\r\nb\tc"),
            ("\u{9b}2J\u{7f}\0", r"\u{9b}2J\u{7f}\u{0}"),
            ("ab\u{202e}cd\u{2069}", r"ab\u{202e}cd\u{2069}"),
            ("zero\u{200b}width\u{feff}", r"zero\u{200b}width\u{feff}"),
            ("line\u{2028}line\u{2029}", r"line\u{2028}line\u{2029}"),
            ("tag\u{e0041}", r"tag\u{e0041}"),
            ("a ##[add-mask]b", r"a \u{23}#[add-mask]b"),
            ("###vso[task.setvariable]", r"#\u{23}#vso[task.setvariable]"),
            ("## note [1]\n", r"## note [1]\n"),
        ] {
            assert_eq!(harmless(text), shown);
        }
    }

    proptest! {
        #[test]
        fn nothing_harmful_is_left(text in r"(?s)(#|\[|vso|\x1b|.){0,20}") {
            let shown = harmless(&text);
            prop_assert_eq!(find_harm(&shown), None);
            prop_assert_eq!(harmless(&shown), shown.as_ref());
        }
    }
}
