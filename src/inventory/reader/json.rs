use std::fmt;

use indexmap::IndexMap;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::inventory::builder::{Committed, FleetBuilder, TooLarge};
use crate::inventory::dictionary::CellKind;
use crate::inventory::reader::datum::{Datum, DatumVisitor, number_text};
use crate::inventory::reader::fault::{Faults, quoted, syntax_fault};
use crate::inventory::reader::mapping::{FieldNames, help_without_name};
use crate::inventory::{Fleet, HostName, InventoryFault, InventoryFaultKind, ReadOptions};

/// Reads an array of objects, a host each, straight into columns. An object within one becomes a field for each of its
/// entries (`os.version`), an array a list of texts; `null` and `""` are missing.
pub(crate) fn read(path: &str, text: &str, options: &ReadOptions) -> Result<Fleet, Vec<InventoryFault>> {
    let names = FieldNames::new(&options.mapping);
    let mut hosts = Hosts::new(path, text, &names);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let result = (&mut hosts).deserialize(&mut deserializer).and_then(|()| deserializer.end());
    if let Err(error) = result {
        let mut faults = hosts.faults.into_list();
        faults.push(syntax_fault(path, &error));
        return Err(faults);
    }
    hosts.push_unknown();
    if hosts.faults.is_empty() { Ok(hosts.builder.finish(path)) } else { Err(hosts.faults.into_list()) }
}

/// The key of an object below which an array of objects stands: what an API wraps its answer in.
pub(crate) fn array_in(document: &[(String, Datum)]) -> Option<&str> {
    let is_array = |value: &Datum| matches!(value, Datum::List(list) if matches!(list.first(), Some(Datum::Map(_))));
    document.iter().find(|(_, value)| is_array(value)).map(|(key, _)| key.as_str())
}

pub(crate) fn wrapped(path: &str, key: &str) -> InventoryFault {
    let message = format!("the hosts stand below the key {}, and must be an array by themselves", quoted(key));
    InventoryFault::new(InventoryFaultKind::Shape, path, None, message)
        .help(format!("take them out: `jq '.\"{key}\"'`"))
}

struct Hosts<'a> {
    text: &'a str,
    builder: FleetBuilder,
    names: &'a FieldNames<'a>,
    /// The keys met so far, in the order in which they came first.
    keys: IndexMap<String, Slot>,
    /// Which key comes next, if this object is like the last.
    expected: usize,
    /// What `name` holds in the object that is being read.
    name: Option<String>,
    faults: Faults,
    line: usize,
    /// How far lines were counted.
    counted_to: usize,
    is_too_large: bool,
}

/// What becomes of a key's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Name,
    Column(usize),
    /// Not known until a value comes: an object has fields of its own instead.
    Unplaced,
    /// Another key was mapped to its name.
    Aside,
}

impl<'a> Hosts<'a> {
    fn new(path: &str, text: &'a str, names: &'a FieldNames<'a>) -> Self {
        Self {
            text,
            builder: FleetBuilder::new(),
            names,
            keys: IndexMap::new(),
            expected: 0,
            name: None,
            faults: Faults::of(path),
            line: 1,
            counted_to: 0,
            is_too_large: false,
        }
    }

    /// The slot of a key: the one that comes next in most objects, else looked up.
    fn slot(&mut self, key: &str) -> Slot {
        if let Some((known, &slot)) = self.keys.get_index(self.expected)
            && known == key
        {
            self.expected += 1;
            return slot;
        }
        if let Some((idx, _, &slot)) = self.keys.get_full(key) {
            self.expected = idx + 1;
            return slot;
        }
        self.keys.insert(key.to_owned(), Slot::Unplaced);
        Slot::Unplaced
    }

    /// The slot of a key whose value is no object.
    fn placed(&mut self, slot: Slot, key: &str) -> Slot {
        if slot != Slot::Unplaced {
            return slot;
        }
        let placed = match self.names.field_of(key) {
            Some("name") => self.builder.column("name").map(|_| Slot::Name),
            Some(field) => self.builder.column(field).map(Slot::Column),
            None => Ok(Slot::Aside),
        };
        self.is_too_large |= placed.is_err();
        let placed = placed.unwrap_or(Slot::Aside);
        self.keys.insert(key.to_owned(), placed);
        placed
    }

    fn put(&mut self, slot: Slot, key: &str, text: &str, kind: CellKind) {
        let is_first = match self.placed(slot, key) {
            Slot::Name => self.name.replace(text.to_owned()).is_none(),
            Slot::Column(column) => self.builder.put(column, text, kind),
            Slot::Aside | Slot::Unplaced => true,
        };
        self.push_twice_unless(is_first, key);
    }

    fn put_number(&mut self, slot: Slot, key: &str, bits: u64, kind: CellKind, write: impl FnOnce() -> String) {
        let is_first = match self.placed(slot, key) {
            Slot::Name => self.name.replace(write()).is_none(),
            Slot::Column(column) => self.builder.put_number(column, bits, kind, write),
            Slot::Aside | Slot::Unplaced => true,
        };
        self.push_twice_unless(is_first, key);
    }

    fn push_twice_unless(&mut self, is_first: bool, key: &str) {
        if !is_first {
            let message = format!("the key {} comes twice in one object", quoted(key));
            self.push(message, "leave one of them");
        }
    }

    fn put_datum(&mut self, key: &str, datum: &Datum) {
        let names = self.names;
        let result = datum.put(key, &mut self.builder, &mut |builder, field| match names.field_of(field) {
            Some("name") | None => Ok(None),
            Some(field) => builder.column(field).map(Some),
        });
        self.is_too_large |= result.is_err();
    }

