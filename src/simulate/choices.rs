use std::collections::BTreeMap;

use crate::engine::{HostState, Outcome, PersonAct, Question, Settlement, Target, Task, TimerFor, who_may};
use crate::model::RegionId;
use crate::plan::{HostIdx, Plan};
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

/// Whose turn it is to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Turn {
    /// Every region that something can happen in, in every order that time allows.
    Every,
    /// Regions have nothing to do with each other: the one in which something ends first stands for all orders.
    First,
    /// One region, while all others stand still.
    Only(RegionId),
    /// People do something about one region in which nothing goes on by itself.
    Help(RegionId),
}

/// Everything that can happen next in a state. Within a region things happen in the order in which they usually end; which
/// region is next is open, as far as time limits and timers let it be.
pub(super) fn choices(state: &State, turn: Turn, may_go_wrong: bool) -> Vec<Open> {
    let outcome = state.engine.outcome();
    if matches!(outcome, Some(Outcome::Complete | Outcome::RolledBack)) {
        return Vec::new();
    }
    let mut open = Opened { state, may_go_wrong, open: Vec::new() };
    let mut nexts = nexts(state);
    match turn {
        Turn::Every => open.every(&nexts),
        Turn::First => {
            if let Some(first) =
                nexts.iter().min_by_key(|(region, next)| (next.at, **region)).map(|(region, _)| *region)
            {
                nexts.retain(|region, _| *region == first);
            }
            open.every(&nexts);
        }
        Turn::Only(region) => {
            nexts.retain(|other, _| *other == Some(region));
            open.every(&nexts);
            open.hold(Target::Region(region));
            open.crash();
            return open.open;
        }
        Turn::Help(region) => {
            open.help(&|other| other.is_none_or(|other| other == region));
            open.rollback(Target::Region(region));
            return open.open;
        }
    }
    open.answers();
    if outcome == Some(Outcome::Held) {
        // What people do in a region that waits is looked at apart, where regions have nothing to do with each other.
        let is_apart = turn == Turn::First && state.engine.region_rests().iter().any(|rest| rest.waits());
        open.help(&|region| !is_apart || region.is_none());
        open.rollback(Target::Rollout);
    } else {
        open.hold(Target::Rollout);
        nexts.keys().flatten().for_each(|region| open.hold(Target::Region(*region)));
    }
    open.crash();
    open.open
}

/// Whether something goes on by itself in a region.
pub(super) fn goes_on(state: &State, region: RegionId) -> bool {
    nexts(state).contains_key(&Some(region))
}

/// What can happen, as it is found.
struct Opened<'s> {
    state: &'s State,
    may_go_wrong: bool,
    open: Vec<Open>,
}

impl Opened<'_> {
    fn every(&mut self, nexts: &BTreeMap<Option<RegionId>, Next>) {
        for (region, next) in nexts {
            let others = || nexts.iter().filter(|(other, _)| *other != region).map(|(_, next)| next);
            let is_timer = |next: &&Next| matches!(next.choice, Thing::Timer(..));
            let until = others().filter(is_timer).map(|next| next.at).min().unwrap_or(Moment::MAX_UTC);
            match &next.choice {
                Thing::Task(task, work) => {
                    for (ending, cost) in endings(self.state, work) {
                        self.add(Choice::Task { task: *task, ending }, cost, until);
                    }
                }
                Thing::Timer(timer, of) => {
                    if next.at <= until && others().all(|other| next.at <= other.latest) {
                        self.add(Choice::Timer { timer: *timer }, u8::from(*of == TimerFor::Approval), until);
                    }
                }
            }
        }
    }

    fn add(&mut self, choice: Choice, cost: u8, until: Moment) {
        if cost == 0 || self.may_go_wrong {
            self.open.push(Open { choice, cost, until });
        }
    }

    /// What a person may do is tried by the first who may; what nobody may is not tried.
    fn act(&mut self, act: PersonAct, cost: u8) {
        if (cost == 0 || self.may_go_wrong) && who_may(self.state.engine.plan(), &act).is_some() {
            self.add(Choice::Act { act }, cost, Moment::MAX_UTC);
        }
    }

    fn answers(&mut self) {
        if let Some(stage) = self.state.engine.asks_approval() {
            self.act(PersonAct::Approve { stage }, 0);
            self.act(PersonAct::Deny { stage }, 1);
        }
    }

    fn hold(&mut self, target: Target) {
        if !self.state.engine.has_hold(target) {
            self.act(PersonAct::Hold { target }, 1);
        }
    }

    fn crash(&mut self) {
        if self.may_go_wrong && !self.state.begun.is_empty() {
            self.add(Choice::Crash, 1, Moment::MAX_UTC);
        }
    }

    /// What people can do where nothing goes on by itself, in the regions that are meant and in the rollout as a whole (none):
    /// lift holds, say how lost steps ended, mend hosts.
    fn help(&mut self, is_meant: &dyn Fn(Option<RegionId>) -> bool) {
        let engine = &self.state.engine;
        let plan = engine.plan();
        let mut held: Vec<Target> = engine.holds().into_iter().map(|hold| hold.what).collect();
        held.dedup();
        held.retain(|target| is_meant(region_of(plan, *target)));
        for target in held {
            self.act(PersonAct::Resume { target }, 0);
        }
        let hosts = (0..plan.hosts.len() as u32).map(HostIdx);
        for host in hosts.filter(|host| is_meant(Some(plan.region_of(*host)))) {
            let settlements: &[Settlement] = match engine.host(host) {
                HostState::Unknown { .. } => &[Settlement::Done, Settlement::Again, Settlement::Failed],
                HostState::Failed { .. } | HostState::HalfRolledBack { .. } => &[Settlement::Mended],
                _ => &[],
            };
            for settlement in settlements {
                self.act(PersonAct::Settle { host, settlement: *settlement }, 0);
            }
        }
    }

    fn rollback(&mut self, target: Target) {
        self.act(PersonAct::Rollback { target }, 1);
    }
}

pub(super) fn region_of(plan: &Plan, target: Target) -> Option<RegionId> {
    match target {
        Target::Rollout | Target::Stage(_) => None,
        Target::Region(region) => Some(region),
        Target::Site(site) => Some(plan.sites[site.0 as usize].region),
        Target::Host(host) => Some(plan.region_of(host)),
        Target::Batch { stage, turn, .. } => {
            let turns = &plan.stages.get(stage as usize)?.turns;
            turns.get(turn as usize).map(|turn| turn.region)
        }
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
        let region = state.region_of(work);
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
