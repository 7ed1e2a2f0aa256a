//! The formatter keeps its word on everything that the project has written in its language, and on what nobody should write.

#![expect(clippy::unwrap_used, reason = "what a test cannot do without ends it")]
#![expect(clippy::disallowed_methods, reason = "a test of the formatter reads the project's scripts")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use proptest::prelude::*;
use sunup::source::FileId;
use sunup::syntax::{Parse, Refusal, Token, TokenKind, format, parse, tokens};

#[path = "support/outline.rs"]
mod outline;

const FILE: FileId = FileId(0);

#[track_caller]
fn formatted(text: &str) -> String {
    match format(FILE, text) {
        Ok(formatted) => formatted,
        Err(refusal) => panic!("{refusal:?}\n{text}"),
    }
}

fn is_sound(text: &str) -> bool {
    parse(FILE, text).problems.is_empty()
}

/// What a script says, places apart, and its comments.
fn said(text: &str) -> (String, Vec<String>) {
    let Parse { file, comments, .. } = parse(FILE, text);
    let comments = comments.iter().map(|comment| text[comment.span.range()].trim_end().to_owned());
    (outline::outline(&file), comments.collect())
}

/// Formats it, and holds that the outcome says the same, with the same comments, and is formatted to itself.
#[track_caller]
fn assert_kept(name: &str, text: &str) -> String {
    let formatted = formatted(text);
    assert_eq!(said(text), said(&formatted), "{name}:\n{formatted}");
    assert_eq!(self::formatted(&formatted), formatted, "{name}");
    formatted
}

#[test]
fn every_script_of_the_project_says_the_same_and_is_stable() {
    let scripts = scripts();
    assert!(scripts.len() > 90, "found only {}", scripts.len());
    for (name, text) in scripts {
        let formatted = assert_kept(&name, &text);
        for line in formatted.lines() {
            assert_eq!(line.trim_end(), line, "{name}: blanks at the end of a line");
            assert!(!line.trim_start().starts_with('\t'), "{name}");
        }
        assert!(!formatted.contains("\n\n\n") && !formatted.starts_with('\n'), "{name}:\n{formatted}");
        assert!(formatted.is_empty() || formatted.ends_with('\n') && !formatted.ends_with("\n\n"), "{name}");
    }
}

#[test]
fn what_the_project_shows_is_in_the_style() {
    for (name, text) in scripts() {
        if !name.starts_with("tests/") && !name.starts_with("docs/errors/") {
            assert_eq!(formatted(&text), text, "{name}");
        }
    }
}

