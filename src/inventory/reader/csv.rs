use crate::inventory::builder::{Committed, FleetBuilder, MOST_FIELDS, TooLarge};
use crate::inventory::dictionary::CellKind;
use crate::inventory::reader::fault::{Faults, quoted};
use crate::inventory::reader::mapping::{FieldNames, help_without_name};
use crate::inventory::reader::records::{BadQuote, Record, Records};
use crate::inventory::{Fleet, HostName, InventoryFault, InventoryFaultKind, ReadOptions};

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
        let mut header = Record::default();
        match self.records.read(&mut header) {
            Ok(true) => {}
            Ok(false) => return,
            Err(quote) => return self.push_bad_quote(quote),
        }
        if header.len() > MOST_FIELDS {
            let message = format!("it has {} columns, and {MOST_FIELDS} is the most", header.len());
            return self.faults.push(InventoryFaultKind::Shape, header.line, message, "leave out those not needed");
        }
        let columns: Vec<String> =
            (0..header.len()).map(|idx| self.records.cell(&header, idx).trim().to_owned()).collect();
        let named = columns.iter().map(String::as_str).filter(|column| !column.is_empty());
        self.push_repeated(header.line, &columns);
        let names = FieldNames::new(&options.mapping);
        for (message, help) in names.unknown(|_, theirs| columns.iter().any(|column| column == theirs), named.clone()) {
            self.faults.push(InventoryFaultKind::Shape, header.line, message, &help);
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
                self.faults.push(InventoryFaultKind::Shape, header.line, "no column is called `name`", &help);
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
        let mut record = Record::default();
        loop {
            match self.records.read(&mut record) {
                Ok(true) if record.len() == self.places.len() => self.read_row(&record),
                Ok(true) => {
                    let message = format!("it has {} cells, the header has {}", record.len(), self.places.len());
                    let help = "a cell that holds the separator must stand in quotes";
                    self.faults.push(InventoryFaultKind::Shape, record.line, message, help);
                }
                Ok(false) => return,
                Err(quote) => return self.push_bad_quote(quote),
            }
        }
    }

    fn read_row(&mut self, record: &Record) {
        let name = self.records.cell(record, self.name_place);
        if let Err(bad) = HostName::check(name) {
            let message = format!("{} cannot be a host's name: {}", quoted(name), bad.reason);
            let help = "name the host as DNS does, with letters, digits, `-` and `.`";
            return self.faults.push(InventoryFaultKind::BadHostName, record.line, message, help);
        }
        for (idx, place) in self.places.iter().enumerate() {
            let cell = self.records.cell(record, idx);
            match place {
                Place::Field(place) if idx != self.name_place => {
                    self.builder.put(*place, cell, CellKind::Plain);
                }
                Place::Unnamed if !cell.is_empty() => {
                    let message = format!("column {} has no name, and here it holds {}", idx + 1, quoted(cell));
                    let help = "name the column in the first line";
                    self.faults.push(InventoryFaultKind::Shape, record.line, message, help);
                }
                _ => {}
            }
        }
        match self.builder.commit(name, record.line) {
            Ok(Committed::Added | Committed::Repeated) => {}
            Ok(Committed::Differs { first, column }) => {
                let (first, field) = (self.builder.line(first), self.builder.column_name(column));
                let message = format!("{} stands in line {first} too, with another {}", quoted(name), quoted(field));
                let help = "leave one line for each host; what it has several of belongs in a field of its own";
                self.faults.push(InventoryFaultKind::Disagrees, record.line, message, help);
            }
            Err(TooLarge) => self.push_too_large(record.line),
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
