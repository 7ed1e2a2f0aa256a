use std::path::{Path, PathBuf};

use indexmap::IndexMap;

use crate::builtin;
use crate::check::{self, Checked, Module, Origin, Unread};
use crate::diagnostic::{Code, Problem, Problems, nearest};
use crate::inventory::{Fleet, InputFile, InventoryFault, InventoryFaultKind, ReadOptions};
use crate::model::Model;
use crate::session::fingerprint::Inputs;
use crate::session::inventory::{cause, load_inventory, note_inputs};
use crate::source::{FileId, Sources, Span};
use crate::syntax::ast::{At, CalendarMember, Inventory, ItemKind, Name, Use};
use crate::syntax::{Parse, parse};
use crate::time::{CalendarError, CalendarRule, Moment};
use crate::world::World;

/// One script with everything that it brings: modules, inventory, calendars; checked.
#[derive(Debug)]
pub struct Session {
    pub sources: Sources,
    /// The script first, then the modules in the order of their first use.
    pub files: Vec<ProgramFile>,
    pub fleet: Option<Fleet>,
    /// What is sound of it. Beside errors it may be looked at, never run.
    pub model: Option<Model>,
    /// Everything that is wrong, in order of place.
    pub problems: Problems,
    /// As it was named.
    pub script: String,
    /// The script's folder, with no link in it.
    pub directory: PathBuf,
    /// When the session was loaded: the start of a rollout that says none.
    pub now: Moment,
    pub(crate) inputs: Inputs,
    calendars: IndexMap<(FileId, String), Result<CalendarRule, CalendarError>>,
    /// What `use` could not bring so far.
    unread: Unread,
}

/// One file of the program.
#[derive(Debug)]
pub struct ProgramFile {
    pub file: FileId,
    pub parse: Parse,
    pub origin: Origin,
    /// Where it was read from; none for a module of the library.
    pub path: Option<PathBuf>,
    /// The folder that the paths in it start from.
    folder: PathBuf,
}

impl Session {
    /// Reads the script and all that it names, and checks it. What cannot be read is a problem like any other.
    pub fn load(world: &dyn World, script: &Path) -> Session {
        let mut loading = Loading::new(world, script);
        loading.read_script(script);
        loading.read_inventories();
        loading.read_calendars();
        loading.check()
    }

    /// A text that is another where anything that was read is another: the script, modules, inventories, calendars.
    pub fn mark(&self) -> String {
        self.inputs.fingerprint("", "").whole
    }

    /// What the program means to some of its hosts alone; none where it means nothing sound to them.
    pub fn model_of(&self, fleet: &Fleet) -> Option<Model> {
        self.checked(Some(fleet))?.model
    }

    /// None where not even the script could be read.
    fn checked(&self, fleet: Option<&Fleet>) -> Option<Checked> {
        let modules: Vec<Module> = self
            .files
            .iter()
            .map(|program| Module { file: program.file, parse: &program.parse, origin: program.origin })
            .collect();
        let input = check::Input {
            sources: &self.sources,
            modules: &modules,
            fleet,
            calendars: &self.calendars,
            unread: self.unread,
        };
        (!modules.is_empty()).then(|| check::check(input))
    }
}

struct Loading<'w> {
    world: &'w dyn World,
    session: Session,
}

impl<'w> Loading<'w> {
    fn new(world: &'w dyn World, script: &Path) -> Self {
        let folder = script.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let session = Session {
            sources: Sources::default(),
            files: Vec::new(),
            fleet: None,
            model: None,
            problems: Problems::default(),
            script: script.display().to_string(),
            directory: world.absolute(folder).unwrap_or_else(|_| folder.to_path_buf()),
            now: world.now(),
            inputs: Inputs::default(),
            calendars: IndexMap::new(),
            unread: Unread::Nothing,
        };
        Self { world, session }
    }

    fn read_script(&mut self, script: &Path) {
        match self.read_text(script) {
            Ok((name, text)) => {
                let short = script.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
                self.session.inputs.add("script", short, text.as_bytes());
                self.add_file(name, text, Some(script));
                self.read_modules(script);
            }
            Err(why) => {
                let problem =
                    Problem::error(Code::FILE_UNREADABLE, format!("cannot read `{}`: {why}", script.display()));
                self.session
                    .problems
                    .push(problem.help("give the path of a script, a text file in UTF-8 that usually ends in .sunup"));
            }
        }
    }

    /// Modules may use modules; each is read once, by whatever path it is named, so that a circle ends.
    fn read_modules(&mut self, script: &Path) {
        let mut seen = vec![self.identity(script)];
        let mut at = 0;
        while let Some(program) = self.session.files.get(at) {
            let folder = program.folder.clone();
            let uses: Vec<(Use, Span)> = program
                .parse
                .file
                .items
                .iter()
                .filter_map(|item| match &item.kind {
                    ItemKind::Use(used) => Some((used.clone(), item.span)),
                    _ => None,
                })
                .collect();
            self.report_used_twice(&uses);
            for (used, span) in uses {
                self.read_module(&folder, &used, span, &mut seen);
            }
            at += 1;
        }
    }

