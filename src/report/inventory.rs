use std::io;

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use unicode_width::UnicodeWidthStr;

use crate::diagnostic::harmless;
use crate::inventory::{FieldId, Fleet, HostId, Value};
use crate::report::table::{Side, Table};

/// What an inventory holds, for people: a line for each field with its type, how many values it has, how many hosts lack
/// it and what is most common; then the groups. `width` is the terminal's, in columns; 80 where there is none.
pub fn inventory_text(fleet: &Fleet, width: usize) -> String {
    let mut out = format!("{}, {}\n\n", counted(fleet.len(), "host"), counted(fleet.fields().count(), "field"));
    fields(fleet, width, &mut out);
    groups(fleet, width, &mut out);
    out
}

/// What an inventory holds, host by host, for other programs: `{"hosts": [{"name": …, "groups": […], "fields": {…}}]}`. A
/// field that a host lacks is not among its fields; a version is a text. Written as it goes, so that a large fleet needs
/// no memory of its own.
///
/// # Errors
///
/// Those of `out`.
pub fn inventory_json(fleet: &Fleet, mut out: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer(&mut out, &Report(fleet))?;
    out.write_all(b"\n")
}

fn fields(fleet: &Fleet, width: usize, out: &mut String) {
    let summaries: Vec<_> = fleet.fields().map(|(field, name)| (name, fleet.summary(field, MOST_COMMON))).collect();
    let mut rows = vec![["Field".to_owned(), "Type".to_owned(), "Values".to_owned(), "Missing".to_owned()]];
    for (name, summary) in &summaries {
        let missing = if summary.missing == 0 { String::new() } else { grouped(summary.missing) };
        rows.push([harmless(name).into_owned(), summary.field_type.to_string(), grouped(summary.distinct), missing]);
    }
    let widest = |column: usize| rows.iter().map(|row| row[column].width()).max().unwrap_or(0);
    let taken: usize = (0..4).map(|column| widest(column) + 2).sum();
    let room = width.saturating_sub(taken).max(LEAST_COMMON);
    let mut table = Table::new(0, &[Side::Left, Side::Left, Side::Right, Side::Right, Side::Left]);
    let common = std::iter::once("Most common".to_owned())
        .chain(summaries.iter().map(|(_, summary)| common(&summary.common, summary.distinct, room)));
    for (row, common) in rows.into_iter().zip(common) {
        table.row(row.into_iter().chain([common]));
    }
    table.render(width, out);
}

/// Values looked at for each field, of which as many are shown as there is room for.
const MOST_COMMON: usize = 12;

/// Columns that the common values get, however narrow the terminal.
const LEAST_COMMON: usize = 24;

/// `web 12, db 3, …`; where no value comes twice, without the numbers.
fn common(values: &[(Value, usize)], distinct: usize, room: usize) -> String {
    let is_distinct = values.iter().all(|(_, count)| *count == 1);
    let mut shown = String::new();
    for (idx, (value, count)) in values.iter().enumerate() {
        let text = short(&value.to_string());
        let piece = if is_distinct { text } else { format!("{text} {}", grouped(*count)) };
        let separator = if idx == 0 { "" } else { ", " };
        let is_last = idx + 1 == distinct;
        let end = if is_last { 0 } else { ", …".width() };
        if idx > 0 && shown.width() + separator.width() + piece.width() + end > room {
            break;
        }
        shown.push_str(separator);
        shown.push_str(&piece);
        if is_last {
            return shown;
        }
    }
    if shown.is_empty() { shown } else { shown + ", …" }
}

/// A value made harmless, and not longer than one reads in a table.
fn short(text: &str) -> String {
    const LONGEST: usize = 32;
    let shown = harmless(text);
    match shown.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &shown[..end]),
        None => shown.into_owned(),
    }
}

fn groups(fleet: &Fleet, width: usize, out: &mut String) {
    if fleet.groups().next().is_none() {
        return;
    }
    out.push('\n');
    let mut table = Table::new(0, &[Side::Left, Side::Right]);
    table.row(["Group", "Hosts"]);
    for (name, hosts) in fleet.groups() {
        table.row([harmless(name).into_owned(), grouped(hosts.len())]);
    }
    table.render(width, out);
}

fn counted(number: usize, what: &str) -> String {
    format!("{} {what}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// `1,000,000`
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (idx, digit) in digits.chars().enumerate() {
        if idx > 0 && (digits.len() - idx).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

struct Report<'a>(&'a Fleet);

impl Serialize for Report<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("hosts", &Hosts(self.0))?;
        map.end()
    }
}

