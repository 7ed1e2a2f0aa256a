//! When all goes well: stages, turns, lanes, batches, windows, gates, soaks, approvals.

use crate::engine::tests::fixtures::{Build, approval, at, daily, gate, lasting, step};
use crate::engine::tests::world::{Reply, World};
use crate::engine::{Outcome, PersonAct, Target, Waiting};
use crate::model::{Gate, Otherwise, Per};
use crate::time::parse_time_of_day;

#[test]
fn a_whole_rollout() {
    let build = Build::new(&[step("install"), step("reboot")])
        .region("asia", "a1 a2 a3")
        .region("europe", "e1")
        .gate(gate("ok"))
        .gate(Gate { per: Per::Region, ..gate("queue") })
        .guinea_pig("lab", "asia: a1", |stage| {
            stage.soak = lasting("4h");
            stage.approval = approval(Some("8h"), Otherwise::Hold);
        })
        .wave("world", "asia: a2, a3; europe: e1", |_| {});
    let mut world = World::of(&build).start();
    world.go_on_until(at("2007-05-08 17:00Z"));
    assert_eq!(world.outcome(), None);
    let until = Some(at("2007-05-09 00:02:02Z"));
    assert_eq!(world.engine.waiting(), [Waiting::Approval { stage: 0, until }]);
    world.says(PersonAct::Approve { stage: 0 });
    world.go_on();
    assert_eq!(world.outcome(), Some(Outcome::Complete));
    world.assert_told(
        "
        12:00 lab began
        12:00 0.0.0.0 began: a1
        12:00 a1 changing install
        12:01 a1 changing reboot
        12:02 a1 done
        12:02 0.0.0.0 ended: 1 done, 0 failed
        12:02 gate ok a1: Pass
        12:02 gate queue asia: Pass
        12:02 lab soaks until 16:02
        16:02 gate ok a1: Pass
        16:02 gate queue asia: Pass
        16:02 approval of 0 asked
        17:00 lab ended
        17:00 world began
        17:00 1.0.0.0 began: a2
        17:00 a2 changing install
        17:00 1.1.0.0 began: e1
        17:00 e1 changing install
        17:01 a2 changing reboot
        17:01 e1 changing reboot
        17:02 a2 done
        17:02 1.0.0.0 ended: 1 done, 0 failed
        17:02 e1 done
        17:02 1.1.0.0 ended: 1 done, 0 failed
        17:02 gate ok a2: Pass
        17:02 gate queue asia: Pass
        17:02 1.0.0.1 began: a3
        17:02 a3 changing install
        17:02 gate ok e1: Pass
        17:02 gate queue europe: Pass
        17:03 a3 changing reboot
        17:04 a3 done
        17:04 1.0.0.1 ended: 1 done, 0 failed
        17:04 gate ok a3: Pass
        17:04 gate queue asia: Pass
        17:04 world ended
        17:04 Complete",
    );
}

/// One host and one lane, so that only the time is left to look at.
fn lone(adjust: impl FnOnce(&mut crate::plan::StagePlan)) -> Build {
    Build::new(&[step("install")]).region("asia", "a1 a2").wave("world", "asia: a1, a2", adjust)
}

#[test]
fn the_plans_start_is_waited_for() {
    let build = lone(|_| {});
    let mut world = World::of(&build);
    world.now = at("2007-05-08 11:00Z");
    let mut world = world.start();
    assert_eq!(world.engine.waiting(), [Waiting::Window { stage: 0, opens_at: at("2007-05-08 12:00Z") }]);
    world.go_on();
    world.assert_lines(
        &["began", "Complete"],
        "12:00 world began
        12:00 0.0.0.0 began: a1
        12:01 0.0.0.1 began: a2
        12:02 Complete",
    );
}

