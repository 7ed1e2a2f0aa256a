use crate::builtin::Value;
use crate::check::always_true::Places;
use crate::check::entry::Checker;
use crate::check::evaluate::Pair;
use crate::check::term::Term;
use crate::inventory::{FieldId, FieldType, Selector};
use crate::source::Span;
use crate::syntax::ast::BinaryOperator;

impl<'a> Checker<'a> {
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
        let places = Places::of(&pair);
        let left = self.as_condition(pair.left, pair.left_span);
        let right = self.as_condition(pair.right, pair.right_span);
        if let (false, Some(left), Some(right)) = (is_and, &left, &right) {
            self.check_leaves_something_out(left, right, places);
        }
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
