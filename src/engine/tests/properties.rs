//! What holds for every plan, every luck and everything that people say. [`World`] itself looks after each event that no
//! budget is broken by what the engine begins, no batch begins outside of its window, nothing runs twice without reason,
//! only what was begun is undone, and every count is right.

use std::sync::Arc;

use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof, proptest};
use proptest::{collection, option, prop_assert, prop_assert_eq};

use crate::engine::tests::fixtures::{Build, approval, daily, gate, lasting, more_than, step, verified, waiting};
use crate::engine::tests::world::{Fate, World};
use crate::engine::{Command, Engine, Event, Outcome, PersonAct, Settlement, Target, Waiting};
use crate::model::{
    Act, Condition, Finish, Gate, GateId, Otherwise, Per, RegionId, Retry, Rule, Scope, SiteId, StageKind, Step, Undo,
    WorkaroundId,
};
use crate::plan::{BatchPlan, HostIdx, Lane, PlanRefinement, PlanWorkaround, RegionTurn};
use crate::time::{Duration, later_by, parse_time_of_day};

const REGIONS: [&str; 3] = ["asia", "europe", "america"];

/// Numbers from which everything about a plan is chosen.
#[derive(Debug, Clone)]
struct Choice {
    steps: Vec<u8>,
    /// For each host its site, its stage, and whether it opens a new batch.
    hosts: Vec<(u8, u8, bool)>,
    gates: Vec<u8>,
    stages: Vec<u8>,
    budgets: Vec<(u16, u8)>,
    rules: Vec<(u8, u8, u8)>,
    nights: u8,
    /// How many of the steps run ahead, how wide lanes are, and who has the workaround that the last step lifts.
    ahead: u8,
    widths: u8,
    workaround: Option<u16>,
    /// The region that asks the last gate, which others then do not ask.
    refined: Option<u8>,
}

fn choices() -> impl Strategy<Value = Choice> {
    let lists = (
        collection::vec(any::<u8>(), 1..4),
        collection::vec((0u8..6, 0u8..3, any::<bool>()), 1..12),
        collection::vec(any::<u8>(), 0..3),
        collection::vec(any::<u8>(), 3),
        collection::vec((any::<u16>(), 1u8..4), 0..4),
        collection::vec((any::<u8>(), any::<u8>(), any::<u8>()), 0..4),
        any::<u8>(),
        (0u8..3, any::<u8>(), option::of(any::<u16>()), option::of(0u8..3)),
    );
    lists.prop_map(|(steps, hosts, gates, stages, budgets, rules, nights, (ahead, widths, workaround, refined))| {
        Choice { steps, hosts, gates, stages, budgets, rules, nights, ahead, widths, workaround, refined }
    })
}

impl Choice {
    fn build(&self) -> Build {
        let steps: Vec<_> = self.steps.iter().enumerate().map(|(idx, choice)| chosen_step(idx, *choice)).collect();
        let mut build = Build::new(&steps);
        for step in build.plan.steps.iter_mut().take(self.ahead.into()) {
            (step.ahead, step.down) = (true, false);
        }
        // A site with the even, one with the odd numbers of a region.
        for site in 0..6u8 {
            let hosts = (0..self.hosts.len()).filter(|idx| self.hosts[*idx].0 == site);
            let names: Vec<_> = hosts.map(|idx| format!("h{idx}")).collect();
            build = build.site(REGIONS[site as usize / 2], &format!("s{site}"), &names.join(" "));
            if self.nights >> site & 1 == 1 {
                build = build.schedule(&format!("s{site}"), daily("22:00", "23:00"));
            }
        }
        build = self.with_workaround(build);
        build = self.gates.iter().fold(build, |build, choice| build.gate(chosen_gate(*choice)));
        for (members, at_most) in &self.budgets {
            let hosts: Vec<_> = (0..self.hosts.len()).filter(|idx| members >> idx & 1 == 1).collect();
            let names: Vec<_> = hosts.iter().map(|idx| format!("h{idx}")).collect();
            if !hosts.is_empty() {
                build = build.budget(u32::from(*at_most).min(hosts.len() as u32), &names.join(" "));
            }
        }
        for stage in 0..3u8 {
            build = self.with_stage(build, stage);
        }
        if let (Some(region), Some(last)) = (self.refined, self.gates.len().checked_sub(1)) {
            let gate = GateId(last as u32);
            build.plan.stages.iter_mut().for_each(|stage| stage.gates.retain(|of_stage| *of_stage != gate));
            let region = RegionId(u32::from(region));
            let gates = vec![gate];
            let finish_before = parse_time_of_day("22:30").map(Finish::Time);
            build.plan.refinements.push(PlanRefinement {
                region,
                times: Vec::new(),
                batch: None,
                at_once: None,
                soak: None,
                gates,
                finish_before,
            });
        }
        let rules = self.rules.iter().map(|choice| chosen_rule(*choice, self.gates.len(), self.steps.len()));
        build.plan.rules = rules.collect();
        // Nothing of the plan takes any time, so the run is soon late.
        let spare = lasting(["30s", "2h", "30h"][self.rules.len() % 3]);
        build.plan.deadline = Some(crate::time::later_by(build.plan.ends_at, spare));
        build
    }

