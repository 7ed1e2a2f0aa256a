#![expect(clippy::disallowed_methods, reason = "looks for processes that a dead controller left behind")]

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::engine::TaskId;

/// A step's process that outlived the controller that began it. Its outcome is lost, but until it has ended nobody may ask
/// how far it came, let alone run the step again.
#[derive(Debug)]
pub(crate) struct Survivor {
    process: Pid,
    mark: Mark,
    /// When its limit is over: what the dead controller would have done then is done by us.
    press_at: Instant,
    was_pressed: bool,
}

/// What the environment of a task's process says: the state folder, the run, the task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mark {
    pub state: String,
    pub run: String,
    pub task: TaskId,
}

impl Mark {
    pub fn variables(&self) -> [(&'static str, String); 3] {
        [("SUNUP_STATE", self.state.clone()), ("SUNUP_RUN", self.run.clone()), ("SUNUP_TASK", self.task.0.to_string())]
    }

    fn is_on(&self, process: Pid) -> bool {
        let Ok(environment) = std::fs::read(format!("/proc/{process}/environ")) else { return false };
        let has = |wanted: &str| environment.split(|byte| *byte == 0).any(|entry| entry == wanted.as_bytes());
        self.variables().iter().all(|(name, value)| has(&format!("{name}={value}")))
    }
}

impl Survivor {
    /// The processes of these tasks that still run, each with the limit on it. Where the system does not tell about
    /// processes (it has no `/proc`) there is none to be seen.
    pub fn find(lost: Vec<(Mark, Duration)>) -> BTreeMap<TaskId, Survivor> {
        if lost.is_empty() {
            return BTreeMap::new();
        }
        let leaders = step_processes();
        let survivor = |(mark, limit): (Mark, Duration)| {
            let process = *leaders.iter().find(|process| mark.is_on(**process))?;
            let press_at = Instant::now().checked_add(limit)?;
            Some((mark.task, Survivor { process, mark, press_at, was_pressed: false }))
        };
        lost.into_iter().filter_map(survivor).collect()
    }

    pub fn is_alive(&self) -> bool {
        place_of(self.process).is_some() && self.mark.is_on(self.process)
    }

    /// At its limit it is asked to end, and after the grace ended.
    pub fn keep_to_its_limit(&mut self, grace: Duration) {
        if self.press_at > Instant::now() {
            return;
        }
        let signal = if self.was_pressed { Signal::KILL } else { Signal::TERM };
        // One that is gone already is what we want.
        let _ = kill_process_group(self.process, signal);
        self.was_pressed = true;
        self.press_at = Instant::now() + grace;
    }
}

/// A living process's group and session.
struct PlaceOf {
    group: i32,
    session: i32,
}

/// Those that a driver may have started: they lead a group and no session. What a step leaves running on purpose, a daemon,
/// leads a session or nothing.
fn step_processes() -> Vec<Pid> {
    let Ok(entries) = Path::new("/proc").read_dir() else { return Vec::new() };
    let numbers = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
    let mut processes: Vec<i32> = numbers.collect();
    processes.sort_unstable();
    processes
        .into_iter()
        .filter_map(Pid::from_raw)
        .filter(|process| {
            let number = process.as_raw_nonzero().get();
            place_of(*process).is_some_and(|place| place.group == number && place.session != number)
        })
        .collect()
}

/// None for one that is gone, or that has ended and only waits to be collected.
fn place_of(process: Pid) -> Option<PlaceOf> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name stands in round brackets and may hold anything, also brackets.
    let mut parts = text.rsplit_once(") ")?.1.split(' ');
    let (state, _parent) = (parts.next()?, parts.next()?);
    let (group, session) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    (state != "Z" && state != "X").then_some(PlaceOf { group, session })
}
