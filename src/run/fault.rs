use std::fmt;
use std::path::PathBuf;

use crate::diagnostic::{Code, Problem, harmless, nearest};
use crate::engine::Outcome;

/// Why a run cannot begin, go on, or be acted on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunFault {
    /// The state folder or its journal cannot be used.
    State {
        path: PathBuf,
        cause: StateCause,
    },
    /// Another process has the run in hand; its number where it left one.
    Busy {
        run: String,
        process: Option<u32>,
    },
    UnknownRun {
        run: String,
        nearest: Option<String>,
        known: Vec<String>,
    },
    /// No run was named and there is none that it could mean.
    NoRun,
    Finished {
        run: String,
        outcome: Outcome,
    },
    /// A newer Sunup began the run.
    NewerRun {
        run: String,
        format: u32,
    },
    /// One record of the journal cannot be read; `seq` counts the run's events from 1.
    DamagedEvent {
        run: String,
        seq: u64,
        cause: String,
    },
    /// The plan in the journal cannot be read.
    DamagedPlan {
        run: String,
        cause: String,
    },
    /// The engine of this version decides otherwise than the journal says it did.
    Differs {
        run: String,
        seq: u64,
        cause: String,
    },
    /// With the zone data of this version the plan's times are other instants.
    ZoneDataMoved {
        run: String,
        then: String,
        now: String,
        site: String,
    },
    /// Each host with the unfinished run that it belongs to.
    HostsBusy {
        hosts: Vec<(String, String)>,
    },
    /// Hosts of which nothing says how they are reached.
    NoConnection {
        hosts: Vec<String>,
    },
    /// `act` as in "may not ACT PLACE".
    NotAllowed {
        person: String,
        act: &'static str,
        place: String,
        teams: Vec<String>,
    },
    NotWaiting {
        run: String,
        what: String,
    },
    /// A name that the plan does not know; `kind` is its word for it.
    UnknownName {
        kind: &'static str,
        name: String,
        nearest: Option<String>,
        known: Vec<String>,
    },
    /// What was typed after `--fail` is no `WHAT@WHERE`.
    BadFailure {
        text: String,
    },
}

/// What is the matter with the state folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StateCause {
    CannotCreate(String),
    NotAFolder,
    NotWritable(String),
    DiskFull,
    /// Another process holds the database for longer than anybody should.
    Locked,
    /// A file of that name is there, and is none of ours.
    Foreign,
    Newer {
        version: u32,
    },
    Damaged(String),
    Other(String),
}

