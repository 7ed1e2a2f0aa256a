use std::cell::RefCell;
use std::io::{self, Write};
use std::path::PathBuf;
use std::rc::Rc;

use rustyline::error::ReadlineError;
use rustyline::history::DefaultHistory;
use rustyline::{Config, EditMode};

use crate::diagnostic::harmless;
use crate::repl::editor::Editor;
use crate::repl::pipe::{Ended, Inputs};
use crate::repl::program::cause;
use crate::repl::prompt::{Prompt, Said};

/// Where what was typed is kept for the next time.
#[derive(Debug, Clone)]
pub enum History {
    File(PathBuf),
    /// Why there is none.
    Nowhere(String),
}

const ENTRIES: usize = 2_000;

/// Talks with a person at a terminal until they leave. `said_before` is what came of loading.
pub fn at_terminal(prompt: Prompt<'_>, said_before: &Said, history: &History, has_colours: bool) -> Ended {
    let prompt = Rc::new(RefCell::new(prompt));
    let config = Config::builder()
        .edit_mode(EditMode::Emacs)
        .auto_add_history(false)
        .completion_show_all_if_ambiguous(false)
        .completion_type(rustyline::CompletionType::List)
        .completion_prompt_limit(80)
        .check_cursor_position(false)
        .bracketed_paste(true)
        .max_history_size(ENTRIES)
        .and_then(|config| config.history_ignore_dups(true));
    let config = match config {
        Ok(config) => config.build(),
        Err(_) => Config::default(),
    };
    let mut editor = match rustyline::Editor::<Editor<'_>, DefaultHistory>::with_config(config) {
        Ok(editor) => editor,
        Err(error) => {
            complain(&format!("error: the terminal cannot be used: {error}\n"));
            return Ended { had_problems: true };
        }
    };
    let helper = Editor { prompt: Rc::clone(&prompt), has_colours, last: RefCell::default() };
    editor.set_helper(Some(helper));
    let mut keeper = Keeper::open(history, &mut editor);
    say(said_before);
    tell("`:help` says what can be typed here.\n");
    loop {
        match editor.readline("sunup> ") {
            Ok(line) => {
                if line.trim().is_empty() {
                    continue;
                }
                keeper.keep(&line, &mut editor);
                if take_all(&prompt, &line) {
                    break;
                }
            }
            // Ctrl-C leaves the line.
            Err(ReadlineError::Interrupted) => {}
            // A window that was resized while nothing was read.
            Err(ReadlineError::Signal(_)) => {}
            Err(ReadlineError::Eof) => break,
            Err(error) => {
                complain(&format!("error: the terminal cannot be read: {error}\n"));
                return Ended { had_problems: true };
            }
        }
    }
    Ended { had_problems: false }
}

/// What was pasted may be several inputs. Says whether one of them ends the conversation.
fn take_all(prompt: &RefCell<Prompt<'_>>, text: &str) -> bool {
    let mut inputs = Inputs::default();
    let mut whole: Vec<String> = text.lines().filter_map(|line| inputs.line(line)).collect();
    whole.push(inputs.rest());
    whole.iter().any(|input| {
        let said = prompt.borrow_mut().take(input);
        say(&said);
        said.leaves
    })
}

/// Writes what was typed behind what is there already, so that two prompts at once lose nothing.
struct Keeper {
    path: Option<PathBuf>,
}

impl Keeper {
    fn open(history: &History, editor: &mut rustyline::Editor<Editor<'_>, DefaultHistory>) -> Keeper {
        let mut keeper = Keeper { path: None };
        match history {
            History::Nowhere(why) => keeper.warn(why),
            History::File(path) => match ready(path) {
                Ok(()) => {
                    // One that is not there yet, or is spoilt, is begun anew.
                    let _ = editor.load_history(path);
                    keeper.path = Some(path.clone());
                }
                Err(error) => keeper.warn(&cause(&error)),
            },
        }
        keeper
    }

    fn keep(&mut self, line: &str, editor: &mut rustyline::Editor<Editor<'_>, DefaultHistory>) {
        let _ = editor.add_history_entry(line.trim_end());
        let Some(path) = &self.path else { return };
        if let Err(error) = editor.append_history(path) {
            self.warn(&error.to_string());
        }
    }

    /// Once: then nothing is kept any more.
    fn warn(&mut self, why: &str) {
        self.path = None;
        complain(&format!("warning: what is typed here is not kept for the next time: {}\n", harmless(why)));
    }
}

#[expect(clippy::disallowed_methods, reason = "the prompt keeps its own history")]
fn ready(path: &std::path::Path) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::OpenOptions::new().append(true).create(true).open(path)?;
    Ok(())
}

fn say(said: &Said) {
    complain(&said.problems);
    tell(&said.answer);
}

/// Results.
pub(super) fn tell(text: &str) {
    write_all(io::stdout().lock(), text);
}

/// What is wrong.
pub(super) fn complain(text: &str) {
    write_all(io::stderr().lock(), text);
}

fn write_all(mut to: impl Write, text: &str) {
    // Nobody is left to be told where even this fails.
    let _ = to.write_all(text.as_bytes()).and_then(|()| to.flush());
}
