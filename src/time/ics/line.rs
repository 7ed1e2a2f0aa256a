use crate::time::ics::CalendarError;

/// A content line: unfolded, with the number of the line on which it begins.
pub(super) struct ContentLine {
    pub number: usize,
    pub text: String,
}

/// The content lines of a file, blank ones left out. A line that begins with a blank or a tab goes on with the one before.
pub(super) fn content_lines(text: &str) -> Result<Vec<ContentLine>, CalendarError> {
    let mut lines: Vec<ContentLine> = Vec::new();
    for (idx, physical) in text.strip_prefix('\u{feff}').unwrap_or(text).split('\n').enumerate() {
        let number = idx + 1;
        let physical = physical.strip_suffix('\r').unwrap_or(physical);
        match (physical.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(more), Some(line)) => line.text.push_str(more),
            (Some(more), None) if more.trim().is_empty() => {}
            (Some(_), None) => return Err(CalendarError::at(number, "the first line goes on with a line before it")),
            (None, _) if physical.trim().is_empty() => {}
            (None, _) => lines.push(ContentLine { number, text: physical.to_owned() }),
        }
    }
    Ok(lines)
}

impl ContentLine {
    /// What comes before the value and the parameters, in upper case; `None` where there is no value.
    pub(super) fn name(&self) -> Option<String> {
        let end = self.text.find([':', ';'])?;
        self.text.get(end..).filter(|rest| rest.contains(':'))?;
        let name = self.text.get(..end)?;
        let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        is_name.then(|| name.to_ascii_uppercase())
    }

    /// What comes after the first colon, in upper case: enough for `BEGIN` and `END`.
    pub(super) fn plain_value(&self) -> String {
        self.text.split_once(':').map_or(String::new(), |(_, value)| value.trim().to_ascii_uppercase())
    }
}
