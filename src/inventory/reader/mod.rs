//! One file a format; `detect` tells which it is, once, for all.
//!
//! In: the bytes of the files of one `inventory` item. Out: a fleet, or every fault that can be told at once. Never:
//! trusts a size, a depth or a name that it reads. Start at [`read`].

mod ansible;
mod csv;
mod datum;
mod detect;
mod directory;
mod fault;
mod input;
mod json;
mod mapping;
mod records;
#[cfg(test)]
mod tests;
mod yaml;
mod yaml_scalar;

pub(crate) use fault::quoted;
pub use fault::{InventoryFault, InventoryFaultKind};
pub use input::{InputFile, ReadOptions, read};
