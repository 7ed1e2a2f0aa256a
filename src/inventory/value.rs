use std::cmp::Ordering;
use std::fmt;

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
    /// one has two dots or the field's name holds the word `version`. A field of nothing but IPv4 addresses is text.
    Version,
    /// A list of texts (from JSON and Ansible).
    List,
}

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

impl Value {
    pub fn field_type(&self) -> FieldType {
        match self {
            Value::Text(_) => FieldType::Text,
            Value::Integer(_) => FieldType::Integer,
            Value::Number(_) => FieldType::Number,
            Value::Bool(_) => FieldType::Bool,
            Value::Version(_) => FieldType::Version,
            Value::List(_) => FieldType::List,
        }
    }
}

impl Version {
    pub fn parse(text: &str) -> Option<Version> {
        let parts = version_parts(text).collect::<Option<Vec<u64>>>()?;
        Some(Version { parts, text: text.to_owned() })
    }
}

/// The parts of a version, or one `None` (and more) where the text is none.
pub(crate) fn version_parts(text: &str) -> impl Iterator<Item = Option<u64>> + '_ {
    text.split('.').map(|part| part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok()).flatten())
}

/// Compares two texts that read as versions, without an allocation.
pub(crate) fn compare_versions(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (version_parts(left), version_parts(right));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (a, b) => a.flatten().unwrap_or(0).cmp(&b.flatten().unwrap_or(0)),
        };
        if order.is_ne() {
            return order;
        }
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Version) -> Ordering {
        let length = self.parts.len().max(other.parts.len());
        let part = |version: &Version, idx: usize| version.parts.get(idx).copied().unwrap_or(0);
        (0..length).map(|idx| part(self, idx).cmp(&part(other, idx))).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Version) -> Option<Ordering> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_part_by_part() {
        let version = |text: &str| Version::parse(text).unwrap();
        assert!(version("5.10") > version("5.9"));
        assert_eq!(version("5.2"), version("5.2.0"));
        assert!(compare_versions("5.10", "5.9").is_gt());
        assert!(compare_versions("5.2", "5.2.0").is_eq());
        assert!(compare_versions("5", "5.0.1").is_lt());
        for text in ["", ".", "5.", "5..2", "5.x", "-1", "99999999999999999999"] {
            assert!(Version::parse(text).is_none(), "{text}");
        }
    }
}
