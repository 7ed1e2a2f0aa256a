//! Who may be down while hosts fail.

use crate::engine::tests::fixtures::{Build, daily, step};
use crate::engine::tests::world::{Reply, World};
use crate::engine::{Outcome, PersonAct, Settlement, Target, Waiting};
use crate::model::{RegionId, Step};
use crate::plan::HostIdx;

const NO_ROOM: &str =
    "no more of service `mail`, cluster 1 may go down (at least 2 up), and nothing under way can bring a host up";

/// Two of the four may be down.
fn build() -> Build {
    Build::new(&[step("install")]).region("asia", "a1 a2 a3 a4").budget(2, "a1 a2 a3 a4").wave(
        "world",
        "asia: a1 a2, a3 a4",
        |_| {},
    )
}

#[test]
fn hosts_without_room_are_left_behind_and_begin_when_there_is_room() {
    let world = World::of(&build()).replies("run a1 install", &[Reply::Bad]).run();
    assert_eq!(world.outcome(), Some(Outcome::Complete));
    world.assert_lines(
        &["began", "ended"],
        "12:00 world began
        12:00 0.0.0.0 began: a1 a2
        12:01 0.0.0.0 ended: 1 done, 1 failed
        12:01 0.0.0.1 began: a3
        12:02 0.0.0.1 began: a4
        12:03 0.0.0.1 ended: 2 done, 0 failed
        12:03 world ended",
    );
}

#[test]
fn what_waits_for_room_is_told() {
    let mut world = World::of(&build()).replies("run a1 install", &[Reply::Bad]).start();
    world.go_on_to("0.0.0.1 began");
    assert_eq!(world.engine.waiting(), [Waiting::Budget { host: HostIdx(3), group: 0 }]);
}

#[test]
fn where_nothing_can_make_room_the_region_is_held_until_a_host_is_mended() {
    let bad = |world: World| world.replies("run a1 install", &[Reply::Bad]).replies("run a2 install", &[Reply::Bad]);
    let mut world = bad(World::of(&build())).run();
    assert_eq!(world.outcome(), Some(Outcome::Held));
    world.assert_lines(&["held"], &format!("12:01 asia held: {NO_ROOM}"));
    // To resume it does not help.
    world.says(PersonAct::Resume { target: Target::Region(RegionId(0)) });
    world.go_on();
    assert_eq!(world.outcome(), Some(Outcome::Held));
    world.says(PersonAct::Settle { host: HostIdx(0), settlement: Settlement::Mended });
    world.go_on();
    assert_eq!(world.outcome(), Some(Outcome::Complete));
}

#[test]
fn the_last_hope_may_die_while_hosts_wait() {
    let world = World::of(&build()).replies("run a1 install", &[Reply::Bad]).replies("run a3 install", &[Reply::Bad]);
    let world = world.run();
    assert_eq!((world.state("a4").as_str(), world.outcome()), ("waiting", Some(Outcome::Held)));
    world.assert_lines(&["Held", "held"], &format!("12:02 asia held: {NO_ROOM}\n 12:02 Held"));
}

#[test]
fn a_host_left_behind_waits_for_its_window_too() {
    let build = build().schedule("asia", daily("11:00", "12:02"));
    let world = World::of(&build).replies("run a1 install", &[Reply::Bad]).run();
    world.assert_lines(&["0.0.0.1 began"], "12:01 0.0.0.1 began: a3\n 11:00 0.0.0.1 began: a4");
}

#[test]
fn a_runbook_without_a_down_step_draws_on_no_budget() {
    let mut build = build();
    build.plan.steps = vec![Step { down: false, ..step("fetch") }];
    let world = World::of(&build).replies("run a1 fetch", &[Reply::Bad]).replies("run a2 fetch", &[Reply::Bad]).run();
    assert_eq!((world.state("a3").as_str(), world.outcome()), ("done", Some(Outcome::Complete)));
    // Who failed is down all the same.
    assert!(world.engine.is_down(HostIdx(0)) && !world.engine.is_down(HostIdx(2)));
}

#[test]
fn lanes_and_regions_share_the_budgets_that_span_them() {
    let build = Build::new(&[step("install")])
        .region("asia", "a1")
        .region("europe", "e1 e2")
        .budget(1, "a1 e1 e2")
        .wave("world", "asia: a1; europe: e1, e2", |_| {});
    let world = World::of(&build).run();
    world.assert_lines(
        &["began"],
        "12:00 world began
        12:00 0.0.0.0 began: a1
        12:01 0.1.0.0 began: e1
        12:02 0.1.0.1 began: e2",
    );
    let held = World::of(&build).replies("run a1 install", &[Reply::Bad]).run();
    assert_eq!(held.outcome(), Some(Outcome::Held));
    held.assert_lines(&["held"], &format!("12:01 europe held: {NO_ROOM}"));
}
