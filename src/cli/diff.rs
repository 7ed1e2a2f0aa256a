use std::time::Duration;

use similar::TextDiff;

use crate::cli::output::Output;
use crate::diagnostic::harmless;

/// Prints how a file would change. A program gets the bytes, so that `patch -p1` takes them; on a terminal what a script
/// says must not speak to the terminal.
pub fn print(name: &str, before: &str, after: &str, output: &Output) {
    let diff = unified(name, before, after);
    match output.is_read_by_a_person() {
        true => output.result(&shown(&diff)),
        false => output.result(&diff),
    }
}

/// A unified diff with three lines of context; nothing where nothing changes.
fn unified(name: &str, before: &str, after: &str) -> String {
    let differences = TextDiff::configure().timeout(LONG_ENOUGH).diff_lines(before, after);
    // A name must not begin a line of its own, in a file neither.
    let name = harmless(name);
    differences.unified_diff().context_radius(3).header(&format!("a/{name}"), &format!("b/{name}")).to_string()
}

/// After this the rest of two texts counts as different, so that no script is compared without end.
const LONG_ENOUGH: Duration = Duration::from_secs(2);

/// A tab is as harmless as a blank.
fn shown(diff: &str) -> String {
    diff.split_inclusive('\n')
        .map(|line| {
            let text = line.strip_suffix('\n').unwrap_or(line);
            let shown: Vec<_> = text.split('\t').map(harmless).collect();
            shown.join("\t") + "\n"
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_shows_what_changes_and_only_that() {
        assert_eq!(unified("a.sunup", "same\n", "same\n"), "");
        let diff = unified("a\x1b\n.sunup", "one\ntwo\n", "one\n\t2\r\n");
        assert_eq!(diff, "--- a/a\\u{1b}\\n.sunup\n+++ b/a\\u{1b}\\n.sunup\n@@ -1,2 +1,2 @@\n one\n-two\n+\t2\r\n");
        assert!(unified("a", "x", "y").contains("\\ No newline at end of file"));
    }

    #[test]
    fn a_terminal_obeys_nothing_of_it() {
        assert_eq!(shown("+\t\x1b[2J\u{202e}\r\n-x\n"), "+\t\\u{1b}[2J\\u{202e}\\r\n-x\n");
    }
}
