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

/// More is a folder that was not meant: a home, a disk.
const MOST_FILES: usize = 100_000;
const MOST_BYTES: usize = 1 << 30;

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
    if world.is_directory(path) {
        return read_all(world, &files_below(world, path)?);
    }
    let mut files = vec![input_file(world, path)?];
    let folder = path.parent().map_or_else(PathBuf::new, Path::to_path_buf);
    for name in ["group_vars", "host_vars"] {
        let beside = folder.join(name);
        if world.is_directory(&beside) {
            files.extend(read_all(world, &files_below(world, &beside)?)?);
        }
    }
    Ok(files)
}

/// In the order of their names, before any is read. Hidden ones are nobody's inventory.
fn files_below(world: &dyn World, folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    list_folder(world, folder, DEEPEST, &mut files)?;
    Ok(files)
}

fn list_folder(world: &dyn World, folder: &Path, deeper: usize, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in world.list(folder)? {
        let is_hidden = entry.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if is_hidden {
            continue;
        }
        if world.is_file(&entry) {
            files.push(entry);
        } else if deeper > 0 && world.is_directory(&entry) {
            list_folder(world, &entry, deeper - 1, files)?;
        }
        if files.len() > MOST_FILES {
            return Err(too_much(format!("more than {MOST_FILES} files are in it")));
        }
    }
    Ok(())
}

fn read_all(world: &dyn World, paths: &[PathBuf]) -> io::Result<Vec<InputFile>> {
    let mut files = Vec::with_capacity(paths.len());
    let mut bytes = 0;
    for path in paths {
        let file = input_file(world, path)?;
        bytes += file.bytes.len();
        if bytes > MOST_BYTES {
            return Err(too_much("its files are larger than 1 GiB together".to_owned()));
        }
        files.push(file);
    }
    Ok(files)
}

fn too_much(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("{why}: is it the folder of an inventory?"))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::MemoryWorld;

    #[test]
    fn a_folder_that_is_no_inventory_is_not_read_whole() {
        let world = (0..=MOST_FILES).fold(MemoryWorld::new(), |world, number| world.file(format!("home/{number}"), ""));
        let loaded = load_inventory(&world, Path::new("home"), &ReadOptions::default());
        assert!(loaded.files.is_empty());
        let faults = loaded.fleet.unwrap_err();
        assert!(faults[0].message.contains("more than 100000 files are in it"), "{}", faults[0].message);
    }

    #[test]
    fn hidden_files_are_no_inventory_and_variables_beside_a_file_belong_to_it() {
        let world = MemoryWorld::new()
            .file("inv/hosts.ini", "[web]\nw1\n")
            .file("inv/.git/index", [0xff])
            .file("inv/group_vars/web.yml", "site: tokyo\n");
        for path in ["inv", "inv/hosts.ini"] {
            let loaded = load_inventory(&world, Path::new(path), &ReadOptions::default());
            let names: Vec<&str> = loaded.files.iter().map(|file| file.path.as_str()).collect();
            assert_eq!(names.len(), 2, "{names:?}");
            assert!(loaded.fleet.unwrap().field("site").is_some());
        }
    }
}