    fn with_workaround(&self, mut build: Build) -> Build {
        let Some(has) = self.workaround else { return build };
        let hosts = (0..build.plan.hosts.len() as u32).filter(|idx| has >> idx & 1 == 1).map(HostIdx).collect();
        build.plan.workarounds.push(PlanWorkaround { name: "stopgap".to_owned(), hosts });
        if let Some(last) = build.plan.steps.last_mut().filter(|step| !step.ahead) {
            last.lifts = Some(WorkaroundId(0));
        }
        build
    }

    fn with_stage(&self, build: Build, stage: u8) -> Build {
        let choice = self.stages[stage as usize];
        let per_site = choice & 1 == 1;
        let turns: Vec<_> = (0..3u8).filter_map(|region| self.turn(&build, stage, region, per_site)).collect();
        let mut build = build.wave(&format!("stage {stage}"), "", |planned| {
            planned.turns = turns;
            planned.kind = if choice & 2 == 2 { StageKind::GuineaPig } else { StageKind::Wave };
            planned.together = choice & 4 == 4;
            planned.soak = lasting(if choice & 8 == 8 { "1h" } else { "0s" });
            planned.approval = match choice >> 4 & 3 {
                0 => approval(Some("2h"), Otherwise::Hold),
                1 => approval(Some("2h"), Otherwise::Rollback),
                2 => approval(None, Otherwise::Hold),
                _ => None,
            };
        });
        for (host, (_, of, _)) in self.hosts.iter().enumerate() {
            if *of == stage {
                // The names are spread over the sites: the inventory's order is another one.
                let idx = build.host(&format!("h{host}"));
                build.plan.hosts[idx.0 as usize].stage = u32::from(stage);
            }
        }
        build
    }

    fn turn(&self, build: &Build, stage: u8, region: u8, per_site: bool) -> Option<RegionTurn> {
        let lanes: Vec<Vec<u8>> = match per_site {
            true => vec![vec![region * 2], vec![region * 2 + 1]],
            false => vec![vec![region * 2, region * 2 + 1]],
        };
        let lanes = lanes.iter().map(|sites| self.lane(build, stage, sites)).filter(|lane| !lane.batches.is_empty());
        let lanes: Vec<_> = lanes.collect();
        (!lanes.is_empty()).then(|| RegionTurn { region: RegionId(u32::from(region)), lanes })
    }

    fn width(&self, stage: u8) -> u32 {
        u32::from(self.widths >> (stage * 2) & 3).max(1)
    }

    fn lane(&self, build: &Build, stage: u8, sites: &[u8]) -> Lane {
        let mut batches: Vec<BatchPlan> = Vec::new();
        for site in sites {
            let mut is_new = true;
            for (host, (of, at, opens)) in self.hosts.iter().enumerate() {
                if of == site && *at == stage {
                    if is_new || *opens {
                        let start = build.plan.starts_at;
                        batches.push(BatchPlan { hosts: Vec::new(), starts_at: start, ends_at: start, window: None });
                    }
                    is_new = false;
                    batches.last_mut().unwrap().hosts.push(build.host(&format!("h{host}")));
                }
            }
        }
        Lane { site: (sites.len() == 1).then(|| SiteId(u32::from(sites[0]))), width: self.width(stage), batches }
    }
}

fn chosen_step(idx: usize, choice: u8) -> Step {
    let name = format!("step{idx}");
    let mut chosen = match choice & 3 {
        0 => step(&name),
        1 => verified(&name),
        2 => waiting(&name, "20s"),
        _ => Step { undo: Undo::NotNeeded, ..step(&name) },
    };
    if choice & 0b1_1100 == 0 {
        chosen.undo = Undo::Impossible;
    }
    chosen.retry = Retry { times: u64::from(choice >> 5 & 1), every: lasting("1m") };
    chosen.down = choice >> 6 & 3 != 0;
    chosen
}

