//! The examples are sound, and say what their pages say.

#![expect(clippy::unwrap_used, reason = "what a test cannot do without ends it")]

use std::path::Path;
use std::sync::Arc;

use sunup::diagnostic::{Severity, plain};
use sunup::plan::{Plan, to_json};
use sunup::session::Session;
use sunup::simulate::{Bounds, explore};
use sunup::world::RealWorld;

#[test]
fn exchange_2007_changes_36_servers_with_the_sun() {
    let plan = plan_of("examples/exchange-2007/rollout.sunup", None);
    assert_eq!(plan.hosts.len(), 36);
    assert_eq!(plan.packages.len(), 3);
    let stages: Vec<&str> = plan.stages.iter().map(|stage| stage.name.as_str()).collect();
    assert_eq!(stages, ["lab", "australia", "world"]);
    assert_eq!(plan.starts_at.to_rfc3339(), "2007-05-08T18:00:00+00:00");
    // The team in Tokyo has a say of its own, whichever of the two files is named.
    let refined: Vec<&[String]> = plan.refinements.iter().map(|refinement| refinement.times.as_slice()).collect();
    assert_eq!(refined, [["window tue..thu 23:00-04:00 except quarter-end", "freeze golden-week"]]);
    let theirs = plan_of("examples/exchange-2007/japan.sunup", None);
    assert_eq!((theirs.ends_at, theirs.refinements), (plan.ends_at, plan.refinements));
}

#[test]
fn linux_kernel_reads_300_hosts_of_an_ansible_inventory() {
    let session = session_of("examples/linux-kernel/rollout.sunup");
    assert_eq!(session.fleet.as_ref().unwrap().len(), 300);
    let plan = plan_of("examples/linux-kernel/rollout.sunup", None);
    assert_eq!(plan.hosts.len(), 300);
    assert_eq!(plan.packages.len(), 2);
}

#[test]
fn office_matrix_makes_fifteen_packages_of_three_bulletins() {
    let script = "examples/office-matrix/rollout.sunup";
    let packages: usize =
        ["excel", "word", "drawing"].iter().map(|rollout| plan_of(script, Some(rollout)).packages.len()).sum();
    assert_eq!(packages, 15);
}

/// With the bound on states at some places of the walk: what was not looked on from is not called stuck.
#[test]
fn the_flagship_cut_short_is_said_to_be_cut_short_and_nothing_is_made_up() {
    let plan = Arc::new(plan_of("examples/exchange-2007/rollout.sunup", None));
    for states in [1, 50, 700, 2_500] {
        let found = explore(&plan, Bounds { states, ..Bounds::default() });
        assert!(!found.is_exhausted && found.findings.is_empty(), "{states}: {:?}", found.findings);
    }
    let found = explore(&plan, Bounds { failures: 0, ..Bounds::default() });
    assert!(found.is_exhausted && found.findings.is_empty());
    assert_eq!(found.endings.complete, 1);
}

#[test]
fn the_same_example_gives_the_same_plan_byte_for_byte() {
    let script = "examples/exchange-2007/rollout.sunup";
    assert_eq!(to_json(&plan_of(script, None)), to_json(&plan_of(script, None)));
}

fn session_of(script: &str) -> Session {
    Session::load(&RealWorld, Path::new(script))
}

fn plan_of(script: &str, rollout: Option<&str>) -> Plan {
    let session = session_of(script);
    let planned = session.plan(rollout, None);
    let errors = planned.problems.iter().any(|problem| problem.severity == Severity::Error);
    assert!(!errors, "{script} has problems:\n{}", plain(&planned.problems, &session.sources));
    planned.plan.unwrap()
}
