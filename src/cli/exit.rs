use std::process::ExitCode;

/// How the command ends. These numbers are a promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All is well.
    Fine = 0,
    /// Problems were found, or what was asked could not be done.
    Problems = 1,
    /// The command line itself is wrong.
    Usage = 2,
    /// The run stopped by its own rules: it is held or rolled back, and waits for a person.
    Stopped = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}
