//! What the language knows without a library, and the library that comes with it.
//!
//! In: values of constant expressions. Out: values; the text of the embedded modules. Never: looks at a tree, a fleet or a
//! clock. A function that users could write is not here but in `stdlib/`. Start at [`find`] and [`library`].

mod date;
mod function;
mod library;
mod value;

pub use function::{Function, Parameter, all, find};
pub use library::{library, library_names};
pub use value::{Kind, Number, Value};
