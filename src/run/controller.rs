#![expect(clippy::disallowed_methods, reason = "waits for processes, timers and people")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration as Patience, Instant};

use crate::engine::{Engine, Event, Outcome, StepResult, TaskId, Waiting};
use crate::plan::Plan;
use crate::run::clock::Clock;
use crate::run::crew::{Crew, Job, Report};
use crate::run::desk::Desk;
use crate::run::dispatch::{Dispatch, Prepared, Ready};
use crate::run::driver::{Captured, Local};
use crate::run::journal::SavedAct;
use crate::run::lock::RunLock;
use crate::run::observer::{Observer, Stop};
use crate::run::record::{Origin, Record};
use crate::run::survivors::Survivor;
use crate::run::{Cutoff, Interrupt, RunFault};
use crate::time::{Duration, Moment, later_by};

/// Carries one run on: hands the engine what happens, and does what it says. One process at a time does so for a run.
///
/// What it promises: an event is on disk before anything goes out that follows from it, and before anybody is told.
#[derive(Debug)]
pub struct Controller {
    pub(super) plan: Arc<Plan>,
    pub(super) engine: Engine,
    pub(super) desk: Desk,
    pub(super) clock: Clock,
    pub(super) record: Record,
    pub(super) dispatch: Dispatch,
    pub(super) crew: Crew,
    pub(super) cutoff: Cutoff,
    pub(super) lock: RunLock,
    pub(super) settings: Settings,
    /// Of a rehearsal: whether it answers approvals itself.
    pub(super) approves_itself: bool,
    /// What is to happen before anything else.
    pub(super) first: Vec<Event>,
    /// Processes of a dead controller that still run.
    pub(super) survivors: BTreeMap<TaskId, Survivor>,
    /// Results that are in, and the moment at which they happen: at once, or when the step's time is over.
    pub(super) standing: BTreeMap<(Moment, TaskId), (Event, Captured)>,
    /// How long the tasks that are under way stand on the clock.
    pub(super) stands_for: BTreeMap<TaskId, Duration>,
    pub(super) stop: Option<Stop>,
    pub(super) inbox: Inbox,
    pub(super) told_waiting: Vec<Waiting>,
}

/// What is up to whoever starts a controller.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Processes and probes under way at once, at most.
    pub at_once: usize,
    /// Between the request to end and the end by force, for a process at its limit.
    pub grace: Duration,
    pub interrupt: Interrupt,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { at_once: 64, grace: Local::GRACE, interrupt: Interrupt::new() }
    }
}

/// How far a controller came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunEnd {
    pub run: String,
    /// None where it was stopped before there was one; `resume` goes on.
    pub outcome: Option<Outcome>,
    pub stop: Option<Stop>,
}

/// When the journal was last looked at for what people said.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    looked_at: Option<Instant>,
    version: Option<i64>,
}

impl Controller {
    pub fn run(&self) -> &str {
        &self.record.run().id
    }

    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// Goes on until the run has an outcome, or somebody stops it.
    ///
    /// # Errors
    /// The journal cannot be written or read. What is under way is waited for first, and then nothing more is done;
    /// `resume` goes on from what is on disk.
    pub fn carry_on(mut self, observer: &mut dyn Observer) -> Result<RunEnd, RunFault> {
        let end = match self.work(observer) {
            Ok(end) => end,
            Err(fault) => {
                self.wind_up(&fault, observer);
                return Err(fault);
            }
        };
        if matches!(end.outcome, Some(Outcome::Complete | Outcome::RolledBack)) {
            self.lock.retire();
        }
        Ok(end)
    }

    fn work(&mut self, observer: &mut dyn Observer) -> Result<RunEnd, RunFault> {
        for event in std::mem::take(&mut self.first) {
            self.happen(&event, Origin::default());
        }
        loop {
            self.heed_interrupt(observer);
            let mut has_moved = self.take_acts(false, observer)?;
            has_moved |= self.take_reports();
            has_moved |= self.lose_survivors();
            has_moved |= self.let_happen();
            has_moved |= self.begin_tasks(observer)?;
            if self.record.is_ripe() {
                self.flush(None, observer)?;
            }
            if has_moved {
                continue;
            }
            if let Some(end) = self.end(observer)? {
                return Ok(end);
            }
            self.wait(observer)?;
        }
    }

