use indexmap::IndexSet;

use crate::inventory::column::{Column, ColumnBuilder};
use crate::inventory::dictionary::{CellKind, TextIndex};
use crate::inventory::fleet::Origin;
use crate::inventory::reader::quoted;
use crate::inventory::selector::Scalar;
use crate::inventory::{Fleet, HostId, HostSet, InventoryFault, InventoryFaultKind};

impl Fleet {
    /// Joins two inventories on the hosts' names: fields and groups of both, every host of either. Where both give a host
    /// a value for one field and the values differ, that is a fault that names both.
    pub fn join(self, other: Fleet) -> Result<Fleet, Vec<InventoryFault>> {
        let rows = Rows::of(&self, &other);
        let faults = disagreements(&self, &other, &rows);
        if !faults.is_empty() {
            return Err(faults);
        }
        let names: IndexSet<&String> = self.columns.keys().chain(other.columns.keys()).collect();
        let mut joined = Fleet { hosts: rows.len, ..Fleet::default() };
        for name in names.into_iter().filter(|name| *name != "name") {
            let column = join_column(name, self.columns.get(name), other.columns.get(name), &rows, self.origins.len());
            joined.columns.insert(name.clone(), column);
        }
        let (column, index) = join_names(&self, &other, &rows);
        joined.names = index;
        joined.name_column = self.name_column.min(joined.columns.len());
        joined.columns.shift_insert(joined.name_column, "name".to_owned(), column);
        join_groups(&mut joined, &self, &other, &rows);
        joined.origins = join_origins(self.origins, other.origins, &rows);
        Ok(joined)
    }
}

/// Where each host of the other fleet stands in the joined one.
struct Rows {
    of_other: Vec<u32>,
    len: usize,
}

impl Rows {
    fn of(fleet: &Fleet, other: &Fleet) -> Rows {
        let mut len = fleet.len();
        let of_other = other.hosts().map(|host| match fleet.find(other.name(host)) {
            Some(known) => known.0,
            None => {
                len += 1;
                len as u32 - 1
            }
        });
        Rows { of_other: of_other.collect(), len }
    }

    /// Places something of each host of the other fleet in a list for the joined one.
    fn spread<T: Clone + Default>(&self, of_other: impl Fn(usize) -> T) -> Vec<T> {
        let mut spread = vec![T::default(); self.len];
        for (row, &place) in self.of_other.iter().enumerate() {
            // INVARIANT: no place is beyond the joined length.
            spread[place as usize] = of_other(row);
        }
        spread
    }
}

/// So many disagreements are told; they tend to have one reason.
const MOST_TOLD: usize = 20;

fn disagreements(fleet: &Fleet, other: &Fleet, rows: &Rows) -> Vec<InventoryFault> {
    let shared = other.columns.iter().filter_map(|(name, theirs)| Some((name, fleet.columns.get(name)?, theirs)));
    let mut faults = Vec::new();
    for (name, ours, theirs) in shared.filter(|(name, ..)| *name != "name") {
        for (row, &place) in rows.of_other.iter().enumerate() {
            let (our_code, their_code) = (ours.codes.get(place as usize), theirs.codes.get(row));
            if our_code == 0 || their_code == 0 || is_same(ours, our_code, theirs, their_code) {
                continue;
            }
            let (path, line) = place_of(fleet, ours, HostId(place));
            let (their_path, their_line) = place_of(other, theirs, HostId(row as u32));
            let message = format!(
                "{} has {} {} here, and {} in {}{}",
                quoted(other.name(HostId(row as u32))),
                quoted(name),
                quoted(theirs.dictionary.text(their_code)),
                quoted(ours.dictionary.text(our_code)),
                quoted(path),
                line.map_or(String::new(), |line| format!(", line {line}")),
            );
            let help = "mend the one that is wrong, or leave the field out of one of the files";
            faults.push(InventoryFault::new(InventoryFaultKind::Disagrees, their_path, their_line, message).help(help));
            if faults.len() >= MOST_TOLD {
                return faults;
            }
        }
    }
    faults
}

/// Written alike, or equal as values: `4` in a table is the `4` of a JSON number.
fn is_same(ours: &Column, our_code: u32, theirs: &Column, their_code: u32) -> bool {
    let equal = || {
        let (a, b) = (Scalar::of_code(ours, our_code)?, Scalar::of_code(theirs, their_code)?);
        Some(a.order(&b)?.is_eq())
    };
    ours.dictionary.text(our_code) == theirs.dictionary.text(their_code) || equal() == Some(true)
}

/// The file that gave a host its cell in this column, and the line.
fn place_of<'a>(fleet: &'a Fleet, column: &Column, host: HostId) -> (&'a str, Option<usize>) {
    let origins = column.origins.iter().filter_map(|&origin| fleet.origins.get(origin as usize));
    let mut places = origins.map(|origin| origin.place(host));
    places.clone().find(|(_, line)| line.is_some()).or_else(|| places.next()).unwrap_or(("", None))
}

