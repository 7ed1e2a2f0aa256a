//! A controller that dies, what goes on after it, and what does not.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use sunup::engine::{HostState, Outcome, Settlement, Status};
use sunup::model::{Verb, Where};
use sunup::plan::Plan;
use sunup::run::{Controller, Observer, Rehearsal, RunFault, Settings, Silent, Wish, act};
use sunup::time::Moment;

use crate::field::{BOTH, Field};
use crate::plans::{gate, probe, start, step, team, verified};

/// Dies when it has been told so many things, as a controller that is killed between the disk and the deed.
struct Dies {
    after: usize,
}

impl Observer for Dies {
    fn told(&mut self, _: Moment, _: &Status, _: &Plan) {
        if self.after == 0 {
            std::panic::resume_unwind(Box::new("killed"));
        }
        self.after -= 1;
    }
}

/// Whether the controller was still there at the end.
fn killed_after(after: usize, controller: Controller) -> bool {
    catch_unwind(AssertUnwindSafe(|| controller.carry_on(&mut Dies { after }).unwrap())).is_err()
}

#[test]
fn after_a_crash_at_any_moment_no_step_is_lost_and_none_is_done_twice() {
    for after in 0.. {
        let field = Field::new();
        let plan = field
            .build(&[verified("stop"), verified("patch")])
            .gate(gate("up", probe()))
            .wave("asia", "a1 a2, a3")
            .wave("europe", "e1");
        let was_killed = killed_after(after, field.begin(&plan));
        // What was under way goes on without its controller; whoever resumes waits for its end.
        if was_killed {
            // Where all was on disk already there is nothing to go on with.
            if field.history().summary.outcome.is_none() {
                assert_eq!(field.resume().outcome, Some(Outcome::Complete), "killed after {after}");
            }
        }
        for host in ["a1", "a2", "a3", "e1"] {
            assert_eq!(field.done(host), BOTH, "{host}, killed after {after}");
        }
        assert_eq!(field.history().summary.outcome, Some(Outcome::Complete));
        if !was_killed {
            assert!(after > 15, "only {after} moments");
            return;
        }
    }
}

#[test]
fn a_lost_step_without_a_verify_waits_for_a_person() {
    for (settlement, done) in [
        (Settlement::Done, vec!["run patch"]),
        (Settlement::Again, vec!["run patch", "run patch"]),
        (Settlement::Failed, vec!["run patch"]),
    ] {
        let field = Field::new();
        let plan = field.build(&[step("patch")]).wave("asia", "a1 a2").team(team(
            "all",
            &["ada"],
            &[Verb::Resume],
            Where::Everywhere,
        ));
        field.mark("slow-run-a1", "1");
        // Killed when the second host is done and the first is not.
        let controller = field.begin(&plan);
        assert!(catch_unwind(AssertUnwindSafe(|| controller.carry_on(&mut DiesWithAHostDone))).is_err());
        // Its process goes on, and is waited for.
        assert_eq!(field.resume().outcome, Some(Outcome::Held));
        field.unmark("slow-run-a1");
        assert_eq!(field.host_state(&plan, "a1"), HostState::Unknown { step: 0 });
        assert_eq!(field.done("a1").len(), 1, "no step is silently run twice");
        let settle = Wish::Settle { host: "a1".to_owned(), settlement };
        act(&field.state, None, "ada", &settle).unwrap();
        field.resume();
        assert_eq!(field.done("a1"), done, "{settlement:?}");
    }
}

struct DiesWithAHostDone;

impl Observer for DiesWithAHostDone {
    fn told(&mut self, _: Moment, status: &Status, _: &Plan) {
        if matches!(status, Status::HostChanged { state: HostState::Done, .. }) {
            std::panic::resume_unwind(Box::new("killed"));
        }
    }
}

#[test]
fn one_controller_a_run_and_one_unfinished_run_a_host() {
    let field = Field::new();
    let plan = field.build(&[step("patch")]).wave("asia", "a1");
    let controller = field.begin(&plan);
    let fault = Controller::resume(&field.state, Some("may-1"), Settings::default()).unwrap_err();
    assert_eq!(fault, RunFault::Busy { run: "may-1".to_owned(), process: Some(std::process::id()) });
    let other = Arc::new(Plan { rollout: "june".to_owned(), ..plan.plan.clone() });
    let begin = || Controller::begin(&field.state, Arc::clone(&other), "ops", Settings::default());
    let fault = begin().unwrap_err();
    assert_eq!(fault, RunFault::HostsBusy { hosts: vec![("a1".to_owned(), "may-1".to_owned())] });
    // A rehearsal takes nobody's hosts.
    let plan = field.build(&[step("patch")]).wave("asia", "a1").connected(None);
    assert_eq!(field.rehearse(&plan, Rehearsal::default()).run, "may-2");
    assert_eq!(controller.carry_on(&mut Silent).unwrap().outcome, Some(Outcome::Complete));
    assert_eq!(begin().unwrap().run(), "june-1");
}

#[test]
fn what_cannot_go_on_says_why() {
    let field = Field::new();
    let resume = |run: Option<&str>| Controller::resume(&field.state, run, Settings::default()).unwrap_err();
    assert_eq!(resume(None), RunFault::NoRun);
    let mut plan = field.build(&[step("patch")]).wave("asia", "a1");
    plan.plan.zone_data = "1999z".to_owned();
    field.run(&plan);
    assert_eq!(resume(None), RunFault::NoRun);
    assert_eq!(resume(Some("may-1")), RunFault::Finished { run: "may-1".to_owned(), outcome: Outcome::Complete });
    let unknown = resume(Some("may-11"));
    assert_eq!(unknown.to_string(), "there is no run `may-11`");
    assert_eq!(unknown.help().as_deref(), Some("did you mean `may-1`?"));
}

#[test]
fn times_that_newer_zone_data_move_are_refused() {
    for (length, is_refused) in [(60, true), (0, false)] {
        let field = Field::new();
        let mut plan = field.build(&[step("patch")]).wave("asia", "a1");
        plan.plan.zone_data = "1999z".to_owned();
        // Always open: what the plan says of a window is either the truth of today or of another zone data.
        let truth = plan.plan.sites[0].schedule.next_open(start()).unwrap();
        let window = sunup::time::Interval { end: truth.end - chrono::TimeDelta::minutes(length), ..truth };
        plan.plan.stages[0].turns[0].lanes[0].batches[0].window = Some(window);
        drop(field.begin(&plan));
        let resumed = Controller::resume(&field.state, None, Settings::default());
        match resumed {
            Err(RunFault::ZoneDataMoved { then, site, .. }) if is_refused => {
                assert_eq!((then.as_str(), site.as_str()), ("1999z", "asia"));
            }
            Ok(_) if !is_refused => {}
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_history_is_read_while_the_run_goes_on() {
    let field = Field::new();
    let hosts: Vec<String> = (0..40).map(|number| format!("h{number}")).collect();
    let plan = field.build(&[step("patch")]).wave("asia", &hosts.join(", "));
    let controller = field.begin(&plan);
    std::thread::scope(|scope| {
        let run = scope.spawn(|| controller.carry_on(&mut Silent).unwrap());
        let mut lengths = vec![0];
        while !run.is_finished() {
            let history = field.history();
            lengths.push(history.events.len());
            std::thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(run.join().unwrap().outcome, Some(Outcome::Complete));
        assert!(lengths.is_sorted() && lengths.len() > 3, "{lengths:?}");
    });
    assert_eq!(field.history().events.len(), 1 + 40 * 2);
}
