use std::cmp::Ordering;

use indexmap::IndexSet;

use crate::inventory::codes::Codes;
use crate::inventory::dictionary::{CellKind, Dictionary, TextIndex};
use crate::inventory::infer::infer;
use crate::inventory::recent::{Recent, Short};
use crate::inventory::value::compare_versions;
use crate::inventory::{FieldType, Value, Version};

/// One field of all hosts: a code for each host, and the distinct values that the codes stand for.
///
/// The values of an integer, number, version or boolean field stand in the dictionary in their order, so that a
/// comparison is a range of codes; texts and lists stand in the order of the first host that has them. Values are kept
/// as they were written: `5.2` and `5.2.0` are equal, and each host still answers with its own.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) field_type: FieldType,
    pub(crate) codes: Codes,
    pub(crate) dictionary: Dictionary,
    /// Of a list field: the lists that the codes stand for.
    pub(crate) lists: Lists,
    /// Which of the fleet's origins gave it cells.
    pub(crate) origins: Vec<u16>,
}

/// The lists of a list field, each a run of codes of `elements`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lists {
    pub(crate) elements: Dictionary,
    items: Vec<u32>,
    ends: Vec<u64>,
}

impl Column {
    pub(crate) fn value(&self, code: u32) -> Option<Value> {
        if code == 0 {
            return None;
        }
        let text = self.dictionary.text(code);
        Some(match self.field_type {
            FieldType::Text => Value::Text(text.to_owned()),
            FieldType::Integer => Value::Integer(text.parse().ok()?),
            FieldType::Number => Value::Number(text.parse().ok()?),
            FieldType::Bool => Value::Bool(text.eq_ignore_ascii_case("true")),
            FieldType::Version => Value::Version(Version::parse(text)?),
            FieldType::List => Value::List(self.lists.texts(code).map(str::to_owned).collect()),
        })
    }

    /// The order of two texts of a field of this type. Of a text field, that of the bytes.
    pub(crate) fn compare(field_type: FieldType, left: &str, right: &str) -> Ordering {
        match field_type {
            FieldType::Integer => left.parse::<i64>().ok().cmp(&right.parse().ok()),
            FieldType::Number => number(left).total_cmp(&number(right)),
            FieldType::Version => compare_versions(left, right),
            FieldType::Bool => left.eq_ignore_ascii_case("true").cmp(&right.eq_ignore_ascii_case("true")),
            FieldType::Text | FieldType::List => left.cmp(right),
        }
    }
}

impl Lists {
    /// The codes of the elements of a list.
    pub(crate) fn items(&self, code: u32) -> &[u32] {
        let Some(idx) = (code as usize).checked_sub(1) else { return &[] };
        let Some(&end) = self.ends.get(idx) else { return &[] };
        let start = if idx == 0 { 0 } else { self.ends[idx - 1] };
        &self.items[start as usize..end as usize]
    }

    /// The elements of a list, each once: a list that names one twice is still one host.
    pub(crate) fn distinct_items(&self, code: u32) -> IndexSet<u32> {
        self.items(code).iter().copied().collect()
    }

    pub(crate) fn texts(&self, code: u32) -> impl Iterator<Item = &str> {
        self.items(code).iter().map(|&item| self.elements.text(item))
    }

    /// The lists of a dictionary's texts: each a JSON array, or by itself a list of one.
    fn of(dictionary: &Dictionary) -> Lists {
        let (mut lists, mut index) = (Lists::default(), TextIndex::default());
        for (code, text) in dictionary.iter() {
            // INVARIANT: a cell of kind `List` was written by `list_text`, so it is such an array.
            let parsed = match dictionary.kind(code) {
                CellKind::List => serde_json::from_str(text).unwrap_or_default(),
                _ => vec![text.to_owned()],
            };
            for element in parsed {
                lists.items.push(index.intern(&mut lists.elements, &element, CellKind::Text));
            }
            lists.ends.push(lists.items.len() as u64);
        }
        lists
    }
}

/// The text that stands for a list while a column is built.
pub(crate) fn list_text<T: AsRef<str>>(elements: &[T]) -> String {
    let elements: Vec<&str> = elements.iter().map(AsRef::as_ref).collect();
    // INVARIANT: texts can always be written as JSON.
    serde_json::to_string(&elements).unwrap_or_default()
}

/// A column with more values than this is looked up in its index at once: few of them come again soon.
const MOST_RECENT: usize = 1_024;

