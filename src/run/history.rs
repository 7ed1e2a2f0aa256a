use std::sync::Arc;

use crate::engine::{Engine, Outcome, Status, Waiting};
use crate::plan::Plan;
use crate::run::find::{Wanted, find};
use crate::run::journal::{ActState, Journal, RunRecord, SavedAct};
use crate::run::lock::{Holder, holder};
use crate::run::replay::{PastEvent, Replay};
use crate::run::{Captured, RunFault, StateFolder};
use crate::time::Moment;

/// One run, as the list of runs has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSummary {
    pub id: String,
    pub rollout: String,
    /// On the machine's clock, in a rehearsal too.
    pub started_at: Moment,
    pub started_by: String,
    pub is_rehearsal: bool,
    /// None while it goes on, or when its controller ended before it did.
    pub outcome: Option<Outcome>,
    pub holder: Holder,
}

/// A run from its beginning to now, made of its journal: what `status` and every report shows.
#[derive(Debug, Clone)]
pub struct History {
    pub summary: RunSummary,
    pub events: Vec<PastEvent>,
    /// What was told while it went on.
    pub statuses: Vec<(Moment, Status)>,
    pub acts: Vec<PastAct>,
    engine: Engine,
}

/// What somebody said, taken or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastAct {
    pub moment: Moment,
    pub person: String,
    /// In the plan's own terms; none where it cannot be read any more.
    pub act: Option<crate::engine::PersonAct>,
    pub verdict: Verdict,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// No controller has taken it in yet.
    Waiting,
    /// It became the event of this number.
    Taken(u64),
    Refused(String),
}

/// All runs, the newest first.
pub fn runs(state: &StateFolder) -> Result<Vec<RunSummary>, RunFault> {
    let runs = Journal::open_to_read(state)?.runs()?;
    Ok(runs.into_iter().rev().map(|run| summary(state, run)).collect())
}

impl History {
    /// The run of that name, else the newest. Reading disturbs no controller.
    pub fn read(state: &StateFolder, run: Option<&str>) -> Result<History, RunFault> {
        History::find(state, run, Wanted::Any)
    }

    /// The run of that name, else the newest that can go on.
    pub fn unfinished(state: &StateFolder, run: Option<&str>) -> Result<History, RunFault> {
        History::find(state, run, Wanted::Unfinished)
    }

    fn find(state: &StateFolder, run: Option<&str>, wanted: Wanted) -> Result<History, RunFault> {
        let journal = Journal::open_to_read(state)?;
        let found = find(&journal, run, wanted)?;
        let replay = Replay::of(&journal, &found)?;
        let plan = replay.engine.plan();
        let acts = journal.acts(found.key)?.into_iter().map(|act| PastAct {
            moment: act.moment,
            person: act.person,
            act: SavedAct::from_json(&act.payload).and_then(|saved| saved.act(plan)).ok(),
            verdict: match act.state {
                ActState::Waiting => Verdict::Waiting,
                ActState::Taken(seq) => Verdict::Taken(seq),
                ActState::Refused(reason) => Verdict::Refused(reason),
            },
        });
        let acts = acts.collect();
        Ok(History {
            summary: summary(state, found),
            events: replay.events,
            statuses: replay.statuses,
            acts,
            engine: replay.engine,
        })
    }

    pub fn plan(&self) -> &Arc<Plan> {
        self.engine.plan()
    }

    /// The state of everything after the last event.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    pub fn waiting(&self) -> Vec<Waiting> {
        self.engine.waiting()
    }

    /// The moment of the last event, on the run's own clock.
    pub fn at(&self) -> Option<Moment> {
        self.events.last().map(|event| event.moment)
    }

    /// What a task printed, both ends of it.
    pub fn output(state: &StateFolder, run: &str, task: crate::engine::TaskId) -> Result<Option<Captured>, RunFault> {
        let journal = Journal::open_to_read(state)?;
        let found = find(&journal, Some(run), Wanted::Any)?;
        journal.output(&found, task.0)
    }
}

fn summary(state: &StateFolder, run: RunRecord) -> RunSummary {
    RunSummary {
        holder: holder(state, &run.id),
        id: run.id,
        rollout: run.rollout,
        started_at: run.started_at,
        started_by: run.started_by,
        is_rehearsal: run.rehearsal.is_some(),
        outcome: run.outcome,
    }
}
