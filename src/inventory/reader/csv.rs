use crate::inventory::builder::{FleetBuilder, MOST_FIELDS, TooLarge};
use crate::inventory::dictionary::CellKind;
use crate::inventory::reader::fault::{Faults, quoted};
use crate::inventory::reader::mapping::{FieldNames, help_without_name};
use crate::inventory::reader::records::{BadQuote, Batch, Records};
use crate::inventory::{Fleet, HostId, HostName, InventoryFault, InventoryFaultKind, ReadOptions};

/// Reads a table whose first line names the columns. A cell that is empty is missing. A host may come twice only where
/// both lines say the same.
pub(crate) fn read(path: &str, text: &str, options: &ReadOptions) -> Result<Fleet, Vec<InventoryFault>> {
    let mut table = Table {
        records: Records::new(text),
        builder: FleetBuilder::new(),
        places: Vec::new(),
        name_place: 0,
        faults: Faults::of(path),
    };
    table.read_header(options);
    if table.faults.is_empty() {
        table.read_rows();
    }
    if table.faults.is_empty() { Ok(table.builder.finish(path)) } else { Err(table.faults.into_list()) }
}

/// Rows that are taken together, so that each column is worked on for a while.
const ROWS_AT_ONCE: usize = 64;

struct Table<'a> {
    records: Records<'a>,
    builder: FleetBuilder,
    places: Vec<Place>,
    /// Which column of the file names the hosts.
    name_place: usize,
    faults: Faults,
}

/// What becomes of a column of the file.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// Its place in the builder.
    Field(usize),
    /// Another column was mapped to its name.
    Aside,
    /// Spreadsheets write columns without a name: fine as long as they are empty.
    Unnamed,
}

