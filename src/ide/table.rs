use std::cmp::Reverse;

use crate::builtin::Value;
use crate::check::Answer;
use crate::ide::values::{counted, quoted};
use crate::inventory::{FieldId, Fleet, HostId, HostSet};
use crate::session::Session;
use crate::source::FileId;
use crate::syntax::{TokenKind, tokens};

/// An answer in rows and columns. The cells are as the inventory has them: whoever shows them makes them harmless.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// The most telling first.
    pub headings: Vec<String>,
    /// Which columns are numbers.
    pub numbers: Vec<bool>,
    pub rows: Vec<Vec<String>>,
    /// How many more rows there would be.
    pub left_out: usize,
}

impl Table {
    pub(super) fn of(headings: &[&str], numbers: &[usize], rows: Vec<Vec<String>>) -> Table {
        let numbers = (0..headings.len()).map(|column| numbers.contains(&column)).collect();
        Table { headings: headings.iter().map(|heading| (*heading).to_owned()).collect(), numbers, rows, left_out: 0 }
    }

    /// A row for each host, its name first, then these fields, then the others.
    pub(super) fn of_hosts(fleet: &Fleet, hosts: &HostSet, first: &[FieldId], most: usize) -> Table {
        let mut fields: Vec<FieldId> = fleet.field("name").into_iter().chain(first.iter().copied()).collect();
        fields.extend(fleet.fields().map(|(field, _)| field));
        let mut seen = Vec::new();
        fields.retain(|field| {
            !seen.contains(field) && {
                seen.push(*field);
                true
            }
        });
        let cells = |host: HostId| fields.iter().map(|field| fleet.text(host, *field).unwrap_or_default()).collect();
        let headings: Vec<&str> = fields.iter().map(|field| fleet.field_name(*field)).collect();
        let rows = hosts.iter().take(most).map(cells).collect();
        Table { left_out: hosts.len().saturating_sub(most), ..Table::of(&headings, &[], rows) }
    }

    fn shortened(mut self, most: usize) -> Table {
        self.left_out = self.rows.len().saturating_sub(most);
        self.rows.truncate(most);
        self
    }
}

/// An answer as a table of at most so many rows; none where a line says it. `text` is what was asked: the fields that it
/// speaks of are the first that a reader looks for.
pub fn table(session: &Session, text: &str, answer: &Answer, most: usize) -> Option<Table> {
    let fleet = session.fleet.as_ref()?;
    match answer {
        Answer::Hosts { hosts, .. } => Some(Table::of_hosts(fleet, hosts, &fields_named(fleet, text), most)),
        Answer::Field(field) => Some(of_values(fleet, *field, most)),
        Answer::Groups { by, groups } => {
            let is_count = groups.iter().all(|(_, answer)| matches!(answer, Value::Number { .. }));
            let mut headings: Vec<&str> = by.iter().map(|field| fleet.field_name(*field)).collect();
            headings.push(if is_count { "Hosts" } else { "Answer" });
            let mut groups: Vec<_> = groups.iter().collect();
            if is_count {
                groups.sort_by_key(|(_, answer)| Reverse(number(answer)));
            }
            let cells = |values: &[Option<crate::inventory::Value>], answer: &Value| {
                let values =
                    values.iter().map(|value| value.as_ref().map_or("(missing)".to_owned(), ToString::to_string));
                values.chain([answer_text(answer)]).collect()
            };
            let rows = groups.iter().map(|(values, answer)| cells(values, answer)).collect();
            let numbers: &[usize] = if is_count { &[by.len()] } else { &[] };
            Some(Table::of(&headings, numbers, rows).shortened(most))
        }
        Answer::Value(_) | Answer::OfEachHost(_) => None,
    }
}

fn number(value: &Value) -> i64 {
    match value {
        Value::Number { number: crate::builtin::Number::Integer(number), .. } => *number,
        _ => 0,
    }
}

fn of_values(fleet: &Fleet, field: FieldId, most: usize) -> Table {
    let summary = fleet.summary(field, most);
    let rows = summary.common.iter().map(|(value, hosts)| vec![value.to_string(), hosts.to_string()]).collect();
    let left_out = summary.distinct.saturating_sub(summary.common.len());
    Table { left_out, ..Table::of(&[fleet.field_name(field), "Hosts"], &[1], rows) }
}

/// The fields of which a text speaks, in its order.
fn fields_named(fleet: &Fleet, text: &str) -> Vec<FieldId> {
    let words = tokens(FileId(0), text).filter(|token| token.kind == TokenKind::Word);
    words.filter_map(|token| fleet.field(&text[token.span.range()])).collect()
}

/// An answer in a line: a value, how many hosts, what kind of thing it is.
pub fn answer_words(session: &Session, answer: &Answer) -> String {
    match answer {
        Answer::Value(value) => answer_text(value),
        Answer::Hosts { hosts, passed_over: 0 } => counted(hosts.len(), "host"),
        Answer::Hosts { hosts, passed_over } => {
            format!("{}; {passed_over} more lack a field that it asks for", counted(hosts.len(), "host"))
        }
        Answer::Field(field) => {
            let fleet = session.fleet.as_ref();
            let words = fleet.map(|fleet| {
                let summary = fleet.summary(*field, 0);
                let lacking =
                    if summary.missing == 0 { String::new() } else { format!(", {} hosts lack it", summary.missing) };
                format!("{}, {}{lacking}", summary.field_type, counted(summary.distinct, "value"))
            });
            words.unwrap_or_default()
        }
        Answer::OfEachHost(what) => format!("{what} that each host has its own of"),
        Answer::Groups { groups, .. } => {
            let total: i64 = groups.iter().map(|(_, answer)| number(answer)).sum();
            let is_count = groups.iter().all(|(_, answer)| matches!(answer, Value::Number { .. }));
            let groups = counted(groups.len(), "group");
            if is_count {
                format!("{} in {groups}", counted(usize::try_from(total).unwrap_or(0), "host"))
            } else {
                groups
            }
        }
    }
}

/// A value as a script writes it.
fn answer_text(value: &Value) -> String {
    match value {
        Value::Text(text) => quoted(text),
        Value::List(values) => format!("[{}]", values.iter().map(answer_text).collect::<Vec<_>>().join(", ")),
        Value::Range(first, last) => format!("{}..{}", answer_text(first), answer_text(last)),
        value => value.to_string(),
    }
}
