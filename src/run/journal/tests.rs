#![expect(clippy::disallowed_methods, reason = "damages databases to see what is said")]

use std::fs;
use std::path::Path;

use rusqlite::Connection;

use crate::engine::Outcome;
use crate::run::driver::Captured;
use crate::run::journal::{ActState, Durability, Entry, Journal, NewRun, RunWriter};
use crate::run::{RunFault, StateCause, StateFolder};
use crate::time::Moment;

fn folder() -> (tempfile::TempDir, StateFolder) {
    let place = tempfile::tempdir().unwrap();
    let state = StateFolder::open(place.path()).unwrap();
    (place, state)
}

fn open(state: &StateFolder) -> Journal {
    Journal::open(state, Durability::Disk).unwrap()
}

fn at(seconds: i64) -> Moment {
    Moment::from_timestamp(seconds, 0).unwrap()
}

fn new_run<'a>(rollout: &'a str, claims: &'a [&'a str]) -> NewRun<'a> {
    NewRun { rollout, plan: "{}", started_at: at(1_000), started_by: "ops", rehearsal: None, claims }
}

fn entry(number: u64) -> Entry {
    let payload = format!(r#"{{"kind":"timer_fired","timer":{number}}}"#);
    Entry { moment: at(1_000 + number as i64), payload, output: None, act: None }
}

/// A run with so many groups of three events.
fn run_with_groups(journal: &mut Journal, groups: u64) -> RunWriter {
    let mut run = journal.create_run(&new_run("may", &[])).unwrap();
    for group in 0..groups {
        let entries: Vec<Entry> = (0..3).map(|number| entry(group * 3 + number)).collect();
        journal.append(&mut run, &entries, None).unwrap();
    }
    run
}

fn payloads(journal: &Journal, run: &str) -> Vec<String> {
    let run = journal.run(run).unwrap().unwrap();
    journal.events(&run).unwrap().into_iter().map(|event| event.payload).collect()
}

fn cause(state: &StateFolder) -> StateCause {
    match Journal::open(state, Durability::Disk).unwrap_err() {
        RunFault::State { path, cause } => {
            assert_eq!(path, state.database());
            cause
        }
        other => panic!("{other}"),
    }
}

#[test]
fn runs_are_numbered_by_rollout() {
    let (_place, state) = folder();
    let mut journal = open(&state);
    let ids = ["may", "june", "may", "may-1"].map(|rollout| journal.create_run(&new_run(rollout, &[])).unwrap().id);
    assert_eq!(ids, ["may-1", "june-1", "may-2", "may-1-1"]);
    let listed: Vec<String> = journal.runs().unwrap().into_iter().map(|run| run.id).collect();
    assert_eq!(listed, ids);
}

#[test]
fn what_is_written_is_read_back_in_order_by_another_connection() {
    let (_place, state) = folder();
    let mut journal = open(&state);
    let mut run = run_with_groups(&mut journal, 2);
    let output = Captured { head: b"\xffhead".to_vec(), tail: b"tail".to_vec(), bytes: 1_000_000 };
    let last = Entry { output: Some((7, output.clone())), ..entry(6) };
    journal.append(&mut run, &[last], Some(Outcome::Held)).unwrap();

    let reader = Journal::open_to_read(&state).unwrap();
    let record = reader.run("may-1").unwrap().unwrap();
    assert_eq!((record.outcome, record.started_by.as_str()), (Some(Outcome::Held), "ops"));
    let events = reader.events(&record).unwrap();
    assert_eq!(events.iter().map(|event| event.seq).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(events[6].payload, entry(6).payload);
    assert_eq!(events[6].moment, at(1_006));
    assert_eq!(reader.output(&record, 7).unwrap(), Some(output));
    assert_eq!(reader.output(&record, 8).unwrap(), None);
    assert_eq!(reader.writer(&record).unwrap(), run);
}

#[test]
fn other_tools_can_read_the_kind() {
    let (_place, state) = folder();
    run_with_groups(&mut open(&state), 1);
    let connection = Connection::open(state.database()).unwrap();
    let kinds: i64 =
        connection.query_row("SELECT count(*) FROM events WHERE kind = 'timer_fired'", [], |row| row.get(0)).unwrap();
    assert_eq!(kinds, 3);
}

#[test]
fn a_host_belongs_to_one_unfinished_run() {
    let (_place, state) = folder();
    let mut journal = open(&state);
    let mut first = journal.create_run(&new_run("may", &["a", "b"])).unwrap();
    let busy = journal.create_run(&new_run("june", &["b", "c"])).unwrap_err();
    assert_eq!(busy, RunFault::HostsBusy { hosts: vec![("b".to_owned(), "may-1".to_owned())] });
    // The refused run left nothing behind, a held one keeps its hosts, a finished one lets them go.
    assert_eq!(journal.runs().unwrap().len(), 1);
    journal.append(&mut first, &[], Some(Outcome::Held)).unwrap();
    assert!(journal.create_run(&new_run("june", &["b"])).is_err());
    journal.append(&mut first, &[], Some(Outcome::Complete)).unwrap();
    assert_eq!(journal.create_run(&new_run("june", &["b", "c"])).unwrap().id, "june-1");
}

#[test]
fn acts_wait_until_they_are_taken() {
    let (_place, state) = folder();
    let mut journal = open(&state);
    let mut run = run_with_groups(&mut journal, 0);
    let other = open(&state);
    let before = journal.data_version().unwrap();
    let id = {
        let mut terminal = open(&state);
        terminal.record_act(run.key, at(2_000), "eve", "{}", Some("no")).unwrap();
        terminal.record_act(run.key, at(2_000), "ada", "{}", None).unwrap()
    };
    assert_ne!(journal.data_version().unwrap(), before);
    let waiting = journal.waiting_acts(run.key).unwrap();
    assert_eq!(waiting.iter().map(|act| (act.id, act.person.as_str())).collect::<Vec<_>>(), [(id, "ada")]);

    journal.append(&mut run, &[Entry { act: Some(id), ..entry(1) }], None).unwrap();
    assert_eq!(journal.waiting_acts(run.key).unwrap(), []);
    let states: Vec<ActState> = other.acts(run.key).unwrap().into_iter().map(|act| act.state).collect();
    assert_eq!(states, [ActState::Refused("no".to_owned()), ActState::Taken(1)]);
}

#[test]
fn a_record_that_was_altered_or_taken_out_is_named() {
    for (damage, cause) in [
        ("UPDATE events SET payload = replace(payload, '4', '5') WHERE seq = 5", "it is not what was written"),
        ("UPDATE events SET moment = moment + 1 WHERE seq = 5", "it is not what was written"),
        ("UPDATE events SET payload = '{}' WHERE seq = 5", "it is not what was written"),
        ("DELETE FROM events WHERE seq = 5", "it is missing"),
    ] {
        let (_place, state) = folder();
        run_with_groups(&mut open(&state), 3);
        let connection = Connection::open(state.database()).unwrap();
        connection.execute(damage, []).unwrap();
        let journal = open(&state);
        let run = journal.run("may-1").unwrap().unwrap();
        let fault = journal.events(&run).unwrap_err();
        assert_eq!(fault, RunFault::DamagedEvent { run: "may-1".to_owned(), seq: 5, cause: cause.to_owned() });
    }
}

#[test]
fn files_that_are_none_of_ours_are_left_as_they_are() {
    for content in [b"just some text, long enough to be no header".as_slice(), &[0; 4096]] {
        let (_place, state) = folder();
        fs::write(state.database(), content).unwrap();
        assert_eq!(cause(&state), StateCause::Foreign);
        assert_eq!(fs::read(state.database()).unwrap(), content);
    }
    let (_place, state) = folder();
    let others = Connection::open(state.database()).unwrap();
    others.execute_batch("CREATE TABLE bookmarks (url TEXT); INSERT INTO bookmarks VALUES ('x')").unwrap();
    assert_eq!(cause(&state), StateCause::Foreign);
    let left: i64 = others.query_row("SELECT count(*) FROM bookmarks", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 1);
}

#[test]
fn a_newer_journal_and_a_newer_run_are_refused() {
    let (_place, state) = folder();
    run_with_groups(&mut open(&state), 1);
    let connection = Connection::open(state.database()).unwrap();
    connection.execute("UPDATE runs SET format = 99", []).unwrap();
    let journal = open(&state);
    let run = journal.run("may-1").unwrap().unwrap();
    let newer = RunFault::NewerRun { run: "may-1".to_owned(), format: 99 };
    assert_eq!(journal.plan(&run).unwrap_err(), newer);
    connection.pragma_update(None, "user_version", 2).unwrap();
    assert_eq!(cause(&state), StateCause::Newer { version: 2 });
    let fault = Journal::open_to_read(&state).unwrap_err();
    assert!(matches!(fault, RunFault::State { cause: StateCause::Newer { version: 2 }, .. }));
}

#[test]
fn damaged_pages_are_found() {
    let (_place, state) = folder();
    run_with_groups(&mut open(&state), 2_000);
    Connection::open(state.database()).unwrap().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let mut bytes = fs::read(state.database()).unwrap();
    assert!(bytes.len() > 100_000);
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 64].fill(0xa5);
    fs::write(state.database(), bytes).unwrap();
    let fault = open(&state).check_pages().unwrap_err();
    assert!(matches!(fault, RunFault::State { cause: StateCause::Damaged(_), .. }), "{fault}");
}

#[test]
fn a_full_disk_is_said_and_nothing_recorded_is_lost() {
    let (_place, state) = folder();
    let mut journal = open(&state);
    let mut run = run_with_groups(&mut journal, 10);
    let big = |number| Entry { payload: format!("{{\"kind\":\"{}\"}}", "x".repeat(5_000)), ..entry(number) };
    journal.limit_pages(30);
    let group: Vec<Entry> = (0..100).map(big).collect();
    let fault = journal.append(&mut run, &group, Some(Outcome::Complete)).unwrap_err();
    assert_eq!(fault, RunFault::State { path: state.database(), cause: StateCause::DiskFull });
    assert_eq!(run.next_seq, 31);
    assert_eq!(payloads(&open(&state), "may-1").len(), 30);
    assert_eq!(journal.run("may-1").unwrap().unwrap().outcome, None);
    // With room again the same group goes in.
    journal.limit_pages(100_000);
    journal.append(&mut run, &group, None).unwrap();
    assert_eq!(payloads(&open(&state), "may-1").len(), 130);
}

#[test]
fn what_may_not_be_written_is_said() {
    let (_place, state) = folder();
    fs::create_dir(state.database()).unwrap();
    assert!(matches!(cause(&state), StateCause::NotWritable(_)));
    let (_place, state) = folder();
    let mut journal = open(&state);
    let mut run = run_with_groups(&mut journal, 1);
    journal.connection.pragma_update(None, "query_only", true).unwrap();
    let fault = journal.append(&mut run, &[entry(1)], None).unwrap_err();
    assert!(matches!(fault, RunFault::State { cause: StateCause::NotWritable(_), .. }), "{fault}");
}

/// What a crash of the machine leaves: the log cut off anywhere. Whole groups are there, from the first on, and no half.
#[test]
fn a_torn_log_gives_whole_groups_only() {
    let (_place, state) = folder();
    let mut journal = open(&state);
    journal.connection.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
    let run = run_with_groups(&mut journal, 12);
    let log = with_ending(&state, "-wal");
    let (database, whole) = (fs::read(state.database()).unwrap(), fs::read(&log).unwrap());
    let complete = payloads(&journal, &run.id);
    let mut seen = Vec::new();
    for length in (0..whole.len()).step_by(509).chain([whole.len()]) {
        let (_other, torn) = folder();
        fs::write(torn.database(), &database).unwrap();
        fs::write(with_ending(&torn, "-wal"), &whole[..length]).unwrap();
        let journal = open(&torn);
        let found = match journal.run(&run.id).unwrap() {
            Some(_) => payloads(&journal, &run.id),
            None => Vec::new(),
        };
        assert_eq!(found.len() % 3, 0, "cut at {length}");
        assert_eq!(found, complete[..found.len()], "cut at {length}");
        seen.push(found.len());
    }
    assert!(seen.is_sorted());
    assert_eq!((seen.first(), seen.last()), (Some(&0), Some(&36)));
}

fn with_ending(state: &StateFolder, ending: &str) -> std::path::PathBuf {
    let mut name = state.database().into_os_string();
    name.push(ending);
    Path::new(&name).to_owned()
}

#[test]
fn many_first_runs_may_begin_at_once() {
    let (_place, state) = folder();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut journal = open(&state);
                run_with_groups(&mut journal, 5);
            });
        }
    });
    let journal = open(&state);
    let mut ids: Vec<String> = journal.runs().unwrap().into_iter().map(|run| run.id).collect();
    ids.sort();
    assert_eq!(ids, (1..=8).map(|number| format!("may-{number}")).collect::<Vec<_>>());
    assert!(ids.iter().all(|id| payloads(&journal, id).len() == 15));
}