    /// The one way in which anything happens.
    pub(super) fn happen(&mut self, event: &Event, origin: Origin) {
        let at = self.clock.now();
        self.record.add(at, event, origin, &self.plan);
        // What the desk does not know the engine passes over; a replay will see it too.
        let _ = self.desk.note(at, event);
        for command in self.engine.apply(at, event) {
            self.desk.take(&command);
            if let crate::engine::Command::Tell(status) = command {
                self.record.tell(at, status);
            }
        }
    }

    pub(super) fn flush(&mut self, outcome: Option<Outcome>, observer: &mut dyn Observer) -> Result<(), RunFault> {
        self.record.flush(outcome, &self.plan, observer)
    }

    fn heed_interrupt(&mut self, observer: &mut dyn Observer) {
        if !self.settings.interrupt.take() {
            return;
        }
        let stop = match self.stop {
            None => Stop::Asked,
            Some(Stop::Asked | Stop::Fault(_)) => Stop::AtOnce,
            Some(Stop::AtOnce) => return,
        };
        if stop == Stop::AtOnce {
            self.cutoff.pull();
        }
        observer.stops(&stop, self.crew.busy());
        self.stop = Some(stop);
    }

    /// What people said from other terminals.
    fn take_acts(&mut self, at_once: bool, observer: &mut dyn Observer) -> Result<bool, RunFault> {
        if !at_once && self.inbox.looked_at.is_some_and(|looked_at| looked_at.elapsed() < LOOK_EVERY) {
            return Ok(false);
        }
        self.inbox.looked_at = Some(Instant::now());
        let version = self.record.journal().data_version()?;
        if self.inbox.version.replace(version) == Some(version) {
            return Ok(false);
        }
        let run = self.record.run().key;
        let acts = self.record.journal().waiting_acts(run)?;
        let has_some = !acts.is_empty();
        for act in acts {
            match SavedAct::from_json(&act.payload).and_then(|saved| saved.act(&self.plan)) {
                Ok(said) => {
                    let event = Event::Said { person: act.person, act: said };
                    self.happen(&event, Origin { act: Some(act.id), ..Origin::default() });
                }
                Err(reason) => self.record.journal().refuse_act(act.id, &reason)?,
            }
        }
        if has_some {
            // Until they are written as taken they are still in the inbox.
            self.flush(None, observer)?;
        }
        Ok(has_some)
    }

    /// A process of a dead controller has ended; what it did is for its `verify` or for a person to say.
    fn lose_survivors(&mut self) -> bool {
        let grace = Patience::from_secs(self.settings.grace.seconds());
        let mut ended = Vec::new();
        for (task, survivor) in &mut self.survivors {
            survivor.keep_to_its_limit(grace);
            if !survivor.is_alive() {
                ended.push(*task);
            }
        }
        for task in &ended {
            self.survivors.remove(task);
            self.happen(&Event::TaskLost { task: *task }, Origin::default());
        }
        !ended.is_empty()
    }

    /// Whether processes are under way, of ours or of a controller before us.
    pub(super) fn is_busy(&self) -> bool {
        self.crew.busy() > 0 || !self.survivors.is_empty()
    }

    fn take_reports(&mut self) -> bool {
        let mut has_some = false;
        while let Some((task, report)) = self.crew.try_report() {
            self.stand(task, report);
            has_some = true;
        }
        has_some
    }

    /// A result is in. It happens when the task has stood on the clock for its time.
    pub(super) fn stand(&mut self, task: TaskId, report: Report) {
        let stands_for = self.stands_for.remove(&task).unwrap_or_default();
        let Some((event, output)) = event_of(task, report) else { return };
        let now = self.clock.now();
        let began_at = self.desk.under_way().get(&task).map_or(now, |under_way| under_way.began_at);
        self.standing.insert((later_by(began_at, stands_for).max(now), task), (event, output));
    }

