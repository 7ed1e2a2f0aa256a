use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::engine::{
    Answer, Command, Engine, Event, HostState, Outcome, PersonAct, Question, Status, StepResult, Task, TaskId,
    TimerFor, TimerId, may, who_may,
};
use crate::model::{ApprovalAnswer, Claim, Happening, Reply, Spoken, StepOutcome, When};
use crate::plan::{HostIdx, Plan};
use crate::simulate::binding::Binding;
use crate::simulate::chance::{Dice, Odds, Throw};
use crate::simulate::claim::{GateWords, is_so};
use crate::simulate::scenario::{Bound, Scenario};
use crate::simulate::state::Ending;
use crate::simulate::story::Told;
use crate::simulate::watch::Watch;
use crate::time::{Duration, Moment, later_by};

/// A made-up world around the engine, at one moment: it answers what the engine asks for as a scenario says.
///
/// Where the scenario says nothing all goes well: a step takes what the plan counts with, gates pass at once, the first
/// person who may approves as soon as asked.
#[derive(Debug, Clone)]
pub struct World {
    engine: Engine,
    now: Moment,
    has_begun: bool,
    scenario: Scenario,
    /// By given, as far as it has come.
    phases: Vec<Phase>,
    /// The givens in force, in the order in which they came into it.
    in_force: Vec<u32>,
    /// How many givens wait for a claim.
    waiting_for_claims: usize,
    chances: Option<(Arc<Odds>, Dice)>,
    queue: BTreeMap<Place, Due>,
    queued: u64,
    /// How much of the queue comes from outside: givens and people's answers.
    from_outside: usize,
    timers: BTreeMap<TimerId, (Place, Kind)>,
    /// How many timers there are of each kind.
    set: [u32; KINDS],
    /// How many steps and undos are under way.
    steps_under_way: usize,
    tasks: BTreeMap<TaskId, Begun>,
    /// The approval that is asked for, and the answer that is on its way.
    asked: Option<(Asked, Option<Place>)>,
    /// When the approval of each stage was first asked for.
    first_asked: BTreeMap<u32, Moment>,
    words: GateWords,
    watch: Watch,
    /// By host: for how many seconds after the start it has been in its state.
    since: Vec<u32>,
    changed: Vec<HostIdx>,
    events: u64,
    most_events: u64,
    mishaps: u32,
}

/// When something comes, and which of those that come at once is first.
type Place = (Moment, u64);

/// What hears of everything that is told.
pub(super) type Hear<'h> = &'h mut dyn FnMut(Moment, Told);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Waits for its moment, or for its claim.
    Ahead,
    InForce,
}

#[derive(Debug, Clone, Copy)]
enum Due {
    TaskEnds(TaskId),
    Timer(TimerId),
    Given(u32),
    Answer { stage: u32, is_yes: bool },
}

#[derive(Debug, Clone, Copy)]
struct Begun {
    at: Moment,
    ends: Place,
    /// Not a gate's probe.
    is_step: bool,
}

/// What a timer stands for, as far as it tells what a run waits for.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Window,
    Soak,
    Attempt,
    Gate,
    Other,
}

const KINDS: usize = Kind::Other as usize + 1;

