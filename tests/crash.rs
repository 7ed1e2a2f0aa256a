//! A controller killed with SIGKILL at many moments of a real run, and what `resume` makes of it. The controller is this
//! program itself, started again as a process of its own; so it is run without the usual harness.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "starts and kills controllers, and looks at what their processes left behind"
)]

#[path = "run/plans.rs"]
#[allow(dead_code, reason = "shared with the other tests of runs")]
mod plans;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sunup::engine::{Event, HostState, Outcome};
use sunup::run::{Controller, History, RunFault, Settings, Silent, StateFolder};

use plans::{Build, done, furnish, gate, probe, step, verified};

const KILLS: u32 = 24;
const HOSTS: [&str; 8] = ["a1", "a2", "a3", "a4", "b1", "b2", "b3", "b4"];

fn main() -> ExitCode {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return controller(Path::new(&folder));
    }
    killed_at_many_moments();
    a_process_that_outlives_its_controller_is_waited_for();
    a_journal_that_cannot_grow_stops_the_run_and_loses_nothing();
    println!("crash: all as it should be");
    ExitCode::SUCCESS
}

/// Says to this program that it is the controller, and where.
const FOLDER: &str = "SUNUP_TEST_FOLDER";

/// Carries on the run in the folder, or begins one.
fn controller(folder: &Path) -> ExitCode {
    let state = StateFolder::open(folder.join("state")).unwrap();
    let controller = match Controller::resume(&state, None, Settings::default()) {
        Err(RunFault::NoRun) => Controller::begin(&state, Arc::new(plan(folder).plan), "ops", Settings::default()),
        other => other,
    };
    match controller.and_then(|controller| controller.carry_on(&mut Silent)) {
        Ok(end) if end.outcome == Some(Outcome::Complete) => ExitCode::SUCCESS,
        Ok(end) => {
            println!("{end:?}");
            ExitCode::from(3)
        }
        Err(fault) => {
            println!("{fault}");
            ExitCode::FAILURE
        }
    }
}

fn plan(folder: &Path) -> Build {
    let steps = match folder.join("unverified").exists() {
        true => vec![step("stop"), step("patch")],
        false => vec![verified("stop"), verified("patch")],
    };
    let (first, second) = (HOSTS[..4].join(" "), format!("{}, {}", HOSTS[4..6].join(" "), HOSTS[6..].join(" ")));
    Build::new(folder, &steps).gate(gate("up", probe())).wave("asia", &first).wave("europe", &second)
}

/// No step twice, no host lost, whatever the moment; the journal is whole each time.
fn killed_at_many_moments() {
    let whole = {
        let (_place, folder) = field();
        let began = Instant::now();
        assert!(start(&folder, "").wait().unwrap().success());
        check(&folder, "not killed");
        began.elapsed()
    };
    let mut interrupted = 0;
    for kill in 0..KILLS {
        let (_place, folder) = field();
        let mut child = start(&folder, "");
        std::thread::sleep(whole * kill / KILLS);
        // One that is through already cannot be killed any more.
        let _ = child.kill();
        if !child.wait().unwrap().success() && !is_complete(&folder) {
            interrupted += 1;
            let resumed = start(&folder, "").wait_with_output().unwrap();
            assert!(resumed.status.success(), "kill {kill}: {}", String::from_utf8_lossy(&resumed.stdout));
        }
        check(&folder, &format!("kill {kill} of {KILLS}"));
    }
    assert!(interrupted >= KILLS / 3, "only {interrupted} of {KILLS} were killed in time");
    println!("crash: killed {interrupted} times, no step twice, no host lost");
}

fn check(folder: &Path, when: &str) {
    for host in HOSTS {
        assert_eq!(done(folder, host), ["run stop", "run patch"], "{host}, {when}");
    }
}

/// Without a verify nobody can tell: the host is put to a person, and nothing is run again.
fn a_process_that_outlives_its_controller_is_waited_for() {
    let (_place, folder) = field();
    std::fs::write(folder.join("unverified"), "").unwrap();
    std::fs::write(folder.join("slow-run-a1"), "2").unwrap();
    let mut child = start(&folder, "");
    until(|| done(&folder, "a2").len() == 2);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(done(&folder, "a1"), [""; 0]);
    let resumed = start(&folder, "").wait_with_output().unwrap();
    assert_eq!(resumed.status.code(), Some(3), "{}", String::from_utf8_lossy(&resumed.stdout));
    // It had ended before it was called lost.
    assert_eq!(done(&folder, "a1"), ["run stop"]);
    // Others may have been lost in the same moment; they are not run again either.
    let history = history(&folder);
    assert!(history.events.iter().any(|event| matches!(event.event, Event::TaskLost { .. })));
    assert!(HOSTS.iter().all(|host| done(&folder, host).len() <= 2));
    assert_eq!(history.engine().host(plan(&folder).host("a1")), HostState::Unknown { step: 0 });
}

/// A limit on the size of files does what a full disk does.
fn a_journal_that_cannot_grow_stops_the_run_and_loses_nothing() {
    let mut stopped = 0;
    // In blocks of 512 bytes: more than the empty tables take, fewer than the run writes.
    for blocks in [180, 220, 260, 300, 340] {
        let (_place, folder) = field();
        let limited = start(&folder, &format!("trap '' XFSZ; ulimit -f {blocks}; ")).wait_with_output().unwrap();
        if !limited.status.success() {
            stopped += 1;
            let said = String::from_utf8_lossy(&limited.stdout).into_owned();
            assert!(said.starts_with("the state in `"), "{blocks}: {said}");
        }
        assert!(start(&folder, "").wait().unwrap().success(), "{blocks}");
        check(&folder, &format!("{blocks} blocks"));
    }
    assert!(stopped >= 2, "the limit stopped only {stopped}");
    println!("crash: stopped {stopped} times by a journal that could not grow, nothing lost");
}

fn field() -> (tempfile::TempDir, PathBuf) {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().to_owned();
    furnish(&folder);
    for host in HOSTS {
        std::fs::write(folder.join(format!("slow-run-{host}")), "0.03").unwrap();
    }
    (place, folder)
}

/// The controller, after what the shell does first.
fn start(folder: &Path, first: &str) -> Child {
    let us = std::env::current_exe().unwrap();
    Command::new("sh")
        .args(["-c", &format!("{first}exec \"$0\"")])
        .arg(us)
        .env(FOLDER, folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Whether all was on disk before the kill.
fn is_complete(folder: &Path) -> bool {
    let state = StateFolder::open(folder.join("state")).unwrap();
    History::read(&state, None).is_ok_and(|history| history.summary.outcome == Some(Outcome::Complete))
}

fn history(folder: &Path) -> History {
    History::read(&StateFolder::open(folder.join("state")).unwrap(), None).unwrap()
}

fn until(holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(60), "it never came true");
        std::thread::sleep(Duration::from_millis(10));
    }
}
