use std::io;
use std::path::{Path, PathBuf};

use crate::time::Moment;
use crate::world::World;

/// The world with one file of our own in it: the program as it stands at the prompt.
pub(super) struct Overlay<'w> {
    pub under: &'w dyn World,
    pub path: &'w Path,
    pub text: &'w str,
}

impl World for Overlay<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if path == self.path { Ok(self.text.as_bytes().to_vec()) } else { self.under.read(path) }
    }

    fn is_directory(&self, path: &Path) -> bool {
        path != self.path && self.under.is_directory(path)
    }

    fn is_file(&self, path: &Path) -> bool {
        path == self.path || self.under.is_file(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        self.under.list(folder)
    }

    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        self.under.absolute(path)
    }

    fn now(&self) -> Moment {
        self.under.now()
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.under.variable(name)
    }

    fn user(&self) -> String {
        self.under.user()
    }
}
