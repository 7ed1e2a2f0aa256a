//! Many runs by chance: the same seed gives the same runs however many threads try them, what comes of them is what the
//! odds say, and what earlier runs show is learnt from their journals.

#![expect(clippy::unwrap_used, reason = "what a test cannot do without ends it")]

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use sunup::engine::{Answer, Command, Engine, Event, Question, StepResult, Task};
use sunup::plan::Plan;
use sunup::report::{Ink, SimulateTextOptions, simulate_json, simulate_text};
use sunup::session::Session;
use sunup::simulate::{
    Binding, End, Fit, GateSeen, Odds, Scenario, Simulation, Spread, Trials, World, simulate, simulate_from, story,
    story_by_chance,
};
use sunup::time::{Duration, Moment, later_by};
use sunup::world::MemoryWorld;

const HOSTS: &str = "name,region,site,role,timezone
web-tyo-1,japan,tokyo,web,Asia/Tokyo
web-tyo-2,japan,tokyo,web,Asia/Tokyo
web-sin-1,asia,singapore,web,Asia/Singapore
web-sin-2,asia,singapore,web,Asia/Singapore
";

fn plan(install: &str, gate: &str) -> Arc<Plan> {
    let script = format!(
        r#"inventory "hosts.csv"
connect simulated
regions by region {{ window mon..sun 22:00-06:00 }}
bulletin fix {{ package fix {{ install "patch"  uninstall "unpatch" }} }}
gate up per host {{ run "probe {{host.name}}"  within 5m  {gate} }}
service web {{ hosts role == "web"  keep at least 1 up per site }}
team ops {{ members "ada"  may everything }}
runbook patch {{
  step drain {{ run "drain"  undo "fill"  takes 1m }}
  step install {{ run package.install  undo package.uninstall  {install}  down }}
}}
rollout may {{
  apply fix with patch
  to    role == "web"
  start 2007-05-08 12:00 UTC
  wave all {{ batch 1 per site  gate up }}
}}
"#
    );
    let world = MemoryWorld::new().file("may.sunup", script).file("hosts.csv", HOSTS);
    let planned = Session::load(&world, Path::new("may.sunup")).plan(None, None);
    assert!(planned.plan.is_some(), "{:#?}", planned.problems);
    Arc::new(planned.plan.unwrap())
}

fn tried(plan: &Arc<Plan>, runs: usize, seed: u64, workers: usize) -> Simulation {
    let workers = NonZeroUsize::new(workers).unwrap();
    simulate(plan, Scenario::default(), &Trials { runs, seed, odds: Arc::new(Odds::of(plan)), workers })
}

#[test]
fn the_same_seed_gives_the_same_bytes_however_many_threads_try() {
    let plan = plan("takes 20m to 40m  fails 5%", "fails 10%");
    let options = SimulateTextOptions { width: 100, ink: Ink::Ascii, fit: None, run: None, given: &[] };
    let shown = |found: &Simulation| (simulate_text(found, &plan, &options), simulate_json(found, &plan, None, &[]));
    let alone = shown(&tried(&plan, 301, 4, 1));
    for workers in [2, 3, 64, 1_000] {
        assert_eq!(shown(&tried(&plan, 301, 4, workers)), alone, "{workers} threads");
    }
    assert_ne!(shown(&tried(&plan, 301, 5, 2)), alone, "another seed");
}

#[test]
fn fewer_runs_are_the_first_of_more() {
    let plan = plan("takes 20m to 40m  fails 5%", "");
    let odds = Arc::new(Odds::of(&plan));
    let ends = |run| story_by_chance(&plan, Scenario::default(), &odds, 9, run).world.now();
    let few: Vec<Moment> = (0..5).map(ends).collect();
    assert_eq!((0..10).map(ends).take(5).collect::<Vec<_>>(), few);
    let distinct: std::collections::BTreeSet<_> = few.iter().collect();
    assert!(distinct.len() > 1, "runs differ");
}

