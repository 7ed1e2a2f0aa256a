//! A second opinion on plans and problems: a slow and obvious evaluator that shares no code with the product, over random
//! small fleets and scripts.
//!
//! It writes each script from its own structures, so it needs no parser of ours; reads the rows as texts; asks `chrono-tz`
//! what the clocks show at every minute; enumerates every set; counts every budget from the beginning. What it knows of the
//! language is what `docs/language.md` and decision 3 say.
//!
//! `SECOND_OPINION_CASES=20000` asks for more cases, `SECOND_OPINION_SEED=7` begins at a seed, and with `SECOND_OPINION_CASES=1` runs it alone. A
//! disagreement prints script, inventory and both opinions.

#![expect(clippy::unwrap_used, reason = "what a test cannot do without ends it")]
#![expect(clippy::disallowed_methods, reason = "the number of cases is asked of the environment")]

#[path = "second_opinion/batches.rs"]
mod batches;
#[path = "second_opinion/case.rs"]
mod case;
#[path = "second_opinion/clocks.rs"]
mod clocks;
#[path = "second_opinion/dice.rs"]
mod dice;
#[path = "second_opinion/generate.rs"]
mod generate;
#[path = "second_opinion/opinion.rs"]
mod opinion;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use case::Case;
use clocks::Clocks;
use opinion::{Lane, Opinion, StageOpinion, Turn};
use sunup::diagnostic::{Problems, Severity, plain};
use sunup::plan::Plan;
use sunup::session::Session;
use sunup::time::Moment;
use sunup::world::MemoryWorld;

const SCRIPT: &str = "case.sunup";

/// Enough to meet every code and every kind of stage many times, and little enough for every test run.
const CASES: u64 = 1_000;

#[test]
fn the_planner_and_the_checker_agree_with_a_second_opinion() {
    let asked = |name: &str, default: u64| std::env::var(name).map_or(default, |text| text.parse().unwrap());
    let first = asked("SECOND_OPINION_SEED", 0);
    let cases = asked("SECOND_OPINION_CASES", CASES);
    let clocks = Clocks::default();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for seed in first..first + cases {
        for what in judge(seed, &clocks) {
            *seen.entry(what).or_default() += 1;
        }
    }
    if cases >= CASES {
        let count = |what: &str| seen.get(what).copied().unwrap_or(0);
        assert!(count("plan") * 5 > 2 * cases as usize, "too few have a plan: {seen:#?}");
        assert!(
            (count("passed over") + count("proved elsewhere")) * 12 < cases as usize,
            "too many are not judged: {seen:#?}"
        );
        for code in ["E0205", "E0401", "E0402", "E0403", "E0404", "E0405", "E0406", "E0407", "E0501", "E0502", "E0601"]
        {
            assert!(count(code) > 0, "{code} was never met: {seen:#?}");
        }
    }
}

/// Compares both opinions on one case, and says what it was about.
fn judge(seed: u64, clocks: &Clocks) -> Vec<String> {
    let case = generate::generate(seed);
    let world = MemoryWorld::new().file(SCRIPT, case.script()).file("hosts.csv", case.inventory());
    let session = Session::load(&world, Path::new(SCRIPT));
    let planned = session.plan(None, None);
    let told = || {
        format!(
            "seed {seed}\n--- script\n{}--- hosts.csv\n{}--- the product's problems\n{}",
            case.script(),
            case.inventory(),
            plain(&planned.problems, &session.sources)
        )
    };
    let errors = errors(&planned.problems);
    if errors.contains("E0604") {
        // A window that the weekdays of a freeze leave nothing of is refused without a look at the year.
        return vec!["E0604".to_owned()];
    }
    let opinion = opinion::opinion(&case, clocks);
    match (&opinion, &planned.plan) {
        (Opinion::TooFar, _) => vec!["passed over".to_owned()],
        (Opinion::Problems(expected), _) => {
            let found = judged(&errors, expected);
            assert_eq!(&found, expected, "{}", told());
            expected.iter().map(|code| (*code).to_owned()).collect()
        }
        (Opinion::Plan(expected), Some(plan)) => {
            assert_packages(&case, plan, &told);
            let found = stages_of(plan, &case);
            assert!(
                found == *expected,
                "{}\n--- the product's plan\n{found:#?}\n--- the second opinion\n{expected:#?}",
                told()
            );
            vec!["plan".to_owned()]
        }
        (Opinion::Plan(_), None) => {
            // What else stands against a plan is proved elsewhere.
            assert!(errors.iter().any(|code| PROVED_ELSEWHERE.contains(code)), "there should be a plan\n{}", told());
            vec!["proved elsewhere".to_owned()]
        }
    }
}

