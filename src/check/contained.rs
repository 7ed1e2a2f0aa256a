use std::cmp::Ordering;

use crate::builtin::Value;
use crate::check::arithmetic::order;
use crate::check::conversion::quoted;
use crate::check::entry::Checker;
use crate::check::evaluate::Pair;
use crate::check::host_problems::count;
use crate::check::names::list;
use crate::check::term::Term;
use crate::diagnostic::{Code, Problem, is_certain, nearest};
use crate::inventory::{Comparison, FieldId, FieldType, Operand, Selector};
use crate::source::Span;
use crate::syntax::ast::{Expression, ExpressionKind};

impl<'a> Checker<'a> {
    /// `role in ["mailbox", "hub"]`, `"web" in groups`, `host in mail`, `cores in 2..8`
    pub(super) fn is_in(&mut self, pair: Pair<'a>) -> Term {
        match (&pair.left, &pair.right) {
            (Term::Unknown, _) | (_, Term::Unknown) => Term::Unknown,
            (Term::Field(field), Term::Value(Value::List(values))) => self.field_in_list(*field, values, &pair),
            (Term::Field(field), Term::Value(Value::Range(first, last))) => {
                self.field_in_range(*field, first, last, &pair)
            }
            (Term::Value(Value::Text(text)), Term::Field(field)) => self.text_in_field(text, *field, &pair),
            (Term::Value(Value::Text(text)), Term::Groups) => self.in_group(text, pair.left_span),
            (Term::Host, Term::Value(Value::Hosts(hosts))) => Term::Condition(Selector::Set(hosts.clone())),
            (Term::Value(value), Term::Value(Value::List(values))) => {
                Term::bool(values.iter().any(|other| order(value, other) == Some(Ordering::Equal)))
            }
            (Term::Value(value), Term::Value(Value::Range(first, last))) => match in_range(value, first, last) {
                Some(truth) => Term::bool(truth),
                None => self.report_incomparable(&pair),
            },
            _ => {
                let (left, right) = (self.describe(&pair.left), self.describe(&pair.right));
                let message = format!("{left} cannot be in {right}");
                self.report_wrong_type(
                    pair.span(),
                    message,
                    "`in` asks for a list, a range, a set of hosts or `groups`",
                );
                Term::Unknown
            }
        }
    }

    fn field_in_list(&mut self, field: FieldId, values: &[Value], pair: &Pair<'a>) -> Term {
        let places = element_places(pair.right_expression, values.len());
        let mut cells = Vec::new();
        let mut is_sound = true;
        for (value, place) in values.iter().zip(places) {
            match self.beside_field(value, field, place) {
                Some(cell) => {
                    is_sound &= self.is_known_value(field, &cell, place);
                    cells.push(cell);
                }
                None => is_sound = false,
            }
        }
        if is_sound { Term::Condition(Selector::In { field, values: cells }) } else { Term::Unknown }
    }

    fn field_in_range(&mut self, field: FieldId, first: &Value, last: &Value, pair: &Pair<'a>) -> Term {
        let first = self.beside_field(first, field, pair.right_span);
        let last = self.beside_field(last, field, pair.right_span);
        let (Some(first), Some(last)) = (first, last) else { return Term::Unknown };
        let bound = |comparison, cell| Selector::Compare {
            left: Operand::Field(field),
            comparison,
            right: Operand::Constant(cell),
        };
        Term::Condition(Selector::And(vec![
            bound(Comparison::GreaterOrEqual, first),
            bound(Comparison::LessOrEqual, last),
        ]))
    }

    fn text_in_field(&mut self, text: &str, field: FieldId, pair: &Pair<'a>) -> Term {
        let Some(fleet) = self.input.fleet else { return Term::Unknown };
        if !matches!(fleet.field_type(field), FieldType::List | FieldType::Text) {
            return self.report_incomparable(pair);
        }
        let selector = Selector::Holds { field, text: text.to_owned() };
        if selector.select(fleet).is_empty() {
            self.report_unknown_value(field, text, pair.left_span);
            return Term::Unknown;
        }
        Term::Condition(selector)
    }

    fn in_group(&mut self, name: &str, place: Span) -> Term {
        let Some(fleet) = self.input.fleet else { return Term::Unknown };
        if let Some(group) = fleet.group(name) {
            return Term::Condition(Selector::InGroup(group));
        }
        let problem =
            Problem::error(Code::UNKNOWN_VALUE, format!("there is no group `{name}`")).label(place, "no such group");
        let groups: Vec<(&str, usize)> = fleet.groups().map(|(group, hosts)| (group, hosts.len())).collect();
        let near = nearest(name, groups.iter().map(|(group, _)| *group));
        let found = near.and_then(|near| groups.iter().find(|(group, _)| *group == near));
        let problem = match found {
            Some((near, hosts)) => {
                let problem = problem.help(format!("did you mean `{near}` ({})?", count(*hosts)));
                match is_certain(name, groups.iter().map(|(group, _)| *group)) {
                    true => self.with_fix(problem, place, &quoted(near)),
                    false => problem,
                }
            }
            None if groups.is_empty() => problem.help("this inventory has no groups; ask for a field instead"),
            None => {
                let names = groups.iter().map(|(group, _)| *group);
                problem.help(format!("the groups are {}", list(names, groups.len())))
            }
        };
        self.report(problem);
        Term::Unknown
    }

    /// `name matches "exc-*"`
    pub(super) fn matches(&mut self, pair: Pair<'a>) -> Term {
        match (&pair.left, &pair.right) {
            (Term::Unknown, _) | (_, Term::Unknown) => Term::Unknown,
            (Term::Field(field), Term::Value(Value::Text(pattern))) => {
                let field_type = self.input.fleet.map(|fleet| fleet.field_type(*field));
                match field_type {
                    Some(FieldType::Text) => {
                        Term::Condition(Selector::Matches { field: *field, pattern: pattern.clone() })
                    }
                    _ => self.report_incomparable(&pair),
                }
            }
            _ => {
                let message = "`matches` compares a field of texts with a pattern";
                self.report_wrong_type(pair.span(), message, "write `name matches \"web-*\"`");
                Term::Unknown
            }
        }
    }
}

/// Both ends are in it; a range of weekdays goes round the end of the week.
fn in_range(value: &Value, first: &Value, last: &Value) -> Option<bool> {
    let from = order(first, value)?.is_le();
    let to = order(value, last)?.is_le();
    Some(match order(first, last)?.is_gt() {
        true => from || to,
        false => from && to,
    })
}

/// Where the elements of a list are written; where the list is a `let`, at its name.
fn element_places(expression: &Expression, length: usize) -> Vec<Span> {
    match &expression.kind {
        ExpressionKind::List(elements) if elements.len() == length => elements.iter().map(|one| one.span).collect(),
        _ => vec![expression.span; length],
    }
}
