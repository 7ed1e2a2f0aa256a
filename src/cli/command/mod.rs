//! One file for each subcommand.
//!
//! In: its arguments. Out: what it printed, and the exit code. Never: more than arguments, a call and a report.

pub mod approve;
pub mod check;
pub mod diff;
pub mod explain;
pub mod explore;
pub mod fmt;
pub mod hold;
pub mod inventory;
pub mod plan;
pub mod rehearse;
pub mod repl;
pub mod resume;
pub mod run;
pub mod settle;
pub mod simulate;
pub mod status;
pub mod test;
pub mod why;
