use crate::builtin::Value;
use crate::check::entry::Checker;
use crate::check::term::{Scope, Term};
use crate::diagnostic::{Code, Problem};
use crate::inventory::HostSet;
use crate::source::Span;
use crate::syntax::ast::{Expression, ExpressionKind, Name, Quantifier};

impl<'a> Checker<'a> {
    /// `hosts`, `hosts where role == "web"`: the set, worked out on the fleet.
    pub(super) fn hosts(&mut self, condition: Option<&'a Expression>, scope: &Scope<'a>) -> Term {
        let Some(fleet) = self.input.fleet else {
            if let Some(condition) = condition {
                self.evaluate(condition, &scope.over_hosts());
            }
            return Term::Unknown;
        };
        let all = HostSet::all(fleet.len());
        match condition {
            None => Term::hosts(all),
            Some(condition) => self.those_that_meet(condition, scope).map_or(Term::Unknown, Term::hosts),
        }
    }

    /// The hosts of the fleet that meet a condition.
    fn those_that_meet(&mut self, condition: &'a Expression, scope: &Scope<'a>) -> Option<HostSet> {
        let term = self.evaluate(condition, &scope.over_hosts());
        let selector = self.as_condition(term, condition.span)?;
        let fleet = self.input.fleet?;
        // A look at every host costs as many steps as it has words of bits to fill.
        self.spend(fleet.len() as u64 / 64 + 1, condition.span).then(|| selector.select(fleet))
    }

    /// `any`, `all` and `count` over hosts or over a list.
    pub(super) fn quantified(
        &mut self,
        quantifier: Quantifier,
        variable: Option<&'a Name>,
        set: &'a Expression,
        condition: Option<&'a Expression>,
        scope: &Scope<'a>,
    ) -> Term {
        match variable {
            Some(variable) => self.over_values(quantifier, variable, set, condition, scope),
            None => self.over_hosts(quantifier, set, condition, scope),
        }
    }

    fn over_hosts(
        &mut self,
        quantifier: Quantifier,
        set: &'a Expression,
        condition: Option<&'a Expression>,
        scope: &Scope<'a>,
    ) -> Term {
        // `all(hosts where c)` asks whether every host meets c: the condition is the question, not a part of the set.
        let (set_term, question) = match (&set.kind, quantifier, condition) {
            (ExpressionKind::Hosts { condition: Some(own) }, Quantifier::All, None) => {
                (self.hosts(None, scope), Some(&**own))
            }
            _ => (self.evaluate(set, scope), condition),
        };
        let met = question.map(|question| self.those_that_meet(question, scope));
        match (set_term, met) {
            (Term::Unknown, _) | (_, Some(None)) => Term::Unknown,
            (Term::Value(Value::Hosts(hosts)), met) => {
                let met = met.flatten().map_or(hosts.clone(), |met| met.and(&hosts));
                answer(quantifier, met.len(), hosts.len())
            }
            (Term::Value(Value::List(values)), None) if quantifier == Quantifier::Count => {
                Term::Value(Value::integer(values.len() as i64))
            }
            (term, _) => {
                let what = self.describe(&term);
                let message = format!("a set of hosts belongs here, and this is {what}");
                self.report_wrong_type(set.span, message, "write `hosts where …`, or `x in [1, 2] where …`");
                Term::Unknown
            }
        }
    }

    fn over_values(
        &mut self,
        quantifier: Quantifier,
        variable: &'a Name,
        set: &'a Expression,
        condition: Option<&'a Expression>,
        scope: &Scope<'a>,
    ) -> Term {
        let Some(set_value) = self.constant(set, scope) else { return Term::Unknown };
        let Some(values) = self.elements(set_value, set.span) else { return Term::Unknown };
        let of = values.len();
        let Some(condition) = condition else { return answer(quantifier, of, of) };
        let mut met = 0;
        for value in values {
            let term = self.evaluate(condition, &scope.with(&variable.text, Term::Value(value)));
            match term {
                Term::Value(Value::Bool(truth)) => met += usize::from(truth),
                // One problem is enough: the next value would give the same.
                Term::Unknown => return Term::Unknown,
                term => {
                    let what = self.describe(&term);
                    let message = format!("a condition on `{}` belongs here, and this is {what}", variable.text);
                    self.report_wrong_type(condition.span, message, "ask for hosts with `hosts where …`");
                    return Term::Unknown;
                }
            }
        }
        answer(quantifier, met, of)
    }

    fn elements(&mut self, set: Value, place: Span) -> Option<Vec<Value>> {
        match set {
            Value::List(values) => Some(values),
            Value::Range(first, last) => match elements_of_range(&first, &last) {
                Some(values) => Some(values),
                None => {
                    let problem = Problem::error(Code::BAD_VALUE, format!("`{first}..{last}` cannot be gone through"));
                    let help = format!("a range to go through is of at most {MAX_ELEMENTS} whole numbers or dates");
                    self.report(problem.label(place, "too long, or not of whole steps").help(help));
                    None
                }
            },
            other => {
                let message = format!("a list or a range belongs here, and this is {}", other.kind());
                self.report_wrong_type(place, message, "write `x in [1, 2] where …`");
                None
            }
        }
    }
}

fn answer(quantifier: Quantifier, met: usize, of: usize) -> Term {
    match quantifier {
        Quantifier::Any => Term::bool(met > 0),
        Quantifier::All => Term::bool(met == of),
        Quantifier::Count => Term::Value(Value::integer(met as i64)),
    }
}

fn elements_of_range(first: &Value, last: &Value) -> Option<Vec<Value>> {
    use crate::builtin::Number::Integer;
    match (first, last) {
        (Value::Number { number: Integer(first), .. }, Value::Number { number: Integer(last), .. }) => {
            let length = i128::from(*last) - i128::from(*first) + 1;
            (length <= MAX_ELEMENTS as i128).then(|| (*first..=*last).map(Value::integer).collect())
        }
        (Value::Date(first), Value::Date(last)) => {
            let length = (*last - *first).num_days() + 1;
            let days = first.iter_days().take(usize::try_from(length).ok()?);
            (length <= MAX_ELEMENTS).then(|| days.map(Value::Date).collect())
        }
        _ => None,
    }
}

const MAX_ELEMENTS: i64 = 10_000;
