//! One host and its steps: attempts, waits, verifies, lost commands.

use crate::engine::tests::fixtures::{Build, lasting, step, verified, waiting};
use crate::engine::tests::world::{Reply, World};
use crate::engine::{Event, HostState, Outcome, PersonAct, Settlement, Target, Waiting};
use crate::model::{Retry, Step};
use crate::plan::HostIdx;

const A1: HostIdx = HostIdx(0);

/// `a1` with these steps, then `a2` in a batch of its own.
fn lone(steps: &[Step]) -> World {
    let build = Build::new(steps).region("asia", "a1 a2").wave("world", "asia: a1, a2", |_| {});
    World::of(&build)
}

fn settle(settlement: Settlement) -> PersonAct {
    PersonAct::Settle { host: A1, settlement }
}

#[test]
fn a_step_that_fails_fails_its_host_and_the_others_go_on() {
    let world = lone(&[step("install"), step("reboot")]).replies("run a1 install", &[Reply::Bad]).run();
    assert_eq!(world.begun(), ["run a1 install", "run a2 install", "run a2 reboot"]);
    assert_eq!((world.state("a1").as_str(), world.outcome()), ("failed install", Some(Outcome::Complete)));
    assert!(world.engine.is_down(A1));
    world.assert_lines(
        &["ended"],
        "12:01 0.0.0.0 ended: 0 done, 1 failed\n 12:03 0.0.0.1 ended: 1 done, 0 failed\n 12:03 world ended",
    );
}

#[test]
fn a_step_is_tried_again_as_often_as_it_says() {
    let patient = Step { retry: Retry { times: 2, every: lasting("5m") }, ..step("install") };
    let bad = [Reply::Bad, Reply::TimedOut, Reply::NotStarted];
    let world = lone(std::slice::from_ref(&patient)).replies("run a1 install", &bad).run();
    assert_eq!(world.begun(), ["run a1 install", "run a1 install", "run a1 install", "run a2 install"]);
    world.assert_lines(&["a1"], "12:00 0.0.0.0 began: a1\n 12:00 a1 changing install\n 12:13 a1 failed install");
    let world = lone(&[patient]).replies("run a1 install", &[Reply::Bad, Reply::Good]).run();
    world.assert_lines(&["a1 done"], "12:07 a1 done");
}

#[test]
fn a_wait_is_asked_every_five_seconds_until_its_time_is_over() {
    let reboot = [waiting("reboot", "15s")];
    let world = lone(&reboot).replies("wait a1 reboot", &[Reply::Bad, Reply::NoWord, Reply::Good]).run();
    let asked: Vec<_> = world.begun_at("wait a1 reboot");
    assert_eq!(asked, ["12:01:00", "12:01:05", "12:01:10"]);
    assert_eq!(world.state("a1"), "done");
    let world = lone(&reboot).replies("wait a1 reboot", &[Reply::Bad]).run();
    assert_eq!(world.begun_at("wait a1 reboot"), ["12:01:00", "12:01:05", "12:01:10", "12:01:15"]);
    assert_eq!(world.state("a1"), "failed reboot");
}

#[test]
fn a_wait_that_is_over_is_a_failed_attempt() {
    let reboot = Step { retry: Retry { times: 1, every: lasting("1m") }, ..waiting("reboot", "5s") };
    let bad = [Reply::Bad, Reply::Bad, Reply::Good];
    let world = lone(&[reboot]).replies("wait a1 reboot", &bad).run();
    assert_eq!(world.begun_at("run a1 reboot"), ["12:00:00", "12:02:06"]);
    assert_eq!(world.state("a1"), "done");
}

#[test]
fn verify_has_the_last_word_on_a_command_that_succeeded() {
    let install = [verified("install")];
    assert_eq!(lone(&install).run().begun()[..2], ["run a1 install", "verify a1 install"]);
    let world = lone(&install).replies("verify a1 install", &[Reply::Bad]).run();
    assert_eq!(world.state("a1"), "failed install");
    // Of a command that failed it is not asked.
    let world = lone(&install).replies("run a1 install", &[Reply::Bad]).run();
    assert_eq!(world.begun()[..2], ["run a1 install", "run a2 install"]);
}

#[test]
fn verify_tells_how_a_lost_command_ended() {
    let install = [verified("install"), step("reboot")];
    let world = lone(&install).replies("run a1 install", &[Reply::Lost]).run();
    assert_eq!(world.begun()[..3], ["run a1 install", "verify a1 install", "run a1 reboot"]);
    let lost_once = || lone(&install).replies("run a1 install", &[Reply::Lost, Reply::Good]);
    let world = lost_once().replies("verify a1 install", &[Reply::Bad, Reply::Good]).run();
    let again = ["run a1 install", "verify a1 install", "run a1 install", "verify a1 install", "run a1 reboot"];
    assert_eq!(world.begun()[..5], again);
    // A verify that cannot be asked tells nothing.
    let world = lost_once().replies("verify a1 install", &[Reply::NotStarted]).run();
    assert_eq!((world.state("a1").as_str(), world.outcome()), ("unknown install", Some(Outcome::Held)));
    // A lost verify is asked again.
    let world = lost_once().replies("verify a1 install", &[Reply::Lost, Reply::Good]).run();
    assert_eq!(world.begun()[..4], ["run a1 install", "verify a1 install", "verify a1 install", "run a1 reboot"]);
}

