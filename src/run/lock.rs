#![expect(clippy::disallowed_methods, reason = "keeps the locks of runs")]

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use rustix::fs::{FlockOperation, flock};

use crate::run::state_folder::make_private;
use crate::run::{RunFault, StateCause, StateFolder};

/// Held by the one process that carries a run on. The system lets it go when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct RunLock {
    _file: File,
    path: PathBuf,
}

impl RunLock {
    pub fn take(state: &StateFolder, run: &str) -> Result<RunLock, RunFault> {
        let path = state.lock(run);
        let unusable = |error: std::io::Error| RunFault::State {
            path: path.clone(),
            cause: StateCause::NotWritable(error.to_string()),
        };
        if let Some(folder) = path.parent() {
            make_private(folder).map_err(unusable)?;
        }
        let mut file = open(&path, true).map_err(unusable)?;
        if !lock_patiently(&file) {
            return Err(RunFault::Busy { run: run.to_owned(), process: read_process(&mut file) });
        }
        // The number is for people; that it cannot be written takes nothing from the lock.
        let _ = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
        Ok(RunLock { _file: file, path })
    }

    /// Nobody will carry the run on again.
    pub fn retire(self) {
        // A file that stays is only litter.
        let _ = fs::remove_file(&self.path);
    }
}

/// Somebody who only looks holds a lock for a moment; a controller holds it for longer than we wait.
fn lock_patiently(file: &File) -> bool {
    (0..5).any(|round| {
        if round > 0 {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        flock(file, FlockOperation::NonBlockingLockExclusive).is_ok()
    })
}

/// Who has the run in hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    Nobody,
    /// Its number where it left one.
    Process(Option<u32>),
}

/// Looks without taking the lock for longer than the look.
pub(crate) fn holder(state: &StateFolder, run: &str) -> Holder {
    let Ok(mut file) = open(&state.lock(run), false) else { return Holder::Nobody };
    match flock(&file, FlockOperation::NonBlockingLockShared) {
        Ok(()) => Holder::Nobody,
        Err(_) => Holder::Process(read_process(&mut file)),
    }
}

fn open(path: &PathBuf, make: bool) -> std::io::Result<File> {
    OpenOptions::new().read(true).write(true).create(make).truncate(false).mode(0o600).open(path)
}

fn read_process(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_process_at_a_time_and_its_number_is_told() {
        let place = tempfile::tempdir().unwrap();
        let state = StateFolder::open(place.path()).unwrap();
        assert_eq!(holder(&state, "may-1"), Holder::Nobody);
        let lock = RunLock::take(&state, "may-1").unwrap();
        let us = Some(std::process::id());
        assert_eq!(holder(&state, "may-1"), Holder::Process(us));
        assert_eq!(
            RunLock::take(&state, "may-1").unwrap_err(),
            RunFault::Busy { run: "may-1".to_owned(), process: us }
        );
        assert!(RunLock::take(&state, "may-2").is_ok());
        drop(lock);
        assert_eq!(holder(&state, "may-1"), Holder::Nobody);
        RunLock::take(&state, "may-1").unwrap().retire();
        assert!(!state.lock("may-1").exists());
    }
}
