//! Scripts: whatever the text, what a parse says is about that text.

use sunup::source::{FileId, Span};
use sunup::syntax::{self, ast::ItemKind, words::WORDS};
use sunup::syntax::{Refusal, format};

const FILE: FileId = FileId(0);

#[allow(dead_code, reason = "not everything that includes this has bytes")]
pub fn parser(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        assert_sound(text);
    }
}

/// A script that reads is formatted: the formatter proves its own work, and has no reason to refuse.
#[allow(dead_code, reason = "not everything that includes this has bytes")]
pub fn formatter(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match format(FILE, text) {
        Ok(formatted) => assert!(formatted.len() <= text.len() * MOST_BLANKS + 1, "{} bytes of it", formatted.len()),
        Err(Refusal::Malformed(problems)) => assert!(!problems.is_empty(), "refused, and nobody says why"),
        Err(Refusal::Differs(difference)) => panic!("the formatter is wrong: {difference}"),
    }
}

/// For a byte: its line, and two blanks for each level of brackets.
const MOST_BLANKS: usize = 2 * syntax::MAX_DEPTH + 2;

/// Everything that a parse says is about the text that it was given.
pub fn assert_sound(text: &str) {
    let parse = syntax::parse(FILE, text);
    let fits = |span: Span| span.file == FILE && text.get(span.range()).is_some();
    for problem in parse.problems.iter() {
        assert!(!problem.labels.is_empty(), "a problem without a place: {problem:?}");
        assert!(!problem.message.contains('\n'), "a message of several lines: {problem:?}");
        assert!(!problem.message.contains("too hard to read"), "the grammar gave up: {problem:?}");
        assert!(problem.labels.iter().all(|label| fits(label.span)), "{problem:?}");
        assert!(problem.fixes.iter().flat_map(|fix| &fix.edits).all(|edit| fits(edit.span)), "{problem:?}");
    }
    assert!(parse.comments.iter().all(|comment| fits(comment.span) && text[comment.span.range()].starts_with('#')));
    assert!(parse.file.items.iter().all(|item| fits(item.span)));
    let mut end = if text.starts_with('\u{feff}') { 3 } else { 0 };
    for token in syntax::tokens(FILE, text) {
        let start = token.span.start as usize;
        assert!(fits(token.span) && !token.span.is_empty());
        assert!(text[end..start].chars().all(|c| " \t\r\n".contains(c)), "something lies between two tokens");
        end = token.span.end as usize;
    }
    assert!(text[end..].trim_matches([' ', '\t', '\r', '\n']).is_empty());
    let dropped = parse.problems.is_empty() && parse.file.items.iter().any(|item| item.kind == ItemKind::Bad);
    assert!(!dropped, "a bad item without a problem");
}

/// Every word of the language, its signs and a literal of each kind.
#[allow(dead_code, reason = "not everything that includes this mutates")]
pub fn words() -> Vec<&'static str> {
    let signs = "{ } ( ) [ ] \" , . .. = == != < <= > >= - + * / # ## ' \\ \\n \\{ % & ; : @".split(' ');
    let others = [
        "# c\n",
        "\n## c\n",
        "\n\n\n",
        "\n",
        "\r\n",
        "\t",
        " ",
        "5",
        "24h",
        "25%",
        "22:00",
        "2007-05-08",
        "2007-05-08 17:00 UTC",
        "2007-13",
        "5.2.1",
        "us-east-1",
        "é",
        "東京",
        "\u{1}",
        "\u{3}",
        "\u{4}",
        "\u{feff}",
        "\"a\"",
        "\"{a}\"",
        "\"{\"{a}\"}\"",
    ];
    WORDS.iter().map(|word| word.text).chain(signs).chain(others).collect()
}
