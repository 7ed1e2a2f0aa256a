use std::path::PathBuf;

use etcetera::BaseStrategy;

use crate::cli::options::StateArguments;
use crate::run::{Interrupt, RunFault, Settings, StateCause, StateFolder};
use crate::world::{RealWorld, World};

/// The state folder: `--state`, else `SUNUP_STATE` (clap reads it), else the platform's place for state. Made where it is not there.
pub fn folder(arguments: &StateArguments) -> Result<StateFolder, RunFault> {
    StateFolder::open(path(arguments)?)
}

/// The state folder for commands that only look or speak: it is not made where it is not there.
pub fn existing(arguments: &StateArguments) -> Result<StateFolder, RunFault> {
    let path = path(arguments)?;
    match StateFolder::existing(&path) {
        Some(folder) => Ok(folder),
        // What stands in its place is told as it is when a run begins.
        None if path.exists() && !path.is_dir() => StateFolder::open(path),
        None => Err(RunFault::NoRun),
    }
}

fn path(arguments: &StateArguments) -> Result<PathBuf, RunFault> {
    if let Some(path) = &arguments.state {
        return Ok(path.clone());
    }
    default_place().map_err(|why| RunFault::State { path: PathBuf::from("~"), cause: StateCause::CannotCreate(why) })
}

/// The platform's place for our state.
///
/// # Errors
/// Why there is none.
pub fn default_place() -> Result<PathBuf, String> {
    let strategy = etcetera::choose_base_strategy().map_err(|error| error.to_string())?;
    let place = strategy.state_dir().unwrap_or_else(|| strategy.data_dir());
    Ok(place.join("sunup"))
}

/// With the terminal's signals wired to a clean stop.
pub fn settings(settings: Settings) -> Result<Settings, RunFault> {
    let interrupt = Interrupt::on_signals().map_err(|error| RunFault::State {
        path: PathBuf::from("signals"),
        cause: StateCause::Other(error.to_string()),
    })?;
    Ok(Settings { interrupt, ..settings })
}

/// Who is at this terminal.
pub fn person() -> String {
    RealWorld.user()
}