impl RunFault {
    pub(crate) fn unknown_name<'a>(
        kind: &'static str,
        name: &str,
        known: impl Iterator<Item = &'a str> + Clone,
    ) -> RunFault {
        RunFault::UnknownName {
            kind,
            name: name.to_owned(),
            nearest: nearest(name, known.clone()).map(str::to_owned),
            known: known.map(str::to_owned).collect(),
        }
    }

    pub fn code(&self) -> Code {
        match self {
            RunFault::State { cause: StateCause::Damaged(_), .. } => Code::JOURNAL_DAMAGED,
            RunFault::State { .. } | RunFault::NewerRun { .. } => Code::STATE_UNUSABLE,
            RunFault::Busy { .. } => Code::RUN_BUSY,
            RunFault::UnknownRun { .. } | RunFault::NoRun => Code::UNKNOWN_RUN,
            RunFault::Finished { .. } | RunFault::NotWaiting { .. } => Code::NOT_WAITING,
            RunFault::DamagedEvent { .. } | RunFault::DamagedPlan { .. } | RunFault::Differs { .. } => {
                Code::JOURNAL_DAMAGED
            }
            RunFault::ZoneDataMoved { .. } => Code::PLAN_CHANGED,
            RunFault::HostsBusy { .. } => Code::HOST_BUSY,
            RunFault::NoConnection { .. } => Code::NO_CONNECTION,
            RunFault::NotAllowed { .. } => Code::NOT_ALLOWED,
            RunFault::UnknownName { .. } | RunFault::BadFailure { .. } => Code::UNKNOWN_NAME,
        }
    }

    /// As it is told to people.
    pub fn problem(&self) -> Problem {
        let problem = Problem::error(self.code(), self.to_string());
        let problem = match self {
            RunFault::HostsBusy { hosts } => problem.hosts(hosts.iter().map(|(host, run)| format!("{host} ({run})"))),
            RunFault::NoConnection { hosts } => problem.hosts(hosts),
            _ => problem,
        };
        match self.help() {
            Some(help) => problem.help(help),
            None => problem,
        }
    }

    /// What to do next.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            RunFault::State { cause, .. } => cause.help().to_owned(),
            RunFault::Busy { run, .. } => {
                format!("look at it with `sunup status {run}`; end its process if it should not go on there")
            }
            RunFault::UnknownRun { nearest, known, .. } => meant(nearest.as_deref(), known, "runs"),
            RunFault::NoRun => "begin one with `sunup run`".to_owned(),
            RunFault::Finished { .. } => "begin a new one with `sunup run`".to_owned(),
            RunFault::NewerRun { .. } => "use the version of Sunup that began it, or a newer one".to_owned(),
            RunFault::DamagedEvent { .. } | RunFault::DamagedPlan { .. } => {
                "restore `sunup.db` from a copy; the hosts' own state tells how far the run came".to_owned()
            }
            RunFault::Differs { .. } => "go on with the version of Sunup that began the run".to_owned(),
            RunFault::ZoneDataMoved { .. } => {
                "go on with the version of Sunup that began the run, or roll it back and plan again".to_owned()
            }
            RunFault::HostsBusy { hosts } => match hosts.first() {
                Some((_, run)) => {
                    format!("finish it with `sunup resume {run}`, or undo it with `sunup rollback {run}`")
                }
                None => return None,
            },
            RunFault::NoConnection { .. } => {
                "write `connect local`, or give these hosts the field `connect`; a rehearsal needs neither".to_owned()
            }
            RunFault::NotAllowed { teams, .. } if teams.is_empty() => {
                "the plan names no team, and no policy means no; write a `team` in the script".to_owned()
            }
            RunFault::NotAllowed { teams, .. } => format!("ask somebody of {}", list(teams)),
            RunFault::NotWaiting { run, .. } => format!("look at what it waits for with `sunup status {run}`"),
            RunFault::UnknownName { nearest, known, .. } => meant(nearest.as_deref(), known, "known"),
            RunFault::BadFailure { .. } => {
                "write `GATE@SITE`, `GATE@REGION`, `GATE@HOST`, `GATE@*`, `STEP@HOST` or `STEP@SITE`".to_owned()
            }
        })
    }
}

