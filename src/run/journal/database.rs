#![expect(clippy::disallowed_methods, reason = "opens the journal's file, and waits for another process to be through")]

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::run::journal::schema::{self, Owner, SCHEMA_VERSION};
use crate::run::{RunFault, StateCause, StateFolder};

/// One connection to `sunup.db`.
#[derive(Debug)]
pub(crate) struct Journal {
    pub(super) connection: Connection,
    pub(super) path: PathBuf,
}

/// What a commit waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// Until it is on the disk: it outlives a loss of power.
    Disk,
    /// Until the system has it: it outlives the process, however that ends. Enough for a rehearsal.
    System,
}

impl Journal {
    /// Opens the journal, and makes it where there is none.
    pub fn open(state: &StateFolder, durability: Durability) -> Result<Journal, RunFault> {
        let path = state.database();
        // SQLite would make the file readable by others.
        OpenOptions::new().append(true).create(true).mode(0o600).open(&path).map_err(|error| {
            let cause = match error.kind() {
                std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => StateCause::DiskFull,
                _ => StateCause::NotWritable(error.to_string()),
            };
            RunFault::State { path: path.clone(), cause }
        })?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut journal = Journal::connect(path, flags)?;
        journal.make_ready(durability)?;
        Ok(journal)
    }

    /// Opens a journal that is there, without a word written to it.
    pub fn open_to_read(state: &StateFolder) -> Result<Journal, RunFault> {
        if !state.database().exists() {
            return Err(RunFault::NoRun);
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let journal = Journal::connect(state.database(), flags)?;
        // One picture of the journal, however much a controller adds meanwhile.
        journal.connection.execute_batch("BEGIN").map_err(|error| journal.fault(error))?;
        match schema::owner(&journal.connection).map_err(|error| journal.fault(error))? {
            Owner::Ours(SCHEMA_VERSION) => Ok(journal),
            Owner::Ours(version) if version > SCHEMA_VERSION => Err(journal.state(StateCause::Newer { version })),
            // Whoever made the file ended before anything was in it.
            Owner::Nobody => Err(RunFault::NoRun),
            Owner::Ours(_) | Owner::Another => Err(journal.state(StateCause::Foreign)),
        }
    }

    fn connect(path: PathBuf, flags: OpenFlags) -> Result<Journal, RunFault> {
        let opened = Connection::open_with_flags(&path, flags);
        let connection = opened.map_err(|error| RunFault::State { path: path.clone(), cause: cause_of(&error) })?;
        let journal = Journal { connection, path };
        journal.connection.busy_timeout(PATIENCE).map_err(|error| journal.fault(error))?;
        Ok(journal)
    }

    fn make_ready(&mut self, durability: Durability) -> Result<(), RunFault> {
        match schema::owner_now(&mut self.connection).map_err(|error| self.fault(error))? {
            Owner::Another => return Err(self.state(StateCause::Foreign)),
            Owner::Ours(version) if version > SCHEMA_VERSION => return Err(self.state(StateCause::Newer { version })),
            Owner::Ours(_) | Owner::Nobody => {}
        }
        self.use_write_ahead_log()?;
        let synchronous = match durability {
            Durability::Disk => "FULL",
            Durability::System => "NORMAL",
        };
        self.connection
            .pragma_update(None, "synchronous", synchronous)
            .and_then(|()| self.connection.pragma_update(None, "foreign_keys", true))
            .and_then(|()| schema::make(&mut self.connection))
            .map_err(|error| self.fault(error))
    }

    /// The change to the log does not wait for others by itself, so that we do: two first runs may begin at once.
    fn use_write_ahead_log(&self) -> Result<(), RunFault> {
        let mut tries = 0;
        loop {
            let changed: rusqlite::Result<String> =
                self.connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0));
            match changed {
                Ok(mode) if mode.eq_ignore_ascii_case("wal") => return Ok(()),
                Ok(mode) => return Err(self.state(StateCause::Other(format!("it stays in the mode `{mode}`")))),
                Err(error) if is_busy(&error) && tries < 100 => std::thread::sleep(Duration::from_millis(20)),
                Err(error) => return Err(self.fault(error)),
            }
            tries += 1;
        }
    }

    /// Reads every page. For the start of a resume, where damage is better found before than after.
    pub fn check_pages(&self) -> Result<(), RunFault> {
        let found: String = self
            .connection
            .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
            .map_err(|error| self.fault(error))?;
        if found == "ok" { Ok(()) } else { Err(self.state(StateCause::Damaged(found))) }
    }

    /// Changes when another connection has committed.
    pub fn data_version(&self) -> Result<i64, RunFault> {
        self.connection.pragma_query_value(None, "data_version", |row| row.get(0)).map_err(|error| self.fault(error))
    }

    pub(super) fn fault(&self, error: rusqlite::Error) -> RunFault {
        self.state(cause_of(&error))
    }

    pub(super) fn state(&self, cause: StateCause) -> RunFault {
        RunFault::State { path: self.path.clone(), cause }
    }
}

/// How long a writer waits for another: groups take milliseconds.
const PATIENCE: Duration = Duration::from_secs(30);

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

pub(super) fn cause_of(error: &rusqlite::Error) -> StateCause {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt) => StateCause::Damaged(error.to_string()),
        Some(ErrorCode::NotADatabase) => StateCause::Foreign,
        Some(ErrorCode::DiskFull) => StateCause::DiskFull,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StateCause::Locked,
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
            StateCause::NotWritable(error.to_string())
        }
        _ => StateCause::Other(error.to_string()),
    }
}
