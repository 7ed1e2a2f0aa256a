use std::collections::BTreeMap;

use crate::engine::{
    Answer, Command, Engine, Event, HostState, PersonAct, Question, Status, StepResult, Task, TaskId, TimerFor,
    TimerId, who_may,
};
use crate::model::RegionId;
use crate::plan::HostIdx;
use crate::simulate::claim::GateWords;
use crate::time::{Duration, Moment, later_by};

/// What happens next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// A task ends, with all that belongs to it: its retries, its wait and its `verify`, a gate's further askings.
    Task {
        task: TaskId,
        ending: Ending,
    },
    Timer {
        timer: TimerId,
    },
    /// The controller dies and is started again: nobody has heard how what was under way ended.
    Crash,
    /// Said by the first person who may.
    Act {
        act: PersonAct,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ending {
    Good,
    Bad,
    /// Of a gate, or of the `verify` of a lost step.
    Unknown,
}

/// A run at one moment.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub engine: Engine,
    pub now: Moment,
    /// When each task under way began.
    pub begun: BTreeMap<TaskId, Moment>,
    pub words: GateWords,
}

/// What is told on the way, with its moment; nothing is kept where nobody listens.
pub(super) type Listener<'l> = &'l mut dyn FnMut(Moment, Status);

/// No gate is asked, and no step tried, more often than this within one choice.
const MOST_TRIES: u32 = 10_000;

impl State {
    pub fn new(engine: Engine, listen: Listener) -> State {
        let now = engine.plan().starts_at;
        let mut state = State { engine, now, begun: BTreeMap::new(), words: GateWords::default() };
        state.event(now, &Event::Started, listen);
        state
    }

    /// INVARIANT: the choice is one of this state's.
    pub fn take(&mut self, choice: &Choice, until: Moment, listen: Listener) {
        match choice {
            Choice::Task { task, ending } => self.end_task(*task, *ending, until, listen),
            Choice::Timer { timer } => self.fire(*timer, listen),
            Choice::Crash => {
                for task in std::mem::take(&mut self.begun).into_keys() {
                    self.event(self.now, &Event::TaskLost { task }, listen);
                }
            }
            Choice::Act { act } => {
                let person = who_may(self.engine.plan(), act).unwrap_or_default().to_owned();
                self.event(self.now, &Event::Said { person, act: act.clone() }, listen);
            }
        }
    }

    /// Where a task belongs; nowhere, if it is of a batch that is none of the plan's.
    pub fn region_of(&self, work: &Task) -> Option<RegionId> {
        match work {
            Task::Run { host, .. } | Task::Undo { host, .. } | Task::Verify { host, .. } => {
                Some(self.engine.plan().region_of(*host))
            }
            Task::Probe { question: Question::Wait { host, .. } } => Some(self.engine.plan().region_of(*host)),
            Task::Probe { question: Question::Gate { subject, .. } } => self.engine.region_of(*subject),
        }
    }

    /// When a task usually ends: as long after its beginning as its step takes, or its gate must go on passing.
    pub fn usual_end(&self, task: TaskId, work: &Task) -> Moment {
        let plan = self.engine.plan();
        let length = match work {
            Task::Run { step, .. } | Task::Undo { step, .. } => plan.steps[*step as usize].takes,
            Task::Verify { .. } => Duration::ZERO,
            Task::Probe { question: Question::Gate { gate, .. } } => plan.gates[gate.0 as usize].lasts_for,
            Task::Probe { question: Question::Wait { .. } } => Duration::ZERO,
        };
        later_by(self.begun.get(&task).copied().unwrap_or(self.now), length)
    }

    /// When a task ends at the latest, by its time limits.
    pub fn latest_end(&self, task: TaskId, work: &Task) -> Moment {
        let plan = self.engine.plan();
        let begun = self.begun.get(&task).copied().unwrap_or(self.now);
        let length = match work {
            Task::Run { step, .. } | Task::Undo { step, .. } | Task::Verify { step, .. } => {
                let step = &plan.steps[*step as usize];
                let wait = step.wait.as_ref().map_or(Duration::ZERO, |wait| wait.within);
                [step.timeout, wait].into_iter().sum()
            }
            Task::Probe { question: Question::Gate { gate, .. } } => {
                let gate = &plan.gates[gate.0 as usize];
                [gate.timeout, gate.within.unwrap_or(Duration::ZERO), gate.lasts_for].into_iter().sum()
            }
            Task::Probe { question: Question::Wait { timeout, .. } } => *timeout,
        };
        later_by(begun, length).max(self.usual_end(task, work))
    }

    fn event(&mut self, at: Moment, event: &Event, listen: Listener) {
        self.now = self.now.max(at);
        let commands = self.engine.apply(self.now, event);
        for command in commands {
            match command {
                Command::Begin { task, .. } => {
                    self.begun.insert(task, self.now);
                    self.engine.apply(self.now, &Event::TaskBegan { task });
                }
                Command::Withdraw { task } => drop(self.begun.remove(&task)),
                Command::Tell(status) => {
                    if let Status::GateAnswered { gate, answer, .. } = status {
                        match answer {
                            Answer::Pass => self.words.note(gate, true),
                            Answer::Fail => self.words.note(gate, false),
                            Answer::Unknown => {}
                        }
                    }
                    if let Status::Notified { team, .. } = status {
                        self.words.note_told(team);
                    }
                    listen(self.now, status);
                }
                Command::AskApproval { stage } => self.words.note_asked(self.engine.plan(), stage),
                Command::SetTimer { .. } | Command::CancelTimer { .. } => {}
            }
        }
    }

