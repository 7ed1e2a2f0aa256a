use std::collections::BTreeSet;

use crate::engine::{Engine, HostState, Progress, Target};
use crate::model::{
    Budget, Claim, Counted, CountedIn, GateId, Property, PropertyKind, Scope, ServiceId, State, Subject, TeamId, Term,
};
use crate::plan::{HostIdx, Plan, PlanService};

/// Which gates ever gave which last word, and which teams were told of something or asked; the engine does not keep it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct GateWords {
    failed: BTreeSet<GateId>,
    passed: BTreeSet<GateId>,
    told: BTreeSet<TeamId>,
}

impl GateWords {
    pub fn note(&mut self, gate: GateId, passed: bool) {
        (if passed { &mut self.passed } else { &mut self.failed }).insert(gate);
    }

    pub fn note_told(&mut self, team: TeamId) {
        self.told.insert(team);
    }

    /// Who is asked for something is told of it.
    pub fn note_asked(&mut self, plan: &Plan, stage: u32) {
        if let Some(approval) = plan.stages.get(stage as usize).and_then(|stage| stage.approval.as_ref()) {
            self.note_told(approval.team);
        }
    }

    pub fn was_told(&self, team: TeamId) -> bool {
        self.told.contains(&team)
    }

    fn has(&self, gate: GateId, passed: bool) -> bool {
        (if passed { &self.passed } else { &self.failed }).contains(&gate)
    }
}

/// Whether a property holds in a state.
pub fn holds(property: &Property, engine: &Engine, words: &GateWords) -> bool {
    let holds = match property.kind {
        PropertyKind::Always => is_so(&property.claim, engine, words),
        PropertyKind::Never => !is_so(&property.claim, engine, words),
    };
    holds || property.unless.as_ref().is_some_and(|claim| is_so(claim, engine, words))
}

/// Whether a claim holds in a state.
pub fn is_so(claim: &Claim, engine: &Engine, words: &GateWords) -> bool {
    claim.any_of.iter().any(|group| group.iter().all(|term| is_met(term, engine, words)))
}

/// The budget groups in which fewer are up than must be, counted anew from what each host goes through.
pub fn broken_budgets(engine: &Engine) -> Vec<usize> {
    let plan = engine.plan();
    let down: Vec<bool> = (0..plan.hosts.len() as u32).map(|host| is_down(engine, HostIdx(host))).collect();
    let is_broken = |group: &usize| {
        let budget = &plan.budgets[*group];
        let down = budget.hosts.iter().filter(|host| down[host.0 as usize]).count();
        (budget.size as usize).saturating_sub(down) < budget.keep as usize && down > 0
    };
    (0..plan.budgets.len()).filter(is_broken).collect()
}

pub(super) fn is_met(term: &Term, engine: &Engine, words: &GateWords) -> bool {
    match term {
        Term::ServiceKept(service) => {
            let name = &service_of(engine.plan(), *service).name;
            broken_budgets(engine).into_iter().all(|group| engine.plan().budgets[group].service != *name)
        }
        Term::State { of, state } => is_in(engine, part(*of), *state),
        Term::Gate { gate, has_passed } => words.has(*gate, *has_passed),
        Term::Hosts { hosts, state } => are_in(engine, hosts, *state),
        Term::Told(team) => words.was_told(*team),
        Term::Not(term) => !is_met(term, engine, words),
        Term::MoreThan { limit, what, place } => counted(engine.plan(), *place).iter().any(|(hosts, total)| {
            let count = hosts.iter().filter(|host| counts(engine, **host, *what)).count();
            is_more(count, *limit, *total)
        }),
    }
}

/// INVARIANT: a plan's claims name services of the plan.
fn service_of(plan: &Plan, service: ServiceId) -> &PlanService {
    &plan.services[service.0 as usize]
}

