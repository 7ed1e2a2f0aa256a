use std::cmp::Reverse;

use crate::inventory::{FieldId, FieldType, Fleet, Value};

/// What one can say of a field at a glance.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldSummary {
    pub field_type: FieldType,
    /// How many distinct values there are, as they are written; of a list field, distinct elements.
    pub distinct: usize,
    /// How many hosts lack it.
    pub missing: usize,
    /// The values that most hosts have, with their number; of equally common ones, those of the first hosts.
    pub common: Vec<(Value, usize)>,
}

impl Fleet {
    /// Sums a field up, with no more than `most` of its values. An unknown field has none and is missing everywhere.
    pub fn summary(&self, field: FieldId, most: usize) -> FieldSummary {
        let Some(column) = self.column(field) else {
            return FieldSummary { field_type: FieldType::Text, distinct: 0, missing: self.len(), common: Vec::new() };
        };
        let is_list = column.field_type == FieldType::List;
        let distinct = if is_list { column.lists.elements.len() } else { column.dictionary.len() };
        let mut missing = 0;
        // For each value how many hosts have it, and the first of them.
        let mut counts = vec![(0_usize, 0_usize); distinct + 1];
        let mut count = |code: u32, row: usize| {
            if let Some(count) = counts.get_mut(code as usize) {
                *count = if count.0 == 0 { (1, row) } else { (count.0 + 1, count.1) };
            }
        };
        for (row, code) in column.codes.iter().enumerate() {
            match code {
                0 => missing += 1,
                code if is_list => column.lists.distinct_items(code).into_iter().for_each(|item| count(item, row)),
                code => count(code, row),
            }
        }
        let mut codes: Vec<usize> = (1..counts.len()).collect();
        let order = |&code: &usize| (Reverse(counts[code].0), counts[code].1);
        if codes.len() > most && most > 0 {
            codes.select_nth_unstable_by_key(most - 1, order);
        }
        codes.truncate(most);
        codes.sort_by_key(order);
        let value = |code: usize| match column.field_type {
            FieldType::List => Some(Value::Text(column.lists.elements.text(code as u32).to_owned())),
            _ => column.value(code as u32),
        };
        let common = codes.into_iter().filter_map(|code| Some((value(code)?, counts[code].0))).collect();
        FieldSummary { field_type: column.field_type, distinct, missing, common }
    }

    /// The values of a field (of a list field, the elements) that begin so, in upper or lower case, as they are written; with
    /// how many hosts have each, the most common first. No more than `most`; one look at every host.
    pub fn values_beginning(&self, field: FieldId, beginning: &str, most: usize) -> Vec<(String, usize)> {
        let Some(column) = self.column(field) else { return Vec::new() };
        let is_list = column.field_type == FieldType::List;
        let dictionary = if is_list { &column.lists.elements } else { &column.dictionary };
        let begins = |text: &str| {
            let mut letters = text.chars().flat_map(char::to_lowercase);
            beginning.chars().flat_map(char::to_lowercase).all(|letter| letters.next() == Some(letter))
        };
        let mut counts: Vec<usize> = vec![0; dictionary.len() + 1];
        let mut count = |code: u32| {
            if let Some(count) = counts.get_mut(code as usize) {
                *count += 1;
            }
        };
        for code in column.codes.iter().filter(|code| *code != 0) {
            match is_list {
                true => column.lists.distinct_items(code).into_iter().for_each(&mut count),
                false => count(code),
            }
        }
        let codes = 1..=dictionary.len() as u32;
        let mut found: Vec<u32> = codes.filter(|code| begins(dictionary.text(*code))).collect();
        let order = |&code: &u32| (Reverse(counts[code as usize]), code);
        if found.len() > most && most > 0 {
            found.select_nth_unstable_by_key(most - 1, order);
            found.truncate(most);
        }
        found.sort_by_key(order);
        found.into_iter().map(|code| (dictionary.text(code).to_owned(), counts[code as usize])).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::{InputFile, ReadOptions, read};

    fn fleet(path: &str, text: &str) -> Fleet {
        read(&[InputFile { path: path.to_owned(), bytes: text.as_bytes().to_vec() }], &ReadOptions::default()).unwrap()
    }

    #[test]
    fn the_most_common_come_first_and_ties_in_order() {
        let fleet = fleet("f.csv", "name,site\na,x\nb,y\nc,z\nd,y\ne,\n");
        let summary = fleet.summary(fleet.field("site").unwrap(), 2);
        let text = |text: &str| Value::Text(text.to_owned());
        assert_eq!(summary.common, [(text("y"), 2), (text("x"), 1)]);
        assert_eq!((summary.distinct, summary.missing), (3, 1));
        assert_eq!(fleet.summary(FieldId(9), 2).missing, 5);
        assert!(fleet.summary(FieldId(1), 0).common.is_empty());
    }

    #[test]
    fn values_that_begin_so() {
        let fleet = fleet("f.csv", "name,site\na,Tokyo\nb,toronto\nc,toronto\nd,\ne,sydney\n");
        let site = fleet.field("site").unwrap();
        let owned = |found: &[(&str, usize)]| found.iter().map(|(text, count)| ((*text).to_owned(), *count)).collect();
        let found: Vec<_> = owned(&[("toronto", 2), ("Tokyo", 1)]);
        assert_eq!(fleet.values_beginning(site, "TO", 9), found);
        assert_eq!(fleet.values_beginning(site, "TO", 1), found[..1]);
        assert_eq!(fleet.values_beginning(site, "x", 9), Vec::new());
        assert_eq!(fleet.values_beginning(FieldId(9), "", 9), Vec::new());
    }

    #[test]
    fn of_lists_the_elements_are_counted_once_a_host() {
        let fleet = fleet("f.json", r#"[{"name": "a", "t": ["x", "y", "x"]}, {"name": "b", "t": ["x"]}]"#);
        let summary = fleet.summary(fleet.field("t").unwrap(), 9);
        assert_eq!(summary.common, [(Value::Text("x".to_owned()), 2), (Value::Text("y".to_owned()), 1)]);
        assert_eq!(summary.distinct, 2);
    }
}