fn chosen_gate(choice: u8) -> Gate {
    let per = [Per::Host, Per::Site, Per::Region, Per::Batch][choice as usize & 3];
    Gate {
        per,
        within: (choice & 4 == 4).then(|| lasting("3m")),
        retries: u64::from(choice >> 3 & 1),
        lasts_for: lasting(if choice & 16 == 16 { "1m" } else { "0s" }),
        ..gate("ok")
    }
}

const SCOPES: [Scope; 6] = [Scope::Host, Scope::Batch, Scope::Site, Scope::Region, Scope::Stage, Scope::Rollout];

fn chosen_rule((condition, first, second): (u8, u8, u8), gates: usize, steps: usize) -> Rule {
    let condition = match condition % 6 {
        0 => Condition::GateFailed(None),
        1 => Condition::GateUnknown((gates > 0).then_some(crate::model::GateId(0))),
        2 => Condition::StepFailed((condition & 8 == 8).then_some(u32::from(condition >> 4) % steps as u32)),
        3 => more_than(u64::from(condition >> 4 & 1), SCOPES[condition as usize / 5 % 6]),
        4 => Condition::RegionsHeld(u64::from(condition >> 4 & 1) + 1),
        _ => Condition::DeadlineAtRisk,
    };
    let act = |choice: u8| {
        let scope = SCOPES[choice as usize / 2 % 6];
        if choice & 1 == 1 { Act::Rollback(scope) } else { Act::Hold(scope) }
    };
    Build::new(&[]).rule(condition, &[act(first), act(second)]).plan.rules.remove(0)
}

/// What people say, after so many events.
fn acts() -> impl Strategy<Value = Vec<(u8, PersonAct)>> {
    let target = prop_oneof![
        Just(Target::Rollout),
        (0u32..4).prop_map(Target::Stage),
        (0u32..4).prop_map(|region| Target::Region(RegionId(region))),
        (0u32..7).prop_map(|site| Target::Site(SiteId(site))),
        (0u32..13).prop_map(|host| Target::Host(HostIdx(host))),
    ];
    let settlement = prop_oneof![
        Just(Settlement::Done),
        Just(Settlement::Again),
        Just(Settlement::Failed),
        Just(Settlement::Mended)
    ];
    let act = prop_oneof![
        2 => (0u32..4).prop_map(|stage| PersonAct::Approve { stage }),
        1 => (0u32..4).prop_map(|stage| PersonAct::Deny { stage }),
        2 => target.clone().prop_map(|target| PersonAct::Hold { target }),
        3 => target.clone().prop_map(|target| PersonAct::Resume { target }),
        1 => target.prop_map(|target| PersonAct::Rollback { target }),
        2 => (0u32..13, settlement).prop_map(|(host, settlement)| PersonAct::Settle { host: HostIdx(host), settlement }),
    ];
    collection::vec((any::<u8>(), act), 0..12)
}

/// Lives through it all.
fn live(build: &Build, fate: Option<Fate>, acts: &[(u8, PersonAct)], timers_are_deaf: bool) -> World {
    let mut world = World::of(build).fate(fate);
    world.timers_are_deaf = timers_are_deaf;
    world.is_slow_to_begin = !timers_are_deaf;
    let mut world = world.start();
    for (after, act) in acts {
        for _ in 0..*after % 32 {
            world.step();
        }
        world.says(act.clone());
    }
    world.go_on();
    world
}

fn waits_without_end(world: &World) -> bool {
    world.engine.waiting().iter().any(|waiting| matches!(waiting, Waiting::Approval { until: None, .. }))
}

/// A patient person mends everything, says yes to everything and resumes everything.
fn help(world: &mut World) {
    world.mercy();
    world.people_approve = true;
    for _ in 0..10 {
        mend_all(world);
        if let Some(stage) = world.engine.stage() {
            world.says(PersonAct::Approve { stage });
        }
        world.says(PersonAct::Resume { target: Target::Rollout });
        world.go_on();
        if world.engine.stage().is_none() && world.outcome().is_some() {
            return mend_all(world);
        }
    }
    panic!("no help:\n{}", world.told());
}

