use indexmap::IndexMap;

use crate::check::entry::Checker;
use crate::check::host_problems::{count, say};
use crate::check::names::{Sort, list};
use crate::check::regions::{Draft, OwnerSaid};
use crate::diagnostic::{Code, Problem, nearest};
use crate::inventory::{Comparison, FieldId, Fleet, HostSet, Operand, Selector, Value};
use crate::model::TeamId;
use crate::source::Span;
use crate::syntax::ast::Name;

impl<'a> Checker<'a> {
    /// The owner of each region. None where one is unknown, which is reported.
    pub(super) fn owners(&mut self, drafts: &[Draft<'a>]) -> Option<Vec<Option<TeamId>>> {
        let mut unknown: Vec<UnknownOwner> = Vec::new();
        let owners: Vec<_> = drafts.iter().map(|draft| self.owner(draft, &mut unknown)).collect();
        unknown.retain(|one| !self.may_be_defined(Sort::Team, &one.name));
        // Several names at one place are one mistake: another field was meant, or nobody is a team yet.
        let mut at_place: IndexMap<Span, Vec<UnknownOwner>> = IndexMap::new();
        for one in unknown {
            at_place.entry(one.place).or_default().push(one);
        }
        for (place, all) in at_place {
            self.report_unknown_owners(place, &all);
        }
        owners.into_iter().collect()
    }

    fn owner(&mut self, draft: &Draft<'a>, unknown: &mut Vec<UnknownOwner>) -> Option<Option<TeamId>> {
        match draft.members.owner {
            None => Some(None),
            Some(OwnerSaid::Team(name)) => self.team(name).map(Some),
            Some(OwnerSaid::By(field)) => {
                let id = self.field(field)?;
                self.owner_by(draft, field, id, unknown)
            }
        }
    }

    /// The field's one value among the region's hosts; hosts without one do not count.
    fn owner_by(
        &mut self,
        draft: &Draft<'a>,
        field: &Name,
        id: FieldId,
        unknown: &mut Vec<UnknownOwner>,
    ) -> Option<Option<TeamId>> {
        let values = self.input.fleet?.values(id, &draft.hosts);
        let mut is_known = true;
        for (value, _) in &values {
            let name = value.to_string();
            if !self.names.teams.contains_key(name.as_str()) {
                is_known = false;
                match unknown.iter_mut().find(|one| one.name == name && one.place == field.span) {
                    Some(one) => one.within = one.within.or(&draft.hosts),
                    None => unknown.push(UnknownOwner {
                        name,
                        value: value.clone(),
                        field: id,
                        place: field.span,
                        within: draft.hosts.clone(),
                    }),
                }
            }
        }
        if values.len() > 1 && is_known {
            self.report_two_owners(draft, field, &values);
            return None;
        }
        let team = values.first().map(|(value, _)| self.names.teams.get_index_of(value.to_string().as_str()));
        match team {
            None => Some(None),
            Some(idx) => idx.map(|idx| Some(TeamId(idx as u32))),
        }
    }

    fn report_two_owners(&mut self, draft: &Draft<'a>, field: &Name, values: &[(Value, usize)]) {
        let named = values.iter().map(|(value, hosts)| format!("{value} ({})", count(*hosts)));
        let message = format!("the region `{}` would have {} owners", draft.name, values.len());
        let problem = Problem::error(Code::BAD_VALUE, message)
            .label(field.span, format!("one of {}", list(named, values.len())))
            .help(format!(
                "mend the inventory, or say it: `region {} {{ owner … }}`",
                super::regions::written(&draft.name)
            ));
        self.report(problem);
    }

    fn report_unknown_owners(&mut self, place: Span, all: &[UnknownOwner]) {
        let Some(fleet) = self.input.fleet else { return };
        let mut hosts = HostSet::none(fleet.len());
        for one in all {
            hosts = hosts.or(&one.hosts(fleet));
        }
        let Some(first) = all.first() else { return };
        let field = fleet.field_name(first.field);
        let has = say(hosts.len(), "has", "have");
        let names: Vec<&str> = all.iter().map(|one| one.name.as_str()).collect();
        let message = match names.as_slice() {
            [name] => format!("{has} the {field} `{name}`, and there is no such team"),
            names => format!("{has} a {field} that is no team: {}", list(names, names.len())),
        };
        let problem = Problem::error(Code::UNKNOWN_TEAM, message).label(place, "names the team");
        let teams: Vec<&str> = self.names.teams.keys().copied().collect();
        let near = match names.as_slice() {
            [name] => nearest(name, teams.iter().copied()),
            _ => None,
        };
        let problem = match near {
            Some(near) => problem.help(format!("did you mean `{near}`? mend the inventory, or define the team")),
            None if teams.is_empty() => problem.help(format!("define it: `team {} {{ members … }}`", first.name)),
            None => {
                let them = if names.len() == 1 { "it" } else { "them" };
                problem
                    .help(format!("the teams are {}; define {them}, or mend the inventory", list(&teams, teams.len())))
            }
        };
        let problem = self.with_hosts(problem, &hosts);
        self.report(problem);
    }
}

/// A value of the owner's field that is no team: one problem, however many regions have it.
struct UnknownOwner {
    name: String,
    value: Value,
    field: FieldId,
    place: Span,
    within: HostSet,
}

impl UnknownOwner {
    fn hosts(&self, fleet: &Fleet) -> HostSet {
        let selector = Selector::Compare {
            left: Operand::Field(self.field),
            comparison: Comparison::Equal,
            right: Operand::Constant(self.value.clone()),
        };
        selector.select(fleet).and(&self.within)
    }
}
