//! The prompt without a terminal: whatever is typed has an answer, what takes long can be interrupted.

#![cfg(feature = "cli")]

use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use sunup::diagnostic::is_harmful;
use sunup::repl::{Look, Prompt, Settings};
use sunup::simulate::{Scenario, story};
use sunup::world::MemoryWorld;

const HOSTS: &str = "name,site,role,cores\nweb-1,oslo,web,2\nweb-2,oslo,web,4\nweb-3,rome,\"w\u{1b}[31m\",4\n";

const SCRIPT: &str = r#"
inventory "hosts.csv"
regions by site { zone "UTC"  window mon..sun 20:00-23:00 }
team ops { members "ada"  may everything }
service shop { hosts cores > 0  keep at least 1 up }
bulletin fix { package all { install "fix.sh"  uninstall "unfix.sh" } }
gate answers per host { tcp host.name 80  within 10m }
runbook apply-fix { step install { run package.install  undo package.uninstall  takes 15m  down } }
rollout today {
  apply fix with apply-fix
  to cores > 0
  start 2026-05-05 18:00 UTC
  guinea-pig first { hosts 1  gate answers  approve by ops within 12h else hold }
  wave rest { batch 1  gate answers }
}
"#;

fn world() -> MemoryWorld {
    MemoryWorld::new().file("rollout.sunup", SCRIPT).file("hosts.csv", HOSTS)
}

fn settings<'w>(world: &'w MemoryWorld, is_interrupted: &'w dyn Fn() -> bool) -> Settings<'w> {
    let look = Look { width: 80, has_colours: false, rows: 20 };
    Settings { world, look, write: &|_, _| Ok(()), is_interrupted }
}

#[test]
fn what_takes_long_can_be_interrupted() {
    let world = world();
    let mut prompt = Prompt::new(settings(&world, &|| true));
    assert!(!prompt.open(Path::new("rollout.sunup")).has_failed);
    prompt.take(":start");
    let said = prompt.take(":until end");
    assert!(said.answer.ends_with("Interrupted.\n"), "{}", said.answer);
    // Where it stands is a place like any other.
    assert!(prompt.take(":state").answer.contains("2026-05-05 20:00Z"));
}

#[test]
fn a_file_that_cannot_be_written_is_told_and_one_that_can_has_what_was_typed() {
    let world = world();
    let written = RefCell::new(Vec::new());
    let write = |path: &Path, text: &str| {
        written.borrow_mut().push((path.display().to_string(), text.to_owned()));
        if path == Path::new("no.sunup") { Err(std::io::ErrorKind::PermissionDenied.into()) } else { Ok(()) }
    };
    let mut prompt = Prompt::new(Settings { write: &write, ..settings(&world, &|| false) });
    prompt.open(Path::new("rollout.sunup"));
    prompt.take("let big = hosts where cores > 2");
    assert!(prompt.take(":save no.sunup").problems.contains("cannot write `no.sunup`: permission denied"));
    assert!(!prompt.take(":save \"my own.sunup\"").has_failed);
    let (path, text) = written.borrow().last().cloned().unwrap();
    assert_eq!(path, "my own.sunup");
    assert!(text.starts_with(SCRIPT) && text.ends_with("let big = hosts where cores > 2\n"), "{text}");
}

#[test]
fn a_walk_that_is_saved_as_a_test_holds() {
    let world = world();
    let written = RefCell::new(Vec::new());
    let write = |_: &Path, text: &str| {
        written.borrow_mut().push(text.to_owned());
        Ok(())
    };
    let mut prompt = Prompt::new(Settings { write: &write, ..settings(&world, &|| false) });
    prompt.open(Path::new("rollout.sunup"));
    for (name, walk) in [
        ("nobody answers", ":start|:until end"),
        ("all is well", ":start|:until end|:next|:back|:approve|:until end"),
        ("denied", ":start|:until end|:deny|:until end"),
        ("a gate fails", ":start|:fail answers at site \"rome\"|:until end|:approve|:until end"),
        (
            "a host is lost for a while",
            ":start|:until window|:lose web-2|:until end|:approve|:until +1d|:recover web-2|:until end",
        ),
        (
            "held and gone on with",
            ":start|:until end|:approve|:hold region rome|:until +1h|:resume region rome|:until end",
        ),
        ("rolled back, on another branch", ":start|:until end|:approve|:branch b|:until +1h|:rollback|:until end"),
        ("given as a test says it", ":start|:given gate fails at region rome after 1h|:until end|:approve|:until end"),
        ("the controller dies", ":start|:until window|:crash|:until end"),
    ] {
        for command in walk.split('|') {
            let said = prompt.take(command);
            assert!(!said.has_failed, "{name}, {command}: {}", said.problems);
        }
        let said = prompt.take(&format!(":save test \"{name}\""));
        assert!(!said.has_failed, "{name}: {}{}", said.problems, said.answer);
        prompt.take(&format!(":save test \"{name}\" tests.sunup"));
    }
    assert_eq!(written.borrow().len(), 9);
    let session = prompt.session();
    let model = session.model.as_ref().unwrap();
    let plan = Arc::new(session.plan(None, None).plan.unwrap());
    assert_eq!(model.tests.len(), 9);
    for test in &model.tests {
        assert!(test.expectations.len() > 1, "{}", test.name);
        let scenario = Scenario::bind(&plan, &model.rollouts[0].targets, &test.givens);
        let played = story(&plan, scenario);
        for expected in &test.expectations {
            let text = session.sources.text(expected.span);
            assert!(played.world.is_so(&expected.claim), "{}: `{text}` does not hold", test.name);
        }
    }
}