    /// One of the two does nothing: another was meant, or nothing.
    fn report_used_twice(&mut self, uses: &[(Use, Span)]) {
        let name = |used: &Use| match used {
            Use::Library { path } => path.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join("."),
            Use::File { path } => path.value.clone(),
        };
        for (idx, (used, span)) in uses.iter().enumerate() {
            let Some((_, first)) = uses[..idx].iter().find(|(other, _)| name(other) == name(used)) else { continue };
            let problem = Problem::warning(Code::MEMBER_TWICE, format!("`{}` is used already", name(used)))
                .label(*span, "again here")
                .label(*first, "first here")
                .help("one of them has to go");
            self.session.problems.push(problem);
        }
    }

    fn read_module(&mut self, folder: &Path, used: &Use, span: Span, seen: &mut Vec<String>) {
        match used {
            Use::Library { path } => {
                let name = path.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(".");
                if seen.contains(&name) {
                    return;
                }
                match name.strip_prefix("std.").and_then(builtin::library) {
                    Some(text) => {
                        self.session.inputs.add("module", &name, text.as_bytes());
                        self.add_file(format!("<{name}>"), text.to_owned(), None);
                    }
                    None if is_file_name(&name) => self.module_fault(Unread::Files, file_unquoted(&name, path, span)),
                    None => self.module_fault(Unread::Library, unknown_module(&name, path, span)),
                }
                seen.push(name);
            }
            Use::File { path } => {
                let file = folder.join(&path.value);
                let identity = self.identity(&file);
                if seen.contains(&identity) {
                    return;
                }
                match self.read_text(&file) {
                    Ok((name, text)) => {
                        self.session.inputs.add("module", &path.value, text.as_bytes());
                        self.add_file(name, text, Some(&file));
                    }
                    Err(why) => {
                        let message = format!("cannot read the module `{}`: {why}", file.display());
                        let problem = Problem::error(Code::UNKNOWN_MODULE, message);
                        let problem = problem.label(path.span, "named here");
                        self.module_fault(
                            Unread::Files,
                            problem.help("the path is relative to the file that names it"),
                        );
                    }
                }
                seen.push(identity);
            }
        }
    }

    fn read_inventories(&mut self) {
        let named: Vec<(PathBuf, Inventory)> = self.items(|program, kind| match kind {
            ItemKind::Inventory(inventory) => Some((program.folder.clone(), inventory.clone())),
            _ => None,
        });
        let mut is_whole = true;
        for (folder, inventory) in &named {
            let mapping = inventory.mapping.iter().map(|(field, column)| (field.text.clone(), column.value.clone()));
            let options = ReadOptions { mapping: mapping.collect() };
            for path in &inventory.paths {
                is_whole &= self.read_inventory(folder, path, &options);
            }
        }
        if !is_whole {
            // Of what could not be read nobody knows the fields: to call them unknown would be a second problem for one cause.
            self.session.fleet = None;
        }
    }

    /// Whether it could be read, and joined to what was read before.
    fn read_inventory(&mut self, folder: &Path, path: &At<String>, options: &ReadOptions) -> bool {
        let loaded = load_inventory(self.world, &folder.join(&path.value), options);
        note_inputs(&loaded.files, folder, &mut self.session.inputs);
        let joined = loaded.fleet.and_then(|fleet| match self.session.fleet.take() {
            Some(before) => before.join(fleet),
            None => Ok(fleet),
        });
        match joined {
            Ok(fleet) => {
                self.session.fleet = Some(fleet);
                true
            }
            Err(faults) => {
                for fault in faults {
                    self.inventory_fault(fault, path.span, &loaded.files);
                }
                false
            }
        }
    }

    fn inventory_fault(&mut self, fault: InventoryFault, named_at: Span, files: &[InputFile]) {
        let code = match fault.kind {
            InventoryFaultKind::Unreadable => Code::INVENTORY_UNREADABLE,
            InventoryFaultKind::Empty => Code::INVENTORY_EMPTY,
            InventoryFaultKind::Shape => Code::INVENTORY_SHAPE,
            InventoryFaultKind::Disagrees => Code::INVENTORY_DISAGREES,
            InventoryFaultKind::BadHostName => Code::BAD_HOST_NAME,
        };
        let place = fault.line.and_then(|line| self.inventory_line(&fault.path, line, files));
        let message = match (fault.line, place) {
            (Some(line), None) => format!("{}, line {line}: {}", fault.path, fault.message),
            _ => fault.message,
        };
        let mut problem = Problem::error(code, message);
        if let Some(span) = place {
            problem = problem.label(span, "here");
        }
        problem = problem.label(named_at, "the inventory is named here");
        if let Some(help) = fault.help {
            problem = problem.help(help);
        }
        self.session.problems.push(problem);
    }

    /// The span of a line of an inventory's file, which becomes a source so that the line can be shown.
    fn inventory_line(&mut self, path: &str, line: usize, files: &[InputFile]) -> Option<Span> {
        let known = self.session.sources.iter().find(|(_, source)| source.name() == path).map(|(id, _)| id);
        let id = match known {
            Some(id) => id,
            None => {
                let file = files.iter().find(|file| file.path == path)?;
                let text = std::str::from_utf8(&file.bytes).ok()?;
                self.session.sources.add(path, text)
            }
        };
        self.session.sources.get(id).line_span(id, line)
    }

