use std::path::PathBuf;

use crate::check::Answer;
use crate::diagnostic::{self, Problems, Severity, fancy, harmless, nearest};
use crate::ide::{self, Input};
use crate::repl::command;
use crate::repl::program::{Program, new_problems};
use crate::repl::show;
use crate::repl::walking::Walking;
use crate::session::Session;
use crate::source::Sources;
use crate::time::Moment;
use crate::world::World;

/// What a prompt is given by whoever starts it.
pub struct Settings<'w> {
    pub world: &'w dyn World,
    pub look: Look,
    /// Writes a file that appears whole or not at all.
    pub write: &'w dyn Fn(&std::path::Path, &str) -> std::io::Result<()>,
    /// Whether the person has asked to stop what takes long, since the last look.
    pub is_interrupted: &'w dyn Fn() -> bool,
}

impl std::fmt::Debug for Settings<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings").field("look", &self.look).finish_non_exhaustive()
    }
}

/// How answers look.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// In columns.
    pub width: usize,
    pub has_colours: bool,
    /// How many rows of a table are shown.
    pub rows: usize,
}

/// One conversation. It knows no terminal: a text in, what is to be said out.
#[derive(Debug)]
pub struct Prompt<'w> {
    pub(super) settings: Settings<'w>,
    pub(super) program: Program,
    pub(super) session: Session,
    /// When a rollout starts, instead of what the script says.
    pub(super) start_at: Option<Moment>,
    pub(super) look: Look,
    /// The rollout that is being walked through.
    pub(super) walking: Option<Walking>,
}

/// What comes of one input.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    pub answer: String,
    /// What is wrong, drawn.
    pub problems: String,
    /// Whether what was asked could not be done.
    pub has_failed: bool,
    /// Whether the conversation is over.
    pub leaves: bool,
}

impl Said {
    pub(super) fn answer(text: impl Into<String>) -> Said {
        Said { answer: text.into(), ..Said::default() }
    }

    /// One sentence about what is wrong, and what to do about it.
    pub(super) fn fault(message: impl AsRef<str>, help: impl AsRef<str>) -> Said {
        let help = help.as_ref();
        let help = if help.is_empty() { String::new() } else { format!("  help: {help}\n") };
        Said { problems: format!("error: {}\n{help}", message.as_ref()), has_failed: true, ..Said::default() }
    }
}

