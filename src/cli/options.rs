use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::time::{Moment, parse_moment};

/// Which script, which of its rollouts, and from when.
#[derive(Debug, Args)]
pub struct ScriptArguments {
    /// The script, a .sunup file
    #[arg(value_name = "FILE")]
    pub script: PathBuf,
    /// The rollout to take, where the script has several
    #[arg(long, value_name = "NAME")]
    pub rollout: Option<String>,
    /// When it starts, instead of what the script says: `2007-05-08 18:00 UTC`
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    pub at: Option<Moment>,
}

/// Where journals are kept.
#[derive(Debug, Args)]
pub struct StateArguments {
    /// The state folder, where the journals of runs are kept; else the platform's place for state
    #[arg(long, value_name = "DIR", env = "SUNUP_STATE")]
    pub state: Option<PathBuf>,
}

/// The shape of what is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// For programs; versioned
    Json,
}

/// The shape of the problems that are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProblemFormat {
    /// With the lines of the script drawn
    Fancy,
    /// Sentences, for screen readers and logs
    Plain,
    /// A line for each problem
    Short,
    /// For programs; versioned
    Json,
    /// For code scanners: SARIF 2.1.0
    Sarif,
    /// For GitHub Actions: annotations beside the script's lines
    Github,
}

pub fn moment(text: &str) -> Result<Moment, String> {
    parse_moment(text).ok_or_else(|| "write a date, a time and a zone, such as `2007-05-08 18:00 UTC`".to_owned())
}
