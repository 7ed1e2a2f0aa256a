//! The append-only record of every run in one SQLite database; the truth after a crash.
//!
//! In: groups of events, each group one transaction that is on disk before [`Journal::append`] returns. Out: the events
//! of a run in order, checked one by one. Never: decides, repairs, forgets. SQLite is named nowhere else.
//! Start at [`Journal`]; `docs/journal.md` describes the tables.

mod acts;
mod database;
mod payload;
mod read;
mod schema;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use acts::ActState;
pub(crate) use database::{Durability, Journal};
pub(crate) use payload::{Payload, SavedAct};
pub(crate) use read::{Recorded, RunRecord};
pub(crate) use write::{Entry, NewRun, RunWriter};

/// The format of the payloads that this version writes.
pub(crate) const FORMAT: u32 = 1;
