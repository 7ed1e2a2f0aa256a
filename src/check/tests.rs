use proptest::prelude::*;

use crate::check::fixture::{self, checked, checked_with, fleet, shown};
use crate::check::term::Term;
use crate::time::{CalendarRule, show_utc};

const FLAGSHIP: &str = include_str!("../../examples/exchange-2007/rollout.sunup");
const SERVERS: &str = include_str!("../../examples/exchange-2007/servers.csv");

#[test]
fn the_flagship_gives_a_model() {
    let servers = fleet(SERVERS);
    let freeze = CalendarRule::Listed(Default::default());
    let checked = checked_with(FLAGSHIP, Some(&servers), &[("freeze.ics", freeze)]);
    assert_eq!(shown(checked.problems), ["E0409 1 host has `third-party-dns-fix` installed"]);
    let model = checked.model.unwrap();
    let rollout = &model.rollouts[0];
    assert_eq!(rollout.targets.len(), 36);
    assert_eq!(model.regions.len(), 8);
    assert_eq!(model.sites.iter().map(|site| site.hosts.len()).sum::<usize>(), 36);
    assert_eq!(model.sites[0].schedule.zone.name(), "Pacific/Auckland");
    let packages: Vec<_> = rollout.bulletin.packages.iter().map(|package| package.name.as_str()).collect();
    assert_eq!(packages, ["MS07-026/2003", "MS07-026/2007", "MS07-026/2000"]);
    assert_eq!(rollout.starts_at.map(show_utc).as_deref(), Some("2007-05-08 18:00Z"));
    assert_eq!(rollout.stages.len(), 3);
    assert_eq!(rollout.rules.len(), 3);
}

/// What a `let` comes to, or the problems that it has.
fn value(expression: &str) -> String {
    value_in("", expression)
}

fn value_in(definitions: &str, expression: &str) -> String {
    let servers = fleet(SERVERS);
    let script = format!("use std.patch-tuesday\n{definitions}\nlet it = {expression}\n");
    fixture::with_checker(&script, Some(&servers), |checker| {
        let term = checker.let_value("it");
        match term {
            Some(Term::Value(value)) => value.to_string(),
            Some(term) => format!("{term:?}"),
            None => "not defined".to_owned(),
        }
    })
}

#[test]
fn values_have_their_units() {
    for (expression, gives) in [
        ("1h30m + 30m", "2h"),
        ("2h - 30m", "1h30m"),
        ("90s * 4", "6m"),
        ("0.5 * 1h", "30m"),
        ("1h / 4", "15m"),
        ("1h / 15m", "4"),
        ("2007-05-08 + 2d", "2007-05-10"),
        ("2007-05-08 - 1w", "2007-05-01"),
        ("2007-05-08 - 2007-05-01", "7d"),
        ("2007-05-08 17:00 UTC + 24h", "2007-05-09 17:00Z"),
        ("2007-05-09 00:00 UTC - 2007-05-08 23:00 UTC", "1h"),
        ("25% + 25%", "50%"),
        ("25% * 2", "50%"),
        ("7 / 2", "3.5"),
        ("6 / 2", "3"),
        ("-3 + 5", "2"),
        ("1 + 2 * 3 - 4", "3"),
        ("\"a\" + \"b\"", "ab"),
        ("[1] + [2, 3]", "1,2,3"),
        ("\"{1 + 1}-{2007-05-08}-{30m}-{25%}\"", "2-2007-05-08-30m-25%"),
        ("5.10", "5.10"),
        ("patch-tuesday(2007-05)", "2007-05-08"),
        ("patch-wednesday(2007-05)", "2007-05-09"),
        ("patch-tuesday(2007-05) at 18:00 UTC", "2007-05-08 18:00Z"),
        ("patch-tuesday(2007-05) at 22:00 Australia/Sydney", "2007-05-08 12:00Z"),
        ("last-weekday(fri, month-of(2007-05-08))", "2007-05-25"),
    ] {
        assert_eq!(value(expression), gives, "{expression}");
    }
}

#[test]
fn a_skipped_time_is_the_skip_and_a_repeated_one_the_later() {
    assert_eq!(value("2007-03-25 at 02:30 Europe/Berlin"), "2007-03-25 01:00Z");
    assert_eq!(value("2007-10-28 at 02:30 Europe/Berlin"), "2007-10-28 01:30Z");
}

#[test]
fn comparisons_and_sets_of_constants() {
    for (expression, gives) in [
        ("5.10 > 5.9", "false"),
        ("5.10.0 > 5.9", "true"),
        ("5.2 == 5.20", "true"),
        ("30m < 1h and not (1h < 30m)", "true"),
        ("22:00 < 05:00", "false"),
        ("mon in fri..tue", "true"),
        ("wed in fri..tue", "false"),
        ("3 in 1..5 or false", "true"),
        ("2007-05-08 in 2007-05-01..2007-05-31", "true"),
        ("\"b\" in [\"a\", \"b\"]", "true"),
        ("true == not false", "true"),
        ("all(x in [1, 2, 3] where x > 0)", "true"),
        ("any(x in 1..5 where x > 5)", "false"),
        ("count(x in 1..5 where x > 2)", "3"),
        ("count([1, 2])", "2"),
        ("count(hosts)", "36"),
        ("count(hosts where version == 2003)", "20"),
        ("any(hosts where version == 2000)", "true"),
        ("all(hosts where product == \"exchange\")", "true"),
        ("all(hosts where region == \"australia\")", "false"),
    ] {
        let found = value(expression);
        assert_eq!(found, gives, "{expression}");
    }
}