pub(super) fn part(of: Subject) -> Target {
    match of {
        Subject::Rollout => Target::Rollout,
        Subject::Stage(stage) => Target::Stage(stage),
        Subject::Region(region) => Target::Region(region),
        Subject::Site(site) => Target::Site(site),
    }
}

fn is_in(engine: &Engine, part: Target, state: State) -> bool {
    let progress = engine.progress(part);
    match state {
        State::Started => progress.waiting < progress.total(),
        State::Passed => is_passed(engine, part, &progress),
        State::Held => engine.has_hold(part),
        State::RolledBack => progress.rolled_back > 0 && progress.begun() == 0,
        State::Done => progress.total() > 0 && progress.done == progress.total(),
        State::Failed => progress.failed + progress.unknown + progress.half_rolled_back > 0,
        State::Down => hosts_of(engine.plan(), part).into_iter().any(|host| is_down(engine, host)),
    }
}

/// As a part of the plan that has these hosts and no others. A host is held by what holds any part that it lies in, as long
/// as it is not through.
fn are_in(engine: &Engine, hosts: &[u32], state: State) -> bool {
    let mut hosts = hosts.iter().map(|host| HostIdx(*host));
    let in_state = |is_it: fn(HostState) -> bool| move |host: HostIdx| is_it(engine.host(host));
    match state {
        State::Started => hosts.any(in_state(|state| state != HostState::Waiting)),
        State::Done => hosts.len() > 0 && hosts.all(in_state(|state| state == HostState::Done)),
        State::Passed => hosts.len() > 0 && hosts.all(|host| engine.progress(Target::Host(host)).is_ended()),
        State::Failed => hosts.any(|host| counts(engine, host, Counted::Failed)),
        State::Down => hosts.any(|host| is_down(engine, host)),
        State::RolledBack => {
            let is_untouched = |host: &HostIdx| engine.progress(Target::Host(*host)).begun() == 0;
            hosts.clone().any(in_state(|state| state == HostState::RolledBack)) && hosts.all(|host| is_untouched(&host))
        }
        State::Held => hosts.any(|host| {
            !engine.progress(Target::Host(host)).is_ended()
                && parts_of(engine.plan(), host).any(|part| engine.has_hold(part))
        }),
    }
}

/// All that a host lies in.
fn parts_of(plan: &Plan, host: HostIdx) -> impl Iterator<Item = Target> {
    let planned = plan.host(host);
    [
        Target::Host(host),
        Target::Site(planned.site),
        Target::Region(plan.region_of(host)),
        Target::Stage(planned.stage),
        Target::Rollout,
    ]
    .into_iter()
}

/// The hosts of which a term of a claim speaks by name or place; none where it counts or speaks of something else.
pub fn hosts_of_term(plan: &Plan, term: &Term) -> Vec<HostIdx> {
    match term {
        Term::State { of, .. } => hosts_of(plan, part(*of)),
        Term::Hosts { hosts, .. } => hosts.iter().map(|host| HostIdx(*host)).collect(),
        Term::Not(term) => hosts_of_term(plan, term),
        Term::ServiceKept(_) | Term::Gate { .. } | Term::MoreThan { .. } | Term::Told(_) => Vec::new(),
    }
}

/// The hosts of a part of a plan.
pub(super) fn hosts_of(plan: &Plan, part: Target) -> Vec<HostIdx> {
    let all = (0..plan.hosts.len() as u32).map(HostIdx);
    let is_of = |host: &HostIdx| match part {
        Target::Stage(stage) => plan.host(*host).stage == stage,
        Target::Region(region) => plan.region_of(*host) == region,
        Target::Site(site) => plan.host(*host).site == site,
        Target::Host(one) => *host == one,
        // No claim names a batch.
        Target::Rollout | Target::Batch { .. } => true,
    };
    all.filter(is_of).collect()
}

fn is_passed(engine: &Engine, part: Target, progress: &Progress) -> bool {
    match part {
        Target::Stage(stage) => engine.stage().is_none_or(|current| current > stage),
        Target::Rollout => engine.stage().is_none(),
        // Soak and approval are behind it where they come after a stage that it has hosts in.
        part => progress.is_ended() && engine.is_past_its_gates(part) && is_past_its_stages(engine, part),
    }
}

