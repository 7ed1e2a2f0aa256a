use std::collections::HashMap;

use indexmap::IndexMap;

use crate::inventory::column::Column;
use crate::inventory::dictionary::{CellKind, TextIndex};
use crate::inventory::{FieldType, HostSet, Value};

/// A host's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostId(pub u32);

/// A field's place among the fleet's fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldId(pub u32);

/// A group's place among the fleet's groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(pub u32);

/// All hosts: a name each, a column for each field, and (from Ansible) the groups. Hosts are in the order of the files.
/// `name` is a field too: `field("name")` answers it, as text.
#[derive(Debug, Clone, Default)]
pub struct Fleet {
    pub(crate) columns: IndexMap<String, Column>,
    /// Which column is `name`: its dictionary holds the names in the order of the hosts.
    pub(crate) name_column: usize,
    pub(crate) names: TextIndex,
    pub(crate) groups: IndexMap<String, HostSet>,
    pub(crate) hosts: usize,
    pub(crate) origins: Vec<Origin>,
}

/// An inventory that hosts came from: a file, or the files of a directory.
#[derive(Debug, Clone, Default)]
pub(crate) struct Origin {
    pub(crate) paths: Vec<String>,
    /// Which of the paths each host came from; empty where there is one.
    pub(crate) files: Vec<u32>,
    /// The line of each host, from one; zero for a host that is not in it, or whose line is not known.
    pub(crate) lines: Vec<u32>,
}

impl Origin {
    /// The file and the line of a host, where they are known.
    pub(crate) fn place(&self, host: HostId) -> (&str, Option<usize>) {
        let row = host.0 as usize;
        let file = self.files.get(row).copied().unwrap_or(0) as usize;
        let line = self.lines.get(row).copied().unwrap_or(0) as usize;
        (self.paths.get(file).map_or("", String::as_str), Some(line).filter(|&line| line > 0))
    }
}

impl Fleet {
    pub fn len(&self) -> usize {
        self.hosts
    }

    pub fn is_empty(&self) -> bool {
        self.hosts == 0
    }

    pub fn hosts(&self) -> impl Iterator<Item = HostId> + use<> {
        (0..self.hosts as u32).map(HostId)
    }

    /// The host's name; empty for a host of another fleet.
    pub fn name(&self, host: HostId) -> &str {
        let column = self.columns.get_index(self.name_column);
        column.map_or("", |(_, column)| column.dictionary.text(host.0 + 1))
    }

    /// The host of that name.
    pub fn find(&self, name: &str) -> Option<HostId> {
        let (_, column) = self.columns.get_index(self.name_column)?;
        self.names.find(&column.dictionary, name, CellKind::Plain).map(|code| HostId(code - 1))
    }

    /// Where the host was first read: the file, and the line where it is known.
    pub fn place(&self, host: HostId) -> Option<(&str, Option<usize>)> {
        let mut places = self.origins.iter().map(|origin| origin.place(host));
        places.clone().find(|(_, line)| line.is_some()).or_else(|| places.next())
    }

    pub fn field(&self, name: &str) -> Option<FieldId> {
        self.columns.get_index_of(name).map(|idx| FieldId(idx as u32))
    }

    pub fn fields(&self) -> impl Iterator<Item = (FieldId, &str)> {
        self.columns.keys().enumerate().map(|(idx, name)| (FieldId(idx as u32), name.as_str()))
    }

    /// The field's name; empty for a field of another fleet.
    pub fn field_name(&self, field: FieldId) -> &str {
        self.columns.get_index(field.0 as usize).map_or("", |(name, _)| name)
    }

    pub fn field_type(&self, field: FieldId) -> FieldType {
        self.column(field).map_or(FieldType::Text, |column| column.field_type)
    }

    /// The cell, or none where the host lacks the field (an empty cell or text is missing, in every format).
    pub fn value(&self, host: HostId, field: FieldId) -> Option<Value> {
        let column = self.column(field)?;
        column.value(column.codes.get(host.0 as usize))
    }

    /// The cell as it was written, for a command line or a table, or none where it is missing. A list's elements are
    /// joined by commas.
    pub fn text(&self, host: HostId, field: FieldId) -> Option<String> {
        let column = self.column(field)?;
        match (column.codes.get(host.0 as usize), column.field_type) {
            (0, _) => None,
            (code, FieldType::List) => column.value(code).map(|value| value.to_string()),
            (code, _) => Some(column.dictionary.text(code).to_owned()),
        }
    }

    pub fn missing(&self, field: FieldId) -> HostSet {
        let mut missing = HostSet::none(self.hosts);
        let Some(column) = self.column(field) else { return HostSet::all(self.hosts) };
        for (row, code) in column.codes.iter().enumerate() {
            if code == 0 {
                missing.insert(HostId(row as u32));
            }
        }
        missing
    }

