use crate::repl::command::{COMMANDS, find};
use crate::repl::prompt::{Prompt, Said};

/// What can be typed, and how a command is used.
pub(super) fn help(prompt: &mut Prompt<'_>, word: &str) -> Said {
    let word = word.trim_start_matches(':');
    if word.is_empty() {
        return Said::answer(overview());
    }
    match find(word) {
        Ok(command) => {
            let mut text = format!(":{} {}", command.name, command.arguments).trim_end().to_owned();
            text.push_str(&format!("\n  {}\n\n", command.summary));
            command.examples.iter().for_each(|example| text.push_str(&format!("  {example}\n")));
            Said::answer(text)
        }
        // `:help soak` asks for what `:doc soak` says.
        Err(_) => super::ask::doc(prompt, word),
    }
}

fn overview() -> String {
    let mut text = String::from(
        "Ask about the hosts, define what a script could define, or give a command.\n\n\
         \x20 count(hosts where role == \"web\") by site    how many, for each site\n\
         \x20 role == \"web\" and cores > 4                which hosts\n\
         \x20 role                                       the values of a field\n\
         \x20 web-1                                      all that is known of a host\n\
         \x20 let web = hosts where role == \"web\"         a name for later\n\n",
    );
    let widest = COMMANDS.iter().map(|command| command.name.len() + command.arguments.len()).max().unwrap_or(0) + 3;
    for command in COMMANDS {
        let head = format!(":{} {}", command.name, command.arguments);
        text.push_str(&format!("  {:widest$} {}\n", head.trim_end(), command.summary));
    }
    text.push_str(
        "\nTab completes, the arrow to the right takes what is proposed, Ctrl-C leaves the line, Ctrl-D the prompt.\n",
    );
    text
}

pub(super) fn quit(_prompt: &mut Prompt<'_>, _: &str) -> Said {
    Said { leaves: true, ..Said::default() }
}
