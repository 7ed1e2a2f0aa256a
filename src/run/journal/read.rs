use rusqlite::{OptionalExtension, Row, params};

use crate::engine::Outcome;
use crate::run::RunFault;
use crate::run::driver::Captured;
use crate::run::journal::write::checksum;
use crate::run::journal::{FORMAT, Journal, RunWriter};
use crate::time::Moment;

/// A run as the journal lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RunRecord {
    pub key: i64,
    pub id: String,
    pub rollout: String,
    pub started_at: Moment,
    pub started_by: String,
    /// A rehearsal's wishes, as JSON; none for a real run.
    pub rehearsal: Option<String>,
    pub outcome: Option<Outcome>,
    pub format: u32,
}

/// One event as it stands in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Recorded {
    pub seq: u64,
    pub moment: Moment,
    pub payload: String,
}

impl Journal {
    /// All runs, the newest last.
    pub fn runs(&self) -> Result<Vec<RunRecord>, RunFault> {
        let read = || {
            let mut rows = self.connection.prepare(&format!("SELECT {COLUMNS} FROM runs ORDER BY key"))?;
            rows.query_map([], run_record)?.collect::<rusqlite::Result<Vec<RunRecord>>>()
        };
        read().map_err(|error| self.fault(error))
    }

    pub fn run(&self, id: &str) -> Result<Option<RunRecord>, RunFault> {
        self.connection
            .query_row(&format!("SELECT {COLUMNS} FROM runs WHERE id = ?1"), [id], run_record)
            .optional()
            .map_err(|error| self.fault(error))
    }

    /// The plan's JSON.
    pub fn plan(&self, run: &RunRecord) -> Result<String, RunFault> {
        if run.format > FORMAT {
            return Err(RunFault::NewerRun { run: run.id.clone(), format: run.format });
        }
        self.connection
            .query_row("SELECT plan FROM runs WHERE key = ?1", [run.key], |row| row.get(0))
            .map_err(|error| self.fault(error))
    }

    /// The events of a run in order; each is whole and in its place, or the fault names it.
    pub fn events(&self, run: &RunRecord) -> Result<Vec<Recorded>, RunFault> {
        let mut rows = self
            .connection
            .prepare("SELECT seq, moment, payload, checksum FROM events WHERE run = ?1 ORDER BY seq")
            .map_err(|error| self.fault(error))?;
        let mut rows = rows.query([run.key]).map_err(|error| self.fault(error))?;
        let mut events = Vec::new();
        while let Some(row) = rows.next().map_err(|error| self.fault(error))? {
            let expected = events.len() as u64 + 1;
            let event = recorded(run.key, expected, row).map_err(|cause| RunFault::DamagedEvent {
                run: run.id.clone(),
                seq: expected,
                cause,
            })?;
            events.push(event);
        }
        Ok(events)
    }

    /// Where the run's next event goes.
    pub fn writer(&self, run: &RunRecord) -> Result<RunWriter, RunFault> {
        let last: u64 = self
            .connection
            .query_row("SELECT coalesce(max(seq), 0) FROM events WHERE run = ?1", [run.key], |row| row.get(0))
            .map_err(|error| self.fault(error))?;
        Ok(RunWriter { key: run.key, id: run.id.clone(), next_seq: last + 1 })
    }

    /// What a task printed.
    pub fn output(&self, run: &RunRecord, task: u64) -> Result<Option<Captured>, RunFault> {
        self.connection
            .query_row(
                "SELECT head, tail, bytes FROM outputs WHERE run = ?1 AND task = ?2",
                params![run.key, task],
                |row| Ok(Captured { head: row.get(0)?, tail: row.get(1)?, bytes: row.get(2)? }),
            )
            .optional()
            .map_err(|error| self.fault(error))
    }
}

const COLUMNS: &str = "key, id, rollout, started_at, started_by, scenario, rehearsal, outcome, format";

fn run_record(row: &Row) -> rusqlite::Result<RunRecord> {
    let scenario: Option<String> = row.get("scenario")?;
    let outcome: Option<String> = row.get("outcome")?;
    Ok(RunRecord {
        key: row.get("key")?,
        id: row.get("id")?,
        rollout: row.get("rollout")?,
        started_at: moment(row.get("started_at")?).unwrap_or_default(),
        started_by: row.get("started_by")?,
        rehearsal: row.get::<_, bool>("rehearsal")?.then(|| scenario.unwrap_or_else(|| "{}".to_owned())),
        outcome: outcome.and_then(|word| match word.as_str() {
            "complete" => Some(Outcome::Complete),
            "held" => Some(Outcome::Held),
            "rolled back" => Some(Outcome::RolledBack),
            // INVARIANT: the table's own condition lets no other word in.
            _ => None,
        }),
        format: row.get("format")?,
    })
}

fn recorded(run: i64, expected: u64, row: &Row) -> Result<Recorded, String> {
    let columns =
        || -> rusqlite::Result<(u64, i64, String, i64)> { Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)) };
    let (seq, seconds, payload, sum) = columns().map_err(|error| error.to_string())?;
    if seq != expected {
        return Err("it is missing".to_owned());
    }
    if sum != checksum(run, seq, seconds, &payload) {
        return Err("it is not what was written".to_owned());
    }
    let moment = moment(seconds).ok_or("it is at no moment that there is")?;
    Ok(Recorded { seq, moment, payload })
}

pub(super) fn moment(seconds: i64) -> Option<Moment> {
    Moment::from_timestamp(seconds, 0)
}
