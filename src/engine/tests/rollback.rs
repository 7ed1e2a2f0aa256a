//! What is undone, in which order, and what stays.

use crate::engine::tests::fixtures::{Build, gate, lasting, more_than, step, verified};
use crate::engine::tests::world::{Reply, World};
use crate::engine::{HostState, Outcome, PersonAct, Settlement, Target, Waiting};
use crate::model::{Act, Condition, RegionId, Retry, Scope, Step, Undo};
use crate::plan::HostIdx;

const ALL: PersonAct = PersonAct::Rollback { target: Target::Rollout };

fn build(steps: &[Step]) -> Build {
    Build::new(steps).region("asia", "a1 a2 a3").region("europe", "e1").wave(
        "world",
        "asia: a1, a2, a3; europe: e1",
        |_| {},
    )
}

#[test]
fn who_ended_last_is_undone_first_and_newest_steps_first() {
    let steps = [step("drain"), Step { undo: Undo::NotNeeded, ..step("install") }, step("resume")];
    let mut world = World::of(&build(&steps).budget(1, "a1 a2 a3")).run();
    let begun = world.begun().len();
    world.says(ALL);
    world.go_on();
    let undone = ["a3 resume", "e1 resume", "a3 drain", "e1 drain", "a2 resume", "a2 drain", "a1 resume", "a1 drain"];
    let begun: Vec<_> = world.begun().split_off(begun);
    assert_eq!(begun.iter().map(|task| task.trim_start_matches("undo ")).collect::<Vec<_>>(), undone);
    assert_eq!(world.outcome(), Some(Outcome::RolledBack));
    assert!(world.hosts().all(|host| !world.engine.is_down(host)));
}

#[test]
fn without_budgets_all_are_undone_at_once() {
    let mut world = World::of(&build(&[step("install")])).run();
    world.says(ALL);
    assert_eq!(world.engine.under_way().len(), 4);
    world.assert_lines(&["rollback"], "12:03 rollback of rollout: 4");
}

#[test]
fn the_step_under_way_ends_first_and_nothing_follows_it() {
    let steps = [step("drain"), step("install")];
    for (reply, undone) in [(Reply::Good, &["undo a1 drain"][..]), (Reply::Bad, &["undo a1 drain"])] {
        let mut world = World::of(&build(&steps)).replies("run a1 drain", &[reply]).start();
        world.says(PersonAct::Rollback { target: Target::Host(HostIdx(0)) });
        assert_eq!(world.begun(), ["run a1 drain", "run e1 drain"]);
        world.go_on();
        let of_a1: Vec<_> = world.begun().into_iter().filter(|task| task.contains("a1")).skip(1).collect();
        assert_eq!(of_a1, undone);
        assert_eq!(world.state("a1"), "rolled back");
        // The region is held, so nothing new begins in it; the other one is done.
        assert_eq!((world.state("a2").as_str(), world.state("e1").as_str()), ("waiting", "done"));
        assert_eq!(world.outcome(), Some(Outcome::Held));
    }
}

#[test]
fn what_had_not_begun_is_not_begun_to_be_undone() {
    let mut world = World::of(&build(&[step("drain"), step("install")])).start();
    world.is_slow_to_begin = true;
    world.says(PersonAct::Rollback { target: Target::Host(HostIdx(0)) });
    world.go_on();
    let of_a1: Vec<_> = world.begun().into_iter().filter(|task| task.contains("a1")).skip(1).collect();
    assert_eq!(of_a1, [""; 0]);
    assert_eq!(world.state("a1"), "waiting");
    world.says(PersonAct::Resume { target: Target::Rollout });
    world.go_on();
    assert_eq!((world.state("a1").as_str(), world.outcome()), ("done", Some(Outcome::Complete)));
}

#[test]
fn a_pause_between_attempts_is_not_waited_for() {
    let patient = Step { retry: Retry { times: 3, every: lasting("1h") }, ..step("install") };
    let mut world = World::of(&build(&[patient])).replies("run a1 install", &[Reply::Bad]).start();
    world.go_on_to("0.1.0.0 ended");
    world.says(ALL);
    world.go_on();
    assert_eq!((world.outcome(), world.now.format("%H:%M").to_string().as_str()), (Some(Outcome::RolledBack), "12:02"));
}

