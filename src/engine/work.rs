use std::collections::BTreeMap;

use crate::engine::gates::AskingIdx;
use crate::engine::layout::LaneIdx;
use crate::engine::{Command, Engine, Task, TaskId, TimerId};
use crate::plan::HostIdx;
use crate::time::Moment;

/// What was handed out and has not come back: tasks and timers, by number in the order of handing out.
#[derive(Debug, Clone, Default)]
pub(super) struct Work {
    tasks: BTreeMap<TaskId, Handed>,
    timers: BTreeMap<TimerId, Alarm>,
    next_task: u64,
    next_timer: u64,
}

#[derive(Debug, Clone)]
pub(super) struct Handed {
    pub task: Task,
    pub began: bool,
    /// Whose gate asks, where it is a gate's probe.
    pub asking: Option<AskingIdx>,
}

#[derive(Debug, Clone, Copy)]
struct Alarm {
    at: Moment,
    wakes: Wakes,
}

/// What goes on when a timer fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wakes {
    Start,
    /// A batch whose window opens.
    Lane(LaneIdx),
    Soak,
    Approval,
    /// A pause between two attempts, or between two askings of a step's wait.
    Host(HostIdx),
    Asking(AskingIdx),
    /// The deadline may be at risk by now.
    Risk,
}

impl Work {
    pub fn is_idle(&self) -> bool {
        self.tasks.is_empty()
    }

    pub fn get(&self, task: TaskId) -> Option<&Handed> {
        self.tasks.get(&task)
    }

    pub fn began(&mut self, task: TaskId) {
        if let Some(handed) = self.tasks.get_mut(&task) {
            handed.began = true;
        }
    }

    pub fn take_task(&mut self, task: TaskId) -> Option<Handed> {
        self.tasks.remove(&task)
    }

    /// The first attempts of steps that are not known to have begun: the task, its host and the step.
    pub fn unbegun(&self) -> Vec<(TaskId, HostIdx, u32)> {
        let unbegun = |(id, handed): (&TaskId, &Handed)| match handed.task {
            Task::Run { host, step, attempt: 1 } if !handed.began => Some((*id, host, step)),
            _ => None,
        };
        self.tasks.iter().filter_map(unbegun).collect()
    }

    /// None where the timer was cancelled, or never set.
    pub fn take_timer(&mut self, timer: TimerId) -> Option<Wakes> {
        self.timers.remove(&timer).map(|alarm| alarm.wakes)
    }

    pub fn wakes_of(&self, timer: TimerId) -> Option<Wakes> {
        self.timers.get(&timer).map(|alarm| alarm.wakes)
    }

    pub fn wakes(&self) -> impl Iterator<Item = Wakes> {
        self.timers.values().map(|alarm| alarm.wakes)
    }
}

impl Engine {
    pub(super) fn begin(&mut self, task: Task) -> TaskId {
        self.hand_out(task, None)
    }

    pub(super) fn begin_probe(&mut self, task: Task, asking: AskingIdx) -> TaskId {
        self.hand_out(task, Some(asking))
    }

    fn hand_out(&mut self, task: Task, asking: Option<AskingIdx>) -> TaskId {
        let id = TaskId(self.work.next_task);
        self.work.next_task += 1;
        self.work.tasks.insert(id, Handed { task: task.clone(), began: false, asking });
        self.commands.push(Command::Begin { task: id, work: task });
        id
    }

    pub(super) fn withdraw(&mut self, task: TaskId) {
        if self.work.take_task(task).is_some() {
            self.commands.push(Command::Withdraw { task });
        }
    }

    pub(super) fn set_timer(&mut self, at: Moment, wakes: Wakes) -> TimerId {
        let timer = TimerId(self.work.next_timer);
        self.work.next_timer += 1;
        self.work.timers.insert(timer, Alarm { at, wakes });
        self.commands.push(Command::SetTimer { timer, at });
        timer
    }

    pub(super) fn cancel_timer(&mut self, timer: TimerId) {
        if self.work.timers.remove(&timer).is_some() {
            self.commands.push(Command::CancelTimer { timer });
        }
    }

    /// The work handed out and not yet ended, with whether it is known to have begun; in order.
    pub fn under_way(&self) -> Vec<(TaskId, Task, bool)> {
        self.work.tasks.iter().map(|(id, handed)| (*id, handed.task.clone(), handed.began)).collect()
    }

    /// Timers set and neither fired nor cancelled; in order of time.
    pub fn timers(&self) -> Vec<(TimerId, Moment)> {
        let mut timers: Vec<_> = self.work.timers.iter().map(|(id, alarm)| (*id, alarm.at)).collect();
        timers.sort_by_key(|(id, at)| (*at, *id));
        timers
    }
}
