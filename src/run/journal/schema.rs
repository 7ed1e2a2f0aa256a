use rusqlite::{Connection, Transaction, TransactionBehavior};

/// `Sunu`, in the header of the file: so that nobody takes another program's database for ours.
pub(super) const APPLICATION_ID: i32 = 0x5375_6e75;

/// Counts the shapes of the tables; `PRAGMA user_version`.
pub(super) const SCHEMA_VERSION: u32 = 1;

const TABLES: &str = "
CREATE TABLE runs (
    key        INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    rollout    TEXT NOT NULL,
    number     INTEGER NOT NULL,
    format     INTEGER NOT NULL,
    plan       TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    started_by TEXT NOT NULL,
    rehearsal  INTEGER NOT NULL CHECK (rehearsal IN (0, 1)),
    scenario   TEXT,
    outcome    TEXT CHECK (outcome IN ('complete', 'held', 'rolled back')),
    UNIQUE (rollout, number)
) STRICT;

CREATE TABLE events (
    run      INTEGER NOT NULL REFERENCES runs (key),
    seq      INTEGER NOT NULL CHECK (seq >= 1),
    moment   INTEGER NOT NULL,
    payload  TEXT NOT NULL,
    checksum INTEGER NOT NULL,
    kind     TEXT GENERATED ALWAYS AS (payload ->> '$.kind') VIRTUAL,
    PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE outputs (
    run   INTEGER NOT NULL REFERENCES runs (key),
    task  INTEGER NOT NULL,
    head  BLOB NOT NULL,
    tail  BLOB NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (run, task)
) STRICT, WITHOUT ROWID;

CREATE TABLE acts (
    id      INTEGER PRIMARY KEY,
    run     INTEGER NOT NULL REFERENCES runs (key),
    moment  INTEGER NOT NULL,
    person  TEXT NOT NULL,
    payload TEXT NOT NULL,
    state   TEXT NOT NULL CHECK (state IN ('waiting', 'taken', 'refused')),
    seq     INTEGER,
    reason  TEXT
) STRICT;

CREATE INDEX acts_waiting ON acts (run) WHERE state = 'waiting';

CREATE TABLE claims (
    host TEXT PRIMARY KEY,
    run  INTEGER NOT NULL REFERENCES runs (key)
) STRICT, WITHOUT ROWID;
";

/// Whose file it is.
pub(super) enum Owner {
    Ours(u32),
    /// Nothing is in it yet.
    Nobody,
    Another,
}

/// Asked in a transaction: else another process could make the tables between two of the questions.
pub(super) fn owner(connection: &Connection) -> rusqlite::Result<Owner> {
    let application: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let version: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let tables: u32 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(match (application, version, tables) {
        (APPLICATION_ID, version, _) => Owner::Ours(version),
        (0, 0, 0) => Owner::Nobody,
        _ => Owner::Another,
    })
}

pub(super) fn owner_now(connection: &mut Connection) -> rusqlite::Result<Owner> {
    let transaction = Transaction::new(connection, TransactionBehavior::Deferred)?;
    owner(&transaction)
}

/// Makes the tables; where another process was faster, leaves what it made.
pub(super) fn make(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = Transaction::new(connection, TransactionBehavior::Immediate)?;
    if matches!(owner(&transaction)?, Owner::Nobody) {
        transaction.execute_batch(TABLES)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    }
    transaction.commit()
}
