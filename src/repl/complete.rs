use crate::diagnostic::Code;
use crate::ide::{self, Candidate, Completion, Entry, Input, Sort};
use crate::repl::command::{self, COMMANDS, Takes};
use crate::repl::prompt::Prompt;
use crate::syntax::words::Block;

impl Prompt<'_> {
    /// What could stand at a place of an input, in bytes.
    pub fn complete(&self, text: &str, at: usize) -> Completion {
        let before = text.get(..at).unwrap_or(text);
        let blanks = before.len() - before.trim_start().len();
        if !before[blanks..].starts_with(':') {
            return self.complete_text(before);
        }
        match before[blanks..].find(char::is_whitespace) {
            None => commands(blanks, &before[blanks..]),
            Some(end) => {
                let word = &before[blanks + 1..blanks + end];
                let takes = command::find(word).map_or(Takes::Nothing, |command| command.takes);
                self.complete_argument(takes, before, blanks + end)
            }
        }
    }

    fn complete_text(&self, before: &str) -> Completion {
        let entry = match ide::input(before) {
            Input::Items { .. } => Entry::Script,
            Input::Nothing | Input::Expression { .. } => Entry::Expression,
        };
        let mut found = ide::complete(&self.session, before, before.len(), entry);
        // The first word could begin an item as well.
        let is_first = before[..found.start.min(before.len())].trim().is_empty();
        if is_first && entry == Entry::Expression {
            let word = before.trim_start();
            found.candidates.extend(ide::complete(&self.session, before, before.len(), Entry::Script).candidates);
            if !word.is_empty() {
                found.candidates.extend(ide::hosts(&self.session, word));
            }
        }
        found
    }

    /// `behind` is where the command's word ends.
    fn complete_argument(&self, takes: Takes, before: &str, behind: usize) -> Completion {
        let typed = before[behind..].trim_start();
        let start = before.len() - typed.len();
        let beginning = |candidates: Vec<Candidate>| {
            ide::complete_with(start, candidates.into_iter().filter(|candidate| candidate.text.starts_with(typed)))
        };
        match takes {
            Takes::Nothing => Completion { start: before.len(), candidates: Vec::new() },
            Takes::Command => commands(start, typed),
            Takes::Code => beginning(codes()),
            Takes::Expression => shifted(self.complete_text(typed), start),
            Takes::File => self.files(typed, start),
            Takes::Host => ide::complete_with(start, ide::hosts(&self.session, typed)),
            Takes::Rollout => {
                let rollouts = self.session.model.iter().flat_map(|model| &model.rollouts);
                beginning(rollouts.map(|rollout| Candidate::new(&rollout.name, Sort::Name, "a rollout")).collect())
            }
            Takes::Place => self.places(typed, start),
            Takes::Fail => match typed.rfind(" at ") {
                Some(at) => self.places(&typed[at + " at ".len()..], start + at + " at ".len()),
                None => self.failing(typed, start),
            },
            Takes::Given => {
                const GIVEN: &str = "given ";
                let sentence = format!("{GIVEN}{typed}");
                let found = ide::complete(&self.session, &sentence, sentence.len(), Entry::Sentence(Block::Test));
                Completion { start: start + found.start.saturating_sub(GIVEN.len()), ..found }
            }
            Takes::Until => match typed.strip_prefix("stage ") {
                Some(name) => {
                    let plan = self.walking.iter().flat_map(|walking| &walking.plan.stages);
                    let stages = plan.map(|stage| Candidate::new(&stage.name, Sort::Name, "a stage"));
                    let stages = stages.filter(|stage| stage.text.starts_with(name));
                    ide::complete_with(start + "stage ".len(), stages)
                }
                None => beginning(vec![
                    Candidate::new("window", Sort::Keyword, "the next window opens"),
                    Candidate::new("stage", Sort::Keyword, "a stage begins"),
                    Candidate::new("end", Sort::Keyword, "nothing comes by itself any more"),
                ]),
            },
            Takes::Branch => {
                let others = self.walking.iter().flat_map(|walking| walking.others.keys());
                beginning(others.map(|name| Candidate::new(name, Sort::Name, "a walk")).collect())
            }
            Takes::Word => shifted(ide::complete_word(&self.session, typed), start),
        }
    }

    /// `region asia`, `site "sydney"`, `host web-1`, `hosts CONDITION`, `stage world`
    fn places(&self, typed: &str, start: usize) -> Completion {
        let (word, rest) = match typed.find(' ') {
            Some(end) => (&typed[..end], typed[end..].trim_start()),
            None => ("", typed),
        };
        let start = start + typed.len() - rest.len();
        let plan = self.walking.as_ref().map(|walking| &walking.plan);
        let named = |names: Vec<String>, what: &str| {
            let found = names.iter().filter(|name| name.starts_with(rest));
            ide::complete_with(start, found.map(|name| Candidate::new(name, Sort::Name, what)).collect::<Vec<_>>())
        };
        match (word, plan) {
            ("host", _) => ide::complete_with(start, ide::hosts(&self.session, rest)),
            ("hosts", _) => shifted(self.complete_text(rest), start),
            ("region", Some(plan)) => {
                named(plan.regions.iter().map(|region| region.name.clone()).collect(), "a region")
            }
            ("site", Some(plan)) => named(plan.sites.iter().map(|site| ide::quoted(&site.name)).collect(), "a site"),
            ("stage", Some(plan)) => named(plan.stages.iter().map(|stage| stage.name.clone()).collect(), "a stage"),
            ("", _) => {
                named(["region", "site", "host", "hosts", "stage", "rollout"].map(str::to_owned).into(), "a place")
            }
            _ => Completion { start, candidates: Vec::new() },
        }
    }

    fn failing(&self, typed: &str, start: usize) -> Completion {
        let plan = self.walking.as_ref().map(|walking| &walking.plan);
        let gates =
            plan.iter().flat_map(|plan| &plan.gates).map(|gate| Candidate::new(&gate.name, Sort::Name, "a gate"));
        let steps =
            plan.iter().flat_map(|plan| &plan.steps).map(|step| Candidate::new(&step.name, Sort::Name, "a step"));
        let names = gates.chain(steps).filter(|candidate| candidate.text.starts_with(typed));
        ide::complete_with(start, names.collect::<Vec<_>>())
    }

    /// The files and folders whose paths begin so.
    fn files(&self, typed: &str, start: usize) -> Completion {
        let folder = typed.rfind('/').map_or("", |slash| &typed[..=slash]);
        let world = self.settings.world;
        let listed = world.list(std::path::Path::new(if folder.is_empty() { "." } else { folder })).unwrap_or_default();
        let found = listed.iter().filter_map(|path| {
            let name = path.file_name()?.to_str()?;
            let is_folder = world.is_directory(path);
            let text = format!("{folder}{name}{}", if is_folder { "/" } else { "" });
            let is_shown = text.starts_with(typed) && !name.starts_with('.');
            is_shown.then(|| Candidate::new(&text, Sort::Value, if is_folder { "a folder" } else { "a file" }))
        });
        ide::complete_with(start, found)
    }
}

fn shifted(found: Completion, by: usize) -> Completion {
    Completion { start: found.start + by, ..found }
}

fn commands(start: usize, typed: &str) -> Completion {
    let (start, typed) = match typed.strip_prefix(':') {
        Some(rest) => (start + 1, rest),
        None => (start, typed),
    };
    let known = COMMANDS.iter().filter(|command| command.name.starts_with(typed));
    // At the start of a line the `:` stands before the word, and stays.
    ide::complete_with(start, known.map(|command| Candidate::new(command.name, Sort::Keyword, command.summary)))
}

fn codes() -> Vec<Candidate> {
    Code::ALL.iter().map(|code| Candidate::new(code.as_str(), Sort::Value, code.title())).collect()
}