/// A column while it grows.
#[derive(Debug, Clone, Default)]
pub(crate) struct ColumnBuilder {
    pub(crate) dictionary: Dictionary,
    pub(crate) index: TextIndex,
    pub(crate) codes: Codes,
    recent: Recent,
}

impl ColumnBuilder {
    /// Puts the cell of a row; rows come in order, those left out are missing.
    pub(crate) fn put(&mut self, row: usize, text: &str, kind: CellKind) {
        if self.codes.len() < row {
            self.codes.pad(row);
        }
        let code = self.intern(text, kind);
        self.codes.push(code);
    }

    /// Puts the cells of several rows, one after the other. Where values seldom come again, all are looked up together.
    pub(crate) fn put_rows(&mut self, first_row: usize, texts: &[&str], kind: CellKind) {
        self.codes.pad(first_row);
        let codes: Vec<u32> = if self.dictionary.len() <= MOST_RECENT {
            texts.iter().map(|text| self.intern(text, kind)).collect()
        } else {
            let hashes: Vec<u32> = texts.iter().map(|text| self.index.hash(text)).collect();
            self.index.warm(&hashes);
            let known = |(text, hash): (&&str, u32)| match text.is_empty() {
                true => 0,
                false => self.index.intern_hashed(hash, &mut self.dictionary, text, kind),
            };
            texts.iter().zip(hashes).map(known).collect()
        };
        self.codes.extend(&codes);
    }

    /// Puts a number, which `write` turns into text if it did not come lately. `bits` are the same for no other number.
    pub(crate) fn put_number(&mut self, row: usize, bits: u64, kind: CellKind, write: impl FnOnce() -> String) {
        self.codes.pad(row);
        let short = Short::of_number(bits, kind);
        let code = self.recent.find(&short).unwrap_or_else(|| {
            let code = self.index.intern(&mut self.dictionary, &write(), kind);
            self.recent.keep(short, code);
            code
        });
        self.codes.push(code);
    }

    /// Whether the cell of an earlier row is this text.
    pub(crate) fn is(&self, row: usize, text: &str, kind: CellKind) -> bool {
        match self.codes.get(row) {
            0 => text.is_empty(),
            code => self.dictionary.text(code) == text && self.dictionary.kind(code) == kind,
        }
    }

    /// The code of the text; zero for the empty one, which says nothing.
    pub(crate) fn intern(&mut self, text: &str, kind: CellKind) -> u32 {
        if text.is_empty() {
            return 0;
        }
        if self.dictionary.len() > MOST_RECENT {
            return self.index.intern(&mut self.dictionary, text, kind);
        }
        let Some(short) = Short::of(text, kind) else { return self.index.intern(&mut self.dictionary, text, kind) };
        if let Some(code) = self.recent.find(&short) {
            return code;
        }
        let code = self.index.intern(&mut self.dictionary, text, kind);
        self.recent.keep(short, code);
        code
    }

    /// The finished column of a fleet of `hosts` hosts, its type inferred.
    pub(crate) fn finish(mut self, name: &str, hosts: usize, origins: Vec<u16>) -> Column {
        self.index = TextIndex::default();
        self.codes.pad(hosts);
        self.codes.shrink();
        let field_type = if name == "name" { FieldType::Text } else { infer(name, &self.dictionary) };
        let lists = if field_type == FieldType::List { Lists::of(&self.dictionary) } else { Lists::default() };
        if !matches!(field_type, FieldType::Text | FieldType::List) {
            self.sort(field_type);
        }
        self.dictionary.shrink();
        Column { field_type, codes: self.codes, dictionary: self.dictionary, lists, origins }
    }

    fn sort(&mut self, field_type: FieldType) {
        let text = |code: u32| self.dictionary.text(code);
        let mut order: Vec<u32> = (1..=self.dictionary.len() as u32).collect();
        order.sort_by(|&left, &right| Column::compare(field_type, text(left), text(right)));
        if order.is_sorted() {
            return;
        }
        let (mut sorted, mut numbers) = (Dictionary::default(), vec![0; order.len() + 1]);
        for code in order {
            numbers[code as usize] = sorted.push(text(code), self.dictionary.kind(code));
        }
        self.dictionary = sorted;
        self.codes.renumber(&numbers);
    }
}

pub(crate) fn number(text: &str) -> f64 {
    // INVARIANT: asked only of fields all of whose values read as numbers.
    text.parse().unwrap_or(f64::NAN)
}
