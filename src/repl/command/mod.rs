//! The commands of the prompt, a file for each family, and the table of them all.
//!
//! In: what stands behind the `:`. Out: what is to be said. Never: reads a key, knows a terminal.
//! To add one: a row of the table here, a function in its family's file, its lines in docs/prompt.md.

mod ask;
mod help;
mod program;
mod schedule;
mod walk;
mod why;

use crate::diagnostic::{harmless, nearest};
use crate::repl::prompt::{Prompt, Said};

/// One command.
pub(super) struct Command {
    pub name: &'static str,
    /// As help shows it: `[ROLLOUT]`.
    pub arguments: &'static str,
    /// One line, an imperative.
    pub summary: &'static str,
    pub examples: &'static [&'static str],
    pub takes: Takes,
    run: fn(&mut Prompt<'_>, &str) -> Said,
}

/// What is completed behind a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    Nothing,
    Command,
    Code,
    Expression,
    File,
    Host,
    Rollout,
    Word,
    /// A place: a host, a site, a region.
    Place,
    /// What fails, and where.
    Fail,
    Until,
    /// What a test could give.
    Given,
    /// The name of a walk.
    Branch,
}

/// In the order in which help lists them.
pub(super) const COMMANDS: &[Command] = &[
    Command {
        name: "help",
        arguments: "[COMMAND]",
        summary: "Say what can be typed here, or how a command is used",
        examples: &[":help", ":help plan"],
        takes: Takes::Command,
        run: help::help,
    },
    Command {
        name: "inventory",
        arguments: "[FILE]",
        summary: "Show what the inventory holds, or take another one",
        examples: &[":inventory", ":inventory servers.csv"],
        takes: Takes::File,
        run: ask::inventory,
    },
    Command {
        name: "type",
        arguments: "EXPRESSION",
        summary: "Say of what type an expression is",
        examples: &[":type role", ":type 24h + 30m"],
        takes: Takes::Expression,
        run: ask::type_of,
    },
    Command {
        name: "doc",
        arguments: "WORD",
        summary: "Say what a word, a field, a function or an item means",
        examples: &[":doc soak", ":doc std.gates"],
        takes: Takes::Word,
        run: ask::doc,
    },
    Command {
        name: "explain",
        arguments: "CODE",
        summary: "Say what the code of a problem means",
        examples: &[":explain E0204"],
        takes: Takes::Code,
        run: ask::explain,
    },
    Command {
        name: "rows",
        arguments: "N or all",
        summary: "Say how many rows of a table to show",
        examples: &[":rows 100", ":rows all"],
        takes: Takes::Nothing,
        run: ask::rows,
    },
    Command {
        name: "load",
        arguments: "FILE",
        summary: "Load a script, or an inventory by itself",
        examples: &[":load rollout.sunup", ":load servers.csv"],
        takes: Takes::File,
        run: program::load,
    },
    Command {
        name: "script",
        arguments: "",
        summary: "Show the script as it stands, with what was typed in",
        examples: &[":script"],
        takes: Takes::Nothing,
        run: program::script,
    },
    Command {
        name: "save",
        arguments: "FILE, or test \"NAME\" [FILE]",
        summary: "Save the script as it stands, or the walk as a test",
        examples: &[
            ":save rollout.sunup",
            ":save test \"a failing Sydney\"",
            ":save test \"a failing Sydney\" tests.sunup",
        ],
        takes: Takes::File,
        run: program::save,
    },
    Command {
        name: "reset",
        arguments: "",
        summary: "Load the script again, without what was typed in",
        examples: &[":reset"],
        takes: Takes::Nothing,
        run: program::reset,
    },
    Command {
        name: "check",
        arguments: "",
        summary: "Look for everything that is wrong with the script and its plans",
        examples: &[":check"],
        takes: Takes::Nothing,
        run: program::check,
    },
    Command {
        name: "plan",
        arguments: "[ROLLOUT]",
        summary: "Show who is changed when",
        examples: &[":plan", ":plan exchange-may"],
        takes: Takes::Rollout,
        run: schedule::plan,
    },
    Command {
        name: "when",
        arguments: "HOST",
        summary: "Say when a host is changed, and in which stage and batch",
        examples: &[":when ex-syd-01"],
        takes: Takes::Host,
        run: schedule::when,
    },
    Command {
        name: "why",
        arguments: "HOST [at MOMENT]",
        summary: "Say why a host is changed there and then, and on a walk why not now",
        examples: &[":why ex-syd-01", ":why ex-syd-01 at 2007-05-09 12:00 UTC"],
        takes: Takes::Host,
        run: why::why,
    },
    Command {
        name: "time",
        arguments: "[MOMENT, +DURATION or script]",
        summary: "Show or set when the rollout starts",
        examples: &[":time 2007-05-08 18:00 UTC", ":time +2h", ":time script"],
        takes: Takes::Nothing,
        run: schedule::time,
    },
    Command {
        name: "start",
        arguments: "[ROLLOUT]",
        summary: "Begin to walk through a rollout, at the moment of its start",
        examples: &[":start", ":start exchange-may"],
        takes: Takes::Rollout,
        run: walk::start,
    },
    Command {
        name: "next",
        arguments: "[N]",
        summary: "Go on to the next moment at which something comes",
        examples: &[":next", ":next 10"],
        takes: Takes::Nothing,
        run: walk::next,
    },
    Command {
        name: "until",
        arguments: "window, stage NAME, MOMENT, +DURATION or end",
        summary: "Go on until something is so",
        examples: &[":until window", ":until stage world", ":until +2h", ":until 2007-05-09 16:00 UTC", ":until end"],
        takes: Takes::Until,
        run: walk::until,
    },
    Command {
        name: "fail",
        arguments: "GATE or STEP [at PLACE]",
        summary: "Let a gate or a step fail from here on",
        examples: &[":fail mailflow at site \"sydney\"", ":fail install at hosts role == \"hub\"", ":fail reboot"],
        takes: Takes::Fail,
        run: walk::fail,
    },
    Command {
        name: "lose",
        arguments: "PLACE",
        summary: "Let hosts be out of reach from here on",
        examples: &[":lose host ex-syd-01", ":lose region asia"],
        takes: Takes::Place,
        run: walk::lose,
    },
    Command {
        name: "recover",
        arguments: "PLACE",
        summary: "Let hosts be in reach again",
        examples: &[":recover host ex-syd-01"],
        takes: Takes::Place,
        run: walk::recover,
    },
    Command {
        name: "given",
        arguments: "SENTENCE",
        summary: "Give anything that a test could give",
        examples: &[":given global approves after 2h", ":given step install hangs at hosts role == \"hub\""],
        takes: Takes::Given,
        run: walk::given,
    },
    Command {
        name: "crash",
        arguments: "",
        summary: "Let the controller die, and another go on in its place",
        examples: &[":crash"],
        takes: Takes::Nothing,
        run: walk::crash,
    },
    Command {
        name: "approve",
        arguments: "[as PERSON]",
        summary: "Approve the stage that waits for it",
        examples: &[":approve", ":approve as ops-lead"],
        takes: Takes::Nothing,
        run: walk::approve,
    },
    Command {
        name: "deny",
        arguments: "[as PERSON]",
        summary: "Deny the approval that is waited for",
        examples: &[":deny"],
        takes: Takes::Nothing,
        run: walk::deny,
    },
    Command {
        name: "hold",
        arguments: "[PLACE] [as PERSON]",
        summary: "Stop the rollout, or a part of it, where it stands",
        examples: &[":hold", ":hold region asia", ":hold stage world as ops-lead"],
        takes: Takes::Place,
        run: walk::hold,
    },
    Command {
        name: "resume",
        arguments: "[PLACE] [as PERSON]",
        summary: "Let what is held go on",
        examples: &[":resume", ":resume region asia"],
        takes: Takes::Place,
        run: walk::resume,
    },
    Command {
        name: "rollback",
        arguments: "[PLACE] [as PERSON]",
        summary: "Undo the rollout, or a part of it",
        examples: &[":rollback", ":rollback site \"sydney\""],
        takes: Takes::Place,
        run: walk::rollback,
    },
    Command {
        name: "back",
        arguments: "[N]",
        summary: "Go back, a move at a time",
        examples: &[":back", ":back 3"],
        takes: Takes::Nothing,
        run: walk::back,
    },
    Command {
        name: "branch",
        arguments: "[NAME]",
        summary: "Go on on another walk from here, or on the one of that name",
        examples: &[":branch what-if", ":branch"],
        takes: Takes::Branch,
        run: walk::branch,
    },
    Command {
        name: "compare",
        arguments: "NAME",
        summary: "Say what differs between this walk and another",
        examples: &[":compare main"],
        takes: Takes::Branch,
        run: walk::compare,
    },
    Command {
        name: "state",
        arguments: "[HOST]",
        summary: "Show how the walk stands: who is down, what is held, what is left",
        examples: &[":state", ":state ex-syd-01"],
        takes: Takes::Host,
        run: walk::state,
    },
    Command {
        name: "story",
        arguments: "",
        summary: "Tell all that has come about on this walk",
        examples: &[":story"],
        takes: Takes::Nothing,
        run: walk::story,
    },
    Command {
        name: "quit",
        arguments: "",
        summary: "Leave",
        examples: &[":quit"],
        takes: Takes::Nothing,
        run: help::quit,
    },
];