fn join_column(name: &str, ours: Option<&Column>, theirs: Option<&Column>, rows: &Rows, origins: usize) -> Column {
    let mut builder = ColumnBuilder::default();
    let (our_codes, their_codes) = (renumbered(&mut builder, ours), renumbered(&mut builder, theirs));
    let code_of = |column: Option<&Column>, codes: &[u32], row: usize| {
        column.map_or(0, |column| codes.get(column.codes.get(row) as usize).copied().unwrap_or(0))
    };
    let spread = rows.spread(|row| code_of(theirs, &their_codes, row));
    for (row, &their_code) in spread.iter().enumerate() {
        match code_of(ours, &our_codes, row) {
            0 => builder.codes.push(their_code),
            our_code => builder.codes.push(our_code),
        }
    }
    let our_origins = ours.into_iter().flat_map(|column| column.origins.iter().copied());
    let their_origins = theirs.into_iter().flat_map(|column| &column.origins).map(|&origin| origin + origins as u16);
    builder.finish(name, rows.len, our_origins.chain(their_origins).collect())
}

/// The codes of a column's texts in the builder; zero stays zero.
fn renumbered(builder: &mut ColumnBuilder, column: Option<&Column>) -> Vec<u32> {
    let mut codes = vec![0];
    for (code, text) in column.into_iter().flat_map(|column| column.dictionary.iter()) {
        let kind = column.map_or(CellKind::Plain, |column| column.dictionary.kind(code));
        codes.push(builder.intern(text, kind));
    }
    codes
}

fn join_names(fleet: &Fleet, other: &Fleet, rows: &Rows) -> (Column, TextIndex) {
    let mut builder = ColumnBuilder::default();
    let new = other.hosts().filter(|host| rows.of_other[host.0 as usize] as usize >= fleet.len());
    let names = fleet.hosts().map(|host| fleet.name(host)).chain(new.map(|host| other.name(host)));
    for (row, name) in names.enumerate() {
        builder.put(row, name, CellKind::Plain);
    }
    let index = builder.index.clone();
    let origins = (0..(fleet.origins.len() + other.origins.len()) as u16).collect();
    (builder.finish("name", rows.len, origins), index)
}

fn join_groups(joined: &mut Fleet, fleet: &Fleet, other: &Fleet, rows: &Rows) {
    let group = |joined: &mut Fleet, name: &str, hosts: &mut dyn Iterator<Item = HostId>| {
        let set = joined.groups.entry(name.to_owned()).or_insert_with(|| HostSet::none(rows.len));
        hosts.for_each(|host| set.insert(host));
    };
    for (name, hosts) in fleet.groups() {
        group(joined, name, &mut hosts.iter());
    }
    for (name, hosts) in other.groups() {
        group(joined, name, &mut hosts.iter().map(|host| HostId(rows.of_other[host.0 as usize])));
    }
}

fn join_origins(ours: Vec<Origin>, theirs: Vec<Origin>, rows: &Rows) -> Vec<Origin> {
    let theirs = theirs.into_iter().map(|origin| Origin {
        lines: rows.spread(|row| origin.lines.get(row).copied().unwrap_or(0)),
        files: if origin.files.is_empty() { Vec::new() } else { rows.spread(|row| origin.files[row]) },
        paths: origin.paths,
    });
    ours.into_iter().chain(theirs).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::{InputFile, ReadOptions, Value, read};

    fn fleet(path: &str, text: &str) -> Fleet {
        read(&[InputFile { path: path.to_owned(), bytes: text.as_bytes().to_vec() }], &ReadOptions::default()).unwrap()
    }

    fn rows(fleet: &Fleet) -> Vec<Vec<Option<String>>> {
        fleet.hosts().map(|host| fleet.fields().map(|(field, _)| fleet.text(host, field)).collect()).collect()
    }

    #[test]
    fn fields_and_hosts_of_both() {
        let joined =
            fleet("a.csv", "name,site\nb,x\na,y\n").join(fleet("b.csv", "owner,name\nred,c\nblue,a\n")).unwrap();
        assert_eq!(joined.fields().map(|(_, name)| name).collect::<Vec<_>>(), ["name", "site", "owner"]);
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            rows(&joined),
            [[text("b"), text("x"), None], [text("a"), text("y"), text("blue")], [text("c"), None, text("red")]]
        );
        assert_eq!(joined.find("c"), Some(HostId(2)));
        assert_eq!(joined.place(HostId(2)), Some(("b.csv", Some(2))));
    }

    #[test]
    fn a_field_of_both_is_filled_and_typed_anew() {
        let joined = fleet("a.csv", "name,cores\na,\nb,4\n").join(fleet("b.csv", "name,cores\na,many\nb,4\n")).unwrap();
        let cores = joined.field("cores").unwrap();
        assert_eq!(joined.value(HostId(0), cores), Some(Value::Text("many".to_owned())));
        assert_eq!(joined.value(HostId(1), cores), Some(Value::Text("4".to_owned())));
    }

    #[test]
    fn a_disagreement_names_both_lines() {
        let first = fleet("a.csv", "name,site\na,x\n").join(fleet("b.csv", "name,owner\na,red\n")).unwrap();
        let faults = first.join(fleet("c.csv", "name,owner\n\na,blue\n")).unwrap_err();
        assert_eq!(faults.len(), 1);
        assert_eq!((faults[0].path.as_str(), faults[0].line), ("c.csv", Some(3)));
        assert_eq!(faults[0].message, "`a` has `owner` `blue` here, and `red` in `b.csv`, line 2");
    }

    #[test]
    fn equal_values_written_differently_agree() {
        let joined =
            fleet("a.csv", "name,os_version\na,5.2\n").join(fleet("b.csv", "name,os_version\na,5.2.0\n")).unwrap();
        let version = joined.field("os_version").unwrap();
        assert_eq!(joined.text(HostId(0), version).as_deref(), Some("5.2"));
    }
}
