//! The engine in the real world: journal, drivers, probes, people, locks, rehearsals.
//!
//! In: a plan, a state folder, what people say from other terminals. Out: processes and questions to the outside, and a
//! [`History`] of what came of them. Never: decides (the engine does), reads the script, prints.
//! Start at [`Controller`]; `docs/decisions/0006-what-a-run-promises.md` says what holds, also after a crash.

mod affected;
mod begin;
mod clock;
mod controller;
mod crew;
mod desk;
mod dispatch;
mod driver;
mod due;
mod fault;
mod find;
mod history;
mod interrupt;
mod journal;
mod lock;
mod observer;
mod people;
mod probe;
mod record;
mod rehearsal;
mod render;
mod replay;
mod resume;
mod state_folder;
mod survivors;

pub use controller::{Controller, RunEnd, Settings};
pub use driver::{Captured, Driver, Ended, Local, Order, Simulated};
pub use fault::{RunFault, StateCause, outcome_word};
pub use history::{History, PastAct, RunSummary, Verdict, runs};
pub use interrupt::{Cutoff, Interrupt};
pub use lock::Holder;
pub use observer::{Observer, Silent, Stop};
pub use people::{Accepted, Place, Wish, act};
pub use rehearsal::Rehearsal;
pub use replay::PastEvent;
pub use state_folder::StateFolder;