    fn fire(&mut self, timer: TimerId, listen: Listener) {
        let at = self.engine.timers().into_iter().find(|(id, _)| *id == timer).map_or(self.now, |(_, at)| at);
        self.event(at, &Event::TimerFired { timer }, listen);
    }

    fn end_task(&mut self, task: TaskId, ending: Ending, until: Moment, listen: Listener) {
        let Some(work) = self.engine.task(task).cloned() else { return };
        let at = self.usual_end(task, &work).min(until).max(self.now);
        match work {
            Task::Probe { question: Question::Gate { gate, subject } } => {
                let is_it = |task: &Task| *task == Task::Probe { question: Question::Gate { gate, subject } };
                let planned = &self.engine.plan().gates[gate.0 as usize];
                let begun = self.begun.get(&task).copied().unwrap_or(self.now);
                let last = match (ending, planned.within) {
                    (Ending::Bad | Ending::Unknown, Some(within)) => later_by(begun, within).max(at),
                    (Ending::Bad | Ending::Unknown, None) => at,
                    (Ending::Good, _) => later_by(begun, planned.lasts_for).max(at),
                };
                let answer = match ending {
                    Ending::Good => Answer::Pass,
                    Ending::Bad => Answer::Fail,
                    Ending::Unknown => Answer::Unknown,
                };
                let mut next = Some(task);
                for _ in 0..MOST_TRIES {
                    let Some(task) = next else { break };
                    self.answer(task, last, answer, listen);
                    let timer = self.find_timer(|timer| timer == TimerFor::Gate { gate, subject });
                    if let Some(timer) = timer {
                        self.fire(timer, listen);
                    }
                    next = self.find_task(is_it);
                }
            }
            Task::Verify { host, .. } => {
                self.end_step_task(task, at, ending, listen);
                if ending == Ending::Bad {
                    self.go_on_failing(host, listen);
                }
            }
            Task::Run { host, .. }
            | Task::Undo { host, .. }
            | Task::Probe { question: Question::Wait { host, .. } } => {
                match ending {
                    Ending::Good => self.succeed(host, task, at, listen),
                    Ending::Bad | Ending::Unknown => {
                        let at = match &work {
                            // A wait fails when its time is over.
                            Task::Probe { .. } => self.latest_wait(host, at),
                            _ => at,
                        };
                        self.end_step_task(task, at, Ending::Bad, listen);
                        self.go_on_failing(host, listen);
                    }
                }
            }
        }
    }

    /// The command, then its wait, then its `verify`.
    fn succeed(&mut self, host: HostIdx, task: TaskId, at: Moment, listen: Listener) {
        self.end_step_task(task, at, Ending::Good, listen);
        for _ in 0..2 {
            let follows = |task: &Task| match task {
                Task::Probe { question: Question::Wait { host: waits, .. } } | Task::Verify { host: waits, .. } => {
                    *waits == host
                }
                _ => false,
            };
            let Some(task) = self.find_task(follows) else { return };
            self.end_step_task(task, at, Ending::Good, listen);
        }
    }

    /// A failed attempt is followed by the step's other attempts, which fail too.
    fn go_on_failing(&mut self, host: HostIdx, listen: Listener) {
        for _ in 0..MOST_TRIES {
            let Some(timer) = self.find_timer(|timer| timer == TimerFor::Host(host)) else { return };
            self.fire(timer, listen);
            let again = |task: &Task| match task {
                Task::Run { host: of, .. } | Task::Undo { host: of, .. } => *of == host,
                Task::Probe { question: Question::Wait { host: of, .. } } => *of == host,
                _ => false,
            };
            let Some(task) = self.find_task(again) else { return };
            let at = match self.engine.task(task) {
                Some(Task::Probe { .. }) => self.latest_wait(host, self.now),
                _ => self.now,
            };
            self.end_step_task(task, at, Ending::Bad, listen);
        }
    }

    fn latest_wait(&self, host: HostIdx, at: Moment) -> Moment {
        let step = match self.engine.host(host) {
            HostState::Ahead { step } | HostState::Changing { step } | HostState::Undoing { step } => step,
            _ => return at,
        };
        let wait = self.engine.plan().steps.get(step as usize).and_then(|step| step.wait.as_ref());
        later_by(at, wait.map_or(Duration::ZERO, |wait| wait.within))
    }

    fn end_step_task(&mut self, task: TaskId, at: Moment, ending: Ending, listen: Listener) {
        if let Some(Task::Probe { .. }) = self.engine.task(task) {
            let answer = if ending == Ending::Good { Answer::Pass } else { Answer::Fail };
            return self.answer(task, at, answer, listen);
        }
        let result = match ending {
            Ending::Good => StepResult::Succeeded,
            Ending::Bad => StepResult::Failed { detail: String::new() },
            Ending::Unknown => StepResult::NotStarted { detail: String::new() },
        };
        self.begun.remove(&task);
        self.event(at, &Event::StepEnded { task, result }, listen);
    }

    fn answer(&mut self, task: TaskId, at: Moment, answer: Answer, listen: Listener) {
        self.begun.remove(&task);
        self.event(at, &Event::ProbeAnswered { task, answer, detail: String::new() }, listen);
    }

    fn find_task(&self, is_it: impl Fn(&Task) -> bool) -> Option<TaskId> {
        self.begun.keys().copied().find(|task| self.engine.task(*task).is_some_and(&is_it))
    }

    fn find_timer(&self, is_it: impl Fn(TimerFor) -> bool) -> Option<TimerId> {
        let timers = self.engine.timers();
        timers.into_iter().map(|(timer, _)| timer).find(|timer| self.engine.timer_for(*timer).is_some_and(&is_it))
    }
}
