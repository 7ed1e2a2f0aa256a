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

/// What came of announcing a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NewHost {
    /// Its cells may be put.
    Added,
    /// A host of that name was there already.
    Known(HostId),
}

/// More fields than any inventory has: a file that grows them without end must not fill the memory.
pub(crate) const MOST_FIELDS: usize = 4_096;

/// Cells of hosts times fields, missing ones too, for the same reason.
const MOST_CELLS: usize = 1 << 31;

/// An inventory that goes past a limit of the builder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLarge;

impl FleetBuilder {
    /// A builder whose field `name` stands where it is first named, by `column`.
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

    /// Announces the next host. INVARIANT: `column("name")` was called.
    pub(crate) fn host(&mut self, name: &str, line: usize) -> Result<NewHost, TooLarge> {
        let row = self.hosts;
        let Some((_, names)) = self.columns.get_index_mut(self.name_column) else { return Err(TooLarge) };
        let code = names.intern(name, CellKind::Plain);
        if (code as usize) <= row {
            return Ok(NewHost::Known(HostId(code.saturating_sub(1))));
        }
        if (row + 1).saturating_mul(self.columns.len()) > MOST_CELLS {
            return Err(TooLarge);
        }
        if let Some((_, names)) = self.columns.get_index_mut(self.name_column) {
            names.codes.push(code);
        }
        self.lines.push(u32::try_from(line).unwrap_or(0));
        self.hosts += 1;
        Ok(NewHost::Added)
    }

    /// Puts a cell of the host that was announced last. False where it has that field already.
    pub(crate) fn put(&mut self, column: usize, text: &str, kind: CellKind) -> bool {
        let row = self.hosts.saturating_sub(1);
        let Some((_, column)) = self.columns.get_index_mut(column) else { return false };
        if column.codes.len() > row {
            return false;
        }
        if !text.is_empty() {
            column.put(row, text, kind);
        }
        true
    }

    /// Whether the cell of a host that was put earlier is the same.
    pub(crate) fn is(&self, host: HostId, column: usize, text: &str, kind: CellKind) -> bool {
        self.columns.get_index(column).is_some_and(|(_, column)| column.is(host.0 as usize, text, kind))
    }

    pub(crate) fn line(&self, host: HostId) -> usize {
        self.lines.get(host.0 as usize).copied().unwrap_or(0) as usize
    }

    pub(crate) fn column_name(&self, column: usize) -> &str {
        self.columns.get_index(column).map_or("", |(name, _)| name)
    }

    pub(crate) fn len(&self) -> usize {
        self.hosts
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
            origins: vec![Origin { path: path.to_owned(), lines }],
        }
    }
}
