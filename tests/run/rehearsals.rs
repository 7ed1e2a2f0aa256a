//! A rehearsal: the same run with waits skipped, and what fails in it where it is told to.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sunup::engine::{Event, HostState, Outcome};
use sunup::model::{Connection, Probe};
use sunup::run::{Controller, Rehearsal, RunFault, Settings, runs};
use sunup::time::Duration as Length;

use crate::field::{BOTH, Field, failing};
use crate::plans::{argument, gate, probe, start, step};

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
