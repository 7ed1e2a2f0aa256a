//! What `explore` leaves out makes no difference: on small rollouts it finds the same faults, with as few mishaps, as a
//! walk that tells every host and every order of regions apart.

#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "how many to compare, and how many were")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use sunup::plan::Plan;
use sunup::session::Session;
use sunup::simulate::{Bounds, Exploration, Wrong, explore};
use sunup::world::MemoryWorld;

const HOSTS: &str = "name,region,site,role,tier,timezone
web-tyo-1,japan,tokyo,web,front,Asia/Tokyo
web-tyo-2,japan,tokyo,web,front,Asia/Tokyo
web-sin-1,asia,singapore,web,front,Asia/Singapore
web-sin-2,asia,singapore,web,front,Asia/Singapore
";

const MANY_HOSTS: &str = "name,region,site,role,tier,timezone
web-tyo-1,japan,tokyo,web,back,Asia/Tokyo
web-sin-1,asia,singapore,web,front,Asia/Singapore
web-sin-2,asia,singapore,web,front,Asia/Singapore
web-lon-1,europe,london,web,back,Europe/London
";

/// Regions one after the other and together, with and without a soak and an approval.
const STAGES: [&str; 4] = [
    "wave all { REGIONS  batch 1 per site  gate up }",
    "wave all { REGIONS  batch 100% of site  gate up }",
    "wave all { regions together  batch 1 per site  gate up, all-up }",
    "guinea-pig first { region japan  soak 1h  gate up  approve by ops within 4h else hold }
     wave rest { REGIONS  at most 1 at once per site  gate up }",
];

const RULES: [&str; 5] = [
    "",
    "on gate failed { rollback batch  hold region }",
    "on more than 20% failed in region { rollback region }",
    "on step install failed { hold region }  on 2 regions held { hold rollout }",
    "on gate failed { hold site }  on more than 1 failed in rollout { rollback rollout }",
];

const STEPS: [&str; 4] = [
    "step install { run package.install  undo package.uninstall  takes 5m  down }",
    "step install { run package.install  undo package.uninstall  takes 5m  down  verify \"installed\" }
     step mark { run \"mark\"  cannot be undone  takes 1m }",
    "step drain { run \"drain\"  undo \"fill\"  takes 2m }
     step install { run package.install  undo package.uninstall  takes 5m  down  retry 1 }",
    "step install { run package.install  undo package.uninstall  takes 5m }",
];

const TEAMS: [&str; 3] = [
    "team ops { members \"ada\"  may everything }",
    "team ops { members \"ada\"  may approve, hold }",
    "team ops { members \"ada\"  may approve }  team east { members \"bo\"  may hold, resume in region japan }",
];

const CLAIMS: [&str; 5] = [
    "",
    "never more than 1 down in site",
    "always service web kept  never region asia rolled back",
    "never rollout passed and more than 0 failed in region",
    "never rollout held and region asia started",
];

struct Case {
    script: String,
    hosts: &'static str,
    failures: u8,
}

#[test]
fn what_is_left_out_makes_no_difference() {
    let (mut compared, mut reduced, mut full, mut faults) = (0, 0, 0, BTreeMap::<&str, usize>::new());
    // `EVERY_NTH=1` compares all of them, which takes minutes.
    for Case { script, hosts, failures } in cases().into_iter().step_by(every_nth()) {
        let Some(plan) = plan_of(&script, hosts) else { continue };
        let bounds = Bounds { failures, states: 60_000, ..Bounds::default() };
        let quick = explore(&plan, bounds);
        let slow = explore(&plan, Bounds { tells_all_apart: true, ..bounds });
        if !slow.is_exhausted {
            continue;
        }
        assert!(quick.is_exhausted);
        assert_eq!(wrongs(&quick), wrongs(&slow), "{failures} mishaps in\n{script}");
        let meets_all = |found: &Exploration| found.outcomes.met() == found.outcomes.count();
        assert_eq!(meets_all(&quick), meets_all(&slow), "{failures} mishaps in\n{script}");
        (compared, reduced, full) = (compared + 1, reduced + quick.states, full + slow.states);
        for finding in &slow.findings {
            *faults.entry(kind(&finding.wrong)).or_default() += 1;
        }
    }
    println!("{compared} rollouts, {reduced} states for {full}; {faults:?}");
    assert!(compared > 40 && reduced < full, "{compared} rollouts, {reduced} states for {full}");
    assert!(faults.len() == 3 && faults.values().all(|count| *count > 3), "{faults:?}");
}

fn every_nth() -> usize {
    std::env::var("EVERY_NTH").ok().and_then(|text| text.parse().ok()).unwrap_or(11)
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for stages in STAGES {
        for rules in RULES {
            for steps in STEPS {
                for (teams, claims) in TEAMS.iter().flat_map(|teams| CLAIMS.map(|claims| (teams, claims))) {
                    let is_wide = cases.len() % 2 == 1;
                    let failures = if cases.len() % 3 == 0 { 2 } else { 1 };
                    let script = script(stages, rules, steps, teams, claims, is_wide);
                    cases.push(Case { script, hosts: if is_wide { MANY_HOSTS } else { HOSTS }, failures });
                }
            }
        }
    }
    cases
}

fn kind(wrong: &Wrong) -> &'static str {
    match wrong {
        Wrong::Property(_) => "property",
        Wrong::Budget(_) => "budget",
        Wrong::Stuck(_) => "stuck",
    }
}

/// Each fault with the fewest mishaps that lead to it. Where a run is stuck, why may be told in other words.
fn wrongs(found: &Exploration) -> BTreeMap<String, u8> {
    let mut wrongs = BTreeMap::new();
    for finding in &found.findings {
        let what = match &finding.wrong {
            Wrong::Stuck(_) => "stuck".to_owned(),
            wrong => format!("{wrong:?}"),
        };
        let mishaps = wrongs.entry(what).or_insert(u8::MAX);
        *mishaps = finding.story.mishaps.min(*mishaps);
    }
    wrongs
}

fn script(stages: &str, rules: &str, steps: &str, teams: &str, claims: &str, is_wide: bool) -> String {
    let stages = stages.replace(
        "REGIONS",
        if is_wide { "regions in order japan, asia, europe" } else { "regions in order japan, asia" },
    );
    format!(
        r#"inventory "hosts.csv"
connect simulated
regions by region {{ window mon..sun 22:00-06:00 }}
bulletin fix {{ package fix {{ install "patch"  uninstall "unpatch" }} }}
gate up per host {{ run "probe {{host.name}}"  within 5m }}
gate all-up per region {{ run "probe-all {{region.name}}"  within 5m }}
service web {{ hosts tier == "front"  keep at least 1 up per site }}
{teams}
runbook patch {{ {steps} }}
rollout may {{
  apply fix with patch
  to    role == "web"
  start 2007-05-08 12:00 UTC
  {stages}
  {rules}
  {claims}
}}
"#
    )
}

/// None where the checker refuses it.
fn plan_of(script: &str, hosts: &str) -> Option<Arc<Plan>> {
    let world = MemoryWorld::new().file("may.sunup", script).file("hosts.csv", hosts);
    let session = Session::load(&world, Path::new("may.sunup"));
    let planned = session.plan(None, None);
    planned.plan.map(Arc::new)
}
