use indexmap::IndexMap;

use crate::inventory::Fleet;

/// A file of an inventory, read by the caller. For a directory: one for each file, `path` relative to the directory's
/// parent, so that `group_vars/` and `host_vars/` can be told; those beside a single inventory file are handed over too.
#[derive(Debug, Clone)]
pub struct InputFile {
    pub path: String,
    pub bytes: Vec<u8>,
}

#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// Our field's name → the file's column.
    pub mapping: IndexMap<String, String>,
}

/// What is wrong with a file, and where. `kind` says which family of problem it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InventoryFault {
    pub kind: InventoryFaultKind,
    pub path: String,
    /// From one; none where it concerns the whole file.
    pub line: Option<usize>,
    pub message: String,
    pub help: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InventoryFaultKind {
    /// Not UTF-8, not the format that it seems to be.
    Unreadable,
    Empty,
    /// Of no shape that we know.
    Shape,
    /// Two files (or two lines) that say different things of one host.
    Disagrees,
    BadHostName,
}

/// Reads one inventory: the files of one `inventory` item. Several inventories are joined by [`Fleet::join`].
pub fn read(files: &[InputFile], options: &ReadOptions) -> Result<Fleet, Vec<InventoryFault>> {
    let _ = (files, options);
    unimplemented!("inventory room")
}
