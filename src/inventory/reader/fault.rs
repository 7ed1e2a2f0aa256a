use crate::diagnostic::harmless;

/// What is wrong with a file, and where. `kind` says which family of problem it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InventoryFault {
    pub kind: InventoryFaultKind,
    pub path: String,
    /// From one; none where it concerns the whole file.
    pub line: Option<usize>,
    pub message: String,
    pub help: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InventoryFaultKind {
    /// Not UTF-8, not the format that it seems to be.
    Unreadable,
    Empty,
    /// Of no shape that we know.
    Shape,
    /// Two files (or two lines) that say different things of one host.
    Disagrees,
    BadHostName,
}

/// The faults of one file so far. A file that is wrong in every line is not repeated back in full.
#[derive(Debug)]
pub(crate) struct Faults {
    path: String,
    list: Vec<InventoryFault>,
    untold: usize,
}

/// So many faults are told in full.
const MOST_TOLD: usize = 20;

impl InventoryFault {
    /// Whatever a file put into its words is made harmless here, once for all readers.
    pub(crate) fn new(kind: InventoryFaultKind, path: &str, line: Option<usize>, message: impl Into<String>) -> Self {
        let message = harmless(&message.into()).into_owned();
        Self { kind, path: path.to_owned(), line, message, help: None }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(harmless(&help.into()).into_owned());
        self
    }
}

impl Faults {
    pub(crate) fn of(path: &str) -> Self {
        Self { path: path.to_owned(), list: Vec::new(), untold: 0 }
    }

    pub(crate) fn push(
        &mut self,
        kind: InventoryFaultKind,
        line: impl Into<Option<usize>>,
        message: impl Into<String>,
        help: &str,
    ) {
        if !self.tells_more() {
            self.untold += 1;
            return;
        }
        self.list.push(InventoryFault::new(kind, &self.path, line.into(), message).help(help));
    }

    /// Told once and for all of the file, without a line.
    pub(crate) fn whole(&mut self, kind: InventoryFaultKind, message: impl Into<String>, help: impl Into<String>) {
        self.list.push(InventoryFault::new(kind, &self.path, None, message).help(help));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether the next fault is told in full. Words that cost a walk over the file are not worth finding otherwise.
    pub(crate) fn tells_more(&self) -> bool {
        self.list.len() < MOST_TOLD
    }

    /// In the order of the lines.
    pub(crate) fn into_list(mut self) -> Vec<InventoryFault> {
        self.list.sort_by_key(|fault| fault.line);
        if self.untold > 0 {
            let message = format!("{} more faults like these", self.untold);
            let last = self.list.last().map_or(InventoryFaultKind::Unreadable, |fault| fault.kind);
            self.list.push(InventoryFault::new(last, &self.path, None, message));
        }
        self.list
    }
}

/// JSON that is none: the parser's own words, without the place that it appends.
pub(crate) fn syntax_fault(path: &str, error: &serde_json::Error) -> InventoryFault {
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    let line = Some(error.line()).filter(|&line| line > 0);
    InventoryFault::new(InventoryFaultKind::Unreadable, path, line, format!("it is not JSON: {message}"))
        .help(format!("look at column {} of the line", error.column()))
}

/// The user's words for a message: in backticks, on one line, not longer than one can read.
pub(crate) fn quoted(text: &str) -> String {
    const LONGEST: usize = 60;
    let short: String = text.chars().take(LONGEST).collect();
    let more = if short.len() < text.len() { "…" } else { "" };
    format!("`{}{more}`", harmless(&short))
}

/// Some of many, for a message.
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const MOST: usize = 12;
    let mut names = names.into_iter();
    let mut list: Vec<String> = names.by_ref().take(MOST).map(quoted).collect();
    let rest = names.count();
    if rest > 0 {
        list.push(format!("{rest} more"));
    }
    list.join(", ")
}