#[test]
fn a_functions_names_mean_what_they_mean_where_it_is_written() {
    // `version` is a field here and a parameter there; `site` is a `let` there.
    let definitions = "let site = \"here\"\nfn label(version) = \"{site}-{version}\"\nfn twice(n) = n * 2";
    assert_eq!(value_in(definitions, "label(5)"), "here-5");
    assert_eq!(value_in(definitions, "count(hosts where label(1) == \"here-1\")"), "36");
    assert_eq!(value_in(definitions, "count(hosts where cores == twice(2))"), value("count(hosts where cores == 4)"));
    assert_eq!(value_in(definitions, "count(hosts where any(site in [\"sydney\"] where site == \"sydney\"))"), "36");
}

#[test]
fn a_long_chain_and_a_deep_one_end() {
    let ors = (0..5_000).map(|number| format!("cores == {number}")).collect::<Vec<_>>().join(" or ");
    assert_eq!(value(&format!("count(hosts where {ors})")), "36");
    let sum = vec!["1"; 200].join(" + ");
    assert_eq!(value(&sum), "200");
    let chain: String = (0..3_000).map(|number| format!("let x{number} = x{} + 1\n", number + 1)).collect();
    let script = format!("{chain}let x3000 = 1\n");
    let codes: Vec<_> = checked(&script, None).problems.into_iter().map(|problem| problem.code.as_str()).collect();
    assert!(codes.iter().all(|code| *code == "E0209") && !codes.is_empty(), "{codes:?}");
}

#[test]
fn a_model_leaves_out_what_is_not_sound() {
    let broken = FLAGSHIP.replace("to    product == \"exchange\"", "to    product == \"exchnage\"");
    let servers = fleet(SERVERS);
    let freeze = CalendarRule::Listed(Default::default());
    let checked = checked_with(&broken, Some(&servers), &[("freeze.ics", freeze)]);
    assert!(checked.problems.has_errors());
    assert_eq!(checked.model.unwrap().rollouts, []);
    let unknown_freeze = checked_with(FLAGSHIP, Some(&servers), &[]);
    assert!(unknown_freeze.model.is_none());
    assert!(checked_with(FLAGSHIP, None, &[]).model.is_none());
}

#[test]
fn without_a_fleet_what_needs_no_host_is_checked() {
    let script = "inventory \"gone.csv\"\n".to_owned()
        + "team ops { members \"ada\" }\n"
        + "region north { hosts role == \"web\" and rol == 5  window mon..fri 22:00-06:00 except nothing }\n"
        + "let wrong = 5 + 5m\n"
        + "rollout one { apply fix with patch  to role == \"web\"  wave all { gate up } }\n";
    let found = shown(checked(&script, None).problems);
    assert_eq!(
        found,
        [
            "E0201 there is no calendar `nothing`",
            "E0203 a duration cannot be added to a number",
            "E0201 there is no bulletin `fix`",
            "E0201 there is no runbook `patch`",
            "E0201 there is no gate `up`",
        ]
    );
}

#[test]
fn functions_give_what_their_examples_say() {
    for function in crate::builtin::all() {
        let (call, gives) = function.example;
        assert_eq!(value(call), gives, "{}", function.name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Words of a script in any order and with any gaps: an answer, each problem once, none of a place outside.
    #[test]
    fn no_script_is_too_broken_to_check(seed in any::<u64>(), cuts in 1usize..8) {
        let broken = broken(FLAGSHIP, seed, cuts);
        let servers = fleet(SERVERS);
        let checked = checked(&broken, Some(&servers));
        let mut seen = Vec::new();
        for problem in checked.problems {
            prop_assert!(problem.span().is_some(), "{problem:?}");
            let labels: Vec<_> = problem.labels.iter().map(|label| label.span).collect();
            let key = (problem.code, problem.message.clone(), labels);
            prop_assert!(!seen.contains(&key), "twice: {problem:?}");
            seen.push(key);
        }
    }
}

/// Takes words out, doubles them and swaps them, as the seed says.
fn broken(script: &str, seed: u64, cuts: usize) -> String {
    let mut words: Vec<&str> = script.split_inclusive(char::is_whitespace).collect();
    let mut dice = seed;
    let mut roll = |sides: usize| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (dice >> 33) as usize % sides.max(1)
    };
    for _ in 0..cuts {
        let (one, other) = (roll(words.len()), roll(words.len()));
        match roll(3) {
            0 => drop(words.remove(one)),
            1 => words.insert(one, words[other]),
            _ => words.swap(one, other),
        }
    }
    words.concat()
}