#[test]
fn a_comment_between_any_two_tokens_survives() {
    let mut tried = 0;
    let comments = [" # here\n", "\n# here\n", "\n\n## here\n\n"];
    for item in ITEMS.iter() {
        for (idx, place) in places(item).into_iter().enumerate() {
            // Each place with one of them, so that the test stays quick.
            if let Some(comment) = comments.get(idx % comments.len()) {
                let text = format!("{}{comment}{}", &item[..place], &item[place..]);
                if is_sound(&text) {
                    let formatted = formatted(&text);
                    let found = parse(FILE, &formatted).comments;
                    assert!(found.iter().any(|found| formatted[found.span.range()].ends_with("# here")), "{formatted}");
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 1_500, "only {tried} places were tried");
}

#[test]
fn comments_everywhere_at_once_survive() {
    for item in ITEMS.iter() {
        let sound = |place: &usize| is_sound(&format!("{} # a\n{}", &item[..*place], &item[*place..]));
        let mut text = item.clone();
        for (idx, place) in places(item).into_iter().filter(sound).enumerate().collect::<Vec<_>>().into_iter().rev() {
            text.insert_str(place, &format!(" # {idx}\n"));
        }
        if is_sound(&text) {
            assert_kept("everywhere", &text);
        }
    }
}

#[test]
fn the_first_line_end_is_that_of_all() {
    let unix = "# a\nteam b {\n  members \"c\" # d\n\n  may everything\n}\n";
    let formatted = assert_kept("unix", unix);
    assert_eq!(assert_kept("windows", &unix.replace('\n', "\r\n")), formatted.replace('\n', "\r\n"));
    assert_eq!(assert_kept("mixed", &unix.replacen('\n', "\r\n", 1)), formatted.replace('\n', "\r\n"));
    assert_eq!(assert_kept("a carriage return alone", "let a =\r1\r"), "let a = 1\n");
    assert_eq!(assert_kept("in a comment", "# a\rlet b = 1\nlet c = 2"), "# a\rlet b = 1\nlet c = 2\n");
}

#[test]
fn marks_blanks_and_missing_ends() {
    assert_eq!(assert_kept("mark", "\u{feff}let a=1"), "\u{feff}let a = 1\n");
    assert_eq!(assert_kept("mark and comment", "\u{feff}# a"), "\u{feff}# a\n");
    assert_eq!(
        assert_kept("tabs", "\tteam\ta\t{\n\t\tmembers\t\"b\tc\"\t#\td\t\n}"),
        "team a {\n  members \"b\tc\"  #\td\n}\n"
    );
    for nothing in ["", "\n", " \t\r\n\n", "\u{feff}"] {
        assert_eq!(assert_kept("nothing", nothing), nothing.trim_matches([' ', '\t', '\r', '\n']));
    }
    assert_eq!(assert_kept("only comments", "\n\n#a\n\n\n\n  ## b"), "#a\n\n## b\n");
}

#[test]
fn hostile_characters_in_comments_and_texts_stay() {
    for hostile in [
        "\u{1}",
        "\u{3}",
        "\u{4}",
        "\u{0}",
        "\u{85}",
        "\u{2028}",
        "\u{202e}",
        "\u{feff}",
        "\u{1b}[31m",
        "\"{",
        "é\u{301}",
        "\u{a0}",
    ] {
        let text = format!("# a {hostile} b {hostile}\nlet c = 1 #{hostile}\n#{hostile}\n");
        assert!(assert_kept("comment", &text).starts_with(&format!("# a {hostile} b {hostile}\n")), "{hostile:?}");
        if hostile != "\"{" {
            let formatted = assert_kept("text", &format!("let   c = \"{hostile}\"\n"));
            assert_eq!(formatted, format!("let c = \"{hostile}\"\n"));
        }
    }
}

#[test]
fn long_lists_and_long_words() {
    let names: Vec<String> = (0..60).map(|idx| format!("\"somebody-{idx}\"")).collect();
    let list = names.join(", ");
    for text in [
        format!("team a {{ members {list}  may everything }}"),
        format!("let a = [{list}]"),
        format!("let a = [\n{list},\n]"),
        format!("rollout r {{ to name in [{list}] and role == \"web\" or not (name in [{list}]) }}"),
        format!("let a = f({list})"),
        format!("refine r in region {} {{ soak 4h }}", names.join(",")),
    ] {
        let formatted = assert_kept("list", &text);
        let longest = formatted.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(longest <= 120, "{longest}\n{formatted}");
    }
    let long = "x".repeat(100_000);
    assert_kept("text", &format!("let a = \"{long}\" let b = {long} # {long}"));
    assert_kept(
        "members",
        &format!("team a {{ members \"{long}\" may everything }}\nteam b {{ members \"b\" may hold }}"),
    );
}

#[test]
fn deep_nesting_is_formatted_and_what_is_too_deep_refused() {
    for (open, close) in [("(", ")"), ("[", "]"), ("not ", ""), ("f(", ")"), ("(\n", "\n)"), ("[ # a\n", "]")] {
        let text = |depth: usize| format!("let a = {}1{}", open.repeat(depth), close.repeat(depth));
        assert_kept(open, &text(60));
        assert!(matches!(format(FILE, &text(70)), Err(Refusal::Malformed(_))));
    }
    assert!(matches!(format(FILE, &"{".repeat(1_000_000)), Err(Refusal::Malformed(_))));
}

#[test]
fn what_is_malformed_is_refused_with_its_problems() {
    for text in ["team", "team a {", "let a = \"b", "rollout r { soak 24 }", "}"] {
        let Err(Refusal::Malformed(problems)) = format(FILE, text) else { panic!("{text}") };
        assert!(problems.has_errors());
    }
}

#[test]
fn a_large_script_takes_time_in_proportion() {
    let (_, one) = scripts().into_iter().find(|(name, _)| name.starts_with("examples/exchange")).unwrap();
    let time = |copies: usize| {
        let text = one.repeat(copies);
        let start = std::time::Instant::now();
        formatted(&text);
        start.elapsed()
    };
    let (small, large) = (time(5), time(50));
    assert!(large < small * 40, "{small:?} for five copies, {large:?} for fifty");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// However blanks, line breaks and comments stand between the tokens of an item: what can be read is formatted and stable.
    #[test]
    fn any_blanks_are_formatted(which in any::<prop::sample::Index>(), gaps in prop::collection::vec(0..18_usize, 1..60)) {
        let item = which.get(&ITEMS);
        let mut text = String::new();
        let mut end = 0;
        for (idx, place) in places(item).into_iter().enumerate() {
            text.push_str(item[end..place].trim_matches([' ', '\n']));
            text.push_str(match gaps[idx % gaps.len()] {
                0 => "\n",
                1 => "\n\n\n",
                2 => "\t",
                3 => "   ",
                4 => " # a\n",
                5 => "\n  # b\n",
                7.. if !item[end..place].ends_with([' ', '\n']) => "",
                _ => " ",
            });
            end = place;
        }
        text.push_str(&item[end..]);
        if is_sound(&text) {
            assert_kept("any", &text);
        }
    }
}

/// Where something can stand between two tokens: before each that is not inside a text.
fn places(text: &str) -> Vec<usize> {
    let all: Vec<Token> = tokens(FILE, text).collect();
    let mut places = Vec::new();
    let mut end = 0;
    for (idx, token) in all.iter().enumerate() {
        let start = token.span.start as usize;
        if start < end {
            continue;
        }
        places.push(start);
        if token.kind == TokenKind::Quote {
            end = text_end(text, &all[idx..]);
        }
    }
    places.push(text.trim_end().len());
    places
}

/// The end of the text literal that these tokens begin with.
fn text_end(text: &str, tokens: &[Token]) -> usize {
    let mut open: Vec<u8> = Vec::new();
    for token in tokens {
        let sign = text.as_bytes()[token.span.start as usize];
        match token.kind {
            TokenKind::Quote if open.last() == Some(&b'"') => drop(open.pop()),
            TokenKind::Quote | TokenKind::Open => open.push(sign),
            TokenKind::Close => drop(open.pop()),
            _ => {}
        }
        if open.is_empty() {
            return token.span.end as usize;
        }
    }
    text.len()
}

/// The items of the scripts that show all of the language, each by itself and once.
static ITEMS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let shows =
        |name: &str| name.contains("/whole/") || name.starts_with("examples/") || name.starts_with("docs/language");
    let mut items = BTreeSet::new();
    for (_, text) in scripts().into_iter().filter(|(name, _)| shows(name)) {
        let found = parse(FILE, &text).file.items;
        items.extend(found.iter().map(|item| text[item.span.range()].to_owned()).filter(|item| item.len() < 700));
    }
    assert!(items.len() > 60, "only {} items", items.len());
    items.into_iter().collect()
});

/// Every script of the project that can be read, with where it stands: files, and what the pages show.
fn scripts() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for folder in ["examples", "stdlib", "tests/cases", "docs"] {
        files(Path::new(folder), &mut found);
    }
    found.push(PathBuf::from("README.md"));
    found.sort();
    let mut scripts = Vec::new();
    for path in found {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let name = path.display().to_string();
        match name.ends_with(".md") {
            true => scripts.extend(shown(&text).map(|script| (name.clone(), script))),
            false => scripts.push((name, text)),
        }
    }
    scripts.retain(|(_, text)| is_sound(text));
    scripts
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        match extension {
            _ if path.is_dir() => files(&path, found),
            Some("sunup" | "md") => found.push(path),
            _ => {}
        }
    }
}

/// The blocks of a page that are marked as scripts.
fn shown(page: &str) -> impl Iterator<Item = String> {
    let blocks = page.split("\n```").collect::<Vec<_>>();
    let scripts = blocks.iter().filter_map(|block| block.strip_prefix("sunup\n").map(|script| format!("{script}\n")));
    scripts.collect::<Vec<_>>().into_iter()
}
