use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::inventory::builder::{FleetBuilder, TooLarge};
use crate::inventory::column::list_text;
use crate::inventory::dictionary::CellKind;

/// A value of a format that has types: JSON, YAML, the literals of an Ansible INI file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Datum {
    Null,
    Bool(bool),
    Integer(i64),
    /// A whole number that no 64 bits hold, in its digits.
    Digits(String),
    Number(f64),
    Text(String),
    List(Vec<Datum>),
    Map(Vec<(String, Datum)>),
    /// Encrypted by Ansible's vault: it is there, and what it is we neither know nor show.
    Vault,
}

/// What stands for a vaulted value.
pub(crate) const VAULT: &str = "(vault)";

/// A map in a map in a map … that goes deeper is kept as JSON text in one field.
const MOST_LEVELS: usize = 8;

/// So is one whose own name is longer: each of its entries would repeat it.
const LONGEST_PREFIX: usize = 256;

/// So many bytes of a text count as a value, where values are counted.
pub(crate) const BYTES_OF_A_VALUE: usize = 64;

/// Finds the column of a field, or none where it is left out.
pub(crate) type PlaceOf<'p> = dyn FnMut(&mut FleetBuilder, &str) -> Result<Option<usize>, TooLarge> + 'p;

impl Datum {
    pub(crate) fn is_text(&self) -> bool {
        matches!(self, Datum::Text(_))
    }

    /// A scalar's cell; none where it says nothing or is no scalar.
    pub(crate) fn cell(&self) -> Option<(String, CellKind)> {
        Some(match self {
            Datum::Null | Datum::Map(_) | Datum::List(_) => return None,
            Datum::Bool(truth) => (truth.to_string(), CellKind::Bool),
            Datum::Integer(number) => (number.to_string(), CellKind::Integer),
            Datum::Digits(digits) => (digits.clone(), CellKind::Integer),
            Datum::Number(number) => (number_text(*number), CellKind::Number),
            Datum::Text(text) => (text.clone(), CellKind::Text),
            Datum::Vault => (VAULT.to_owned(), CellKind::Text),
        })
    }

    /// Puts the value in the row that is being read, under the field that `place` finds for its name. A map becomes a field
    /// for each of its entries, `os.version` for `version` in `os`; a list a list of texts.
    pub(crate) fn put(&self, name: &str, builder: &mut FleetBuilder, place: &mut PlaceOf<'_>) -> Result<(), TooLarge> {
        self.put_at_level(name, builder, place, MOST_LEVELS)
    }

    fn put_at_level(
        &self,
        name: &str,
        builder: &mut FleetBuilder,
        place: &mut PlaceOf<'_>,
        levels: usize,
    ) -> Result<(), TooLarge> {
        let (text, kind) = match self {
            Datum::Map(entries) if levels > 0 && name.len() <= LONGEST_PREFIX => {
                return entries.iter().try_for_each(|(key, value)| {
                    value.put_at_level(&format!("{name}.{key}"), builder, place, levels - 1)
                });
            }
            Datum::Map(_) => (self.json(), CellKind::Text),
            Datum::List(elements) => {
                (list_text(&elements.iter().map(Datum::element).collect::<Vec<_>>()), CellKind::List)
            }
            scalar => match scalar.cell() {
                Some(cell) => cell,
                None => return Ok(()),
            },
        };
        if let Some(column) = place(builder, name)? {
            builder.put(column, &text, kind);
        }
        Ok(())
    }

    /// An element of a list: every one is a text there.
    fn element(&self) -> String {
        match self {
            Datum::Null => "null".to_owned(),
            Datum::List(_) | Datum::Map(_) => self.json(),
            scalar => scalar.cell().map(|(text, _)| text).unwrap_or_default(),
        }
    }

    /// How many values it is; a long text counts as several, for its bytes.
    pub(crate) fn size(&self) -> usize {
        match self {
            Datum::Text(text) | Datum::Digits(text) => 1 + text.len() / BYTES_OF_A_VALUE,
            Datum::List(elements) => 1 + elements.iter().map(Datum::size).sum::<usize>(),
            Datum::Map(entries) => {
                1 + entries.iter().map(|(key, value)| key.len() / BYTES_OF_A_VALUE + value.size()).sum::<usize>()
            }
            _ => 1,
        }
    }

    fn json(&self) -> String {
        match self {
            Datum::Null => "null".to_owned(),
            Datum::Text(text) => json_text(text),
            Datum::Vault => json_text(VAULT),
            Datum::List(elements) => {
                format!("[{}]", elements.iter().map(Datum::json).collect::<Vec<_>>().join(","))
            }
            Datum::Map(entries) => {
                let entries = entries.iter().map(|(key, value)| format!("{}:{}", json_text(key), value.json()));
                format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
            }
            scalar => scalar.cell().map(|(text, _)| text).unwrap_or_default(),
        }
    }
}

fn json_text(text: &str) -> String {
    // INVARIANT: a text can always be written as JSON.
    serde_json::to_string(text).unwrap_or_default()
}

/// As short as reads back the same, and always to be told from a whole number: `1.0`.
pub(crate) fn number_text(number: f64) -> String {
    format!("{number:?}")
}

impl<'de> Deserialize<'de> for Datum {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Datum, D::Error> {
        deserializer.deserialize_any(DatumVisitor)
    }
}

pub(crate) struct DatumVisitor;

impl<'de> Visitor<'de> for DatumVisitor {
    type Value = Datum;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Datum, E> {
        Ok(Datum::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Datum, E> {
        Ok(Datum::Bool(truth))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Datum, E> {
        Ok(Datum::Integer(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Datum, E> {
        Ok(i64::try_from(number).map_or_else(|_| Datum::Digits(number.to_string()), Datum::Integer))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Datum, E> {
        Ok(Datum::Number(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Datum, E> {
        Ok(Datum::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Datum, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = elements.next_element()? {
            list.push(element);
        }
        Ok(Datum::List(list))
    }

    /// What Ansible's own JSON writes for a vaulted value and for one that it must not evaluate comes back as it was.
    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Datum, A::Error> {
        let mut map: Vec<(String, Datum)> = Vec::new();
        while let Some(entry) = entries.next_entry::<String, Datum>()? {
            map.push(entry);
        }
        Ok(match map.as_slice() {
            [(key, Datum::Text(_))] if key == "__ansible_vault" => Datum::Vault,
            [(key, Datum::Text(text))] if key == "__ansible_unsafe" => Datum::Text(text.clone()),
            _ => Datum::Map(map),
        })
    }
}
