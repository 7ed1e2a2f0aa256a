//! What a run costs beside its processes: 500 times `true` against a plain loop that starts and waits, in turn, and a
//! rehearsal's own cost a step. `cargo bench --bench run`.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark measures and tells"
)]

#[path = "../tests/run/plans.rs"]
#[allow(dead_code, reason = "shared with the tests")]
mod plans;

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::process::{WaitOptions, wait};
use sunup::engine::Outcome;
use sunup::model::{Action, Connection, Step};
use sunup::plan::Plan;
use sunup::run::{Controller, Rehearsal, Settings, Silent, StateFolder};

use plans::{Build, command, step};

const ROUNDS: usize = 9;
const HOSTS: usize = 500;
const AT_ONCE: usize = 64;
const STEPS: usize = 4;

fn main() {
    fan_out();
    rehearsal();
}

/// Every start and end in the journal, on disk, output captured.
fn fan_out() {
    let mut ratios = Vec::new();
    let (mut plain, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let limit = plain_loop();
        let run = real_run();
        ratios.push(limit.as_secs_f64() / run.as_secs_f64());
        plain.push(per_second(limit));
        ours.push(per_second(run));
    }
    println!("{HOSTS} commands, {AT_ONCE} at once, median (min – max) of {ROUNDS} rounds in turn");
    println!("  a plain loop        {} commands/s", spread(&mut plain, 0));
    println!("  a run, journal on   {} commands/s", spread(&mut ours, 0));
    println!("  ratio               {}", spread(&mut ratios, 2));
}

fn rehearsal() {
    let (mut simulated, mut local) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        simulated.push(a_step(rehearse(true)));
        let before = processor_time();
        rehearse(false);
        local.push(a_step(processor_time() - before));
    }
    println!("a rehearsal of {HOSTS} hosts with {STEPS} steps, its own cost in ms a step");
    println!("  hosts simulated     {} on the clock", spread(&mut simulated, 4));
    println!("  hosts local         {} of processor, starting the processes in it", spread(&mut local, 4));
}

fn plain_loop() -> Duration {
    let began = Instant::now();
    let mut under_way = 0;
    for _ in 0..HOSTS {
        if under_way == AT_ONCE {
            wait(WaitOptions::empty()).unwrap();
            under_way -= 1;
        }
        #[expect(clippy::zombie_processes, reason = "whichever ends next is waited for")]
        Command::new("/bin/true").stdin(Stdio::null()).spawn().unwrap();
        under_way += 1;
    }
    for _ in 0..under_way {
        wait(WaitOptions::empty()).unwrap();
    }
    began.elapsed()
}

fn real_run() -> Duration {
    let folder = tempfile::tempdir().unwrap();
    let state = StateFolder::open(folder.path().join("state")).unwrap();
    let plan = plan(folder.path(), 1);
    let controller = Controller::begin(&state, plan, "bench", settings()).unwrap();
    timed(controller)
}

fn rehearse(all_simulated: bool) -> Duration {
    let folder = tempfile::tempdir().unwrap();
    let state = StateFolder::open(folder.path().join("state")).unwrap();
    let rehearsal = Rehearsal { all_simulated, ..Rehearsal::default() };
    let controller = Controller::rehearse(&state, plan(folder.path(), STEPS), "bench", rehearsal, settings()).unwrap();
    timed(controller)
}

fn timed(controller: Controller) -> Duration {
    let began = Instant::now();
    let end = controller.carry_on(&mut Silent).unwrap();
    let lasted = began.elapsed();
    assert_eq!(end.outcome, Some(Outcome::Complete));
    lasted
}

fn plan(folder: &std::path::Path, steps: usize) -> Arc<Plan> {
    let steps: Vec<Step> = (0..steps)
        .map(|number| Step { run: Action::Command(command(&["/bin/true"])), ..step(&format!("step-{number}")) })
        .collect();
    let hosts: Vec<String> = (0..HOSTS).map(|number| format!("host-{number}")).collect();
    let built = Build::new(folder, &steps).wave("asia", &hosts.join(" ")).connected(Some(Connection::Local));
    Arc::new(built.plan)
}

fn settings() -> Settings {
    Settings { at_once: AT_ONCE, ..Settings::default() }
}

/// Ours, our children's not in it; in steps of 10 ms.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let ticks = stat.rsplit_once(") ").unwrap().1.split(' ').skip(11).take(2);
    Duration::from_millis(ticks.map(|ticks| ticks.parse::<u64>().unwrap() * 10).sum())
}

fn a_step(lasted: Duration) -> f64 {
    lasted.as_secs_f64() * 1_000.0 / (HOSTS * STEPS) as f64
}

fn per_second(lasted: Duration) -> f64 {
    HOSTS as f64 / lasted.as_secs_f64()
}

fn spread(values: &mut [f64], digits: usize) -> String {
    values.sort_by(f64::total_cmp);
    let (first, middle, last) = (values[0], values[values.len() / 2], values[values.len() - 1]);
    format!("{middle:.digits$} ({first:.digits$} – {last:.digits$})")
}
