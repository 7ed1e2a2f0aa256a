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

const HOSTS: [&str; 8] = ["a1", "a2", "a3", "a4", "b1", "b2", "b3", "b4"];

/// Each step adds a line to the file of its host, after a while. The hosts of Europe count how many of them are busy with more than
/// fetching, which is done ahead and everywhere at once.
const CHANGE: &str = r#"#!/bin/sh
case "$SUNUP_HOST$SUNUP_STEP" in
  *fetch) ;;
  b*) : > "busy/$SUNUP_HOST"; ls busy | wc -l >> crowds ;;
esac
sleep "$(cat "slow-$SUNUP_HOST" 2>/dev/null || echo 0.03)"
echo "$SUNUP_ACTION $SUNUP_STEP" >> "hosts/$SUNUP_HOST"
rm -f "busy/$SUNUP_HOST"
"#;

const VERIFY: &str = r#"#!/bin/sh
[ "$(tail -n 1 "hosts/$SUNUP_HOST" 2>/dev/null)" = "run $SUNUP_STEP" ]
"#;

/// What is run, and what of it has to be done to each host, once.
#[derive(Clone)]
struct Case {
    steps: &'static str,
    world: &'static str,
    items: &'static str,
    /// Those that only some hosts have are left out on the others.
    done: &'static [&'static str],
    /// Of the hosts of Europe.
    most_at_once: usize,
}