#[test]
fn candidates_say_what_they_mean() {
    let world = world();
    let mut prompt = Prompt::new(settings(&world, &|| false));
    prompt.open(Path::new("rollout.sunup"));
    prompt.take(":start");
    for (text, candidate, detail) in [
        ("site == ", "\"oslo\"", "2 hosts"),
        ("site in [\"oslo\", \"r", "\"rome\"", "1 host"),
        ("count(hosts where co", "cores", "integer, 2 values"),
        ("cores ", "is", "`is missing`"),
        ("count(hosts) b", "by", "makes groups"),
        ("count(hosts) by ro", "role", "text"),
        ("web-", "web-1", "oslo"),
        ("rollout x { wave w { so", "soak", "before the next stage"),
        ("rollout x { wave w { batch 1 per ", "site", ""),
        ("rollout x { wave w { gate ", "answers", "gate"),
        ("rollout x { apply fix with ", "apply-fix", "runbook"),
        ("use std.", "gates", "Gates"),
        ("gate g per host { run \"p {host.na", "name", "text"),
        (":pl", "plan", "who is changed when"),
        (":when web-", "web-1", "oslo"),
        (":plan ", "today", "rollout"),
        (":doc soa", "soak", "before the next stage"),
        (":explain E020", "E0204", "field"),
        (":fail ans", "answers", "gate"),
        (":fail answers at site ", "\"oslo\"", "site"),
        (":until stage r", "rest", "stage"),
        (":hold region r", "rome", "region"),
        (":lose host web-", "web-1", "oslo"),
        (":load ", "hosts.csv", "file"),
        (":type co", "cores", "integer"),
    ] {
        let found = prompt.complete(text, text.len());
        let one = found.candidates.iter().find(|found| found.text == candidate);
        let texts: Vec<&str> = found.candidates.iter().map(|found| found.text.as_str()).collect();
        let one = one.unwrap_or_else(|| panic!("`{text}` does not offer `{candidate}` but {texts:?}"));
        assert!(one.detail.contains(detail), "`{text}`: `{candidate}` is said to be `{}`", one.detail);
        let whole = format!("{}{candidate}", &text[..found.start]);
        assert!(whole.starts_with(text.get(..found.start).unwrap()), "{whole}");
    }
}

/// Pieces of what people type, and of what nobody types.
fn piece() -> impl Strategy<Value = String> {
    let known = [
        ":",
        ":start",
        ":next",
        ":until",
        " end",
        " window",
        " +2h",
        ":back",
        " 3",
        ":fail",
        " answers",
        " at",
        " site",
        " \"oslo\"",
        ":lose",
        " web-1",
        ":hold",
        " region",
        " rome",
        " as",
        " ada",
        ":branch",
        " x",
        ":compare",
        ":save test",
        ":why",
        ":when",
        ":doc",
        ":type",
        ":rows",
        ":time",
        ":approve",
        ":rollback",
        "count(",
        "hosts",
        " where ",
        "role",
        " == ",
        "\"web\"",
        " by ",
        "site",
        ")",
        "(",
        "[",
        "{",
        "}",
        ",",
        "let ",
        "rollout ",
        "gate g per host {",
        "\n",
        "\"",
        "\\",
        "#",
        "## ",
        "\u{1b}",
        "ü",
        "9",
        "%",
        " and ",
        " not ",
        "..",
        "-",
    ];
    prop_oneof![9 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_is_typed_has_an_answer(inputs in prop::collection::vec(prop::collection::vec(piece(), 1..9), 1..6)) {
        let world = world();
        let mut prompt = Prompt::new(settings(&world, &|| false));
        prompt.open(Path::new("rollout.sunup"));
        prompt.take(":start");
        for pieces in inputs {
            let input = pieces.concat();
            let places = (0..=input.len()).filter(|at| input.is_char_boundary(*at));
            for at in places {
                let found = prompt.complete(&input, at);
                prop_assert!(found.start <= at);
            }
            Prompt::is_whole(&input);
            let said = prompt.take(&input);
            for text in [&said.answer, &said.problems] {
                let harm = text.chars().find(|c| is_harmful(*c) && *c != '\n');
                prop_assert_eq!(harm, None, "{:?} says {:?}", input, text);
            }
        }
    }
}
