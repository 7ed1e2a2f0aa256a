use std::fmt;

use crate::inventory::reader::fault::quoted;
use crate::inventory::{InventoryFault, InventoryFaultKind};

/// The formats that we read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Csv,
    /// An array of objects.
    JsonArray,
    /// An object: an Ansible inventory of one of two shapes.
    JsonObject,
    AnsibleIni,
    AnsibleYaml,
}

/// Which format a file has: by its content where that is plain, else by the end of its name.
pub(crate) fn detect(path: &str, text: &str) -> Result<Format, Vec<InventoryFault>> {
    let refuse = |message: String, help: &str| {
        Err(vec![InventoryFault::new(InventoryFaultKind::Shape, path, None, message).help(help)])
    };
    let extension = path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map(|(_, end)| end.to_lowercase());
    let start = text.trim_start();
    if start.starts_with("#!") {
        return refuse(
            "it is a script, and we run none".to_owned(),
            "write down what it prints: `SCRIPT --list > hosts.json`",
        );
    }
    if start.starts_with('<') {
        return refuse("it is XML or HTML".to_owned(), KNOWN);
    }
    if start.starts_with("BEGIN:VCALENDAR") {
        return refuse(
            "it is a calendar, no list of hosts".to_owned(),
            "a calendar is named by `calendar NAME { ics \"…\" }`",
        );
    }
    if let Some(what) = foreign(start) {
        return refuse(format!("it is {what}, no list of hosts"), KNOWN);
    }
    match (extension.as_deref(), start.chars().next()) {
        (Some("csv" | "tsv"), _) => Ok(Format::Csv),
        (Some("toml" | "xml" | "xlsx" | "ods"), _) => {
            refuse(format!("{} is of a format that is not read", quoted(path)), KNOWN)
        }
        (_, Some('{')) => Ok(Format::JsonObject),
        (_, Some('[')) if is_json_array(start) => Ok(Format::JsonArray),
        (Some("json"), _) => Ok(Format::JsonArray),
        (_, Some('[')) => Ok(Format::AnsibleIni),
        (Some("yml" | "yaml"), _) => Ok(Format::AnsibleYaml),
        (Some("ini"), _) => Ok(Format::AnsibleIni),
        _ => Ok(by_first_line(text)),
    }
}

const KNOWN: &str = "an inventory is CSV, JSON (an array of objects), or Ansible's INI, YAML or `--list`";

/// Another language's text, by how its files begin.
fn foreign(start: &str) -> Option<&'static str> {
    let line = start.lines().next().unwrap_or("").trim_end();
    match () {
        () if line.starts_with("%PDF") => Some("a PDF"),
        () if line.starts_with("-----BEGIN ") => Some("a key or certificate"),
        () if line.starts_with("inventory \"") || line.starts_with("use std.") => Some("a script of Sunup"),
        () => None,
    }
}

/// Of an array: objects, or nothing at all. `[web]` is the head of a section.
fn is_json_array(start: &str) -> bool {
    start[1..].trim_start().starts_with(['{', ']', '[', '"'])
}

/// By the first line that says something: `all:` is YAML, `name,site` is CSV, `web1 port=22` is INI.
fn by_first_line(text: &str) -> Format {
    let says_something = |line: &&str| !line.is_empty() && !line.starts_with(['#', ';']);
    let line = text.lines().map(str::trim).find(says_something).unwrap_or("");
    let is_yaml = line.starts_with("---")
        || line.starts_with("%YAML")
        || line.ends_with(':')
        || line.split_once('=').map_or(line, |(before, _)| before).contains(": ")
        || line.contains(": #");
    let has_separator = line.contains([',', ';', '\t']) && !line.contains('=') && !line.contains('[');
    match (is_yaml, has_separator) {
        (true, _) => Format::AnsibleYaml,
        (_, true) => Format::Csv,
        _ => Format::AnsibleIni,
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Csv => "CSV",
            Format::JsonArray | Format::JsonObject => "JSON",
            Format::AnsibleIni => "Ansible INI",
            Format::AnsibleYaml => "Ansible YAML",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_tells_more_than_names() {
        for (path, text, format) in [
            ("servers.csv", "name\na\n", Format::Csv),
            ("servers", "name,site\na,x\n", Format::Csv),
            ("servers.txt", "name;site\na;x\n", Format::Csv),
            ("servers.json", " [ {\"name\": 1}]", Format::JsonArray),
            ("servers", "[\n]", Format::JsonArray),
            ("hosts.json", "{\"all\": {}}", Format::JsonObject),
            ("hosts.json", "nonsense", Format::JsonArray),
            ("hosts", "[web]\na\n", Format::AnsibleIni),
            ("hosts.yml", "[web]\na\n", Format::AnsibleIni),
            ("hosts", "a ansible_host=10.0.0.1 b='x: y'\n", Format::AnsibleIni),
            ("hosts", "# c\n\na[1:3]:22\n", Format::AnsibleIni),
            ("hosts", "a x=\"1,2\"\n", Format::AnsibleIni),
            ("hosts", "---\nall:\n", Format::AnsibleYaml),
            ("hosts", "# c\nall:\n  hosts:\n", Format::AnsibleYaml),
            ("hosts", "all: {hosts: {a: }}\n", Format::AnsibleYaml),
            ("dir.csv/hosts", "a\n", Format::AnsibleIni),
            ("hosts", "", Format::AnsibleIni),
        ] {
            assert_eq!(detect(path, text), Ok(format), "{path} {text:?}");
        }
        for (path, text) in [
            ("inv.py", "#!/usr/bin/python\n"),
            ("hosts.toml", "[web]\n"),
            ("page", "<html>"),
            ("freeze.ics", "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"),
            ("doc", "%PDF-1.7\n"),
            ("id", "-----BEGIN OPENSSH PRIVATE KEY-----\n"),
        ] {
            assert!(detect(path, text).is_err(), "{path}");
        }
    }
}
