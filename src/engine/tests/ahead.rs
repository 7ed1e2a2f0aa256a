//! Steps that run ahead of the batches, and steps that some hosts pass over.

use crate::engine::tests::fixtures::{Build, at, daily, gate, step};
use crate::engine::tests::world::{Reply, World};
use crate::engine::{Outcome, PersonAct, Settlement, Target};
use crate::model::{StageKind, Step, WorkaroundId};
use crate::plan::PlanWorkaround;

fn fetch() -> Step {
    Step { ahead: true, down: false, ..step("fetch") }
}

/// Two batches of a region that opens at 22:00, fetched for at noon.
fn build() -> Build {
    Build::new(&[fetch(), step("install")]).region("asia", "a1 a2 a3").schedule("asia", daily("22:00", "23:00")).wave(
        "w",
        "asia: a1 a2, a3",
        |_| {},
    )
}

#[test]
fn all_hosts_of_a_turn_are_made_ready_at_once_whatever_the_window() {
    // No more than one may be down: what runs ahead does not ask.
    let world = World::of(&build().budget(2, "a1 a2 a3")).run();
    assert_eq!(world.outcome(), Some(Outcome::Complete));
    world.assert_told(
        "
        12:00 w began
        12:00 0.0.0 ahead: a1 a2 a3
        12:00 a1 ahead fetch
        12:00 a2 ahead fetch
        12:00 a3 ahead fetch
        12:01 a1 ready
        12:01 a2 ready
        12:01 a3 ready
        22:00 0.0.0.0 began: a1 a2
        22:00 a1 changing install
        22:00 a2 changing install
        22:01 a1 done
        22:01 a2 done
        22:01 0.0.0.0 ended: 2 done, 0 failed
        22:01 0.0.0.1 began: a3
        22:01 a3 changing install
        22:02 a3 done
        22:02 0.0.0.1 ended: 1 done, 0 failed
        22:02 w ended
        22:02 Complete",
    );
}

#[test]
fn a_turn_that_has_not_come_fetches_nothing() {
    let build = Build::new(&[fetch(), step("install")]).region("asia", "a1").region("europe", "e1").wave(
        "w",
        "asia: a1; europe: e1",
        |stage| stage.together = false,
    );
    let world = World::of(&build).run();
    world.assert_lines(
        &["0 ahead: ", "began: "],
        "12:00 0.0.0 ahead: a1\n12:01 0.0.0.0 began: a1\n12:02 0.1.0 ahead: e1\n12:03 0.1.0.0 began: e1",
    );
}

#[test]
fn a_batch_waits_for_the_last_of_its_hosts() {
    let build = Build::new(&[fetch(), step("install")]).region("asia", "a1 a2 a3").wave("w", "asia: a1 a2, a3", |_| {});
    let mut world = World::of(&build).replies("run a2 fetch", &[Reply::Silent]).start();
    world.go_on_until(at("2007-05-08 15:00Z"));
    assert_eq!([world.state("a1"), world.state("a3")], ["ready", "ready"]);
    world.end("run a2 fetch", Reply::Good);
    world.go_on();
    world.assert_lines(&["began: "], "15:00 0.0.0.0 began: a1 a2\n15:01 0.0.0.1 began: a3");
}

#[test]
fn who_fails_ahead_has_failed_and_is_up() {
    let mut build = build().budget(1, "a1 a2 a3");
    build.plan.stages[0].kind = StageKind::GuineaPig;
    let mut world = World::of(&build).replies("run a1 fetch", &[Reply::Bad]).run();
    // A guinea pig's failure holds its region.
    assert_eq!(world.outcome(), Some(Outcome::Held));
    assert_eq!(world.state("a1"), "failed fetch");
    assert!(!world.engine.is_down(build.host("a1")));
    world.says(PersonAct::Resume { target: Target::Rollout });
    world.go_on();
    // The other of its batch is changed all the same, within the budget.
    world.assert_lines(&["began: "], "22:00 0.0.0.0 began: a2\n22:01 0.0.0.1 began: a3");
}

#[test]
fn a_lost_fetch_is_settled_and_the_host_begins_with_or_after_its_batch() {
    let mut world = World::of(&build()).replies("run a1 fetch", &[Reply::Lost]).start();
    world.go_on();
    assert_eq!(world.state("a1"), "unknown fetch");
    world.says(PersonAct::Settle { host: build().host("a1"), settlement: Settlement::Done });
    world.go_on();
    assert_eq!(world.outcome(), Some(Outcome::Complete));
    world.assert_lines(&["began: "], "22:00 0.0.0.0 began: a2\n22:01 0.0.0.0 began: a1\n22:02 0.0.0.1 began: a3");
}

#[test]
fn a_held_region_fetches_nothing_and_what_is_ready_stays_so() {
    let mut world = World::of(&build());
    let region = Target::Region(crate::model::RegionId(0));
    world.says(PersonAct::Hold { target: region });
    let mut world = world.start();
    world.go_on();
    assert_eq!(world.begun(), Vec::<String>::new());
    world.says(PersonAct::Resume { target: region });
    world.go_on_until(at("2007-05-08 13:00Z"));
    world.says(PersonAct::Hold { target: region });
    world.go_on();
    assert_eq!(world.state("a1"), "ready");
    assert_eq!(world.outcome(), Some(Outcome::Held));
    world.says(PersonAct::Resume { target: region });
    world.go_on();
    assert_eq!(world.outcome(), Some(Outcome::Complete));
}

#[test]
fn what_ran_ahead_is_undone_without_asking_a_budget() {
    let mut world = World::of(&build().budget(1, "a1 a2 a3")).start();
    world.go_on_until(at("2007-05-08 13:00Z"));
    world.says(PersonAct::Rollback { target: Target::Rollout });
    assert_eq!([world.state("a1"), world.state("a2"), world.state("a3")], ["undoing fetch"; 3]);
    world.go_on();
    assert_eq!(world.outcome(), Some(Outcome::RolledBack));
    // In the middle of its batch a host undoes all of it.
    let mut world = World::of(&build()).start();
    world.go_on_until(at("2007-05-08 22:00Z"));
    world.says(PersonAct::Rollback { target: Target::Host(build().host("a2")) });
    world.go_on();
    assert_eq!(world.begun().iter().filter(|task| task.starts_with("undo a2")).count(), 2);
}

#[test]
fn a_step_that_lifts_is_for_those_that_have_it() {
    let tidy = Step { lifts: Some(WorkaroundId(0)), ..step("tidy") };
    let mut build = Build::new(&[step("install"), tidy, step("resume")]).region("asia", "a1 a2").gate(gate("ok")).wave(
        "w",
        "asia: a1 a2",
        |_| {},
    );
    build.plan.workarounds.push(PlanWorkaround { name: "relay-off".to_owned(), hosts: vec![build.host("a2")] });
    let mut world = World::of(&build).run();
    let ran = [
        "run a1 install",
        "run a2 install",
        "run a1 resume",
        "run a2 tidy",
        "run a2 resume",
        "gate ok a1",
        "gate ok a2",
    ];
    assert_eq!(world.begun(), ran);
    world.says(PersonAct::Rollback { target: Target::Rollout });
    world.go_on();
    let undone: Vec<_> = world.begun().into_iter().filter(|task| task.starts_with("undo")).collect();
    assert_eq!(undone, ["undo a2 resume", "undo a1 resume", "undo a2 tidy", "undo a1 install", "undo a2 install"]);
}