#[test]
fn a_failed_undo_leaves_the_host_as_it_is() {
    let steps = [step("drain"), Step { retry: Retry { times: 1, every: lasting("1m") }, ..step("install") }];
    let mut world =
        World::of(&build(&steps)).replies("undo a1 install", &[Reply::Bad, Reply::TimedOut, Reply::Good]).run();
    world.says(ALL);
    world.go_on();
    assert_eq!((world.state("a1").as_str(), world.outcome()), ("half rolled back install", Some(Outcome::Held)));
    assert!(world.engine.is_down(HostIdx(0)));
    assert_eq!(world.begun_at("undo a1 install").len(), 2);
    // A person may say it once more, or that it is mended.
    let mut mended = World::of(&build(&steps)).replies("undo a1 install", &[Reply::Bad]).run();
    mended.says(ALL);
    mended.go_on();
    mended.says(PersonAct::Settle { host: HostIdx(0), settlement: Settlement::Mended });
    assert_eq!(mended.outcome(), Some(Outcome::RolledBack));
    world.says(ALL);
    world.go_on();
    assert_eq!((world.state("a1").as_str(), world.outcome()), ("rolled back", Some(Outcome::RolledBack)));
}

#[test]
fn a_step_that_cannot_be_undone_stands() {
    let steps = [step("drain"), Step { undo: Undo::Impossible, ..step("install") }, step("resume")];
    let mut world = World::of(&build(&steps)).run();
    world.says(PersonAct::Rollback { target: Target::Host(HostIdx(0)) });
    world.go_on();
    assert_eq!(world.state("a1"), "half rolled back install");
    assert!(world.engine.is_down(HostIdx(0)));
    // Where nothing was undone, nothing was taken down either.
    let mut world = World::of(&build(&steps[..2])).run();
    world.says(PersonAct::Rollback { target: Target::Host(HostIdx(0)) });
    assert_eq!(world.state("a1"), "half rolled back install");
    assert!(!world.engine.is_down(HostIdx(0)));
}

#[test]
fn a_rolled_back_host_is_not_changed_again() {
    let mut world = World::of(&build(&[step("install")])).start();
    world.go_on_to("a2 changing");
    world.says(ALL);
    world.go_on();
    assert_eq!(world.outcome(), Some(Outcome::RolledBack));
    world.says(PersonAct::Resume { target: Target::Rollout });
    world.go_on();
    assert_eq!(world.outcome(), Some(Outcome::Complete));
    let states: Vec<_> = ["a1", "a2", "a3", "e1"].iter().map(|host| world.state(host)).collect();
    assert_eq!(states, ["rolled back", "rolled back", "done", "rolled back"]);
}

#[test]
fn a_wider_rollback_takes_on_what_a_narrower_one_left() {
    let mut world = World::of(&build(&[step("install")])).run();
    for target in [Target::Host(HostIdx(0)), Target::Region(RegionId(0)), Target::Rollout] {
        world.says(PersonAct::Rollback { target });
    }
    world.go_on();
    world.assert_lines(
        &["rollback of", "RolledBack"],
        "12:03 rollback of a1: 1
        12:03 rollback of asia: 2
        12:03 rollback of rollout: 1
        12:04 rollback of a1 ended
        12:04 rollback of asia ended
        12:04 rollback of rollout ended
        12:04 RolledBack",
    );
    // What was never begun is not undone.
    let mut world = World::of(&build(&[step("install")])).start();
    world.says(PersonAct::Rollback { target: Target::Host(HostIdx(2)) });
    world.assert_lines(&["rollback"], "12:00 rollback of a3: 0\n 12:00 rollback of a3 ended");
}

