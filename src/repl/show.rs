use unicode_width::UnicodeWidthStr;

use crate::diagnostic::harmless;
use crate::ide;
use crate::report::{Side, Table};

/// No cell is wider: a value that is longer is cut off.
const WIDEST: usize = 40;

/// A table as wide as the terminal at most: of its columns the first that fit, without those in which nothing stands.
pub(super) fn table(shown: &ide::Table, width: usize) -> String {
    let cells = |row: &[String]| row.iter().map(|cell| cut(&harmless(cell))).collect::<Vec<String>>();
    let headings = cells(&shown.headings);
    let rows: Vec<Vec<String>> = shown.rows.iter().map(|row| cells(row)).collect();
    let cell = |row: &[String], column: usize| row.get(column).map_or(0, |cell| cell.width());
    let mut room = width;
    let mut chosen = Vec::new();
    for column in 0..headings.len() {
        let widest = rows.iter().map(|row| cell(row, column)).max().unwrap_or(0);
        if widest == 0 && column > 0 {
            continue;
        }
        let needed = widest.max(cell(&headings, column)) + if column == 0 { 0 } else { 2 };
        if needed > room && column > 0 {
            continue;
        }
        room = room.saturating_sub(needed);
        chosen.push(column);
    }
    let side = |column: &usize| match shown.numbers.get(*column) {
        Some(true) => Side::Right,
        _ => Side::Left,
    };
    let mut table = Table::new(0, &chosen.iter().map(side).collect::<Vec<_>>());
    for row in std::iter::once(&headings).chain(&rows) {
        table.row(chosen.iter().map(|column| row.get(*column).cloned().unwrap_or_default()));
    }
    let mut out = String::new();
    table.render(width, &mut out);
    out
}

/// A cell that is not longer than one reads in a table.
fn cut(text: &str) -> String {
    if text.width() <= WIDEST {
        return text.to_owned();
    }
    let mut out = String::new();
    for c in text.chars() {
        if out.width() + 2 > WIDEST {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

/// `1 host`, `3 hosts`
pub(super) fn counted(number: usize, noun: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{s}")
}
