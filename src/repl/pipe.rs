use std::io::BufRead;

use crate::repl::prompt::{Prompt, Said};
use crate::repl::terminal::{complain, tell};

/// How a conversation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// Whether something that was typed could not be done. At a terminal the person has seen it.
    pub had_problems: bool,
}

/// Takes lines until there are no more: answers to stdout, what is wrong to stderr, no prompt.
pub fn from_pipe(prompt: &mut Prompt<'_>, said_before: &Said, lines: &mut dyn BufRead) -> Ended {
    let mut had_problems = said_before.has_failed;
    complain(&said_before.problems);
    let mut inputs = Inputs::default();
    loop {
        let line = next_line(lines);
        let is_at_end = line.is_none();
        let input = match line {
            Some(line) => inputs.line(&line),
            None => Some(inputs.rest()),
        };
        let Some(input) = input else { continue };
        let said = prompt.take(&input);
        complain(&said.problems);
        tell(&said.answer);
        had_problems |= said.has_failed;
        if is_at_end || said.leaves {
            return Ended { had_problems };
        }
    }
}

/// Lines, gathered until an input is whole.
#[derive(Debug, Default)]
pub(super) struct Inputs {
    pending: String,
}

impl Inputs {
    /// The input that this line makes whole.
    pub fn line(&mut self, line: &str) -> Option<String> {
        self.pending.push_str(line);
        self.pending.push('\n');
        Prompt::is_whole(&self.pending).then(|| std::mem::take(&mut self.pending))
    }

    /// What is left at the end, whole or not.
    pub fn rest(&mut self) -> String {
        std::mem::take(&mut self.pending)
    }
}

/// A line without its end; what is no text in it is shown as such.
fn next_line(lines: &mut dyn BufRead) -> Option<String> {
    let mut bytes = Vec::new();
    let read = lines.read_until(b'\n', &mut bytes).ok()?;
    if read == 0 {
        return None;
    }
    let text = String::from_utf8_lossy(&bytes);
    Some(text.trim_end_matches(['\n', '\r']).to_owned())
}
