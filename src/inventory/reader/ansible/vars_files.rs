use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use indexmap::IndexMap;

use crate::inventory::reader::datum::Datum;
use crate::inventory::reader::fault::Faults;
use crate::inventory::reader::input::{InputFile, text_of};
use crate::inventory::reader::yaml;
use crate::inventory::{InventoryFault, InventoryFaultKind};

/// The files in `group_vars/` and `host_vars/` beside an inventory.
pub(crate) struct VarsFiles<'a> {
    /// By their path below the inventory's folder.
    files: BTreeMap<&'a str, &'a InputFile>,
    /// What was read, so that each file is read once.
    read: HashMap<&'a str, Vec<(String, Datum)>>,
    pub(crate) faults: Vec<InventoryFault>,
}

/// The two folders.
pub(crate) const GROUP_VARS: &str = "group_vars";
pub(crate) const HOST_VARS: &str = "host_vars";

const EXTENSIONS: [&str; 3] = ["yml", "yaml", "json"];

impl<'a> VarsFiles<'a> {
    /// Of these files, those in the two folders of `folder` (which ends with `/`, or is empty).
    pub(crate) fn new(files: &'a [InputFile], folder: &str) -> Self {
        let below = |file: &'a InputFile| {
            let path = file.path.strip_prefix(folder)?;
            let first = path.split('/').next()?;
            [GROUP_VARS, HOST_VARS].contains(&first).then_some((path, file))
        };
        Self { files: files.iter().filter_map(below).collect(), read: HashMap::new(), faults: Vec::new() }
    }

    /// The variables of a group or host, from the file of its name or the files in the folder of its name; of several
    /// such, Ansible takes the first of: without an extension, `.yml`, `.yaml`, `.json`.
    pub(crate) fn vars(&mut self, kind: &str, name: &str) -> Vec<(String, Datum)> {
        if self.files.is_empty() {
            return Vec::new();
        }
        let mut vars: IndexMap<String, Datum> = IndexMap::new();
        for path in self.paths(&format!("{kind}/{name}")) {
            vars.extend(self.read(path));
        }
        vars.into_iter().collect()
    }

    fn paths(&self, stem: &str) -> Vec<&'a str> {
        let with_extension = EXTENSIONS.iter().map(|extension| format!("{stem}.{extension}"));
        for path in std::iter::once(stem.to_owned()).chain(with_extension) {
            if let Some((&path, _)) = self.files.get_key_value(path.as_str()) {
                return vec![path];
            }
            let folder = format!("{path}/");
            let mut inside: Vec<&'a str> = self.below(&folder).filter(|path| is_taken(&path[folder.len()..])).collect();
            if self.below(&folder).next().is_some() {
                // Folder by folder, as one that is listed, not as the whole paths compare.
                inside.sort_by(|a, b| a.split('/').cmp(b.split('/')));
                return inside;
            }
        }
        Vec::new()
    }

    fn below<'s>(&'s self, folder: &'s str) -> impl Iterator<Item = &'a str> + use<'a, 's> {
        self.files
            .range::<str, _>((Bound::Included(folder), Bound::Unbounded))
            .map(|(&path, _)| path)
            .take_while(move |path| path.starts_with(folder))
    }

    fn read(&mut self, path: &'a str) -> Vec<(String, Datum)> {
        if let Some(vars) = self.read.get(path) {
            return vars.clone();
        }
        let vars = match self.files.get(path).map(|file| vars_of(file)) {
            Some(Ok(vars)) => vars,
            Some(Err(faults)) => {
                self.faults.extend(faults);
                Vec::new()
            }
            None => Vec::new(),
        };
        self.read.insert(path, vars.clone());
        vars
    }
}

/// Whether a file in a folder of variables counts: Ansible passes over hidden ones, backups, unknown extensions, and
/// folders that have an extension.
fn is_taken(path: &str) -> bool {
    let (folders, file) = path.rsplit_once('/').unwrap_or(("", path));
    let is_visible = |name: &str| !name.starts_with('.') && !name.ends_with('~');
    let extension =
        |name: &str| name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, end)| end.to_owned());
    folders
        .split('/')
        .filter(|folder| !folder.is_empty())
        .all(|folder| is_visible(folder) && extension(folder).is_none())
        && is_visible(file)
        && extension(file).is_none_or(|extension| EXTENSIONS.contains(&extension.as_str()))
}

fn vars_of(file: &InputFile) -> Result<Vec<(String, Datum)>, Vec<InventoryFault>> {
    let text = text_of(file)?;
    // A file that is encrypted as a whole says nothing to us, and is no fault.
    if text.starts_with("$ANSIBLE_VAULT") {
        return Ok(Vec::new());
    }
    let datum = match serde_json::from_str::<Datum>(text) {
        Ok(datum) if text.trim_start().starts_with('{') => Ok(datum),
        _ => yaml::read(text).and_then(|document| document.map_or(Ok(Datum::Null), |document| document.datum())),
    };
    let mut faults = Faults::of(&file.path);
    match datum {
        Ok(Datum::Map(vars)) => return Ok(vars),
        Ok(Datum::Null) => return Ok(Vec::new()),
        Ok(_) => {
            let help = "a file of variables holds `name: value` lines";
            faults.push(InventoryFaultKind::Shape, 1, "it is no map of variables", help);
        }
        Err(fault) => {
            faults.push(InventoryFaultKind::Unreadable, fault.line, fault.message, "mend it where the line says");
        }
    }
    Err(faults.into_list())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(paths: &[&str]) -> Vec<InputFile> {
        let file = |path: &&str| InputFile { path: (*path).to_owned(), bytes: b"a: 1\n".to_vec() };
        paths.iter().map(file).collect()
    }

    #[test]
    fn the_first_of_the_names_is_taken() {
        let files =
            files(&["inv/group_vars/web.yml", "inv/group_vars/web.yaml", "inv/group_vars/db", "inv/group_vars/db.yml"]);
        let vars = VarsFiles::new(&files, "inv/");
        assert_eq!(vars.paths("group_vars/web"), ["group_vars/web.yml"]);
        assert_eq!(vars.paths("group_vars/db"), ["group_vars/db"]);
        assert!(vars.paths("group_vars/x").is_empty());
        assert!(vars.paths("host_vars/web").is_empty());
    }

    #[test]
    fn a_folder_gives_its_files_in_order() {
        let inside = ["b.yml", "a", "c.json", ".hidden", "x~", "d.bak", "e.txt", "sub/z", "sub/a.yml", "s.d/q", "b/x"];
        let paths: Vec<String> = inside.iter().map(|name| format!("group_vars/web/{name}")).collect();
        let files = files(&paths.iter().map(String::as_str).collect::<Vec<_>>());
        let vars = VarsFiles::new(&files, "");
        let taken: Vec<&str> =
            vars.paths("group_vars/web").iter().map(|path| &path["group_vars/web/".len()..]).collect();
        assert_eq!(taken, ["a", "b/x", "b.yml", "c.json", "sub/a.yml", "sub/z"]);
    }
}
