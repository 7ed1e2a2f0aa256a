// What a test or the prompt gives: each name and place of it is one that the rollout has, or a problem.

use crate::check::claims::Claimable;
use crate::check::entry::Checker;
use crate::check::names::list;
use crate::check::selector::Asking;
use crate::check::teams::CheckedTeams;
use crate::check::test_blocks::Tried;
use crate::diagnostic::{Code, Problem, nearest};
use crate::inventory::HostSet;
use crate::model::{
    ActPlace, ApprovalAnswer, Given, Happening, Place, RegionId, Reply, SiteId, Spoken, StepOutcome, Verb, When, Where,
};
use crate::source::Span;
use crate::syntax::ast::{self, At, Name, StageMember};

impl<'a> Checker<'a> {
    pub(super) fn given(&mut self, given: &'a ast::Given, tried: &Tried<'_, 'a>) -> Option<Given> {
        let what = self.happening(&given.what, given.span, tried);
        let when = match &given.when {
            None => None,
            Some(ast::When::At(expression)) => Some(When::At(self.moment(expression)?)),
            Some(ast::When::After(length)) => Some(When::After(length.value)),
            Some(ast::When::Once(claim)) => Some(When::Once(self.claim(claim, tried.claimable)?)),
        };
        Some(Given { what: what?, when, span: given.span })
    }

    fn happening(&mut self, what: &'a ast::Happening, span: Span, tried: &Tried<'_, 'a>) -> Option<Happening> {
        match what {
            ast::Happening::Gate { gate, answer, place } => {
                let gate = gate.as_ref().map(|gate| self.gate_of_claim(gate, tried.claimable.gates));
                let place = self.place(place.as_ref(), tried.claimable);
                let answer = match answer {
                    ast::Reply::Passes => Reply::Passes,
                    ast::Reply::Fails => Reply::Fails,
                    ast::Reply::Unknown => Reply::Unknown,
                };
                Some(Happening::Gate { gate: some_sound(gate)?, answer, place: place? })
            }
            ast::Happening::Step { step, outcome, place } => {
                let step = step.as_ref().map(|step| self.step_of(step, tried));
                let place = self.place(place.as_ref(), tried.claimable);
                let outcome = match outcome {
                    ast::StepOutcome::Fails => StepOutcome::Fails,
                    ast::StepOutcome::Hangs => StepOutcome::Hangs,
                    ast::StepOutcome::Takes(length) => StepOutcome::Takes(length.value),
                };
                Some(Happening::Step { step: some_sound(step)?, outcome, place: place? })
            }
            ast::Happening::Lost(place) => Some(Happening::Lost { place: self.place(Some(place), tried.claimable)? }),
            ast::Happening::Back(place) => Some(Happening::Back { place: self.place(Some(place), tried.claimable)? }),
            ast::Happening::Approval { team, answer, after } => {
                let id = self.team(team)?;
                self.check_is_asked(team, tried);
                let answer = match answer {
                    ast::ApprovalAnswer::Approves => ApprovalAnswer::Approves,
                    ast::ApprovalAnswer::Denies => ApprovalAnswer::Denies,
                    ast::ApprovalAnswer::Silent => ApprovalAnswer::Silent,
                };
                let after = after.as_ref().map(|after| after.value);
                Some(Happening::Approval { stage: None, team: Some(id), answer, after })
            }
            ast::Happening::Act { person, act, place } => {
                let place = self.act_place(place, tried)?;
                self.check_person_may(person, act, &place, span, tried)?;
                let act = match act.value {
                    ast::Spoken::Holds => Spoken::Holds,
                    ast::Spoken::Resumes => Spoken::Resumes,
                    ast::Spoken::RollsBack => Spoken::RollsBack,
                };
                Some(Happening::Act { person: person.text.clone(), act, place })
            }
            ast::Happening::ControllerDies => Some(Happening::ControllerDies),
        }
    }

