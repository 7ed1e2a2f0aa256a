//! What every driver must do, the fake too; and what one that starts processes must do besides.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "looks at what the processes left behind, and at the clock"
)]

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use sunup::engine::StepResult;
use sunup::run::{Captured, Cutoff, Driver, Ended, Local, Order, Simulated};
use sunup::time::Duration as Length;

#[test]
fn every_driver_ends_what_succeeds_with_success() {
    let folder = tempfile::tempdir().unwrap();
    let (local, simulated) = (local(folder.path()), Simulated);
    for driver in [&local as &dyn Driver, &simulated] {
        assert_eq!(perform(driver, &order(&["true"])).result, Some(StepResult::Succeeded), "{driver:?}");
        // Twice is like once.
        assert_eq!(perform(driver, &order(&["true"])).result, Some(StepResult::Succeeded), "{driver:?}");
    }
}

#[test]
fn every_driver_takes_whatever_arguments_there_are() {
    let folder = tempfile::tempdir().unwrap();
    let (local, simulated) = (local(folder.path()), Simulated);
    let long = "x".repeat(100_000);
    for driver in [&local as &dyn Driver, &simulated] {
        let odd = order(&["true", "", " ", "-rf", "$(id)", "`id`", "{{7*7}}", "\u{1b}[2J", "a\nb", "🐹", &long]);
        assert_eq!(perform(driver, &odd).result, Some(StepResult::Succeeded), "{driver:?}");
    }
}

#[test]
fn every_driver_may_be_used_by_many_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (local, simulated) = (local(folder.path()), Simulated);
    for driver in [&local as &dyn Driver, &simulated] {
        std::thread::scope(|scope| {
            let all: Vec<_> = (0..20).map(|_| scope.spawn(|| perform(driver, &order(&["true"])))).collect();
            for one in all {
                assert_eq!(one.join().unwrap().result, Some(StepResult::Succeeded));
            }
        });
    }
}

#[test]
fn every_driver_comes_back_soon_when_it_is_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let (local, simulated) = (local(folder.path()), Simulated);
    for driver in [&local as &dyn Driver, &simulated] {
        let cutoff = Cutoff::default();
        cutoff.pull();
        let began = Instant::now();
        let ended = driver.perform(&order(&["sleep", "30"]), &cutoff);
        assert!(began.elapsed() < Duration::from_secs(5), "{driver:?}");
        // Who is cut off does not claim to know how it ended; the fake is done before anybody can pull.
        assert_eq!(ended.result.is_none(), !driver.is_instant(), "{driver:?}");
    }
}

#[test]
fn an_exit_code_and_the_last_line_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let ended = perform(&local(folder.path()), &shell("echo first; echo 'no room on disk' >&2; exit 3"));
    assert_eq!(failed(&ended), "exit code 3: no room on disk");
    assert_eq!(printed(&ended.output), "first\nno room on disk\n");
    assert_eq!(failed(&perform(&local(folder.path()), &shell("exit 255"))), "exit code 255");
}

#[test]
fn a_signal_is_told() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(failed(&perform(&local(folder.path()), &shell("kill -9 $$"))), "killed by signal 9");
}

#[test]
fn what_cannot_be_started_says_why() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("notes"), "no program").unwrap();
    let driver = local(folder.path());
    let why = |arguments: &[&str]| not_started(&perform(&driver, &order(arguments))).to_owned();
    assert_eq!(why(&["no-such-program-here"]), "there is no program `no-such-program-here` in PATH");
    assert!(why(&["./absent"]).starts_with("there is no program `./absent` (seen from `"));
    assert_eq!(why(&["./notes"]), "`./notes` is not a program: it may not be executed");
    assert_eq!(why(&[]), "the command has no program");
    assert_eq!(why(&[""]), "the command has no program");
    assert!(why(&["true", "a\0b"]).starts_with("`true` cannot be started: "));
    let gone = Local::new(folder.path().join("gone"), None);
    assert!(not_started(&perform(&gone, &order(&["true"]))).starts_with("`true` cannot be started: "));
}

#[test]
fn at_its_limit_a_process_is_asked_to_end_and_then_ended() {
    let folder = tempfile::tempdir().unwrap();
    let limit = Length::from_seconds(1);
    for (script, within) in [("sleep 30", 2), ("trap '' TERM; while true; do sleep 0.1; done", 4)] {
        let began = Instant::now();
        let ended = perform(&local(folder.path()), &Order { limit, ..shell(script) });
        assert_eq!(ended.result, Some(StepResult::TimedOut), "{script}");
        assert!(began.elapsed() >= Duration::from_secs(1), "{script}");
        assert!(began.elapsed() < Duration::from_secs(within), "{script}: {:?}", began.elapsed());
    }
}

#[test]
fn at_its_limit_nobody_of_the_group_stays_behind() {
    let folder = tempfile::tempdir().unwrap();
    let limit = Length::from_seconds(1);
    let script = "sh -c \"trap '' TERM; echo \\$\\$ > child; exec sleep 30\" & sleep 30";
    let ended = perform(&local(folder.path()), &Order { limit, ..shell(script) });
    assert_eq!(ended.result, Some(StepResult::TimedOut));
    std::thread::sleep(Duration::from_millis(100));
    let child = process_in(&folder.path().join("child"));
    assert!(!is_alive(&child), "{child} lives");
}

#[test]
fn a_process_that_asks_for_input_gets_none() {
    let folder = tempfile::tempdir().unwrap();
    let ended = perform(&local(folder.path()), &shell("read answer || echo nothing to read"));
    assert_eq!(printed(&ended.output), "nothing to read\n");
}

