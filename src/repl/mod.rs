//! The prompt: questions about a fleet and a script, items typed in, a rollout walked through by hand.
//!
//! In: lines, from a terminal or a pipe. Out: answers, and what is wrong, apart from each other. Never: runs anything for real,
//! decides anything about a rollout (the engine does), panics on what is typed. Start at [`Prompt`], which knows no terminal;
//! `terminal` and `pipe` feed it, and each family of commands is a file in `command/`.

mod colours;
mod command;
mod complete;
mod editor;
mod overlay;
mod pipe;
mod place;
mod program;
mod prompt;
mod show;
mod terminal;
mod told_as_test;
mod walking;

pub use pipe::{Ended, from_pipe};
pub use prompt::{Look, Prompt, Said, Settings};
pub use terminal::{History, at_terminal};