    fn step_of(&mut self, name: &Name, tried: &Tried<'_, 'a>) -> Option<u32> {
        let steps: Vec<&str> = tried.runbook?.steps.iter().map(|step| step.name.as_str()).collect();
        if let Some(idx) = steps.iter().position(|step| *step == name.text) {
            return Some(idx as u32);
        }
        let problem = Problem::error(Code::UNKNOWN_NAME, format!("the runbook has no step `{}`", name.text))
            .label(name.span, "no such step");
        self.report(match nearest(&name.text, steps.iter().copied()) {
            Some(near) => {
                problem.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), name.span, near)
            }
            None => problem.help(format!("its steps are {}", list(steps.iter(), steps.len()))),
        });
        None
    }

    fn place(&mut self, place: Option<&'a ast::Place>, of: &Claimable<'_, 'a>) -> Option<Place> {
        let Some(place) = place else { return Some(Place::Everywhere) };
        let (found, hosts, span) = match place {
            ast::Place::Region(name) => {
                let region = self.region(name, of.regions)?;
                let hosts = of.regions.regions.get(region.0 as usize)?.hosts.clone();
                (Place::Region(region), hosts, name.span)
            }
            ast::Place::Site(name) => {
                let sites = self.sites_by_name(name, of.regions)?;
                let hosts = self.hosts_of_sites(&sites, of)?;
                let found = match sites.as_slice() {
                    [site] => Place::Site(*site),
                    _ => Place::Hosts(hosts.clone()),
                };
                (found, hosts, name.span)
            }
            ast::Place::Host(name) => {
                let hosts = self.host_by_name(name)?;
                (Place::Hosts(hosts.clone()), hosts, name.span)
            }
            ast::Place::Hosts(expression) => {
                let hosts = self.select(expression, Asking::HOSTS, of.targets)?;
                (Place::Hosts(hosts.clone()), hosts, expression.span)
            }
        };
        if of.targets.is_some_and(|targets| targets.and(&hosts).is_empty()) {
            self.report_never_happens(span, "no host of this place is changed", "so nothing of it ever happens");
        }
        Some(found)
    }

    fn hosts_of_sites(&self, sites: &[SiteId], of: &Claimable<'_, 'a>) -> Option<HostSet> {
        let hosts =
            sites.iter().filter_map(|site| of.regions.sites.get(site.0 as usize)).map(|site| site.hosts.clone());
        hosts.reduce(|all, hosts| all.or(&hosts))
    }

    fn report_never_happens(&mut self, span: Span, message: &str, label: &str) {
        let problem = Problem::warning(Code::GIVEN_NEVER_HAPPENS, message)
            .label(span, label)
            .help("give what can happen in this rollout, or leave it out");
        self.report(problem);
    }

    /// Whether a stage asks the team to approve.
    fn check_is_asked(&mut self, team: &Name, tried: &Tried<'_, 'a>) {
        let members = tried.claimable.stages.iter().flat_map(|stage| &stage.members);
        let asks = |member: &&StageMember| matches!(member, StageMember::Approval(approval) if approval.team.text == team.text);
        if tried.claimable.are_stages_known && !members.copied().any(|member| asks(&member)) {
            let message = format!("no stage of this rollout asks the team `{}` to approve", team.text);
            self.report_never_happens(team.span, &message, "so it never answers");
        }
    }

    fn act_place(&mut self, place: &'a ast::ActPlace, tried: &Tried<'_, 'a>) -> Option<ActPlace> {
        Some(match place {
            ast::ActPlace::Rollout => ActPlace::Rollout,
            ast::ActPlace::Stage(name) => ActPlace::Stage(self.stage_of_claim(name, tried.claimable)?),
            ast::ActPlace::Place(place) => match self.place(Some(place), tried.claimable)? {
                Place::Everywhere => ActPlace::Rollout,
                Place::Region(region) => ActPlace::Region(region),
                Place::Site(site) => ActPlace::Site(site),
                Place::Hosts(hosts) => ActPlace::Hosts(hosts),
            },
        })
    }

    /// Who may not would be refused. None where that is so.
    fn check_person_may(
        &mut self,
        person: &Name,
        act: &At<ast::Spoken>,
        place: &ActPlace,
        span: Span,
        tried: &Tried<'_, 'a>,
    ) -> Option<()> {
        let (verb, word) = match act.value {
            ast::Spoken::Holds => (Verb::Hold, "hold"),
            ast::Spoken::Resumes => (Verb::Resume, "resume"),
            ast::Spoken::RollsBack => (Verb::Rollback, "roll back"),
        };
        let people: Vec<&str> = tried.teams.teams.iter().flat_map(|team| &team.members).map(String::as_str).collect();
        if !people.contains(&person.text.as_str()) {
            if self.names.bad.is_empty() {
                let problem =
                    Problem::error(Code::UNKNOWN_TEAM, format!("nobody of the name `{}` is in a team", person.text))
                        .label(person.span, "unknown");
                self.report(match nearest(&person.text, people.iter().copied()) {
                    Some(near) => problem.help(format!("did you mean \"{near}\"?")),
                    None => problem.help(format!("the people are {}", list(people.iter(), people.len()))),
                });
            }
            return None;
        }
        let regions = regions_of(place, tried.claimable);
        let may = |person: &str| may(tried.teams, person, verb, regions.as_deref());
        if may(&person.text) {
            return Some(());
        }
        let others: Vec<&str> = people.iter().copied().filter(|other| may(other)).collect();
        let problem = Problem::error(Code::NOT_ALLOWED, format!("`{}` may not {word} that", person.text))
            .label(span, "would be refused");
        self.report(match others.is_empty() {
            true => problem.help("nobody may: give a team the right with `may`"),
            false => problem.help(format!("who may: {}", list(others.iter(), others.len()))),
        });
        None
    }
}

/// The regions that an act touches; none where only the plan knows them.
fn regions_of(place: &ActPlace, of: &Claimable) -> Option<Vec<RegionId>> {
    let regions = (0..).map(RegionId).zip(&of.regions.regions);
    Some(match place {
        ActPlace::Rollout => regions.map(|(id, _)| id).collect(),
        ActPlace::Stage(_) => return None,
        ActPlace::Region(region) => vec![*region],
        ActPlace::Site(site) => of.regions.sites.get(site.0 as usize).map(|site| site.region).into_iter().collect(),
        ActPlace::Hosts(hosts) => {
            regions.filter(|(_, region)| !region.hosts.and(hosts).is_empty()).map(|(id, _)| id).collect()
        }
    })
}

/// As the engine judges it: a team's right counts where it covers every region.
fn may(teams: &CheckedTeams, person: &str, verb: Verb, regions: Option<&[RegionId]>) -> bool {
    let covers = |place: &Where| match (place, regions) {
        (Where::Everywhere, _) | (Where::Regions(_), None) => true,
        (Where::Regions(allowed), Some(regions)) => {
            !regions.is_empty() && regions.iter().all(|region| allowed.contains(region))
        }
    };
    let of_person = teams.teams.iter().filter(|team| team.members.iter().any(|member| member == person));
    of_person
        .flat_map(|team| &team.permissions)
        .any(|permission| permission.verbs.contains(&verb) && covers(&permission.place))
}

/// None where it is said and not sound.
fn some_sound<T>(said: Option<Option<T>>) -> Option<Option<T>> {
    match said {
        None => Some(None),
        Some(found) => found.map(Some),
    }
}
