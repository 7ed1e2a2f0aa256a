//! Conditions, and what their actions mean.

use crate::engine::Outcome;
use crate::engine::tests::fixtures::{Build, gate, lasting, more_than, step};
use crate::engine::tests::world::{Reply, World};
use crate::model::{Act, Budget, Condition, Gate, GateId, Per, Recipient, Scope, TeamId};

fn build() -> Build {
    Build::new(&[step("drain"), step("install")])
        .region("asia", "a1 a2 a3 a4")
        .region("europe", "e1 e2 e3")
        .gate(gate("ok"))
        .gate(Gate { per: Per::Region, ..gate("queue") })
        .wave("world", "asia: a1 a2, a3 a4; europe: e1, e2, e3", |_| {})
}

/// The rules that fired and what they did, when these tasks go wrong.
fn done_by(build: &Build, bad: &[(&str, Reply)], story: &str) -> World {
    let world = bad.iter().fold(World::of(build), |world, (task, reply)| world.replies(task, &[*reply]));
    let world = world.run();
    world.assert_lines(&["rule", "held", "rollback of"], story);
    world
}

#[test]
fn a_failed_gate_and_an_unknown_one_are_two_things() {
    let build = build()
        .rule(Condition::GateFailed(None), &[Act::Hold(Scope::Host)])
        .rule(Condition::GateUnknown(Some(GateId(0))), &[Act::Hold(Scope::Site)])
        .rule(Condition::GateFailed(Some(GateId(1))), &[Act::Hold(Scope::Stage)]);
    done_by(
        &build,
        &[("gate ok a1", Reply::Bad)],
        "12:02 asia held: gate `ok` failed at `a1`
        12:02 rule 0
        12:02 a1 held: gate `ok` failed at `a1`",
    );
    done_by(
        &build,
        &[("gate ok a1", Reply::NoWord)],
        "12:02 asia held: gate `ok` is unknown at `a1`
        12:02 rule 1
        12:02 asia held: gate `ok` is unknown at `a1`",
    );
}

#[test]
fn a_notice_goes_to_the_team_that_is_named_and_to_the_owners_of_what_it_is_about() {
    let build = build()
        .owner("asia", "apac")
        .owner("europe", "emea")
        .rule(Condition::GateFailed(Some(GateId(0))), &[Act::Notify(Recipient::Team(TeamId(1)))])
        .rule(Condition::GateUnknown(None), &[Act::Notify(Recipient::Owner)])
        .rule(Condition::RegionsHeld(2), &[Act::Hold(Scope::Rollout), Act::Notify(Recipient::Owner)]);
    let bad = [("gate ok a1", Reply::Bad), ("gate ok e1", Reply::NoWord)];
    let world = bad.iter().fold(World::of(&build), |world, (task, reply)| world.replies(task, &[*reply])).run();
    world.assert_lines(
        &["rule", "team"],
        "12:02 rule 0
        12:02 team 1 told of a1: gate `ok` failed at `a1`
        12:02 rule 2
        12:02 team 1 told of europe: 2 regions are held
        12:02 rule 1
        12:02 team 1 told of e1: gate `ok` is unknown at `e1`",
    );
}

#[test]
fn an_action_on_a_scope_that_is_not_there_means_the_next_wider() {
    // A region's gate has no host: what is written may not do less.
    let build = build().rule(Condition::GateFailed(None), &[Act::Hold(Scope::Host)]);
    done_by(
        &build,
        &[("gate queue asia", Reply::Bad)],
        "12:02 asia held: gate `queue` failed at region `asia`
        12:02 rule 0
        12:02 0.0.0.0 held: gate `queue` failed at region `asia`",
    );
}

#[test]
fn a_rule_fires_once_for_each_host_whose_step_failed() {
    let build = build()
        .rule(Condition::StepFailed(Some(1)), &[Act::Hold(Scope::Region)])
        .rule(Condition::StepFailed(None), &[Act::Hold(Scope::Host)]);
    let world = done_by(
        &build,
        &[("run a1 drain", Reply::Bad), ("run a2 install", Reply::Bad)],
        "12:01 rule 1
        12:01 a1 held: step `drain` failed on `a1`
        12:02 rule 0
        12:02 asia held: step `install` failed on `a2`
        12:02 rule 1
        12:02 a2 held: step `install` failed on `a2`",
    );
    assert_eq!((world.state("a3").as_str(), world.state("e3").as_str()), ("waiting", "done"));
}

#[test]
fn a_limit_is_passed_once() {
    let build = build().rule(more_than(1, Scope::Rollout), &[Act::Hold(Scope::Rollout)]).rule(
        Condition::MoreThanFailed { limit: Budget::Percent(25.0), scope: Scope::Region },
        &[Act::Hold(Scope::Region)],
    );
    // One of Asia's four is not more than 25%, one of Europe's three is.
    let world = done_by(
        &build,
        &[("run a1 drain", Reply::Bad), ("run e1 drain", Reply::Bad), ("run a2 install", Reply::Bad)],
        "12:01 rule 0
        12:01 rollout held: more than 1 failed in the rollout
        12:01 rule 1
        12:01 europe held: more than 25% failed in region `europe`
        12:02 rule 1
        12:02 asia held: more than 25% failed in region `asia`",
    );
    assert_eq!((world.state("a2").as_str(), world.state("a3").as_str()), ("failed install", "waiting"));
}

#[test]
fn held_regions_are_counted() {
    let build = build()
        .rule(Condition::RegionsHeld(2), &[Act::Hold(Scope::Rollout)])
        .rule(Condition::StepFailed(None), &[Act::Rollback(Scope::Batch), Act::Hold(Scope::Region)]);
    done_by(
        &build,
        &[("run a1 drain", Reply::Bad), ("gate queue europe", Reply::Bad)],
        "12:01 rule 1
        12:01 0.0.0.0 held: rolled back: step `drain` failed on `a1`
        12:01 asia held: rolled back: step `drain` failed on `a1`
        12:01 rollback of 0.0.0.0: 2
        12:01 asia held: step `drain` failed on `a1`
        12:02 rollback of 0.0.0.0 ended
        12:02 europe held: gate `queue` failed at region `europe`
        12:02 rule 0
        12:02 rollout held: 2 regions are held",
    );
}

#[test]
fn after_the_soak_a_regions_gate_has_no_batch() {
    let mut build = build().rule(Condition::GateFailed(None), &[Act::Rollback(Scope::Batch)]);
    build.plan.stages[0].soak = lasting("1h");
    let world = World::of(&build).replies("gate queue asia", &[Reply::Good, Reply::Good, Reply::Bad]).run();
    world.assert_lines(
        &["rule", "rollback of", "Held"],
        "13:06 rule 0
        13:06 rollback of asia: 4
        13:08 rollback of asia ended
        13:08 Held",
    );
    assert_eq!(world.outcome(), Some(Outcome::Held));
}
