//! Every rendering of a problem, as it comes out; and that nothing of others comes out raw.

#![expect(clippy::unwrap_used, reason = "what a test cannot do without ends it")]
#![expect(clippy::disallowed_methods, reason = "golden texts are files")]
#![cfg(feature = "cli")]

use proptest::prelude::*;
use sunup::diagnostic::{Code, Look, Problem, Problems, fancy, github, is_harmful, json, plain, sarif, short};
use sunup::source::{FileId, Sources, Span};

const LOOK: Look = Look { width: 80, has_colours: false };

const SCRIPT: &str = "\
rollout exchange-may {
\tto product == \"exchnage\"

\tregion asia {
\t\twindow mon..fri 22:00-06:00
\t}
}
";

fn span(sources: &Sources, name: &str, text: &str) -> Span {
    let (file, source) = sources.iter().find(|(_, source)| source.name() == name).unwrap();
    let start = source.text().find(text).unwrap();
    Span::new(file, start, start + text.len())
}

/// A value that no host has, two windows in two files, a file that ends too soon, and one without a place.
fn examples() -> (Problems, Sources) {
    let mut sources = Sources::default();
    let script = sources.add("may.sunup", SCRIPT);
    sources.add("asia.sunup", "refine exchange-may in region asia {\n  window tue..wed 23:00-07:00\n}\n");
    let hosts = (1..=36).map(|number| format!("ex-syd-{number:02}"));
    let problems = [
        Problem::error(Code::UNKNOWN_VALUE, "no host has the product `exchnage`")
            .label(span(&sources, "may.sunup", "\"exchnage\""), "this value")
            .hosts(hosts)
            .help("did you mean `exchange`, which 36 hosts have? The field `product` has 12 values; `sunup inventory` lists them")
            .fix("write `exchange`", span(&sources, "may.sunup", "\"exchnage\""), "\"exchange\""),
        Problem::warning(Code::BAD_VALUE, "the window of the refinement is longer than the one it refines")
            .label(span(&sources, "asia.sunup", "tue..wed 23:00-07:00"), "this ends an hour later")
            .label(span(&sources, "may.sunup", "mon..fri 22:00-06:00"), "than this")
            .label(span(&sources, "may.sunup", "region asia"), ""),
        Problem::error(Code::UNCLOSED, "the block is not closed")
            .label(Span::new(script, SCRIPT.len(), SCRIPT.len()), "expected `}`")
            .label(span(&sources, "may.sunup", "rollout exchange-may {"), "it opens here"),
        Problem::error(Code::BUDGET_BROKEN, "all of `db` would be down at 02:10")
            .label(span(&sources, "may.sunup", SCRIPT), "in this rollout")
            .hosts(["db-1", "db-2"]),
        Problem::error(Code::FILE_UNREADABLE, "the file `freeze.ics` does not exist"),
    ];
    (problems.into_iter().collect(), sources)
}

/// Each rendering beside its golden text; `UPDATE=1` writes it anew.
#[test]
fn renderings_are_as_they_were() {
    let (problems, sources) = examples();
    let coloured = Look { has_colours: true, ..LOOK };
    let narrow = Look { width: 50, ..LOOK };
    for (name, text) in [
        ("plain.txt", plain(&problems, &sources)),
        ("short.txt", short(&problems, &sources)),
        ("fancy.txt", fancy(&problems, &sources, LOOK)),
        ("fancy_narrow.txt", fancy(&problems, &sources, narrow)),
        ("fancy_coloured.txt", fancy(&problems, &sources, coloured)),
        ("problems.json", json(&problems, &sources)),
        ("problems.sarif", without_pages(&sarif(&problems, &sources))),
        ("github.txt", github(&problems, &sources)),
    ] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/renderings").join(name);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &text).unwrap();
        }
        let golden = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(text, golden, "{name}: run with UPDATE=1 and read what changed");
    }
}

/// The pages of the codes live elsewhere; here they would only say when one of them is edited.
fn without_pages(sarif: &str) -> String {
    let mut log: serde_json::Value = serde_json::from_str(sarif).unwrap();
    for rule in log["runs"][0]["tool"]["driver"]["rules"].as_array_mut().unwrap() {
        let code = Code::find(rule["id"].as_str().unwrap()).unwrap();
        assert_eq!(rule["shortDescription"]["text"], code.title());
        assert_eq!(rule["help"]["markdown"], code.page());
        *rule = serde_json::json!({ "id": code.as_str() });
    }
    format!("{log:#}\n")
}

#[test]
fn no_more_than_a_hundred_are_shown_to_people() {
    let mut sources = Sources::default();
    let file = sources.add("a.sunup", "x\n".repeat(300_000));
    let problem = |number| {
        Problem::error(Code::SYNTAX, format!("fault {number}")).label(Span::new(file, 599_998, 599_999), "here")
    };
    let problems: Problems = (0..1_000).map(problem).collect();
    for text in [plain(&problems, &sources), short(&problems, &sources), fancy(&problems, &sources, LOOK)] {
        assert!(text.contains("fault 99") && !text.contains("fault 100"));
        assert!(text.ends_with("and 900 more problems, not shown\n"));
    }
    let all: serde_json::Value = serde_json::from_str(&json(&problems, &sources)).unwrap();
    assert_eq!(all["problems"].as_array().unwrap().len(), 1_000);
}

