//! The command line: arguments, a call, a report.
//!
//! In: arguments. Out: text on stdout (results) and stderr (talk), and an [`Exit`]. Never: decides anything about a rollout.
//! Start at [`main`]; each subcommand is a file in `command/`.

mod arguments;
mod command;
mod diff;
mod exit;
mod lots;
mod mend;
mod options;
mod output;
mod plan_source;
mod problems;
mod progress;
mod said;
mod saved_plan;
mod start;
mod state;
mod trying;
mod write;

pub use exit::Exit;
pub use start::main;