#[test]
fn a_batch_waits_for_a_window_that_it_fits_into() {
    let mut build = lone(|_| {}).schedule("asia", daily("22:00", "22:45"));
    build.plan.steps[0].takes = lasting("30m");
    let mut world = World::of(&build).start();
    assert_eq!(world.engine.waiting(), [Waiting::Window { stage: 0, opens_at: at("2007-05-08 22:00Z") }]);
    assert_eq!(world.outcome(), None);
    // The first is done in a minute; there is still room for the second until a quarter past.
    world.go_on_to("0.0.0.1 began");
    assert_eq!(world.now, at("2007-05-08 22:01Z"));
    // Where it is late, the second waits for the next night.
    let mut world = World::of(&build).replies("run a1 install", &[Reply::Silent]).start();
    world.go_on_until(at("2007-05-08 22:20Z"));
    world.end("run a1 install", Reply::Good);
    assert_eq!(world.engine.waiting(), [Waiting::Window { stage: 0, opens_at: at("2007-05-09 22:00Z") }]);
    world.go_on();
    assert_eq!((world.outcome(), world.now), (Some(Outcome::Complete), at("2007-05-09 22:01Z")));
}

#[test]
fn a_batch_ends_before_the_time_that_is_said() {
    let build = lone(|stage| stage.finish_before = parse_time_of_day("05:00").map(crate::model::Finish::Time))
        .schedule("asia", daily("22:00", "06:00"));
    let mut world = World::of(&build);
    world.now = at("2007-05-09 04:59:30Z");
    let world = world.run();
    world.assert_lines(&["0.0.0.0 began"], "22:00 0.0.0.0 began: a1");
}

#[test]
fn where_no_window_is_long_enough_the_region_is_held() {
    let mut build = lone(|_| {}).schedule("asia", daily("22:00", "22:45"));
    build.plan.steps[0].takes = lasting("46m");
    let world = World::of(&build).run();
    assert_eq!(world.outcome(), Some(Outcome::Held));
    world.assert_told(
        "12:00 world began
        12:00 asia held: no window within 400 days is long enough: the longest is 1m too short
        12:00 Held",
    );
}

#[test]
fn turns_in_order_come_one_after_the_other() {
    let turns = "asia: a1, a2; europe: e1; america: u1";
    let build = Build::new(&[step("install")])
        .region("asia", "a1 a2")
        .region("europe", "e1")
        .region("america", "u1")
        .wave("world", turns, |stage| stage.together = false);
    World::of(&build).run().assert_lines(
        &["began"],
        "12:00 world began
        12:00 0.0.0.0 began: a1
        12:01 0.0.0.1 began: a2
        12:02 0.1.0.0 began: e1
        12:03 0.2.0.0 began: u1",
    );
}

#[test]
fn a_held_region_lets_the_next_turn_begin_and_goes_on_beside_it() {
    let turns = "asia: a1, a2; europe: e1, e2; america: u1";
    let build = Build::new(&[step("install")])
        .region("asia", "a1 a2")
        .region("europe", "e1 e2")
        .region("america", "u1")
        .wave("world", turns, |stage| stage.together = false);
    let asia = Target::Region(build.find_region("asia").unwrap());
    let mut world = World::of(&build).start();
    world.says(PersonAct::Hold { target: asia });
    world.go_on_to("0.1.0.0 began");
    world.says(PersonAct::Resume { target: asia });
    world.go_on();
    assert_eq!(world.outcome(), Some(Outcome::Complete));
    world.assert_lines(
        &["began", "held", "resumed"],
        "12:00 world began
        12:00 0.0.0.0 began: a1
        12:00 asia held: ann holds it
        12:00 0.1.0.0 began: e1
        12:00 asia resumed
        12:01 0.0.0.1 began: a2
        12:01 0.1.0.1 began: e2
        12:02 0.2.0.0 began: u1",
    );
}

#[test]
fn lanes_run_beside_each_other() {
    let build = Build::new(&[step("install")]).site("asia", "sydney", "s1 s2").site("asia", "tokyo", "t1").wave(
        "world",
        "asia: s1, s2 | t1",
        |_| {},
    );
    World::of(&build).run().assert_lines(
        &["began"],
        "12:00 world began
        12:00 0.0.0.0 began: s1
        12:00 0.0.1.0 began: t1
        12:01 0.0.0.1 began: s2",
    );
}

#[test]
fn a_runbook_without_steps_and_a_plan_without_stages_are_complete() {
    let build = Build::new(&[]).region("asia", "a1 a2").wave("world", "asia: a1, a2", |_| {});
    assert_eq!(World::of(&build).run().outcome(), Some(Outcome::Complete));
    assert_eq!(World::of(&Build::new(&[])).run().outcome(), Some(Outcome::Complete));
}