impl Kind {
    fn of(timer: TimerFor) -> Kind {
        match timer {
            TimerFor::Start | TimerFor::Window(_) => Kind::Window,
            TimerFor::Soak => Kind::Soak,
            TimerFor::Host(_) => Kind::Attempt,
            TimerFor::Gate { .. } => Kind::Gate,
            TimerFor::Approval | TimerFor::Deadline => Kind::Other,
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Asked {
    stage: u32,
    at: Moment,
}

/// What came of going on to the next moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Came {
    /// A window of a region, or the rollout's start.
    pub has_opened: bool,
}

/// A run that has taken in so many events and is not over will not be.
const MOST_EVENTS: u64 = 5_000_000;

impl World {
    /// A world in which nothing has happened yet.
    pub(super) fn new(plan: &Arc<Plan>, scenario: Scenario) -> World {
        let size = plan.hosts.len() as u64 * (plan.steps.len() + plan.gates.len()).max(1) as u64;
        let mut world = World {
            engine: Engine::new(Arc::clone(plan)),
            now: plan.starts_at,
            has_begun: false,
            phases: vec![Phase::Ahead; scenario.givens.len()],
            scenario,
            in_force: Vec::new(),
            waiting_for_claims: 0,
            chances: None,
            queue: BTreeMap::new(),
            queued: 0,
            from_outside: 0,
            timers: BTreeMap::new(),
            set: [0; KINDS],
            steps_under_way: 0,
            tasks: BTreeMap::new(),
            asked: None,
            first_asked: BTreeMap::new(),
            words: GateWords::default(),
            watch: Watch::new(plan),
            since: vec![0; plan.hosts.len()],
            changed: Vec::new(),
            events: 0,
            most_events: MOST_EVENTS.saturating_add(size.saturating_mul(100)),
            mishaps: 0,
        };
        for given in 0..world.phases.len() as u32 {
            world.lay_out(given);
        }
        world
    }

    /// A world in which a run has come as far as the events of its journal lead, and goes on by itself from `now` on.
    pub fn replayed<'e>(
        plan: &Arc<Plan>,
        events: impl IntoIterator<Item = (Moment, &'e Event)>,
        now: Moment,
        scenario: Scenario,
    ) -> World {
        let mut world = World::new(plan, scenario);
        events.into_iter().for_each(|(at, event)| world.replay(at, event));
        world.wait_until(now);
        world
    }

    /// Takes in what has happened; what this world had in mind for it does not come any more.
    fn replay(&mut self, at: Moment, event: &Event) {
        self.now = self.now.max(at);
        self.has_begun = true;
        match event {
            Event::TaskBegan { task } => {
                if let Some(begun) = self.tasks.get_mut(task) {
                    begun.at = self.now;
                }
            }
            Event::StepEnded { task, .. } | Event::ProbeAnswered { task, .. } | Event::TaskLost { task } => {
                if let Some(begun) = self.forget_task(*task) {
                    self.drop_from_queue(begun.ends);
                }
            }
            Event::TimerFired { timer } => {
                if let Some(place) = self.forget_timer(*timer) {
                    self.drop_from_queue(place);
                }
            }
            Event::Said { act: PersonAct::Approve { .. } | PersonAct::Deny { .. }, .. } => self.forget_answer(),
            Event::Said { .. } | Event::Started => {}
        }
        self.happen(event, &mut |_, _| {});
    }

    /// The run begins, or goes on where a journal has led it; with dice, what is left open by the scenario is left to
    /// chance.
    pub(super) fn begin(&mut self, chances: Option<(Arc<Odds>, Dice)>, hear: Hear) {
        self.chances = chances;
        // What holds from the beginning is so before the first step; people speak once there is a run.
        let (spoken, others): (Vec<u32>, Vec<u32>) =
            (0..self.phases.len() as u32).filter(|given| self.bound(*given).given.when.is_none()).partition(|given| {
                matches!(self.bound(*given).given.what, Happening::Act { .. } | Happening::ControllerDies)
            });
        others.into_iter().for_each(|given| self.come_into_force(given, hear));
        if self.has_begun {
            self.think_about_tasks();
        } else {
            self.has_begun = true;
            self.happen(&Event::Started, hear);
        }
        self.look_at_claims(hear);
        spoken.into_iter().for_each(|given| self.come_into_force(given, hear));
    }

    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    pub fn plan(&self) -> &Arc<Plan> {
        self.engine.plan()
    }

    pub fn now(&self) -> Moment {
        self.now
    }

    /// The moment at which something comes by itself; none where the run has come to rest, or waits for people who do not
    /// answer.
    pub fn next_at(&self) -> Option<Moment> {
        if self.engine.outcome().is_some() && self.from_outside == 0 {
            return None;
        }
        self.queue.first_key_value().map(|((at, _), _)| (*at).max(self.now))
    }

    /// How the run stands where nothing comes by itself; none while something does.
    pub fn end(&self) -> Option<End> {
        if self.events >= self.most_events {
            return Some(End::Endless);
        }
        if self.next_at().is_some() {
            return None;
        }
        Some(match (self.engine.outcome(), self.engine.asks_approval()) {
            (Some(Outcome::Complete), _) => End::Complete,
            (Some(Outcome::RolledBack), _) => End::RolledBack,
            (_, Some(stage)) => End::Unanswered { stage },
            _ => End::Held,
        })
    }

    /// What the time until the next moment is waited for.
    pub(super) fn bound_by(&self) -> Binding {
        let is_set = |kind: Kind| self.set[kind as usize] > 0;
        if self.steps_under_way > 0 || is_set(Kind::Attempt) {
            return if self.engine.waits_for_budgets() { Binding::Budget } else { Binding::Steps };
        }
        match () {
            () if is_set(Kind::Gate) => Binding::Gate,
            () if self.engine.asks_approval().is_some() => Binding::Approval,
            () if is_set(Kind::Soak) => Binding::Soak,
            () if is_set(Kind::Window) => Binding::Window,
            () => Binding::People,
        }
    }

    /// Since when a host has been in its state.
    ///
    /// INVARIANT: `host` is one of the plan's.
    pub fn since(&self, host: HostIdx) -> Moment {
        later_by(self.plan().starts_at, Duration::from_seconds(u64::from(self.since[host.0 as usize])))
    }

    /// From what the host goes through, not from the ledger that the engine keeps.
    ///
    /// INVARIANT: `host` is one of the plan's.
    pub fn is_down(&self, host: HostIdx) -> bool {
        self.watch.is_down(host)
    }

    /// How many hosts of a budget group (by its index in the plan) are down.
    pub fn down_in(&self, group: usize) -> u32 {
        self.watch.down_in(group)
    }

    /// The budget groups that were ever broken, each with the moment at which it first was.
    pub fn broken(&self) -> &BTreeMap<usize, Moment> {
        self.watch.broken()
    }

    /// By service: how many of its targets were down at once at most, and since when first.
    pub fn most_down(&self) -> &[(u32, Moment)] {
        self.watch.most_down()
    }

    /// When the approval of each stage was first asked for.
    pub fn asked(&self) -> &BTreeMap<u32, Moment> {
        &self.first_asked
    }

    /// Whether a claim holds now.
    pub fn is_so(&self, claim: &Claim) -> bool {
        is_so(claim, &self.engine, &self.words)
    }

    /// How many events the engine has taken in.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// How many things went wrong: failed attempts, gates whose last word was not pass, denials, crashes.
    pub fn mishaps(&self) -> u32 {
        self.mishaps
    }

    /// Goes on to the next moment at which something comes by itself, and takes in all that comes at it.
    pub(super) fn go_on(&mut self, hear: Hear) -> Came {
        let mut came = Came::default();
        let Some(at) = self.next_at() else { return came };
        self.now = at;
        while let Some(entry) = self.queue.first_entry() {
            if entry.key().0 > at || self.events >= self.most_events {
                break;
            }
            let due = entry.remove();
            self.take(due, &mut came, hear);
        }
        came
    }

    /// Lets time pass in which nothing comes.
    ///
    /// INVARIANT: what comes by itself comes later.
    pub(super) fn wait_until(&mut self, at: Moment) {
        self.now = self.now.max(at);
    }

    /// Something is given from now on, or from its own moment on.
    pub(super) fn give(&mut self, bound: Arc<Bound>, hear: Hear) {
        let idx = self.phases.len() as u32;
        let is_now = bound.given.when.is_none();
        self.scenario.givens.push(bound);
        self.phases.push(Phase::Ahead);
        self.lay_out(idx);
        if is_now {
            self.come_into_force(idx, hear);
        } else {
            self.look_at_claims(hear);
        }
    }

    /// A person acts now; whether the person may was asked before.
    pub(super) fn say(&mut self, person: &str, act: &PersonAct, hear: Hear) {
        hear(self.now, Told::Said { person: person.to_owned(), act: act.clone() });
        if matches!(act, PersonAct::Approve { .. } | PersonAct::Deny { .. }) {
            self.forget_answer();
        }
        self.mishaps += u32::from(matches!(act, PersonAct::Deny { .. }));
        self.happen(&Event::Said { person: person.to_owned(), act: act.clone() }, hear);
    }

    fn bound(&self, given: u32) -> Arc<Bound> {
        // INVARIANT: the world numbers its givens itself.
        Arc::clone(&self.scenario.givens[given as usize])
    }

    /// Puts what has a moment of its own into the queue.
    fn lay_out(&mut self, given: u32) {
        let start = self.plan().starts_at;
        let at = match self.bound(given).given.when {
            Some(When::At(at)) => at,
            Some(When::After(length)) => later_by(start, length),
            Some(When::Once(_)) => {
                self.waiting_for_claims += 1;
                return;
            }
            None => return,
        };
        self.push(at.max(self.now), Due::Given(given));
    }

    fn push(&mut self, at: Moment, due: Due) -> Place {
        self.queued += 1;
        let place = (at, self.queued);
        self.from_outside += usize::from(due.is_from_outside());
        self.queue.insert(place, due);
        place
    }

    fn drop_from_queue(&mut self, place: Place) {
        if let Some(due) = self.queue.remove(&place) {
            self.from_outside -= usize::from(due.is_from_outside());
        }
    }

    fn take(&mut self, due: Due, came: &mut Came, hear: Hear) {
        self.from_outside -= usize::from(due.is_from_outside());
        match due {
            Due::Timer(timer) => {
                let of = self.engine.timer_for(timer);
                came.has_opened |= matches!(of, Some(TimerFor::Window(_) | TimerFor::Start));
                self.forget_timer(timer);
                self.happen(&Event::TimerFired { timer }, hear);
            }
            Due::TaskEnds(task) => {
                self.forget_task(task);
                self.end_task(task, hear);
            }
            Due::Given(given) => self.come_into_force(given, hear),
            Due::Answer { stage, is_yes } => {
                if let Some((_, answer)) = &mut self.asked {
                    *answer = None;
                }
                self.answer(stage, is_yes, hear);
            }
        }
    }

    fn forget_timer(&mut self, timer: TimerId) -> Option<Place> {
        let (place, kind) = self.timers.remove(&timer)?;
        self.set[kind as usize] -= 1;
        Some(place)
    }

    fn forget_task(&mut self, task: TaskId) -> Option<Begun> {
        let begun = self.tasks.remove(&task)?;
        self.steps_under_way -= usize::from(begun.is_step);
        Some(begun)
    }

    fn happen(&mut self, event: &Event, hear: Hear) {
        let mut commands: VecDeque<Command> = self.apply(event).into();
        let mut has_told = false;
        while let Some(command) = commands.pop_front() {
            match command {
                Command::Begin { task, work } => {
                    let at = self.now;
                    let ends = self.push(later_by(at, self.length(&work)), Due::TaskEnds(task));
                    let is_step = !matches!(work, Task::Probe { question: Question::Gate { .. } });
                    self.steps_under_way += usize::from(is_step);
                    self.tasks.insert(task, Begun { at, ends, is_step });
                    commands.extend(self.apply(&Event::TaskBegan { task }));
                }
                Command::Withdraw { task } => {
                    if let Some(begun) = self.forget_task(task) {
                        self.drop_from_queue(begun.ends);
                    }
                }
                Command::SetTimer { timer, at } => {
                    let place = self.push(at.max(self.now), Due::Timer(timer));
                    let kind = self.engine.timer_for(timer).map_or(Kind::Other, Kind::of);
                    self.set[kind as usize] += 1;
                    self.timers.insert(timer, (place, kind));
                }
                Command::CancelTimer { timer } => {
                    if let Some(place) = self.forget_timer(timer) {
                        self.drop_from_queue(place);
                    }
                }
                Command::AskApproval { stage } => {
                    self.first_asked.entry(stage).or_insert(self.now);
                    let plan = Arc::clone(self.plan());
                    self.words.note_asked(&plan, stage);
                    hear(self.now, Told::Asked { stage });
                    self.asked = Some((Asked { stage, at: self.now }, None));
                    self.think_about_answer();
                }
                Command::Tell(status) => {
                    has_told = true;
                    self.note(&status);
                    hear(self.now, Told::Status(status));
                }
            }
        }
        if !self.changed.is_empty() {
            let changed = std::mem::take(&mut self.changed);
            let plan = Arc::clone(self.plan());
            changed.iter().for_each(|host| self.watch.look(&self.engine, *host));
            self.watch.judge(&plan, self.now, &changed);
            self.changed = changed;
            self.changed.clear();
        }
        if has_told {
            self.look_at_claims(hear);
        }
    }

    fn apply(&mut self, event: &Event) -> Vec<Command> {
        self.events += 1;
        self.engine.apply(self.now, event)
    }

    fn note(&mut self, status: &Status) {
        match status {
            Status::HostChanged { host, .. } => {
                let seconds = (self.now - self.plan().starts_at).num_seconds();
                self.since[host.0 as usize] = u32::try_from(seconds).unwrap_or(u32::MAX);
                self.changed.push(*host);
            }
            Status::GateAnswered { gate, answer, .. } => {
                self.mishaps += u32::from(*answer != Answer::Pass);
                if *answer != Answer::Unknown {
                    self.words.note(*gate, *answer == Answer::Pass);
                }
            }
            Status::Notified { team, .. } => self.words.note_told(*team),
            _ => {}
        }
    }

    /// What waits for a claim comes into force as soon as it is so.
    fn look_at_claims(&mut self, hear: Hear) {
        if self.waiting_for_claims == 0 {
            return;
        }
        for given in 0..self.phases.len() as u32 {
            if self.phases[given as usize] != Phase::Ahead {
                continue;
            }
            let bound = self.bound(given);
            if let Some(When::Once(claim)) = &bound.given.when
                && self.is_so(claim)
            {
                self.waiting_for_claims -= 1;
                self.come_into_force(given, hear);
            }
        }
    }

    fn come_into_force(&mut self, given: u32, hear: Hear) {
        self.phases[given as usize] = Phase::InForce;
        let bound = self.bound(given);
        match &bound.given.what {
            Happening::Gate { .. } => self.in_force.push(given),
            Happening::Step { .. } | Happening::Lost { .. } | Happening::Back { .. } => {
                self.in_force.push(given);
                self.think_about_tasks();
            }
            Happening::Approval { .. } => {
                self.in_force.push(given);
                self.think_about_answer();
            }
            Happening::Act { person, act, .. } => {
                for target in bound.targets.iter().copied() {
                    let act = match act {
                        Spoken::Holds => PersonAct::Hold { target },
                        Spoken::Resumes => PersonAct::Resume { target },
                        Spoken::RollsBack => PersonAct::Rollback { target },
                    };
                    // Who may not is refused before anything of it reaches a run.
                    if may(self.plan(), person, &act).is_ok() {
                        self.say(person, &act, hear);
                    }
                }
            }
            Happening::ControllerDies => self.crash(hear),
        }
    }

    /// The controller dies, and with it all that it had under way; another goes on.
    fn crash(&mut self, hear: Hear) {
        self.mishaps += 1;
        hear(self.now, Told::Crash);
        for (task, begun) in std::mem::take(&mut self.tasks) {
            self.steps_under_way -= usize::from(begun.is_step);
            self.drop_from_queue(begun.ends);
            self.happen(&Event::TaskLost { task }, hear);
        }
    }

    /// Works out anew when what is under way ends.
    fn think_about_tasks(&mut self) {
        let tasks: Vec<(TaskId, Begun)> = self.tasks.iter().map(|(task, begun)| (*task, *begun)).collect();
        for (task, begun) in tasks {
            let Some(work) = self.engine.task(task).cloned() else { continue };
            let ends_at = later_by(begun.at, self.length(&work)).max(self.now);
            if ends_at != begun.ends.0 {
                self.drop_from_queue(begun.ends);
                let ends = self.push(ends_at, Due::TaskEnds(task));
                self.tasks.insert(task, Begun { ends, ..begun });
            }
        }
    }

    /// Works out anew how and when the approval that is asked for is answered.
    fn think_about_answer(&mut self) {
        let Some((asked, answer)) = self.asked.take() else { return };
        if let Some(place) = answer {
            self.drop_from_queue(place);
        }
        let team = self.plan().stages[asked.stage as usize].approval.as_ref().map(|approval| approval.team);
        let said =
            self.in_force.iter().rev().find_map(|given| match &self.scenario.givens[*given as usize].given.what {
                Happening::Approval { stage, team: of, answer, after }
                    if stage.is_none_or(|stage| stage == asked.stage) && (of.is_none() || *of == team) =>
                {
                    Some((*answer, after.unwrap_or_default()))
                }
                _ => None,
            });
        let (answer, after) = said.unwrap_or((ApprovalAnswer::Approves, Duration::ZERO));
        let at = later_by(asked.at, after).max(self.now);
        let is_yes = answer == ApprovalAnswer::Approves;
        let place =
            (answer != ApprovalAnswer::Silent).then(|| self.push(at, Due::Answer { stage: asked.stage, is_yes }));
        self.asked = Some((asked, place));
    }

    /// An approval is answered by the first of the team that is asked who may, else by the first person who may at all;
    /// where nobody may, nobody does.
    fn answer(&mut self, stage: u32, is_yes: bool, hear: Hear) {
        if self.engine.asks_approval() != Some(stage) {
            return;
        }
        let act = if is_yes { PersonAct::Approve { stage } } else { PersonAct::Deny { stage } };
        let plan = Arc::clone(self.plan());
        let team = plan.stages[stage as usize].approval.as_ref().and_then(|one| plan.teams.get(one.team.0 as usize));
        let of_team = team.into_iter().flat_map(|team| &team.members).find(|one| may(&plan, one, &act).is_ok());
        if let Some(person) = of_team.map(String::as_str).or_else(|| who_may(&plan, &act)) {
            self.say(person, &act, hear);
        }
    }

    fn forget_answer(&mut self) {
        if let Some((_, Some(place))) = self.asked.take() {
            self.drop_from_queue(place);
        }
    }

    fn end_task(&mut self, task: TaskId, hear: Hear) {
        let Some(work) = self.engine.task(task).cloned() else { return };
        let event = match &work {
            Task::Run { host, step, attempt } => {
                Event::StepEnded { task, result: self.step_result(*host, *step, *attempt) }
            }
            Task::Undo { host, .. } | Task::Verify { host, .. } if self.is_lost(*host) => {
                Event::StepEnded { task, result: unreachable_host() }
            }
            Task::Undo { .. } => Event::StepEnded { task, result: StepResult::Succeeded },
            // With the controller what it had begun is gone: the step, or its undo, did not do its work.
            Task::Verify { host, .. } if self.engine.is_recovering(*host) => {
                let is_there = matches!(self.engine.host(*host), HostState::Undoing { .. });
                let result =
                    if is_there { StepResult::Succeeded } else { StepResult::Failed { detail: String::new() } };
                Event::StepEnded { task, result }
            }
            Task::Verify { .. } => Event::StepEnded { task, result: StepResult::Succeeded },
            Task::Probe { question: Question::Wait { host, .. } } => {
                let answer = if self.is_lost(*host) { Answer::Fail } else { Answer::Pass };
                Event::ProbeAnswered { task, answer, detail: String::new() }
            }
            Task::Probe { question } => {
                let (answer, detail) = self.gate_answer(task, question);
                Event::ProbeAnswered { task, answer, detail: detail.to_owned() }
            }
        };
        let has_failed = matches!(&event, Event::StepEnded { result, .. } if *result != StepResult::Succeeded);
        let is_asked_after = matches!(&work, Task::Verify { host, .. } if self.engine.is_recovering(*host));
        if has_failed && !is_asked_after {
            self.mishaps += 1;
            hear(self.now, Told::WentWrong { work, ending: Ending::Bad });
        }
        self.happen(&event, hear);
    }

    /// How long a task lasts from its beginning on.
    fn length(&self, work: &Task) -> Duration {
        match work {
            Task::Run { host, .. } | Task::Undo { host, .. } if self.is_lost(*host) => Duration::ZERO,
            Task::Run { host, step, attempt } => self.step_length(*host, *step, *attempt),
            Task::Undo { host, step, attempt } => {
                let (host, step, attempt) = (*host, *step, *attempt);
                self.drawn_length(step, Throw::Duration { host, step, attempt, is_undo: true }).min(self.limit(step))
            }
            Task::Verify { .. } => Duration::ZERO,
            Task::Probe { question: Question::Wait { host, timeout, .. } } => {
                if self.is_lost(*host) {
                    *timeout
                } else {
                    Duration::ZERO
                }
            }
            Task::Probe { question: Question::Gate { .. } } => Duration::ZERO,
        }
    }

    fn step_length(&self, host: HostIdx, step: u32, attempt: u32) -> Duration {
        if self.hangs(host, step) {
            return self.plan().steps[step as usize].timeout;
        }
        self.wanted_length(host, step, attempt).min(self.limit(step))
    }

    /// How long the step would take if nothing ended it.
    fn wanted_length(&self, host: HostIdx, step: u32, attempt: u32) -> Duration {
        let said = self.find_in_force(|bound| match &bound.given.what {
            Happening::Step { step: of, outcome: StepOutcome::Takes(length), .. }
                if of.is_none_or(|of| of == step) && bound.place.has(host) =>
            {
                Some(*length)
            }
            _ => None,
        });
        said.unwrap_or_else(|| self.drawn_length(step, Throw::Duration { host, step, attempt, is_undo: false }))
    }

    fn drawn_length(&self, step: u32, throw: Throw) -> Duration {
        match &self.chances {
            Some((odds, dice)) => odds.steps[step as usize].takes.at(dice.throw(throw)),
            None => self.plan().steps[step as usize].takes,
        }
    }

    /// On one attempt. What a step takes has its wait in it, which has a limit of its own.
    fn limit(&self, step: u32) -> Duration {
        let step = &self.plan().steps[step as usize];
        step.timeout + step.wait.as_ref().map_or(Duration::ZERO, |wait| wait.within)
    }

    fn hangs(&self, host: HostIdx, step: u32) -> bool {
        self.said_end(host, step) == Some(StepOutcome::Hangs)
    }

    fn said_end(&self, host: HostIdx, step: u32) -> Option<StepOutcome> {
        self.find_in_force(|bound| match &bound.given.what {
            Happening::Step { step: of, outcome: outcome @ (StepOutcome::Fails | StepOutcome::Hangs), .. }
                if of.is_none_or(|of| of == step) && bound.place.has(host) =>
            {
                Some(*outcome)
            }
            _ => None,
        })
    }

    fn step_result(&self, host: HostIdx, step: u32, attempt: u32) -> StepResult {
        if self.is_lost(host) {
            return unreachable_host();
        }
        match self.said_end(host, step) {
            Some(StepOutcome::Hangs) => return StepResult::TimedOut,
            Some(_) => return StepResult::Failed { detail: "as given".to_owned() },
            None => {}
        }
        if self.wanted_length(host, step, attempt) > self.limit(step) {
            return StepResult::TimedOut;
        }
        let fails = self.chances.as_ref().is_some_and(|(odds, dice)| {
            let share = odds.steps[step as usize].fails;
            share > 0.0 && dice.throw(Throw::Failure { host, step, attempt }) < share
        });
        if fails { StepResult::Failed { detail: "by chance".to_owned() } } else { StepResult::Succeeded }
    }

    fn gate_answer(&self, task: TaskId, question: &Question) -> (Answer, &'static str) {
        let Question::Gate { gate, subject } = question else { return (Answer::Pass, "") };
        let plan = self.plan();
        let is_lost = self.find_in_force(|bound| match &bound.given.what {
            Happening::Lost { .. } if bound.place.has_all(plan, *subject) => Some(true),
            Happening::Back { .. } if bound.place.has_some(plan, *subject) => Some(false),
            _ => None,
        });
        if is_lost == Some(true) {
            return (Answer::Fail, "cannot be reached");
        }
        let said = self.find_in_force(|bound| match &bound.given.what {
            Happening::Gate { gate: of, answer, .. }
                if of.is_none_or(|of| of == *gate) && bound.place.has_some(plan, *subject) =>
            {
                Some(*answer)
            }
            _ => None,
        });
        match said {
            Some(Reply::Passes) => return (Answer::Pass, ""),
            Some(Reply::Fails) => return (Answer::Fail, "as given"),
            Some(Reply::Unknown) => return (Answer::Unknown, "as given"),
            None => {}
        }
        let fails = self.chances.as_ref().is_some_and(|(odds, dice)| {
            let share = odds.gates[gate.0 as usize];
            let throw = Throw::Asking { gate: gate.0, subject: *subject, asking: task.0 };
            share > 0.0 && dice.throw(throw) < share
        });
        if fails { (Answer::Fail, "by chance") } else { (Answer::Pass, "") }
    }

    fn is_lost(&self, host: HostIdx) -> bool {
        let lost = self.find_in_force(|bound| match &bound.given.what {
            Happening::Lost { .. } if bound.place.has(host) => Some(true),
            Happening::Back { .. } if bound.place.has(host) => Some(false),
            _ => None,
        });
        lost == Some(true)
    }

    /// What was given last of those that say something.
    fn find_in_force<T>(&self, says: impl Fn(&Bound) -> Option<T>) -> Option<T> {
        self.in_force.iter().rev().find_map(|given| says(&self.scenario.givens[*given as usize]))
    }
}

impl Due {
    fn is_from_outside(self) -> bool {
        matches!(self, Due::Given(_) | Due::Answer { .. })
    }
}

fn unreachable_host() -> StepResult {
    StepResult::NotStarted { detail: "cannot be reached".to_owned() }
}

/// How a made-up run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Complete,
    RolledBack,
    /// It goes on when a person does something about it.
    Held,
    /// Nobody answers the stage's approval.
    Unanswered {
        stage: u32,
    },
    /// So much has happened that it was broken off: something is tried again and again.
    Endless,
}
