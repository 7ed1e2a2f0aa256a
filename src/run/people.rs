use std::sync::Arc;

use crate::engine::{Engine, HostState, Outcome, PersonAct, Settlement, Target, Waiting};
use crate::model::{Permission, RegionId, SiteId, Verb, Where};
use crate::plan::{HostIdx, Plan};
use crate::run::find::{Wanted, find};
use crate::run::journal::{Durability, Journal, SavedAct};
use crate::run::lock::{Holder, holder};
use crate::run::replay::Replay;
use crate::run::{RunFault, StateFolder};
use crate::world::{RealWorld, World};

/// What somebody wants done with a run, in the words of the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Of the stage that waits; named where somebody wants to be sure which.
    Approve {
        stage: Option<String>,
    },
    Deny {
        stage: Option<String>,
    },
    Hold {
        what: Place,
    },
    Resume {
        what: Place,
    },
    Rollback {
        what: Place,
    },
    Settle {
        host: String,
        settlement: Settlement,
    },
}

/// A part of a rollout by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Rollout,
    Stage(String),
    Region(String),
    Site(String),
    Host(String),
}

/// An act that is written down for the run's controller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    pub run: String,
    /// Who carries the run on now and will take it in. Where nobody does, `sunup resume` will.
    pub holder: Holder,
}

/// Writes down what a person wants, if the person may: the newest unfinished run is meant where none is named. What is
/// refused is written down too.
pub fn act(state: &StateFolder, run: Option<&str>, person: &str, wish: &Wish) -> Result<Accepted, RunFault> {
    let mut journal = Journal::open(state, Durability::Disk)?;
    let found = find(&journal, run, Wanted::Unfinished)?;
    let replay = Replay::of(&journal, &found)?;
    let plan = Arc::clone(replay.engine.plan());
    let said = wish.act(&replay.engine, &found.id)?;
    refuse_what_is_over(found.outcome, &said, &found.id)?;

    let payload = SavedAct::new(&said, &plan).to_json();
    let verdict = if found.rehearsal.is_some() { Ok(()) } else { may(&plan, person, &said) };
    let reason = verdict.as_ref().err().map(RunFault::to_string);
    journal.record_act(found.key, RealWorld.now(), person, &payload, reason.as_deref())?;
    verdict?;
    Ok(Accepted { holder: holder(state, &found.id), run: found.id })
}

/// A complete run can still be rolled back; nothing else of a finished run can be changed.
fn refuse_what_is_over(outcome: Option<Outcome>, act: &PersonAct, run: &str) -> Result<(), RunFault> {
    match (outcome, act) {
        (Some(Outcome::Complete), PersonAct::Rollback { .. }) | (None | Some(Outcome::Held), _) => Ok(()),
        (Some(outcome), _) => Err(RunFault::Finished { run: run.to_owned(), outcome }),
    }
}

/// Whether the plan's teams let a person do this. Without a team nobody may: no policy means no.
pub(crate) fn may(plan: &Plan, person: &str, act: &PersonAct) -> Result<(), RunFault> {
    let (verb, word, place, allowing) = match act {
        PersonAct::Approve { stage } => (Verb::Approve, "approve", Target::Stage(*stage), approvers(plan, *stage)),
        PersonAct::Deny { stage } => (Verb::Approve, "deny", Target::Stage(*stage), approvers(plan, *stage)),
        PersonAct::Hold { target } => (Verb::Hold, "hold", *target, None),
        PersonAct::Resume { target } => (Verb::Resume, "resume", *target, None),
        PersonAct::Rollback { target } => (Verb::Rollback, "roll back", *target, None),
        PersonAct::Settle { host, .. } => (Verb::Resume, "settle", Target::Host(*host), None),
    };
    let is_member = |team: &crate::model::Team| team.members.iter().any(|member| member == person);
    let named = allowing.and_then(|team| plan.teams.get(team));
    if named.is_some_and(is_member) {
        return Ok(());
    }
    // An approval is given by the team that the stage names, or by who may approve everything.
    let wanted = match act {
        PersonAct::Approve { .. } | PersonAct::Deny { .. } => Wide::Everywhere,
        _ => Wide::Regions(regions_of(plan, place)),
    };
    let allows = |permission: &Permission| permission.verbs.contains(&verb) && wanted.is_within(&permission.place);
    if plan.teams.iter().filter(|team| is_member(team)).any(|team| team.permissions.iter().any(allows)) {
        return Ok(());
    }
    let could = plan.teams.iter().filter(|team| team.permissions.iter().any(allows)).map(|team| team.name.clone());
    let mut teams: Vec<String> = named.map(|team| team.name.clone()).into_iter().chain(could).collect();
    teams.dedup();
    Err(RunFault::NotAllowed { person: person.to_owned(), act: word, place: shown(plan, place), teams })
}

/// How much an act is about.
enum Wide {
    Everywhere,
    Regions(Vec<RegionId>),
}

impl Wide {
    fn is_within(&self, place: &Where) -> bool {
        match (self, place) {
            (_, Where::Everywhere) => true,
            (Wide::Everywhere, Where::Regions(_)) => false,
            (Wide::Regions(regions), Where::Regions(allowed)) => {
                !regions.is_empty() && regions.iter().all(|region| allowed.contains(region))
            }
        }
    }
}

