use std::sync::Arc;

use crate::engine::{self, Engine, HostState, Outcome, PersonAct, Refusal, Settlement, Target, Waiting};
use crate::model::{RegionId, SiteId};
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
    engine::may(plan, person, act).map_err(|Refusal { word, place, teams }| RunFault::NotAllowed {
        person: person.to_owned(),
        act: word,
        place: shown(plan, place),
        teams,
    })
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