#[test]
fn a_lost_command_without_verify_is_unknown_until_a_person_settles_it() {
    let lost = || lone(&[step("install"), step("reboot")]).replies("run a1 install", &[Reply::Lost, Reply::Good]).run();
    for (settlement, state, begun) in [
        (Settlement::Done, "done", &["run a1 install", "run a1 reboot", "run a2 install", "run a2 reboot"][..]),
        (
            Settlement::Again,
            "done",
            &["run a1 install", "run a1 install", "run a1 reboot", "run a2 install", "run a2 reboot"],
        ),
        (Settlement::Failed, "failed install", &["run a1 install", "run a2 install", "run a2 reboot"]),
        (Settlement::Mended, "rolled back", &["run a1 install", "run a2 install", "run a2 reboot"]),
    ] {
        let mut world = lost();
        assert_eq!((world.state("a1").as_str(), world.outcome()), ("unknown install", Some(Outcome::Held)));
        let why = "nobody knows how step `install` ended".to_owned();
        assert_eq!(world.engine.waiting(), [Waiting::Person { what: Target::Host(A1), why }]);
        assert!(world.engine.is_down(A1));
        world.says(settle(settlement));
        world.go_on();
        assert_eq!(
            (world.state("a1").as_str(), world.begun()),
            (state, begun.iter().map(|name| (*name).to_owned()).collect())
        );
        assert_eq!(world.outcome(), Some(Outcome::Complete));
        assert_eq!(world.engine.is_down(A1), settlement == Settlement::Failed);
    }
}

#[test]
fn lost_questions_are_asked_again() {
    let world = lone(&[waiting("reboot", "15s")]).replies("wait a1 reboot", &[Reply::Lost, Reply::Good]).run();
    assert_eq!(world.begun_at("wait a1 reboot"), ["12:01:00", "12:01:01"]);
    assert_eq!(world.outcome(), Some(Outcome::Complete));
}

#[test]
fn a_failed_host_that_is_mended_is_up_and_is_not_changed() {
    let mut world = lone(&[step("install")]).replies("run a1 install", &[Reply::Bad]).run();
    world.says(settle(Settlement::Again));
    assert_eq!(world.state("a1"), "failed install");
    world.says(settle(Settlement::Mended));
    assert_eq!((world.state("a1").as_str(), world.engine.is_down(A1)), ("rolled back", false));
    assert_eq!(world.outcome(), Some(Outcome::Complete));
}

#[test]
fn events_that_do_not_fit_change_nothing() {
    let mut world = lone(&[step("install")]).start();
    let under_way = world.engine.under_way();
    let task = under_way[0].0;
    let other = crate::engine::TaskId(17);
    let answer = crate::engine::Answer::Pass;
    let result = crate::engine::StepResult::Succeeded;
    let before = format!("{:?}", world.engine);
    let commands = world.commands.len();
    for event in [
        Event::Started,
        Event::TaskBegan { task: other },
        Event::StepEnded { task: other, result: result.clone() },
        Event::ProbeAnswered { task, answer, detail: String::new() },
        Event::TaskLost { task: other },
        Event::TimerFired { timer: crate::engine::TimerId(3) },
        Event::Said { person: "ann".to_owned(), act: PersonAct::Approve { stage: 0 } },
        Event::Said { person: "ann".to_owned(), act: PersonAct::Deny { stage: 9 } },
        Event::Said { person: "ann".to_owned(), act: PersonAct::Hold { target: Target::Stage(1) } },
        Event::Said { person: "ann".to_owned(), act: PersonAct::Rollback { target: Target::Host(HostIdx(2)) } },
        Event::Said { person: "ann".to_owned(), act: PersonAct::Resume { target: Target::Rollout } },
        Event::Said { person: "ann".to_owned(), act: settle(Settlement::Done) },
    ] {
        world.apply(event);
    }
    assert_eq!(format!("{:?}", world.engine), before);
    assert!(world.commands[commands..].iter().all(Vec::is_empty));
    // Its end is taken in once.
    world.go_on();
    world.apply(Event::StepEnded { task, result });
    assert_eq!(world.engine.host(A1), HostState::Done);
    assert_eq!(world.commands.last(), Some(&Vec::new()));
}

#[test]
fn work_under_way_and_timers_are_listed() {
    let patient = Step { retry: Retry { times: 1, every: lasting("5m") }, ..step("install") };
    let mut world = lone(&[patient]).replies("run a1 install", &[Reply::Bad]).start();
    let named = |world: &World| -> Vec<_> {
        world.engine.under_way().iter().map(|(id, task, began)| (id.0, world.name_of(task), *began)).collect()
    };
    assert_eq!(named(&world), [(0, "run a1 install".to_owned(), false)]);
    world.step();
    assert_eq!(named(&world), [(0, "run a1 install".to_owned(), true)]);
    world.step();
    assert_eq!(named(&world), []);
    let timers: Vec<_> = world.engine.timers().iter().map(|(_, at)| at.format("%H:%M").to_string()).collect();
    assert_eq!(timers, ["12:06"]);
}
