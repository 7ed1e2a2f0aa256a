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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{StepResult, Task, TaskId, TimerId};
    use crate::plan::HostIdx;
    use crate::plan::example::Example;
    use crate::plan::to_json;
    use crate::run::StateFolder;
    use crate::run::journal::{Durability, Entry, NewRun};

    /// The fault of a run with these events, each with the work of a task that begins.
    fn fault(events: &[(Event, Option<Task>)]) -> Option<RunFault> {
        let place = tempfile::tempdir().unwrap();
        let state = StateFolder::open(place.path()).unwrap();
        let mut example = Example::plain(2);
        example.rest();
        let plan = example.plan("2007-05-08 12:00Z");
        let mut journal = Journal::open(&state, Durability::System).unwrap();
        let new = NewRun {
            rollout: "may",
            plan: &to_json(&plan),
            started_at: plan.starts_at,
            started_by: "ops",
            rehearsal: None,
            claims: &[],
        };
        let mut run = journal.create_run(&new).unwrap();
        let entry = |(event, work): &(Event, Option<Task>)| Entry {
            moment: plan.starts_at,
            payload: Payload::new(event, work.as_ref(), &plan).unwrap().to_json(),
            output: None,
            act: None,
        };
        journal.append(&mut run, &events.iter().map(entry).collect::<Vec<_>>(), None).unwrap();
        let record = journal.run("may-1").unwrap().unwrap();
        Replay::of(&journal, &record).err()
    }

    fn began(host: u32) -> (Event, Option<Task>) {
        (Event::TaskBegan { task: TaskId(0) }, Some(Task::Run { host: HostIdx(host), step: 0, attempt: 1 }))
    }

    #[test]
    fn what_follows_from_what_was_before_is_taken() {
        let ended = Event::StepEnded { task: TaskId(0), result: StepResult::Succeeded };
        assert_eq!(fault(&[]), None);
        assert_eq!(fault(&[(Event::Started, None), began(0), (ended, None)]), None);
    }

    #[test]
    fn what_does_not_follow_is_named_by_its_number() {
        let ended = Event::StepEnded { task: TaskId(0), result: StepResult::Succeeded };
        let fired = Event::TimerFired { timer: TimerId(5) };
        for (events, seq, cause) in [
            (vec![began(0)], 1, "task 0 is not what was handed out"),
            (vec![(Event::Started, None), began(1)], 2, "task 0 is not what was handed out"),
            (vec![(Event::Started, None), (ended, None)], 2, "task 0 ends and was not under way"),
            (vec![(Event::Started, None), (fired, None)], 2, "timer 5 fires and was not set"),
        ] {
            let differs = RunFault::Differs { run: "may-1".to_owned(), seq, cause: cause.to_owned() };
            assert_eq!(fault(&events), Some(differs));
        }
    }
}