impl fmt::Display for RunFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RunFault::State { path, cause } => {
                write!(f, "the state in `{}` cannot be used: {cause}", harmless(&path.to_string_lossy()))
            }
            RunFault::Busy { run, process: Some(process) } => {
                write!(f, "another process ({process}) has the run `{}` in hand", harmless(run))
            }
            RunFault::Busy { run, process: None } => {
                write!(f, "another process has the run `{}` in hand", harmless(run))
            }
            RunFault::UnknownRun { run, .. } => write!(f, "there is no run `{}`", harmless(run)),
            RunFault::NoRun => f.write_str("there is no run that could be meant"),
            RunFault::Finished { run, outcome } => {
                write!(f, "the run `{}` is finished: {}", harmless(run), outcome_word(*outcome))
            }
            RunFault::NewerRun { run, format } => {
                write!(f, "the run `{}` was begun by a newer Sunup (its records have format {format})", harmless(run))
            }
            RunFault::DamagedEvent { run, seq, cause } => {
                write!(f, "record {seq} of the run `{}` is damaged: {}", harmless(run), harmless(cause))
            }
            RunFault::DamagedPlan { run, cause } => {
                write!(f, "the plan of the run `{}` cannot be read: {}", harmless(run), harmless(cause))
            }
            RunFault::Differs { run, seq, cause } => {
                write!(
                    f,
                    "record {seq} of the run `{}` is not what follows from those before it: {cause}",
                    harmless(run)
                )
            }
            RunFault::ZoneDataMoved { run, then, now, site } => write!(
                f,
                "the run `{}` was planned with zone data {then}; with {now} the windows of site `{}` are at other instants",
                harmless(run),
                harmless(site)
            ),
            RunFault::HostsBusy { hosts } => match hosts.as_slice() {
                [(host, run)] => {
                    write!(f, "host `{}` belongs to the unfinished run `{}`", harmless(host), harmless(run))
                }
                many => write!(f, "{} hosts belong to an unfinished run", many.len()),
            },
            RunFault::NoConnection { hosts } => match hosts.as_slice() {
                [host] => write!(f, "nothing says how host `{}` is reached", harmless(host)),
                many => write!(f, "nothing says how {} hosts are reached", many.len()),
            },
            RunFault::NotAllowed { person, act, place, .. } => {
                write!(f, "`{}` may not {act} {}", harmless(person), harmless(place))
            }
            RunFault::NotWaiting { run, what } => write!(f, "the run `{}` does not wait for {what}", harmless(run)),
            RunFault::UnknownName { kind, name, .. } => write!(f, "there is no {kind} `{}`", harmless(name)),
            RunFault::BadFailure { text } => write!(f, "`{}` does not say what fails where", harmless(text)),
        }
    }
}

impl std::error::Error for RunFault {}

impl StateCause {
    fn help(&self) -> &'static str {
        match self {
            StateCause::CannotCreate(_) | StateCause::NotAFolder | StateCause::NotWritable(_) => {
                "name a folder that you may write with `--state DIR` or `SUNUP_STATE`"
            }
            StateCause::DiskFull => "make room, then go on with `sunup resume`; nothing that was recorded is lost",
            StateCause::Locked => "find the process that holds `sunup.db`, or wait for it to end",
            StateCause::Foreign => "name another folder with `--state DIR`; that file is left as it is",
            StateCause::Newer { .. } => "use the newer version, or name another folder with `--state DIR`",
            StateCause::Damaged(_) => "restore `sunup.db` from a copy, or name another folder with `--state DIR`",
            StateCause::Other(_) => "see whether the disk is in order, or name another folder with `--state DIR`",
        }
    }
}

impl fmt::Display for StateCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StateCause::CannotCreate(cause) => write!(f, "it cannot be made ({})", harmless(cause)),
            StateCause::NotAFolder => f.write_str("it is not a folder"),
            StateCause::NotWritable(cause) => write!(f, "it cannot be written ({})", harmless(cause)),
            StateCause::DiskFull => f.write_str("the disk is full"),
            StateCause::Locked => f.write_str("another process has locked it"),
            StateCause::Foreign => f.write_str("it is no journal of Sunup"),
            StateCause::Newer { version } => write!(f, "a newer Sunup made it (version {version})"),
            StateCause::Damaged(cause) => write!(f, "it is damaged ({})", harmless(cause)),
            StateCause::Other(cause) => f.write_str(&harmless(cause)),
        }
    }
}

/// `rolled back`, in the middle of a sentence.
pub fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Complete => "complete",
        Outcome::Held => "held",
        Outcome::RolledBack => "rolled back",
    }
}

fn meant(nearest: Option<&str>, known: &[String], word: &str) -> String {
    match nearest {
        Some(nearest) => format!("did you mean `{}`?", harmless(nearest)),
        None if known.is_empty() => "there is none".to_owned(),
        None => format!("{word}: {}", list(known)),
    }
}

/// The first few, and how many more there are.
fn list(names: &[String]) -> String {
    const SHOWN: usize = 8;
    let mut text = names.iter().take(SHOWN).map(|name| format!("`{}`", harmless(name))).collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        text.push_str(&format!(" and {} more", names.len() - SHOWN));
    }
    text
}