fn is_past_its_stages(engine: &Engine, part: Target) -> bool {
    let plan = engine.plan();
    let is_of = |host: HostIdx| match part {
        Target::Region(region) => plan.region_of(host) == region,
        Target::Site(site) => plan.host(host).site == site,
        _ => true,
    };
    let waits = |stage: u32| {
        let planned = &plan.stages[stage as usize];
        !planned.soak.is_zero() || planned.approval.is_some()
    };
    let stages =
        (0..plan.hosts.len() as u32).map(HostIdx).filter(|host| is_of(*host)).map(|host| plan.host(host).stage);
    let now = engine.stage();
    stages.filter(|stage| waits(*stage)).all(|stage| now.is_none_or(|now| now > stage))
}

fn counts(engine: &Engine, host: HostIdx, what: Counted) -> bool {
    match what {
        Counted::Down => is_down(engine, host),
        Counted::Failed => {
            matches!(
                engine.host(host),
                HostState::Failed { .. } | HostState::Unknown { .. } | HostState::HalfRolledBack { .. }
            )
        }
    }
}

/// From what the host goes through, not from the ledger that the engine keeps.
pub fn is_down(engine: &Engine, host: HostIdx) -> bool {
    let plan = engine.plan();
    match engine.host(host) {
        HostState::Waiting | HostState::Ahead { .. } | HostState::Ready | HostState::Done | HostState::RolledBack => {
            false
        }
        HostState::Changing { .. } | HostState::Undoing { .. } => plan.steps.iter().any(|step| step.down),
        // A step that runs ahead leaves the host as it was.
        HostState::Failed { step } | HostState::Unknown { step } => step >= plan.ahead_steps(),
        // It may have been up when its undo could go no further.
        HostState::HalfRolledBack { .. } => engine.is_down(host),
    }
}

/// The groups of hosts that a claim counts over, each with how many there are in all.
fn counted(plan: &Plan, of: CountedIn) -> Vec<(Vec<HostIdx>, usize)> {
    let hosts = || (0..plan.hosts.len() as u32).map(HostIdx);
    let by = |key: &dyn Fn(HostIdx) -> u32, count: usize| -> Vec<(Vec<HostIdx>, usize)> {
        let mut groups = vec![Vec::new(); count];
        hosts().for_each(|host| groups[key(host) as usize].push(host));
        groups.into_iter().map(|hosts| (hosts.clone(), hosts.len())).collect()
    };
    match of {
        CountedIn::Scope(Scope::Host) => hosts().map(|host| (vec![host], 1)).collect(),
        CountedIn::Scope(Scope::Site) => by(&|host| plan.host(host).site.0, plan.sites.len()),
        CountedIn::Scope(Scope::Region) => by(&|host| plan.region_of(host).0, plan.regions.len()),
        CountedIn::Scope(Scope::Stage) => by(&|host| plan.host(host).stage, plan.stages.len()),
        CountedIn::Scope(Scope::Rollout) => vec![(hosts().collect(), plan.hosts.len())],
        CountedIn::Scope(Scope::Batch) => {
            let lanes = plan.stages.iter().flat_map(|stage| &stage.turns).flat_map(|turn| &turn.lanes);
            lanes.flat_map(|lane| &lane.batches).map(|batch| (batch.hosts.clone(), batch.hosts.len())).collect()
        }
        CountedIn::Service(service) => {
            let service = service_of(plan, service);
            vec![(service.hosts.clone(), service.size as usize)]
        }
    }
}

fn is_more(count: usize, limit: Budget, total: usize) -> bool {
    match limit {
        Budget::Hosts(hosts) => count as u64 > hosts,
        Budget::Percent(percent) => count as f64 * 100.0 > percent * total as f64,
    }
}
