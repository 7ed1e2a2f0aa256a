use rusqlite::{Row, params};

use crate::run::RunFault;
use crate::run::journal::Journal;
use crate::run::journal::read::moment;
use crate::time::Moment;

/// What somebody said from another terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ActRecord {
    pub id: i64,
    pub moment: Moment,
    pub person: String,
    /// A [`crate::run::journal::SavedAct`] as JSON.
    pub payload: String,
    pub state: ActState,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ActState {
    /// For the controller.
    Waiting,
    /// By the event of this number.
    Taken(u64),
    Refused(String),
}

impl Journal {
    /// Writes down what somebody said, allowed or not.
    pub fn record_act(
        &mut self,
        run: i64,
        moment: Moment,
        person: &str,
        payload: &str,
        refused: Option<&str>,
    ) -> Result<i64, RunFault> {
        let state = if refused.is_some() { "refused" } else { "waiting" };
        self.connection
            .execute(
                "INSERT INTO acts (run, moment, person, payload, state, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![run, moment.timestamp(), person, payload, state, refused],
            )
            .map_err(|error| self.fault(error))?;
        Ok(self.connection.last_insert_rowid())
    }

    /// The acts that no controller has taken yet, the oldest first.
    pub fn waiting_acts(&self, run: i64) -> Result<Vec<ActRecord>, RunFault> {
        self.acts_where(run, "run = ?1 AND state = 'waiting'")
    }

    pub fn acts(&self, run: i64) -> Result<Vec<ActRecord>, RunFault> {
        self.acts_where(run, "run = ?1")
    }

    /// The controller cannot read an act.
    pub fn refuse_act(&mut self, id: i64, reason: &str) -> Result<(), RunFault> {
        self.connection
            .execute("UPDATE acts SET state = 'refused', reason = ?2 WHERE id = ?1", params![id, reason])
            .map(|_| ())
            .map_err(|error| self.fault(error))
    }

    fn acts_where(&self, run: i64, condition: &str) -> Result<Vec<ActRecord>, RunFault> {
        let read = || {
            let query = format!(
                "SELECT id, moment, person, payload, state, seq, reason FROM acts WHERE {condition} ORDER BY id"
            );
            let mut rows = self.connection.prepare_cached(&query)?;
            rows.query_map([run], act_record)?.collect::<rusqlite::Result<Vec<ActRecord>>>()
        };
        read().map_err(|error| self.fault(error))
    }
}

fn act_record(row: &Row) -> rusqlite::Result<ActRecord> {
    let state: String = row.get("state")?;
    Ok(ActRecord {
        id: row.get("id")?,
        moment: moment(row.get("moment")?).unwrap_or_default(),
        person: row.get("person")?,
        payload: row.get("payload")?,
        state: match state.as_str() {
            "waiting" => ActState::Waiting,
            "taken" => ActState::Taken(row.get::<_, Option<u64>>("seq")?.unwrap_or_default()),
            _ => ActState::Refused(row.get::<_, Option<String>>("reason")?.unwrap_or_default()),
        },
    })
}
