//! The outside as a trait: files, clock, environment. One in memory, one real.
//!
//! In: what a command wants to know of the outside. Out: bytes, names, the moment. Never: decides anything.
//! Start at [`World`].

mod memory;
mod real;

use std::io;
use std::path::{Path, PathBuf};

use crate::time::Moment;

pub use memory::MemoryWorld;
pub use real::RealWorld;

/// What a session may ask of the outside.
pub trait World {
    /// The bytes of a regular file; what is none (a folder, a pipe, a device) is an error.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    fn is_directory(&self, path: &Path) -> bool;

    fn is_file(&self, path: &Path) -> bool;

    /// The files and folders right in a folder, sorted by name.
    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>>;

    /// The path with no link and no `..` in it.
    fn absolute(&self, path: &Path) -> io::Result<PathBuf>;

    /// To the second.
    fn now(&self) -> Moment;

    fn variable(&self, name: &str) -> Option<String>;

    /// Who runs the program: the operating system's user.
    fn user(&self) -> String;
}
