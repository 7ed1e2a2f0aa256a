//! The steps of a run: what they do, print, are told, and what their failing leads to.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sunup::engine::{Event, HostState, Outcome, Status, StepResult};
use sunup::model::{Act, Condition, Probe, Rule, Scope};
use sunup::run::{Controller, History, Holder, Rehearsal, RunEnd, RunFault, Settings, runs};
use sunup::time::Duration as Length;

use crate::field::{BOTH, Field};
use crate::plans::{command, gate, probe, span, step};

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
