use indexmap::IndexMap;

use crate::inventory::reader::datum::Datum;
use crate::inventory::reader::detect::{Format, detect};
use crate::inventory::reader::fault::syntax_fault;
use crate::inventory::reader::{ansible, csv, directory, json};
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
    let inventories = directory::inventory_files(files);
    let fleet = match inventories.as_slice() {
        [] => {
            let path = files.first().map_or("", |file| file.path.as_str());
            let message = "there is no inventory among the files";
            return Err(vec![InventoryFault::new(InventoryFaultKind::Empty, path, None, message)]);
        }
        [file] => read_file(file, files, options)?,
        several => ansible::read_directory(several, files, options)?,
    };
    if fleet.is_empty() {
        let path = inventories.first().map_or("", |file| file.path.as_str());
        let fault = InventoryFault::new(InventoryFaultKind::Empty, path, None, "it names no hosts");
        return Err(vec![fault.help("a rollout over no hosts would do nothing: is it the right file?")]);
    }
    Ok(fleet)
}

fn read_file(file: &InputFile, all: &[InputFile], options: &ReadOptions) -> Result<Fleet, Vec<InventoryFault>> {
    let text = text_of(file)?;
    match detect(&file.path, text)? {
        Format::Csv => csv::read(&file.path, text, options),
        Format::JsonArray => json::read(&file.path, text, options),
        Format::JsonObject => match serde_json::from_str(text) {
            Ok(Datum::Map(document)) => match json::array_in(&document) {
                Some(key) => Err(vec![json::wrapped(&file.path, key)]),
                None => ansible::read_document(file, &document, all, options),
            },
            Err(error) if file.path.ends_with(".json") => Err(vec![syntax_fault(&file.path, &error)]),
            // YAML may begin with a brace too.
            _ => ansible::read_file(file, Format::AnsibleYaml, all, options),
        },
        format => ansible::read_file(file, format, all, options),
    }
}

/// The text of a file, without a byte order mark.
pub(crate) fn text_of(file: &InputFile) -> Result<&str, Vec<InventoryFault>> {
    let fault = |line, message: String, help: &str| {
        vec![InventoryFault::new(InventoryFaultKind::Unreadable, &file.path, line, message).help(help)]
    };
    if file.bytes.starts_with(&[0xff, 0xfe]) || file.bytes.starts_with(&[0xfe, 0xff]) {
        return Err(fault(None, "it is UTF-16, not UTF-8".to_owned(), "save it as UTF-8: `iconv -f utf-16 -t utf-8`"));
    }
    if file.bytes.starts_with(b"PK\x03\x04") {
        return Err(fault(None, "it is a spreadsheet or an archive".to_owned(), "save the sheet as CSV, in UTF-8"));
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