    /// Notes the line on which a piece of the text stands. Pieces come in order.
    fn stand_at(&mut self, piece: &str) {
        let at = (piece.as_ptr() as usize).wrapping_sub(self.text.as_ptr() as usize);
        if let Some(between) = self.text.as_bytes().get(self.counted_to..at) {
            self.line += memchr::memchr_iter(b'\n', between).count();
            self.counted_to = at;
        }
    }

    fn end_object(&mut self) {
        self.expected = 0;
        let Some(name) = self.name.take() else {
            let keys = self.keys.keys().map(String::as_str);
            let help = if self.faults.tells_more() { help_without_name(keys) } else { String::new() };
            self.push("this object has no `name`".to_owned(), &help);
            return self.builder.cancel();
        };
        if let Err(bad) = HostName::check(&name) {
            let message = format!("{} cannot be a host's name: {}", quoted(&name), bad.reason);
            let help = "name the host as DNS does, with letters, digits, `-` and `.`";
            self.faults.push(InventoryFaultKind::BadHostName, self.line, message, help);
            return self.builder.cancel();
        }
        match self.builder.commit(&name, self.line) {
            Ok(Committed::Added | Committed::Repeated) => {}
            Ok(Committed::Differs { first, column }) => {
                let (first, field) = (self.builder.line(first), self.builder.column_name(column));
                let message = format!("{} stands in line {first} too, with another {}", quoted(&name), quoted(field));
                let help = "leave one object for each host; what it has several of can be an array";
                self.faults.push(InventoryFaultKind::Disagrees, self.line, message, help);
            }
            Err(TooLarge) => self.is_too_large = true,
        }
        if self.is_too_large {
            self.push("there are more cells than a fleet can have".to_owned(), "leave out what is not needed");
        }
    }

    fn push_unknown(&mut self) {
        let keys = self.keys.keys().map(String::as_str);
        let is_there = |ours: &str, theirs: &str| self.keys.contains_key(theirs) || self.builder.has_column(ours);
        for (message, help) in self.names.unknown(is_there, keys) {
            self.faults.whole(InventoryFaultKind::Shape, message, help);
        }
    }

    fn push(&mut self, message: String, help: &str) {
        self.faults.push(InventoryFaultKind::Shape, self.line, message, help);
    }
}

impl<'de> DeserializeSeed<'de> for &mut Hosts<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for &mut Hosts<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of objects, one for each host")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut objects: A) -> Result<(), A::Error> {
        while objects.next_element_seed(Object(self))?.is_some() && !self.is_too_large {}
        Ok(())
    }
}

struct Object<'h, 'a>(&'h mut Hosts<'a>);

impl<'de> DeserializeSeed<'de> for Object<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with the fields of a host")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let hosts = self.0;
        let mut is_first = true;
        while let Some(key) = entries.next_key_seed(Key { hosts: &mut *hosts, is_first })? {
            is_first = false;
            entries.next_value_seed(Cell { hosts: &mut *hosts, key: &key })?;
        }
        hosts.end_object();
        Ok(())
    }
}

/// Reads a key and tells its slot; the text itself is needed for messages and for what lies below it.
struct Key<'h, 'a> {
    hosts: &'h mut Hosts<'a>,
    is_first: bool,
}

struct KnownKey<'de> {
    slot: Slot,
    text: std::borrow::Cow<'de, str>,
}

impl<'de> DeserializeSeed<'de> for Key<'_, '_> {
    type Value = KnownKey<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<KnownKey<'de>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key<'_, '_> {
    type Value = KnownKey<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<KnownKey<'de>, E> {
        if self.is_first {
            self.hosts.stand_at(text);
        }
        Ok(KnownKey { slot: self.hosts.slot(text), text: text.into() })
    }

    fn visit_str<E>(self, text: &str) -> Result<KnownKey<'de>, E> {
        Ok(KnownKey { slot: self.hosts.slot(text), text: text.to_owned().into() })
    }
}

struct Cell<'h, 'a, 'k> {
    hosts: &'h mut Hosts<'a>,
    key: &'k KnownKey<'k>,
}

impl Cell<'_, '_, '_> {
    fn put(self, text: &str, kind: CellKind) {
        self.hosts.put(self.key.slot, &self.key.text, text, kind);
    }

    fn put_number(self, bits: u64, kind: CellKind, write: impl FnOnce() -> String) {
        self.hosts.put_number(self.key.slot, &self.key.text, bits, kind, write);
    }
}

impl<'de> DeserializeSeed<'de> for Cell<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Cell<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.put("", CellKind::Text);
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.put(text, CellKind::Text);
        Ok(())
    }

    fn visit_bool<E>(self, truth: bool) -> Result<(), E> {
        self.put(if truth { "true" } else { "false" }, CellKind::Bool);
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.put_number(number as u64, CellKind::Integer, || number.to_string());
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        match i64::try_from(number) {
            Ok(number) => self.put_number(number as u64, CellKind::Integer, || number.to_string()),
            // Its bits are those of a negative number.
            Err(_) => self.put(&number.to_string(), CellKind::Integer),
        }
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        self.put_number(number.to_bits(), CellKind::Number, || number_text(number));
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<(), A::Error> {
        let datum = DatumVisitor.visit_seq(elements)?;
        self.hosts.put_datum(&self.key.text, &datum);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<(), A::Error> {
        let datum = DatumVisitor.visit_map(entries)?;
        self.hosts.put_datum(&self.key.text, &datum);
        Ok(())
    }
}
