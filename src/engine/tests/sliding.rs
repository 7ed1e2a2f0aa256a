//! Lanes in which several batches are under way at once.

use crate::engine::tests::fixtures::{Build, at, daily, gate, step};
use crate::engine::tests::world::{Reply, World};
use crate::engine::{Outcome, PersonAct, Target};
use crate::plan::StagePlan;

/// Two hosts at once.
fn two(stage: &mut StagePlan) {
    stage.turns.iter_mut().flat_map(|turn| &mut turn.lanes).for_each(|lane| lane.width = 2);
}

#[test]
fn the_next_begins_when_one_is_through_its_own_gates() {
    let build = Build::new(&[step("install")]).region("asia", "a1 a2 a3 a4").gate(gate("ok")).wave(
        "w",
        "asia: a1, a2, a3, a4",
        two,
    );
    // The second takes its time; the others go on beside it.
    let mut world = World::of(&build).replies("run a2 install", &[Reply::Silent]).start();
    world.go_on_until(at("2007-05-08 13:00Z"));
    world.end("run a2 install", Reply::Good);
    world.go_on();
    assert_eq!(world.outcome(), Some(Outcome::Complete));
    world.assert_lines(
        &["began", "ended", "gate"],
        "
        12:00 w began
        12:00 0.0.0.0 began: a1
        12:00 0.0.0.1 began: a2
        12:01 0.0.0.0 ended: 1 done, 0 failed
        12:01 gate ok a1: Pass
        12:01 0.0.0.2 began: a3
        12:02 0.0.0.2 ended: 1 done, 0 failed
        12:02 gate ok a3: Pass
        12:02 0.0.0.3 began: a4
        12:03 0.0.0.3 ended: 1 done, 0 failed
        12:03 gate ok a4: Pass
        13:00 0.0.0.1 ended: 1 done, 0 failed
        13:00 gate ok a2: Pass
        13:00 w ended",
    );
}

#[test]
fn a_gate_that_fails_keeps_its_place_and_holds_the_region() {
    let build = Build::new(&[step("install")]).region("asia", "a1 a2 a3 a4").gate(gate("ok")).wave(
        "w",
        "asia: a1, a2, a3, a4",
        two,
    );
    let mut world = World::of(&build).replies("gate ok a1", &[Reply::Bad, Reply::Good]).run();
    // The one beside it is through; nobody else begins.
    assert_eq!(world.outcome(), Some(Outcome::Held));
    assert_eq!(world.engine.progress(Target::Rollout).done, 2);
    world.says(PersonAct::Resume { target: Target::Rollout });
    world.go_on();
    assert_eq!(world.outcome(), Some(Outcome::Complete));
}

#[test]
fn who_is_held_keeps_a_place_and_the_others_go_on() {
    let build = Build::new(&[step("install")]).region("asia", "a1 a2 a3").wave("w", "asia: a1, a2, a3", two);
    let mut world = World::of(&build);
    let host = build.host("a1");
    world.says(PersonAct::Hold { target: Target::Host(host) });
    let mut world = world.run();
    assert_eq!(world.outcome(), Some(Outcome::Held));
    world.assert_lines(&["began: "], "12:00 0.0.0.1 began: a2\n12:01 0.0.0.2 began: a3");
    world.says(PersonAct::Resume { target: Target::Host(host) });
    world.go_on();
    assert_eq!(world.outcome(), Some(Outcome::Complete));
}

#[test]
fn each_host_waits_for_its_own_window() {
    let build = Build::new(&[step("install")])
        .site("asia", "north", "a1")
        .site("asia", "south", "a2 a3")
        .schedule("north", daily("22:00", "23:00"))
        .wave("w", "asia: a1, a2, a3", two);
    let world = World::of(&build).run();
    assert_eq!(world.outcome(), Some(Outcome::Complete));
    let began = "12:00 0.0.0.1 began: a2\n12:01 0.0.0.2 began: a3\n22:00 0.0.0.0 began: a1";
    world.assert_lines(&["began: "], began);
}

#[test]
fn a_budget_that_lets_only_one_go_makes_it_one_after_the_other() {
    let build = Build::new(&[step("install")]).region("asia", "a1 a2 a3").budget(1, "a1 a2 a3").wave(
        "w",
        "asia: a1, a2, a3",
        two,
    );
    let world = World::of(&build).run();
    assert_eq!(world.outcome(), Some(Outcome::Complete));
    let began = "12:00 0.0.0.0 began: a1\n12:01 0.0.0.1 began: a2\n12:02 0.0.0.2 began: a3";
    world.assert_lines(&["began: "], began);
}
