//! Approvals, holds and resumes.

use crate::engine::tests::fixtures::{Build, approval, at, daily, lasting, step};
use crate::engine::tests::world::{Reply, World};
use crate::engine::{Hold, HostState, Outcome, PersonAct, RegionState, Settlement, Target, Waiting};
use crate::model::{Otherwise, RegionId, SiteId};
use crate::plan::HostIdx;

fn approved(within: Option<&str>, otherwise: Otherwise) -> Build {
    Build::new(&[step("install")])
        .region("asia", "a1 a2")
        .guinea_pig("lab", "asia: a1", |stage| stage.approval = approval(within, otherwise))
        .wave("rest", "asia: a2", |_| {})
}

#[test]
fn an_approval_is_waited_for_without_end_where_none_is_said() {
    let mut world = World::of(&approved(None, Otherwise::Hold)).run();
    assert_eq!(world.outcome(), None);
    assert_eq!(world.engine.waiting(), [Waiting::Approval { stage: 0, until: None }]);
    world.says(PersonAct::Approve { stage: 1 });
    assert_eq!(world.engine.waiting(), [Waiting::Approval { stage: 0, until: None }]);
    world.says(PersonAct::Approve { stage: 0 });
    world.go_on();
    assert_eq!(world.outcome(), Some(Outcome::Complete));
}

#[test]
fn a_no_or_no_answer_holds_the_stage_and_a_resume_asks_again() {
    let mut world = World::of(&approved(Some("8h"), Otherwise::Hold)).run();
    world.assert_lines(&["lab held", "Held"], "20:01 lab held: nobody approved in time\n 20:01 Held");
    assert_eq!(world.outcome(), Some(Outcome::Held));
    // It is too late to approve: what is held is resumed first.
    world.says(PersonAct::Approve { stage: 0 });
    assert_eq!(world.outcome(), Some(Outcome::Held));
    world.says(PersonAct::Resume { target: Target::Stage(0) });
    world.says(PersonAct::Deny { stage: 0 });
    world.go_on();
    assert_eq!(world.outcome(), Some(Outcome::Held));
    world.says(PersonAct::Resume { target: Target::Rollout });
    world.says(PersonAct::Approve { stage: 0 });
    world.go_on();
    assert_eq!(world.outcome(), Some(Outcome::Complete));
    world.assert_lines(
        &["approval", "resumed"],
        "12:01 approval of 0 asked
        20:01 lab resumed
        20:01 approval of 0 asked
        20:01 lab held: ann denied the approval
        20:01 lab resumed
        20:01 approval of 0 asked",
    );
}

#[test]
fn where_it_says_so_a_no_rolls_the_stage_back() {
    let world = World::of(&approved(Some("8h"), Otherwise::Rollback)).run();
    assert_eq!(world.outcome(), Some(Outcome::RolledBack));
    world.assert_lines(
        &["20:"],
        "20:01 lab held: rolled back: nobody approved in time
        20:01 asia held: rolled back: nobody approved in time
        20:01 rollback of lab: 1
        20:01 a1 undoing install
        20:02 a1 rolled back
        20:02 rollback of lab ended
        20:02 RolledBack",
    );
}

/// Asia has the sites Sydney and Tokyo.
fn places() -> Build {
    Build::new(&[step("install")])
        .site("asia", "sydney", "s1 s2")
        .site("asia", "tokyo", "t1 t2")
        .region("europe", "e1 e2")
        .wave("world", "asia: s1 t1, s2 t2; europe: e1, e2", |_| {})
}

const ASIA: Target = Target::Region(RegionId(0));
const SYDNEY: Target = Target::Site(SiteId(0));

