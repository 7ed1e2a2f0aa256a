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
#[path = "second_opinion/late.rs"]
mod late;
#[path = "second_opinion/opinion.rs"]
mod opinion;
#[path = "second_opinion/refined.rs"]
mod refined;
#[path = "second_opinion/sun.rs"]
mod sun;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use case::{Case, POLICY};
use late::Late;
use opinion::{Lane, Opinion, Sky, StageOpinion, Turn};
use sunup::diagnostic::{Code, Problem, Problems, Severity, plain};
use sunup::plan::Plan;
use sunup::session::Session;
use sunup::time::Moment;
use sunup::world::MemoryWorld;

const SCRIPT: &str = "case.sunup";

/// Enough to meet every code and every kind of stage many times, and little enough for every test run.
const CASES: u64 = 2_500;

#[test]
fn the_planner_and_the_checker_agree_with_a_second_opinion() {
    let asked = |name: &str, default: u64| std::env::var(name).map_or(default, |text| text.parse().unwrap());
    let first = asked("SECOND_OPINION_SEED", 0);
    let cases = asked("SECOND_OPINION_CASES", CASES);
    let workers = asked("SECOND_OPINION_WORKERS", 2).max(1);
    let judged = |worker: u64| {
        let sky = Sky::default();
        let seeds = (first..first + cases).chain(ONCE_APART).filter(move |seed| seed % workers == worker);
        seeds.flat_map(|seed| judge(seed, &sky)).collect::<Vec<String>>()
    };
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..workers).map(|worker| scope.spawn(move || judged(worker))).collect();
        for worker in all {
            let found = worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            found.into_iter().for_each(|what| *seen.entry(what).or_default() += 1);
        }
    });
    if cases >= CASES {
        let count = |what: &str| seen.get(what).copied().unwrap_or(0);
        assert!(count("a plan") * 5 > 2 * cases as usize, "too few have a plan: {seen:#?}");
        let unjudged = count("too far") + count("unsure") + count("proved elsewhere");
        assert!(unjudged * 12 < cases as usize, "too many are not judged: {seen:#?}");
        for what in MET {
            assert!(count(what) > 0, "{what} was never met: {seen:#?}");
        }
    }
}

/// Cases on which the opinions differed once: a policy over refined batches, a region refined of a rollout of which nobody
/// knows whom it changes, a bound that comes before the window opens on the night when the clocks go back.
const ONCE_APART: [u64; 3] = [7_857, 8_236, 12_589];

/// What some thousand cases must show.
const MET: [&str; 28] = [
    "E0205",
    "E0401",
    "E0402",
    "E0403",
    "E0404",
    "E0405",
    "E0406",
    "E0407",
    "E0410",
    "E0501",
    "E0502",
    "E0601",
    "E0606",
    "E0607",
    "E0710",
    "E0711",
    "a deadline met",
    "a deadline missed",
    "a policy met",
    "finish before sunrise",
    "order by",
    "at most at once",
    "ahead",
    "a policy broken by batches",
    "a policy broken by windows",
    "a policy broken as written",
    "a plan",
    "a refinement that tightens",
];

/// Compares both opinions on one case, and says what it was about.
fn judge(seed: u64, sky: &Sky) -> Vec<String> {
    let mut case = generate::generate(seed);
    let opinion = opinion::opinion(&case, sky);
    let ends = match &opinion {
        Opinion::Plan(planned) => planned.stages.last().map(|stage| stage.ends),
        _ => None,
    };
    case.deadline = generate::deadline(seed, &case, ends);
    let world = MemoryWorld::new().file(SCRIPT, case.script()).file("hosts.csv", case.inventory());
    let session = Session::load(&world, Path::new(SCRIPT));
    let made = session.plan(None, None);
    let told = || {
        format!(
            "seed {seed}\n--- script\n{}--- hosts.csv\n{}--- the product's problems\n{}",
            case.script(),
            case.inventory(),
            plain(&made.problems, &session.sources)
        )
    };
    let errors = errors(&made.problems);
    if errors.contains("E0604") {
        // A window that the weekdays of a freeze leave nothing of is refused without a look at the year.
        return vec!["E0604".to_owned()];
    }
    match &opinion {
        Opinion::TooFar => vec!["too far".to_owned()],
        Opinion::Unsure => vec!["unsure".to_owned()],
        Opinion::Problems(expected) => {
            let found = judged(&errors, expected);
            assert_eq!(&found, expected, "{}", told());
            expected.iter().map(|code| (*code).to_owned()).collect()
        }
        Opinion::Plan(planned) => {
            let expected = late::late(&case, planned);
            let found = told_of(&case, &made.problems, ends);
            assert_eq!(found, expected, "{}", told());
            if let Some(plan) = &made.plan {
                assert_packages(&case, plan, &told);
                let found = stages_of(plan, &case);
                assert!(
                    found == planned.stages,
                    "{}\n--- the product's plan\n{found:#?}\n--- the second opinion\n{:#?}",
                    told(),
                    planned.stages
                );
            }
            if expected == Late::default() && made.plan.is_none() {
                // What else stands against a plan is proved elsewhere.
                assert!(
                    errors.iter().any(|code| PROVED_ELSEWHERE.contains(code)),
                    "there should be a plan\n{}",
                    told()
                );
                return vec!["proved elsewhere".to_owned()];
            }
            about(&case, &expected)
        }
    }
}

