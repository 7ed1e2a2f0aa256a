use crate::inventory::builder::MOST_FIELDS;
use crate::inventory::reader::ansible::build::build;
use crate::inventory::reader::ansible::model::Model;
use crate::inventory::reader::ansible::vars_files::VarsFiles;
use crate::inventory::reader::ansible::{ini, list, yaml};
use crate::inventory::reader::datum::Datum;
use crate::inventory::reader::detect::{Format, detect};
use crate::inventory::reader::fault::Faults;
use crate::inventory::reader::input::{InputFile, text_of};
use crate::inventory::reader::mapping::FieldNames;
use crate::inventory::{Fleet, InventoryFault, InventoryFaultKind, ReadOptions};

/// Reads one INI or YAML file with the variables beside it.
pub(crate) fn read_file(
    file: &InputFile,
    format: Format,
    all: &[InputFile],
    options: &ReadOptions,
) -> Result<Fleet, Vec<InventoryFault>> {
    let mut reading = Reading::default();
    reading.read_file(file, format)?;
    reading.finish(all, options)
}

/// Reads the files of a directory, in the order of their names, as one inventory.
pub(crate) fn read_directory(
    files: &[&InputFile],
    all: &[InputFile],
    options: &ReadOptions,
) -> Result<Fleet, Vec<InventoryFault>> {
    let (mut reading, mut faults) = (Reading::default(), Vec::new());
    for file in files {
        let result = text_of(file).and_then(|text| detect(&file.path, text)).and_then(|format| match format {
            Format::AnsibleIni | Format::AnsibleYaml => reading.read_file(file, format),
            other => {
                let message = format!("it is {other}, and stands in a directory that is read as one Ansible inventory");
                let help = "name it in an `inventory` line of its own: files join on the names of the hosts";
                Err(vec![InventoryFault::new(InventoryFaultKind::Shape, &file.path, None, message).help(help)])
            }
        });
        faults.extend(result.err().into_iter().flatten());
    }
    if faults.is_empty() { reading.finish(all, options) } else { Err(faults) }
}

/// Reads a JSON object: what `ansible-inventory --list` prints, or a YAML inventory written as JSON.
pub(crate) fn read_document(
    file: &InputFile,
    document: &[(String, Datum)],
    all: &[InputFile],
    options: &ReadOptions,
) -> Result<Fleet, Vec<InventoryFault>> {
    if !list::is_list(document) {
        return read_file(file, Format::AnsibleYaml, all, options);
    }
    let mut reading = Reading::default();
    let mut faults = Faults::of(&file.path);
    list::read(document, text_of(file)?, &mut reading.model, &mut faults);
    reading.paths.push(file.path.clone());
    // The variables of files are in it already.
    if faults.is_empty() { reading.finish(&[], options) } else { Err(faults.into_list()) }
}

struct Reading {
    model: Model,
    paths: Vec<String>,
}

impl Default for Reading {
    fn default() -> Self {
        Self { model: Model::new(), paths: Vec::new() }
    }
}

impl Reading {
    fn read_file(&mut self, file: &InputFile, format: Format) -> Result<(), Vec<InventoryFault>> {
        let (text, mut faults) = (text_of(file)?, Faults::of(&file.path));
        match format {
            Format::AnsibleIni => ini::read(text, self.paths.len(), &mut self.model, &mut faults),
            _ => yaml::read(text, self.paths.len(), &mut self.model, &mut faults),
        }
        self.paths.push(file.path.clone());
        if faults.is_empty() { Ok(()) } else { Err(faults.into_list()) }
    }

    fn finish(mut self, all: &[InputFile], options: &ReadOptions) -> Result<Fleet, Vec<InventoryFault>> {
        self.model.reconcile();
        let names = FieldNames::new(&options.mapping);
        let mut files = VarsFiles::new(all, &folder_of(all));
        let path = self.paths.first().map_or("", String::as_str);
        let built = build(&self.model, &mut files, &names);
        if !files.faults.is_empty() {
            return Err(files.faults);
        }
        let mut fleet = built.map_err(|_| {
            let message = format!("there are more cells than a fleet can have, or more than {MOST_FIELDS} fields");
            let help = "leave out variables that the rollout does not need";
            vec![InventoryFault::new(InventoryFaultKind::Shape, path, None, message).help(help)]
        })?;
        let mut faults = Faults::of(path);
        if options.mapping.contains_key("name") {
            let help = "leave `name` out of the mapping";
            faults.whole(InventoryFaultKind::Shape, "Ansible's hosts are named by their own keys", help);
        }
        let fields = fleet.columns.keys().map(String::as_str);
        for (message, help) in names.unknown(|ours, _| fleet.field(ours).is_some(), fields) {
            faults.whole(InventoryFaultKind::Shape, message, help);
        }
        if !faults.is_empty() {
            return Err(faults.into_list());
        }
        fleet.set_files(self.paths, self.model.hosts.values().map(|host| host.file as u32).collect());
        Ok(fleet)
    }
}

/// The folder that all the files lie in, whose `group_vars/` and `host_vars/` count: with its `/`, or empty.
fn folder_of(files: &[InputFile]) -> String {
    let folder = |path: &'_ str| -> String {
        let parts: Vec<&str> = path.split('/').collect();
        let vars = parts.iter().position(|part| ["group_vars", "host_vars"].contains(part));
        let end = vars.unwrap_or(parts.len() - 1);
        parts[..end].iter().map(|part| format!("{part}/")).collect()
    };
    let mut folders = files.iter().map(|file| folder(&file.path));
    let first = folders.next().unwrap_or_default();
    folders.fold(first, |common, folder| {
        let shared = common.split_inclusive('/').zip(folder.split_inclusive('/')).take_while(|(a, b)| a == b);
        shared.map(|(part, _)| part).collect()
    })
}