#[test]
fn what_was_handed_out_and_has_not_begun_waits_where_it_is_held() {
    for (target, held) in [
        (Target::Rollout, "s1 s2 t1 t2 e1 e2"),
        (ASIA, "s1 s2 t1 t2"),
        (SYDNEY, "s1 s2"),
        (Target::Host(HostIdx(0)), "s1"),
        (Target::Batch { stage: 0, turn: 0, lane: 0, batch: 0 }, "s1 t1 s2 t2"),
    ] {
        let mut world = World::of(&places()).start();
        world.is_slow_to_begin = true;
        world.says(PersonAct::Hold { target });
        world.go_on();
        let mut held: Vec<_> = held.split(' ').collect();
        if matches!(target, Target::Host(_) | Target::Site(_)) {
            // The lane's next batch waits for what is held in this one.
            held.extend(["s2", "t2"]);
        }
        let hosts = ["s1", "s2", "t1", "t2", "e1", "e2"];
        let waiting: Vec<_> = hosts.into_iter().filter(|host| world.state(host) == "waiting").collect();
        let expected: Vec<_> = hosts.into_iter().filter(|host| held.contains(host)).collect();
        assert_eq!((waiting, world.outcome()), (expected, Some(Outcome::Held)), "{target:?}");
        assert!((0..6).all(|host| !world.engine.is_down(HostIdx(host))), "{target:?}");
        world.says(PersonAct::Resume { target });
        world.go_on();
        assert_eq!(world.outcome(), Some(Outcome::Complete), "{target:?}");
        assert!(hosts.iter().all(|host| world.state(host) == "done"), "{target:?}");
    }
}

#[test]
fn what_is_held_begins_nothing_new_and_ends_what_is_under_way() {
    for (target, held) in [
        (Target::Rollout, "s2 t2 e2"),
        (Target::Stage(0), "s2 t2 e2"),
        (ASIA, "s2 t2"),
        (SYDNEY, "s2"),
        (Target::Host(HostIdx(1)), "s2"),
        (Target::Batch { stage: 0, turn: 0, lane: 0, batch: 1 }, "s2 t2"),
    ] {
        let mut world = World::of(&places()).start();
        world.says(PersonAct::Hold { target });
        world.go_on();
        let waiting: Vec<_> =
            ["s1", "s2", "t1", "t2", "e1", "e2"].into_iter().filter(|host| world.state(host) == "waiting").collect();
        assert_eq!((waiting.join(" ").as_str(), world.outcome()), (held, Some(Outcome::Held)), "{target:?}");
        let why = "ann holds it".to_owned();
        assert_eq!(world.engine.waiting(), [Waiting::Person { what: target, why: why.clone() }]);
        assert_eq!(world.engine.holds(), [Hold { what: target, why, since: at("2007-05-08 12:00Z") }]);
        world.says(PersonAct::Resume { target });
        world.go_on();
        assert_eq!(world.outcome(), Some(Outcome::Complete), "{target:?}");
    }
}

#[test]
fn a_resume_lifts_what_is_held_within() {
    let inner = [ASIA, SYDNEY, Target::Host(HostIdx(1)), Target::Batch { stage: 0, turn: 0, lane: 0, batch: 1 }];
    for (target, lifted) in [
        (Target::Rollout, &inner[..]),
        (ASIA, &inner[..]),
        (SYDNEY, &inner[1..3]),
        (Target::Stage(0), &inner[3..]),
        (Target::Host(HostIdx(1)), &inner[2..3]),
        (Target::Region(RegionId(1)), &[]),
    ] {
        let mut world = World::of(&places()).start();
        for what in inner {
            world.says(PersonAct::Hold { target: what });
        }
        world.says(PersonAct::Resume { target });
        let left: Vec<_> = world.engine.holds().iter().map(|hold| hold.what).collect();
        let mut expected: Vec<_> = inner.into_iter().filter(|what| !lifted.contains(what)).collect();
        expected.sort();
        assert_eq!(left, expected, "{target:?}");
    }
}

#[test]
fn later_stages_wait_for_a_held_region_also_the_end_of_the_run() {
    let build = Build::new(&[step("install")])
        .region("asia", "a1")
        .region("europe", "e1")
        .wave("first", "asia: a1", |stage| stage.soak = lasting("1h"))
        .wave("second", "europe: e1", |_| {});
    let mut world = World::of(&build).start();
    world.go_on_to("soaks");
    world.says(PersonAct::Hold { target: ASIA });
    world.go_on();
    assert_eq!((world.outcome(), world.engine.stage()), (Some(Outcome::Held), Some(0)));
    world.says(PersonAct::Resume { target: ASIA });
    world.says(PersonAct::Hold { target: ASIA });
    world.go_on();
    assert_eq!((world.outcome(), world.engine.stage()), (Some(Outcome::Held), Some(1)));
    assert_eq!(world.state("e1"), "done");
    world.says(PersonAct::Resume { target: Target::Rollout });
    assert_eq!((world.outcome(), world.engine.stage()), (Some(Outcome::Complete), None));
    assert_eq!(world.engine.region(RegionId(0)), RegionState::Done);
}

