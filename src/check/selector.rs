use crate::builtin::Value;
use crate::check::entry::Checker;
use crate::check::host_problems::count;
use crate::check::names::list;
use crate::check::term::{Scope, Term};
use crate::diagnostic::{Code, Problem};
use crate::inventory::{FieldId, HostSet, Operand, Selector};
use crate::syntax::ast::{Expression, ExpressionKind};

/// Which member asks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asking {
    word: &'static str,
    /// Whether hosts that it passed over are worth a word: those of `where` are if they are targets, and then `to` says so.
    warns: bool,
}

impl Asking {
    pub(super) const TO: Asking = Asking { word: "to", warns: true };
    pub(super) const HOSTS: Asking = Asking { word: "hosts", warns: true };
    pub(super) const WHERE: Asking = Asking { word: "where", warns: false };
}

impl<'a> Checker<'a> {
    /// The hosts that a selector picks. That it picks none is a problem; that it passes over hosts of `among` (of all, where
    /// none is said), since they lack a field, is worth a look. None where it is unknown.
    pub(super) fn select(
        &mut self,
        expression: &'a Expression,
        asking: Asking,
        among: Option<&HostSet>,
    ) -> Option<HostSet> {
        // `to hosts where …` says the same as `to …`.
        let condition = match &expression.kind {
            ExpressionKind::Hosts { condition: Some(condition) } => condition,
            _ => expression,
        };
        let term = self.evaluate_whole(condition, &Scope::of_host());
        let selector = match term {
            // `to mail`, where `mail` is a `let`.
            Term::Value(Value::Hosts(hosts)) => Selector::Set(hosts),
            term => self.as_condition(term, expression.span)?,
        };
        let fleet = self.input.fleet?;
        let all = HostSet::all(fleet.len());
        let among = among.unwrap_or(&all);
        let hosts = selector.select(fleet);
        let passed_over = selector.passed_over(fleet).and(among);
        if hosts.is_empty() && !fleet.is_empty() {
            self.report_selects_nothing(expression, asking.word, &selector, &passed_over);
            return None;
        }
        if asking.warns && !passed_over.is_empty() {
            self.report_passed_over(expression, asking.word, &selector, &passed_over);
        }
        Some(hosts)
    }

    fn report_passed_over(
        &mut self,
        expression: &'a Expression,
        what: &str,
        selector: &Selector,
        passed_over: &HostSet,
    ) {
        let lacking = self.lacking(selector, passed_over);
        let message = format!("`{what}` passes over {} without {lacking}", count(passed_over.len()));
        let problem = Problem::warning(Code::HOSTS_PASSED_OVER, message)
            .label(expression.span, "could not be answered for them")
            .help("fill the field in, or say what is meant for them with `is missing`");
        let problem = self.with_hosts(problem, passed_over);
        self.report(problem);
    }

    /// The fields that these hosts lack, of those that a selector asks for.
    pub(super) fn lacking(&self, selector: &Selector, hosts: &HostSet) -> String {
        let Some(fleet) = self.input.fleet else { return String::new() };
        let mut fields = Vec::new();
        gather_fields(selector, &mut fields);
        fields.retain(|field| !fleet.missing(*field).and(hosts).is_empty());
        list(fields.iter().map(|field| fleet.field_name(*field)), fields.len())
    }
}

/// The fields whose absence makes a selector unknown, each once.
fn gather_fields(selector: &Selector, fields: &mut Vec<FieldId>) {
    let mut add = |field: FieldId| {
        if !fields.contains(&field) {
            fields.push(field);
        }
    };
    match selector {
        Selector::Constant(_) | Selector::Missing(_) | Selector::InGroup(_) | Selector::Set(_) => {}
        Selector::In { field, .. }
        | Selector::Holds { field, .. }
        | Selector::Matches { field, .. }
        | Selector::True(field) => add(*field),
        Selector::Compare { left, right, .. } => {
            gather_operand(left, &mut add);
            gather_operand(right, &mut add);
        }
        Selector::Not(inner) => gather_fields(inner, fields),
        Selector::And(all) | Selector::Or(all) => all.iter().for_each(|one| gather_fields(one, fields)),
    }
}

fn gather_operand(operand: &Operand, add: &mut impl FnMut(FieldId)) {
    match operand {
        Operand::Field(field) => add(*field),
        Operand::Constant(_) => {}
        Operand::Add(left, right)
        | Operand::Subtract(left, right)
        | Operand::Multiply(left, right)
        | Operand::Divide(left, right) => {
            gather_operand(left, add);
            gather_operand(right, add);
        }
    }
}
