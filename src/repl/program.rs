use std::path::{Path, PathBuf};

use crate::diagnostic::{Problem, Problems};
use crate::repl::overlay::Overlay;
use crate::session::Session;
use crate::source::{FileId, Sources, Span};
use crate::syntax::ast::{Item, ItemKind};
use crate::syntax::parse;
use crate::world::World;

/// The script as it stands at the prompt: what was loaded, and what was typed in since.
#[derive(Debug, Clone)]
pub(super) struct Program {
    /// Where it stands, or would: paths in it start from its folder.
    pub path: PathBuf,
    pub text: String,
}

/// The name of a program that was typed in.
const NO_FILE: &str = "<prompt>";

impl Program {
    pub fn empty() -> Program {
        Program { path: PathBuf::from(NO_FILE), text: String::new() }
    }

    /// That of a script, or one that names an inventory: whatever is not called `….sunup` is taken for that.
    ///
    /// # Errors
    /// Why the script cannot be read.
    pub fn open(world: &dyn World, file: &Path) -> Result<Program, String> {
        if file.extension().is_none_or(|extension| extension != "sunup") {
            return Ok(Program::empty().with_inventory(world, file));
        }
        let unreadable = |why: String| format!("cannot read `{}`: {why}", file.display());
        let bytes = world.read(file).map_err(|error| unreadable(cause(&error)))?;
        let text = String::from_utf8(bytes).map_err(|_| unreadable("it is not UTF-8 text".to_owned()))?;
        Ok(Program { path: file.to_path_buf(), text: text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned() })
    }

    /// With this inventory instead of those that it names.
    pub fn with_inventory(&self, world: &dyn World, file: &Path) -> Program {
        let path = match self.path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            // The prompt's paths start where it was started, the script's from its own folder.
            Some(_) => world.absolute(file).unwrap_or_else(|_| file.to_path_buf()),
            None => file.to_path_buf(),
        };
        let named = crate::ide::quoted(&path.display().to_string());
        let mut text = self.without(|item| matches!(item.kind, ItemKind::Inventory(_)));
        text.insert_str(0, &format!("inventory {named}\n"));
        Program { path: self.path.clone(), text }
    }

    pub fn load(&self, world: &dyn World) -> Session {
        let overlay = Overlay { under: world, path: &self.path, text: &self.text };
        Session::load(&overlay, &self.path)
    }

    /// With items that were typed in, which take the place of those of the same name.
    ///
    /// # Errors
    /// What is wrong with their form.
    pub fn with_items(&self, text: &str) -> Result<Program, Problems> {
        let typed = parse(FileId(0), text);
        if typed.problems.has_errors() {
            return Err(typed.problems);
        }
        let replaced = |old: &Item| typed.file.items.iter().any(|new| replaces(new, old));
        let mut whole = self.without(replaced);
        if !whole.is_empty() && !whole.ends_with('\n') {
            whole.push('\n');
        }
        whole.push_str(text.trim_end());
        whole.push('\n');
        Ok(Program { path: self.path.clone(), text: whole })
    }

    /// The problems that lie in what was typed in last, at the places that they have there.
    pub fn of_last(&self, problems: &Problems, typed: &str) -> (Problems, Sources) {
        let mut sources = Sources::default();
        let file = sources.add("<typed>", typed);
        let start = self.text.trim_end().len().saturating_sub(typed.trim_end().len());
        let is_in = |span: Span| span.file == FileId(0) && span.start as usize >= start;
        let back = |span: Span| {
            let place = |at: u32| (at as usize).saturating_sub(start).min(typed.len());
            Span::new(file, place(span.start), place(span.end))
        };
        let found = problems.iter().filter(|problem| problem.span().is_some_and(is_in)).cloned().map(|mut problem| {
            problem.labels.retain(|label| is_in(label.span));
            problem.labels.iter_mut().for_each(|label| label.span = back(label.span));
            problem.fixes.retain(|fix| fix.edits.iter().all(|edit| is_in(edit.span)));
            problem.fixes.iter_mut().flat_map(|fix| &mut fix.edits).for_each(|edit| edit.span = back(edit.span));
            problem
        });
        (found.collect(), sources)
    }

    /// The text without some of its items.
    fn without(&self, leaves: impl Fn(&Item) -> bool) -> String {
        let parsed = parse(FileId(0), &self.text);
        let mut text = String::with_capacity(self.text.len());
        let mut from = 0;
        for item in parsed.file.items.iter().filter(|item| leaves(item)) {
            let span = item.span.range();
            text.push_str(self.text.get(from..span.start).unwrap_or(""));
            from = span.end;
            // Its line goes with it where nothing else stands on it.
            if text.is_empty() || text.ends_with('\n') {
                let rest = self.text.get(from..).unwrap_or("");
                from += rest.len() - rest.strip_prefix('\n').unwrap_or(rest).len();
            }
        }
        text.push_str(self.text.get(from..).unwrap_or(""));
        text
    }

    /// What a file is called in messages.
    pub fn name(&self) -> String {
        self.path.display().to_string()
    }

    pub fn has_file(&self) -> bool {
        self.path != Path::new(NO_FILE)
    }
}

/// Whether an item that is typed in takes the place of another.
fn replaces(new: &Item, old: &Item) -> bool {
    match (&new.kind, &old.kind) {
        (ItemKind::RegionsBy(_), ItemKind::RegionsBy(_)) | (ItemKind::Connect(_), ItemKind::Connect(_)) => true,
        (ItemKind::Use(_), ItemKind::Use(_)) => same_use(new, old),
        _ => match (crate::ide::defined(new), crate::ide::defined(old)) {
            (Some((sort, name)), Some((other_sort, other))) => {
                name.text == other.text && (sort == other_sort || (sort.is_value() && other_sort.is_value()))
            }
            _ => false,
        },
    }
}

fn same_use(new: &Item, old: &Item) -> bool {
    use crate::syntax::ast::Use;
    match (&new.kind, &old.kind) {
        (ItemKind::Use(Use::Library { path: new }), ItemKind::Use(Use::Library { path: old })) => {
            new.iter().map(|name| &name.text).eq(old.iter().map(|name| &name.text))
        }
        (ItemKind::Use(Use::File { path: new }), ItemKind::Use(Use::File { path: old })) => new.value == old.value,
        _ => false,
    }
}

/// The problems that were not there before.
pub(super) fn new_problems(before: &Problems, after: &Problems) -> Problems {
    let known = |problem: &Problem| before.iter().any(|old| old.code == problem.code && old.message == problem.message);
    after.iter().filter(|problem| !known(problem)).cloned().collect()
}

/// The operating system's words without its number.
pub(super) fn cause(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split_once(" (os error").map_or(text.clone(), |(words, _)| words.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_takes_the_place_of_what_has_the_same_name() {
        let program = Program::empty().with_items("let x = 1\nlet y = 2").unwrap();
        let program = program.with_items("let x = 3").unwrap();
        assert_eq!(program.text, "let y = 2\nlet x = 3\n");
        let program = program.with_items("use std.gates").unwrap().with_items("use std.gates").unwrap();
        assert_eq!(program.text, "let y = 2\nlet x = 3\nuse std.gates\n");
        assert!(program.with_items("gate g per host { tcp").is_err());
    }
}
