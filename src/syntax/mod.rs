//! Text ↔ tree. Never fails: a tree with holes and every problem.
//!
//! In: the text of one file. Out: a [`Parse`]. Never: looks a name up, reads another file, stops at the first mistake.
//! Start at [`parse`]; what a script can say is in [`ast`].

pub mod ast;
mod parse;

pub use parse::{Comment, MAX_DEPTH, Parse, parse};