fn mend_all(world: &mut World) {
    for host in world.hosts() {
        world.says(PersonAct::Settle { host, settlement: Settlement::Mended });
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_run_ends_or_says_what_it_waits_for(
        choice in choices(), seed: u64, bad in 0u64..60, acts in acts(), deaf: bool,
    ) {
        let world = live(&choice.build(), Some(Fate::new(seed, bad)), &acts, deaf);
        prop_assert!(world.engine.under_way().is_empty(), "{}", world.told());
        prop_assert!(world.outcome().is_some() || waits_without_end(&world), "{}", world.told());
        if world.outcome() == Some(Outcome::Held) {
            let names_one = world.engine.waiting().iter().any(|waiting| matches!(waiting, Waiting::Person { .. }));
            prop_assert!(names_one, "nobody is told what to do:\n{}", world.told());
        }
    }

    #[test]
    fn whatever_happened_a_patient_person_can_bring_it_to_its_end(
        choice in choices(), seed: u64, bad in 0u64..60, acts in acts(),
    ) {
        let mut world = live(&choice.build(), Some(Fate::new(seed, bad)), &acts, false);
        help(&mut world);
        let outcome = world.outcome();
        prop_assert!(matches!(outcome, Some(Outcome::Complete | Outcome::RolledBack)), "{outcome:?}\n{}", world.told());
        let progress = world.engine.progress(Target::Rollout);
        prop_assert_eq!(progress.done + progress.rolled_back, progress.total(), "{}", world.told());
        prop_assert!(world.hosts().all(|host| !world.engine.is_down(host)));
        prop_assert_eq!(world.engine.holds(), Vec::new());
        prop_assert_eq!(world.engine.timers(), Vec::new());
    }

    #[test]
    fn with_good_luck_all_is_done_at_the_first_go(choice in choices()) {
        let mut build = choice.build();
        build.plan.deadline = None;
        let mut world = World::of(&build);
        world.people_approve = true;
        let world = world.run();
        prop_assert_eq!(world.outcome(), Some(Outcome::Complete), "{}", world.told());
        prop_assert_eq!(world.engine.progress(Target::Rollout).done as usize, choice.hosts.len());
    }

    #[test]
    fn a_replay_says_the_same(choice in choices(), seed: u64, bad in 0u64..60, acts in acts(), cut in option::of(0usize..40)) {
        let build = choice.build();
        let world = live(&build, Some(Fate::new(seed, bad)), &acts, true);
        let mut replayed = Engine::new(Arc::new(build.plan.clone()));
        for (idx, (at, event)) in world.history.iter().enumerate() {
            // A copy on the way is as good as the engine itself.
            if cut == Some(idx) {
                replayed = replayed.clone();
            }
            prop_assert_eq!(&replayed.apply(*at, event), &world.commands[idx]);
        }
        prop_assert_eq!(format!("{:?}", replayed), format!("{:?}", world.engine));
    }

    /// Events that make no sense are borne, also those that name what is not there.
    #[test]
    fn nonsense_is_borne(choice in choices(), events in collection::vec((0u64..40, 0u8..6), 0..60), acts in acts()) {
        let build = choice.build();
        let mut engine = Engine::new(Arc::new(build.plan.clone()));
        let mut acts = acts.into_iter();
        engine.apply(build.plan.starts_at, &Event::Started);
        for (idx, (number, kind)) in events.into_iter().enumerate() {
            let event = nonsense(number, kind, &mut acts);
            let at = later_by(build.plan.starts_at, Duration::from_seconds(idx as u64));
            for command in engine.apply(at, &event) {
                let is_work = matches!(command, Command::Begin { .. });
                prop_assert!(!is_work || !engine.under_way().is_empty());
            }
        }
    }
}

fn nonsense(number: u64, kind: u8, acts: &mut impl Iterator<Item = (u8, PersonAct)>) -> Event {
    let task = crate::engine::TaskId(number);
    match kind {
        0 => Event::StepEnded { task, result: crate::engine::StepResult::Succeeded },
        1 => Event::StepEnded { task, result: crate::engine::StepResult::TimedOut },
        2 => Event::ProbeAnswered { task, answer: crate::engine::Answer::Pass, detail: String::new() },
        3 => Event::TaskLost { task },
        4 => Event::TimerFired { timer: crate::engine::TimerId(number) },
        _ => match acts.next() {
            Some((_, act)) => Event::Said { person: String::new(), act },
            None => Event::Started,
        },
    }
}