const PROVED_ELSEWHERE: [&str; 1] = ["E0503"];

fn errors(problems: &Problems) -> BTreeSet<&'static str> {
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error);
    errors.map(|problem| problem.code.as_str()).collect()
}

/// The codes that can be compared. What is wrong with names and conditions hides what comes of them; what is wrong with
/// regions and packages hides the stages; and those hide the times.
fn judged(errors: &BTreeSet<&'static str>, expected: &BTreeSet<&'static str>) -> BTreeSet<&'static str> {
    const LEVELS: [&[&str]; 4] =
        [&["E0205", "E0401"], &["E0403", "E0404", "E0405", "E0406"], &["E0402", "E0407", "E0501", "E0502"], &["E0601"]];
    let level = LEVELS.iter().position(|level| expected.iter().any(|code| level.contains(code))).unwrap();
    // A window that never opens, or that a freeze takes away, is told as such.
    let same = |code: &'static str| if code == "E0605" { "E0601" } else { code };
    errors
        .iter()
        .map(|code| same(code))
        .filter(|code| LEVELS[..=level].concat().contains(code))
        .filter(|code| {
            // What comes after the first fault may be told too.
            LEVELS[..level].concat().contains(code) || LEVELS[level].contains(code)
        })
        .collect()
}

/// Hosts have the same package by one opinion if they have by the other.
fn assert_packages(case: &Case, plan: &Plan, told: &impl Fn() -> String) {
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for host in &plan.hosts {
        let row = row_of(&host.name);
        let theirs = case.packages.iter().enumerate().filter(|(_, one)| {
            let holds = one.condition.as_ref().is_none_or(|test| opinion::holds(&case.rows[row], test) == Some(true));
            holds && one.by.iter().all(|column| case.rows[row][*column].is_some())
        });
        let (idx, one) = theirs.into_iter().next().unwrap();
        let values: Vec<_> = one.by.iter().map(|column| case.rows[row][*column].clone()).collect();
        let name = plan.packages[host.package.0 as usize].name.clone();
        let known = names.entry(format!("{idx} {values:?}")).or_insert_with(|| name.clone());
        assert_eq!(*known, name, "{}\nthe package of {}", told(), host.name);
    }
    let distinct: BTreeSet<&String> = names.values().collect();
    assert_eq!(distinct.len(), names.len(), "{}\ntwo packages have one name: {names:?}", told());
}

/// A plan as the second opinion writes it.
fn stages_of(plan: &Plan, case: &Case) -> Vec<StageOpinion> {
    let epoch: Moment = case.epoch.and_hms_opt(0, 0, 0).unwrap().and_utc();
    let minute = |at: Moment| {
        let seconds = (at - epoch).num_seconds();
        assert_eq!(seconds % 60, 0);
        (seconds / 60) as usize
    };
    let row = |host: &sunup::plan::HostIdx| row_of(&plan.host(*host).name);
    let lane = |lane: &sunup::plan::Lane| Lane {
        site: lane.site.map(|site| plan.sites[site.0 as usize].name.clone()),
        batches: lane
            .batches
            .iter()
            .map(|batch| (batch.hosts.iter().map(row).collect(), minute(batch.starts_at), minute(batch.ends_at)))
            .collect(),
    };
    let turn = |turn: &sunup::plan::RegionTurn| Turn {
        region: plan.regions[turn.region.0 as usize].name.clone(),
        lanes: turn.lanes.iter().map(lane).collect(),
    };
    let stage = |stage: &sunup::plan::StagePlan| StageOpinion {
        starts: minute(stage.starts_at),
        ends: minute(stage.ends_at),
        turns: stage.turns.iter().map(turn).collect(),
    };
    plan.stages.iter().map(stage).collect()
}

fn row_of(name: &str) -> usize {
    name[1..].parse().unwrap()
}
