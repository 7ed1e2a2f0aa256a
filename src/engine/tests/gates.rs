//! What gates are asked of, how long, and what they stop.

use crate::engine::tests::fixtures::{Build, gate, lasting, step};
use crate::engine::tests::world::{Reply, World};
use crate::engine::{Outcome, PersonAct, RegionState, Target};
use crate::model::{Gate, GateId, Per};
use crate::plan::PlanRefinement;

/// Two batches in Asia, one in Europe, then another wave in Europe.
fn build(gate: Gate) -> Build {
    Build::new(&[step("install")])
        .region("asia", "a1 a2 a3")
        .region("europe", "e1 e2")
        .gate(gate)
        .wave("world", "asia: a1 a2, a3; europe: e1", |_| {})
        .wave("rest", "europe: e2", |_| {})
}

fn asked(gate: Gate, replies: &[Reply]) -> (Vec<String>, World) {
    let world = World::of(&build(gate)).replies("gate ok a1", replies).run();
    (world.begun_at("gate ok a1"), world)
}

#[test]
fn a_region_that_asks_more_is_asked_more() {
    let mut build = Build::new(&[step("install")])
        .region("asia", "a1")
        .region("europe", "e1")
        .gate(gate("ok"))
        .gate(Gate { per: Per::Site, ..gate("smoke") })
        .wave("w", "asia: a1; europe: e1", |stage| {
            stage.gates = vec![GateId(0)];
            stage.soak = lasting("1h");
        });
    let region = build.find_region("europe").unwrap();
    let gates = vec![GateId(1), GateId(0)];
    let refinement = PlanRefinement {
        region,
        times: Vec::new(),
        batch: None,
        at_once: None,
        soak: None,
        gates,
        finish_before: None,
    };
    build.plan.refinements.push(refinement);
    let world = World::of(&build).run();
    let asked: Vec<_> = world.begun().into_iter().filter(|task| task.starts_with("gate")).collect();
    let once = ["gate ok a1", "gate ok e1", "gate smoke europe"];
    assert_eq!(asked, once.repeat(2));
}

#[test]
fn a_gate_is_asked_of_what_it_is_for() {
    for (per, first, second) in [
        (Per::Host, &["gate ok a1", "gate ok a2"][..], &["gate ok a3"][..]),
        (Per::Site, &["gate ok asia"], &["gate ok asia"]),
        (Per::Region, &["gate ok asia"], &["gate ok asia"]),
        (Per::Batch, &["gate ok 0.0.0.0"], &["gate ok 0.0.0.1"]),
    ] {
        let world = World::of(&build(Gate { per, ..gate("ok") })).run();
        let elsewhere = ["e1", "e2", "europe", "0.1.0.0", "1.0.0.0"];
        let is_elsewhere = |task: &String| elsewhere.iter().any(|subject| task.ends_with(subject));
        let gates = world.begun().into_iter().filter(|task| task.starts_with("gate") && !is_elsewhere(task));
        let expected: Vec<_> = first.iter().chain(second).map(|task| (*task).to_owned()).collect();
        assert_eq!(gates.collect::<Vec<_>>(), expected, "{per:?}");
    }
}

#[test]
fn hosts_that_failed_are_not_asked() {
    let world = World::of(&build(gate("ok"))).replies("run a1 install", &[Reply::Bad]).run();
    assert!(!world.begun().contains(&"gate ok a1".to_owned()));
    assert_eq!(world.outcome(), Some(Outcome::Complete));
}

#[test]
fn a_gate_without_within_is_asked_once_and_again_for_each_retry() {
    let (asked_at, world) = asked(gate("ok"), &[Reply::Bad]);
    assert_eq!((asked_at, world.outcome()), (vec!["12:01:00".to_owned()], Some(Outcome::Held)));
    let (asked_at, _) = asked(Gate { retries: 2, ..gate("ok") }, &[Reply::Bad]);
    assert_eq!(asked_at, ["12:01:00", "12:01:30", "12:02:00"]);
    let (asked_at, world) = asked(Gate { retries: 2, ..gate("ok") }, &[Reply::Bad, Reply::NoWord, Reply::Good]);
    assert_eq!((asked_at.len(), world.outcome()), (3, Some(Outcome::Complete)));
}

#[test]
fn a_gate_with_within_fails_when_it_still_fails_at_the_end() {
    let within = |every| Gate { within: Some(lasting("70s")), every: lasting(every), ..gate("ok") };
    let (asked_at, world) = asked(within("30s"), &[Reply::Bad]);
    assert_eq!(asked_at, ["12:01:00", "12:01:30", "12:02:00", "12:02:10"]);
    world.assert_lines(
        &["gate ok a1", "asia held"],
        "12:02 gate ok a1: Fail\n 12:02 asia held: gate `ok` failed at `a1`",
    );
    let (asked_at, world) = asked(within("30s"), &[Reply::Bad, Reply::Bad, Reply::Good]);
    assert_eq!((asked_at.len(), world.outcome()), (3, Some(Outcome::Complete)));
    // Whatever the interval says, time goes on.
    assert_eq!(asked(within("0s"), &[Reply::Bad]).0.len(), 70);
}