impl Table<'_> {
    fn read_header(&mut self, options: &ReadOptions) {
        let mut header = Batch::default();
        match self.records.read(&mut header) {
            Ok(true) => {}
            Ok(false) => return,
            Err(quote) => return self.push_bad_quote(quote),
        }
        if header.width(0) > MOST_FIELDS {
            let message = format!("it has {} columns, and {MOST_FIELDS} is the most", header.width(0));
            return self.faults.push(InventoryFaultKind::Shape, header.line(0), message, "leave out those not needed");
        }
        let columns: Vec<String> =
            (0..header.width(0)).map(|idx| self.records.cell(&header, 0, idx).trim().to_owned()).collect();
        let named = columns.iter().map(String::as_str).filter(|column| !column.is_empty());
        self.push_repeated(header.line(0), &columns);
        let names = FieldNames::new(&options.mapping);
        for (message, help) in names.unknown(|_, theirs| columns.iter().any(|column| column == theirs), named.clone()) {
            self.faults.push(InventoryFaultKind::Shape, header.line(0), message, &help);
        }
        for column in &columns {
            // INVARIANT: there are no more columns than the builder takes.
            let field = names.field_of(column).filter(|_| !column.is_empty());
            self.places.push(match field.map(|field| self.builder.column(field)) {
                Some(Ok(place)) => Place::Field(place),
                _ if column.is_empty() => Place::Unnamed,
                _ => Place::Aside,
            });
        }
        match columns.iter().position(|column| names.field_of(column) == Some("name")) {
            Some(place) => self.name_place = place,
            None => {
                let help = help_without_name(named);
                self.faults.push(InventoryFaultKind::Shape, header.line(0), "no column is called `name`", &help);
            }
        }
    }

    fn push_repeated(&mut self, line: usize, columns: &[String]) {
        let mut seen = std::collections::HashMap::new();
        for (idx, column) in columns.iter().enumerate().filter(|(_, column)| !column.is_empty()) {
            if let Some(first) = seen.insert(column, idx) {
                let message = format!("columns {} and {} are both called {}", first + 1, idx + 1, quoted(column));
                self.faults.push(InventoryFaultKind::Shape, line, message, "give each column a name of its own");
            }
        }
    }

    fn read_rows(&mut self) {
        let mut batch = Batch::default();
        loop {
            self.records.begin(&mut batch);
            let mut end = None;
            while end.is_none() && batch.len() < ROWS_AT_ONCE {
                end = match self.records.read(&mut batch) {
                    Ok(true) => None,
                    Ok(false) => Some(Ok(())),
                    Err(quote) => Some(Err(quote)),
                };
            }
            self.read_batch(&batch);
            match end {
                None => {}
                Some(Ok(())) => return,
                Some(Err(quote)) => return self.push_bad_quote(quote),
            }
        }
    }

    /// Adds the hosts of a batch, then their cells, a column at a time.
    fn read_batch(&mut self, batch: &Batch) {
        let names: Vec<&str> =
            (0..batch.len()).map(|record| self.records.cell(batch, record, self.name_place)).collect();
        self.builder.expect_names(&names);
        let (first, mut added, mut repeated) = (self.builder.len(), Vec::with_capacity(batch.len()), Vec::new());
        for (record, name) in names.into_iter().enumerate() {
            if batch.width(record) != self.places.len() {
                let message = format!("it has {} cells, the header has {}", batch.width(record), self.places.len());
                let help = "a cell that holds the separator must stand in quotes";
                self.faults.push(InventoryFaultKind::Shape, batch.line(record), message, help);
            } else if let Err(bad) = HostName::check(name) {
                let message = format!("{} cannot be a host's name: {}", quoted(name), bad.reason);
                let help = "name the host as DNS does, with letters, digits, `-` and `.`";
                self.faults.push(InventoryFaultKind::BadHostName, batch.line(record), message, help);
            } else {
                match self.builder.add(name, batch.line(record)) {
                    Ok(None) => added.push(record),
                    Ok(Some(known)) => repeated.push((record, known)),
                    Err(TooLarge) => return self.push_too_large(batch.line(record)),
                }
            }
        }
        for (idx, place) in self.places.iter().enumerate() {
            match *place {
                Place::Field(column) if idx != self.name_place => {
                    let texts: Vec<&str> = added.iter().map(|&record| self.records.cell(batch, record, idx)).collect();
                    self.builder.put_rows(column, first, &texts, CellKind::Plain);
                }
                Place::Unnamed => push_unnamed(&self.records, batch, idx, &mut self.faults),
                _ => {}
            }
        }
        for (record, known) in repeated {
            self.compare_row(batch, record, known);
        }
    }

    /// A second line for one host may only say the same again.
    fn compare_row(&mut self, batch: &Batch, record: usize, known: HostId) {
        for (idx, place) in self.places.iter().enumerate() {
            let &Place::Field(column) = place else { continue };
            let cell = self.records.cell(batch, record, idx);
            if idx != self.name_place && !self.builder.is(known, column, cell, CellKind::Plain) {
                let name = self.records.cell(batch, record, self.name_place);
                let (first, field) = (self.builder.line(known), self.builder.column_name(column));
                let message = format!("{} stands in line {first} too, with another {}", quoted(name), quoted(field));
                let help = "leave one line for each host; what it has several of belongs in a field of its own";
                return self.faults.push(InventoryFaultKind::Disagrees, batch.line(record), message, help);
            }
        }
    }

    fn push_too_large(&mut self, line: usize) {
        let message = "there are more cells than a fleet can have";
        self.faults.push(InventoryFaultKind::Shape, line, message, "leave out the columns that are not needed");
    }

    fn push_bad_quote(&mut self, quote: BadQuote) {
        let (line, message) = match quote {
            BadQuote::Unclosed { line } => (line, "a quote is opened here and never closed"),
            BadQuote::TextAfter { line } => (line, "text follows a closing quote"),
        };
        self.faults.push(
            InventoryFaultKind::Unreadable,
            line,
            message,
            "a quote inside a quoted cell is written twice: `\"\"`",
        );
    }
}

fn push_unnamed(records: &Records<'_>, batch: &Batch, idx: usize, faults: &mut Faults) {
    for record in 0..batch.len() {
        let cell = records.cell(batch, record, idx);
        if idx < batch.width(record) && !cell.is_empty() {
            let message = format!("column {} has no name, and here it holds {}", idx + 1, quoted(cell));
            faults.push(InventoryFaultKind::Shape, batch.line(record), message, "name the column in the first line");
        }
    }
}
