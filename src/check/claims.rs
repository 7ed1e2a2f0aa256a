use crate::check::conversion::quoted;
use crate::check::entry::Checker;
use crate::check::names::{Sort, list};
use crate::check::regions::CheckedRegions;
use crate::check::rollout::AskedGates;
use crate::check::rules::{scope_of, word};
use crate::check::said_stages::SaidStage;
use crate::check::selector::Asking;
use crate::diagnostic::{Code, Problem, nearest};
use crate::inventory::HostSet;
use crate::model::{
    Budget, Claim, Counted, CountedIn, Property, PropertyKind, Scope, Service, ServiceId, SiteId, State, Subject, Term,
};
use crate::source::Span;
use crate::syntax::ast::{self, At, ClaimPlace, ClaimState, ClaimSubject, Name, TermKind};

/// What a claim can speak of.
pub(super) struct Claimable<'c, 'a> {
    pub(super) stages: &'c [SaidStage<'a>],
    pub(super) regions: &'c CheckedRegions,
    pub(super) gates: &'c AskedGates,
    /// None where one is not sound.
    pub(super) services: Option<&'c [Service]>,
    pub(super) targets: Option<&'c HostSet>,
    /// Whether every stage of the rollout could be read.
    pub(super) are_stages_known: bool,
}

/// Any of these lists, whole.
type Groups = Vec<Vec<Term>>;