#[test]
fn failed_hosts_are_undone_too_the_failed_step_with_them() {
    let build =
        build(&[step("drain"), step("install")]).rule(more_than(0, Scope::Region), &[Act::Rollback(Scope::Region)]);
    let world = World::of(&build).replies("run a2 install", &[Reply::Bad]).run();
    let undone: Vec<_> = world.begun().into_iter().filter(|task| task.starts_with("undo")).collect();
    assert_eq!(undone, ["undo a2 install", "undo a1 install", "undo a2 drain", "undo a1 drain"]);
    assert_eq!((world.state("e1").as_str(), world.outcome()), ("done", Some(Outcome::Held)));
}

#[test]
fn an_undo_waits_for_room_and_comes_before_changes() {
    let build = Build::new(&[step("install")])
        .region("asia", "a1")
        .region("europe", "e1 e2")
        .budget(1, "a1 e1 e2")
        .wave("world", "asia: a1; europe: e1 e2", |_| {});
    let mut world = World::of(&build).start();
    world.go_on_to("a1 done");
    world.says(PersonAct::Rollback { target: Target::Host(HostIdx(0)) });
    assert_eq!(world.engine.waiting()[0], Waiting::Budget { host: HostIdx(0), group: 0 });
    world.go_on();
    world.assert_lines(
        &["changing", "undoing"],
        "12:00 a1 changing install
        12:01 e1 changing install
        12:02 a1 undoing install
        12:03 e2 changing install",
    );
}

#[test]
fn a_lost_undo_is_told_by_verify_or_by_a_person() {
    let lost = |steps: &[Step], verify: &[Reply]| {
        let world = World::of(&build(steps)).replies("undo a1 install", &[Reply::Lost, Reply::Good]);
        let mut world = world.replies("verify a1 install", verify).run();
        world.says(PersonAct::Rollback { target: Target::Host(HostIdx(0)) });
        world.go_on();
        world
    };
    // The effect is still there: undone again. It is not: undone.
    let world = lost(&[verified("install")], &[Reply::Good]);
    assert_eq!((world.begun_at("undo a1 install").len(), world.state("a1").as_str()), (2, "rolled back"));
    let world = lost(&[verified("install")], &[Reply::Good, Reply::Bad]);
    assert_eq!((world.begun_at("undo a1 install").len(), world.state("a1").as_str()), (1, "rolled back"));
    for (settlement, undos, state) in [
        (Settlement::Done, 1, "rolled back"),
        (Settlement::Again, 2, "rolled back"),
        (Settlement::Failed, 1, "half rolled back install"),
        (Settlement::Mended, 1, "rolled back"),
    ] {
        let mut world = lost(&[step("install")], &[]);
        assert_eq!(world.engine.host(HostIdx(0)), HostState::Unknown { step: 0 });
        world.says(PersonAct::Settle { host: HostIdx(0), settlement });
        world.go_on();
        assert_eq!((world.begun_at("undo a1 install").len(), world.state("a1").as_str()), (undos, state));
        world.assert_lines(&["rollback of a1 ended"], &format!("{} rollback of a1 ended", world.now.format("%H:%M")));
    }
}

#[test]
fn a_lost_step_is_settled_before_it_is_undone() {
    for (settlement, undone) in [
        (Settlement::Done, &["undo a1 install", "undo a1 drain"][..]),
        (Settlement::Again, &["undo a1 drain"]),
        (Settlement::Failed, &["undo a1 install", "undo a1 drain"]),
        (Settlement::Mended, &[]),
    ] {
        let world = World::of(&build(&[step("drain"), step("install")]));
        let mut world = world.replies("run a1 install", &[Reply::Lost]).run();
        world.says(PersonAct::Rollback { target: Target::Host(HostIdx(0)) });
        assert_eq!((world.state("a1").as_str(), world.outcome()), ("unknown install", Some(Outcome::Held)));
        world.says(PersonAct::Settle { host: HostIdx(0), settlement });
        world.go_on();
        let begun: Vec<_> = world.begun().into_iter().filter(|task| task.starts_with("undo")).collect();
        assert_eq!(
            (begun, world.state("a1").as_str()),
            (undone.iter().map(|name| (*name).to_owned()).collect(), "rolled back")
        );
    }
}

