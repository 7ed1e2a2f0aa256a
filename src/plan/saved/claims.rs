//! What a rollout claims, on paper.

use serde::{Deserialize, Serialize};

use crate::model::{Claim, Counted, CountedIn, GateId, Property, PropertyKind, RegionId, ServiceId, SiteId, TeamId};
use crate::model::{State, Subject, Term};
use crate::plan::saved::{PlanFault, read, shape, write};
use crate::plan::{HostIdx, PlanService};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedProperty {
    kind: SavedKind,
    claim: SavedClaim,
    unless: Option<SavedClaim>,
    span: shape::Span,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum SavedKind {
    Always,
    Never,
}

/// One of these lists holds whole.
type SavedClaim = Vec<Vec<SavedTerm>>;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
enum SavedTerm {
    ServiceKept(u32),
    State { of: SavedSubject, state: SavedState },
    Gate { gate: u32, passed: bool },
    MoreThan { limit: shape::Amount, what: SavedCounted, place: SavedPlace },
    Hosts { hosts: Vec<u32>, state: SavedState },
    Told(u32),
    Not(Box<SavedTerm>),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum SavedSubject {
    Rollout,
    Stage(u32),
    Region(u32),
    Site(u32),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum SavedState {
    Started,
    Passed,
    Held,
    RolledBack,
    Done,
    Failed,
    Down,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum SavedCounted {
    Down,
    Failed,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum SavedPlace {
    Scope(shape::Scope),
    Service(u32),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedService {
    name: String,
    size: u32,
    hosts: Vec<u32>,
}

impl SavedProperty {
    pub(super) fn of(property: &Property) -> SavedProperty {
        let Property { kind, claim, unless, span } = property;
        SavedProperty {
            kind: match kind {
                PropertyKind::Always => SavedKind::Always,
                PropertyKind::Never => SavedKind::Never,
            },
            claim: saved_claim(claim),
            unless: unless.as_ref().map(saved_claim),
            span: write::span(*span),
        }
    }

    pub(super) fn property(self) -> Result<Property, PlanFault> {
        Ok(Property {
            kind: match self.kind {
                SavedKind::Always => PropertyKind::Always,
                SavedKind::Never => PropertyKind::Never,
            },
            claim: claim(self.claim)?,
            unless: self.unless.map(claim).transpose()?,
            span: read::span(self.span)?,
        })
    }
}

impl SavedService {
    pub(super) fn of(service: &PlanService) -> SavedService {
        let PlanService { name, size, hosts } = service;
        SavedService { name: name.clone(), size: *size, hosts: hosts.iter().map(|host| host.0).collect() }
    }

    pub(super) fn service(self) -> PlanService {
        PlanService { name: self.name, size: self.size, hosts: self.hosts.into_iter().map(HostIdx).collect() }
    }
}

fn saved_claim(claim: &Claim) -> SavedClaim {
    claim.any_of.iter().map(|terms| terms.iter().map(saved_term).collect()).collect()
}

fn saved_term(term: &Term) -> SavedTerm {
    match term {
        Term::ServiceKept(service) => SavedTerm::ServiceKept(service.0),
        Term::State { of, state } => SavedTerm::State {
            of: match of {
                Subject::Rollout => SavedSubject::Rollout,
                Subject::Stage(stage) => SavedSubject::Stage(*stage),
                Subject::Region(region) => SavedSubject::Region(region.0),
                Subject::Site(site) => SavedSubject::Site(site.0),
            },
            state: saved_state(*state),
        },
        Term::Gate { gate, has_passed } => SavedTerm::Gate { gate: gate.0, passed: *has_passed },
        Term::Hosts { hosts, state } => SavedTerm::Hosts { hosts: hosts.to_vec(), state: saved_state(*state) },
        Term::Told(team) => SavedTerm::Told(team.0),
        Term::Not(term) => SavedTerm::Not(Box::new(saved_term(term))),
        Term::MoreThan { limit, what, place } => SavedTerm::MoreThan {
            limit: write::amount(*limit),
            what: match what {
                Counted::Down => SavedCounted::Down,
                Counted::Failed => SavedCounted::Failed,
            },
            place: match place {
                CountedIn::Scope(scope) => SavedPlace::Scope((*scope).into()),
                CountedIn::Service(service) => SavedPlace::Service(service.0),
            },
        },
    }
}

fn saved_state(state: State) -> SavedState {
    match state {
        State::Started => SavedState::Started,
        State::Passed => SavedState::Passed,
        State::Held => SavedState::Held,
        State::RolledBack => SavedState::RolledBack,
        State::Done => SavedState::Done,
        State::Failed => SavedState::Failed,
        State::Down => SavedState::Down,
    }
}

fn state(saved: SavedState) -> State {
    match saved {
        SavedState::Started => State::Started,
        SavedState::Passed => State::Passed,
        SavedState::Held => State::Held,
        SavedState::RolledBack => State::RolledBack,
        SavedState::Done => State::Done,
        SavedState::Failed => State::Failed,
        SavedState::Down => State::Down,
    }
}

fn claim(saved: SavedClaim) -> Result<Claim, PlanFault> {
    let groups = saved.into_iter().map(|terms| terms.into_iter().map(term).collect());
    Ok(Claim { any_of: groups.collect::<Result<_, _>>()? })
}

fn term(saved: SavedTerm) -> Result<Term, PlanFault> {
    Ok(match saved {
        SavedTerm::ServiceKept(service) => Term::ServiceKept(ServiceId(service)),
        SavedTerm::State { of, state: saved } => Term::State {
            of: match of {
                SavedSubject::Rollout => Subject::Rollout,
                SavedSubject::Stage(stage) => Subject::Stage(stage),
                SavedSubject::Region(region) => Subject::Region(RegionId(region)),
                SavedSubject::Site(site) => Subject::Site(SiteId(site)),
            },
            state: state(saved),
        },
        SavedTerm::Hosts { hosts, state: saved } => Term::Hosts { hosts: hosts.into(), state: state(saved) },
        SavedTerm::Told(team) => Term::Told(TeamId(team)),
        SavedTerm::Not(saved) => Term::Not(Box::new(term(*saved)?)),
        SavedTerm::Gate { gate, passed } => Term::Gate { gate: GateId(gate), has_passed: passed },
        SavedTerm::MoreThan { limit, what, place } => Term::MoreThan {
            limit: read::amount(limit)?,
            what: match what {
                SavedCounted::Down => Counted::Down,
                SavedCounted::Failed => Counted::Failed,
            },
            place: match place {
                SavedPlace::Scope(scope) => CountedIn::Scope(scope.into()),
                SavedPlace::Service(service) => CountedIn::Service(ServiceId(service)),
            },
        },
    })
}
