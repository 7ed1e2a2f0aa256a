use std::collections::BTreeMap;
use std::sync::Arc;

use crate::engine::{Engine, Event};
use crate::plan::{Plan, to_json};
use crate::run::clock::Clock;
use crate::run::controller::{Controller, Inbox, Settings};
use crate::run::crew::Crew;
use crate::run::desk::Desk;
use crate::run::dispatch::Dispatch;
use crate::run::journal::{Durability, Journal, NewRun};
use crate::run::lock::RunLock;
use crate::run::record::Record;
use crate::run::{Cutoff, Rehearsal, RunFault, StateFolder};
use crate::world::{RealWorld, World};

impl Controller {
    /// Begins a run: gives it its id, takes its hosts, writes its plan down. Nothing goes out before
    /// [`Controller::carry_on`].
    pub fn begin(
        state: &StateFolder,
        plan: Arc<Plan>,
        person: &str,
        settings: Settings,
    ) -> Result<Controller, RunFault> {
        let unreached = plan.hosts.iter().filter(|host| host.connection.is_none()).map(|host| host.name.to_string());
        let unreached: Vec<String> = unreached.collect();
        if !unreached.is_empty() {
            return Err(RunFault::NoConnection { hosts: unreached });
        }
        Start { state, plan, person, rehearsal: None, settings }.go()
    }

    /// Begins a rehearsal of a run. Hosts belong to nobody in it.
    pub fn rehearse(
        state: &StateFolder,
        plan: Arc<Plan>,
        person: &str,
        rehearsal: Rehearsal,
        settings: Settings,
    ) -> Result<Controller, RunFault> {
        rehearsal.failures(&plan)?;
        Start { state, plan, person, rehearsal: Some(rehearsal), settings }.go()
    }
}

struct Start<'a> {
    state: &'a StateFolder,
    plan: Arc<Plan>,
    person: &'a str,
    rehearsal: Option<Rehearsal>,
    settings: Settings,
}

impl Start<'_> {
    fn go(self) -> Result<Controller, RunFault> {
        let mut journal = Journal::open(self.state, durability(self.rehearsal.as_ref()))?;
        let (clock, claims) = match self.rehearsal {
            Some(_) => (Clock::virtual_from(self.plan.starts_at), Vec::new()),
            None => (Clock::wall(RealWorld.now()), claims(&self.plan)),
        };
        let wishes = self.rehearsal.as_ref().map(Rehearsal::to_json);
        let run = journal.create_run(&NewRun {
            rollout: &self.plan.rollout,
            plan: &to_json(&self.plan),
            started_at: RealWorld.now(),
            started_by: self.person,
            rehearsal: wishes.as_deref(),
            claims: &claims,
        })?;
        let lock = RunLock::take(self.state, &run.id)?;
        let parts = Parts {
            engine: Engine::new(Arc::clone(&self.plan)),
            desk: Desk::default(),
            clock,
            rehearsal: self.rehearsal,
            settings: self.settings,
            lock,
        };
        let mut controller = Controller::assemble(self.state, Record::new(journal, run), parts)?;
        controller.first.push(Event::Started);
        Ok(controller)
    }
}

/// What a controller is made of, for a new run or one that goes on.
pub(super) struct Parts {
    pub engine: Engine,
    pub desk: Desk,
    pub clock: Clock,
    pub rehearsal: Option<Rehearsal>,
    pub settings: Settings,
    pub lock: RunLock,
}

impl Controller {
    pub(super) fn assemble(state: &StateFolder, record: Record, parts: Parts) -> Result<Controller, RunFault> {
        let plan = Arc::clone(parts.engine.plan());
        let cutoff = Cutoff::default();
        let approves_itself = parts.rehearsal.as_ref().is_some_and(|rehearsal| !rehearsal.people_approve);
        let grace = parts.settings.grace;
        let dispatch = Dispatch::new(Arc::clone(&plan), state, &record.run().id, grace, parts.rehearsal)?;
        Ok(Controller {
            plan,
            engine: parts.engine,
            desk: parts.desk,
            clock: parts.clock,
            record,
            dispatch,
            crew: Crew::new(cutoff.clone()),
            cutoff,
            lock: parts.lock,
            settings: parts.settings,
            approves_itself,
            first: Vec::new(),
            survivors: BTreeMap::new(),
            standing: BTreeMap::new(),
            stands_for: BTreeMap::new(),
            stop: None,
            inbox: Inbox::default(),
            told_waiting: Vec::new(),
        })
    }
}

pub(super) fn durability(rehearsal: Option<&Rehearsal>) -> Durability {
    if rehearsal.is_some() { Durability::System } else { Durability::Disk }
}

/// The hosts that belong to a run of the plan.
pub(super) fn claims(plan: &Plan) -> Vec<&str> {
    plan.hosts.iter().map(|host| &*host.name).collect()
}