#[test]
fn a_held_lane_waits_for_no_window_and_a_held_soak_for_nothing() {
    let build = places().schedule("sydney", daily("22:00", "23:00")).schedule("tokyo", daily("22:00", "23:00"));
    let mut world = World::of(&build).start();
    assert_eq!(world.engine.timers().len(), 1);
    world.says(PersonAct::Hold { target: ASIA });
    assert_eq!(world.engine.timers(), []);
    world.says(PersonAct::Resume { target: ASIA });
    assert_eq!(world.engine.waiting(), [Waiting::Window { stage: 0, opens_at: at("2007-05-08 22:00Z") }]);
    let build = Build::new(&[step("install")])
        .region("asia", "a1")
        .wave("world", "asia: a1", |stage| stage.soak = lasting("1h"));
    let mut world = World::of(&build).start();
    world.go_on_to("soaks");
    assert_eq!(world.engine.waiting(), [Waiting::Soak { stage: 0, until: at("2007-05-08 13:01Z") }]);
    assert_eq!(world.outcome(), None);
    world.says(PersonAct::Hold { target: Target::Rollout });
    assert_eq!(world.outcome(), Some(Outcome::Held));
    world.go_on();
    world.says(PersonAct::Resume { target: Target::Rollout });
    assert_eq!(world.outcome(), Some(Outcome::Complete));
}

#[test]
fn a_guinea_pig_that_fails_holds_its_region() {
    let build = Build::new(&[step("install")]).region("asia", "a1 a2").guinea_pig("lab", "asia: a1", |_| {}).wave(
        "rest",
        "asia: a2",
        |_| {},
    );
    let mut world = World::of(&build).replies("run a1 install", &[Reply::Bad]).run();
    assert_eq!(world.outcome(), Some(Outcome::Held));
    world.assert_lines(&["asia held"], "12:01 asia held: step `install` failed on `a1`");
    world.says(PersonAct::Settle { host: HostIdx(0), settlement: Settlement::Mended });
    assert_eq!(world.outcome(), Some(Outcome::Held));
    world.says(PersonAct::Resume { target: ASIA });
    world.go_on();
    assert_eq!((world.outcome(), world.engine.host(HostIdx(1))), (Some(Outcome::Complete), HostState::Done));
}

#[test]
fn a_held_approval_goes_on_counting_and_what_follows_it_waits() {
    let mut world = World::of(&approved(Some("8h"), Otherwise::Hold)).start();
    world.go_on_to("approval of 0 asked");
    world.says(PersonAct::Hold { target: Target::Rollout });
    let mut late = World::of(&approved(Some("8h"), Otherwise::Hold)).start();
    late.go_on_to("approval of 0 asked");
    late.says(PersonAct::Hold { target: Target::Rollout });
    world.says(PersonAct::Approve { stage: 0 });
    world.go_on();
    assert_eq!((world.outcome(), world.state("a2").as_str()), (Some(Outcome::Held), "waiting"));
    world.says(PersonAct::Resume { target: Target::Rollout });
    world.go_on();
    assert_eq!(world.outcome(), Some(Outcome::Complete));
    late.go_on();
    late.assert_lines(&["lab held"], "20:01 lab held: nobody approved in time");
}

#[test]
fn a_stage_that_comes_next_waits_for_a_region_too() {
    let mut world = World::of(&approved(None, Otherwise::Hold)).start();
    world.go_on_to("approval of 0 asked");
    world.says(PersonAct::Hold { target: Target::Stage(1) });
    world.says(PersonAct::Approve { stage: 0 });
    world.says(PersonAct::Hold { target: ASIA });
    world.says(PersonAct::Resume { target: Target::Stage(1) });
    world.go_on();
    assert_eq!((world.outcome(), world.engine.stage()), (Some(Outcome::Held), Some(1)));
    world.assert_lines(&["rest"], "12:01 rest held: ann holds it\n 12:01 rest resumed");
    world.says(PersonAct::Resume { target: ASIA });
    world.go_on();
    assert_eq!(world.outcome(), Some(Outcome::Complete));
}
