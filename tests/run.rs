//! Runs and rehearsals from begin to end, over plans built by hand; crashes and what comes after them.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "looks at what the processes left behind, and at the clock"
)]

#[path = "run/plans.rs"]
mod plans;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sunup::engine::{Event, HostState, Outcome, PersonAct, Settlement, Status, StepResult, Waiting};
use sunup::model::{
    Act, Approval, Condition, Connection, Otherwise, Probe, RegionId, Rule, Scope, TeamId, Verb, Where,
};
use sunup::plan::Plan;
use sunup::run::{
    Controller, History, Holder, Interrupt, Observer, Place, Rehearsal, RunEnd, RunFault, Settings, Silent,
    StateFolder, Stop, Verdict, Wish, act, runs,
};
use sunup::time::{Duration as Length, Moment};

use plans::{Build, argument, command, done, furnish, gate, probe, span, start, step, team, verified};

/// A folder with the programs of a plan, and a state folder in it.
struct Field {
    folder: tempfile::TempDir,
    state: StateFolder,
}

impl Field {
    fn new() -> Field {
        let folder = tempfile::tempdir().unwrap();
        furnish(folder.path());
        let state = StateFolder::open(folder.path().join("state")).unwrap();
        Field { folder, state }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn build(&self, steps: &[sunup::model::Step]) -> Build {
        Build::new(self.path(), steps)
    }

    /// Makes a step of a host fail, last, or vanish; see `plans::furnish`.
    fn mark(&self, name: &str, content: &str) {
        std::fs::write(self.path().join(name), content).unwrap();
    }

    fn unmark(&self, name: &str) {
        std::fs::remove_file(self.path().join(name)).unwrap();
    }

    fn done(&self, host: &str) -> Vec<String> {
        done(self.path(), host)
    }

    fn run(&self, plan: &Build) -> RunEnd {
        self.begin(plan).carry_on(&mut Silent).unwrap()
    }

    fn begin(&self, plan: &Build) -> Controller {
        Controller::begin(&self.state, Arc::new(plan.plan.clone()), "ops", Settings::default()).unwrap()
    }

    fn rehearse(&self, plan: &Build, rehearsal: Rehearsal) -> RunEnd {
        self.begin_rehearsal(plan, rehearsal).carry_on(&mut Silent).unwrap()
    }

    fn begin_rehearsal(&self, plan: &Build, rehearsal: Rehearsal) -> Controller {
        let plan = Arc::new(plan.plan.clone());
        Controller::rehearse(&self.state, plan, "ops", rehearsal, Settings::default()).unwrap()
    }

    fn resume(&self) -> RunEnd {
        Controller::resume(&self.state, None, Settings::default()).unwrap().carry_on(&mut Silent).unwrap()
    }

    fn history(&self) -> History {
        History::read(&self.state, None).unwrap()
    }

    fn host_state(&self, plan: &Build, host: &str) -> HostState {
        self.history().engine().host(plan.host(host))
    }
}

fn failing(fail: &[&str]) -> Rehearsal {
    Rehearsal { fail: fail.iter().map(|text| (*text).to_owned()).collect(), ..Rehearsal::default() }
}

const BOTH: [&str; 2] = ["run stop", "run patch"];

#[test]
fn a_run_does_each_step_once_and_in_order() {
    let field = Field::new();
    let plan = field.build(&[step("stop"), step("patch")]).gate(gate("up", probe())).wave("asia", "a1 a2, a3");
    let end = field.run(&plan);
    assert_eq!(end, RunEnd { run: "may-1".to_owned(), outcome: Some(Outcome::Complete), stop: None });
    for host in ["a1", "a2", "a3"] {
        assert_eq!(field.done(host), BOTH, "{host}");
    }
    let history = field.history();
    assert_eq!(history.summary.outcome, Some(Outcome::Complete));
    assert_eq!((history.summary.started_by.as_str(), history.summary.is_rehearsal), ("ops", false));
    assert_eq!(history.summary.holder, Holder::Nobody);
    assert!(matches!(history.statuses.last(), Some((_, Status::Finished { outcome: Outcome::Complete }))));
    assert!(history.events.is_sorted_by_key(|event| (event.seq, event.moment)));
    // The next run of the rollout has the next number, and the hosts are free for it.
    assert_eq!(field.run(&plan).run, "may-2");
    let listed: Vec<String> = runs(&field.state).unwrap().into_iter().map(|run| run.id).collect();
    assert_eq!(listed, ["may-2", "may-1"]);
}

#[test]
fn what_a_step_printed_is_kept() {
    let field = Field::new();
    let plan = field.build(&[step("patch")]).wave("asia", "a1");
    field.run(&plan);
    let history = field.history();
    let task = history.events.iter().find_map(|event| match event.event {
        Event::StepEnded { task, .. } => Some(task),
        _ => None,
    });
    let output = History::output(&field.state, "may-1", task.unwrap()).unwrap().unwrap();
    assert_eq!(output.head, b"run patch on a1\n");
}

#[test]
fn a_gate_that_fails_undoes_the_batch_newest_step_first() {
    let field = Field::new();
    let mut plan = field.build(&[step("stop"), step("patch")]).gate(gate("up", probe())).wave("asia", "a1, a2, a3");
    let rule =
        Rule { condition: Condition::GateFailed(None), actions: vec![Act::Rollback(Scope::Batch)], span: span() };
    plan.plan.rules.push(rule);
    field.mark("sick-a2", "");
    let end = field.run(&plan);
    assert_eq!(end.outcome, Some(Outcome::Held));
    assert_eq!(field.done("a1"), BOTH);
    assert_eq!(field.done("a2"), ["run stop", "run patch", "undo patch", "undo stop"]);
    assert_eq!(field.done("a3"), [""; 0]);
    let answered = field.history().statuses.into_iter().find_map(|(_, status)| match status {
        Status::GateAnswered { answer: sunup::engine::Answer::Fail, detail, .. } => Some(detail),
        _ => None,
    });
    assert_eq!(answered.as_deref(), Some("exit code 1: a2 is sick"));
}

#[test]
fn a_step_that_fails_fails_its_host_and_no_other() {
    let field = Field::new();
    let plan = field.build(&[step("stop"), step("patch")]).wave("asia", "a1 a2");
    field.mark("broken-run-a1", "");
    field.run(&plan);
    assert_eq!(field.done("a2"), BOTH);
    assert_eq!(field.host_state(&plan, "a1"), HostState::Failed { step: 0 });
    let detail = field.history().events.into_iter().find_map(|event| match event.event {
        Event::StepEnded { result: StepResult::Failed { detail }, .. } => Some(detail),
        _ => None,
    });
    assert_eq!(detail.as_deref(), Some("exit code 7: a1 is broken"));
}

#[test]
fn a_step_at_its_limit_times_out() {
    let field = Field::new();
    let limited = sunup::model::Step { timeout: Length::from_seconds(1), ..step("patch") };
    let plan = field.build(&[limited]).wave("asia", "a1");
    field.mark("slow-run-a1", "30");
    let began = Instant::now();
    field.run(&plan);
    assert!(began.elapsed() < Duration::from_secs(15));
    assert_eq!(field.done("a1"), [""; 0]);
    let history = field.history();
    assert!(
        history.events.iter().any(|event| matches!(event.event, Event::StepEnded { result: StepResult::TimedOut, .. }))
    );
}

#[test]
fn values_stay_one_argument_and_never_become_an_option() {
    let field = Field::new();
    let odd = "$(id) {{7*7}} `id` ;rm -rf / \u{1b}[2J 'x' \"y\"";
    let args = sunup::model::Step {
        run: sunup::model::Action::Command(command(&["./change", "odd", "run", "{host.note}"])),
        ..step("note")
    };
    let plan = field.build(std::slice::from_ref(&args)).wave("asia", "a1").value("host.note", odd);
    field.run(&plan);
    assert_eq!(field.done("odd"), [format!("run {odd}")]);

    for (value, why) in [
        (Some("-rf"), "`host.note` of `a1` is `-rf`, which the program would take for an option"),
        (Some("a\0b"), "an argument holds a zero byte"),
        (None, "`a1` has no `host.note`"),
    ] {
        let field = Field::new();
        let mut plan = field.build(std::slice::from_ref(&args)).wave("asia", "a1");
        if let Some(value) = value {
            plan = plan.value("host.note", value);
        }
        field.run(&plan);
        let detail = field.history().events.into_iter().find_map(|event| match event.event {
            Event::StepEnded { result: StepResult::NotStarted { detail }, .. } => Some(detail),
            _ => None,
        });
        assert_eq!(detail.as_deref(), Some(why));
    }
}

#[test]
fn a_process_is_told_where_it_stands() {
    let field = Field::new();
    let tell = |name: &str| {
        sunup::model::Action::Command(command(&["sh", "-c", &format!("env | grep ^SUNUP_ | sort > env-{name}")]))
    };
    let steps = [sunup::model::Step { run: tell("step"), ..step("patch") }];
    let asked = Probe::Command(command(&["sh", "-c", "env | grep ^SUNUP_ | sort > env-gate"]));
    let plan = field.build(&steps).gate(gate("up", asked)).wave("asia", "a1");
    let env = |name: &str| std::fs::read_to_string(field.path().join(format!("env-{name}"))).unwrap();
    field.run(&plan);
    let state = format!("SUNUP_STATE={}", field.state.path().display());
    let common = "SUNUP_REGION=asia\nSUNUP_ROLLOUT=may\nSUNUP_RUN=may-1\nSUNUP_SITE=asia\nSUNUP_STAGE=asia\n";
    let step = format!("SUNUP_ACTION=run\nSUNUP_HOST=a1\n{common}{state}\nSUNUP_STEP=patch\nSUNUP_TASK=0\n");
    assert_eq!(env("step"), step);
    let gate = format!("SUNUP_ACTION=gate\nSUNUP_GATE=up\nSUNUP_HOST=a1\n{common}{state}\nSUNUP_TASK=1\n");
    assert_eq!(env("gate"), gate);
    field.rehearse(&plan, Rehearsal::default());
    assert!(env("step").contains("SUNUP_REHEARSAL=1\n"));
    assert!(env("gate").contains("SUNUP_REHEARSAL=1\n"));
}

#[test]
fn a_run_needs_a_way_to_every_host() {
    let field = Field::new();
    let plan = field.build(&[step("patch")]).wave("asia", "a1 a2").connected(None);
    let fault = Controller::begin(&field.state, Arc::new(plan.plan), "ops", Settings::default()).unwrap_err();
    assert_eq!(fault, RunFault::NoConnection { hosts: vec!["a1".to_owned(), "a2".to_owned()] });
    assert_eq!(runs(&field.state).unwrap_err(), RunFault::NoRun);
}

#[test]
fn a_rehearsal_skips_every_wait_and_keeps_the_times() {
    let field = Field::new();
    let plan = field
        .build(&[step("stop"), step("patch")])
        .gate(gate("up", Probe::Tcp { address: argument("{host.address}"), port: 25 }))
        .wave_with("asia", "a1, a2", |stage| stage.soak = Length::from_minutes(24 * 60))
        .wave("europe", "e1")
        .value("host.address", "192.0.2.1");
    let began = Instant::now();
    let end = field.rehearse(&plan, Rehearsal::default());
    assert_eq!(end.outcome, Some(Outcome::Complete));
    assert!(began.elapsed() < Duration::from_secs(20));
    // Two batches of twenty minutes, a day of soak, another batch.
    let history = field.history();
    assert_eq!(history.at().map(|at| (at - start()).num_minutes()), Some(20 + 20 + 24 * 60 + 20));
    assert!(history.summary.is_rehearsal);
    for host in ["a1", "a2", "e1"] {
        assert_eq!(field.done(host), BOTH, "{host}");
    }
    // The gate was not sent: nobody answers at that address.
    let details: Vec<String> = history
        .events
        .into_iter()
        .filter_map(|event| match event.event {
            Event::ProbeAnswered { detail, .. } => Some(detail),
            _ => None,
        })
        .collect();
    assert!(!details.is_empty() && details.iter().all(|detail| detail == "not sent in a rehearsal"), "{details:?}");
}

#[test]
fn a_rehearsal_is_the_same_every_time() {
    let record = |round: usize| {
        let field = Field::new();
        let plan = field
            .build(&[step("stop"), step("patch")])
            .gate(gate("up", probe()))
            .wave("asia", "a1 a2 a3 a4 a5, a6")
            .wave("europe", "e1 e2");
        // Which process is faster must not matter.
        field.mark(&format!("slow-run-a{}", round + 1), "0.2");
        field.rehearse(&plan, failing(&["patch@a2"]));
        field.history().events
    };
    let first = record(0);
    assert!(first.len() > 40);
    assert_eq!(first, record(3));
}

#[test]
fn simulated_hosts_are_never_touched() {
    let field = Field::new();
    let plan = field.build(&[step("patch")]).gate(gate("up", probe())).wave("asia", "a1, a2");
    field.mark("sick-a1", "");
    let all = Rehearsal { all_simulated: true, ..Rehearsal::default() };
    assert_eq!(field.rehearse(&plan, all).outcome, Some(Outcome::Complete));
    let plan = plan.connected(None);
    assert_eq!(field.rehearse(&plan, Rehearsal::default()).outcome, Some(Outcome::Complete));
    assert_eq!(field.done("a1"), [""; 0]);
}

#[test]
fn simulated_hosts_of_a_real_run_take_their_time() {
    let field = Field::new();
    let quick = sunup::model::Step { takes: Length::from_seconds(2), ..step("patch") };
    let plan = field.build(&[quick]).wave("asia", "a1").connected(Some(Connection::Simulated));
    let began = Instant::now();
    assert_eq!(field.run(&plan).outcome, Some(Outcome::Complete));
    assert!(began.elapsed() >= Duration::from_millis(1_000));
    assert_eq!(field.done("a1"), [""; 0]);
}

#[test]
fn a_rehearsal_fails_where_it_is_told_to() {
    let field = Field::new();
    let plan = |field: &Field| {
        field
            .build(&[step("stop"), step("patch")])
            .gate(gate("up", probe()))
            .wave("asia", "a1 a2")
            .wave("europe", "e1")
            .connected(None)
    };
    for (fail, outcome, failed) in [
        ("up@asia", Outcome::Held, None),
        ("up@a2", Outcome::Held, None),
        ("up@*", Outcome::Held, None),
        ("up@e1", Outcome::Held, None),
        ("patch@a2", Outcome::Complete, Some("a2")),
        ("patch@europe", Outcome::Complete, Some("e1")),
    ] {
        let plan = plan(&field);
        let end = field.rehearse(&plan, failing(&[fail]));
        assert_eq!(end.outcome, Some(outcome), "{fail}");
        let reached_europe = field.host_state(&plan, "e1") != HostState::Waiting;
        assert_eq!(reached_europe, !fail.starts_with("up") || fail == "up@e1", "{fail}");
        if let Some(host) = failed {
            assert_eq!(field.host_state(&plan, host), HostState::Failed { step: 1 }, "{fail}");
        }
    }
}

#[test]
fn what_a_rehearsal_does_not_know_is_said_with_the_nearest() {
    let field = Field::new();
    let plan = field.build(&[step("patch")]).gate(gate("mailflow", probe())).wave("sydney", "a1");
    let fault = |fail: &str| {
        let plan = Arc::new(plan.plan.clone());
        let settings = Settings::default();
        Controller::rehearse(&field.state, plan, "ops", failing(&[fail]), settings).unwrap_err()
    };
    let told = |fail: &str| (fault(fail).to_string(), fault(fail).help().unwrap_or_default());
    assert_eq!(
        told("mailfow@sydney"),
        ("there is no gate or step `mailfow`".to_owned(), "did you mean `mailflow`?".to_owned())
    );
    assert_eq!(
        told("mailflow@sidney"),
        ("there is no site, region or host `sidney`".to_owned(), "did you mean `sydney`?".to_owned())
    );
    assert!(matches!(fault("mailflow"), RunFault::BadFailure { .. }));
    // Nothing was begun.
    assert_eq!(runs(&field.state).unwrap_err(), RunFault::NoRun);
}

fn with_approval(field: &Field) -> Build {
    let approval = Approval { team: TeamId(0), within: None, otherwise: Otherwise::Hold, span: span() };
    field
        .build(&[step("patch")])
        .wave_with("asia", "a1", |stage| stage.approval = Some(approval))
        .wave("europe", "e1")
        .team(team("global", &["ada"], &[Verb::Hold], Where::Everywhere))
        .team(team("emea", &["ben"], &[Verb::Hold, Verb::Resume, Verb::Rollback], Where::Regions(vec![RegionId(1)])))
        .team(team("chiefs", &["cleo"], &[Verb::Approve], Where::Everywhere))
}

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

fn waits_for_approval(field: &Field) -> bool {
    field.history().waiting().iter().any(|waiting| matches!(waiting, Waiting::Approval { .. }))
}

/// Waits until something holds; half a minute at most.
fn until(holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(30), "it never came true");
        std::thread::sleep(Duration::from_millis(20));
    }
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

