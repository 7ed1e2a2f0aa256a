//! The deadline and the rules that heed it.

use crate::engine::tests::fixtures::{Build, approval, at, daily, lasting, step};
use crate::engine::tests::world::{Reply, World};
use crate::engine::{Outcome, PersonAct, Target};
use crate::model::{Act, Condition, Otherwise, RegionId, Scope};
use crate::time::later_by;

/// Two stages of a minute each, an hour of soak between them, and a deadline some time after the planned end at 13:02.
fn timed(spare: &str) -> Build {
    let mut build = Build::new(&[step("install")])
        .region("asia", "a1 a2")
        .region("europe", "e1")
        .guinea_pig("lab", "asia: a1", |stage| stage.soak = lasting("1h"))
        .wave("rest", "asia: a2; europe: e1", |_| {})
        .rule(Condition::DeadlineAtRisk, &[Act::Hold(Scope::Rollout)]);
    for (idx, (starts, ends, stage_ends)) in
        [("12:00", "12:01", "13:01"), ("13:01", "13:02", "13:02")].into_iter().enumerate()
    {
        let [starts, ends, stage_ends] = [starts, ends, stage_ends].map(|time| at(&format!("2007-05-08 {time}Z")));
        let stage = &mut build.plan.stages[idx];
        (stage.starts_at, stage.ends_at) = (starts, stage_ends);
        for batch in stage.turns.iter_mut().flat_map(|turn| &mut turn.lanes).flat_map(|lane| &mut lane.batches) {
            (batch.starts_at, batch.ends_at) = (starts, ends);
        }
    }
    build.plan.ends_at = at("2007-05-08 13:02Z");
    build.plan.deadline = Some(later_by(build.plan.ends_at, lasting(spare)));
    build
}

const TOLD: [&str; 3] = ["rule", "rollout held", "Complete"];

#[test]
fn a_run_that_is_in_time_is_not_at_risk() {
    let world = World::of(&timed("0s")).run();
    world.assert_lines(&TOLD, "13:02 Complete");
}

#[test]
fn a_run_that_is_late_by_more_than_there_is_to_spare_is_at_risk_once() {
    let mut world = World::of(&timed("10m")).start();
    world.says(PersonAct::Hold { target: Target::Region(RegionId(0)) });
    world.go_on_until(at("2007-05-08 13:11:00Z"));
    world.assert_lines(&TOLD, "");
    world.go_on_until(at("2007-05-08 13:11:01Z"));
    let risk = "13:11 rule 0
        13:11 rollout held: the run is late, and its deadline at 2007-05-08 13:12Z cannot be met as planned";
    world.assert_lines(&TOLD, risk);
    world.says(PersonAct::Resume { target: Target::Rollout });
    world.go_on();
    assert_eq!(world.outcome(), Some(Outcome::Complete));
    world.assert_lines(&["rule"], "13:11 rule 0");
}

#[test]
fn an_approval_that_does_not_come_makes_it_late() {
    let mut build = timed("2h");
    build.plan.stages[0].approval = approval(None, Otherwise::Hold);
    let world = World::of(&build).run();
    world.assert_lines(&["rule"], "15:01 rule 0");
}

#[test]
fn a_missed_turn_is_known_to_be_late_at_once() {
    let mut world = World::of(&timed("3h").schedule("europe", daily("20:00", "13:05"))).start();
    world.go_on_until(at("2007-05-08 13:00Z"));
    world.says(PersonAct::Hold { target: Target::Rollout });
    world.go_on_until(at("2007-05-08 13:30Z"));
    world.assert_lines(&["rule"], "");
    // Europe opens again at 20:00, and 16:02 is the deadline.
    world.says(PersonAct::Resume { target: Target::Rollout });
    world.go_on_until(at("2007-05-08 13:30Z"));
    world.assert_lines(&["rule"], "13:30 rule 0");
}

#[test]
fn what_is_through_before_the_last_has_time_to_spare() {
    for (together, at_risk) in [(true, "14:11 rule 0"), (false, "13:12 rule 0")] {
        let mut build = timed("10m");
        let end = at("2007-05-08 14:01Z");
        let stage = &mut build.plan.stages[1];
        (stage.together, stage.ends_at) = (together, end);
        stage.turns[1].lanes[0].batches[0].ends_at = end;
        (build.plan.ends_at, build.plan.deadline) = (end, Some(at("2007-05-08 14:11Z")));
        let world = World::of(&build).replies("run a2 install", &[Reply::Silent]).run();
        world.assert_lines(&["rule"], at_risk);
    }
}

#[test]
fn who_does_not_heed_it_sets_no_timer() {
    let mut build = timed("10m");
    build.plan.rules.clear();
    let world = World::of(&build).start();
    assert_eq!(world.engine.timers(), []);
    let world = World::of(&timed("10m")).start();
    let timers: Vec<_> = world.engine.timers().into_iter().map(|(_, at)| at).collect();
    assert_eq!(timers, [at("2007-05-08 12:11:01Z")]);
}
