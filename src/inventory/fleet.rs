use std::fmt;

use indexmap::IndexMap;

use crate::inventory::HostSet;

/// A host's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostId(pub u32);

/// A field's place among the fleet's fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldId(pub u32);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(pub u32);

/// All hosts: a name each, a column for each field, and (from Ansible) the groups. Hosts are in the order of the files.
/// `name` is a field too: `field("name")` answers it, as text.
#[derive(Debug, Clone, Default)]
pub struct Fleet {
    // inventory room: choose the private layout; no String per host, no String per cell.
    pub(crate) columns: IndexMap<String, Column>,
    pub(crate) groups: IndexMap<String, HostSet>,
    pub(crate) hosts: usize,
}

/// What kind of values a field has, inferred from the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FieldType {
    Text,
    /// Whole numbers that fit 64 bits.
    Integer,
    /// Decimal numbers.
    Number,
    Bool,
    /// `5.2`, `7233.51.1`: dotted numbers compared part by part. A field is one where all values read as such and either
    /// one has two dots or the field's name holds the word `version`.
    Version,
    /// A list of texts (from JSON and Ansible).
    List,
}

/// One field of all hosts.
#[derive(Debug, Clone)]
pub struct Column {
    pub(crate) values: ColumnValues,
}

/// inventory room: choose the private layout (codes narrowed to u8/u16/u32, a bit for each missing value).
#[derive(Debug, Clone)]
pub enum ColumnValues {
    Text,
    Integer,
    Number,
    Bool,
    Version,
    List,
}

/// The distinct texts of a column, each once.
#[derive(Debug, Clone, Default)]
pub struct Dictionary {}

/// One cell, or one constant of a script.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Text(String),
    Integer(i64),
    Number(f64),
    Bool(bool),
    Version(Version),
    List(Vec<String>),
}

/// Dotted numbers, compared part by part (`5.10` is after `5.9`; `5.2` equals `5.2.0`). `text` is as it was written.
#[derive(Debug, Clone)]
pub struct Version {
    pub parts: Vec<u64>,
    pub text: String,
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

    pub fn name(&self, host: HostId) -> &str {
        let _ = host;
        unimplemented!("inventory room")
    }

    /// The host of that name.
    pub fn find(&self, name: &str) -> Option<HostId> {
        let _ = name;
        unimplemented!("inventory room")
    }

    pub fn field(&self, name: &str) -> Option<FieldId> {
        self.columns.get_index_of(name).map(|idx| FieldId(idx as u32))
    }

    pub fn fields(&self) -> impl Iterator<Item = (FieldId, &str)> {
        self.columns.keys().enumerate().map(|(idx, name)| (FieldId(idx as u32), name.as_str()))
    }

    /// INVARIANT: every `FieldId` was given out by this fleet.
    pub fn field_name(&self, field: FieldId) -> &str {
        let _ = field;
        unimplemented!("inventory room")
    }

    pub fn field_type(&self, field: FieldId) -> FieldType {
        let _ = field;
        unimplemented!("inventory room")
    }

    /// The cell, or none where the host lacks the field (an empty CSV cell is missing).
    pub fn value(&self, host: HostId, field: FieldId) -> Option<Value> {
        let _ = (host, field);
        unimplemented!("inventory room")
    }

    /// The cell as text for a command line or a table, or none where it is missing.
    pub fn text(&self, host: HostId, field: FieldId) -> Option<String> {
        self.value(host, field).map(|value| value.to_string())
    }

    pub fn missing(&self, field: FieldId) -> HostSet {
        let _ = field;
        unimplemented!("inventory room")
    }

    /// The distinct values of a field with the hosts of each counted, within `among`; in the order of the first host.
    /// For lists, the elements.
    pub fn values(&self, field: FieldId, among: &HostSet) -> Vec<(Value, usize)> {
        let _ = (field, among);
        unimplemented!("inventory room")
    }

    /// The hosts of `among`, one set for each combination of these fields' values, in the order of the first host. A host
    /// that lacks one of the fields is in the set whose value for it is `None`.
    pub fn group_by(&self, fields: &[FieldId], among: &HostSet) -> Vec<(Vec<Option<Value>>, HostSet)> {
        let _ = (fields, among);
        unimplemented!("inventory room")
    }

    pub fn groups(&self) -> impl Iterator<Item = (&str, &HostSet)> {
        self.groups.iter().map(|(name, hosts)| (name.as_str(), hosts))
    }
}

impl Version {
    pub fn parse(text: &str) -> Option<Version> {
        let parts = text.split('.').map(|part| {
            (!part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse().ok()).flatten()
        });
        Some(Version { parts: parts.collect::<Option<Vec<u64>>>()?, text: text.to_owned() })
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Version) -> std::cmp::Ordering {
        let length = self.parts.len().max(other.parts.len());
        let part = |version: &Version, idx: usize| version.parts.get(idx).copied().unwrap_or(0);
        (0..length)
            .map(|idx| part(self, idx).cmp(&part(other, idx)))
            .find(|o| o.is_ne())
            .unwrap_or(std::cmp::Ordering::Equal)
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Version) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Version) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Version {}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Text(text) => f.write_str(text),
            Value::Integer(number) => write!(f, "{number}"),
            Value::Number(number) => write!(f, "{number}"),
            Value::Bool(truth) => write!(f, "{truth}"),
            Value::Version(version) => f.write_str(&version.text),
            Value::List(texts) => f.write_str(&texts.join(",")),
        }
    }
}

impl fmt::Display for FieldType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FieldType::Text => "text",
            FieldType::Integer => "integer",
            FieldType::Number => "number",
            FieldType::Bool => "truth value",
            FieldType::Version => "version",
            FieldType::List => "list",
        })
    }
}

impl Fleet {
    /// Joins two inventories on the hosts' names: fields of both, every host of either. Where both give a host a value for
    /// one field and the values differ, that is a fault that names both.
    pub fn join(self, other: Fleet) -> Result<Fleet, Vec<crate::inventory::InventoryFault>> {
        let _ = other;
        unimplemented!("inventory room")
    }
}
