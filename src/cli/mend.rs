use crate::cli::diff;
use crate::cli::output::Output;
use crate::cli::write::write_whole;
use crate::diagnostic::harmless;
use crate::session::{Change, Mending};
use crate::world::{RealWorld, World};

/// Writes every file that the mends change, and says what was done. False where one could not be written.
pub fn write(mending: &Mending, output: &Output) -> bool {
    let written: Vec<bool> = mending.changes.iter().map(|change| write_change(change, output)).collect();
    if written.iter().any(|is_written| *is_written) {
        // The fixes of a file that could not be written are not told as done.
        let unwritten = mending.changes.iter().zip(&written).filter(|(_, is_written)| !**is_written);
        let unwritten: Vec<&str> = unwritten.map(|(change, _)| change.name.as_str()).collect();
        for done in mending.done.iter().filter(|done| !unwritten.contains(&done.file.as_str())) {
            let place = format!("{}:{}:{}", harmless(&done.file), done.place.line, done.place.column);
            output.talk(&format!("mended {place}: {}: {}\n", done.code, harmless(&done.title)));
        }
    }
    written.iter().all(|is_written| *is_written)
}

/// Prints what [`write`] would change, and how many mends that are.
pub fn show(mending: &Mending, output: &Output) {
    for change in &mending.changes {
        diff::print(&change.name, &change.before, &change.after, output);
    }
    let (mends, files) = (mending.done.len(), mending.changes.len());
    let s = |number: usize| if number == 1 { "" } else { "s" };
    output.talk(&match mends {
        0 => "There is nothing that `--fix` would mend.\n".to_owned(),
        _ => format!("`--fix` would make {mends} mend{} in {files} file{}.\n", s(mends), s(files)),
    });
}

fn write_change(change: &Change, output: &Output) -> bool {
    // Somebody's editor may have saved it since it was read.
    let is_unchanged = RealWorld.read(&change.path).is_ok_and(|bytes| bytes == change.before.as_bytes());
    let written = match is_unchanged {
        true => write_whole(&change.path, &change.after).map_err(|error| error.to_string()),
        false => Err("it changed meanwhile".to_owned()),
    };
    if let Err(why) = &written {
        output.fault(&format!("error: cannot write `{}`: {}\n", harmless(&change.name), harmless(why)));
    }
    written.is_ok()
}
