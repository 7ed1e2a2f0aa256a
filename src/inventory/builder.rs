use indexmap::IndexMap;

use crate::inventory::column::ColumnBuilder;
use crate::inventory::dictionary::CellKind;
use crate::inventory::fleet::Origin;
use crate::inventory::{Fleet, HostId, HostSet};

/// A fleet while its hosts come in, one after the other, from one file (or one directory).
#[derive(Debug, Default)]
pub(crate) struct FleetBuilder {
    columns: IndexMap<String, ColumnBuilder>,
    groups: IndexMap<String, HostSet>,
    name_column: usize,
    lines: Vec<u32>,
    hosts: usize,
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Committed {
    Added,
    /// The host was there already, with the same cells.
    Repeated,
    /// The host was there already, with another cell in that column.
    Differs {
        first: HostId,
        column: usize,
    },
}

/// More fields than any inventory has: a file that grows them without end must not fill the memory.
pub(crate) const MOST_FIELDS: usize = 4_096;

/// Cells of hosts times fields, missing ones too, for the same reason.
const MOST_CELLS: usize = 1 << 30;

/// An inventory that goes past a limit of the builder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLarge;

impl FleetBuilder {
    /// A builder whose field `name` stands where `column` first names it.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// The place of the column of that name, made if there is none.
    pub(crate) fn column(&mut self, name: &str) -> Result<usize, TooLarge> {
        if let Some(idx) = self.columns.get_index_of(name) {
            return Ok(idx);
        }
        if self.columns.len() >= MOST_FIELDS || (self.columns.len() + 1).saturating_mul(self.hosts) > MOST_CELLS {
            return Err(TooLarge);
        }
        let (idx, _) = self.columns.insert_full(name.to_owned(), ColumnBuilder::default());
        if name == "name" {
            self.name_column = idx;
        }
        Ok(idx)
    }

    /// Puts a cell of the row that is being read. False where the row has one in that column already.
    pub(crate) fn put(&mut self, column: usize, text: &str, kind: CellKind) -> bool {
        let Some((_, column)) = self.columns.get_index_mut(column) else { return false };
        let is_first = column.codes.len() <= self.hosts;
        if is_first && !text.is_empty() {
            column.put(self.hosts, text, kind);
        }
        is_first
    }

    /// Puts a number, which is written out only if it did not come lately. False where the row has a cell there already.
    pub(crate) fn put_number(
        &mut self,
        column: usize,
        bits: u64,
        kind: CellKind,
        write: impl FnOnce() -> String,
    ) -> bool {
        let Some((_, column)) = self.columns.get_index_mut(column) else { return false };
        let is_first = column.codes.len() <= self.hosts;
        if is_first {
            column.put_number(self.hosts, bits, kind, write);
        }
        is_first
    }

    /// Ends the row that is being read: its cells are those of the host of that name. A host that was there already gets
    /// no second row. INVARIANT: `column("name")` was called, and nothing put there.
    pub(crate) fn commit(&mut self, name: &str, line: usize) -> Result<Committed, TooLarge> {
        Ok(match self.add(name, line)? {
            Some(known) => self.compare_with(known),
            None => Committed::Added,
        })
    }

    /// Adds a host without cells, or gives back the one of that name that was there already. The same INVARIANT holds.
    pub(crate) fn add(&mut self, name: &str, line: usize) -> Result<Option<HostId>, TooLarge> {
        let row = self.hosts;
        let Some((_, names)) = self.columns.get_index_mut(self.name_column) else { return Err(TooLarge) };
        let code = names.index.intern(&mut names.dictionary, name, CellKind::Plain);
        if (code as usize) <= row {
            return Ok(Some(HostId(code.saturating_sub(1))));
        }
        names.codes.push(code);
        if (row + 1).saturating_mul(self.columns.len()) > MOST_CELLS {
            return Err(TooLarge);
        }
        self.lines.push(u32::try_from(line).unwrap_or(0));
        self.hosts += 1;
        Ok(None)
    }

    /// Says which names will be added next, so that they are looked up together.
    pub(crate) fn expect_names(&self, names: &[&str]) {
        if let Some((_, column)) = self.columns.get_index(self.name_column) {
            let hashes: Vec<u32> = names.iter().map(|name| column.index.hash(name)).collect();
            column.index.warm(&hashes);
        }
    }

    /// Puts a column of cells, for the hosts that were added from `first` on.
    pub(crate) fn put_rows(&mut self, column: usize, first: usize, texts: &[&str], kind: CellKind) {
        if let Some((_, column)) = self.columns.get_index_mut(column) {
            column.put_rows(first, texts, kind);
        }
    }

    /// Whether a cell of a host that was added earlier is this text.
    pub(crate) fn is(&self, host: HostId, column: usize, text: &str, kind: CellKind) -> bool {
        self.columns.get_index(column).is_some_and(|(_, column)| column.is(host.0 as usize, text, kind))
    }

    pub(crate) fn len(&self) -> usize {
        self.hosts
    }

    /// Forgets the row that is being read.
    pub(crate) fn cancel(&mut self) {
        let row = self.hosts;
        self.columns.values_mut().for_each(|column| column.codes.truncate(row));
    }

    /// Compares the row that is being read with an earlier one, and forgets it.
    fn compare_with(&mut self, first: HostId) -> Committed {
        let (row, earlier) = (self.hosts, first.0 as usize);
        let differs = |(idx, column): (usize, &ColumnBuilder)| {
            idx != self.name_column && column.codes.get(row) != column.codes.get(earlier)
        };
        let different = self.columns.values().enumerate().position(differs);
        self.cancel();
        different.map_or(Committed::Repeated, |column| Committed::Differs { first, column })
    }

    pub(crate) fn line(&self, host: HostId) -> usize {
        self.lines.get(host.0 as usize).copied().unwrap_or(0) as usize
    }

    pub(crate) fn column_name(&self, column: usize) -> &str {
        self.columns.get_index(column).map_or("", |(name, _)| name)
    }

    pub(crate) fn has_column(&self, name: &str) -> bool {
        self.columns.contains_key(name)
    }

    /// Announces a group; its hosts are those given, of the hosts so far.
    pub(crate) fn group(&mut self, name: &str, hosts: HostSet) {
        self.groups.insert(name.to_owned(), hosts);
    }

    pub(crate) fn finish(self, path: &str) -> Fleet {
        let (hosts, mut names) = (self.hosts, None);
        let mut columns = IndexMap::with_capacity(self.columns.len());
        for (idx, (name, mut column)) in self.columns.into_iter().enumerate() {
            if idx == self.name_column {
                names = Some(std::mem::take(&mut column.index));
            }
            let finished = column.finish(&name, hosts, vec![0]);
            columns.insert(name, finished);
        }
        let mut lines = self.lines;
        lines.shrink_to_fit();
        Fleet {
            columns,
            name_column: self.name_column,
            names: names.unwrap_or_default(),
            groups: self.groups,
            hosts,
            origins: vec![Origin { paths: vec![path.to_owned()], files: Vec::new(), lines }],
        }
    }
}