/// What a case that has a plan has to do with.
fn about(case: &Case, late: &Late) -> Vec<String> {
    let stages = |has: &dyn Fn(&case::Stage) -> bool| case.stages.iter().any(has);
    let has_deadline = case.deadline.is_some();
    let is_broken = |is: &dyn Fn(&case::Rule) -> bool| late.broken_as_planned.iter().any(|idx| is(&case.policy[*idx]));
    let all = [
        ("a plan", true),
        ("E0410", late.is_untried),
        ("E0606", late.missed_by.is_some()),
        ("E0711", !late.broken_as_planned.is_empty() || !late.broken_as_written.is_empty()),
        ("a deadline met", has_deadline && late.missed_by.is_none()),
        ("a deadline missed", has_deadline && late.missed_by.is_some()),
        ("a policy met", !case.policy.is_empty() && *late == Late::default()),
        ("a policy broken as written", !late.broken_as_written.is_empty()),
        ("a policy broken by batches", is_broken(&|rule| matches!(rule, case::Rule::Batch(..)))),
        ("a policy broken by windows", is_broken(&|rule| matches!(rule, case::Rule::Forbid(..)))),
        ("finish before sunrise", stages(&|stage| stage.finish == Some(case::Finish::Sunrise))),
        ("order by", stages(&|stage| !stage.order_by.is_empty())),
        ("at most at once", stages(&|stage| stage.at_once.is_some())),
        ("a refinement that tightens", !case.refinements.is_empty()),
        ("ahead", case.steps.iter().any(|step| step.ahead)),
    ];
    all.iter().filter(|(_, is_so)| *is_so).map(|(what, _)| (*what).to_owned()).collect()
}

/// What the product says against a plan that is there.
fn told_of(case: &Case, problems: &Problems, ends: Option<usize>) -> Late {
    let script = case.script();
    let line_of = |byte: usize| script[..byte].matches('\n').count();
    let policy = script.find(POLICY).map_or(0, |at| line_of(at) + 1);
    let rules = policy..policy + case.policy.len();
    let rule = |problem: &Problem| {
        let lines = problem.labels.iter().map(|label| line_of(label.span.start as usize));
        let lines: Vec<usize> = lines.filter(|line| rules.contains(line)).collect();
        assert_eq!(lines.len(), 1, "one member is broken: {}", problem.message);
        lines[0] - policy
    };
    let mut late = Late::default();
    for problem in problems.iter().filter(|problem| problem.severity == Severity::Error) {
        match problem.code {
            Code::DEADLINE_MISSED => {
                let region = problem.message.split(" in `").nth(1).and_then(|rest| rest.split('`').next());
                assert!(late.missed_by.is_none(), "told twice: {}", problem.message);
                late.missed_by = Some(region.map(str::to_owned));
                let done = format!("at {}Z", case.moment(ends.unwrap_or(0) as i64));
                let says = |text: &str| text.contains(&done);
                let is_said = says(&problem.message) || problem.labels.iter().any(|label| says(&label.text));
                assert!(is_said, "{done} is not in {}", problem.message);
            }
            Code::UNTRIED => late.is_untried = true,
            Code::POLICY_BROKEN => {
                let rule = rule(problem);
                let is_written = !matches!(case.policy[rule], case::Rule::Batch(..) | case::Rule::Forbid(..));
                let broken = if is_written { &mut late.broken_as_written } else { &mut late.broken_as_planned };
                assert!(broken.insert(rule), "told twice: {}", problem.message);
            }
            _ => {}
        }
    }
    late
}

const PROVED_ELSEWHERE: [&str; 1] = ["E0503"];

fn errors(problems: &Problems) -> BTreeSet<&'static str> {
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error);
    errors.map(|problem| problem.code.as_str()).collect()
}

/// The codes that can be compared. What is wrong with names and conditions hides what comes of them; what is wrong with
/// regions and packages hides the stages; and those hide the times.
fn judged(errors: &BTreeSet<&'static str>, expected: &BTreeSet<&'static str>) -> BTreeSet<&'static str> {
    const LEVELS: [&[&str]; 4] = [
        &["E0205", "E0401"],
        &["E0403", "E0404", "E0405", "E0406"],
        &["E0402", "E0407", "E0501", "E0502", "E0607", "E0710"],
        &["E0601"],
    ];
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
