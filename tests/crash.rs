//! `sunup run` killed with SIGKILL at many moments, and what `sunup resume` makes of it.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "starts and kills the command, and looks at what its processes left behind"
)]

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use sunup::engine::{Event, HostState, Outcome};
use sunup::run::{History, StateFolder};

const KILLS: u32 = 24;
const HOSTS: [&str; 8] = ["a1", "a2", "a3", "a4", "b1", "b2", "b3", "b4"];
const EACH_ONCE: [&str; 2] = ["run stop", "run patch"];

/// Each step adds a line to the file of its host, after a while.
const CHANGE: &str = r#"#!/bin/sh
sleep "$(cat "slow-$SUNUP_HOST" 2>/dev/null || echo 0.03)"
echo "$SUNUP_ACTION $SUNUP_STEP" >> "hosts/$SUNUP_HOST"
"#;

const VERIFY: &str = r#"#!/bin/sh
[ "$(tail -n 1 "hosts/$SUNUP_HOST" 2>/dev/null)" = "run $SUNUP_STEP" ]
"#;

const SCRIPT: &str = r#"
inventory "servers.csv"
connect local { path "tools" }
regions by region { }
bulletin KB1 { package kb1 where product == "mail" { install "change" } }
gate up per host { run "true" }
runbook patch {
  step stop  { run "change" undo "change" VERIFY down }
  step patch { run package.install undo "change" VERIFY down }
}
rollout may {
  apply KB1 with patch
  to product == "mail"
  guinea-pig first { region asia gate up }
  wave world { batch 2 per site gate up }
}
"#;

/// No step twice, no host lost, whatever the moment; the journal is whole each time.
#[test]
fn killed_at_any_moment_a_run_goes_on_where_it_was() {
    let whole = {
        let place = Place::new("verify \"verify\"");
        let began = Instant::now();
        let ran = place.sunup(&["run", "may.sunup"]).output().unwrap();
        assert!(ran.status.success(), "{}", said(&ran));
        place.check("not killed");
        began.elapsed()
    };
    let mut interrupted = 0;
    for kill in 0..KILLS {
        let place = Place::new("verify \"verify\"");
        let mut child = place.start();
        std::thread::sleep(whole * kill / KILLS);
        // One that is through already cannot be killed any more.
        let _ = child.kill();
        child.wait().unwrap();
        match place.history().map(|history| history.summary.outcome) {
            Some(Some(Outcome::Complete)) => {}
            Some(_) => {
                interrupted += 1;
                let resumed = place.sunup(&["resume"]).output().unwrap();
                assert!(resumed.status.success(), "kill {kill}: {}", said(&resumed));
            }
            // It had not begun, so that there is nothing to go on with.
            None => {
                let resumed = place.sunup(&["resume"]).output().unwrap();
                assert_eq!(resumed.status.code(), Some(1), "kill {kill}: {}", said(&resumed));
                assert!(place.sunup(&["run", "may.sunup"]).output().unwrap().status.success(), "kill {kill}");
            }
        }
        place.check(&format!("kill {kill} of {KILLS}"));
    }
    assert!(interrupted >= KILLS / 3, "only {interrupted} of {KILLS} were killed in time");
}

/// Without a verify nobody can tell: the host is put to a person, and nothing is run again.
#[test]
fn a_process_that_outlives_its_controller_is_waited_for() {
    let place = Place::new("");
    place.write("slow-a1", "2");
    let mut child = place.start();
    until(|| place.done("a2").len() == 2);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(place.done("a1"), [""; 0]);
    let resumed = place.sunup(&["resume"]).output().unwrap();
    assert_eq!(resumed.status.code(), Some(3), "{}", said(&resumed));
    // It had ended before it was called lost.
    assert_eq!(place.done("a1"), ["run stop"]);
    // Others may have been lost in the same moment; they are not run again either.
    let history = place.history().unwrap();
    assert!(history.events.iter().any(|event| matches!(event.event, Event::TaskLost { .. })));
    assert!(HOSTS.iter().all(|host| place.done(host).len() <= 2));
    let first = history.plan().hosts.iter().position(|host| &*host.name == "a1").unwrap();
    let state = history.engine().host(sunup::plan::HostIdx(first as u32));
    assert_eq!(state, HostState::Unknown { step: 0 });
}

/// A limit on the size of files does what a full disk does.
#[test]
fn a_journal_that_cannot_grow_stops_the_run_and_loses_nothing() {
    let mut stopped = 0;
    // In blocks of 512 bytes: more than the empty tables take, fewer than the run writes.
    for blocks in [180, 220, 260, 300, 340] {
        let place = Place::new("verify \"verify\"");
        let limited = place.sunup(&["run", "may.sunup"]);
        let first = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" run may.sunup");
        let limited = place.shell(&first, limited.get_program()).output().unwrap();
        if !limited.status.success() {
            stopped += 1;
            assert_eq!(limited.status.code(), Some(1), "{blocks}: {}", said(&limited));
            assert!(said(&limited).contains("E0904"), "{blocks}: {}", said(&limited));
            let resumed = place.sunup(&["resume"]).output().unwrap();
            assert!(resumed.status.success(), "{blocks}: {}", said(&resumed));
        }
        place.check(&format!("{blocks} blocks"));
    }
    assert!(stopped >= 2, "the limit stopped only {stopped}");
}

/// A script with its inventory and programs, and a state folder of its own.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    /// `verify` is what the steps say of it.
    fn new(verify: &str) -> Place {
        let place = Place { folder: tempfile::tempdir().unwrap() };
        for folder in ["hosts", "tools"] {
            std::fs::create_dir(place.path(folder)).unwrap();
        }
        for (name, program) in [("tools/change", CHANGE), ("tools/verify", VERIFY)] {
            place.write(name, program);
            std::fs::set_permissions(place.path(name), std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        let row =
            |host: &&str| format!("{host},{},x,UTC,mail\n", if host.starts_with('a') { "asia" } else { "europe" });
        let rows: String = HOSTS.iter().map(row).collect();
        place.write("servers.csv", &format!("name,region,site,timezone,product\n{rows}"));
        place.write("may.sunup", &SCRIPT.replace("VERIFY", verify));
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn sunup(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sunup"));
        command.args(arguments);
        self.dress(command)
    }

    /// `$0` in the script is the program.
    fn shell(&self, script: &str, program: &std::ffi::OsStr) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]).arg(program);
        self.dress(command)
    }

    fn dress(&self, mut command: Command) -> Command {
        command.current_dir(self.folder.path()).env("SUNUP_STATE", self.path("state")).stdin(Stdio::null());
        command
    }

    fn start(&self) -> Child {
        self.sunup(&["run", "may.sunup"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// What was done to a host, in order.
    fn done(&self, host: &str) -> Vec<String> {
        let text = std::fs::read_to_string(self.path("hosts").join(host)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    fn check(&self, when: &str) {
        for host in HOSTS {
            assert_eq!(self.done(host), EACH_ONCE, "{host}, {when}");
        }
        assert_eq!(self.history().map(|history| history.summary.outcome), Some(Some(Outcome::Complete)), "{when}");
    }

    fn history(&self) -> Option<History> {
        History::read(&StateFolder::existing(self.path("state"))?, None).ok()
    }
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn until(holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(60), "it never came true");
        std::thread::sleep(Duration::from_millis(10));
    }
}
