use crate::check::entry::Checker;
use crate::check::names::Definition;
use crate::check::once::{Once, Owner};
use crate::check::selector::Asking;
use crate::inventory::FieldId;
use crate::model::{Budget, Keep, Service};
use crate::syntax::ast::{self, At, Name, ServiceMember};

impl<'a> Checker<'a> {
    /// None where one is not sound: a plan without its budget would be a wrong one.
    pub(super) fn check_services(&mut self) -> Option<Vec<Service>> {
        let all: Vec<_> = self.names.services.values().copied().collect();
        let checked: Vec<_> = all.into_iter().map(|definition| self.check_service(definition)).collect();
        checked.into_iter().collect()
    }

    fn check_service(&mut self, definition: Definition<'a, ast::Service>) -> Option<Service> {
        let service = definition.value;
        let owner = Owner::new("service", &service.name, definition.span);
        let mut hosts = Once::new("hosts");
        let mut keeps = Vec::new();
        for member in &service.members {
            match member {
                ServiceMember::Hosts(expression) => hosts.set(self, expression, expression.span),
                ServiceMember::Keep(keep) => keeps.push(keep),
            }
        }
        let hosts = hosts.required(self, &owner, "hosts role == \"web\"");
        if keeps.is_empty() {
            self.report_missing_member("keep", &owner, "keep at least 50% up");
        }
        let keeps: Vec<_> = keeps.into_iter().map(|keep| self.keep(keep)).collect();
        let hosts = self.select(hosts?, Asking::HOSTS, None)?;
        Some(Service {
            name: service.name.text.clone(),
            hosts,
            keeps: keeps.into_iter().collect::<Option<_>>()?,
            span: definition.span,
        })
    }

    fn keep(&mut self, keep: &'a ast::Keep) -> Option<Keep> {
        let at_least = self.budget(&keep.at_least);
        let per = self.grouping_fields(&keep.per);
        Some(Keep {
            at_least: at_least?,
            per: per?,
            per_names: keep.per.iter().map(|name| name.text.clone()).collect(),
            span: keep.span,
        })
    }

    /// Fields by name. None where one is unknown, which is reported.
    pub(super) fn fields(&mut self, names: &[Name]) -> Option<Vec<FieldId>> {
        let found: Vec<_> = names.iter().map(|name| self.field(name)).collect();
        found.into_iter().collect()
    }

    /// The same, of fields whose values make groups of hosts.
    pub(super) fn grouping_fields(&mut self, names: &[Name]) -> Option<Vec<FieldId>> {
        let makes_groups = |checker: &mut Self, name: &Name| {
            checker.field(name).filter(|field| checker.check_makes_groups(*field, name.span))
        };
        let found: Vec<_> = names.iter().map(|name| makes_groups(self, name)).collect();
        found.into_iter().collect()
    }

    pub(super) fn field(&mut self, name: &Name) -> Option<FieldId> {
        let found = self.input.fleet?.field(&name.text);
        if found.is_none() {
            self.report_unknown_field(&name.text, name.span);
        }
        found
    }

    /// So many, or so many of a hundred (the parser takes no more): not none.
    pub(super) fn budget(&mut self, amount: &At<ast::Budget>) -> Option<Budget> {
        match amount.value {
            ast::Budget::Hosts(0) => {
                self.report_zero(amount.span);
                None
            }
            ast::Budget::Percent(percent) if percent <= 0.0 => {
                self.report_zero(amount.span);
                None
            }
            ast::Budget::Hosts(hosts) => Some(Budget::Hosts(hosts)),
            ast::Budget::Percent(percent) => Some(Budget::Percent(percent)),
        }
    }
}
