use unicode_width::UnicodeWidthStr;

/// Rows of cells whose columns line up on a terminal.
#[derive(Debug)]
pub struct Table {
    indent: usize,
    sides: Vec<Side>,
    rows: Vec<Row>,
}

/// On which side the cells of a column stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Left,
    Right,
}

#[derive(Debug)]
enum Row {
    Cells(Vec<String>),
    /// Text across all columns, so much further in.
    Line(usize, String),
}

const GAP: &str = "  ";

/// What the first column has at least, however narrow the terminal.
const LEAST: usize = 8;

impl Table {
    pub fn new(indent: usize, sides: &[Side]) -> Table {
        Table { indent, sides: sides.to_vec(), rows: Vec::new() }
    }

    pub fn row<T: Into<String>>(&mut self, cells: impl IntoIterator<Item = T>) {
        self.rows.push(Row::Cells(cells.into_iter().map(Into::into).collect()));
    }

    pub fn line(&mut self, indent: usize, text: impl Into<String>) {
        self.rows.push(Row::Line(indent, text.into()));
    }

    /// A line for each row. What makes the table wider than `width` is its first column, of names: a name that is too
    /// long stands on a line by itself, whole.
    pub fn render(&self, width: usize, out: &mut String) {
        let widths = self.widths(width);
        for row in &self.rows {
            match row {
                Row::Line(indent, text) => push_line(out, self.indent + indent, text),
                Row::Cells(cells) => self.render_cells(cells, &widths, out),
            }
        }
    }

    fn widths(&self, width: usize) -> Vec<usize> {
        let mut widths = vec![0; self.sides.len()];
        for row in &self.rows {
            let Row::Cells(cells) = row else { continue };
            for (widest, cell) in widths.iter_mut().zip(cells) {
                *widest = cell.width().max(*widest);
            }
        }
        let others: usize = widths.iter().skip(1).map(|other| other + GAP.len()).sum();
        if let Some(first) = widths.first_mut() {
            *first = (*first).min(width.saturating_sub(self.indent + others).max(LEAST));
        }
        widths
    }

    fn render_cells(&self, cells: &[String], widths: &[usize], out: &mut String) {
        let mut line = String::new();
        for ((idx, cell), (width, side)) in cells.iter().enumerate().zip(widths.iter().zip(&self.sides)) {
            if idx == 0 && cell.width() > *width {
                push_line(out, self.indent, cell);
                line.extend(std::iter::repeat_n(' ', *width));
                continue;
            }
            if idx > 0 {
                line.push_str(GAP);
            }
            let blanks = std::iter::repeat_n(' ', width.saturating_sub(cell.width()));
            match side {
                Side::Left => {
                    line.push_str(cell);
                    line.extend(blanks);
                }
                Side::Right => {
                    line.extend(blanks);
                    line.push_str(cell);
                }
            }
        }
        push_line(out, self.indent, line.trim_end());
    }
}

fn push_line(out: &mut String, indent: usize, text: &str) {
    out.extend(std::iter::repeat_n(' ', indent));
    out.push_str(text);
    out.push('\n');
}

/// A label and its text, broken between words, the lines after the first below the text.
pub(super) fn push_field(out: &mut String, indent: usize, label: &str, text: &str, width: usize) {
    const LABEL: usize = 10;
    let start = out.len();
    out.extend(std::iter::repeat_n(' ', indent));
    out.push_str(label);
    out.extend(std::iter::repeat_n(' ', LABEL.saturating_sub(label.width()).max(1)));
    let margin = out[start..].width();
    let mut column = margin;
    for (idx, word) in text.split(' ').enumerate() {
        let is_first = idx == 0;
        if !is_first && column + 1 + word.width() > width {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', margin));
            column = margin;
        } else if !is_first {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += word.width();
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_whatever_the_letters_are() {
        let mut table = Table::new(2, &[Side::Left, Side::Right, Side::Left]);
        table.row(["Site", "Hosts", "Zone"]);
        table.row(["東京", "12", "Asia/Tokyo"]);
        table.line(2, "ex-tok-01");
        table.row(["zürich", "3", ""]);
        let mut out = String::new();
        table.render(80, &mut out);
        assert_eq!(out, "  Site    Hosts  Zone\n  東京       12  Asia/Tokyo\n    ex-tok-01\n  zürich      3\n");
    }

    #[test]
    fn a_name_that_is_too_long_stands_alone() {
        let mut table = Table::new(0, &[Side::Left, Side::Left]);
        table.row(["a-site-with-a-long-name", "22:00"]);
        table.row(["short", "23:00"]);
        let mut out = String::new();
        table.render(20, &mut out);
        assert_eq!(out, "a-site-with-a-long-name\n               22:00\nshort          23:00\n");
        // Nothing is lost, however narrow it is.
        out.clear();
        table.render(0, &mut out);
        assert_eq!(out, "a-site-with-a-long-name\n          22:00\nshort     23:00\n");
    }

    #[test]
    fn a_field_is_broken_between_words() {
        let mut out = String::new();
        push_field(&mut out, 2, "hosts", "exchange-2003 12, exchange-2007 24", 30);
        assert_eq!(out, "  hosts     exchange-2003 12,\n            exchange-2007 24\n");
        out.clear();
        push_field(&mut out, 0, "a-long-label", "text", 5);
        assert_eq!(out, "a-long-label text\n");
    }
}
