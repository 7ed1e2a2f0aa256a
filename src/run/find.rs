use crate::diagnostic::nearest;
use crate::engine::Outcome;
use crate::run::RunFault;
use crate::run::journal::{Journal, RunRecord};

/// Which runs are meant where none is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    Any,
    /// Those that can go on.
    Unfinished,
}

/// The run of that name, or the newest that is wanted.
pub(crate) fn find(journal: &Journal, name: Option<&str>, wanted: Wanted) -> Result<RunRecord, RunFault> {
    match name {
        Some(name) => journal.run(name)?.map_or_else(|| Err(unknown(journal, name)), Ok),
        None => {
            let newest = journal.runs()?.into_iter().rev().find(|run| match wanted {
                Wanted::Any => true,
                Wanted::Unfinished => !matches!(run.outcome, Some(Outcome::Complete | Outcome::RolledBack)),
            });
            newest.ok_or(RunFault::NoRun)
        }
    }
}

fn unknown(journal: &Journal, name: &str) -> RunFault {
    let known: Vec<String> = match journal.runs() {
        Ok(runs) => runs.into_iter().rev().map(|run| run.id).collect(),
        Err(fault) => return fault,
    };
    let nearest = nearest(name, known.iter().map(String::as_str)).map(str::to_owned);
    RunFault::UnknownRun { run: name.to_owned(), nearest, known }
}