/// Does what stands behind the `:`.
pub(super) fn run(prompt: &mut Prompt<'_>, text: &str) -> Said {
    let (word, rest) = split(text);
    match find(word) {
        Ok(command) if command.arguments.is_empty() && !rest.is_empty() => {
            Said::fault(format!("`:{}` takes nothing", command.name), "")
        }
        Ok(command) => (command.run)(prompt, rest),
        Err(help) if word.is_empty() => Said::fault("a command belongs behind `:`", help),
        Err(help) => Said::fault(format!("there is no command `:{}`", harmless(word)), help),
    }
}

/// The word and what stands behind it.
pub(super) fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    (&text[..end], text[end..].trim())
}

/// The command of that name, or the only one that begins so.
///
/// # Errors
/// What to do where there is none.
pub(super) fn find(word: &str) -> Result<&'static Command, String> {
    if let Some(command) = COMMANDS.iter().find(|command| command.name == word) {
        return Ok(command);
    }
    let begins: Vec<&Command> =
        COMMANDS.iter().filter(|command| !word.is_empty() && command.name.starts_with(word)).collect();
    match begins.as_slice() {
        [only] => return Ok(only),
        [] => {}
        several => {
            let names: Vec<String> = several.iter().map(|command| format!("`:{}`", command.name)).collect();
            return Err(format!("it could be {}", names.join(" or ")));
        }
    }
    match nearest(word, COMMANDS.iter().map(|command| command.name)) {
        Some(near) => Err(format!("did you mean `:{near}`?")),
        None => Err("`:help` lists them all".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_is_enough_where_it_is_the_only_one() {
        assert!(find("pl").is_ok_and(|command| command.name == "plan"));
        assert!(find("plna").is_err_and(|help| help == "did you mean `:plan`?"));
        assert!(find("").is_err());
    }

    #[test]
    fn every_command_has_a_name_of_its_own_and_an_example_of_itself() {
        for (idx, command) in COMMANDS.iter().enumerate() {
            assert!(COMMANDS[..idx].iter().all(|other| other.name != command.name), "{}", command.name);
            assert!(!command.examples.is_empty(), "{}", command.name);
            for example in command.examples {
                let (word, rest) = split(example);
                assert_eq!(word, format!(":{}", command.name));
                assert!(rest.is_empty() || !command.arguments.is_empty(), "{example}");
            }
        }
    }
}
