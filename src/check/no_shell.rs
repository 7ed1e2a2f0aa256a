use crate::check::entry::Checker;
use crate::diagnostic::{Code, Problem};
use crate::source::Span;
use crate::syntax::ast::{CommandWord, TextPart};

impl Checker<'_> {
    /// What would mean something to a shell is handed to the program as it is, since there is none; and a value without its
    /// braces is only a text. Both look right and do something else.
    pub(super) fn check_is_as_meant(&mut self, words: &[CommandWord]) {
        if words.first().is_some_and(is_shell) {
            return;
        }
        for word in words {
            self.check_dollars(word);
            let [TextPart::Literal { text, span }] = word.parts.as_slice() else { continue };
            // In quotes it was meant as it stands.
            if self.input.sources.text(word.span) != text {
                continue;
            }
            if let Some(sign) = shell_sign(text) {
                let problem = Problem::warning(
                    Code::BAD_COMMAND,
                    format!("no shell reads this command: `{sign}` is handed to the program"),
                )
                .label(*span, "an argument like any other")
                .help("make a step of each command, or call a shell: `sh -c '…'`");
                self.report(problem);
                return;
            }
            self.check_braces(text, *span);
        }
    }

    /// `${host.name}`, as a shell writes a variable: the `$` stays.
    fn check_dollars(&mut self, word: &CommandWord) {
        for pair in word.parts.windows(2) {
            let [TextPart::Literal { text, span }, TextPart::Value(value)] = pair else { continue };
            if !text.ends_with('$') || self.input.sources.text(*span) != text {
                continue;
            }
            let place = Span { start: span.end - 1, ..*span };
            let problem = Problem::warning(Code::BAD_COMMAND, "the `$` before this value is handed to the program")
                .label(place, "stays in the argument")
                .label(value.span, "the value is put in here")
                .help("a value stands in braces alone: `{host.name}`")
                .fix("take the `$` away", place, "");
            self.report(problem);
        }
    }

    /// `drain host.name`, where `{host.name}` was meant.
    fn check_braces(&mut self, text: &str, span: Span) {
        let written = text.rsplit(['=', '@']).next().unwrap_or(text);
        let is_value = match written.split_once('.') {
            Some(("host", field)) => self.input.fleet.is_some_and(|fleet| fleet.field(field).is_some()),
            _ => super::command::STEP_SUBJECTS.contains(&written),
        };
        if !is_value {
            return;
        }
        let place = Span { start: span.end - written.len() as u32, ..span };
        let problem = Problem::warning(Code::BAD_COMMAND, format!("`{written}` is only a text here"))
            .label(place, "not the value of a host")
            .help(format!("a value stands in braces: `{{{written}}}`"))
            .fix(format!("write `{{{written}}}`"), place, format!("{{{written}}}"));
        self.report(problem);
    }
}

/// A program that reads its arguments as a shell does.
fn is_shell(program: &CommandWord) -> bool {
    const SHELLS: [&str; 12] =
        ["sh", "bash", "zsh", "ksh", "dash", "fish", "cmd", "powershell", "pwsh", "ssh", "wsl", "su"];
    let [TextPart::Literal { text, .. }] = program.parts.as_slice() else { return false };
    let name = text.rsplit(['/', '\\']).next().unwrap_or(text);
    SHELLS.contains(&name.strip_suffix(".exe").unwrap_or(name))
}

/// What a shell would have read as more than an argument.
fn shell_sign(word: &str) -> Option<&str> {
    const SIGNS: [&str; 11] = ["&&", "||", "|", ";", "&", ">", ">>", "<", "2>", "2>&1", "&>"];
    let is_sign = SIGNS.contains(&word);
    let is_last = word.len() > 1 && word.ends_with(';') && !word.ends_with("\\;");
    let is_run = word.starts_with("$(") || word.starts_with('`');
    let is_variable =
        word.strip_prefix('$').is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '{'));
    let is_home = word == "~" || word.starts_with("~/");
    // A pattern of another kind has no `/`, and an address is no path.
    let is_pattern = word.contains('/') && word.contains('*') && !word.contains("://");
    let is_of_windows = word.strip_prefix('%').and_then(|rest| rest.split_once('%')).is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
    });
    (is_sign || is_last || is_run || is_variable || is_home || is_pattern || is_of_windows).then_some(word)
}
