//! What an editor or a prompt asks about a script and its fleet, answered in plain values.
//!
//! In: a [`crate::session::Session`], a text and a place in it. Out: candidates, documentation, answers, tables. Never: draws,
//! knows a terminal or a protocol, changes anything. Start at [`complete`] and [`evaluate`].

mod complete;
mod completeness;
mod context;
mod describe;
mod document;
mod evaluate;
mod named;
mod outline;
mod table;
mod values;
mod words;

pub use complete::{Candidate, Completion, Sort, complete, complete_with, complete_word, hosts};
pub use completeness::{Input, input};
pub use context::Entry;
pub use describe::{Described, describe};
pub use document::{Documentation, document, is_item};
pub use evaluate::{Evaluated, evaluate, type_of};
pub use named::{Named, defined};
pub use outline::{Outlined, outline};
pub use table::{Table, answer_words, table};
pub use values::quoted;
