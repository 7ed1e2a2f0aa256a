use crate::diagnostic::{Code, harmless, nearest};
use crate::ide::{self, Documentation};
use crate::repl::prompt::{Prompt, Said};
use crate::report;

/// What the inventory holds; with a path, another inventory in its place.
pub(super) fn inventory(prompt: &mut Prompt<'_>, file: &str) -> Said {
    if !file.is_empty() {
        let path = prompt.path(file);
        let program = prompt.program.with_inventory(prompt.settings.world, &path);
        return prompt.put(program);
    }
    match &prompt.session().fleet {
        Some(fleet) => Said::answer(report::inventory_text(fleet, prompt.look.width)),
        None => Said::fault("no inventory is loaded", "write `:inventory FILE`"),
    }
}

pub(super) fn type_of(prompt: &mut Prompt<'_>, text: &str) -> Said {
    if text.is_empty() {
        return Said::fault("an expression belongs here", "such as `:type count(hosts)`");
    }
    let found = ide::evaluate(prompt.session(), "<typed>", text);
    let problems = prompt.drawn(&found.problems, &found.sources);
    match &found.answer {
        Some(answer) => {
            Said { answer: format!("{}\n", ide::type_of(prompt.session(), answer)), problems, ..Said::default() }
        }
        None => Said { problems, has_failed: true, ..Said::default() },
    }
}

pub(super) fn doc(prompt: &mut Prompt<'_>, word: &str) -> Said {
    let word = word.trim_matches('`');
    if word.is_empty() {
        return Said::fault("a word belongs here", "such as `:doc soak`, `:doc std.gates` or the name of an item");
    }
    let session = prompt.session();
    let found = ide::document(session, word);
    if found.is_empty() {
        let words = crate::syntax::words::WORDS.iter().map(|word| word.text);
        let items = ide::outline(session);
        let known = words.chain(items.iter().map(|item| item.name.as_str()));
        let help = match nearest(word, known) {
            Some(near) => format!("did you mean `{}`?", harmless(near)),
            None => "`:help` says what can be typed here".to_owned(),
        };
        return Said::fault(format!("nothing is known of `{}`", harmless(word)), help);
    }
    let texts: Vec<String> = found.iter().map(|found| documented(prompt, found)).collect();
    Said::answer(texts.join("\n"))
}

fn documented(prompt: &Prompt<'_>, found: &Documentation) -> String {
    let lines = |text: &str| text.lines().map(|line| format!("  {}\n", harmless(line))).collect::<String>();
    let mut text = harmless(&found.title).into_owned();
    if let Some(place) = found.place {
        let sources = &prompt.session().sources;
        let name = sources.get(place.file).name();
        text.push_str(&format!(" ({}:{})", harmless(name), sources.place(place).line));
    }
    text.push('\n');
    text.push_str(&lines(&found.text));
    if let Some(example) = &found.example {
        text.push_str(&format!("\n{}", lines(example)));
    }
    text
}

pub(super) fn explain(_: &mut Prompt<'_>, word: &str) -> Said {
    match Code::find(word) {
        Some(code) => Said::answer(code.page()),
        None if word.is_empty() => Said::fault("a code belongs here", "such as `:explain E0204`"),
        None => {
            let near = nearest(&word.to_uppercase(), Code::ALL.iter().map(|code| code.as_str()));
            let help = near.map_or("every problem shows its code".to_owned(), |near| format!("did you mean {near}?"));
            Said::fault(format!("there is no code `{}`", harmless(word)), help)
        }
    }
}

pub(super) fn rows(prompt: &mut Prompt<'_>, text: &str) -> Said {
    match (text, text.parse()) {
        ("all", _) => prompt.look.rows = usize::MAX,
        (_, Ok(rows)) if rows > 0 => prompt.look.rows = rows,
        _ => return Said::fault("a number of rows belongs here", "write `:rows 100` or `:rows all`"),
    }
    Said::default()
}
