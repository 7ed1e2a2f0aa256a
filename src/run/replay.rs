use std::sync::Arc;

use crate::engine::{Command, Engine, Event, Status};
use crate::plan::{Plan, from_json};
use crate::run::RunFault;
use crate::run::desk::Desk;
use crate::run::journal::{Journal, Payload, Recorded, RunRecord};
use crate::time::Moment;

/// A run as its journal says it went.
#[derive(Debug, Clone)]
pub(crate) struct Replay {
    pub engine: Engine,
    pub desk: Desk,
    pub events: Vec<PastEvent>,
    pub statuses: Vec<(Moment, Status)>,
}

/// One event of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastEvent {
    /// Counts from 1.
    pub seq: u64,
    pub moment: Moment,
    pub event: Event,
}

impl Replay {
    /// Reads the plan and the events and takes the engine through them. Whatever the engine decides otherwise than it did
    /// then shows where something began, ended or fired that this engine did not hand out.
    pub fn of(journal: &Journal, run: &RunRecord) -> Result<Replay, RunFault> {
        let plan = plan(journal, run)?;
        let mut replay =
            Replay { engine: Engine::new(plan), desk: Desk::default(), events: Vec::new(), statuses: Vec::new() };
        for recorded in journal.events(run)? {
            replay.take(recorded, &run.id)?;
        }
        let last = replay.events.len() as u64;
        if !replay.desk.agrees_with(&replay.engine) {
            let cause = "other work is under way than it led to".to_owned();
            return Err(RunFault::Differs { run: run.id.clone(), seq: last, cause });
        }
        Ok(replay)
    }

    /// The moment of the last event.
    pub fn at(&self) -> Option<Moment> {
        self.events.last().map(|event| event.moment)
    }

    fn take(&mut self, recorded: Recorded, run: &str) -> Result<(), RunFault> {
        let Recorded { seq, moment, payload } = recorded;
        let damaged = |cause: String| RunFault::DamagedEvent { run: run.to_owned(), seq, cause };
        let differs = |cause: String| RunFault::Differs { run: run.to_owned(), seq, cause };
        let payload = Payload::from_json(&payload).map_err(damaged)?;
        let (event, work) = payload.event(self.engine.plan()).map_err(damaged)?;
        if let Event::TaskBegan { task } = event
            && self.desk.handed_out(task) != work.as_ref()
        {
            return Err(differs(format!("task {} is not what was handed out", task.0)));
        }
        self.desk.note(moment, &event).map_err(differs)?;
        for command in self.engine.apply(moment, &event) {
            self.desk.take(&command);
            if let Command::Tell(status) = command {
                self.statuses.push((moment, status));
            }
        }
        self.events.push(PastEvent { seq, moment, event });
        Ok(())
    }
}

/// The plan that the run was begun with.
pub(crate) fn plan(journal: &Journal, run: &RunRecord) -> Result<Arc<Plan>, RunFault> {
    let text = journal.plan(run)?;
    match from_json(&text) {
        Ok(plan) => Ok(Arc::new(plan)),
        Err(fault) => Err(RunFault::DamagedPlan { run: run.id.clone(), cause: fault.message }),
    }
}
