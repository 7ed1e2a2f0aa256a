use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::write::write_whole;
use crate::cli::{diff, problems};
use crate::diagnostic::harmless;
use crate::source::Sources;
use crate::syntax::{Refusal, format};
use crate::world::{RealWorld, World};

/// Write scripts in the one style, comments and all
#[derive(Debug, Args)]
pub struct FmtArguments {
    /// Change nothing; list the scripts that would change, and end with 1 where there are any
    #[arg(long)]
    check: bool,
    /// Change nothing; print what would change
    #[arg(long)]
    diff: bool,
    /// Scripts; a folder stands for every .sunup file below it, `-` for standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

pub fn run(arguments: &FmtArguments, output: &Output) -> Exit {
    let mut tally = Tally::default();
    for path in &arguments.files {
        if path.as_os_str() == "-" {
            tally.add(standard_input(arguments, output));
            continue;
        }
        match scripts(path) {
            Ok(scripts) => {
                if scripts.is_empty() {
                    output.talk(&format!("There is no .sunup file below {}.\n", shown(path)));
                }
                for script in scripts {
                    tally.add(file(&script, arguments, output));
                }
            }
            Err(why) => tally.add(unreadable(path, &why, output)),
        }
    }
    output.talk(&tally.told(arguments));
    let would_change = arguments.check && tally.changed > 0;
    if would_change || tally.refused > 0 { Exit::Problems } else { Exit::Fine }
}

/// What became of one script.
enum Became {
    /// It was in the style.
    Same,
    Changed,
    /// It could not be read, formatted or written.
    Refused,
}

#[derive(Default)]
struct Tally {
    same: usize,
    changed: usize,
    refused: usize,
}

impl Tally {
    fn add(&mut self, became: Became) {
        match became {
            Became::Same => self.same += 1,
            Became::Changed => self.changed += 1,
            Became::Refused => self.refused += 1,
        }
    }

    fn told(&self, arguments: &FmtArguments) -> String {
        let looks = arguments.check || arguments.diff;
        let changed = if looks { "would change" } else { "formatted" };
        let parts = [(self.changed, changed), (self.same, "in the style already"), (self.refused, "left as they are")];
        let parts = parts.iter().filter(|(count, _)| *count > 0).map(|(count, words)| format!("{count} {words}"));
        match parts.collect::<Vec<_>>().join(", ") {
            none if none.is_empty() => none,
            parts => format!("Scripts: {parts}.\n"),
        }
    }
}

/// The script itself, or every script below a folder, in the order of their names. What is hidden is left out, and folders
/// behind links are, which could lead in a circle.
fn scripts(path: &Path) -> Result<Vec<PathBuf>, String> {
    if !RealWorld.is_directory(path) {
        return Ok(vec![path.to_path_buf()]);
    }
    let mut found = Vec::new();
    let mut folders = vec![path.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = RealWorld.list(&folder).map_err(|error| format!("{}: {error}", shown(&folder)))?;
        for entry in entries {
            let is_hidden = entry.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
            if RealWorld.is_directory(&entry) {
                if !is_hidden && !entry.is_symlink() {
                    folders.push(entry);
                }
            } else if !is_hidden && entry.extension().is_some_and(|extension| extension == "sunup") {
                found.push(entry);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn file(path: &Path, arguments: &FmtArguments, output: &Output) -> Became {
    let bytes = match RealWorld.read(path) {
        Ok(bytes) => bytes,
        Err(error) => return unreadable(path, &error.to_string(), output),
    };
    let Some((text, formatted)) = formatted(bytes, path, output) else { return Became::Refused };
    if text == formatted {
        return Became::Same;
    }
    if arguments.check || arguments.diff {
        tell_change(&path.display().to_string(), &text, &formatted, arguments, output);
        return Became::Changed;
    }
    match write_whole(path, &formatted) {
        Ok(()) => Became::Changed,
        Err(error) => {
            output.fault(&format!("error: cannot write `{}`: {error}\n", shown(path)));
            Became::Refused
        }
    }
}

/// Standard input goes to standard output, changed or not.
fn standard_input(arguments: &FmtArguments, output: &Output) -> Became {
    let name = Path::new("<standard input>");
    let mut bytes = Vec::new();
    if let Err(error) = std::io::stdin().lock().read_to_end(&mut bytes) {
        return unreadable(name, &error.to_string(), output);
    }
    let Some((text, formatted)) = formatted(bytes, name, output) else { return Became::Refused };
    if arguments.check || arguments.diff {
        if text != formatted {
            tell_change(&name.display().to_string(), &text, &formatted, arguments, output);
        }
    } else {
        output.result(&formatted);
    }
    if text == formatted { Became::Same } else { Became::Changed }
}

/// The text and what it is formatted to; none where it is refused, which was told.
fn formatted(bytes: Vec<u8>, path: &Path, output: &Output) -> Option<(String, String)> {
    let text = match String::from_utf8(bytes) {
        Ok(text) if text.len() < u32::MAX as usize => text,
        Ok(_) => {
            unreadable(path, "it is larger than 4 GiB", output);
            return None;
        }
        Err(error) => {
            let before = error.as_bytes().iter().take(error.utf8_error().valid_up_to());
            let line = before.filter(|byte| **byte == b'\n').count() + 1;
            unreadable(path, &format!("line {line} is not UTF-8"), output);
            return None;
        }
    };
    let mut sources = Sources::default();
    let file = sources.add(path.display().to_string(), text.as_str());
    match format(file, &text) {
        Ok(formatted) => return Some((text, formatted)),
        Err(Refusal::Malformed(found)) => {
            output.fault(&problems::drawn(&found, &sources, output));
            output.fault(&format!("error: `{}` is left as it is: it could not be read\n", shown(path)));
        }
        Err(Refusal::Differs(difference)) => output.fault(&format!(
            "error: `{}` is left as it is: {difference}\n  help: this is a fault in sunup itself; please report it with the script\n",
            shown(path)
        )),
    }
    None
}

fn tell_change(name: &str, text: &str, formatted: &str, arguments: &FmtArguments, output: &Output) {
    if !arguments.diff {
        output.result(&format!("{}\n", harmless(name)));
        return;
    }
    diff::print(name, text, formatted, output);
}

fn unreadable(path: &Path, why: &str, output: &Output) -> Became {
    output.fault(&format!("error: cannot read `{}`: {}\n", shown(path), harmless(why)));
    Became::Refused
}

fn shown(path: &Path) -> String {
    harmless(&path.display().to_string()).into_owned()
}
