//! What made-up runs cost: the flagship simulated a thousand times and walked back and forth, and one run of a large fleet.
//! `cargo bench --bench simulate`; the number of hosts of the large fleet may follow `--`.

#![expect(clippy::disallowed_methods, reason = "a benchmark asks the clock and its arguments")]
#![expect(clippy::print_stdout, reason = "its figures are its result")]
#![expect(clippy::unwrap_used, reason = "what a benchmark cannot do without ends it")]

#[allow(dead_code, reason = "the other forms of a fleet are another benchmark's")]
mod fleet;

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use sunup::plan::Plan;
use sunup::session::Session;
use sunup::simulate::{Odds, Scenario, Simulation, Trials, Until, Walk, simulate};
use sunup::time::Duration;
use sunup::world::{MemoryWorld, RealWorld};

const ROUNDS: usize = 5;

fn main() {
    let hosts = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(1_000_000);
    let plan = flagship();
    let all = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    for workers in [NonZeroUsize::MIN, all] {
        let mut found = None;
        let seconds = median(|| found = Some(try_runs(&plan, 1_000, workers)));
        let found = found.unwrap();
        println!("flagship: 1000 runs, {} complete, {workers} threads: {seconds:.3} s", found.ends.complete);
    }
    walk(&plan);
    large(hosts);
}

/// With dice in it.
fn flagship() -> Arc<Plan> {
    let session = Session::load(&RealWorld, Path::new("examples/exchange-2007/rollout.sunup"));
    let mut plan = session.plan(None, None).plan.unwrap();
    for step in &mut plan.steps {
        step.takes_at_least = Some(Duration::from_seconds(step.takes.seconds() / 2));
        step.fails = 1.0;
    }
    plan.gates.iter_mut().for_each(|gate| gate.fails = 5.0);
    Arc::new(plan)
}

fn try_runs(plan: &Arc<Plan>, runs: usize, workers: NonZeroUsize) -> Simulation {
    let trials = Trials { runs, seed: 1, odds: Arc::new(Odds::of(plan)), workers };
    simulate(plan, Scenario::default(), &trials)
}

fn walk(plan: &Arc<Plan>) {
    let mut walk = Walk::start(plan, Scenario::default());
    let (mut slowest, mut moves) = (0.0f64, 0);
    loop {
        let begun = Instant::now();
        let more = walk.go_on();
        slowest = slowest.max(begun.elapsed().as_secs_f64());
        if more.is_none() {
            break;
        }
        moves += 1;
    }
    let (mut back, mut steps) = (0.0f64, 0);
    while walk.position() > 0 {
        let begun = Instant::now();
        walk.back(1);
        back = back.max(begun.elapsed().as_secs_f64());
        steps += 1;
    }
    println!("flagship: {moves} moments on, the slowest {:.3} ms", slowest * 1e3);
    println!("flagship: {steps} moments back one by one, the slowest {:.3} ms", back * 1e3);
}

fn large(hosts: usize) {
    let script = r#"
inventory "servers.csv"
connect simulated
regions by region { window mon..fri 22:00-06:00 }
team global { members "ops-lead"  may everything }
service all { hosts latitude < 90  keep at least 50% up per site }
bulletin B { package B { install "install"  uninstall "uninstall" } }
gate up per host { run "probe {host.name}"  every 30s  within 10m }
runbook patch {
  step drain   { run "drain"  undo "fill"  takes 5m }
  step install { run package.install  undo package.uninstall  takes 20m to 40m  fails 0.1%  retry 2  down }
  step reboot  { run "reboot"  takes 10m  down  needs no undo }
}
rollout all {
  apply B with patch
  to    latitude < 90
  start 2007-05-08 18:00 UTC
  guinea-pig lab { hosts one per region  soak 4h  gate up }
  wave world { regions following the sun  batch 10% of site  gate up }
}
"#;
    let csv = fleet::csv(&fleet::hosts(hosts));
    let world = MemoryWorld::new().file("all.sunup", script).file("servers.csv", csv);
    let session = Session::load(&world, Path::new("all.sunup"));
    let planned = session.plan(None, None);
    let plan = Arc::new(planned.plan.unwrap_or_else(|| panic!("{:#?}", planned.problems)));
    let mut found = None;
    let seconds = {
        let begun = Instant::now();
        found.replace(try_runs(&plan, 1, NonZeroUsize::MIN));
        begun.elapsed().as_secs_f64()
    };
    println!("{hosts} hosts: one run, {} complete: {seconds:.2} s", found.unwrap().ends.complete);
    let begun = Instant::now();
    let mut walk = Walk::start(&plan, Scenario::default());
    walk.until(&Until::End);
    println!("{hosts} hosts: a walk to the end in {} moments: {:.2} s", walk.position(), begun.elapsed().as_secs_f64());
}

fn median(mut work: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let begun = Instant::now();
            work();
            begun.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[ROUNDS / 2]
}
