//! What a test expects is judged at the moment for which it is said, and over the whole way where it speaks of it.

#![expect(clippy::unwrap_used, reason = "what a test cannot do without ends it")]

use std::path::Path;
use std::sync::Arc;

use sunup::session::Session;
use sunup::simulate::try_test;
use sunup::world::MemoryWorld;

const HOSTS: &str = "name,region,site,role,timezone
web-1,japan,tokyo,web,UTC
web-2,japan,tokyo,web,UTC
web-3,asia,singapore,web,UTC
";

const SCRIPT: &str = r#"inventory "hosts.csv"
connect simulated
regions by region { window mon..sun 22:00-06:00 }
bulletin fix { package fix { install "patch"  uninstall "unpatch" } }
gate up per host { run "probe {host.name}"  within 5m }
team ops { members "ada"  may everything }
runbook patch { step install { run package.install  undo package.uninstall  takes 5m  timeout 1h  down } }
rollout may {
  apply fix with patch
  to    role == "web"
  start 2007-05-08 12:00 UTC
  guinea-pig first { region japan  batch 1 per site  gate up }
  wave rest { batch 1 per site  gate up  approve by ops within 8h else hold }
  on gate failed { rollback batch  hold region }
}
"#;

/// Whether each expectation of a test with these sentences is met.
fn judged(sentences: &str) -> Vec<bool> {
    let script = format!("{SCRIPT}test \"t\" {{\n{sentences}\n}}\n");
    let world = MemoryWorld::new().file("may.sunup", script).file("hosts.csv", HOSTS);
    let session = Session::load(&world, Path::new("may.sunup"));
    let planned = session.plan(None, None);
    assert!(planned.plan.is_some(), "{:#?}", planned.problems);
    let model = session.model.as_ref().unwrap();
    let trial = try_test(&Arc::new(planned.plan.unwrap()), &model.rollouts[0].targets, &model.tests[0]);
    trial.judged.iter().map(|judged| judged.is_met).collect()
}

#[test]
fn what_must_be_so_by_a_moment_is_judged_then() {
    // The window opens at 22:00; two batches of japan take until 22:10.
    let expect = "expect region japan not started by 2007-05-08 21:59 UTC
        expect region japan done by 2007-05-08 22:09 UTC
        expect region japan done by 2007-05-08 22:10 UTC
        expect region japan done within 10h10m
        expect host \"web-1\" down within 10h2m
        expect rollout done";
    assert_eq!(judged(expect), [true, false, true, true, true, true]);
}

#[test]
fn counts_are_asked_of_the_whole_way_and_states_of_one_moment() {
    let expect = "expect not more than 1 down in site
        expect more than 0 down in site
        expect hosts role == \"web\" not down
        expect gate up passed and gate up not failed
        expect ops told";
    assert_eq!(judged(expect), [true, true, true, true, true]);
}

#[test]
fn what_is_given_happens_where_and_when_it_is_said() {
    let failing = "given gate up fails at host \"web-2\"
        expect host \"web-2\" rolled back and host \"web-1\" done
        expect region japan held and region asia not started
        expect ops told";
    assert_eq!(judged(failing), [true, true, false]);
    let later = "given gate up fails when region asia started
        expect host \"web-3\" rolled back and region japan done";
    assert_eq!(judged(later), [true]);
    let lost = "given host \"web-1\" lost after 1h\n given host \"web-1\" back after 9h\n expect rollout done";
    assert_eq!(judged(lost), [true]);
    let stopped = "given \"ada\" holds region asia when region japan started
        expect region asia held and region asia not started
        expect rollout done or rollout held";
    assert_eq!(judged(stopped), [true, false]);
    assert_eq!(judged("given ops denies\n expect host \"web-3\" done and rollout not passed"), [true]);
}
