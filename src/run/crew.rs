use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::engine::{Answer, StepResult, TaskId};
use crate::run::Cutoff;
use crate::run::driver::{Captured, Driver, Ended, Order};
use crate::run::probe::{Answered, Inquiry};

/// What a thread does for a task.
#[derive(Debug, Clone)]
pub(crate) enum Job {
    Step(Arc<dyn Driver>, Order),
    Probe(Inquiry),
}

/// How a task came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Report {
    Step(Ended),
    Probe(Answered),
}

/// Threads that wait for processes and answers, so that nobody else must. A thread a process is no slower than one loop
/// over all of them, and starts processes while the journal is being written.
#[derive(Debug)]
pub(crate) struct Crew {
    jobs: Sender<(TaskId, Job)>,
    queue: Arc<Mutex<Receiver<(TaskId, Job)>>>,
    reports: Receiver<(TaskId, Report)>,
    reporting: Sender<(TaskId, Report)>,
    cutoff: Cutoff,
    threads: usize,
    busy: usize,
}

impl Crew {
    pub fn new(cutoff: Cutoff) -> Crew {
        let (jobs, queue) = channel();
        let (reporting, reports) = channel();
        Crew { jobs, queue: Arc::new(Mutex::new(queue)), reports, reporting, cutoff, threads: 0, busy: 0 }
    }

    /// How many jobs have no report yet.
    pub fn busy(&self) -> usize {
        self.busy
    }

    pub fn start(&mut self, task: TaskId, job: Job) {
        self.busy += 1;
        if self.busy > self.threads {
            self.hire();
        }
        // INVARIANT: the other ends are ours too, so that they are open.
        if self.threads > 0 {
            let _ = self.jobs.send((task, job));
        } else {
            // Not one thread is to be had: then we wait for it ourselves.
            let _ = self.reporting.send((task, work(job, &self.cutoff)));
        }
    }

    /// A report that is there already.
    pub fn try_report(&mut self) -> Option<(TaskId, Report)> {
        let report = self.reports.try_recv().ok()?;
        self.busy -= 1;
        Some(report)
    }

    /// Waits for a report at most so long.
    pub fn report_within(&mut self, patience: Duration) -> Option<(TaskId, Report)> {
        match self.reports.recv_timeout(patience) {
            Ok(report) => {
                self.busy -= 1;
                Some(report)
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => None,
        }
    }

    fn hire(&mut self) {
        let (queue, reporting, cutoff) = (Arc::clone(&self.queue), self.reporting.clone(), self.cutoff.clone());
        let hired = thread::Builder::new().name("sunup-task".to_owned()).spawn(move || {
            loop {
                // Whoever waits in the queue holds its lock; the others wait for the lock.
                let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
                let Ok((task, job)) = job else { return };
                if reporting.send((task, work(job, &cutoff))).is_err() {
                    return;
                }
            }
        });
        // Where the system gives no more threads the job waits for one of those that are there.
        self.threads += usize::from(hired.is_ok());
    }
}

/// A fault of ours in one task must not leave the run waiting for it for ever.
fn work(job: Job, cutoff: &Cutoff) -> Report {
    const OURS: &str = "Sunup itself failed here; please report it";
    match job {
        Job::Step(driver, order) => {
            let ended = catch_unwind(AssertUnwindSafe(|| driver.perform(&order, cutoff)));
            Report::Step(ended.unwrap_or_else(|_| Ended {
                result: Some(StepResult::Failed { detail: OURS.to_owned() }),
                output: Captured::default(),
            }))
        }
        Job::Probe(inquiry) => {
            let answered = catch_unwind(AssertUnwindSafe(|| inquiry.ask(cutoff)));
            Report::Probe(answered.unwrap_or_else(|_| Answered::new(Answer::Unknown, OURS)))
        }
    }
}
