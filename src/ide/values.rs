use crate::ide::complete::{Candidate, Sort};
use crate::inventory::{FieldId, FieldType, Fleet, HostId};

/// No more of anything: nobody reads further.
pub(super) const MOST: usize = 200;

/// A field with what one wants to know of it: `text, 12 values: mailbox 18, hub 9, …`.
pub(super) fn field_words(fleet: &Fleet, field: FieldId) -> String {
    let summary = fleet.summary(field, 4);
    let common: Vec<String> = summary.common.iter().map(|(value, hosts)| format!("{value} {hosts}")).collect();
    let more = if summary.distinct > summary.common.len() { ", …" } else { "" };
    let values = if summary.distinct == 1 { "value" } else { "values" };
    match summary.common.iter().all(|(_, hosts)| *hosts == 1) && summary.distinct > 4 {
        true => format!("{}, a value of its own for each host", summary.field_type),
        false => format!("{}, {} {values}: {}{more}", summary.field_type, summary.distinct, common.join(", ")),
    }
}

/// The fields that begin so.
pub(super) fn fields(fleet: &Fleet, beginning: &str) -> Vec<Candidate> {
    let fields = fleet.fields().filter(|(_, name)| name.starts_with(beginning));
    let fields = fields.map(|(field, name)| Candidate::new(name, Sort::Field, field_words(fleet, field)));
    fields.take(MOST).collect()
}

/// The values of a field that begin so, as a script writes them, with how many hosts have each.
pub(super) fn values(fleet: &Fleet, field: FieldId, beginning: &str, is_in_text: bool) -> Vec<Candidate> {
    let field_type = fleet.field_type(field);
    let is_quoted = matches!(field_type, FieldType::Text | FieldType::List);
    if is_in_text && !is_quoted {
        return Vec::new();
    }
    let found = fleet.values_beginning(field, beginning, MOST).into_iter();
    let candidates = found.map(|(value, hosts)| {
        let written = if is_quoted { quoted(&value) } else { value };
        Candidate::new(&written, Sort::Value, counted(hosts, "host"))
    });
    candidates.collect()
}

/// The hosts whose names begin so, each with what else is known of it.
pub(super) fn hosts(fleet: &Fleet, beginning: &str) -> Vec<Candidate> {
    let found = fleet.hosts().filter(|host| fleet.name(*host).starts_with(beginning)).take(MOST);
    found.map(|host| Candidate::new(fleet.name(host), Sort::Host, host_words(fleet, host))).collect()
}

/// A few of a host's cells: `tokyo, mailbox, 6.5.7638`.
fn host_words(fleet: &Fleet, host: HostId) -> String {
    const SHOWN: [&str; 6] = ["region", "site", "role", "product", "version", "os"];
    let fields = SHOWN.iter().filter_map(|name| fleet.field(name));
    let cells: Vec<String> = fields.filter_map(|field| fleet.text(host, field)).collect();
    cells.join(", ")
}

pub(super) fn counted(number: usize, noun: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{s}")
}

/// A text as it is written in a script.
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' | '{' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
