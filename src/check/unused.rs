// Definitions that nothing uses: of a freeze or a gate somebody believes that it guards the rollout.

use std::collections::HashMap;

use crate::check::entry::{Checker, Origin, Unread};
use crate::diagnostic::{Code, Problem};
use crate::source::FileId;
use crate::syntax::ast::{Item, ItemKind, Name};
use crate::syntax::{TokenKind, tokens};

impl<'a> Checker<'a> {
    /// Of the script alone: a module may define more than one script uses. Silent beside any error, since a name that was
    /// misspelt may be just the one that is missed here. Other definitions are used by what they are: a service keeps, a
    /// policy rules, a region has its hosts, a team its regions.
    pub(super) fn check_unused(&mut self) {
        let Some(script) = self.input.modules.first() else { return };
        let is_malformed = self.input.modules.iter().any(|module| module.parse.problems.has_errors());
        let is_read = self.input.unread == Unread::Nothing && self.input.fleet.is_some();
        if is_malformed || !is_read || self.has_errors() || self.names.rollouts.is_empty() {
            return;
        }
        let written = self.words();
        let problems: Vec<Problem> = script.parse.file.items.iter().filter_map(|item| unused(item, &written)).collect();
        for problem in problems {
            self.report(problem);
        }
    }

    /// How often each name is written in the program's own files. A text may name something too.
    fn words(&self) -> HashMap<&'a str, usize> {
        let sources = self.input.sources;
        let own = self.input.modules.iter().filter(|module| module.origin == Origin::Own);
        let files: Vec<FileId> = own.map(|module| module.file).collect();
        let mut written = HashMap::new();
        for file in files {
            let text = sources.get(file).text();
            for token in tokens(file, text) {
                if matches!(token.kind, TokenKind::Word | TokenKind::Chunk | TokenKind::Number) {
                    *written.entry(text.get(token.span.range()).unwrap_or("")).or_insert(0) += 1;
                }
            }
        }
        written
    }
}

fn unused(item: &Item, written: &HashMap<&str, usize>) -> Option<Problem> {
    let (what, name, help): (&str, &Name, &str) = match &item.kind {
        ItemKind::Gate(gate) => ("gate", &gate.name, "ask it in a stage: `gate NAME`; or take it out"),
        ItemKind::Calendar(calendar) => {
            ("calendar", &calendar.name, "say in a region what it closes: `freeze NAME`; or take it out")
        }
        ItemKind::Runbook(runbook) => ("runbook", &runbook.name, "apply something with it, or take it out"),
        ItemKind::Bulletin(bulletin) => ("bulletin", &bulletin.name, "apply it in a rollout, or take it out"),
        ItemKind::Stages(stages) => ("stage list", &stages.name, "name it in a rollout: `stages NAME`; or take it out"),
        ItemKind::Let(value) => ("value", &value.name, "use it, or take it out"),
        ItemKind::Function(function) => ("function", &function.name, "call it, or take it out"),
        _ => return None,
    };
    if written.get(name.text.as_str()).is_some_and(|times| *times > 1) {
        return None;
    }
    let problem = Problem::warning(Code::UNUSED, format!("nothing uses the {what} `{}`", name.text));
    let problem = problem.label(name.span, "defined here, and named nowhere else");
    Some(problem.help(help.replace("NAME", &name.text)))
}