/// Presses the button when the host begins to change; again when it is told that the first press was heard.
struct Presses {
    interrupt: Interrupt,
    twice: bool,
    stops: Vec<(Stop, usize)>,
}

impl Observer for Presses {
    fn told(&mut self, _: Moment, status: &Status, _: &Plan) {
        if matches!(status, Status::HostChanged { state: HostState::Changing { step: 0 }, .. }) {
            self.interrupt.press();
        }
    }

    fn stops(&mut self, why: &Stop, under_way: usize) {
        if self.twice && *why == Stop::Asked {
            self.interrupt.press();
        }
        self.stops.push((why.clone(), under_way));
    }
}

fn pressed(field: &Field, plan: &Build, twice: bool) -> (RunEnd, Presses) {
    let interrupt = Interrupt::new();
    let mut presses = Presses { interrupt: interrupt.clone(), twice, stops: Vec::new() };
    let settings = Settings { interrupt, ..Settings::default() };
    let controller = Controller::begin(&field.state, Arc::new(plan.plan.clone()), "ops", settings).unwrap();
    (controller.carry_on(&mut presses).unwrap(), presses)
}

#[test]
fn at_ctrl_c_what_is_under_way_ends_and_the_run_can_go_on() {
    let field = Field::new();
    let plan = field.build(&[step("stop"), step("patch")]).wave("asia", "a1, a2");
    field.mark("slow-run-a1", "0.5");
    let (end, presses) = pressed(&field, &plan, false);
    assert_eq!((end.outcome, end.stop), (None, Some(Stop::Asked)));
    assert_eq!(presses.stops, [(Stop::Asked, 1)]);
    assert_eq!(field.done("a1"), ["run stop"]);
    assert_eq!(field.resume().outcome, Some(Outcome::Complete));
    assert_eq!(
        (field.done("a1"), field.done("a2")),
        (BOTH.map(str::to_owned).to_vec(), BOTH.map(str::to_owned).to_vec())
    );
}