#[test]
fn a_process_that_closes_its_output_early_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let ended = perform(&local(folder.path()), &shell("echo bye; exec >&- 2>&-; sleep 0.5; echo end > end; exit 4"));
    assert_eq!(failed(&ended), "exit code 4: bye");
    assert!(folder.path().join("end").exists());
}

#[test]
fn a_million_lines_do_not_eat_memory() {
    let folder = tempfile::tempdir().unwrap();
    let script = "i=0; while [ $i -lt 1000 ]; do i=$((i+1)); cat block; done; echo the end";
    let block: String = (0..1000).map(|line| format!("line {line} of a thousand\n")).collect();
    std::fs::write(folder.path().join("block"), &block).unwrap();
    let ended = perform(&local(folder.path()), &shell(script));
    assert_eq!(ended.result, Some(StepResult::Succeeded));
    assert_eq!(ended.output.bytes, block.len() as u64 * 1000 + 8);
    assert!(ended.output.head.len() + ended.output.tail.len() < 64 * 1024);
    assert!(ended.output.head.starts_with(b"line 0 of"));
    assert!(ended.output.tail.ends_with(b"line 999 of a thousand\nthe end\n"));
    assert_eq!(ended.output.last_line().as_deref(), Some("the end"));
}

#[test]
fn binary_output_is_kept_as_it_is_and_told_harmlessly() {
    let folder = tempfile::tempdir().unwrap();
    let bytes: Vec<u8> = (0..=255).chain(b"\n\x1b]0;title\x07".iter().copied()).collect();
    std::fs::write(folder.path().join("bytes"), &bytes).unwrap();
    let ended = perform(&local(folder.path()), &shell("cat bytes; exit 1"));
    assert_eq!(ended.output.head, bytes);
    assert_eq!(failed(&ended), r"exit code 1: \u{1b}]0;title\u{7}");
}

#[test]
fn a_grandchild_that_holds_the_pipe_hangs_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let began = Instant::now();
    let ended = perform(&local(folder.path()), &shell("echo started; sleep 20 & echo $! > daemon; exit 0"));
    assert_eq!(ended.result, Some(StepResult::Succeeded));
    assert_eq!(printed(&ended.output), "started\n");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    // What a command leaves running on purpose goes on.
    let daemon = process_in(&folder.path().join("daemon"));
    assert!(is_alive(&daemon));
    Command::new("kill").arg(daemon).status().unwrap();
}

#[test]
fn a_grandchild_that_never_stops_talking_hangs_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let began = Instant::now();
    let ended = perform(&local(folder.path()), &shell("yes & echo $! > daemon; exit 0"));
    assert_eq!(ended.result, Some(StepResult::Succeeded));
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    // With nobody to read what it prints, it ends by itself sooner or later.
    let _ = Command::new("kill").arg(process_in(&folder.path().join("daemon"))).output();
}

#[test]
fn a_process_finds_its_place_and_its_variables() {
    let folder = tempfile::tempdir().unwrap();
    let variables = vec![("SUNUP_HOST", "ex syd;01".to_owned()), ("SUNUP_ACTION", "run".to_owned())];
    let order = Order { variables, ..shell("pwd -P; echo \"$SUNUP_HOST $SUNUP_ACTION\"") };
    let ended = perform(&local(folder.path()), &order);
    let place = folder.path().canonicalize().unwrap();
    assert_eq!(printed(&ended.output), format!("{}\nex syd;01 run\n", place.display()));
}

#[test]
fn the_rollouts_own_programs_come_first() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let tools = folder.path().join("tools");
    std::fs::create_dir(&tools).unwrap();
    // One that shadows a program of the system, and calls another of the rollout's own by name.
    for (name, script) in [("true", "#!/bin/sh\nhelper\n"), ("helper", "#!/bin/sh\necho ours\n")] {
        std::fs::write(tools.join(name), script).unwrap();
        std::fs::set_permissions(tools.join(name), std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let driver = Local::new(folder.path(), Some(Path::new("tools")));
    assert_eq!(printed(&perform(&driver, &order(&["true"])).output), "ours\n");
    assert_eq!(printed(&perform(&driver, &order(&["./tools/helper"])).output), "ours\n");
    let absent = perform(&driver, &order(&["no-such-program-here"]));
    assert!(not_started(&absent).ends_with("in the rollout's own path nor in PATH"));
}

fn order(arguments: &[&str]) -> Order {
    Order {
        arguments: arguments.iter().map(|text| (*text).to_owned()).collect(),
        variables: Vec::new(),
        limit: Length::from_seconds(20),
    }
}

fn shell(script: &str) -> Order {
    order(&["sh", "-c", script])
}

fn local(folder: &Path) -> Local {
    Local::new(folder, None).with_grace(Length::from_seconds(1))
}

fn perform(driver: &dyn Driver, order: &Order) -> Ended {
    driver.perform(order, &Cutoff::default())
}

fn printed(output: &Captured) -> String {
    String::from_utf8_lossy(&[output.head.as_slice(), output.tail.as_slice()].concat()).into_owned()
}

fn failed(ended: &Ended) -> &str {
    match &ended.result {
        Some(StepResult::Failed { detail }) => detail,
        other => panic!("{other:?}"),
    }
}

fn not_started(ended: &Ended) -> &str {
    match &ended.result {
        Some(StepResult::NotStarted { detail }) => detail,
        other => panic!("{other:?}"),
    }
}

/// The number of a process that the script wrote into a file.
fn process_in(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap().trim().to_owned()
}

fn is_alive(process: &str) -> bool {
    // A zombie that nobody has collected yet is as dead as can be.
    std::fs::read_to_string(format!("/proc/{process}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}
