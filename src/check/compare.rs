use std::cmp::Ordering;

use crate::builtin::Value;
use crate::check::arithmetic::order;
use crate::check::conversion::quoted;
use crate::check::entry::Checker;
use crate::check::evaluate::Pair;
use crate::check::host_problems::count;
use crate::check::names::list;
use crate::check::term::{HostAccess, Scope, Term};
use crate::diagnostic::{Code, Problem, nearest};
use crate::inventory::{self, Comparison, FieldId, FieldType, HostSet, Operand, Selector};
use crate::source::Span;
use crate::syntax::ast::{BinaryOperator, Expression, ExpressionKind};

impl<'a> Checker<'a> {
    /// `==`, `<` and the like.
    pub(super) fn comparison(&mut self, pair: Pair<'a>) -> Term {
        let Some(comparison) = comparison_of(pair.operator) else { return Term::Unknown };
        match (&pair.left, &pair.right) {
            (Term::Unknown, _) | (_, Term::Unknown) => Term::Unknown,
            (Term::Value(left), Term::Value(right)) => match compare_values(comparison, left, right) {
                Some(truth) => Term::bool(truth),
                None => self.report_incomparable(&pair),
            },
            (Term::Field(field), Term::Value(value)) => {
                self.compare_field(*field, comparison, value, pair.right_span, &pair)
            }
            (Term::Value(value), Term::Field(field)) => {
                self.compare_field(*field, turned(comparison), value, pair.left_span, &pair)
            }
            (Term::Condition(selector), Term::Value(Value::Bool(truth)))
            | (Term::Value(Value::Bool(truth)), Term::Condition(selector)) => match comparison {
                Comparison::Equal | Comparison::NotEqual => match *truth == (comparison == Comparison::Equal) {
                    true => Term::Condition(selector.clone()),
                    false => Term::Condition(Selector::Not(Box::new(selector.clone()))),
                },
                _ => self.report_incomparable(&pair),
            },
            (Term::Field(left), Term::Field(right)) => self.compare_fields(*left, comparison, *right, &pair),
            (Term::Number(_), Term::Number(_) | Term::Field(_) | Term::Value(_))
            | (Term::Field(_) | Term::Value(_), Term::Number(_)) => {
                let left = self.operand(&pair.left, pair.left_span);
                let right = self.operand(&pair.right, pair.right_span);
                left.zip(right).map_or(Term::Unknown, |(left, right)| {
                    Term::Condition(Selector::Compare { left, comparison, right })
                })
            }
            _ => self.report_incomparable(&pair),
        }
    }

    fn compare_field(
        &mut self,
        field: FieldId,
        comparison: Comparison,
        value: &Value,
        place: Span,
        pair: &Pair<'a>,
    ) -> Term {
        let Some(cell) = self.beside_field(value, field, place) else { return Term::Unknown };
        let is_equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        if !is_equality && matches!(cell, inventory::Value::Bool(_)) {
            return self.report_incomparable(pair);
        }
        if is_equality && !self.is_known_value(field, &cell, place) {
            return Term::Unknown;
        }
        Term::Condition(Selector::Compare { left: Operand::Field(field), comparison, right: Operand::Constant(cell) })
    }

    fn compare_fields(&mut self, left: FieldId, comparison: Comparison, right: FieldId, pair: &Pair<'a>) -> Term {
        let Some(fleet) = self.input.fleet else { return Term::Unknown };
        let is_number = |field_type| matches!(field_type, FieldType::Integer | FieldType::Number);
        let types = (fleet.field_type(left), fleet.field_type(right));
        let is_equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        let fits = match types {
            (FieldType::List, _) => false,
            (FieldType::Bool, FieldType::Bool) => is_equality,
            (a, b) => a == b || (is_number(a) && is_number(b)),
        };
        match fits {
            true => Term::Condition(Selector::Compare {
                left: Operand::Field(left),
                comparison,
                right: Operand::Field(right),
            }),
            false => self.report_incomparable(pair),
        }
    }

