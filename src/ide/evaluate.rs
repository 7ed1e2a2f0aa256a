use crate::check::{self, Answer, Asked, Input, Module, Unread};
use crate::diagnostic::{Code, Problem, Problems};
use crate::session::Session;
use crate::source::{FileId, Sources, Span};
use crate::syntax::ast::{Expression, Name};
use crate::syntax::{TokenKind, parse_expression, tokens};

/// What an expression comes to, with the sources that its problems speak of: those of the session and the expression.
#[derive(Debug)]
pub struct Evaluated {
    pub answer: Option<Answer>,
    pub problems: Problems,
    pub sources: Sources,
}

/// Works an expression out over a session's fleet, with the names of its script: `product == "exchange"`,
/// `count(hosts where …) by site, role`. `name` is what the text is called where a problem shows it.
pub fn evaluate(session: &Session, name: &str, text: &str) -> Evaluated {
    let mut sources = session.sources.clone();
    let file = sources.add(name, text);
    let (question, by) = split_by(file, text);
    let (expression, mut problems) = parse_expression(file, question);
    let answer = match (expression, by) {
        (None, _) => None,
        (Some(expression), By::Nothing) => take(ask(session, &sources, &expression, None), &mut problems),
        (Some(expression), By::Fields(names)) => take(ask(session, &sources, &expression, Some(&names)), &mut problems),
        (Some(_), By::Unclear(place)) => {
            let problem = Problem::error(Code::SYNTAX, "fields belong behind `by`");
            problems.push(problem.label(place, "no fields").help("write `count(hosts where …) by site, role`"));
            None
        }
    };
    Evaluated { answer, problems, sources }
}

fn take(asked: Asked, problems: &mut Problems) -> Option<Answer> {
    problems.extend(asked.problems.iter().cloned());
    asked.answer
}

fn ask(session: &Session, sources: &Sources, expression: &Expression, by: Option<&[Name]>) -> Asked {
    let modules: Vec<Module> = session
        .files
        .iter()
        .map(|program| Module { file: program.file, parse: &program.parse, origin: program.origin })
        .collect();
    let calendars = Default::default();
    let fleet = session.fleet.as_ref();
    let input = Input { sources, modules: &modules, fleet, calendars: &calendars, unread: Unread::Nothing };
    match by {
        Some(by) => check::ask_by(input, expression, by),
        None => check::ask(input, expression),
    }
}

enum By {
    Nothing,
    Fields(Vec<Name>),
    Unclear(Span),
}

/// The expression, and the fields behind the `by` that stands outside of every bracket.
fn split_by(file: FileId, text: &str) -> (&str, By) {
    let mut depth = 0_usize;
    let mut found = None;
    for token in tokens(file, text) {
        match token.kind {
            TokenKind::Open => depth += 1,
            TokenKind::Close => depth = depth.saturating_sub(1),
            TokenKind::Word if depth == 0 && &text[token.span.range()] == "by" => found = Some(token.span),
            _ => {}
        }
    }
    let Some(by) = found.filter(|by| by.start > 0) else { return (text, By::Nothing) };
    let (question, rest) = (&text[..by.start as usize], by.end as usize);
    let behind = tokens(file, text).filter(|token| token.span.start as usize >= rest);
    let behind: Vec<_> = behind.filter(|token| token.kind != TokenKind::Comment).collect();
    let mut names = Vec::new();
    for (idx, token) in behind.iter().enumerate() {
        let written = &text[token.span.range()];
        match (idx % 2, token.kind) {
            (0, TokenKind::Word) => names.push(Name { text: written.to_owned(), span: token.span }),
            (1, _) if written == "," => {}
            _ => return (question, By::Unclear(token.span)),
        }
    }
    if names.is_empty() || behind.len().is_multiple_of(2) {
        (question, By::Unclear(by))
    } else {
        (question, By::Fields(names))
    }
}

/// The type of what an expression comes to, with its article: `a number`, `a set of hosts`.
pub fn type_of(session: &Session, answer: &Answer) -> String {
    match answer {
        Answer::Value(value) => value.kind().to_string(),
        Answer::Hosts { .. } => "a set of hosts, or a condition on one".to_owned(),
        Answer::Field(field) => {
            let field_type = session.fleet.as_ref().map(|fleet| fleet.field_type(*field).to_string());
            format!("a field of each host: {}", field_type.unwrap_or_default())
        }
        Answer::OfEachHost(what) => format!("{what} that each host has its own of"),
        Answer::Groups { .. } => "an answer for each group of hosts".to_owned(),
    }
}