impl<'w> Prompt<'w> {
    /// With nothing loaded.
    pub fn new(settings: Settings<'w>) -> Prompt<'w> {
        let program = Program::empty();
        let session = program.load(settings.world);
        let look = settings.look;
        Prompt { settings, program, session, start_at: None, look, walking: None }
    }

    /// Loads a script, or an inventory: whatever is not called `….sunup` is taken for one.
    pub fn open(&mut self, file: &std::path::Path) -> Said {
        match Program::open(self.settings.world, file) {
            Ok(program) => self.put(program),
            Err(why) => {
                Said::fault(harmless(&why), "give the path of a script that ends in .sunup, or of an inventory")
            }
        }
    }

    /// Takes one whole input: a command, items, or an expression.
    pub fn take(&mut self, input: &str) -> Said {
        let text = input.trim();
        if let Some(command) = text.strip_prefix(':') {
            return command::run(self, command);
        }
        match text {
            "quit" | "exit" => return command::run(self, "quit"),
            "help" | "?" => return command::run(self, "help"),
            _ => {}
        }
        match ide::input(text) {
            Input::Nothing => Said::default(),
            Input::Items { .. } => self.add(text),
            Input::Expression { .. } => self.expression(text),
        }
    }

    /// Whether an input is whole, so that it can be taken. Two empty lines at its end make it so.
    pub fn is_whole(input: &str) -> bool {
        input.trim_start().starts_with(':') || input.ends_with("\n\n") || ide::input(input).is_whole()
    }

    pub fn session(&self) -> &Session {
        &self.session
    }

    /// What is loaded, in a line.
    pub fn loaded(&self) -> String {
        let hosts = self.session.fleet.as_ref().map(|fleet| show::counted(fleet.len(), "host"));
        let rollouts: Vec<&str> =
            self.session.model.iter().flat_map(|model| &model.rollouts).map(|rollout| rollout.name.as_str()).collect();
        let name = if self.program.has_file() { self.program.name() } else { "the prompt".to_owned() };
        let mut parts = vec![harmless(&name).into_owned()];
        parts.push(hosts.unwrap_or_else(|| "no inventory".to_owned()));
        if !rollouts.is_empty() {
            parts.push(format!("rollout {}", harmless(&rollouts.join(", "))));
        }
        parts.join(" · ")
    }

    /// Puts another program in the place of this one, and tells what is wrong with it.
    pub(super) fn put(&mut self, program: Program) -> Said {
        let session = program.load(self.settings.world);
        let errors: Problems = errors(&session.problems);
        let problems = self.drawn(&errors, &session.sources);
        self.program = program;
        self.session = session;
        self.walking = None;
        Said { answer: format!("{}\n", self.loaded()), problems, has_failed: !errors.is_empty(), leaves: false }
    }

    /// Items that were typed in. A walk goes on under the plan that it began with.
    pub(super) fn add(&mut self, text: &str) -> Said {
        let program = match self.program.with_items(text) {
            Ok(program) => program,
            Err(problems) => {
                return self.refused(&problems, text);
            }
        };
        let session = program.load(self.settings.world);
        let found = errors(&new_problems(&self.session.problems, &session.problems));
        let (own, sources) = program.of_last(&found, text);
        if !own.is_empty() {
            // What is wrong in itself would stand against everything from then on: it is not taken.
            return Said { problems: self.drawn(&own, &sources), has_failed: true, ..Said::default() };
        }
        let problems = self.drawn(&found, &session.sources);
        self.program = program;
        self.session = session;
        Said { problems, has_failed: !found.is_empty(), ..Said::default() }
    }

    /// What is wrong with a text that was typed in.
    pub(super) fn refused(&self, problems: &Problems, text: &str) -> Said {
        let mut sources = Sources::default();
        sources.add("<typed>", text);
        Said { problems: self.drawn(problems, &sources), has_failed: true, ..Said::default() }
    }

    fn expression(&mut self, text: &str) -> Said {
        if let Some(found) = ide::describe(&self.session, text.trim_matches('"')).filter(|_| is_no_field(self, text)) {
            return Said::answer(format!("{}\n{}", harmless(&found.title), show::table(&found.table, self.look.width)));
        }
        if is_one_word(text) && is_no_field(self, text) && ide::is_item(&self.session, text) {
            return command::run(self, &format!("doc {text}"));
        }
        let found = ide::evaluate(&self.session, "<typed>", text);
        let problems = self.drawn(&found.problems, &found.sources);
        let Some(answer) = &found.answer else {
            let problems = if problems.is_empty() { self.nothing_to_ask() } else { problems + &self.near(text) };
            return Said { problems, has_failed: true, ..Said::default() };
        };
        Said { answer: self.shown(text, answer), problems, ..Said::default() }
    }

    /// A word by itself may have been meant as the name of a host.
    fn near(&self, text: &str) -> String {
        const MOST: usize = 100_000;
        let fleet = self.session.fleet.as_ref().filter(|fleet| is_one_word(text) && fleet.len() <= MOST);
        let near = fleet.and_then(|fleet| nearest(text, fleet.hosts().map(|host| fleet.name(host))));
        near.map_or(String::new(), |near| format!("  help: or did you mean the host `{}`?\n", harmless(near)))
    }

    /// A question about hosts where there are none.
    fn nothing_to_ask(&self) -> String {
        Said::fault("no inventory is loaded", "load one with `:inventory FILE`, or a script with `:load FILE`").problems
    }

    fn shown(&self, text: &str, answer: &Answer) -> String {
        let line = harmless(&ide::answer_words(&self.session, answer)).into_owned();
        let Some(table) = ide::table(&self.session, text, answer, self.look.rows) else { return format!("{line}\n") };
        if table.rows.is_empty() {
            return format!("{line}\n");
        }
        let drawn = show::table(&table, self.look.width);
        let more = match table.left_out {
            0 => String::new(),
            more => format!(" ({more} more not shown; `:rows all` shows them)"),
        };
        format!("{drawn}{line}{more}\n")
    }

    pub(super) fn drawn(&self, problems: &Problems, sources: &Sources) -> String {
        if problems.is_empty() {
            return String::new();
        }
        let look = diagnostic::Look { width: self.look.width, has_colours: self.look.has_colours };
        fancy(problems, sources, look)
    }

    /// A path as it was typed: from where the prompt was started.
    pub(super) fn path(&self, typed: &str) -> PathBuf {
        PathBuf::from(typed.trim().trim_matches('"'))
    }
}

fn is_one_word(text: &str) -> bool {
    !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || matches!(c, '(' | '[' | '.' | '"'))
}

fn is_no_field(prompt: &Prompt<'_>, text: &str) -> bool {
    prompt.session.fleet.as_ref().is_none_or(|fleet| fleet.field(text).is_none())
}

/// Those that stand against a run: remarks are for `:check`.
fn errors(problems: &Problems) -> Problems {
    problems.iter().filter(|problem| problem.severity == Severity::Error).cloned().collect()
}
