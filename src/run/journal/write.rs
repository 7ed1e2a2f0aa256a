use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, params};
use sha2::{Digest, Sha256};

use crate::engine::Outcome;
use crate::run::RunFault;
use crate::run::driver::Captured;
use crate::run::fault::outcome_word;
use crate::run::journal::{FORMAT, Journal};
use crate::time::Moment;

/// A run about to begin.
#[derive(Debug)]
pub(crate) struct NewRun<'a> {
    pub rollout: &'a str,
    pub plan: &'a str,
    pub started_at: Moment,
    pub started_by: &'a str,
    /// A rehearsal's wishes, as JSON.
    pub rehearsal: Option<&'a str>,
    /// The hosts that belong to the run until it is finished.
    pub claims: &'a [&'a str],
}

/// Where a run's next event goes. One a run: the run's lock is what makes it so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RunWriter {
    pub key: i64,
    pub id: String,
    pub next_seq: u64,
}

/// One event on its way to the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub moment: Moment,
    pub payload: String,
    /// What the task of this number printed.
    pub output: Option<(u64, Captured)>,
    /// The act of the inbox that the event came from.
    pub act: Option<i64>,
}

impl Journal {
    /// Gives the run its id and takes its hosts, or does nothing.
    pub fn create_run(&mut self, new: &NewRun) -> Result<RunWriter, RunFault> {
        let path = self.path.clone();
        let transaction = self.begin()?;
        let busy = busy_hosts(&transaction, new.claims).map_err(at(&path))?;
        if !busy.is_empty() {
            return Err(RunFault::HostsBusy { hosts: busy });
        }
        let writer = insert_run(&transaction, new).map_err(at(&path))?;
        transaction.commit().map_err(at(&path))?;
        Ok(writer)
    }

    /// Puts a group of events on disk, and with them the run's outcome where it has one now. All or nothing: after a
    /// fault the same group can be tried again.
    pub fn append(&mut self, run: &mut RunWriter, entries: &[Entry], outcome: Option<Outcome>) -> Result<(), RunFault> {
        let path = self.path.clone();
        let transaction = self.begin()?;
        insert_events(&transaction, run, entries).map_err(at(&path))?;
        if let Some(outcome) = outcome {
            set_outcome(&transaction, run.key, outcome).map_err(at(&path))?;
        }
        transaction.commit().map_err(at(&path))?;
        run.next_seq += entries.len() as u64;
        Ok(())
    }

    pub(super) fn begin(&mut self) -> Result<Transaction<'_>, RunFault> {
        let path = self.path.clone();
        Transaction::new(&mut self.connection, TransactionBehavior::Immediate).map_err(at(&path))
    }

    /// The run goes on: it has no outcome any more, and its hosts are its own again.
    pub fn reopen(&mut self, run: &RunWriter, claims: &[&str]) -> Result<(), RunFault> {
        let path = self.path.clone();
        let transaction = self.begin()?;
        let mut busy = busy_hosts(&transaction, claims).map_err(at(&path))?;
        busy.retain(|(_, owner)| *owner != run.id);
        if !busy.is_empty() {
            return Err(RunFault::HostsBusy { hosts: busy });
        }
        transaction.execute("UPDATE runs SET outcome = NULL WHERE key = ?1", [run.key]).map_err(at(&path))?;
        claim(&transaction, run.key, claims).map_err(at(&path))?;
        transaction.commit().map_err(at(&path))
    }

    /// Lets the file grow to so many pages and no further, as a full disk would.
    #[cfg(test)]
    pub fn limit_pages(&self, pages: u32) {
        self.connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).unwrap();
    }
}

fn busy_hosts(transaction: &Transaction, hosts: &[&str]) -> rusqlite::Result<Vec<(String, String)>> {
    let mut look =
        transaction.prepare("SELECT runs.id FROM claims JOIN runs ON runs.key = claims.run WHERE claims.host = ?1")?;
    let mut busy = Vec::new();
    for host in hosts {
        if let Some(run) = look.query_row([host], |row| row.get(0)).optional()? {
            busy.push(((*host).to_owned(), run));
        }
    }
    Ok(busy)
}

fn insert_run(transaction: &Transaction, new: &NewRun) -> rusqlite::Result<RunWriter> {
    let number: i64 = transaction.query_row(
        "SELECT coalesce(max(number), 0) + 1 FROM runs WHERE rollout = ?1",
        [new.rollout],
        |row| row.get(0),
    )?;
    let id = format!("{}-{number}", new.rollout);
    transaction.execute(
        "INSERT INTO runs (id, rollout, number, format, plan, started_at, started_by, rehearsal, scenario)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            id,
            new.rollout,
            number,
            FORMAT,
            new.plan,
            new.started_at.timestamp(),
            new.started_by,
            new.rehearsal.is_some(),
            new.rehearsal
        ],
    )?;
    let key = transaction.last_insert_rowid();
    claim(transaction, key, new.claims)?;
    Ok(RunWriter { key, id, next_seq: 1 })
}

fn claim(transaction: &Transaction, run: i64, hosts: &[&str]) -> rusqlite::Result<()> {
    let mut claim = transaction.prepare("INSERT OR IGNORE INTO claims (host, run) VALUES (?1, ?2)")?;
    for host in hosts {
        claim.execute(params![host, run])?;
    }
    Ok(())
}

fn insert_events(transaction: &Transaction, run: &RunWriter, entries: &[Entry]) -> rusqlite::Result<()> {
    let mut event = transaction
        .prepare_cached("INSERT INTO events (run, seq, moment, payload, checksum) VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for (seq, entry) in (run.next_seq..).zip(entries) {
        let moment = entry.moment.timestamp();
        let checksum = checksum(run.key, seq, moment, &entry.payload);
        event.execute(params![run.key, seq, moment, entry.payload, checksum])?;
        if let Some((task, output)) = &entry.output {
            insert_output(transaction, run.key, *task, output)?;
        }
        if let Some(act) = entry.act {
            transaction
                .prepare_cached("UPDATE acts SET state = 'taken', seq = ?2 WHERE id = ?1")?
                .execute(params![act, seq])?;
        }
    }
    Ok(())
}

fn insert_output(transaction: &Transaction, run: i64, task: u64, output: &Captured) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("INSERT OR REPLACE INTO outputs (run, task, head, tail, bytes) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![run, task, output.head, output.tail, output.bytes])?;
    Ok(())
}

/// A finished run lets its hosts go.
fn set_outcome(transaction: &Transaction, run: i64, outcome: Outcome) -> rusqlite::Result<()> {
    transaction.execute("UPDATE runs SET outcome = ?2 WHERE key = ?1", params![run, outcome_word(outcome)])?;
    if outcome != Outcome::Held {
        transaction.execute("DELETE FROM claims WHERE run = ?1", [run])?;
    }
    Ok(())
}

/// The first eight bytes of SHA-256 over the record and its place: a record that was altered or moved does not match.
pub(super) fn checksum(run: i64, seq: u64, moment: i64, payload: &str) -> i64 {
    let digest = Sha256::new()
        .chain_update(run.to_be_bytes())
        .chain_update(seq.to_be_bytes())
        .chain_update(moment.to_be_bytes())
        .chain_update(payload)
        .finalize();
    digest.iter().take(8).fold(0, |sum, byte| sum << 8 | i64::from(*byte))
}

/// For a fault while the journal itself is lent to a transaction.
fn at(path: &std::path::Path) -> impl Fn(rusqlite::Error) -> RunFault + '_ {
    move |error| RunFault::State { path: path.to_owned(), cause: super::database::cause_of(&error) }
}
