#![expect(clippy::disallowed_methods, reason = "looks for programs as a shell would, along PATH")]

use std::env;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::diagnostic::harmless;

/// Where programs are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ProgramPath {
    /// The script's folder: for a name with a `/` in it.
    directory: PathBuf,
    folders: Vec<PathBuf>,
    /// What the child gets as PATH; none where ours will do.
    variable: Option<String>,
}

impl ProgramPath {
    /// `first` is looked into before our own PATH, and so it is for the child.
    pub fn new(directory: PathBuf, first: Option<&Path>) -> ProgramPath {
        let ours = env::var("PATH").unwrap_or_else(|_| "/usr/local/bin:/usr/bin:/bin".to_owned());
        let first = first.map(|first| directory.join(first));
        let folders =
            first.iter().cloned().chain(env::split_paths(&ours)).map(|folder| directory.join(folder)).collect();
        let variable = first.map(|first| format!("{}:{ours}", first.display()));
        ProgramPath { directory, folders, variable }
    }

    pub fn variable(&self) -> Option<&str> {
        self.variable.as_deref()
    }

    /// The program's file. We look for it ourselves: the message can say where, and with a path the system starts a
    /// process without copying ours first.
    pub fn find(&self, name: &str) -> Result<PathBuf, String> {
        if name.is_empty() {
            return Err("the command has no program".to_owned());
        }
        let shown = harmless(name);
        if name.contains('/') {
            let path = self.directory.join(name);
            return match () {
                () if is_program(&path) => Ok(path),
                () if path.is_file() => Err(format!("`{shown}` is not a program: it may not be executed")),
                () => Err(format!("there is no program `{shown}` (seen from `{}`)", self.shown_directory())),
            };
        }
        let found = self.folders.iter().map(|folder| folder.join(name)).find(|path| is_program(path));
        found.ok_or_else(|| match self.variable {
            Some(_) => format!("there is no program `{shown}` in the rollout's own path nor in PATH"),
            None => format!("there is no program `{shown}` in PATH"),
        })
    }

    fn shown_directory(&self) -> String {
        harmless(&self.directory.to_string_lossy()).into_owned()
    }
}

fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}