#[test]
fn a_line_without_end_is_cut_around_what_is_wrong() {
    let mut sources = Sources::default();
    let file = sources.add("a.sunup", format!("{}\u{1b}é{}", "{".repeat(1_000_000), "}".repeat(1_000_000)));
    let problems: Problems =
        [Problem::error(Code::TOO_DEEP, "too deep").label(Span::new(file, 1_000_001, 1_000_003), "here")]
            .into_iter()
            .collect();
    let text = fancy(&problems, &sources, LOOK);
    assert!(text.contains("a.sunup:1:1000002"), "{text}");
    assert!(text.contains("{{{\\u{1b}é}}}"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

fn hostile() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        3 => any::<char>(),
        2 => (0u32..0xa0).prop_map(|c| char::from_u32(c).unwrap()),
        1 => proptest::sample::select(&['\u{202e}', '\u{2066}', '\u{200b}', '\u{feff}', '\u{2028}', '\u{ad}', '\u{e0041}'][..]),
        1 => Just('\n'),
    ];
    proptest::collection::vec(character, 0..30).prop_map(|characters| characters.into_iter().collect())
}

/// Problems whose every text is hostile, over files that are too, with spans that may lie anywhere.
fn hostile_problems() -> impl Strategy<Value = (Problems, Sources)> {
    let files = proptest::collection::vec((hostile(), hostile(), hostile()), 1..4);
    let labels = proptest::collection::vec((0u32..4, 0u32..120, 0u32..120, hostile()), 0..5);
    let problem = (hostile(), labels, proptest::collection::vec(hostile(), 0..13), proptest::option::of(hostile()));
    (files, proptest::collection::vec(problem, 1..4)).prop_map(|(files, problems)| {
        let mut sources = Sources::default();
        for (name, begin, end) in &files {
            sources.add(name.as_str(), format!("{begin}{}{end}", "\n".repeat(begin.len() % 3)));
        }
        let problems = problems.into_iter().map(|(message, labels, hosts, help)| {
            let mut problem = Problem::error(Code::SYNTAX, message).hosts(hosts);
            for (idx, (file, start, end, text)) in labels.into_iter().enumerate() {
                let file = FileId(file % files.len() as u32);
                problem = problem.label(Span { file, start, end }, format!("mark-{idx} {text}"));
            }
            problem.help = help;
            problem
        });
        let problems = problems.collect();
        (problems, sources)
    })
}

fn assert_harmless(text: &str) -> Result<(), TestCaseError> {
    let harmful = text.chars().find(|c| *c != '\n' && is_harmful(*c));
    prop_assert_eq!(harmful, None, "in {:?}", text);
    Ok(())
}

/// The colours that we write ourselves taken out, nothing else.
fn without_colours(text: &str) -> String {
    let mut pieces = text.split("\u{1b}[");
    let first = pieces.next().unwrap_or("").to_owned();
    pieces.fold(first, |out, piece| {
        let digits = piece.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap_or(0);
        out + piece[digits..].strip_prefix('m').unwrap_or("\u{1b}")
    })
}

proptest! {
    #[test]
    fn nothing_hostile_comes_out_raw((problems, sources) in hostile_problems(), width in 0usize..200) {
        let drawn = fancy(&problems, &sources, Look { width, has_colours: false });
        let coloured = fancy(&problems, &sources, Look { width, has_colours: true });
        for render in [plain, short, json, sarif, github] {
            assert_harmless(&render(&problems, &sources))?;
        }
        assert_harmless(&drawn)?;
        assert_harmless(&without_colours(&coloured))?;

        // No line of others' making.
        prop_assert_eq!(short(&problems, &sources).lines().count(), problems.len());
        prop_assert_eq!(json(&problems, &sources).lines().count(), 1);
        prop_assert_eq!(sarif(&problems, &sources).lines().count(), 1);
        prop_assert_eq!(github(&problems, &sources).lines().count(), problems.len());

        // What is told is told everywhere, and can be read back where it is meant to be.
        let told: serde_json::Value = serde_json::from_str(&json(&problems, &sources)).unwrap();
        for (problem, told) in problems.iter().zip(told["problems"].as_array().unwrap()) {
            prop_assert_eq!(told["message"].as_str(), Some(problem.message.as_str()));
            prop_assert_eq!(told["labels"].as_array().unwrap().len(), problem.labels.len());
        }
        for rendering in [&plain(&problems, &sources), &drawn] {
            let marks = problems.iter().map(|problem| problem.labels.len()).sum::<usize>();
            prop_assert_eq!(rendering.matches("mark-").count(), marks, "{}", rendering);
        }
    }
}