#[test]
fn lengths_lie_between_the_two_and_come_to_the_middle() {
    let plan = plan("takes 20m to 40m", "");
    let found = tried(&plan, 400, 1, 2);
    assert_eq!(found.ends.complete, 400);
    let (least, most) = (found.complete_at.sorted[0], found.complete_at.sorted[399]);
    let certain = story(&plan, Scenario::default());
    assert_eq!(certain.end, End::Complete);
    assert!(most <= certain.world.now(), "the plan counts the longest");
    let shortest = certain.world.now() - Duration::from_minutes(40).to_chrono();
    assert!(shortest <= least && least < most, "{shortest} {least} {most}");
    // Four installations, two after the other, an hour later at the second site: half an hour each on average.
    let steps = found.waited.on(Binding::Steps).seconds() as f64 / 400.0 / 60.0;
    assert!((115.0..130.0).contains(&steps), "{steps} minutes");
}

#[test]
fn failures_are_as_frequent_as_is_said() {
    let plan = plan("takes 5m  fails 25%", "");
    let found = tried(&plan, 2_000, 3, 2);
    // Four hosts, one attempt each; a region goes on without its gate's host, so that all are tried.
    let done_everywhere = found.regions.iter().map(|region| region.done_at.count()).collect::<Vec<_>>();
    for done in done_everywhere {
        let share = done as f64 / 2_000.0;
        assert!((0.50..0.62).contains(&share), "{share}, and 0.75 twice is 0.5625");
    }
}

#[test]
fn where_nothing_is_left_to_chance_one_run_stands_for_all() {
    let plan = plan("takes 5m", "");
    let found = tried(&plan, 1_000, 3, 2);
    assert_eq!((found.runs, found.ends.complete), (1, 1));
    assert_eq!(found.complete_at.sorted, [story(&plan, Scenario::default()).world.now()]);
}

#[test]
fn names_of_others_are_harmless() {
    let hosts = HOSTS.replace("japan", "\u{1b}[31mjapan\u{202e}");
    let script = r#"inventory "hosts.csv"
connect simulated
regions by region { window mon..sun 22:00-06:00 }
bulletin fix { package fix { install "patch"  uninstall "unpatch" } }
team ops { members "ada"  may everything }
runbook patch { step install { run package.install  undo package.uninstall  takes 5m to 9m  down } }
rollout may { apply fix with patch  to role == "web"  start 2007-05-08 12:00 UTC  wave all { batch 1 per site } }
"#;
    let world = MemoryWorld::new().file("may.sunup", script).file("hosts.csv", hosts);
    let planned = Session::load(&world, Path::new("may.sunup")).plan(None, None);
    let plan = Arc::new(planned.plan.unwrap_or_else(|| panic!("{:#?}", planned.problems)));
    let given = ["gate \u{7}up fails".to_owned()];
    let options = SimulateTextOptions { width: 100, ink: Ink::Ascii, fit: None, run: None, given: &given };
    let text = simulate_text(&tried(&plan, 10, 1, 1), &plan, &options);
    let harmful = text.chars().find(|sign| (sign.is_control() && *sign != '\n') || *sign == '\u{202e}');
    assert_eq!(harmful, None, "{text}");
    assert!(text.contains("japan") && text.contains("given"), "{text}");
}

/// A run in which every installation lasts as many minutes as are said, one after the other, and nothing is longer than 90.
fn journal(plan: &Arc<Plan>, minutes: &[u64], asked: &[Answer]) -> Vec<(Moment, Event)> {
    let mut engine = Engine::new(Arc::clone(plan));
    let (mut minutes, mut asked) = (minutes.iter().copied().cycle(), asked.iter().copied().cycle());
    let mut journal = Vec::new();
    let mut ahead: std::collections::BTreeMap<(Moment, usize), Event> = std::collections::BTreeMap::new();
    ahead.insert((plan.starts_at, 0), Event::Started);
    let mut count = 0;
    while let Some(((at, _), event)) = ahead.pop_first() {
        let mut commands: Vec<Command> = engine.apply(at, &event);
        journal.push((at, event));
        while !commands.is_empty() {
            let mut more = Vec::new();
            for command in commands {
                count += 1;
                match command {
                    Command::Begin { task, work } => {
                        let began = Event::TaskBegan { task };
                        more.extend(engine.apply(at, &began));
                        journal.push((at, began));
                        let (length, event) = match work {
                            Task::Probe { question: Question::Gate { .. } } => {
                                let answer = asked.next().unwrap();
                                (0, Event::ProbeAnswered { task, answer, detail: String::new() })
                            }
                            Task::Run { step: 1, .. } => match minutes.next().unwrap() {
                                length if length > 90 => {
                                    let result = StepResult::Failed { detail: String::new() };
                                    (90, Event::StepEnded { task, result })
                                }
                                length => (length, Event::StepEnded { task, result: StepResult::Succeeded }),
                            },
                            _ => (1, Event::StepEnded { task, result: StepResult::Succeeded }),
                        };
                        ahead.insert((later_by(at, Duration::from_minutes(length)), count), event);
                    }
                    Command::SetTimer { timer, at } => {
                        ahead.insert((at, count), Event::TimerFired { timer });
                    }
                    _ => {}
                }
            }
            commands = more;
        }
    }
    journal
}

