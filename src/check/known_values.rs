use std::rc::Rc;

use crate::check::conversion::quoted;
use crate::check::entry::Checker;
use crate::check::host_problems::count;
use crate::check::names::list;
use crate::check::term::{HostAccess, Scope, Term};
use crate::diagnostic::{Code, Problem, is_certain, nearest};
use crate::inventory::{self, Comparison, FieldId, FieldType, HostSet, Operand, Selector};
use crate::source::Span;
use crate::syntax::ast::{Expression, ExpressionKind};

impl<'a> Checker<'a> {
    /// A text or version that no host has is a slip: `product == "exchnage"`. Numbers are not: `cores == 12` is a fair
    /// question in a fleet without such a host.
    pub(super) fn is_known_value(&mut self, field: FieldId, cell: &inventory::Value, place: Span) -> bool {
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
        let values = Rc::clone(self.values_told.entry(field).or_insert_with(|| {
            let all = fleet.values(field, &HostSet::all(fleet.len())).into_iter();
            all.map(|(value, hosts)| (value.to_string(), hosts)).collect()
        }));
        let problem = Problem::error(Code::UNKNOWN_VALUE, format!("no host has {name} `{text}`"))
            .label(place, format!("no such value of `{name}`"));
        let near = nearest(text, values.iter().map(|(value, _)| value.as_str()));
        let found = near.and_then(|near| values.iter().find(|(value, _)| value == near));
        self.report(match found {
            Some((near, hosts)) => {
                // A version is written without quotes, as a number is.
                let is_version = fleet.field_type(field) == FieldType::Version;
                let written = if is_version { near.clone() } else { quoted(near) };
                let problem = problem.help(format!("did you mean {written} ({})?", count(*hosts)));
                match is_certain(text, values.iter().map(|(value, _)| value.as_str())) {
                    true => self.with_fix(problem, place, &written),
                    false => problem,
                }
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
