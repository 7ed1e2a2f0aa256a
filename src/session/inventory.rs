use std::io;
use std::path::{Path, PathBuf};

use crate::inventory::{Fleet, InputFile, InventoryFault, InventoryFaultKind, ReadOptions, read};
use crate::session::fingerprint::Inputs;
use crate::world::World;

/// An inventory with what it was read from.
#[derive(Debug)]
pub struct LoadedInventory {
    pub fleet: Result<Fleet, Vec<InventoryFault>>,
    /// As the world gave them.
    pub files: Vec<InputFile>,
}

/// How deep folders of an inventory are looked into.
const DEEPEST: usize = 8;

/// Reads a file, or a folder with everything in it. `group_vars` and `host_vars` beside a file belong to it.
pub fn load_inventory(world: &dyn World, path: &Path, options: &ReadOptions) -> LoadedInventory {
    match gather(world, path) {
        Ok(files) => LoadedInventory { fleet: read(&files, options), files },
        Err(error) => LoadedInventory { fleet: Err(vec![unreadable(path, &error)]), files: Vec::new() },
    }
}

/// Adds what was read to a plan's inputs, by names that do not depend on the folder from which the script was named.
pub fn note_inputs(files: &[InputFile], folder: &Path, inputs: &mut Inputs) {
    for file in files {
        let path = Path::new(&file.path);
        let name = path.strip_prefix(folder).unwrap_or(path);
        inputs.add("inventory", name.display().to_string(), &file.bytes);
    }
}

fn gather(world: &dyn World, path: &Path) -> io::Result<Vec<InputFile>> {
    let mut files = Vec::new();
    if world.is_directory(path) {
        gather_folder(world, path, DEEPEST, &mut files)?;
        return Ok(files);
    }
    files.push(input_file(world, path)?);
    let folder = path.parent().map_or_else(PathBuf::new, Path::to_path_buf);
    for name in ["group_vars", "host_vars"] {
        let beside = folder.join(name);
        if world.is_directory(&beside) {
            gather_folder(world, &beside, DEEPEST, &mut files)?;
        }
    }
    Ok(files)
}

fn gather_folder(world: &dyn World, folder: &Path, deeper: usize, files: &mut Vec<InputFile>) -> io::Result<()> {
    for entry in world.list(folder)? {
        if world.is_file(&entry) {
            files.push(input_file(world, &entry)?);
        } else if deeper > 0 && world.is_directory(&entry) {
            gather_folder(world, &entry, deeper - 1, files)?;
        }
    }
    Ok(())
}

fn input_file(world: &dyn World, path: &Path) -> io::Result<InputFile> {
    Ok(InputFile { path: path.display().to_string(), bytes: world.read(path)? })
}

fn unreadable(path: &Path, error: &io::Error) -> InventoryFault {
    InventoryFault {
        kind: InventoryFaultKind::Unreadable,
        path: path.display().to_string(),
        line: None,
        message: format!("cannot read the inventory `{}`: {}", path.display(), cause(error)),
        help: Some("give the path of a file or a folder; in a script it is relative to the script".to_owned()),
    }
}

/// The operating system's words without its number.
pub fn cause(error: &io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error") {
        Some((words, _)) => words.to_lowercase(),
        None => text,
    }
}