impl<'a> Checker<'a> {
    /// What the rollout claims, as far as it is sound.
    pub(super) fn check_properties(
        &mut self,
        properties: &[&'a ast::Property],
        of: &Claimable<'_, 'a>,
    ) -> Vec<Property> {
        properties.iter().filter_map(|property| self.check_property(property, of)).collect()
    }

    fn check_property(&mut self, property: &'a ast::Property, of: &Claimable<'_, 'a>) -> Option<Property> {
        let claim = self.claim(&property.claim, of);
        let unless = property.unless.as_ref().map(|unless| self.claim(unless, of));
        let found = Property {
            kind: match property.kind {
                ast::PropertyKind::Always => PropertyKind::Always,
                ast::PropertyKind::Never => PropertyKind::Never,
            },
            claim: claim?,
            unless: match unless {
                None => None,
                Some(unless) => Some(unless?),
            },
            span: property.span,
        };
        self.check_is_not_excused(property, &found);
        if of.are_stages_known {
            self.check_is_not_broken(property, &found, of.stages);
        }
        Some(found)
    }

    /// `never a unless a` can never be broken.
    fn check_is_not_excused(&mut self, said: &ast::Property, property: &Property) {
        let (Some(unless), Some(place)) = (&property.unless, &said.unless) else { return };
        let excuses = |group: &Vec<Term>| unless.any_of.iter().any(|one| one.iter().all(|term| group.contains(term)));
        if property.kind == PropertyKind::Never && property.claim.any_of.iter().all(excuses) {
            let problem = Problem::warning(Code::CLAIM_NEVER_MATTERS, "this claim excuses all that it forbids")
                .label(said.claim.span, "whenever this holds")
                .label(place.span, "this excuses it")
                .help("say what else has to hold, or leave the claim out");
            self.report(problem);
        }
    }

    pub(super) fn claim(&mut self, claim: &'a ast::Claim, of: &Claimable<'_, 'a>) -> Option<Claim> {
        let groups: Vec<_> = claim.any_of.iter().map(|terms| self.all_of(terms, of)).collect();
        let groups: Option<Vec<Groups>> = groups.into_iter().collect();
        groups.map(|groups| Claim { any_of: groups.concat() })
    }

    fn all_of(&mut self, terms: &'a [ast::Term], of: &Claimable<'_, 'a>) -> Option<Groups> {
        let found: Vec<_> = terms.iter().map(|term| self.claim_term(term, of)).collect();
        let found: Option<Vec<Groups>> = found.into_iter().collect();
        let mut all: Groups = vec![Vec::new()];
        for (one, term) in found?.iter().zip(terms) {
            if all.len().saturating_mul(one.len()) > MOST_GROUPS {
                let problem = Problem::error(Code::BAD_VALUE, "this claim joins too many sites that share their names")
                    .label(term.span, "each of these names means several sites")
                    .help("say it of regions, or of fewer sites");
                self.report(problem);
                return None;
            }
            all = both(&all, one);
        }
        Some(all)
    }

    fn claim_term(&mut self, term: &'a ast::Term, of: &Claimable<'_, 'a>) -> Option<Groups> {
        let found = self.affirmed_term(term, of)?;
        Some(if term.is_denied { denied(&found) } else { found })
    }

    fn affirmed_term(&mut self, term: &'a ast::Term, of: &Claimable<'_, 'a>) -> Option<Groups> {
        let one = |term: Term| vec![vec![term]];
        match &term.kind {
            TermKind::ServiceKept(name) => {
                let service = self.service_of_claim(name, of)?;
                self.check_changes(of.services?.get(service.0 as usize).map(|service| &service.hosts), of, || {
                    (name.span, format!("no host of service `{}` is changed", name.text))
                });
                Some(one(Term::ServiceKept(service)))
            }
            TermKind::Told(name) => self.team(name).map(|team| one(Term::Told(team))),
            TermKind::State { of: subject, state } => self.state_term(subject, state, of),
            TermKind::Gate { gate, passed } => {
                let gate = self.gate_of_claim(gate, of.gates)?;
                Some(one(Term::Gate { gate, has_passed: *passed }))
            }
            TermKind::MoreThan { limit, what, place } => {
                let place = self.counted_in(place, of)?;
                let limit = self.limit_of_claim(limit)?;
                self.check_can_be_more(term.span, limit, place, of);
                let what = match what.value {
                    ast::Counted::Down => Counted::Down,
                    ast::Counted::Failed => Counted::Failed,
                };
                Some(one(Term::MoreThan { limit, what, place }))
            }
        }
    }

    fn state_term(
        &mut self,
        subject: &'a ClaimSubject,
        state: &At<ClaimState>,
        of: &Claimable<'_, 'a>,
    ) -> Option<Groups> {
        let state = match state.value {
            ClaimState::Started => State::Started,
            ClaimState::Passed => State::Passed,
            ClaimState::Held => State::Held,
            ClaimState::Done => State::Done,
            ClaimState::Failed => State::Failed,
            ClaimState::Down => State::Down,
            ClaimState::RolledBack => State::RolledBack,
        };
        let one = |subject| vec![vec![Term::State { of: subject, state }]];
        match subject {
            ClaimSubject::Host(name) => {
                let hosts = self.host_by_name(name)?;
                self.hosts_term(&hosts, name.span, state, of)
            }
            ClaimSubject::Hosts(expression) => {
                let hosts = self.select(expression, Asking::HOSTS, of.targets)?;
                self.hosts_term(&hosts, expression.span, state, of)
            }
            ClaimSubject::Rollout => Some(one(Subject::Rollout)),
            ClaimSubject::Stage(name) => self.stage_of_claim(name, of).map(|stage| one(Subject::Stage(stage))),
            ClaimSubject::Region(name) => {
                let region = self.region(name, of.regions)?;
                self.check_changes(of.regions.regions.get(region.0 as usize).map(|region| &region.hosts), of, || {
                    (name.span, format!("no host of region `{}` is changed", name.text))
                });
                Some(one(Subject::Region(region)))
            }
            ClaimSubject::Site(name) => {
                let sites = self.sites_by_name(name, of.regions)?;
                let hosts = sites.iter().filter_map(|site| of.regions.sites.get(site.0 as usize));
                let hosts = hosts
                    .map(|site| &site.hosts)
                    .fold(None::<HostSet>, |all, hosts| Some(all.map_or_else(|| hosts.clone(), |all| all.or(hosts))));
                self.check_changes(hosts.as_ref(), of, || {
                    (name.span, format!("no host of site `{}` is changed", name.value))
                });
                Some(of_sites(&sites, state))
            }
        }
    }

    /// Those of them that are changed, by their places among all that are.
    fn hosts_term(&mut self, hosts: &HostSet, place: Span, state: State, of: &Claimable<'_, 'a>) -> Option<Groups> {
        self.check_changes(Some(hosts), of, || (place, "none of these hosts is changed".to_owned()));
        let targets = of.targets?.iter().enumerate();
        let hosts = targets.filter(|(_, host)| hosts.contains(*host)).map(|(place, _)| place as u32).collect();
        Some(vec![vec![Term::Hosts { hosts, state }]])
    }

    /// One host of the inventory.
    pub(super) fn host_by_name(&mut self, name: &At<String>) -> Option<HostSet> {
        let fleet = self.input.fleet?;
        if let Some(host) = fleet.find(&name.value) {
            let mut hosts = HostSet::none(fleet.len());
            hosts.insert(host);
            return Some(hosts);
        }
        let problem = Problem::error(Code::UNKNOWN_VALUE, format!("there is no host `{}`", name.value))
            .label(name.span, "no such host");
        let names = || fleet.hosts().map(|host| fleet.name(host));
        self.report(match nearest(&name.value, names()) {
            Some(near) => {
                let written = quoted(near);
                problem.help(format!("did you mean {written}?")).fix(format!("write {written}"), name.span, written)
            }
            None => problem.help(format!("the hosts are {}", list(names(), fleet.len()))),
        });
        None
    }

    /// What is never changed is never started, held or down.
    fn check_changes(&mut self, hosts: Option<&HostSet>, of: &Claimable<'_, 'a>, say: impl FnOnce() -> (Span, String)) {
        if let (Some(hosts), Some(targets)) = (hosts, of.targets)
            && hosts.and(targets).is_empty()
        {
            let (span, message) = say();
            let problem = Problem::warning(Code::CLAIM_NEVER_MATTERS, message)
                .label(span, "so nothing ever happens there")
                .help("name what the rollout changes, or leave the claim out");
            self.report(problem);
        }
    }

    fn service_of_claim(&mut self, name: &Name, of: &Claimable<'_, 'a>) -> Option<ServiceId> {
        self.find(Sort::Service, name, |names| &names.services)?;
        let services = of.services?;
        services.iter().position(|service| service.name == name.text).map(|idx| ServiceId(idx as u32))
    }

    /// A stage of this rollout, by its name; a region is taken for one where its word is left out.
    pub(super) fn stage_of_claim(&mut self, name: &Name, of: &Claimable<'_, 'a>) -> Option<u32> {
        let names: Vec<&str> = of.stages.iter().map(|stage| stage.name.text.as_str()).collect();
        if let Some(idx) = names.iter().position(|stage| *stage == name.text) {
            return Some(idx as u32);
        }
        if self.may_be_defined(crate::check::names::Sort::Stages, &name.text) || !of.are_stages_known {
            return None;
        }
        let problem = Problem::error(Code::UNKNOWN_NAME, format!("the rollout has no stage `{}`", name.text));
        let is_region = of.regions.regions.iter().any(|region| region.name == name.text);
        let site = of.regions.sites.iter().find(|site| site.name == name.text);
        self.report(match (nearest(&name.text, names.iter().copied()), site) {
            _ if is_region => problem
                .label(name.span, "this is a region")
                .help(format!("write `region {}`", name.text))
                .fix(format!("write `region {}`", name.text), name.span, format!("region {}", name.text)),
            (_, Some(site)) => {
                let written = format!("site {}", quoted(&site.name));
                problem.label(name.span, "this is a site").help(format!("write `{written}`")).fix(
                    format!("write `{written}`"),
                    name.span,
                    written,
                )
            }
            (Some(near), None) => problem
                .label(name.span, "no such stage")
                .help(format!("did you mean `{near}`?"))
                .fix(format!("write `{near}`"), name.span, near),
            (None, None) => problem
                .label(name.span, "no such stage")
                .help(format!("its stages are {}", list(names.iter(), names.len()))),
        });
        None
    }

    pub(super) fn gate_of_claim(&mut self, name: &Name, gates: &AskedGates) -> Option<crate::model::GateId> {
        if let Some(id) = gates.id(&name.text) {
            return Some(id);
        }
        if self.find(Sort::Gate, name, |names| &names.gates).is_some() {
            let problem =
                Problem::error(Code::UNKNOWN_NAME, format!("no stage of this rollout asks the gate `{}`", name.text))
                    .label(name.span, "so it never answers");
            let asked = list(gates.gates.iter().map(|gate| &gate.name), gates.gates.len());
            self.report(match gates.gates.is_empty() {
                true => problem.help("ask it in a stage: `gate NAME`"),
                false => problem.help(format!("its stages ask {asked}")),
            });
        }
        None
    }

    fn counted_in(&mut self, place: &'a ClaimPlace, of: &Claimable<'_, 'a>) -> Option<CountedIn> {
        match place {
            ClaimPlace::Service(name) => self.service_of_claim(name, of).map(CountedIn::Service),
            ClaimPlace::Scope(scope) => match scope_of(scope.value) {
                Scope::Host | Scope::Batch => {
                    let problem = Problem::error(
                        Code::BAD_VALUE,
                        format!("a claim does not count over one {}", word(scope.value)),
                    );
                    self.report(
                        problem
                            .label(scope.span, "too small to count over")
                            .help("count over a site, a region, a stage, the rollout or a service"),
                    );
                    None
                }
                scope => Some(CountedIn::Scope(scope)),
            },
        }
    }

    /// More than none is a fair limit.
    fn limit_of_claim(&mut self, limit: &At<ast::Budget>) -> Option<Budget> {
        match limit.value {
            ast::Budget::Hosts(0) => Some(Budget::Hosts(0)),
            ast::Budget::Percent(0.0) => Some(Budget::Percent(0.0)),
            _ => self.budget(limit),
        }
    }

    fn check_can_be_more(&mut self, place: Span, limit: Budget, counted: CountedIn, of: &Claimable<'_, 'a>) {
        let Some(targets) = of.targets else { return };
        let within = |hosts: &HostSet| hosts.and(targets).len() as u64;
        let most = match counted {
            CountedIn::Scope(Scope::Site) => of.regions.sites.iter().map(|site| within(&site.hosts)).max(),
            CountedIn::Scope(Scope::Region) => of.regions.regions.iter().map(|region| within(&region.hosts)).max(),
            CountedIn::Scope(_) => Some(targets.len() as u64),
            CountedIn::Service(service) => {
                let found = of.services.and_then(|services| services.get(service.0 as usize));
                found.map(|service| within(&service.hosts))
            }
        };
        let Some(most) = most else { return };
        let is_never = match limit {
            Budget::Hosts(hosts) => hosts >= most,
            Budget::Percent(percent) => percent >= 100.0,
        };
        if is_never {
            let most = crate::check::host_problems::count(most as usize);
            let problem = Problem::warning(Code::CLAIM_NEVER_MATTERS, "there are never more than that")
                .label(place, format!("at most {most} can be meant"))
                .help("give a smaller number, or leave the claim out");
            self.report(problem);
        }
    }
}

/// Several places can have one name: it is started where one of them is, and passed where all are.
fn of_sites(sites: &[SiteId], state: State) -> Groups {
    let terms = sites.iter().map(|site| Term::State { of: Subject::Site(*site), state });
    match state {
        State::Passed | State::Done => vec![terms.collect()],
        State::Started | State::Held | State::RolledBack | State::Failed | State::Down => {
            terms.map(|term| vec![term]).collect()
        }
    }
}

/// Of each list one term is not so.
fn denied(groups: &Groups) -> Groups {
    let not = |term: &Term| vec![Term::Not(Box::new(term.clone()))];
    groups.iter().fold(vec![Vec::new()], |all, group| both(&all, &group.iter().map(not).collect()))
}

/// What is said twice is kept once.
fn both(first: &Groups, second: &Groups) -> Groups {
    let mut all: Groups = Vec::new();
    for one in first {
        for other in second {
            let mut group = one.clone();
            group.extend(other.iter().filter(|term| !one.contains(term)).cloned());
            if !all.contains(&group) {
                all.push(group);
            }
        }
    }
    all
}

/// A name can mean many sites, and a claim that joins several such names means each combination of them.
const MOST_GROUPS: usize = 1_000;
