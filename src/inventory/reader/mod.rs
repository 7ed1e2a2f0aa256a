//! One file a format; `detect` tells which it is, once, for all.
//!
//! In: the bytes of the files of one `inventory` item. Out: a fleet, or every fault that can be told at once. Never:
//! trusts a size, a depth or a name that it reads. Start at [`read`].

mod csv;
mod detect;
mod fault;
mod input;
mod mapping;
mod records;

pub(crate) use fault::quoted;
pub use fault::{InventoryFault, InventoryFaultKind};
pub use input::{InputFile, ReadOptions, read};