#[test]
fn at_the_second_ctrl_c_all_stops_and_the_run_can_go_on() {
    let field = Field::new();
    let plan = field.build(&[verified("patch")]).wave("asia", "a1, a2");
    field.mark("slow-run-a1", "30");
    let began = Instant::now();
    let (end, presses) = pressed(&field, &plan, true);
    assert!(began.elapsed() < Duration::from_secs(10));
    assert_eq!((end.outcome, end.stop), (None, Some(Stop::AtOnce)));
    assert_eq!(presses.stops, [(Stop::Asked, 1), (Stop::AtOnce, 1)]);
    // Nobody knows what it did; its verify says that it did nothing, so that it is run again.
    field.unmark("slow-run-a1");
    assert_eq!(field.resume().outcome, Some(Outcome::Complete));
    assert_eq!((field.done("a1"), field.done("a2")), (vec!["run patch".to_owned()], vec!["run patch".to_owned()]));
}

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

#[test]
fn an_act_on_something_else_than_what_waits_is_refused() {
    let field = Field::new();
    let plan = with_approval(&field);
    drop(field.begin(&plan));
    let settle = Wish::Settle { host: "a1".to_owned(), settlement: Settlement::Mended };
    let fault = act(&field.state, None, "ada", &settle).unwrap_err();
    assert_eq!(fault.to_string(), "the run `may-1` does not wait for host `a1` to be mended");
}
