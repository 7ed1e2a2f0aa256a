//! Sunup: a small language for rolling a change out over many machines in many places.
//!
//! Start at [`session`] to check and plan a script from your own program. The rooms below are in reading order;
//! `docs/architecture.md` says what each does and which it may import.

pub mod builtin;
pub mod check;
pub mod diagnostic;
pub mod engine;
pub mod inventory;
pub mod model;
pub mod plan;
pub mod report;
pub mod run;
pub mod source;
pub mod syntax;
pub mod time;
pub mod world;
