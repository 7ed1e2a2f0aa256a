use std::ops::Range;

/// Splits the text of a CSV file into records without copying it: a cell is a piece of the text. Only a cell with a doubled
/// quote in it has to be written anew.
///
/// RFC 4180, and beyond it: any of the line ends of this world, and a separator that is found from the header.
pub(crate) struct Records<'a> {
    text: &'a str,
    separator: u8,
    line_end: u8,
    at: usize,
    line: usize,
    separators: memchr::Memchr3<'a>,
    /// What `separators` counts from.
    base: usize,
    unescaped: String,
}

/// Some records in a row: for each its line and its cells.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    lines: Vec<usize>,
    /// Where the cells of each record end in `cells`.
    ends: Vec<usize>,
    cells: Vec<Cell>,
}

/// A piece of the text; beyond its end, a piece of what was written anew.
#[derive(Debug, Clone, Copy)]
struct Cell {
    start: usize,
    end: usize,
}

/// Where the quotes go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadQuote {
    /// Opened on this line and never closed.
    Unclosed { line: usize },
    /// Something other than a separator follows the closing one.
    TextAfter { line: usize },
}

impl<'a> Records<'a> {
    /// The separator is the one of `,`, `;` and tab that the first line has most of.
    pub(crate) fn new(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        // Old spreadsheets end lines with a carriage return alone.
        let line_end = if !bytes.contains(&b'\n') && bytes.contains(&b'\r') { b'\r' } else { b'\n' };
        let first = text.split(char::from(line_end)).find(|line| !line.trim().is_empty()).unwrap_or("");
        let count = |separator: &u8| memchr::memchr_iter(*separator, first.as_bytes()).count();
        // The first of equals, so that a single column is read as comma-separated.
        let separator = [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',');
        let separators = memchr::memchr3_iter(separator, line_end, b'"', bytes);
        Self { text, separator, line_end, at: 0, line: 1, separators, base: 0, unescaped: String::new() }
    }

    /// Empties the batch, and forgets what was written anew for its cells.
    pub(crate) fn begin(&mut self, batch: &mut Batch) {
        batch.lines.clear();
        batch.ends.clear();
        batch.cells.clear();
        self.unescaped.clear();
    }

    /// Adds the next record that is not a blank line to the batch; false at the end.
    pub(crate) fn read(&mut self, batch: &mut Batch) -> Result<bool, BadQuote> {
        let first = batch.cells.len();
        loop {
            batch.cells.truncate(first);
            let line = self.line;
            if self.at >= self.text.len() {
                return Ok(false);
            }
            self.read_cells(batch)?;
            let is_blank = match batch.cells.get(first..) {
                Some([only]) => self.text.get(only.start..only.end).is_some_and(|cell| cell.trim().is_empty()),
                _ => false,
            };
            if !is_blank {
                batch.lines.push(line);
                batch.ends.push(batch.cells.len());
                return Ok(true);
            }
        }
    }

    /// The text of a cell of a record of the batch; empty where there is none.
    pub(crate) fn cell<'s>(&'s self, batch: &Batch, record: usize, idx: usize) -> &'s str {
        let Some(cell) = batch.cells.get(batch.first(record) + idx) else { return "" };
        if cell.start < self.text.len() || cell.end <= self.text.len() {
            return self.text.get(cell.start..cell.end).unwrap_or("");
        }
        let beyond = self.text.len();
        self.unescaped.get(cell.start - beyond..cell.end - beyond).unwrap_or("")
    }

    fn read_cells(&mut self, batch: &mut Batch) -> Result<(), BadQuote> {
        loop {
            let start = self.at;
            let Some(found) = self.next_mark(start) else {
                self.push(batch, start..self.text.len());
                self.at = self.text.len();
                return Ok(());
            };
            match self.text.as_bytes()[found] {
                b'"' if found == start => {
                    if self.read_quoted(batch)? {
                        return Ok(());
                    }
                }
                mark => {
                    self.push(batch, start..found);
                    self.at = found + 1;
                    if mark == self.line_end {
                        self.line += 1;
                        return Ok(());
                    }
                }
            }
        }
    }

    /// The next separator or line end from `start` on, or a quote that stands at `start`: within a cell a quote is a
    /// character like any other.
    fn next_mark(&mut self, start: usize) -> Option<usize> {
        loop {
            let found = self.base + self.separators.next()?;
            if found > start && self.text.as_bytes()[found] == b'"' {
                continue;
            }
            return Some(found);
        }
    }

    /// Reads the quoted cell that begins here; true where the record ends with it.
    fn read_quoted(&mut self, batch: &mut Batch) -> Result<bool, BadQuote> {
        let (bytes, line) = (self.text.as_bytes(), self.line);
        let start = self.at + 1;
        let mut from = start;
        let mut copied = None;
        let end = loop {
            let Some(quote) = memchr::memchr(b'"', &bytes[from..]).map(|at| from + at) else {
                return Err(BadQuote::Unclosed { line });
            };
            if bytes.get(quote + 1) != Some(&b'"') {
                break quote;
            }
            copied.get_or_insert(self.unescaped.len());
            self.unescaped.push_str(&self.text[from..=quote]);
            from = quote + 2;
        };
        match copied {
            Some(copy) => {
                self.unescaped.push_str(&self.text[from..end]);
                let beyond = self.text.len();
                batch.cells.push(Cell { start: beyond + copy, end: beyond + self.unescaped.len() });
            }
            None => batch.cells.push(Cell { start, end }),
        }
        self.line += memchr::memchr_iter(self.line_end, &bytes[start..end]).count();
        self.after_quoted(end + 1)
    }

    fn after_quoted(&mut self, after: usize) -> Result<bool, BadQuote> {
        let bytes = self.text.as_bytes();
        let is_crlf =
            self.line_end == b'\n' && bytes.get(after) == Some(&b'\r') && bytes.get(after + 1) == Some(&b'\n');
        let after = if is_crlf { after + 1 } else { after };
        let (next, is_last) = match bytes.get(after) {
            None => (after, true),
            Some(&byte) if byte == self.line_end => {
                self.line += 1;
                (after + 1, true)
            }
            Some(&byte) if byte == self.separator => (after + 1, false),
            Some(_) => return Err(BadQuote::TextAfter { line: self.line }),
        };
        self.at = next;
        self.base = next;
        self.separators = memchr::memchr3_iter(self.separator, self.line_end, b'"', &bytes[next..]);
        Ok(is_last)
    }

    fn push(&self, batch: &mut Batch, mut range: Range<usize>) {
        if self.line_end == b'\n' && self.text.as_bytes()[range.clone()].ends_with(b"\r") {
            let ends_record = range.end == self.text.len() || self.text.as_bytes()[range.end] == b'\n';
            range.end -= usize::from(ends_record);
        }
        batch.cells.push(Cell { start: range.start, end: range.end });
    }
}

