use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use rustyline::completion::{Candidate as Shown, Completer};
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hint, Hinter};
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Context, Helper};

use crate::diagnostic::{harmless, is_harmful};
use crate::repl::colours::{coloured, pale};
use crate::repl::prompt::Prompt;

/// What the line editor asks while somebody types: all of it is answered by the conversation.
pub(super) struct Editor<'w> {
    pub prompt: Rc<RefCell<Prompt<'w>>>,
    pub has_colours: bool,
    /// The last text with its colours: an editor asks for them again at every key.
    pub last: RefCell<(String, String)>,
}

impl Helper for Editor<'_> {}

/// A candidate as the list shows it, and as it is written.
pub(super) struct Listed {
    shown: String,
    written: String,
}

impl Shown for Listed {
    fn display(&self) -> &str {
        &self.shown
    }

    fn replacement(&self) -> &str {
        &self.written
    }
}

/// The rest of the best candidate, and what it means.
pub(super) struct Proposed {
    shown: String,
    rest: String,
}

impl Hint for Proposed {
    fn display(&self) -> &str {
        &self.shown
    }

    fn completion(&self) -> Option<&str> {
        Some(self.rest.as_str()).filter(|rest| !rest.is_empty())
    }
}

/// A list of more is not read.
const LISTED: usize = 60;

impl Completer for Editor<'_> {
    type Candidate = Listed;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Listed>)> {
        let Ok(prompt) = self.prompt.try_borrow() else { return Ok((at, Vec::new())) };
        let found = prompt.complete(line, at);
        // What a terminal would obey cannot be typed, so it cannot be proposed either.
        let harmless_ones = found.candidates.iter().filter(|candidate| !candidate.text.contains(is_harmful));
        let candidates = harmless_ones
            .take(LISTED)
            .map(|candidate| Listed { shown: candidate.text.clone(), written: candidate.text.clone() });
        Ok((found.start, candidates.collect()))
    }
}

impl Hinter for Editor<'_> {
    type Hint = Proposed;

    fn hint(&self, line: &str, at: usize, _: &Context<'_>) -> Option<Proposed> {
        if at < line.len() {
            return None;
        }
        let prompt = self.prompt.try_borrow().ok()?;
        let found = prompt.complete(line, at);
        let written = line.get(found.start..)?;
        let best = found.candidates.first().filter(|best| !best.text.contains(is_harmful))?;
        if written.is_empty() && found.candidates.len() > 1 && !line.trim_end().ends_with('=') {
            return None;
        }
        let rest = best.text.strip_prefix(written)?.to_owned();
        let room = prompt.look.width.saturating_sub(line.chars().count() + rest.chars().count() + 12);
        let detail: String = harmless(&best.detail).chars().take(room).collect();
        let shown = if detail.is_empty() { rest.clone() } else { format!("{rest}  {detail}") };
        (!shown.is_empty()).then_some(Proposed { shown, rest })
    }
}

impl Highlighter for Editor<'_> {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        if !self.has_colours {
            return Cow::Borrowed(line);
        }
        let mut last = self.last.borrow_mut();
        if last.0 != line {
            let Ok(prompt) = self.prompt.try_borrow() else { return Cow::Borrowed(line) };
            *last = (line.to_owned(), coloured(prompt.session(), line));
        }
        Cow::Owned(last.1.clone())
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        if self.has_colours { Cow::Owned(pale(hint)) } else { Cow::Borrowed(hint) }
    }

    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        self.has_colours && kind != CmdKind::MoveCursor
    }
}

impl Validator for Editor<'_> {
    /// Never invalid: what is wrong is told once it is taken, with all that there is to say.
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        Ok(match Prompt::is_whole(context.input()) {
            true => ValidationResult::Valid(None),
            false => ValidationResult::Incomplete,
        })
    }
}
