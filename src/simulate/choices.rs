use std::collections::BTreeMap;

use crate::engine::{HostState, Outcome, PersonAct, Question, Settlement, Target, Task, TimerFor, who_may};
use crate::model::RegionId;
use crate::plan::HostIdx;
use crate::simulate::state::{Choice, Ending, State};
use crate::time::Moment;

/// A choice with what it costs of the bound on mishaps, and the moment that it must not pass.
#[derive(Debug, Clone)]
pub(super) struct Open {
    pub choice: Choice,
    /// 1 for a mishap: a failure, a gate that does not answer, a no or no answer from people, a crash, a person who holds or
    /// rolls back.
    pub cost: u8,
    /// Of what else goes on the next that must happen at its moment.
    pub until: Moment,
}

/// What can happen first in a region, or in the stage as a whole.
struct Next {
    at: Moment,
    choice: Thing,
    /// By when it must have happened.
    latest: Moment,
}

enum Thing {
    Task(crate::engine::TaskId, Task),
    Timer(crate::engine::TimerId, TimerFor),
}

/// Everything that can happen next in a state. Within a region things happen in the order in which they usually end; which
/// region is next is open, as far as time limits and timers let it be.
pub(super) fn choices(state: &State, regions_are_apart: bool, may_go_wrong: bool) -> Vec<Open> {
    let outcome = state.engine.outcome();
    if matches!(outcome, Some(Outcome::Complete | Outcome::RolledBack)) {
        return Vec::new();
    }
    let nexts = nexts(state);
    let mut open = Vec::new();
    let others = |region| nexts.iter().filter(move |(other, _)| **other != region).map(|(_, next)| next);
    let is_timer = |next: &&Next| matches!(next.choice, Thing::Timer(..));
    let until_of = |region| others(region).filter(is_timer).map(|next| next.at).min().unwrap_or(Moment::MAX_UTC);
    // A timer waits for those before it, and for what must end before it.
    let can_come = |region, next: &Next| {
        !is_timer(&next) || (next.at <= until_of(region) && others(region).all(|other| next.at <= other.latest))
    };
    let mut regions = nexts.iter().filter(|(region, next)| region.is_some() && can_come(**region, next));
    let first_region = regions.next().and_then(|(region, _)| *region);
    for (region, next) in &nexts {
        if regions_are_apart && region.is_some() && *region != first_region {
            continue;
        }
        let until = until_of(*region);
        match &next.choice {
            Thing::Task(task, work) => {
                for (ending, cost) in endings(state, work) {
                    open.push(Open { choice: Choice::Task { task: *task, ending }, cost, until });
                }
            }
            Thing::Timer(timer, of) => {
                if can_come(*region, next) {
                    let cost = u8::from(*of == TimerFor::Approval);
                    open.push(Open { choice: Choice::Timer { timer: *timer }, cost, until });
                }
            }
        }
    }
    let mut act = |act: PersonAct, cost: u8| {
        if who_may(state.engine.plan(), &act).is_some() {
            open.push(Open { choice: Choice::Act { act }, cost, until: Moment::MAX_UTC });
        }
    };
    answers(state, &mut act);
    match outcome {
        Some(Outcome::Held) => help(state, &mut act),
        _ if may_go_wrong => {
            let regions = nexts.keys().flatten().map(|region| Target::Region(*region));
            for target in [Target::Rollout].into_iter().chain(regions) {
                if !state.engine.has_hold(target) {
                    act(PersonAct::Hold { target }, 1);
                }
            }
        }
        _ => {}
    }
    if may_go_wrong && !state.begun.is_empty() {
        open.push(Open { choice: Choice::Crash, cost: 1, until: Moment::MAX_UTC });
    }
    open.retain(|open| may_go_wrong || open.cost == 0);
    open
}

/// What people can do where nothing goes on by itself: lift holds, say how lost steps ended, mend hosts, roll back.
fn help(state: &State, act: &mut impl FnMut(PersonAct, u8)) {
    let mut held: Vec<Target> = state.engine.holds().into_iter().map(|hold| hold.what).collect();
    held.dedup();
    for target in held {
        act(PersonAct::Resume { target }, 0);
    }
    for host in (0..state.engine.plan().hosts.len() as u32).map(HostIdx) {
        let settlements: &[Settlement] = match state.engine.host(host) {
            HostState::Unknown { .. } => &[Settlement::Done, Settlement::Again, Settlement::Failed],
            HostState::Failed { .. } | HostState::HalfRolledBack { .. } => &[Settlement::Mended],
            _ => &[],
        };
        for settlement in settlements {
            act(PersonAct::Settle { host, settlement: *settlement }, 0);
        }
    }
    act(PersonAct::Rollback { target: Target::Rollout }, 1);
}

fn answers(state: &State, act: &mut impl FnMut(PersonAct, u8)) {
    if let Some(stage) = state.engine.asks_approval() {
        act(PersonAct::Approve { stage }, 0);
        act(PersonAct::Deny { stage }, 1);
    }
}

/// How a task can end, with what each costs.
fn endings(state: &State, work: &Task) -> Vec<(Ending, u8)> {
    match work {
        Task::Probe { question: Question::Gate { .. } } => {
            vec![(Ending::Good, 0), (Ending::Bad, 1), (Ending::Unknown, 1)]
        }
        // Of a step whose end nobody has heard.
        Task::Verify { host, .. } if state.engine.is_recovering(*host) => {
            vec![(Ending::Good, 0), (Ending::Bad, 0), (Ending::Unknown, 1)]
        }
        _ => vec![(Ending::Good, 0), (Ending::Bad, 1)],
    }
}

/// What is next in each region, and in the stage as a whole (none).
fn nexts(state: &State) -> BTreeMap<Option<RegionId>, Next> {
    let plan = state.engine.plan();
    let mut nexts: BTreeMap<Option<RegionId>, Next> = BTreeMap::new();
    let mut offer = |region: Option<RegionId>, next: Next| {
        let is_first = nexts.get(&region).is_none_or(|known| next.at < known.at);
        if is_first {
            nexts.insert(region, next);
        }
    };
    for task in state.begun.keys().copied() {
        let Some(work) = state.engine.task(task) else { continue };
        let region = match work {
            Task::Run { host, .. } | Task::Undo { host, .. } | Task::Verify { host, .. } => Some(plan.region_of(*host)),
            Task::Probe { question: Question::Wait { host, .. } } => Some(plan.region_of(*host)),
            Task::Probe { question: Question::Gate { subject, .. } } => state.engine.region_of(*subject),
        };
        let next = Next {
            at: state.usual_end(task, work).max(state.now),
            latest: state.latest_end(task, work).max(state.now),
            choice: Thing::Task(task, work.clone()),
        };
        offer(region, next);
    }
    for (timer, at) in state.engine.timers() {
        let Some(of) = state.engine.timer_for(timer) else { continue };
        let region = match of {
            TimerFor::Start | TimerFor::Soak | TimerFor::Approval | TimerFor::Deadline => None,
            TimerFor::Window(region) => Some(region),
            TimerFor::Host(host) => Some(plan.region_of(host)),
            TimerFor::Gate { subject, .. } => state.engine.region_of(subject),
        };
        let at = at.max(state.now);
        offer(region, Next { at, latest: at, choice: Thing::Timer(timer, of) });
    }
    nexts
}