    fn report_incomparable(&mut self, pair: &Pair<'a>) -> Term {
        let (left, right) = (self.describe(&pair.left), self.describe(&pair.right));
        let message = format!("{left} cannot be compared with {right} in this way");
        let problem = Problem::error(Code::WRONG_TYPE, message)
            .label(pair.operator_span, "this comparison")
            .label(pair.left_span, format!("this is {left}"))
            .label(pair.right_span, format!("this is {right}"));
        self.report(problem);
        Term::Unknown
    }

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
                self.with_fix(problem.help(format!("did you mean `{near}` ({})?", count(*hosts))), place, &quoted(near))
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

    /// `and`, `or`
    pub(super) fn connective(&mut self, pair: Pair<'a>) -> Term {
        let is_and = pair.operator == BinaryOperator::And;
        match (&pair.left, &pair.right) {
            (Term::Value(Value::Bool(left)), Term::Value(Value::Bool(right))) => {
                return Term::bool(if is_and { *left && *right } else { *left || *right });
            }
            (Term::Value(Value::Hosts(left)), Term::Value(Value::Hosts(right))) => {
                return Term::hosts(if is_and { left.and(right) } else { left.or(right) });
            }
            _ => {}
        }
        let left = self.as_condition(pair.left, pair.left_span);
        let right = self.as_condition(pair.right, pair.right_span);
        match left.zip(right) {
            Some((left, right)) => Term::Condition(joined(is_and, left, right)),
            None => Term::Unknown,
        }
    }

    pub(super) fn negation(&mut self, term: Term, place: Span) -> Term {
        match term {
            Term::Unknown => Term::Unknown,
            Term::Value(Value::Bool(truth)) => Term::bool(!truth),
            Term::Value(Value::Hosts(hosts)) => Term::hosts(hosts.complement()),
            term => match self.as_condition(term, place) {
                Some(selector) => Term::Condition(Selector::Not(Box::new(selector))),
                None => Term::Unknown,
            },
        }
    }

    /// What stands where a condition belongs. None where it is unknown, or is none, which is reported.
    pub(super) fn as_condition(&mut self, term: Term, place: Span) -> Option<Selector> {
        match term {
            Term::Unknown => None,
            Term::Condition(selector) => Some(selector),
            Term::Value(Value::Bool(truth)) => Some(Selector::Constant(truth)),
            Term::Value(Value::Hosts(hosts)) => Some(Selector::Set(hosts)),
            Term::Field(field) if self.is_bool(field) => Some(Selector::True(field)),
            term => {
                let what = self.describe(&term);
                let message = format!("a condition belongs here, and this is {what}");
                self.report_wrong_type(place, message, "compare it: `… == …`");
                None
            }
        }
    }

    fn is_bool(&self, field: FieldId) -> bool {
        self.input.fleet.is_some_and(|fleet| fleet.field_type(field) == FieldType::Bool)
    }

    /// A text or version that no host has is a slip: `product == "exchnage"`. Numbers are not: `cores == 12` is a fair
    /// question in a fleet without such a host.
    fn is_known_value(&mut self, field: FieldId, cell: &inventory::Value, place: Span) -> bool {
        let Some(fleet) = self.input.fleet else { return true };
        if !matches!(cell, inventory::Value::Text(_) | inventory::Value::Version(_)) {
            return true;
        }
        if self.hosts_with(field, cell).is_none_or(|hosts| !hosts.is_empty()) || fleet.is_empty() {
            return true;
        }
        self.report_unknown_value(field, &cell.to_string(), place);
        false
    }

    pub(super) fn hosts_with(&self, field: FieldId, cell: &inventory::Value) -> Option<HostSet> {
        let right = Operand::Constant(cell.clone());
        let selector = Selector::Compare { left: Operand::Field(field), comparison: Comparison::Equal, right };
        self.input.fleet.map(|fleet| selector.select(fleet))
    }

    /// No host has that value: the nearest one with its hosts, else the values there are.
    pub(super) fn report_unknown_value(&mut self, field: FieldId, text: &str, place: Span) {
        let Some(fleet) = self.input.fleet else { return };
        let name = fleet.field_name(field);
        let values: Vec<(String, usize)> = fleet
            .values(field, &HostSet::all(fleet.len()))
            .into_iter()
            .map(|(value, hosts)| (value.to_string(), hosts))
            .collect();
        let problem = Problem::error(Code::UNKNOWN_VALUE, format!("no host has {name} `{text}`"))
            .label(place, format!("no such value of `{name}`"));
        let near = nearest(text, values.iter().map(|(value, _)| value.as_str()));
        let found = near.and_then(|near| values.iter().find(|(value, _)| value == near));
        self.report(match found {
            Some((near, hosts)) => {
                // A version is written without quotes, as a number is.
                let is_version = fleet.field_type(field) == FieldType::Version;
                let written = if is_version { near.clone() } else { quoted(near) };
                self.with_fix(problem.help(format!("did you mean {written} ({})?", count(*hosts))), place, &written)
            }
            None if values.is_empty() => problem.help(format!("no host has a value for `{name}`")),
            None => {
                let names = values.iter().map(|(value, _)| value);
                problem.help(format!("the values of `{name}` are {}", list(names, values.len())))
            }
        });
    }

