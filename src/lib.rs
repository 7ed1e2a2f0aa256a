//! Sunup: a small language for rolling a change out over many machines in many places.
//!
//! Start at [`session`] to check and plan a script from your own program. `docs/architecture.md` says what each room does,
//! in reading order, and which it may import.

pub mod builtin;
pub mod check;
#[cfg(feature = "cli")]
pub mod cli;
pub mod diagnostic;
pub mod engine;
pub mod ide;
pub mod inventory;
pub mod model;
pub mod plan;
#[cfg(feature = "cli")]
pub mod repl;
pub mod report;
pub mod run;
pub mod session;
pub mod simulate;
pub mod source;
pub mod syntax;
pub mod time;
pub mod world;