#[test]
fn a_run_goes_on_from_wherever_it_stands_as_if_it_had_never_stopped() {
    let plan = plan("takes 20m", "for 3m");
    let journal = journal(&plan, &[20], &[Answer::Pass]);
    let whole = story(&plan, Scenario::default());
    assert_eq!(journal.last().unwrap().0, whole.world.now());
    let trials = Trials { runs: 9, seed: 1, odds: Arc::new(Odds::of(&plan)), workers: NonZeroUsize::MIN };
    for events in 0..=journal.len() {
        let past = &journal[..events];
        let now = past.last().map_or(plan.starts_at, |(at, _)| *at);
        let past = past.iter().map(|(at, event)| (*at, event));
        let world = World::replayed(&plan, past, now, Scenario::default());
        let found = simulate_from(&world, &trials);
        assert_eq!((found.from, found.ends.complete), (now, 1), "after {events} events");
        assert_eq!(found.complete_at.sorted, [whole.world.now()], "after {events} events");
        let done: Vec<Moment> = found.regions.iter().map(|region| region.done_at.sorted[0]).collect();
        let since = |region: &sunup::simulate::RegionTrials| {
            let hosts = (0..4).map(sunup::plan::HostIdx).filter(|host| plan.region_of(*host) == region.region);
            hosts.map(|host| whole.world.since(host)).max().unwrap()
        };
        assert_eq!(done, found.regions.iter().map(since).collect::<Vec<_>>(), "after {events} events");
    }
    // Hours later nobody has heard of the rest, which goes on then.
    let few = journal.iter().take(20).map(|(at, event)| (*at, event));
    let later = whole.world.now() + Duration::from_minutes(30).to_chrono();
    let found = simulate_from(&World::replayed(&plan, few, later, Scenario::default()), &trials);
    assert!(found.complete_at.sorted[0] > later, "{:?}", found.complete_at);
}

#[test]
fn what_earlier_runs_show_is_learnt_from_their_journals() {
    let plan = plan("takes 20m  retry 1 every 1m", "");
    let mut fit = Fit::default();
    for minutes in [&[30, 10, 99][..], &[50]] {
        let journal =
            journal(&plan, minutes, &[Answer::Fail, Answer::Pass, Answer::Pass, Answer::Pass, Answer::Unknown]);
        fit.add(&plan, journal.iter().map(|(at, event)| (*at, event)));
    }
    assert_eq!(fit.runs, 2);
    let install = &fit.steps["install"];
    let minutes: Vec<u64> = install.lengths.iter().map(|length| length.seconds() / 60).collect();
    assert_eq!((minutes.as_slice(), install.failures), (&[10, 10, 30, 30, 50, 50, 50, 50][..], 1));
    assert_eq!(fit.steps["drain"].attempts(), 8);
    let GateSeen { askings, failures } = fit.gates["up"];
    assert!(failures >= 2 && askings >= 8 && failures * 2 < askings, "{failures} of {askings}");

    let odds = fit.odds(&plan);
    assert_eq!(odds.steps[1].takes, Spread::Seen(install.lengths.clone()));
    assert!((odds.steps[1].fails - 1.0 / 9.0).abs() < 1e-9);
    assert!((odds.gates[0] - failures as f64 / askings as f64).abs() < 1e-9);
    assert!(odds.are_open());
    assert_eq!(Fit::default().odds(&plan), Odds::of(&plan), "what nobody has seen is as the script says");
}
