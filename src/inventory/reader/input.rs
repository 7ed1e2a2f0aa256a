use indexmap::IndexMap;

use crate::inventory::reader::csv;
use crate::inventory::reader::detect::{Format, detect};
use crate::inventory::{Fleet, InventoryFault, InventoryFaultKind};

/// A file of an inventory, read by the caller. For a directory: one for each file, `path` relative to the directory's
/// parent, so that `group_vars/` and `host_vars/` can be told; those beside a single inventory file are handed over too.
#[derive(Debug, Clone)]
pub struct InputFile {
    pub path: String,
    pub bytes: Vec<u8>,
}

#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// Our field's name → the file's column. A column that bears the name already stands aside.
    pub mapping: IndexMap<String, String>,
}

/// Reads one inventory: the files of one `inventory` item. Several inventories are joined by [`Fleet::join`].
///
/// No hosts is a fault. So is any line that cannot be read: a fleet is whole or not at all.
pub fn read(files: &[InputFile], options: &ReadOptions) -> Result<Fleet, Vec<InventoryFault>> {
    let Some(file) = files.first() else {
        return Err(vec![InventoryFault::new(InventoryFaultKind::Empty, "", None, "there is no file to read")]);
    };
    let text = text_of(file)?;
    let fleet = match detect(&file.path, text) {
        Some(Format::Csv) => csv::read(&file.path, text, options)?,
        None => return Err(Vec::new()),
    };
    if fleet.is_empty() {
        return Err(vec![
            InventoryFault::new(InventoryFaultKind::Empty, &file.path, None, "it names no hosts")
                .help("a rollout over no hosts would do nothing: is it the right file?"),
        ]);
    }
    Ok(fleet)
}

/// The text of a file, without a byte order mark.
fn text_of(file: &InputFile) -> Result<&str, Vec<InventoryFault>> {
    let fault = |line, message: String, help: &str| {
        vec![InventoryFault::new(InventoryFaultKind::Unreadable, &file.path, line, message).help(help)]
    };
    if file.bytes.starts_with(&[0xff, 0xfe]) || file.bytes.starts_with(&[0xfe, 0xff]) {
        return Err(fault(None, "it is UTF-16, not UTF-8".to_owned(), "save it as UTF-8: `iconv -f utf-16 -t utf-8`"));
    }
    match std::str::from_utf8(&file.bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(error) => {
            let (before, from) = file.bytes.split_at(error.valid_up_to());
            let line = memchr::memchr_iter(b'\n', before).count() + 1;
            let column = before.len() - memchr::memrchr(b'\n', before).map_or(0, |at| at + 1) + 1;
            let byte = from.first().copied().unwrap_or(0);
            let message = format!("it is not UTF-8: byte {column} of this line is 0x{byte:02X}");
            let help = "it may be Latin-1: save it as UTF-8, or `iconv -f windows-1252 -t utf-8`";
            Err(fault(Some(line), message, help))
        }
    }
}
