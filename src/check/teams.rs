use crate::check::entry::Checker;
use crate::check::names::{Definition, list};
use crate::check::once::{Once, Owner};
use crate::check::regions::CheckedRegions;
use crate::diagnostic::{Code, Problem};
use crate::model::{Permission, Team, TeamId, Verb, Where};
use crate::source::Span;
use crate::syntax::ast::{self, Act, ActScope, At, Name, TeamMember};

/// Every team of the program, sound or not, so that a team's id is its place among the names.
#[derive(Debug, Clone)]
pub(super) struct CheckedTeams {
    pub(super) teams: Vec<Team>,
}

impl<'a> Checker<'a> {
    pub(super) fn check_teams(&mut self, regions: &CheckedRegions) -> CheckedTeams {
        let all: Vec<_> = self.names.teams.values().copied().collect();
        let teams = all.into_iter().enumerate();
        CheckedTeams {
            teams: teams.map(|(idx, definition)| self.check_team(TeamId(idx as u32), definition, regions)).collect(),
        }
    }

    /// Without a `may` a team may do nothing; without `members` nobody may.
    fn check_team(&mut self, id: TeamId, definition: Definition<'a, ast::Team>, regions: &CheckedRegions) -> Team {
        let team = definition.value;
        let owner = Owner::new("team", &team.name, definition.span);
        let mut members = Once::new("members");
        let mut permissions = Vec::new();
        for member in &team.members {
            match member {
                TeamMember::Members(people) => {
                    let place = people.first().map_or(team.name.span, |person| person.span);
                    members.set(self, people, place);
                }
                TeamMember::May { acts, scope } => permissions.push(self.permission(id, acts, scope, regions)),
            }
        }
        let people = members.required(self, &owner, "members \"ada\", \"grace\"");
        let people = people.map_or(&[][..], |people| people.as_slice());
        self.check_people(people);
        if self.is_unclear(definition.span) {
            // What could not be read may be just what is asked for.
            permissions.push(Permission { verbs: verbs_of(Act::Everything), place: Where::Everywhere });
        }
        self.check_may_something(definition, &permissions, regions);
        Team {
            name: team.name.text.clone(),
            members: people.iter().map(|person| person.value.clone()).collect(),
            permissions,
            span: definition.span,
        }
    }

    /// People who were named for something, and can do nothing when it comes to it.
    fn check_may_something(
        &mut self,
        definition: Definition<'a, ast::Team>,
        permissions: &[Permission],
        regions: &CheckedRegions,
    ) {
        let has_place = |permission: &Permission| match &permission.place {
            Where::Everywhere => true,
            Where::Regions(found) => !found.is_empty(),
        };
        if permissions.iter().any(has_place) || self.is_notified(&definition.value.name.text) {
            return;
        }
        if !regions.are_all_known() || !regions.are_sound {
            return;
        }
        let name = &definition.value.name;
        let problem = Problem::warning(Code::TEAM_MAY_NOTHING, format!("the team `{}` may do nothing", name.text));
        self.report(match permissions.is_empty() {
            true => problem
                .label(name.span, "no `may` here")
                .help("say what it may: `may approve, hold, resume, rollback in region owned`; or leave it out"),
            false => problem
                .label(name.span, "may do something in its own regions alone, and owns none")
                .help("say of which regions it is the owner, or in which it may: `in region …`"),
        });
    }

    fn check_people(&mut self, people: &[At<String>]) {
        for (idx, person) in people.iter().enumerate() {
            if person.value.trim().is_empty() {
                let problem = Problem::error(Code::BAD_VALUE, "a person needs a name");
                self.report(
                    problem.label(person.span, "nobody").help("write the name that the operating system knows"),
                );
            }
            if let Some(first) = people[..idx].iter().find(|first| first.value == person.value) {
                let problem = Problem::error(Code::MEMBER_TWICE, format!("`{}` is in the team twice", person.value))
                    .label(person.span, "again here")
                    .label(first.span, "first here")
                    .help("one of them has to go");
                self.report(problem);
            }
        }
    }

    fn permission(
        &mut self,
        id: TeamId,
        acts: &[At<Act>],
        scope: &At<ActScope>,
        regions: &CheckedRegions,
    ) -> Permission {
        let place = match &scope.value {
            ActScope::Everywhere => Where::Everywhere,
            ActScope::Owned => Where::Regions(regions.owned_by(id)),
            ActScope::Regions(names) => {
                let found: Vec<_> = names.iter().map(|name| self.region(name, regions)).collect();
                match found.into_iter().collect::<Option<_>>() {
                    Some(found) => Where::Regions(found),
                    // Which region was meant is not known, and that is told: no more is made of it.
                    None => Where::Everywhere,
                }
            }
        };
        Permission { verbs: verbs(acts), place }
    }

    /// A team by name.
    pub(super) fn team(&mut self, name: &Name) -> Option<TeamId> {
        self.find(super::names::Sort::Team, name, |names| &names.teams)?;
        self.names.teams.get_index_of(name.text.as_str()).map(|idx| TeamId(idx as u32))
    }

    /// An approval that nobody can give would hold the rollout for ever. In which regions the team may, the planner asks.
    pub(super) fn check_may_approve(&mut self, id: TeamId, teams: &CheckedTeams, place: Span) {
        let Some(team) = teams.teams.get(id.0 as usize) else { return };
        let may = team.permissions.iter().any(|permission| permission.verbs.contains(&Verb::Approve));
        if may {
            return;
        }
        let may_approve = |team: &&Team| {
            !team.members.is_empty()
                && team.permissions.iter().any(|permission| permission.verbs.contains(&Verb::Approve))
        };
        let others: Vec<&str> = teams.teams.iter().filter(may_approve).map(|team| team.name.as_str()).collect();
        let help = match others.is_empty() {
            true => "let it approve: `may approve`".to_owned(),
            false => format!("let it approve: `may approve`, or ask a team that may: {}", list(&others, others.len())),
        };
        let message = format!("the team `{}` may not approve anything", team.name);
        let problem = Problem::error(Code::CANNOT_APPROVE, message)
            .label(place, "waits for its approval")
            .label(team.span, "no `may approve` here")
            .help(help);
        self.report(problem);
    }
}

fn verbs(acts: &[At<Act>]) -> Vec<Verb> {
    let mut verbs: Vec<Verb> = acts.iter().flat_map(|act| verbs_of(act.value)).collect();
    verbs.sort();
    verbs.dedup();
    verbs
}

fn verbs_of(act: Act) -> Vec<Verb> {
    match act {
        Act::Everything => vec![Verb::Approve, Verb::Hold, Verb::Resume, Verb::Rollback],
        Act::Approve => vec![Verb::Approve],
        Act::Hold => vec![Verb::Hold],
        Act::Resume => vec![Verb::Resume],
        Act::Rollback => vec![Verb::Rollback],
    }
}
