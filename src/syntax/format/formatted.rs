use crate::diagnostic::Problems;
use crate::source::FileId;
use crate::syntax::format::layout::lay_out;
use crate::syntax::format::line::written;
use crate::syntax::format::proof::{Difference, difference};
use crate::syntax::format::reading::Reading;
use crate::syntax::parse::parse as read;

/// Why a script is left as it is.
#[derive(Debug, Clone)]
pub enum Refusal {
    /// It could not be read: what is wrong with it.
    Malformed(Problems),
    /// Formatted, it would not be the same script. That is our fault, never the script's.
    Differs(Difference),
}

/// The script in the one style, which says the same with the same comments and would be formatted to itself.
///
/// Line ends (`\n` or `\r\n`, as the first is) and a byte order mark stay as they are. Only a text that reads without a
/// problem is formatted; what comes out is read again and compared before it is given.
pub fn format(file: FileId, text: &str) -> Result<String, Refusal> {
    let parse = read(file, text);
    if !parse.problems.is_empty() {
        return Err(Refusal::Malformed(parse.problems));
    }
    let before = Reading::of(file, text, parse);
    let formatted = laid_out(&before);
    let parse = read(file, &formatted);
    if !parse.problems.is_empty() {
        return Err(Refusal::Differs(Difference::Tree));
    }
    let after = Reading::of(file, &formatted, parse);
    if let Some(difference) = difference(&before, &after) {
        return Err(Refusal::Differs(difference));
    }
    if laid_out(&after) != formatted {
        return Err(Refusal::Differs(Difference::Unsettled));
    }
    Ok(formatted)
}

fn laid_out(reading: &Reading<'_>) -> String {
    let text = reading.text;
    let mark = if text.starts_with('\u{feff}') { "\u{feff}" } else { "" };
    let first_end = memchr::memchr(b'\n', text.as_bytes());
    let line_end = if first_end.is_some_and(|end| text[..end].ends_with('\r')) { "\r\n" } else { "\n" };
    format!("{mark}{}", written(&lay_out(reading), line_end))
}
