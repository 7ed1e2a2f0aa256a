use crate::builtin::Value;
use crate::check::effort::{Effort, MAX_LENGTH};
use crate::check::entry::Checker;
use crate::check::term::{Scope, Term};
use crate::model::Part;
use crate::syntax::ast::{Expression, Text, TextPart};

impl<'a> Checker<'a> {
    /// A text is constant where all its values are; else it is a template that each host fills.
    pub(super) fn text(&mut self, text: &'a Text, scope: &Scope<'a>) -> Term {
        match self.text_parts(&text.parts, scope) {
            None => Term::Unknown,
            Some(parts) => match parts.as_slice() {
                [] => Term::Value(Value::Text(String::new())),
                [Part::Text(text)] => Term::Value(Value::Text(text.clone())),
                _ => Term::Template(parts),
            },
        }
    }

    /// The same with a budget of its own, for a text that is no expression.
    pub(super) fn whole_text_parts(&mut self, parts: &'a [TextPart], scope: &Scope<'a>) -> Option<Vec<Part>> {
        let outer = self.effort;
        self.effort = Effort::default();
        let parts = self.text_parts(parts, scope);
        self.effort = outer;
        parts
    }

    /// The parts with constants folded in, so that no two texts stand beside each other.
    fn text_parts(&mut self, parts: &'a [TextPart], scope: &Scope<'a>) -> Option<Vec<Part>> {
        let mut whole: Option<Vec<Part>> = Some(Vec::new());
        for part in parts {
            let found = match part {
                TextPart::Literal { text, .. } => Some(vec![Part::Text(text.clone())]),
                TextPart::Value(expression) => self.part(expression, scope),
            };
            whole = whole.zip(found).map(|(mut whole, found)| {
                found.into_iter().for_each(|part| push_part(&mut whole, part));
                whole
            });
        }
        let length: usize = whole.iter().flatten().map(part_length).sum();
        let place = parts.iter().find_map(|part| match part {
            TextPart::Value(expression) => Some(expression.span),
            TextPart::Literal { .. } => None,
        });
        match (length > MAX_LENGTH, place) {
            (true, Some(place)) => {
                self.report_too_long(place);
                None
            }
            _ => whole,
        }
    }

    /// One value in a text.
    fn part(&mut self, expression: &'a Expression, scope: &Scope<'a>) -> Option<Vec<Part>> {
        match self.evaluate(expression, scope) {
            Term::Unknown => None,
            Term::Value(Value::Hosts(_)) => {
                self.report_wrong_type(
                    expression.span,
                    "a set of hosts cannot stand in a text",
                    "count it, or name a field",
                );
                None
            }
            Term::Value(value) => Some(vec![Part::Text(value.to_string())]),
            // INVARIANT: a field comes from a fleet.
            Term::Field(field) => Some(vec![Part::Value(format!("host.{}", self.input.fleet?.field_name(field)))]),
            Term::Subject(name) => Some(vec![Part::Value(name.to_owned())]),
            Term::Template(parts) => Some(parts),
            Term::Host | Term::Groups | Term::Number(_) | Term::Condition(_) => {
                let message = "a text can hold a constant or a field, no sum or condition over fields";
                self.report_wrong_type(expression.span, message, "name one field, such as `{host.name}`");
                None
            }
        }
    }
}

pub(super) fn push_part(parts: &mut Vec<Part>, part: Part) {
    match (parts.last_mut(), part) {
        (_, Part::Text(text)) if text.is_empty() => {}
        (Some(Part::Text(last)), Part::Text(text)) => last.push_str(&text),
        (_, part) => parts.push(part),
    }
}

fn part_length(part: &Part) -> usize {
    match part {
        Part::Text(text) | Part::Value(text) => text.len(),
    }
}
