use std::io::{self, IsTerminal};
use std::path::PathBuf;

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::state;
use crate::cli::write::write_whole;
use crate::repl::{History, Look, Prompt, Said, Settings, at_terminal, from_pipe};
use crate::run::Interrupt;
use crate::world::RealWorld;

/// Ask about a fleet and a script, and walk a rollout through by hand
///
/// Over a pipe each line is taken in turn: answers on stdout, problems on stderr. Exit codes: 0 fine, 1 a line of a pipe could
/// not be done, 2 wrong usage.
#[derive(Debug, Args)]
pub struct ReplArguments {
    /// A script, or an inventory by itself
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
}

/// What a terminal shows at once, and what a pipe is given.
const ROWS: usize = 40;
const ROWS_OF_A_PIPE: usize = 1_000;

pub fn run(arguments: &ReplArguments, output: &Output) -> Exit {
    let is_terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    let has_colours = output.answers_to_terminal();
    let rows = if is_terminal { ROWS } else { ROWS_OF_A_PIPE };
    // Over a pipe Ctrl-C ends the program, as it ends any other.
    let interrupt = if is_terminal { Interrupt::on_ctrl_c().unwrap_or_default() } else { Interrupt::new() };
    let is_interrupted = || interrupt.was_pressed();
    let settings = Settings {
        world: &RealWorld,
        look: Look { width: output.width(), has_colours, rows },
        write: &write_whole,
        is_interrupted: &is_interrupted,
    };
    let mut prompt = Prompt::new(settings);
    let said = match &arguments.file {
        Some(file) => prompt.open(file),
        None => Said::default(),
    };
    let ended = match is_terminal {
        true => at_terminal(prompt, &said, &history(), has_colours),
        false => from_pipe(&mut prompt, &said, &mut io::stdin().lock()),
    };
    if ended.had_problems { Exit::Problems } else { Exit::Fine }
}

fn history() -> History {
    match state::default_place() {
        Ok(place) => History::File(place.join("prompt-history")),
        Err(why) => History::Nowhere(why),
    }
}
