//! Readers (CSV, JSON, Ansible INI and YAML) into one columnar table with typed, dictionary-encoded fields, and
//! selectors evaluated over it a column at a time.
//!
//! In: the bytes of files, handed over by the caller. Out: a [`Fleet`]. Never: opens a file itself (directories come as
//! a list of files), makes an object for each host or a string for each cell. Start at [`Fleet`].

mod builder;
mod codes;
mod column;
mod dictionary;
mod diff;
mod fleet;
mod host_name;
mod host_set;
mod infer;
mod join;
mod only;
mod reader;
mod recent;
mod selector;
mod summary;
mod value;

pub use diff::{FieldChange, FleetDiff, GroupChange, ValueChange, diff};
pub use fleet::{FieldId, Fleet, GroupId, HostId};
pub use host_name::{BadHostName, HostName};
pub use host_set::HostSet;
pub use reader::{InputFile, InventoryFault, InventoryFaultKind, ReadOptions, read};
pub use selector::{Comparison, Operand, Selector};
pub use summary::FieldSummary;
pub use value::{FieldType, Value, Version};
