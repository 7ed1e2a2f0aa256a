//! Text ↔ tree. Never fails: a tree with holes and every problem.
//!
//! In: the text of one file. Out: a [`Parse`]. Never: looks a name up, reads another file, stops at the first mistake.
//! Start at [`parse`]; what a script can say is in [`ast`]. Inside, a text goes from [`tokens`] to `shape` (its nesting), to
//! `grammar` (pest), to `lower` (the tree); `explain` says what is wrong with a piece that
//! could not be read, with `habits` (as elsewhere), `meant` (literals) and `samples` (as here); [`format`] writes a script in the one style.

pub mod ast;
mod conflict;
mod expected;
mod explain;
mod format;
mod grammar;
mod habits;
mod lower;
mod meant;
mod parse;
mod piece;
mod samples;
mod shape;
mod token;
pub mod words;
#[cfg(test)]
mod work;

pub use format::{Difference, Refusal, format};
pub use parse::{Comment, MAX_DEPTH, Parse, parse};
pub use piece::{Continuation, continuation, parse_expression};
pub use samples::sample;
pub use token::{Token, TokenKind, tokens};
