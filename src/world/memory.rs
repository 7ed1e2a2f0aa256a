use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};

use chrono::DateTime;

use crate::time::Moment;
use crate::world::World;

/// A world of files that were put into it, with a clock that stands still.
#[derive(Debug, Clone, Default)]
pub struct MemoryWorld {
    files: BTreeMap<PathBuf, Vec<u8>>,
    variables: BTreeMap<String, String>,
    now: Moment,
}

impl MemoryWorld {
    /// Empty, at the given moment.
    pub fn at(now: Moment) -> Self {
        Self { now, ..Self::default() }
    }

    pub fn file(mut self, path: impl AsRef<Path>, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.insert(plain(path.as_ref()), bytes.into());
        self
    }

    pub fn set_variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }
}

impl World for MemoryWorld {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.files.get(&plain(path)).cloned().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    fn is_directory(&self, path: &Path) -> bool {
        let path = plain(path);
        self.files.keys().any(|file| file.starts_with(&path) && *file != path)
    }

    fn is_file(&self, path: &Path) -> bool {
        self.files.contains_key(&plain(path))
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let folder = plain(folder);
        let mut entries: Vec<PathBuf> = self
            .files
            .keys()
            .filter_map(|file| file.strip_prefix(&folder).ok()?.components().next())
            .map(|first| folder.join(first))
            .collect();
        entries.dedup();
        if entries.is_empty() { Err(io::ErrorKind::NotFound.into()) } else { Ok(entries) }
    }

    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        Ok(Path::new("/").join(plain(path)))
    }

    fn now(&self) -> Moment {
        self.now
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }

    fn user(&self) -> String {
        self.variable("USER").unwrap_or_else(|| "nobody".to_owned())
    }
}

/// Without `.`, `..` and a leading `/`: one name for each file.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => plain.push(name),
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    plain
}

impl MemoryWorld {
    /// The moment 1970-01-01, for worlds in which time does not matter.
    pub fn new() -> Self {
        Self::at(DateTime::UNIX_EPOCH)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_what_is_right_in_a_folder() {
        let world = MemoryWorld::new().file("a/b.txt", "1").file("a/c/d.txt", "2").file("e", "3");
        assert_eq!(world.list(Path::new("a")).unwrap(), [PathBuf::from("a/b.txt"), PathBuf::from("a/c")]);
        assert!(world.is_directory(Path::new("./a/c/")));
        assert!(!world.is_directory(Path::new("e")));
        assert_eq!(world.read(Path::new("a/../e")).unwrap(), b"3");
    }
}
