use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use crate::run::{RunFault, StateCause};

/// Where the journal and the locks of all runs are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateFolder {
    path: PathBuf,
}

impl StateFolder {
    /// Makes the folder, readable by its owner alone, where there is none.
    pub fn open(path: impl Into<PathBuf>) -> Result<StateFolder, RunFault> {
        let path = path.into();
        match make_private(&path) {
            // One name for the folder, from wherever it is looked at.
            Ok(()) if path.is_dir() => Ok(StateFolder { path: path.canonicalize().unwrap_or(path) }),
            Ok(()) => Err(RunFault::State { path, cause: StateCause::NotAFolder }),
            Err(error) => {
                let cause = cause_of(&error, &path);
                Err(RunFault::State { path, cause })
            }
        }
    }

    /// The folder where it is there; for commands that only look.
    pub fn existing(path: impl Into<PathBuf>) -> Option<StateFolder> {
        let folder = StateFolder { path: path.into() };
        folder.database().is_file().then_some(folder)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.path.join("sunup.db")
    }

    /// INVARIANT: a run's id is a rollout's name and a number, and names have no `/`; should one come from elsewhere it
    /// is taken apart here.
    pub(crate) fn lock(&self, run: &str) -> PathBuf {
        self.path.join("locks").join(format!("{}.lock", run.replace(['/', '\0'], "_")))
    }
}

/// Also the folders above it. A folder that is there already keeps its mode.
pub(crate) fn make_private(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn cause_of(error: &io::Error, path: &Path) -> StateCause {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StateCause::DiskFull,
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory if path.exists() => StateCause::NotAFolder,
        _ => StateCause::CannotCreate(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_new_folder_is_its_owners_alone() {
        let place = tempfile::tempdir().unwrap();
        let folder = StateFolder::open(place.path().join("a/b")).unwrap();
        let mode = fs::metadata(folder.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        assert_eq!(StateFolder::existing(folder.path()), None);
    }

    #[test]
    fn a_file_in_its_place_is_said() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let fault = StateFolder::open(file.path()).unwrap_err();
        assert!(matches!(fault, RunFault::State { cause: StateCause::NotAFolder, .. }), "{fault}");
        let below = StateFolder::open(file.path().join("below")).unwrap_err();
        assert!(matches!(below, RunFault::State { cause: StateCause::CannotCreate(_), .. }), "{below}");
    }

    #[test]
    fn a_place_that_cannot_be_written_is_said() {
        let fault = StateFolder::open("/proc/sunup").unwrap_err();
        assert!(
            fault.to_string().starts_with("the state in `/proc/sunup` cannot be used: it cannot be made"),
            "{fault}"
        );
    }
}