struct Hosts<'a>(&'a Fleet);

impl Serialize for Hosts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fleet = self.0;
        // The groups stand by themselves, so that they are not a field here as well.
        let fields: Vec<(FieldId, &str)> = fleet
            .fields()
            .filter(|(_, name)| *name != "name" && (*name != "groups" || fleet.groups().next().is_none()))
            .collect();
        let mut hosts = serializer.serialize_seq(Some(fleet.len()))?;
        for host in fleet.hosts() {
            hosts.serialize_element(&Host { fleet, host, fields: &fields })?;
        }
        hosts.end()
    }
}

struct Host<'a> {
    fleet: &'a Fleet,
    host: HostId,
    fields: &'a [(FieldId, &'a str)],
}

impl Serialize for Host<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let groups = self.fleet.groups().filter(|(_, hosts)| hosts.contains(self.host)).map(|(name, _)| name);
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("name", self.fleet.name(self.host))?;
        map.serialize_entry("groups", &groups.collect::<Vec<_>>())?;
        map.serialize_entry("fields", &Fields(self))?;
        map.end()
    }
}

struct Fields<'a>(&'a Host<'a>);

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let host = self.0;
        let mut map = serializer.serialize_map(None)?;
        for &(field, name) in host.fields {
            match host.fleet.value(host.host, field) {
                None => {}
                Some(Value::Text(text)) => map.serialize_entry(name, &text)?,
                Some(Value::Integer(number)) => map.serialize_entry(name, &number)?,
                Some(Value::Number(number)) => map.serialize_entry(name, &number)?,
                Some(Value::Bool(truth)) => map.serialize_entry(name, &truth)?,
                Some(Value::Version(version)) => map.serialize_entry(name, &version.text)?,
                Some(Value::List(texts)) => map.serialize_entry(name, &texts)?,
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::{InputFile, ReadOptions, read};

    fn fleet(path: &str, text: &str) -> Fleet {
        read(&[InputFile { path: path.to_owned(), bytes: text.as_bytes().to_vec() }], &ReadOptions::default()).unwrap()
    }

    fn json(fleet: &Fleet) -> String {
        let mut out = Vec::new();
        inventory_json(fleet, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_table_of_fields() {
        let fleet = fleet("f.csv", "name,site,cores,os_version\na,東京,4,5.2\nb,東京,,6.0\nc,x,8,5.2\n");
        let text = "\
3 hosts, 4 fields

Field       Type     Values  Missing  Most common
name        text          3           a, b, c
site        text          2           東京 2, x 1
cores       integer       2        1  4, 8
os_version  version       2           5.2 2, 6.0 1
";
        assert_eq!(inventory_text(&fleet, 80), text);
    }

    #[test]
    fn what_does_not_fit_is_left_off_and_nothing_hostile_comes_through() {
        let rows: String = (0..40).map(|host| format!("host-{host},\"{}\u{1b}[31m\u{202e}\"\n", host % 20)).collect();
        let text = inventory_text(&fleet("f.csv", &format!("name,x\u{7}\n{rows}")), 60);
        assert!(text.lines().all(|line| line.width() <= 60), "{text}");
        assert!(text.contains(r"0\u{1b}[31m\u{202e} 2, …"), "{text}");
        assert!(text.contains(r"x\u{7}"), "{text}");
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'));
    }

    #[test]
    fn groups_stand_below() {
        let text = inventory_text(&fleet("hosts", "[web]\nw1\nw2\n[db]\nw1\n"), 80);
        assert!(text.ends_with("\nGroup  Hosts\nweb        2\ndb         1\n"), "{text}");
    }

    #[test]
    fn json_for_other_programs() {
        let csv = fleet("f.csv", "name,note,cores,load,up,os_version\na,\"x\"\"y\",4,0.5,true,5.10\nb,,,,,\n");
        assert_eq!(
            json(&csv),
            "{\"hosts\":[{\"name\":\"a\",\"groups\":[],\"fields\":{\"note\":\"x\\\"y\",\"cores\":4,\"load\":0.5,\"up\":true,\
             \"os_version\":\"5.10\"}},{\"name\":\"b\",\"groups\":[],\"fields\":{}}]}\n"
        );
        let ini = fleet("hosts", "[web]\nw1 tags=[1,2]\n");
        assert_eq!(
            json(&ini),
            "{\"hosts\":[{\"name\":\"w1\",\"groups\":[\"web\"],\"fields\":{\"tags\":[\"1\",\"2\"]}}]}\n"
        );
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
