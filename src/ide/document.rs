use crate::builtin;
use crate::ide::named::{self, Named};
use crate::ide::values::field_words;
use crate::ide::words::{blocks, meaning, other_meaning};
use crate::session::Session;
use crate::source::Span;
use crate::syntax::sample;

/// What there is to know about a word, a name or an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Documentation {
    /// `soak, in a stage`, `gate mailflow`
    pub title: String,
    /// Sentences, without markup.
    pub text: String,
    /// How it is written.
    pub example: Option<String>,
    /// Where it is defined.
    pub place: Option<Span>,
}

/// All that a word means: an item of the program, a field, a function, a word of the language. Empty where it means nothing.
pub fn document(session: &Session, word: &str) -> Vec<Documentation> {
    let mut found = Vec::new();
    found.extend(item(session, word));
    found.extend(field(session, word));
    found.extend(function(word));
    found.extend(module(word));
    found.extend(sentences(word));
    if found.is_empty() {
        found.extend(other(word));
    }
    found
}

fn item(session: &Session, word: &str) -> Option<Documentation> {
    let (sort, item, place) = named::find(session, word)?;
    let text = item.documentation.clone().unwrap_or_default();
    let written = session.sources.text(item.span);
    const LONGEST: usize = 600;
    let is_short = written.len() <= LONGEST;
    let example = if is_short { written.to_owned() } else { format!("{} …", first_line(written)) };
    Some(Documentation { title: title(sort, word), text, example: Some(example), place: Some(place) })
}

fn title(sort: Named, word: &str) -> String {
    format!("{} {word}", sort.word())
}

fn field(session: &Session, word: &str) -> Option<Documentation> {
    let fleet = session.fleet.as_ref()?;
    let field = fleet.field(word)?;
    let lacking = fleet.missing(field).len();
    let lacking = if lacking == 0 { String::new() } else { format!("; {lacking} of {} hosts lack it", fleet.len()) };
    Some(Documentation {
        title: format!("field {word}"),
        text: format!("{}{lacking}", field_words(fleet, field)),
        example: None,
        place: None,
    })
}

fn function(word: &str) -> Option<Documentation> {
    let function = builtin::find(word)?;
    let (call, gives) = function.example;
    Some(Documentation {
        title: format!("function {}", function.signature()),
        text: format!("{}; gives {}", function.documentation, function.gives),
        example: Some(format!("{call} is {gives}")),
        place: None,
    })
}

fn module(word: &str) -> Option<Documentation> {
    let text = builtin::library(word.strip_prefix("std.").unwrap_or(word))?;
    let name = word.strip_prefix("std.").unwrap_or(word);
    let lines: Vec<&str> = text.lines().take_while(|line| line.starts_with('#')).collect();
    let lines: Vec<&str> = lines.iter().map(|line| line.trim_start_matches(['#', ' '])).collect();
    Some(Documentation {
        title: format!("module std.{name}"),
        text: lines.join("\n"),
        example: Some(format!("use std.{name}")),
        place: None,
    })
}

fn sentences(word: &str) -> Vec<Documentation> {
    let mut found: Vec<Documentation> = Vec::new();
    for block in blocks(word) {
        let Some(text) = meaning(block, word) else { continue };
        let example = sample(block, word).map(str::to_owned);
        match found.iter_mut().find(|known| known.text == text && known.example == example) {
            Some(known) => known.title.push_str(&format!(", {}", block.inside())),
            None => found.push(Documentation {
                title: format!("{word}, {}", block.inside()),
                text: text.to_owned(),
                example,
                place: None,
            }),
        }
    }
    found
}

fn other(word: &str) -> Option<Documentation> {
    let text = other_meaning(word)?.to_owned();
    Some(Documentation { title: word.to_owned(), text, example: None, place: None })
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or("")
}

/// Whether a name is that of an item which is no value: it cannot be worked out, only told about.
pub fn is_item(session: &Session, name: &str) -> bool {
    named::find(session, name).is_some_and(|(sort, _, _)| !sort.is_value())
}