#[test]
fn gates_of_what_is_undone_are_asked_no_more() {
    let patient = crate::model::Gate { within: Some(lasting("10m")), ..gate("ok") };
    let build = Build::new(&[step("install")])
        .region("asia", "a1 a2 a3")
        .gate(patient)
        .rule(Condition::GateFailed(None), &[Act::Hold(Scope::Rollout)])
        .wave("world", "asia: a1 a2, a3", |_| {});
    let mut world = World::of(&build).replies("gate ok a1", &[Reply::Bad]).start();
    world.go_on_to("gate ok a2: Pass");
    world.says(PersonAct::Rollback { target: Target::Region(RegionId(0)) });
    world.go_on();
    assert_eq!((world.outcome(), world.now.format("%H:%M").to_string().as_str()), (Some(Outcome::RolledBack), "12:02"));
    world.says(PersonAct::Resume { target: Target::Rollout });
    world.go_on();
    assert_eq!((world.outcome(), world.state("a3").as_str()), (Some(Outcome::Complete), "done"));
    assert_eq!(world.begun_at("gate ok a1").len(), 1);
}

#[test]
fn a_rollback_waits_for_no_window_and_no_hold() {
    let night = crate::engine::tests::fixtures::daily("22:00", "23:00");
    let mut world = World::of(&build(&[step("install")]).schedule("asia", night)).run();
    world.says(PersonAct::Hold { target: Target::Rollout });
    world.go_on_until(crate::engine::tests::fixtures::at("2007-05-09 09:00Z"));
    world.says(ALL);
    world.go_on();
    assert_eq!((world.outcome(), world.now.format("%H:%M").to_string().as_str()), (Some(Outcome::RolledBack), "09:01"));
}

#[test]
fn a_rule_that_finds_nothing_more_to_undo_is_no_second_rollback() {
    let build = Build::new(&[step("install")])
        .region("asia", "a1 a2")
        .gate(gate("ok"))
        .rule(Condition::GateFailed(None), &[Act::Rollback(Scope::Batch)])
        .wave("world", "asia: a1 a2", |_| {});
    let bad = World::of(&build).replies("gate ok a1", &[Reply::Bad]).replies("gate ok a2", &[Reply::Bad]);
    let world = bad.run();
    // The second answer comes when its host is being undone: it is asked no more.
    world.assert_lines(
        &["rule", "rollback of"],
        "12:01 rule 0\n 12:01 rollback of 0.0.0.0: 2\n 12:02 rollback of 0.0.0.0 ended",
    );
}

#[test]
fn a_run_of_which_something_is_undone_is_complete_once_that_is_resumed() {
    let mut world = World::of(&build(&[step("install")])).run();
    assert_eq!(world.outcome(), Some(Outcome::Complete));
    world.says(PersonAct::Rollback { target: Target::Region(RegionId(0)) });
    assert_eq!(world.outcome(), None);
    world.go_on();
    assert_eq!(world.outcome(), Some(Outcome::Held));
    world.says(PersonAct::Resume { target: Target::Rollout });
    assert_eq!(world.outcome(), Some(Outcome::Complete));
    world.assert_lines(&["Complete", "RolledBack", "Held"], "12:03 Complete\n 12:04 Held\n 12:04 Complete");
}

#[test]
fn what_is_complete_cannot_be_held() {
    let mut world = World::of(&build(&[step("install")])).run();
    world.says(PersonAct::Hold { target: Target::Rollout });
    assert_eq!((world.outcome(), world.engine.holds()), (Some(Outcome::Complete), Vec::new()));
}

#[test]
fn no_stage_ends_while_hosts_are_being_undone() {
    let mut world = World::of(&build(&[step("install")])).replies("undo a1 install", &[Reply::Silent]).run();
    world.says(PersonAct::Rollback { target: Target::Host(HostIdx(0)) });
    world.says(PersonAct::Resume { target: Target::Rollout });
    world.go_on();
    assert_eq!((world.outcome(), world.engine.stage()), (None, Some(0)));
    world.end("undo a1 install", Reply::Good);
    assert_eq!((world.outcome(), world.engine.stage()), (Some(Outcome::Complete), None));
}