const PLAIN: Case = Case {
    steps: "step stop { run \"change\" undo \"change\" VERIFY down }
            step patch { run package.install undo \"change\" VERIFY down }",
    world: "batch 2 per site",
    items: "",
    done: &["run stop", "run patch"],
    most_at_once: 2,
};

const SLIDING: Case = Case { world: "at most 2 at once", ..PLAIN };

const AHEAD: Case = Case {
    steps: "step fetch { run \"change\" undo \"change\" VERIFY ahead }
            step patch { run package.install undo \"change\" VERIFY down }",
    done: &["run fetch", "run patch"],
    ..PLAIN
};

const LIFT: Case = Case {
    steps: "step patch { run package.install undo \"change\" VERIFY down }
            step tidy { lift relay-off VERIFY down }",
    items: "workaround relay-off { for KB1 hosts STOPGAP install \"change\" uninstall \"change\" }",
    done: &["run patch", "run tidy"],
    ..PLAIN
};

const REFINED: Case = Case {
    world: "batch 4",
    items: "refine may in region europe { batch 1 gate there }
            gate there per site { run \"true\" }",
    most_at_once: 1,
    ..PLAIN
};

const ALL_AT_ONCE: Case = Case {
    steps: "step fetch { run \"change\" undo \"change\" VERIFY ahead }
            step patch { run package.install undo \"change\" VERIFY down }
            step tidy { lift relay-off VERIFY down }",
    world: "at most 3 at once",
    items: "workaround relay-off { for KB1 hosts STOPGAP install \"change\" uninstall \"change\" }
            refine may in region europe { at most 2 at once per site gate there }
            gate there per site { run \"true\" }",
    done: &["run fetch", "run patch", "run tidy"],
    most_at_once: 2,
};

impl Case {
    /// `verify` is what the steps say of it.
    fn script(&self, verify: &str) -> String {
        let script = format!(
            r#"
inventory "servers.csv"
connect local {{ path "tools" }}
regions by region {{ }}
bulletin KB1 {{ package kb1 where product == "mail" {{ install "change" }} }}
gate up per host {{ run "true" }}
runbook patch {{ {} }}
rollout may {{
  apply KB1 with patch
  to product == "mail"
  guinea-pig first {{ region asia gate up }}
  wave world {{ {} gate up }}
}}
{}
"#,
            self.steps, self.world, self.items
        );
        script.replace("VERIFY", verify).replace("STOPGAP", r#"stopgap == "yes""#)
    }

    /// Every other host has the workaround.
    fn done(&self, host: &str) -> Vec<&str> {
        let is_here = |done: &&str| *done != "run tidy" || has_workaround(host);
        self.done.iter().copied().filter(is_here).collect()
    }
}

fn has_workaround(host: &str) -> bool {
    host.ends_with(['1', '3'])
}

#[test]
fn killed_at_any_moment_a_run_goes_on_where_it_was() {
    kill_at_many_moments(&PLAIN, 24);
}

#[test]
fn killed_at_any_moment_a_window_of_hosts_goes_on_sliding() {
    kill_at_many_moments(&SLIDING, 16);
}

#[test]
fn killed_at_any_moment_what_was_done_ahead_is_not_done_again() {
    kill_at_many_moments(&AHEAD, 16);
}

#[test]
fn killed_at_any_moment_a_workaround_is_lifted_once_and_only_where_it_is() {
    kill_at_many_moments(&LIFT, 16);
}

#[test]
fn killed_at_any_moment_a_region_stays_as_its_team_refined_it() {
    kill_at_many_moments(&REFINED, 16);
}

#[test]
fn killed_at_any_moment_all_of_these_go_together() {
    kill_at_many_moments(&ALL_AT_ONCE, 16);
}

/// No step twice, no host lost, never more hosts at once than may be, whatever the moment; the journal is whole each time.
fn kill_at_many_moments(case: &Case, kills: u32) {
    let mut whole = {
        let place = Place::of(case, "verify \"verify\"");
        let began = Instant::now();
        let ran = place.sunup(&["run", "may.sunup"]).output().unwrap();
        assert!(ran.status.success(), "{}", said(&ran));
        place.check("not killed");
        began.elapsed()
    };
    let mut interrupted = 0;
    for kill in 0..kills {
        let place = Place::of(case, "verify \"verify\"");
        let mut child = place.start();
        let lives_for = whole * kill / kills;
        std::thread::sleep(lives_for);
        // One that is through already cannot be killed any more.
        let _ = child.kill();
        child.wait().unwrap();
        match place.history().map(|history| history.summary.outcome) {
            // The machine was busier when the first was measured.
            Some(Some(Outcome::Complete)) => whole = whole.min(lives_for),
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
        place.check(&format!("kill {kill} of {kills}"));
    }
    assert!(interrupted >= kills / 3, "only {interrupted} of {kills} were killed in time");
}

/// Without a verify nobody can tell: the host is put to a person, and nothing is run again.
#[test]
fn a_process_that_outlives_its_controller_is_waited_for() {
    let place = Place::of(&PLAIN, "");
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
        let place = Place::of(&PLAIN, "verify \"verify\"");
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
    case: Case,
}

impl Place {
    fn of(case: &Case, verify: &str) -> Place {
        let place = Place { folder: tempfile::tempdir().unwrap(), case: case.clone() };
        for folder in ["hosts", "tools", "busy"] {
            std::fs::create_dir(place.path(folder)).unwrap();
        }
        for (name, program) in [("tools/change", CHANGE), ("tools/verify", VERIFY)] {
            place.write(name, program);
            std::fs::set_permissions(place.path(name), std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        let row = |host: &&str| {
            let region = if host.starts_with('a') { "asia" } else { "europe" };
            format!("{host},{region},{region}-1,UTC,mail,{}\n", if has_workaround(host) { "yes" } else { "no" })
        };
        let rows: String = HOSTS.iter().map(row).collect();
        place.write("servers.csv", &format!("name,region,site,timezone,product,stopgap\n{rows}"));
        place.write("may.sunup", &case.script(verify));
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
            assert_eq!(self.done(host), self.case.done(host), "{host}, {when}");
        }
        let crowds = std::fs::read_to_string(self.path("crowds")).unwrap();
        let most = crowds.lines().map(|crowd| crowd.trim().parse::<usize>().unwrap()).max();
        assert!(most <= Some(self.case.most_at_once), "{most:?} of Europe at once, {when}");
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