    fn read_calendars(&mut self) {
        let named: Vec<(FileId, PathBuf, Vec<CalendarMember>)> = self.items(|program, kind| match kind {
            ItemKind::Calendar(calendar) => Some((program.file, program.folder.clone(), calendar.members.clone())),
            _ => None,
        });
        for (file, folder, members) in named {
            for member in members {
                if let CalendarMember::Ics(path) = member {
                    self.read_calendar(file, &folder, path);
                }
            }
        }
    }

    fn read_calendar(&mut self, file: FileId, folder: &Path, path: At<String>) {
        let rule = match self.world.read(&folder.join(&path.value)) {
            Ok(bytes) => {
                self.session.inputs.add("calendar", &path.value, &bytes);
                match std::str::from_utf8(&bytes) {
                    Ok(text) => CalendarRule::from_ics(text),
                    Err(_) => Err(CalendarError { line: None, message: "it is not UTF-8 text".to_owned() }),
                }
            }
            Err(error) => Err(CalendarError { line: None, message: cause(&error) }),
        };
        self.session.calendars.insert((file, path.value), rule);
    }

    fn check(mut self) -> Session {
        let checked = self.session.checked(self.session.fleet.as_ref());
        if let Some(Checked { model, problems }) = checked {
            self.session.model = model;
            self.session.problems.extend(problems);
        }
        for program in &self.session.files {
            self.session.problems.extend(program.parse.problems.clone());
        }
        self.session.problems = std::mem::take(&mut self.session.problems).sorted();
        self.session
    }

    fn items<T>(&self, pick: impl Fn(&ProgramFile, &ItemKind) -> Option<T>) -> Vec<T> {
        let all = self
            .session
            .files
            .iter()
            .flat_map(|program| program.parse.file.items.iter().map(move |item| (program, item)));
        all.filter_map(|(program, item)| pick(program, &item.kind)).collect()
    }

    /// A file without a path is a module of the library.
    fn add_file(&mut self, name: String, text: String, path: Option<&Path>) {
        let file = self.session.sources.add(name, text);
        let parse = parse(file, self.session.sources.get(file).text());
        let origin = if path.is_some() { Origin::Own } else { Origin::Library };
        let folder = path.map(folder_of).unwrap_or_default();
        self.session.files.push(ProgramFile { file, parse, origin, path: path.map(Path::to_path_buf), folder });
    }

    /// The text of a file with the name that people know it by, or why there is none.
    fn read_text(&self, path: &Path) -> Result<(String, String), String> {
        if self.world.is_directory(path) {
            return Err("it is a folder".to_owned());
        }
        let bytes = self.world.read(path).map_err(|error| cause(&error))?;
        if bytes.len() >= u32::MAX as usize {
            return Err("it is larger than 4 GiB".to_owned());
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            let line =
                error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|&&byte| byte == b'\n').count() + 1;
            format!("line {line} is not UTF-8")
        })?;
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        Ok((path.display().to_string(), text))
    }

    /// One name for one file. A file that is not there has only the name that it was called by.
    fn identity(&self, file: &Path) -> String {
        self.world.absolute(file).unwrap_or_else(|_| file.to_path_buf()).display().to_string()
    }

    fn module_fault(&mut self, unread: Unread, problem: Problem) {
        self.session.unread = self.session.unread.max(unread);
        self.session.problems.push(problem);
    }
}

fn folder_of(file: &Path) -> PathBuf {
    file.parent().map(Path::to_path_buf).unwrap_or_default()
}

/// Offers the nearest of the library, whether `std.` was written or not.
fn unknown_module(name: &str, path: &[Name], span: Span) -> Problem {
    let known: Vec<String> = builtin::library_names().map(|known| format!("std.{known}")).collect();
    let problem = Problem::error(Code::UNKNOWN_MODULE, format!("there is no module `{name}`"));
    let span = span_of(path, span);
    let problem = problem.label(span, "not in the library");
    let sought = if name.starts_with("std.") { name.to_owned() } else { format!("std.{name}") };
    match nearest(&sought, known.iter().map(String::as_str)) {
        Some(near) => problem.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, near),
        None => problem.help(format!("the library has {}", known.join(", "))),
    }
}

fn is_file_name(name: &str) -> bool {
    name.ends_with(".sunup")
}

fn file_unquoted(name: &str, path: &[Name], span: Span) -> Problem {
    let written = format!("\"{name}\"");
    Problem::error(Code::UNKNOWN_MODULE, format!("there is no module `{name}`"))
        .label(span_of(path, span), "the name of a file stands in quotes")
        .help(format!("write `use {written}`"))
        .fix(format!("write `{written}`"), span_of(path, span), written)
}

fn span_of(path: &[Name], whole: Span) -> Span {
    match path {
        [first, .., last] => first.span.to(last.span),
        [only] => only.span,
        [] => whole,
    }
}
