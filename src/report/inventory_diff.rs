use serde::Serialize;

use crate::diagnostic::harmless;
use crate::inventory::{Fleet, FleetDiff, HostId, ValueChange};
use crate::report::places::count;
use crate::report::table::push_field;

/// How many hosts, and pairs of values of a field, are shown; machines get all of them.
const MOST_HOSTS: usize = 6;
const MOST_VALUES: usize = 8;

/// What is otherwise in the second of two inventories, for people. `names` are what they were called on the command line.
pub fn inventory_diff_text(diff: &FleetDiff, fleets: [&Fleet; 2], names: [&str; 2], width: usize) -> String {
    let [before, after] = fleets;
    let [from, to] = names.map(harmless);
    if diff.is_none() {
        return format!("No difference: {from} and {to} hold the same {}.\n", count(after.len(), "host"));
    }
    let mut out = format!("From {from} to {to}:\n");
    if !diff.gone.is_empty() || !diff.new.is_empty() {
        out.push_str(&format!("\nHosts ({}, then {})\n", before.len(), after.len()));
        for (hosts, fleet, word) in [(&diff.gone, before, "gone"), (&diff.new, after, "new")] {
            if !hosts.is_empty() {
                push_field(&mut out, 2, &count(hosts.len(), "host"), &format!("{word}: {}", some(fleet, hosts)), width);
            }
        }
    }
    let fields_new: Vec<_> = diff.fields_new.iter().map(|field| (field, "new".to_owned())).collect();
    let fields_gone = diff.fields_gone.iter().map(|field| (field, "gone".to_owned()));
    let types = diff.types.iter().map(|(field, one, other)| (field, format!("{one}  →  {other}")));
    let fields: Vec<_> = fields_new.into_iter().chain(fields_gone).chain(types).collect();
    if !fields.is_empty() {
        out.push_str("\nFields\n");
        fields.iter().for_each(|(field, words)| push_field(&mut out, 2, &harmless(field), words, width));
    }
    for change in &diff.fields {
        let hosts: usize = change.values.iter().map(|one| one.hosts.len()).sum();
        out.push_str(&format!("\n{} of {}\n", harmless(&change.field), count(hosts, "host")));
        for one in change.values.iter().take(MOST_VALUES) {
            let words = format!("{}: {}", value_words(one), some(after, &one.hosts));
            push_field(&mut out, 2, &count(one.hosts.len(), "host"), &words, width);
        }
        if let Some(more) = change.values.len().checked_sub(MOST_VALUES).filter(|more| *more > 0) {
            out.push_str(&format!("  and {more} more pairs of values\n"));
        }
    }
    if !diff.groups.is_empty() {
        out.push_str("\nGroups\n");
    }
    for change in &diff.groups {
        for (hosts, fleet, word) in [(&change.joined, after, "joined"), (&change.left, before, "left")] {
            if !hosts.is_empty() {
                let words = format!("{} {word}: {}", count(hosts.len(), "host"), some(fleet, hosts));
                push_field(&mut out, 2, &harmless(&change.group), &words, width);
            }
        }
    }
    out
}

fn value_words(change: &ValueChange) -> String {
    let value = |text: &Option<String>| text.as_ref().map_or_else(|| "nothing".to_owned(), |text| short(text));
    format!("{}  →  {}", value(&change.before), value(&change.after))
}

/// A value made harmless, and not longer than one reads in a line.
fn short(text: &str) -> String {
    const LONGEST: usize = 48;
    let shown = harmless(text);
    match shown.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &shown[..end]),
        None => shown.into_owned(),
    }
}

fn some(fleet: &Fleet, hosts: &[HostId]) -> String {
    let names = hosts.iter().take(MOST_HOSTS).map(|host| harmless(fleet.name(*host)).into_owned());
    let mut text = names.collect::<Vec<_>>().join(", ");
    if hosts.len() > MOST_HOSTS {
        text.push_str(&format!(" and {} more", hosts.len() - MOST_HOSTS));
    }
    text
}

/// The version of the shapes below; `docs/diff-json.md` documents them.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct File<'a> {
    version: u32,
    kind: &'static str,
    before: &'a str,
    after: &'a str,
    different: bool,
    gone: Vec<&'a str>,
    new: Vec<&'a str>,
    fields_gone: &'a [String],
    fields_new: &'a [String],
    types: Vec<Type<'a>>,
    values: Vec<Values<'a>>,
    groups: Vec<Group<'a>>,
}

#[derive(Serialize)]
struct Type<'a> {
    field: &'a str,
    before: String,
    after: String,
}

#[derive(Serialize)]
struct Values<'a> {
    field: &'a str,
    before: Option<&'a str>,
    after: Option<&'a str>,
    hosts: Vec<&'a str>,
}

#[derive(Serialize)]
struct Group<'a> {
    group: &'a str,
    joined: Vec<&'a str>,
    left: Vec<&'a str>,
}

/// What is otherwise in the second of two inventories, for programs.
pub fn inventory_diff_json(diff: &FleetDiff, fleets: [&Fleet; 2], names: [&str; 2]) -> String {
    let [before, after] = fleets;
    let values = diff.fields.iter().flat_map(|change| {
        change.values.iter().map(|one| Values {
            field: &change.field,
            before: one.before.as_deref(),
            after: one.after.as_deref(),
            hosts: named(after, &one.hosts),
        })
    });
    let file = File {
        version: VERSION,
        kind: "inventory",
        before: names[0],
        after: names[1],
        different: !diff.is_none(),
        gone: named(before, &diff.gone),
        new: named(after, &diff.new),
        fields_gone: &diff.fields_gone,
        fields_new: &diff.fields_new,
        types: diff
            .types
            .iter()
            .map(|(field, one, other)| Type { field, before: one.to_string(), after: other.to_string() })
            .collect(),
        values: values.collect(),
        groups: diff
            .groups
            .iter()
            .map(|change| Group {
                group: &change.group,
                joined: named(after, &change.joined),
                left: named(before, &change.left),
            })
            .collect(),
    };
    // INVARIANT: texts, numbers and lists only; there is nothing in them that JSON cannot say.
    serde_json::to_string_pretty(&file).unwrap_or_default() + "\n"
}

fn named<'a>(fleet: &'a Fleet, hosts: &[HostId]) -> Vec<&'a str> {
    hosts.iter().map(|host| fleet.name(*host)).collect()
}
