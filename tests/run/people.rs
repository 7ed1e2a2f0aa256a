//! What people say from other terminals, and who may.

use std::sync::Arc;

use sunup::engine::{Event, HostState, Outcome, PersonAct, Settlement, Status};
use sunup::model::{Verb, Where};
use sunup::run::{
    Controller, Holder, Interrupt, Place, Rehearsal, RunFault, Settings, Silent, Stop, Verdict, Wish, act,
};

use crate::field::{BOTH, Field, until, waits_for_approval, with_approval};
use crate::plans::{step, team};

#[test]
fn a_rehearsal_approves_by_itself_unless_people_shall() {
    let field = Field::new();
    let plan = with_approval(&field);
    assert_eq!(field.rehearse(&plan, Rehearsal::default()).outcome, Some(Outcome::Complete));
    let said = field.history().events.into_iter().find_map(|event| match event.event {
        Event::Said { person, act } => Some((person, act)),
        _ => None,
    });
    assert_eq!(said, Some(("rehearsal".to_owned(), PersonAct::Approve { stage: 0 })));

    let people = Rehearsal { people_approve: true, ..Rehearsal::default() };
    let controller = field.begin_rehearsal(&plan, people);
    std::thread::scope(|scope| {
        let run = scope.spawn(|| controller.carry_on(&mut Silent).unwrap());
        until(|| waits_for_approval(&field));
        // Anyone may in a rehearsal.
        act(&field.state, None, "eve", &Wish::Approve { stage: None }).unwrap();
        assert_eq!(run.join().unwrap().outcome, Some(Outcome::Complete));
    });
}

#[test]
fn an_approval_is_given_by_the_team_that_the_stage_names() {
    let field = Field::new();
    let plan = with_approval(&field);
    let controller = field.begin(&plan);
    std::thread::scope(|scope| {
        let run = scope.spawn(|| controller.carry_on(&mut Silent).unwrap());
        until(|| waits_for_approval(&field));
        let approve = |person: &str| act(&field.state, Some("may-1"), person, &Wish::Approve { stage: None });
        for person in ["eve", "ben"] {
            let fault = approve(person).unwrap_err();
            let teams = vec!["global".to_owned(), "chiefs".to_owned()];
            assert_eq!(
                fault,
                RunFault::NotAllowed {
                    person: person.to_owned(),
                    act: "approve",
                    place: "stage `asia`".to_owned(),
                    teams,
                }
            );
        }
        let accepted = approve("ada").unwrap();
        assert_eq!(accepted.holder, Holder::Process(Some(std::process::id())));
        assert_eq!(run.join().unwrap().outcome, Some(Outcome::Complete));
    });
    // Who was refused is in the journal beside who was not.
    let acts = field.history().acts;
    let people: Vec<&str> = acts.iter().map(|act| act.person.as_str()).collect();
    assert_eq!(people, ["eve", "ben", "ada"]);
    assert!(matches!(acts[0].verdict, Verdict::Refused(_)));
    assert!(matches!(acts[2].verdict, Verdict::Taken(_)));
}

#[test]
fn each_act_is_checked_against_the_regions_that_it_touches() {
    let field = Field::new();
    let plan = with_approval(&field);
    let end = {
        let interrupt = Interrupt::new();
        interrupt.press();
        let settings = Settings { interrupt, ..Settings::default() };
        let plan = Arc::new(plan.plan.clone());
        Controller::begin(&field.state, plan, "ops", settings).unwrap().carry_on(&mut Silent).unwrap()
    };
    assert_eq!((end.outcome, end.stop), (None, Some(Stop::Asked)));
    let region = |name: &str| Place::Region(name.to_owned());
    for (person, wish, allowed) in [
        ("ada", Wish::Hold { what: Place::Rollout }, true),
        ("ada", Wish::Resume { what: Place::Rollout }, false),
        ("ben", Wish::Hold { what: region("europe") }, true),
        ("ben", Wish::Hold { what: Place::Site("europe".to_owned()) }, true),
        ("ben", Wish::Hold { what: Place::Stage("europe".to_owned()) }, true),
        ("ben", Wish::Rollback { what: Place::Host("e1".to_owned()) }, true),
        ("ben", Wish::Hold { what: region("asia") }, false),
        ("ben", Wish::Hold { what: Place::Rollout }, false),
        ("ben", Wish::Rollback { what: Place::Host("a1".to_owned()) }, false),
        // Who started a run has no more say in it than the teams give.
        ("ops", Wish::Hold { what: Place::Rollout }, false),
    ] {
        let accepted = act(&field.state, None, person, &wish);
        assert_eq!(accepted.is_ok(), allowed, "{person} {wish:?}: {accepted:?}");
    }
    // A process that another test starts at this moment holds our lock too until it has become that program.
    let is_free = || sunup::run::runs(&field.state).unwrap()[0].holder == Holder::Nobody;
    assert!((0..100).any(|_| is_free() || {
        std::thread::sleep(std::time::Duration::from_millis(20));
        false
    }));
    let fault = act(&field.state, None, "ben", &Wish::Hold { what: region("europa") }).unwrap_err();
    assert_eq!(fault.help().as_deref(), Some("did you mean `europe`?"));
    let fault = act(&field.state, None, "ada", &Wish::Approve { stage: None }).unwrap_err();
    assert!(matches!(fault, RunFault::NotWaiting { .. }), "{fault}");
}

