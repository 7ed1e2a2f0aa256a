//! Where text lives: files, spans, lines.
//!
//! In: the name and the text of each file. Out: [`Span`]s that point into them, and lines and columns for people.
//! Never: reads a file, knows what the text means. Start at [`Sources`].

mod file;
mod span;

pub use file::{Place, Source, Sources};
pub use span::{FileId, Span};