    /// The distinct values of a field with the hosts of each counted, within `among`; in the order of the first host.
    /// For lists, the elements. Values are distinct as they are written.
    pub fn values(&self, field: FieldId, among: &HostSet) -> Vec<(Value, usize)> {
        let Some(column) = self.column(field) else { return Vec::new() };
        let mut counts: IndexMap<u32, usize> = IndexMap::new();
        for code in among.iter().map(|host| column.codes.get(host.0 as usize)).filter(|&code| code != 0) {
            if column.field_type != FieldType::List {
                *counts.entry(code).or_default() += 1;
                continue;
            }
            for item in column.lists.distinct_items(code) {
                *counts.entry(item).or_default() += 1;
            }
        }
        let value = |code| match column.field_type {
            FieldType::List => Some(Value::Text(column.lists.elements.text(code).to_owned())),
            _ => column.value(code),
        };
        counts.into_iter().filter_map(|(code, count)| Some((value(code)?, count))).collect()
    }

    /// The hosts of `among`, one set for each combination of these fields' values, in the order of the first host. A host
    /// that lacks one of the fields is in the set whose value for it is `None`. Values are distinct as they are written.
    pub fn group_by(&self, fields: &[FieldId], among: &HostSet) -> Vec<(Vec<Option<Value>>, HostSet)> {
        let columns: Vec<&Column> = fields.iter().filter_map(|&field| self.column(field)).collect();
        // A combination is folded pair by pair into one number, so that no host needs a key of its own.
        let mut pairs: HashMap<(usize, u32, u32), u32> = HashMap::new();
        let mut sets: IndexMap<u32, HostSet> = IndexMap::new();
        for host in among.iter() {
            let combination = columns.iter().enumerate().fold(0, |so_far, (idx, column)| {
                let next = pairs.len() as u32 + 1;
                *pairs.entry((idx, so_far, column.codes.get(host.0 as usize))).or_insert(next)
            });
            sets.entry(combination).or_insert_with(|| HostSet::none(self.hosts)).insert(host);
        }
        let values_of = |hosts: &HostSet| {
            let first = hosts.iter().next().unwrap_or(HostId(0));
            fields.iter().map(|&field| self.value(first, field)).collect()
        };
        sets.into_values().map(|hosts| (values_of(&hosts), hosts)).collect()
    }

    pub fn groups(&self) -> impl Iterator<Item = (&str, &HostSet)> {
        self.groups.iter().map(|(name, hosts)| (name.as_str(), hosts))
    }

    pub fn group(&self, name: &str) -> Option<GroupId> {
        self.groups.get_index_of(name).map(|idx| GroupId(idx as u32))
    }

    /// The hosts of a group, those of its children too; none for a group of another fleet.
    pub fn group_hosts(&self, group: GroupId) -> HostSet {
        self.groups.get_index(group.0 as usize).map_or_else(|| HostSet::none(self.hosts), |(_, hosts)| hosts.clone())
    }

    /// A number for the cell, for telling hosts apart without a text for each: two hosts have the same one where the field
    /// is written the same on both. Zero where it is missing; at most [`Fleet::distinct`].
    pub fn code(&self, host: HostId, field: FieldId) -> u32 {
        self.column(field).map_or(0, |column| column.codes.get(host.0 as usize))
    }

    /// How many distinct values a field has among all hosts, as they are written; of a list field, distinct lists.
    pub fn distinct(&self, field: FieldId) -> usize {
        self.column(field).map_or(0, |column| column.dictionary.len())
    }

    /// The order of a field's values: for each [`Fleet::code`] a place from 0 on. Values that are equal (`5.2`, `5.2.0`) share
    /// one; texts are in the order of their letters' numbers. That of a missing cell is after all others.
    pub fn places(&self, field: FieldId) -> Vec<u32> {
        let Some(column) = self.column(field) else { return vec![u32::MAX] };
        let compare = |left: u32, right: u32| {
            let text = |code| column.dictionary.text(code);
            Column::compare(column.field_type, text(left), text(right))
        };
        let mut codes: Vec<u32> = (1..=column.dictionary.len() as u32).collect();
        codes.sort_by(|left, right| compare(*left, *right));
        let mut places = vec![u32::MAX; codes.len() + 1];
        let mut place = 0;
        for (idx, &code) in codes.iter().enumerate() {
            if idx > 0 && compare(codes[idx - 1], code).is_ne() {
                place += 1;
            }
            places[code as usize] = place;
        }
        places
    }

    /// Says which of several files each host came from.
    pub(crate) fn set_files(&mut self, paths: Vec<String>, files: Vec<u32>) {
        if let Some(origin) = self.origins.first_mut() {
            origin.files = if paths.len() > 1 { files } else { Vec::new() };
            origin.paths = paths;
        }
    }

    pub(crate) fn column(&self, field: FieldId) -> Option<&Column> {
        self.columns.get_index(field.0 as usize).map(|(_, column)| column)
    }
}