#[test]
fn a_gate_goes_on_passing_for_as_long_as_it_says() {
    let lasting_gate = || Gate { lasts_for: lasting("1m"), retries: 1, ..gate("ok") };
    let (asked_at, world) = asked(lasting_gate(), &[Reply::Good]);
    assert_eq!(asked_at, ["12:01:00", "12:01:30", "12:02:00"]);
    assert_eq!(world.outcome(), Some(Outcome::Complete));
    // The last asking is at the end of that time, whatever the interval.
    let (asked_at, _) = asked(Gate { lasts_for: lasting("40s"), ..gate("ok") }, &[Reply::Good]);
    assert_eq!(asked_at, ["12:01:00", "12:01:30", "12:01:41"]);
    // One that fails in between begins anew.
    let (asked_at, world) = asked(lasting_gate(), &[Reply::Good, Reply::Bad, Reply::Good]);
    assert_eq!(asked_at, ["12:01:00", "12:01:30", "12:02:00", "12:02:30", "12:03:00"]);
    assert_eq!(world.outcome(), Some(Outcome::Complete));
    assert_eq!(
        asked(lasting_gate(), &[Reply::Good, Reply::Bad, Reply::Good, Reply::Bad]).1.outcome(),
        Some(Outcome::Held)
    );
}

#[test]
fn unknown_holds_and_never_passes() {
    let (_, world) = asked(gate("ok"), &[Reply::NoWord]);
    assert_eq!(world.outcome(), Some(Outcome::Held));
    world.assert_lines(
        &["gate ok a1", "asia held"],
        "12:01 gate ok a1: Unknown\n 12:01 asia held: gate `ok` is unknown at `a1`",
    );
}

#[test]
fn a_failed_gate_holds_its_region_and_later_stages_wait() {
    let (_, world) = asked(gate("ok"), &[Reply::Bad]);
    world.assert_lines(
        &["began", "ended", "gate", "held", "Held"],
        "12:00 world began
        12:00 0.0.0.0 began: a1 a2
        12:00 0.1.0.0 began: e1
        12:01 0.0.0.0 ended: 2 done, 0 failed
        12:01 0.1.0.0 ended: 1 done, 0 failed
        12:01 gate ok a1: Fail
        12:01 asia held: gate `ok` failed at `a1`
        12:01 gate ok a2: Pass
        12:01 gate ok e1: Pass
        12:01 Held",
    );
    let build = build(gate("ok"));
    assert_eq!(world.engine.region(build.find_region("asia").unwrap()), RegionState::Held);
    assert_eq!(world.engine.region(build.find_region("europe").unwrap()), RegionState::Running);
}

#[test]
fn a_gate_that_failed_is_asked_afresh_when_its_region_is_resumed() {
    let build = build(gate("ok"));
    let asia = Target::Region(build.find_region("asia").unwrap());
    let mut world = World::of(&build).replies("gate ok a1", &[Reply::Bad, Reply::Bad, Reply::Good]).run();
    world.says(PersonAct::Resume { target: asia });
    world.go_on();
    assert_eq!(world.outcome(), Some(Outcome::Held));
    world.says(PersonAct::Resume { target: Target::Rollout });
    world.go_on();
    assert_eq!(world.outcome(), Some(Outcome::Complete));
    // What had passed is not asked again.
    assert_eq!((world.begun_at("gate ok a1").len(), world.begun_at("gate ok a2").len()), (3, 1));
}

#[test]
fn after_the_soak_all_gates_are_asked_again() {
    let build = Build::new(&[step("install")])
        .region("asia", "a1 a2")
        .region("europe", "e1")
        .gate(gate("ok"))
        .gate(Gate { per: Per::Site, ..gate("queue") })
        .gate(Gate { per: Per::Batch, ..gate("all") })
        .wave("world", "asia: a1, a2; europe: e1", |stage| stage.soak = lasting("1h"));
    let mut world =
        World::of(&build).replies("gate queue asia", &[Reply::Good, Reply::Good, Reply::Bad, Reply::Good]).run();
    assert_eq!(world.outcome(), Some(Outcome::Held));
    world.assert_lines(
        &["soak", "held", "13:02 gate"],
        "12:02 world soaks until 13:02
        13:02 gate ok a1: Pass
        13:02 gate ok a2: Pass
        13:02 gate ok e1: Pass
        13:02 gate queue asia: Fail
        13:02 asia held: gate `queue` failed at site `asia`
        13:02 gate queue europe: Pass
        13:02 gate all 0.0.0.0: Pass
        13:02 gate all 0.0.0.1: Pass
        13:02 gate all 0.1.0.0: Pass",
    );
    world.says(PersonAct::Resume { target: Target::Rollout });
    world.go_on();
    assert_eq!(world.outcome(), Some(Outcome::Complete));
}

#[test]
fn a_lost_probe_is_asked_again() {
    let (asked_at, world) = asked(gate("ok"), &[Reply::Lost, Reply::Good]);
    assert_eq!((asked_at.len(), world.outcome()), (2, Some(Outcome::Complete)));
}
