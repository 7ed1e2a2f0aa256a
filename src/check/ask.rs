use crate::builtin::Value;
use crate::check::entry::{Checker, Input};
use crate::check::term::{Scope, Term};
use crate::diagnostic::Problems;
use crate::inventory::{self, FieldId, HostSet};
use crate::syntax::ast::{Expression, ExpressionKind, Name, Quantifier};

/// What somebody who is not a script has asked.
#[derive(Debug, Clone)]
pub struct Asked {
    /// None where there is none: then the problems say why.
    pub answer: Option<Answer>,
    /// In order of place. Beside an answer they are warnings.
    pub problems: Problems,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    Value(Value),
    /// A set, or the hosts that meet a condition, and how many were passed over because they lack a field.
    Hosts {
        hosts: HostSet,
        passed_over: usize,
    },
    Field(FieldId),
    /// Something else that each host has its own of, in words: `a number`.
    OfEachHost(String),
    /// An answer for each group of hosts that has one, in the order of the first host.
    Groups {
        by: Vec<FieldId>,
        groups: Vec<(Vec<Option<inventory::Value>>, Value)>,
    },
}

/// Works an expression out over the fleet: a bare name is a field, as in a selector.
pub fn ask<'a>(input: Input<'a>, expression: &'a Expression) -> Asked {
    let mut checker = asking(input);
    let term = checker.evaluate_whole(expression, &Scope::of_host());
    let answer = checker.answer(term);
    Asked { answer, problems: checker.problems.sorted() }
}

/// The same for each group of hosts: `count(hosts where …)`, `any(…)`, `all(…)`, or a set of hosts, which is counted.
pub fn ask_by<'a>(input: Input<'a>, expression: &'a Expression, by: &[Name]) -> Asked {
    let mut checker = asking(input);
    let answer = checker.answer_by(expression, by);
    Asked { answer, problems: checker.problems.sorted() }
}

/// What is wrong with the program is told when it is checked.
fn asking(input: Input<'_>) -> Checker<'_> {
    let mut checker = Checker::new(input);
    checker.problems = Problems::default();
    checker
}

impl<'a> Checker<'a> {
    fn answer(&mut self, term: Term) -> Option<Answer> {
        Some(match term {
            Term::Unknown => return None,
            Term::Value(Value::Hosts(hosts)) => Answer::Hosts { hosts, passed_over: 0 },
            Term::Value(value) => Answer::Value(value),
            Term::Field(field) => Answer::Field(field),
            Term::Condition(selector) => {
                let fleet = self.input.fleet?;
                Answer::Hosts { hosts: selector.select(fleet), passed_over: selector.passed_over(fleet).len() }
            }
            term => Answer::OfEachHost(self.describe(&term)),
        })
    }

    fn answer_by(&mut self, expression: &'a Expression, by: &[Name]) -> Option<Answer> {
        let fleet = self.input.fleet?;
        let mut fields = Vec::new();
        for name in by {
            match fleet.field(&name.text) {
                Some(field) if self.check_makes_groups(field, name.span) => fields.push(field),
                Some(_) => return None,
                None => {
                    self.report_unknown_field(&name.text, name.span);
                    return None;
                }
            }
        }
        let place = by.iter().map(|name| name.span).reduce(|first, last| first.to(last))?;
        let (quantifier, set, met) = self.question(expression)?;
        let groups = self.group(&fields, &set, place)?;
        let groups = groups.into_iter().map(|(values, hosts)| {
            let met = met.as_ref().map_or(hosts.len(), |met| met.and(&hosts).len());
            let answer = match quantifier {
                Quantifier::Any => Value::Bool(met > 0),
                Quantifier::All => Value::Bool(met == hosts.len()),
                Quantifier::Count => Value::integer(met as i64),
            };
            (values, answer)
        });
        Some(Answer::Groups { by: fields, groups: groups.collect() })
    }

    /// What is asked, of which hosts, and which of them are counted where not all are.
    fn question(&mut self, expression: &'a Expression) -> Option<(Quantifier, HostSet, Option<HostSet>)> {
        let scope = Scope::of_host();
        let fleet = self.input.fleet?;
        let ExpressionKind::Quantified { quantifier, variable: None, set, condition } = &expression.kind else {
            return Some((Quantifier::Count, self.hosts_of(expression)?, None));
        };
        // `all(hosts where c)` asks whether every host meets c, as it does without groups.
        if let (Quantifier::All, ExpressionKind::Hosts { condition: Some(own) }, None) =
            (quantifier, &set.kind, condition)
        {
            let term = self.evaluate_whole(own, &scope);
            let met = self.as_condition(term, own.span)?.select(fleet);
            return Some((*quantifier, HostSet::all(fleet.len()), Some(met)));
        }
        let set = self.hosts_of(set)?;
        let met = match condition {
            Some(condition) => {
                let term = self.evaluate_whole(condition, &scope);
                Some(self.as_condition(term, condition.span)?.select(fleet))
            }
            None => None,
        };
        Some((*quantifier, set, met))
    }

    fn hosts_of(&mut self, expression: &'a Expression) -> Option<HostSet> {
        let term = self.evaluate_whole(expression, &Scope::of_host());
        let selector = self.as_condition(term, expression.span)?;
        Some(selector.select(self.input.fleet?))
    }
}