    /// A fix at a place that a call leads to could mend one call and break another.
    pub(super) fn with_fix(&self, problem: Problem, place: Span, replacement: &str) -> Problem {
        match self.calls.is_empty() {
            true => problem.fix(format!("write `{replacement}`"), place, replacement),
            false => problem,
        }
    }

    /// `product == exchange`: a bare word beside a field that has such a value was meant as a text.
    pub(super) fn words_meant_as_texts(&mut self, left: &Term, right: &'a Expression, scope: &Scope<'a>) -> bool {
        let (Term::Field(field), Some(fleet)) = (left, self.input.fleet) else { return false };
        if scope.host != HostAccess::Bare || scope.in_function || fleet.field_type(*field) != FieldType::Text {
            return false;
        }
        let words = match &right.kind {
            ExpressionKind::List(elements) => elements.as_slice(),
            ExpressionKind::Name(_) => std::slice::from_ref(right),
            _ => return false,
        };
        let mut is_one = false;
        for word in words {
            let ExpressionKind::Name(name) = &word.kind else { continue };
            let is_resolved = scope.binding(name).is_some()
                || fleet.field(name).is_some()
                || self.names.lets.contains_key(name.as_str())
                || super::definitions::WORDS.contains(&name.as_str());
            let cell = inventory::Value::Text(name.clone());
            if is_resolved || self.hosts_with(*field, &cell).is_none_or(|hosts| hosts.is_empty()) {
                continue;
            }
            is_one = true;
            let problem = Problem::error(Code::UNKNOWN_FIELD, format!("no host has a field `{name}`"))
                .label(word.span, "a text stands in quotes")
                .help(format!("write {}", quoted(name)))
                .fix(format!("write {}", quoted(name)), word.span, quoted(name));
            self.report(problem);
        }
        is_one
    }
}

fn comparison_of(operator: BinaryOperator) -> Option<Comparison> {
    Some(match operator {
        BinaryOperator::Equal => Comparison::Equal,
        BinaryOperator::NotEqual => Comparison::NotEqual,
        BinaryOperator::Less => Comparison::Less,
        BinaryOperator::LessOrEqual => Comparison::LessOrEqual,
        BinaryOperator::Greater => Comparison::Greater,
        BinaryOperator::GreaterOrEqual => Comparison::GreaterOrEqual,
        _ => return None,
    })
}

/// The same said from the other side: `5 < cores` is `cores > 5`.
fn turned(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
        same => same,
    }
}

fn compare_values(comparison: Comparison, left: &Value, right: &Value) -> Option<bool> {
    if let (Value::Bool(a), Value::Bool(b)) = (left, right) {
        return match comparison {
            Comparison::Equal => Some(a == b),
            Comparison::NotEqual => Some(a != b),
            _ => None,
        };
    }
    let order = order(left, right)?;
    Some(match comparison {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    })
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

fn joined(is_and: bool, left: Selector, right: Selector) -> Selector {
    match (is_and, left, right) {
        (true, Selector::And(mut all), right) => {
            all.push(right);
            Selector::And(all)
        }
        (false, Selector::Or(mut all), right) => {
            all.push(right);
            Selector::Or(all)
        }
        (true, left, right) => Selector::And(vec![left, right]),
        (false, left, right) => Selector::Or(vec![left, right]),
    }
}

/// Where the elements of a list are written; where the list is a `let`, at its name.
fn element_places(expression: &Expression, length: usize) -> Vec<Span> {
    match &expression.kind {
        ExpressionKind::List(elements) if elements.len() == length => elements.iter().map(|one| one.span).collect(),
        _ => vec![expression.span; length],
    }
}