/// The team that a stage asks.
fn approvers(plan: &Plan, stage: u32) -> Option<usize> {
    let approval = plan.stages.get(stage as usize)?.approval.as_ref()?;
    Some(approval.team.0 as usize)
}

/// Every region that an act on this touches; of the rollout all that there are.
fn regions_of(plan: &Plan, target: Target) -> Vec<RegionId> {
    match target {
        Target::Rollout => (0..plan.regions.len() as u32).map(RegionId).collect(),
        Target::Stage(stage) | Target::Batch { stage, .. } => plan
            .stages
            .get(stage as usize)
            .map(|stage| stage.turns.iter().map(|turn| turn.region).collect())
            .unwrap_or_default(),
        Target::Region(region) => vec![region],
        Target::Site(site) => plan.sites.get(site.0 as usize).map(|site| site.region).into_iter().collect(),
        Target::Host(host) => {
            let site = plan.hosts.get(host.0 as usize).map(|host| host.site);
            site.and_then(|site| plan.sites.get(site.0 as usize)).map(|site| site.region).into_iter().collect()
        }
    }
}

fn shown(plan: &Plan, target: Target) -> String {
    let named = |kind: &str, name: Option<&str>| format!("{kind} `{}`", name.unwrap_or_default());
    match target {
        Target::Rollout => "the whole rollout".to_owned(),
        Target::Stage(stage) | Target::Batch { stage, .. } => {
            named("stage", plan.stages.get(stage as usize).map(|stage| stage.name.as_str()))
        }
        Target::Region(region) => {
            named("region", plan.regions.get(region.0 as usize).map(|region| region.name.as_str()))
        }
        Target::Site(site) => named("site", plan.sites.get(site.0 as usize).map(|site| site.name.as_str())),
        Target::Host(host) => named("host", plan.hosts.get(host.0 as usize).map(|host| &*host.name)),
    }
}

impl Wish {
    /// In the plan's own terms, and only where the run can do it.
    fn act(&self, engine: &Engine, run: &str) -> Result<PersonAct, RunFault> {
        let plan = engine.plan();
        Ok(match self {
            Wish::Approve { stage } => PersonAct::Approve { stage: waiting_stage(engine, stage.as_deref(), run)? },
            Wish::Deny { stage } => PersonAct::Deny { stage: waiting_stage(engine, stage.as_deref(), run)? },
            Wish::Hold { what } => PersonAct::Hold { target: what.target(plan)? },
            Wish::Resume { what } => PersonAct::Resume { target: what.target(plan)? },
            Wish::Rollback { what } => PersonAct::Rollback { target: what.target(plan)? },
            Wish::Settle { host, settlement } => {
                let found = host_of(plan, host)?;
                if !can_be_settled(engine.host(found), *settlement) {
                    let what = match settlement {
                        Settlement::Mended => format!("host `{host}` to be mended"),
                        _ => format!("a word about host `{host}`"),
                    };
                    return Err(RunFault::NotWaiting { run: run.to_owned(), what });
                }
                PersonAct::Settle { host: found, settlement: *settlement }
            }
        })
    }
}

fn can_be_settled(state: HostState, settlement: Settlement) -> bool {
    match state {
        HostState::Unknown { .. } => true,
        HostState::Failed { .. } | HostState::HalfRolledBack { .. } => settlement == Settlement::Mended,
        _ => false,
    }
}

/// The stage that waits for an approval; where one is named it must be that.
fn waiting_stage(engine: &Engine, named: Option<&str>, run: &str) -> Result<u32, RunFault> {
    let named = match named {
        Some(name) => Some(stage_of(engine.plan(), name)?),
        None => None,
    };
    let waiting = engine.waiting().into_iter().find_map(|waiting| match waiting {
        Waiting::Approval { stage, .. } if named.is_none_or(|named| named == stage) => Some(stage),
        _ => None,
    });
    waiting.ok_or_else(|| RunFault::NotWaiting { run: run.to_owned(), what: "an approval".to_owned() })
}

impl Place {
    fn target(&self, plan: &Plan) -> Result<Target, RunFault> {
        Ok(match self {
            Place::Rollout => Target::Rollout,
            Place::Stage(name) => Target::Stage(stage_of(plan, name)?),
            Place::Region(name) => {
                let names = plan.regions.iter().map(|region| region.name.as_str());
                Target::Region(RegionId(place_of("region", name, names)?))
            }
            Place::Site(name) => {
                let names = plan.sites.iter().map(|site| site.name.as_str());
                Target::Site(SiteId(place_of("site", name, names)?))
            }
            Place::Host(name) => Target::Host(host_of(plan, name)?),
        })
    }
}

fn stage_of(plan: &Plan, name: &str) -> Result<u32, RunFault> {
    place_of("stage", name, plan.stages.iter().map(|stage| stage.name.as_str()))
}

fn host_of(plan: &Plan, name: &str) -> Result<HostIdx, RunFault> {
    place_of("host", name, plan.hosts.iter().map(|host| &*host.name)).map(HostIdx)
}

fn place_of<'a>(kind: &'static str, name: &str, names: impl Iterator<Item = &'a str> + Clone) -> Result<u32, RunFault> {
    match names.clone().position(|known| known == name) {
        Some(place) => Ok(place as u32),
        None => Err(RunFault::unknown_name(kind, name, names)),
    }
}
