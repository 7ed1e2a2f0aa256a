//! No input is too deep, too long or too strange for the parser: it answers, on a small stack, and tells the places. (What it
//! costs is counted in `src/syntax/work.rs`.)

#![expect(clippy::unwrap_used, reason = "what a test cannot do without ends it")]

use sunup::diagnostic::Code;
use sunup::source::{FileId, Span};
use sunup::syntax::{self, MAX_DEPTH, Parse};

const FILE: FileId = FileId(0);

fn parse(text: &str) -> Parse {
    syntax::parse(FILE, text)
}

/// The smallest stack that a caller may give us: less than a thread of Rust, Windows or musl has by itself (musl: 128 KiB
/// by default, but Rust asks for 2 MiB).
const STACK: usize = 512 * 1024;

fn on_small_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    std::thread::Builder::new().stack_size(STACK).spawn(work).unwrap().join().unwrap()
}

/// Parses, prints and drops, and says which codes came of it.
fn codes(text: String) -> Vec<Code> {
    on_small_stack(move || {
        let parse = parse(&text);
        let shown = format!("{:?}{:#?}{:?}", parse.file, parse.file, parse.clone().file == parse.file);
        assert!(shown.len() > 10);
        for problem in parse.problems.iter() {
            for label in &problem.labels {
                assert_in_range(&text, label.span);
            }
        }
        parse.problems.iter().map(|problem| problem.code).collect()
    })
}

fn assert_in_range(text: &str, span: Span) {
    assert!(text.get(span.range()).is_some(), "{span:?} is no part of a text of {} bytes", text.len());
}

/// What nests, each as (before, one level's beginning, the middle, one level's end, after); the first kinds are right as
/// long as they are not too deep.
const KINDS: [(&str, &str, &str, &str, &str, &str); 11] = [
    ("parentheses", "let x = ", "(", "1", ")", ""),
    ("lists", "let x = ", "[", "1", "]", ""),
    ("calls", "let x = ", "f(", "1", ")", ""),
    ("quantifiers", "let x = ", "any(", "1", ")", ""),
    ("values in texts", "let x = \"", "{\"", "", "\"}", "\""),
    ("not", "let x = ", "not ", "y", "", ""),
    ("minus", "let x = ", "- ", "1", "", ""),
    ("not and parentheses", "let x = ", "not (", "y", ")", ""),
    ("braces", "", "{", "", "}", ""),
    ("braces of blocks", "", "rollout a { ", "", "}", ""),
    ("braces in a text", "let x = \"", "{", "a", "}", "\""),
];

fn nested(kind: usize, levels: usize, closed: bool) -> String {
    let (_, before, open, middle, close, after) = KINDS[kind];
    let (close, after) = if closed { (close.repeat(levels), after) } else { (String::new(), "") };
    format!("{before}{}{middle}{close}{after}\n", open.repeat(levels))
}

/// How many levels one repetition of a kind adds.
fn levels_of(kind: usize) -> usize {
    if KINDS[kind].0 == "not and parentheses" { 2 } else { 1 }
}

#[test]
fn the_limit_is_the_same_for_everything_that_nests() {
    for (idx, kind) in KINDS.iter().enumerate() {
        let most = MAX_DEPTH / levels_of(idx);
        for levels in [most - 1, most] {
            let codes = codes(nested(idx, levels, true));
            assert!(!codes.contains(&Code::TOO_DEEP), "{}, {levels}", kind.0);
            assert!(idx >= 8 || codes.is_empty(), "{}, {levels}: {codes:?}", kind.0);
        }
        for levels in [most + 1, 1000] {
            let codes = codes(nested(idx, levels, true));
            assert_eq!(codes, [Code::TOO_DEEP], "{}, {levels}", kind.0);
        }
    }
}

#[test]
fn unclosed_nesting_up_to_the_limit_is_answered() {
    for (idx, kind) in KINDS.iter().enumerate() {
        for levels in [1, 2, MAX_DEPTH / 2, MAX_DEPTH - 1, MAX_DEPTH] {
            let codes = codes(nested(idx, levels, false));
            assert!(codes.len() <= 2, "{}, {levels}: {codes:?}", kind.0);
        }
    }
}

#[test]
fn a_million_levels_are_answered() {
    for (idx, kind) in KINDS.iter().enumerate() {
        for closed in [true, false] {
            let is_single_bracket = KINDS[idx].2.len() == 1;
            let levels = if is_single_bracket && !closed { 1_000_000 } else { 20_000 };
            let codes = codes(nested(idx, levels, closed));
            assert!(codes.contains(&Code::TOO_DEEP) || (!closed && kind.0.contains("text")), "{}: {codes:?}", kind.0);
        }
    }
}

#[test]
fn the_place_is_where_the_level_begins() {
    let text = nested(0, MAX_DEPTH + 1, true);
    let problems = parse(&text).problems;
    let span = problems.iter().next().and_then(|problem| problem.span()).unwrap();
    assert_eq!(span.start as usize, "let x = ".len() + MAX_DEPTH);
}

#[test]
fn what_is_around_a_piece_that_is_too_deep_is_read() {
    let text = format!("let a = 1\nlet b = {}1{} + 2\nlet c = 3\n", "(".repeat(70), ")".repeat(70));
    let parse = parse(&text);
    assert_eq!(parse.problems.len(), 1);
    let shown = format!("{:?}", parse.file);
    assert_eq!(parse.file.items.len(), 3);
    assert!(shown.contains("Hole") && shown.contains("Number(\"2\")") && shown.contains("Number(\"3\")"));
}

/// Long rows nest nothing in the script; their trees may not be as high as they are long all the same.
#[test]
fn long_rows_are_no_deep_trees() {
    let row = |part: &str, between: &str, count: usize| format!("let x = {}\n", vec![part; count].join(between));
    for operator in [" or ", " and "] {
        for count in [2, 17, 65, 1000, 5_000] {
            assert_eq!(codes(row("a == 1", operator, count)), [], "{operator}, {count}");
        }
    }
    for operator in [" + ", " * ", " .. "] {
        assert_eq!(codes(row("a", operator, 100)), [], "{operator}");
        assert!(codes(row("a", operator, 5_000)).contains(&Code::TOO_DEEP), "{operator}");
    }
    assert!(codes(row("a", ".", 5_000)).contains(&Code::TOO_DEEP));
    assert!(codes(format!("let x = {}\n", vec!["not a"; 5_000].join(" == "))).len() <= 101);
    // Brackets that hold long rows that hold brackets.
    let inner = format!("{}1{}", "(a + b + ".repeat(60), ")".repeat(60));
    codes(row(&inner, " or ", 40));
    codes(format!("let x = {}1{}\n", "[a.b.c.d == 1 or not b + c * ".repeat(30), "]".repeat(30)));
}
