#![expect(clippy::disallowed_methods, reason = "measures how long the oldest event waits for the disk")]

use std::time::{Duration, Instant};

use crate::engine::{Event, Outcome, Status, Task, TaskId};
use crate::plan::Plan;
use crate::run::driver::Captured;
use crate::run::journal::{Entry, Journal, Payload, RunWriter};
use crate::run::{Observer, RunFault};
use crate::time::Moment;

/// Events that are not on disk yet, and what is to be told once they are. A group of them is one transaction: it is
/// written before a process or a question goes out that follows from it, before the controller waits, and before it
/// grows large or old.
#[derive(Debug)]
pub(crate) struct Record {
    journal: Journal,
    run: RunWriter,
    entries: Vec<Entry>,
    /// The task of each entry that says that one begins.
    begins: Vec<(usize, TaskId)>,
    tells: Vec<(Moment, Status)>,
    oldest: Option<Instant>,
}

/// Where an event came from, and what belongs to it.
#[derive(Debug, Default)]
pub(crate) struct Origin<'a> {
    /// The work of a task that begins.
    pub work: Option<&'a Task>,
    /// What a task that ended printed.
    pub output: Captured,
    /// The act of the inbox.
    pub act: Option<i64>,
}

impl Record {
    pub fn new(journal: Journal, run: RunWriter) -> Record {
        Record { journal, run, entries: Vec::new(), begins: Vec::new(), tells: Vec::new(), oldest: None }
    }

    pub fn journal(&mut self) -> &mut Journal {
        &mut self.journal
    }

    pub fn run(&self) -> &RunWriter {
        &self.run
    }

    pub fn add(&mut self, moment: Moment, event: &Event, origin: Origin, plan: &Plan) {
        // INVARIANT: a task that begins brings its work.
        let Some(payload) = Payload::new(event, origin.work, plan) else { return };
        if let Event::TaskBegan { task } = event {
            self.begins.push((self.entries.len(), *task));
        }
        let output = match event {
            Event::StepEnded { task, .. } | Event::ProbeAnswered { task, .. } if !origin.output.is_empty() => {
                Some((task.0, origin.output))
            }
            _ => None,
        };
        self.oldest.get_or_insert_with(Instant::now);
        self.entries.push(Entry { moment, payload: payload.to_json(), output, act: origin.act });
    }

    pub fn tell(&mut self, moment: Moment, status: Status) {
        self.tells.push((moment, status));
    }

    /// Whether the group should not wait any longer.
    pub fn is_ripe(&self) -> bool {
        self.entries.len() >= LARGE || self.oldest.is_some_and(|oldest| oldest.elapsed() >= OLD)
    }

    /// Writes the group, and the outcome with it; then tells. After a fault the group is still here.
    pub fn flush(
        &mut self,
        outcome: Option<Outcome>,
        plan: &Plan,
        observer: &mut dyn Observer,
    ) -> Result<(), RunFault> {
        if !self.entries.is_empty() || outcome.is_some() {
            self.journal.append(&mut self.run, &self.entries, outcome)?;
            self.entries.clear();
            self.begins.clear();
            self.oldest = None;
        }
        for (at, status) in self.tells.drain(..) {
            observer.told(at, &status, plan);
        }
        Ok(())
    }

    /// These tasks did not begin after all: the group that says so was not written, and nothing was started.
    pub fn take_back(&mut self, tasks: &[TaskId]) {
        for (place, task) in std::mem::take(&mut self.begins).into_iter().rev() {
            if tasks.contains(&task) {
                self.entries.remove(place);
            }
        }
    }
}

const LARGE: usize = 512;
const OLD: Duration = Duration::from_millis(100);