impl Batch {
    pub(crate) fn len(&self) -> usize {
        self.lines.len()
    }

    pub(crate) fn line(&self, record: usize) -> usize {
        self.lines.get(record).copied().unwrap_or(0)
    }

    /// How many cells a record has.
    pub(crate) fn width(&self, record: usize) -> usize {
        self.ends.get(record).map_or(0, |end| end - self.first(record))
    }

    fn first(&self, record: usize) -> usize {
        record.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Result<Vec<(usize, Vec<String>)>, BadQuote> {
        let (mut records, mut batch) = (Records::new(text), Batch::default());
        records.begin(&mut batch);
        while records.read(&mut batch)? {}
        let cells = |record| (0..batch.width(record)).map(|idx| records.cell(&batch, record, idx).to_owned()).collect();
        Ok((0..batch.len()).map(|record| (batch.line(record), cells(record))).collect())
    }

    fn cells(text: &str) -> Vec<Vec<String>> {
        all(text).unwrap().into_iter().map(|(_, cells)| cells).collect()
    }

    #[test]
    fn quotes_line_ends_and_separators() {
        assert_eq!(cells("a,b\n1,2\n"), [["a", "b"], ["1", "2"]]);
        assert_eq!(cells("a,b\r\n1,2\r\n"), [["a", "b"], ["1", "2"]]);
        assert_eq!(cells("a,b\r1,2\r"), [["a", "b"], ["1", "2"]]);
        assert_eq!(cells("a;b\n1,5;2"), [["a", "b"], ["1,5", "2"]]);
        assert_eq!(cells("a\tb\n1\t2"), [["a", "b"], ["1", "2"]]);
        assert_eq!(cells("a\n\n  \nb\n"), [["a"], ["b"]]);
        assert_eq!(cells("a,b\n\"x,y\",\"z\n\"\"w\"\"\"\r\n"), [["a", "b"], ["x,y", "z\n\"w\""]]);
        assert_eq!(cells("a,b\n\"\",\n"), [["a", "b"], ["", ""]]);
        assert_eq!(cells("a,b\n1 \"x\",2\n\"q\"\"\",\"\"\"\""), [["a", "b"], ["1 \"x\"", "2"], ["q\"", "\""]]);
        assert_eq!(cells("a,b\n1,2\r"), [["a", "b"], ["1", "2"]]);
        assert_eq!(cells("a,b\n1\rx,2"), [["a", "b"], ["1\rx", "2"]]);
        assert_eq!(cells(""), Vec::<Vec<String>>::new());
        assert_eq!(cells("a,"), [["a", ""]]);
    }

    #[test]
    fn lines_are_counted_through_quotes() {
        let lines: Vec<usize> = all("a,b\n\n\"x\ny\",1\nz,2\n").unwrap().into_iter().map(|(line, _)| line).collect();
        assert_eq!(lines, [1, 3, 5]);
    }

    #[test]
    fn quotes_gone_wrong_are_told() {
        assert_eq!(all("a,b\n1,\"x\n2,3\n"), Err(BadQuote::Unclosed { line: 2 }));
        assert_eq!(all("a,b\n\"x\ny\"z,3\n"), Err(BadQuote::TextAfter { line: 3 }));
    }
}
