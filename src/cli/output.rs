use std::io::{self, BufWriter, IsTerminal, Write};

use crate::report::Ink;

/// Where text goes: results to stdout, talk to stderr. A reader that went away (`| head`) is no fault.
#[derive(Debug, Clone)]
pub struct Output {
    quiet: bool,
}

impl Output {
    /// `quiet` means no talk.
    pub fn new(quiet: bool) -> Self {
        Self { quiet }
    }

    /// Writes a result.
    pub fn result(&self, text: &str) {
        write_all(io::stdout().lock(), text);
    }

    /// Writes a result that is too large to be held as one text.
    pub fn stream(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
        let mut out = BufWriter::new(io::stdout().lock());
        // A reader that went away wants no more of it.
        let _ = write(&mut out).and_then(|()| out.flush());
    }

    /// Writes talk: progress and remarks.
    pub fn talk(&self, text: &str) {
        if !self.quiet {
            write_all(io::stderr().lock(), text);
        }
    }

    /// Writes what is wrong; quiet does not silence it.
    pub fn fault(&self, text: &str) {
        write_all(io::stderr().lock(), text);
    }

    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Whether colours and bars make sense on stderr.
    pub fn talks_to_terminal(&self) -> bool {
        io::stderr().is_terminal() && allows_colour()
    }

    /// Whether colours make sense on stdout.
    pub fn answers_to_terminal(&self) -> bool {
        io::stdout().is_terminal() && allows_colour()
    }

    /// What bars are drawn with in a result: blocks where a terminal has them.
    pub fn ink(&self) -> Ink {
        if self.answers_to_terminal() && says_utf8() { Ink::Blocks } else { Ink::Ascii }
    }

    /// Whether results go to a terminal, where they must not be more than text.
    pub fn is_read_by_a_person(&self) -> bool {
        io::stdout().is_terminal()
    }

    /// The width to write for: `COLUMNS`, else the terminal's, else 100.
    pub fn width(&self) -> usize {
        #[expect(clippy::disallowed_methods, reason = "the command asks for its own terminal's width")]
        let told = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let terminal = || rustix::termios::tcgetwinsize(io::stdout()).ok().map(|size| usize::from(size.ws_col));
        told.or_else(terminal).filter(|&width| width >= 40).unwrap_or(100)
    }
}

#[expect(clippy::disallowed_methods, reason = "the command asks how its user likes colours")]
fn allows_colour() -> bool {
    let is_set = |name| std::env::var(name).is_ok_and(|value| !value.is_empty());
    !is_set("NO_COLOR") && std::env::var("TERM").is_ok_and(|term| term != "dumb")
}

#[expect(clippy::disallowed_methods, reason = "the command asks what its user's terminal can show")]
fn says_utf8() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    locale.is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.ends_with("utf-8") || locale.ends_with("utf8")
    })
}

fn write_all(mut to: impl Write, text: &str) {
    // Nobody is left to be told where even this fails.
    let _ = to.write_all(text.as_bytes()).and_then(|()| to.flush());
}
