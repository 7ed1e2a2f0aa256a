use std::collections::{BTreeMap, BTreeSet};

use crate::engine::{Command, Engine, Event, Task, TaskId, TimerId};
use crate::time::Moment;

/// What the engine has handed out and not got back: tasks and timers. It follows commands and events alone, so that a
/// replay leaves the same on it as the run did, and an event that nothing led to is noticed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Desk {
    /// Handed out, not begun; in order.
    waiting: BTreeMap<TaskId, Task>,
    /// The same, where the change of a host begins with it. They come last: with few places among the processes hosts are
    /// brought to their end before more are opened.
    opening: BTreeMap<TaskId, Task>,
    under_way: BTreeMap<TaskId, UnderWay>,
    timers: BTreeSet<(Moment, TimerId)>,
    moments: BTreeMap<TimerId, Moment>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnderWay {
    pub task: Task,
    pub began_at: Moment,
}

impl Desk {
    pub fn take(&mut self, command: &Command) {
        match command {
            Command::Begin { task, work } => {
                let opens = matches!(work, Task::Run { step: 0, attempt: 1, .. });
                let of_its_kind = if opens { &mut self.opening } else { &mut self.waiting };
                of_its_kind.insert(*task, work.clone());
            }
            Command::Withdraw { task } => {
                self.take_off(*task);
            }
            Command::SetTimer { timer, at } => {
                self.timers.insert((*at, *timer));
                self.moments.insert(*timer, *at);
            }
            Command::CancelTimer { timer } => {
                self.drop_timer(*timer);
            }
            Command::AskApproval { .. } | Command::Tell(_) => {}
        }
    }

    /// Takes note of what happened.
    ///
    /// # Errors
    /// One line, where nothing that was handed out can have led to the event.
    pub fn note(&mut self, at: Moment, event: &Event) -> Result<(), String> {
        match event {
            Event::TaskBegan { task } => match self.take_off(*task) {
                Some(work) => {
                    self.under_way.insert(*task, UnderWay { task: work, began_at: at });
                    Ok(())
                }
                None => Err(format!("task {} begins and was not handed out", task.0)),
            },
            Event::StepEnded { task, .. } | Event::ProbeAnswered { task, .. } | Event::TaskLost { task } => {
                match self.under_way.remove(task) {
                    Some(_) => Ok(()),
                    None => Err(format!("task {} ends and was not under way", task.0)),
                }
            }
            Event::TimerFired { timer } => match self.drop_timer(*timer) {
                // The journal keeps whole seconds.
                Some(due) if due.timestamp() <= at.timestamp() => Ok(()),
                Some(_) => Err(format!("timer {} fires before its time", timer.0)),
                None => Err(format!("timer {} fires and was not set", timer.0)),
            },
            Event::Started | Event::Said { .. } => Ok(()),
        }
    }

    fn drop_timer(&mut self, timer: TimerId) -> Option<Moment> {
        let at = self.moments.remove(&timer)?;
        self.timers.remove(&(at, timer));
        Some(at)
    }

    fn take_off(&mut self, task: TaskId) -> Option<Task> {
        self.waiting.remove(&task).or_else(|| self.opening.remove(&task))
    }

    /// The task that is to begin next, of those not begun.
    pub fn next_to_begin(&self) -> Option<(TaskId, &Task)> {
        let next = self.waiting.first_key_value().or_else(|| self.opening.first_key_value());
        next.map(|(id, task)| (*id, task))
    }

    /// The work of a task that was handed out and has not begun.
    pub fn handed_out(&self, task: TaskId) -> Option<&Task> {
        self.waiting.get(&task).or_else(|| self.opening.get(&task))
    }

    pub fn under_way(&self) -> &BTreeMap<TaskId, UnderWay> {
        &self.under_way
    }

    /// The timer that fires first.
    pub fn next_timer(&self) -> Option<(Moment, TimerId)> {
        self.timers.first().copied()
    }

    /// Whether the engine sees the same on its desk.
    pub fn agrees_with(&self, engine: &Engine) -> bool {
        let tasks = engine.under_way();
        let tasks_agree = tasks.len() == self.waiting.len() + self.opening.len() + self.under_way.len()
            && tasks.iter().all(|(id, task, began)| match began {
                true => self.under_way.get(id).is_some_and(|under_way| under_way.task == *task),
                false => self.handed_out(*id) == Some(task),
            });
        let timers = engine.timers();
        tasks_agree
            && timers.len() == self.timers.len()
            && timers.iter().all(|(id, at)| self.moments.get(id) == Some(at))
    }
}
