#![expect(clippy::disallowed_methods, reason = "the one place that asks the machine for files, clock and environment")]

use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use chrono::{DateTime, SubsecRound};
use nix::unistd::{Uid, User};

use crate::time::Moment;
use crate::world::World;

/// The machine that we run on.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealWorld;

impl World for RealWorld {
    /// A pipe could be waited for without end, and a device read without end.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let is_regular = std::fs::metadata(path)?.is_file();
        if !is_regular {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"));
        }
        std::fs::read(path)
    }

    fn is_directory(&self, path: &Path) -> bool {
        path.is_dir()
    }

    fn is_file(&self, path: &Path) -> bool {
        path.is_file()
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let mut entries = std::fs::read_dir(folder)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<io::Result<Vec<PathBuf>>>()?;
        entries.sort();
        Ok(entries)
    }

    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        std::fs::canonicalize(path)
    }

    fn now(&self) -> Moment {
        DateTime::from(SystemTime::now()).trunc_subsecs(0)
    }

    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    /// From the operating system's user database by our own user number, wherever the system keeps it (files, LDAP, …); a
    /// variable such as `USER` proves nothing.
    fn user(&self) -> String {
        let id = Uid::current();
        let known = User::from_uid(id).ok().flatten();
        known.map_or_else(|| format!("uid-{id}"), |user| user.name)
    }
}