#[test]
fn without_a_team_nobody_may() {
    let field = Field::new();
    let plan = field.build(&[step("patch")]).wave("asia", "a1");
    field.mark("broken-run-a1", "");
    let controller = field.begin(&plan);
    drop(controller);
    let fault = act(&field.state, None, "ops", &Wish::Hold { what: Place::Rollout }).unwrap_err();
    assert_eq!(fault.to_string(), "`ops` may not hold the whole rollout");
    assert_eq!(
        fault.help().as_deref(),
        Some("the plan names no team, and no policy means no; write a `team` in the script")
    );
}

#[test]
fn people_hold_resume_and_roll_back_from_another_terminal() {
    let field = Field::new();
    let plan = field.build(&[step("patch")]).wave("asia", "a1, a2, a3").team(team(
        "all",
        &["ada"],
        &[Verb::Hold, Verb::Resume, Verb::Rollback],
        Where::Everywhere,
    ));
    field.mark("slow-run-a1", "1");
    let controller = field.begin(&plan);
    std::thread::scope(|scope| {
        let run = scope.spawn(|| controller.carry_on(&mut Silent).unwrap());
        until(|| field.host_state(&plan, "a1") == HostState::Changing { step: 0 });
        act(&field.state, None, "ada", &Wish::Hold { what: Place::Rollout }).unwrap();
        assert_eq!(run.join().unwrap().outcome, Some(Outcome::Held));
    });
    assert_eq!((field.done("a1").len(), field.done("a2").len()), (1, 0));
    // A held run that is only resumed is held still.
    assert_eq!(field.resume().outcome, Some(Outcome::Held));
    act(&field.state, None, "ada", &Wish::Resume { what: Place::Rollout }).unwrap();
    assert_eq!(field.resume().outcome, Some(Outcome::Complete));
    assert_eq!(field.done("a3"), ["run patch"]);
    // It is complete, and can be undone all the same.
    let fault = act(&field.state, Some("may-1"), "ada", &Wish::Hold { what: Place::Rollout }).unwrap_err();
    assert_eq!(fault, RunFault::Finished { run: "may-1".to_owned(), outcome: Outcome::Complete });
    act(&field.state, Some("may-1"), "ada", &Wish::Rollback { what: Place::Rollout }).unwrap();
    let controller = Controller::resume(&field.state, Some("may-1"), Settings::default()).unwrap();
    assert_eq!(controller.carry_on(&mut Silent).unwrap().outcome, Some(Outcome::RolledBack));
    for host in ["a1", "a2", "a3"] {
        assert_eq!(field.done(host), ["run patch", "undo patch"], "{host}");
    }
    let fault = Controller::resume(&field.state, Some("may-1"), Settings::default()).unwrap_err();
    assert_eq!(fault, RunFault::Finished { run: "may-1".to_owned(), outcome: Outcome::RolledBack });
}

#[test]
fn a_hold_stops_what_waits_for_its_place_among_the_processes() {
    let field = Field::new();
    let plan = field.build(&[step("stop"), step("patch")]).wave("asia", "a1 a2 a3 a4").team(team(
        "all",
        &["ada"],
        &[Verb::Hold, Verb::Resume],
        Where::Everywhere,
    ));
    field.mark("slow-run-a1", "1");
    let settings = Settings { at_once: 1, ..Settings::default() };
    let controller = Controller::begin(&field.state, Arc::new(plan.plan.clone()), "ops", settings).unwrap();
    std::thread::scope(|scope| {
        let run = scope.spawn(|| controller.carry_on(&mut Silent).unwrap());
        until(|| field.host_state(&plan, "a1") == HostState::Changing { step: 0 });
        act(&field.state, None, "ada", &Wish::Hold { what: Place::Rollout }).unwrap();
        assert_eq!(run.join().unwrap().outcome, Some(Outcome::Held));
    });
    // The host under way came to its end; the others, of the same batch, were not begun.
    assert_eq!(field.done("a1"), BOTH);
    for host in ["a2", "a3", "a4"] {
        assert_eq!((field.done(host), field.host_state(&plan, host)), (Vec::new(), HostState::Waiting), "{host}");
    }
    act(&field.state, None, "ada", &Wish::Resume { what: Place::Rollout }).unwrap();
    assert_eq!(field.resume().outcome, Some(Outcome::Complete));
    assert!(["a1", "a2", "a3", "a4"].iter().all(|host| field.done(host) == BOTH));
}

#[test]
fn with_few_places_hosts_come_to_their_end_before_more_are_opened() {
    let field = Field::new();
    let plan = field.build(&[step("stop"), step("patch")]).wave("asia", "a1 a2 a3");
    let settings = Settings { at_once: 1, ..Settings::default() };
    let controller = Controller::begin(&field.state, Arc::new(plan.plan.clone()), "ops", settings).unwrap();
    assert_eq!(controller.carry_on(&mut Silent).unwrap().outcome, Some(Outcome::Complete));
    let order: Vec<HostState> = field
        .history()
        .statuses
        .iter()
        .filter_map(|(_, status)| match status {
            Status::HostChanged { state: state @ HostState::Done, .. } => Some(*state),
            Status::HostChanged { state: state @ HostState::Changing { step: 1 }, .. } => Some(*state),
            _ => None,
        })
        .collect();
    let each = [HostState::Changing { step: 1 }, HostState::Done];
    assert_eq!(order, [each, each, each].concat());
}

#[test]
fn an_act_on_something_else_than_what_waits_is_refused() {
    let field = Field::new();
    let plan = with_approval(&field);
    drop(field.begin(&plan));
    let settle = Wish::Settle { host: "a1".to_owned(), settlement: Settlement::Mended };
    let fault = act(&field.state, None, "ada", &settle).unwrap_err();
    assert_eq!(fault.to_string(), "the run `may-1` does not wait for host `a1` to be mended");
}
