//! One way to write a script: where its lines break, and what blanks stand in them. Nothing else of it changes.
//!
//! In: a text. Out: the same script in the one style, or why it is left as it is. Never: adds, drops or moves a token or a
//! comment; knows what a member means. How a script is laid out follows from its tokens, their nesting, and where the grammar
//! says that items and members begin, so that what is new in the language needs nothing new here. Start at [`format`].

mod align;
mod formatted;
mod layout;
mod line;
mod piece;
mod proof;
mod reading;
mod sentence;

pub use formatted::{Refusal, format};
pub use proof::Difference;

/// The columns that a line may take; what cannot be broken may take more. Comments at the ends of lines do not count.
const WIDTH: usize = 120;