    /// A task that was under way when the last controller ended, and of which nothing can be lost.
    pub(super) fn stand_again(&mut self, task: TaskId, prepared: Prepared) {
        self.stands_for.insert(task, prepared.stands_for);
        if let Ready::Known(report) = prepared.work {
            self.stand(task, report);
        }
    }

    pub(super) fn may_begin(&self) -> bool {
        self.stop.is_none() && self.desk.next_to_begin().is_some()
    }

    /// Begins what the engine has handed out, as much at once as may be: first the word on disk, then the processes.
    fn begin_tasks(&mut self, observer: &mut dyn Observer) -> Result<bool, RunFault> {
        let mut jobs: Vec<(TaskId, Job)> = Vec::new();
        let mut has_begun = false;
        while self.stop.is_none()
            && let Some((task, work)) = self.desk.next_to_begin()
        {
            let prepared = self.dispatch.prepare(task, work);
            if matches!(prepared.work, Ready::Job(_)) && self.crew.busy() + jobs.len() >= self.settings.at_once.max(1) {
                break;
            }
            let work = work.clone();
            self.happen(&Event::TaskBegan { task }, Origin { work: Some(&work), ..Origin::default() });
            self.stands_for.insert(task, prepared.stands_for);
            has_begun = true;
            match prepared.work {
                Ready::Known(report) => self.stand(task, report),
                Ready::Job(job) => jobs.push((task, job)),
            }
        }
        if !jobs.is_empty() {
            if let Err(fault) = self.flush(None, observer) {
                let tasks: Vec<TaskId> = jobs.iter().map(|(task, _)| *task).collect();
                self.record.take_back(&tasks);
                return Err(fault);
            }
            for (task, job) in jobs {
                self.crew.start(task, job);
            }
        }
        Ok(has_begun)
    }

    /// Whether that is all. Nothing more can happen now without waiting.
    fn end(&mut self, observer: &mut dyn Observer) -> Result<Option<RunEnd>, RunFault> {
        if self.crew.busy() > 0 {
            return Ok(None);
        }
        let is_over = match self.stop {
            None => self.engine.outcome().is_some(),
            Some(Stop::Asked) => !self.clock.is_virtual() || self.standing.is_empty() || self.is_busy(),
            Some(Stop::AtOnce | Stop::Fault(_)) => true,
        };
        if !is_over || self.take_acts(true, observer)? {
            return Ok(None);
        }
        let outcome = self.engine.outcome();
        self.flush(outcome, observer)?;
        Ok(Some(RunEnd { run: self.run().to_owned(), outcome, stop: self.stop.clone() }))
    }

    /// Nothing can be recorded. What is under way ends, and one more try is made to write down how.
    fn wind_up(&mut self, fault: &RunFault, observer: &mut dyn Observer) {
        let stop = Stop::Fault(fault.clone());
        observer.stops(&stop, self.crew.busy());
        self.stop = Some(stop);
        while self.crew.busy() > 0 {
            self.heed_interrupt(observer);
            if let Some((task, report)) = self.crew.report_within(LOOK_EVERY) {
                self.stand(task, report);
            }
        }
        while let Some(((at, _), (event, output))) = self.standing.pop_first() {
            self.clock.jump(at);
            if at <= self.clock.now() {
                self.happen(&event, Origin { output, ..Origin::default() });
            }
        }
        // Where it fails again, those tasks are lost as after a crash, and `resume` finds out how they ended.
        let _ = self.flush(None, observer);
    }
}

/// Between two looks into the inbox, and at the terminal.
pub(super) const LOOK_EVERY: Patience = Patience::from_millis(200);

/// None for what was cut off: that nobody knows how it ended is all there is to know.
fn event_of(task: TaskId, report: Report) -> Option<(Event, Captured)> {
    match report {
        Report::Step(ended) => {
            let result: StepResult = ended.result?;
            Some((Event::StepEnded { task, result }, ended.output))
        }
        Report::Probe(answered) => {
            let answer = answered.answer?;
            Some((Event::ProbeAnswered { task, answer, detail: answered.detail }, answered.output))
        }
    }
}
