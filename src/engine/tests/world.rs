//! A world with a clock of its own that answers every task as it is told, and looks over the engine's shoulder.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::engine::tests::fixtures::Build;
use crate::engine::{
    Answer, Command, Engine, Event, GateSubject, HostState, Outcome, PersonAct, Progress, Question, Settlement, Status,
    StepResult, Target, Task, TaskId,
};
use crate::plan::{HostIdx, Plan};
use crate::time::{Duration, Moment, later_by};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// A step that succeeds, a gate that passes.
    Good,
    Bad,
    TimedOut,
    NotStarted,
    /// A gate that cannot tell.
    NoWord,
    /// The controller dies during it.
    Lost,
    /// Nothing is heard of it until a test says how it ends.
    Silent,
}

pub struct World {
    pub engine: Engine,
    pub now: Moment,
    /// What was told, a line each: `12:00 asia held: gate …`.
    pub story: Vec<String>,
    pub history: Vec<(Moment, Event)>,
    pub commands: Vec<Vec<Command>>,
    plan: Arc<Plan>,
    replies: BTreeMap<String, VecDeque<Reply>>,
    /// Decides what no reply was said for.
    fate: Option<Fate>,
    queue: BTreeMap<(Moment, u64), Event>,
    queued: u64,
    tasks: BTreeMap<TaskId, Task>,
    tries: Tries,
    /// Whether timers fire although they were cancelled, as they may in life.
    pub timers_are_deaf: bool,
    /// Whether what is handed out has not begun yet when somebody speaks, as where more is handed out than may be under
    /// way at once.
    pub is_slow_to_begin: bool,
    pub people_approve: bool,
}

/// Which step may run, or be undone, once more: (is it run, host, step) of all that were tried.
type Tries = BTreeMap<(bool, HostIdx, u32), bool>;

/// Dice: the same seed, the same replies.
#[derive(Debug, Clone)]
pub struct Fate {
    seed: u64,
    /// Of a hundred replies, how many are not good.
    bad: u64,
}

impl Fate {
    pub fn new(seed: u64, bad: u64) -> Fate {
        Fate { seed: seed | 1, bad }
    }

    fn reply(&mut self) -> Reply {
        let dice = self.roll();
        if dice % 100 >= self.bad {
            return Reply::Good;
        }
        [Reply::Bad, Reply::TimedOut, Reply::NotStarted, Reply::NoWord, Reply::Lost][(dice / 100 % 5) as usize]
    }

    /// Marsaglia's xorshift64.
    fn roll(&mut self) -> u64 {
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        self.seed >> 8
    }
}

impl World {
    pub fn of(build: &Build) -> World {
        let plan = Arc::new(build.plan.clone());
        World {
            engine: Engine::new(plan.clone()),
            now: plan.starts_at,
            story: Vec::new(),
            history: Vec::new(),
            commands: Vec::new(),
            plan,
            replies: BTreeMap::new(),
            fate: None,
            queue: BTreeMap::new(),
            queued: 0,
            tasks: BTreeMap::new(),
            tries: Tries::new(),
            timers_are_deaf: false,
            is_slow_to_begin: false,
            people_approve: false,
        }
    }

    /// Tasks are called `run a1 install`, `undo a1 install`, `verify a1 install`, `wait a1 reboot`, `gate ok a1`. The last
    /// reply is given again and again; without any, all is good.
    pub fn replies(mut self, task: &str, replies: &[Reply]) -> World {
        self.replies.insert(task.to_owned(), replies.iter().copied().collect());
        self
    }

    pub fn start(mut self) -> World {
        self.apply(Event::Started);
        self
    }

    pub fn fate(mut self, fate: Option<Fate>) -> World {
        self.fate = fate;
        self
    }

    pub fn mercy(&mut self) {
        self.fate = None;
    }

    /// Starts, and goes on until nothing happens any more.
    pub fn run(self) -> World {
        let mut world = self.start();
        world.go_on();
        world
    }

    pub fn go_on(&mut self) {
        let mut events = 0;
        while self.step() {
            events += 1;
            assert!(events < 100_000, "it never ends:\n{}", self.told());
        }
    }

    pub fn go_on_until(&mut self, moment: Moment) {
        while self.queue.first_key_value().is_some_and(|((at, _), _)| *at <= moment) {
            self.step();
        }
        self.now = moment;
    }

    /// Goes on until a line of the story ends so.
    pub fn go_on_to(&mut self, line: &str) {
        while !self.story.iter().any(|told| told.contains(line)) {
            assert!(self.step(), "`{line}` is never told:\n{}", self.told());
        }
    }

    /// Lets a task begin that was handed out at this moment.
    fn step_if_it_begins(&mut self) -> bool {
        let now = self.now;
        let begins =
            |((at, _), event): &(&(Moment, u64), &Event)| *at <= now && matches!(event, Event::TaskBegan { .. });
        let Some(place) = self.queue.iter().find(begins).map(|(place, _)| *place) else { return false };
        let event = self.queue.remove(&place).unwrap();
        self.apply(event);
        true
    }

    /// Lets the next thing happen.
    pub fn step(&mut self) -> bool {
        let Some(((at, _), event)) = self.queue.pop_first() else { return false };
        self.now = self.now.max(at);
        self.apply(event);
        true
    }

    pub fn says(&mut self, act: PersonAct) {
        while !self.is_slow_to_begin && self.step_if_it_begins() {}
        self.apply(Event::Said { person: "ann".to_owned(), act });
    }

    /// Ends a task that is under way, now.
    pub fn end(&mut self, name: &str, reply: Reply) {
        let under_way = self.engine.under_way();
        let (id, task, _) = under_way.iter().find(|(_, task, _)| self.name_of(task) == name).unwrap();
        self.apply(answer(*id, task, reply).1);
    }

    pub fn apply(&mut self, event: Event) {
        let down: Vec<bool> = self.hosts().map(|host| self.engine.is_down(host)).collect();
        self.allow_another_try(&event);
        let commands = self.engine.apply(self.now, &event);
        self.history.push((self.now, event));
        for command in &commands {
            self.obey(command);
        }
        self.commands.push(commands);
        self.check(&down);
    }

    fn obey(&mut self, command: &Command) {
        match command {
            Command::Begin { task, work } => {
                self.tasks.insert(*task, work.clone());
                self.check_try(work);
                self.queue_event(Duration::ZERO, Event::TaskBegan { task: *task });
                let reply = self.reply_to(&self.name_of(work));
                if reply != Reply::Silent {
                    let (after, event) = answer(*task, work, reply);
                    self.queue_event(after, event);
                }
            }
            Command::Withdraw { task } => {
                let work = self.tasks.remove(task).unwrap();
                let is_of_task = |event: &Event| match event {
                    Event::TaskBegan { task: other } | Event::StepEnded { task: other, .. } => other == task,
                    _ => false,
                };
                assert!(!self.history.iter().any(|(_, event)| is_of_task(event)), "{} had begun", self.name_of(&work));
                self.queue.retain(|_, event| !is_of_task(event));
                let Task::Run { host, step, .. } = work else { panic!("{} is withdrawn", self.name_of(&work)) };
                self.tries.remove(&(true, host, step));
            }
            Command::SetTimer { timer, at } => {
                self.queue_at(*at, Event::TimerFired { timer: *timer });
            }
            Command::CancelTimer { timer } if !self.timers_are_deaf => {
                let cancelled = Event::TimerFired { timer: *timer };
                self.queue.retain(|_, event| *event != cancelled);
            }
            Command::CancelTimer { .. } => {}
            Command::AskApproval { stage } => {
                self.tell_line(format!("approval of {stage} asked"));
                if self.people_approve {
                    let act = PersonAct::Approve { stage: *stage };
                    self.queue_event(Duration::from_minutes(1), Event::Said { person: "ann".to_owned(), act });
                }
            }
            Command::Tell(status) => {
                if let Status::BatchBegan { hosts, stage, .. } = status {
                    self.check_window(*stage, hosts);
                }
                let line = self.line(status);
                self.tell_line(line);
            }
        }
    }

    fn reply_to(&mut self, task: &str) -> Reply {
        let Some(replies) = self.replies.get_mut(task) else {
            return self.fate.as_mut().map_or(Reply::Good, Fate::reply);
        };
        if replies.len() > 1 { replies.pop_front().unwrap() } else { *replies.front().unwrap() }
    }

    fn queue_event(&mut self, after: Duration, event: Event) {
        self.queue_at(later_by(self.now, after), event);
    }

    pub fn queue_at(&mut self, at: Moment, event: Event) {
        self.queued += 1;
        self.queue.insert((at.max(self.now), self.queued), event);
    }

    pub fn name_of(&self, task: &Task) -> String {
        let step = |step: &u32| &self.plan.steps[*step as usize].name;
        match task {
            Task::Run { host, step: idx, .. } => format!("run {} {}", self.host_name(*host), step(idx)),
            Task::Undo { host, step: idx, .. } => format!("undo {} {}", self.host_name(*host), step(idx)),
            Task::Verify { host, step: idx } => format!("verify {} {}", self.host_name(*host), step(idx)),
            Task::Probe { question: Question::Wait { host, step: idx, .. } } => {
                format!("wait {} {}", self.host_name(*host), step(idx))
            }
            Task::Probe { question: Question::Gate { gate, subject } } => {
                format!("gate {} {}", self.plan.gates[gate.0 as usize].name, self.subject_name(*subject))
            }
        }
    }

    fn subject_name(&self, subject: GateSubject) -> String {
        match subject {
            GateSubject::Host(host) => self.host_name(host),
            GateSubject::Site { site, .. } => self.target_name(Target::Site(site)),
            GateSubject::Region { region, .. } => self.target_name(Target::Region(region)),
            GateSubject::Batch { stage, turn, lane, batch } => format!("{stage}.{turn}.{lane}.{batch}"),
        }
    }

    fn target_name(&self, target: Target) -> String {
        match target {
            Target::Rollout => "rollout".to_owned(),
            Target::Stage(stage) => self.plan.stages[stage as usize].name.clone(),
            Target::Region(region) => self.plan.regions[region.0 as usize].name.clone(),
            Target::Site(site) => self.plan.sites[site.0 as usize].name.clone(),
            Target::Batch { stage, turn, lane, batch } => format!("{stage}.{turn}.{lane}.{batch}"),
            Target::Host(host) => self.host_name(host),
        }
    }

    fn host_name(&self, host: HostIdx) -> String {
        self.plan.host(host).name.to_string()
    }

    fn host_names(&self, hosts: &[HostIdx]) -> String {
        hosts.iter().map(|host| self.host_name(*host)).collect::<Vec<_>>().join(" ")
    }

    fn line(&self, status: &Status) -> String {
        let stage_name = |stage: &u32| &self.plan.stages[*stage as usize].name;
        match status {
            Status::StageBegan { stage } => format!("{} began", stage_name(stage)),
            Status::AheadBegan { stage, turn, lane, hosts } => {
                format!("{stage}.{turn}.{lane} ahead: {}", self.host_names(hosts))
            }
            Status::BatchBegan { stage, turn, lane, batch, hosts } => {
                format!("{stage}.{turn}.{lane}.{batch} began: {}", self.host_names(hosts))
            }
            Status::BatchEnded { stage, turn, lane, batch, done, failed } => {
                format!("{stage}.{turn}.{lane}.{batch} ended: {done} done, {failed} failed")
            }
            Status::HostChanged { host, state } => format!("{} {}", self.host_name(*host), self.state_name(*state)),
            Status::GateAnswered { gate, subject, answer, .. } => {
                let gate = &self.plan.gates[gate.0 as usize].name;
                format!("gate {gate} {}: {answer:?}", self.subject_name(*subject))
            }
            Status::Soaking { stage, until } => format!("{} soaks until {}", stage_name(stage), until.format("%H:%M")),
            Status::StageEnded { stage } => format!("{} ended", stage_name(stage)),
            Status::RuleFired { rule } => format!("rule {rule}"),
            Status::Notified { team, about, why } => {
                format!("team {} told of {}: {why}", team.0, self.target_name(*about))
            }
            Status::Held { what, why } => format!("{} held: {why}", self.target_name(*what)),
            Status::Resumed { what } => format!("{} resumed", self.target_name(*what)),
            Status::RollbackBegan { what, hosts } => format!("rollback of {}: {hosts}", self.target_name(*what)),
            Status::RollbackEnded { what } => format!("rollback of {} ended", self.target_name(*what)),
            Status::Finished { outcome } => format!("{outcome:?}"),
        }
    }

    fn state_name(&self, state: HostState) -> String {
        let name = |word: &str, step: u32| format!("{word} {}", self.plan.steps[step as usize].name);
        match state {
            HostState::Ahead { step } => name("ahead", step),
            HostState::Ready => "ready".to_owned(),
            HostState::Changing { step } => name("changing", step),
            HostState::Failed { step } => name("failed", step),
            HostState::Unknown { step } => name("unknown", step),
            HostState::Undoing { step } => name("undoing", step),
            HostState::HalfRolledBack { step } => name("half rolled back", step),
            HostState::Waiting => "waiting".to_owned(),
            HostState::Done => "done".to_owned(),
            HostState::RolledBack => "rolled back".to_owned(),
        }
    }

    fn tell_line(&mut self, line: String) {
        self.story.push(format!("{} {line}", self.now.format("%H:%M")));
    }

    pub fn told(&self) -> String {
        self.story.join("\n")
    }

    /// The whole story, line by line.
    pub fn assert_told(&self, story: &str) {
        self.assert_lines(&[""], story);
    }

    /// Those lines of the story that hold any of the words.
    pub fn assert_lines(&self, words: &[&str], story: &str) {
        let expected: Vec<_> = story.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let has_one = |line: &&String| words.iter().any(|word| line.contains(word));
        let told: Vec<_> = self.story.iter().filter(has_one).cloned().collect();
        assert!(told == expected, "told was:\n{}\n\nthe whole:\n{}", told.join("\n"), self.told());
    }

    pub fn outcome(&self) -> Option<Outcome> {
        self.engine.outcome()
    }

    pub fn hosts(&self) -> impl Iterator<Item = HostIdx> + use<> {
        (0..self.plan.hosts.len() as u32).map(HostIdx)
    }

    pub fn state(&self, name: &str) -> String {
        let host = self.hosts().find(|host| self.host_name(*host) == name).unwrap();
        self.state_name(self.engine.host(host))
    }

    /// Names of all tasks begun, in order.
    pub fn begun(&self) -> Vec<String> {
        let begin = |command: &Command| match command {
            Command::Begin { work, .. } => Some(self.name_of(work)),
            _ => None,
        };
        self.commands.iter().flatten().filter_map(begin).collect()
    }

    /// When a task was begun.
    pub fn begun_at(&self, name: &str) -> Vec<String> {
        let times = self.history.iter().zip(&self.commands).flat_map(|((at, _), commands)| {
            commands.iter().filter_map(move |command| match command {
                Command::Begin { work, .. } => Some((at, work)),
                _ => None,
            })
        });
        let of_it = times.filter(|(_, work)| self.name_of(work) == name);
        of_it.map(|(at, _)| at.format("%H:%M:%S").to_string()).collect()
    }

    fn check_window(&self, stage: u32, hosts: &[HostIdx]) {
        for host in hosts {
            let site = self.plan.host(*host).site;
            let schedule = &self.plan.sites[site.0 as usize].schedule;
            let bounds = self.plan.bounds(stage, site);
            let start = schedule.earliest_fit(self.now, self.plan.length_on(*host), &bounds);
            assert_eq!(start, Ok(self.now), "outside of its window:\n{}", self.told());
        }
    }

    /// Counts and budgets, after every event.
    fn check(&self, was_down: &[bool]) {
        let mut counted = Progress::default();
        for host in self.hosts() {
            let one = Progress::of_one(self.engine.host(host));
            counted.waiting += one.waiting;
            counted.ahead += one.ahead;
            counted.ready += one.ready;
            counted.changing += one.changing;
            counted.done += one.done;
            counted.failed += one.failed;
            counted.unknown += one.unknown;
            counted.undoing += one.undoing;
            counted.rolled_back += one.rolled_back;
            counted.half_rolled_back += one.half_rolled_back;
        }
        assert_eq!(self.engine.progress(Target::Rollout), counted);
        let ready = self.hosts().filter(|host| self.engine.host(*host) == HostState::Ready);
        assert!(ready.into_iter().all(|host| !self.engine.is_down(host)), "ready and down:\n{}", self.told());
        self.check_widths();
        let draws = self.plan.steps.iter().any(|step| step.down);
        for group in &self.plan.budgets {
            let is_down = |host: &&HostIdx| self.engine.is_down(**host);
            let down = group.hosts.iter().filter(is_down).count() as u32;
            let newly = group.hosts.iter().filter(is_down).any(|host| !was_down[host.0 as usize]);
            let is_broken = down + group.keep > group.size;
            assert!(!(draws && newly && is_broken), "{} of {}:\n{}", down, group.group, self.told());
        }
    }

    /// No more batches of a lane are under way than it is wide.
    fn check_widths(&self) {
        for lane in self.plan.stages.iter().flat_map(|stage| &stage.turns).flat_map(|turn| &turn.lanes) {
            let is_changing = |host: &HostIdx| matches!(self.engine.host(*host), HostState::Changing { .. });
            let under_way = lane.batches.iter().filter(|batch| batch.hosts.iter().any(is_changing)).count();
            assert!(under_way <= lane.width as usize, "{under_way} batches at once:\n{}", self.told());
        }
    }

    /// A step runs again, or is undone again, only after a try that failed or was lost; undone is only what was begun.
    fn check_try(&mut self, work: &Task) {
        let (is_run, host, step) = match work {
            Task::Run { host, step, .. } => (true, *host, *step),
            Task::Undo { host, step, .. } => (false, *host, *step),
            Task::Verify { .. } | Task::Probe { .. } => return,
        };
        let is_passed_over = self.plan.passes_over(host, &self.plan.steps[step as usize]);
        assert!(!is_passed_over, "{} is not for it:\n{}", self.name_of(work), self.told());
        let may = self.tries.insert((is_run, host, step), false).unwrap_or(true);
        assert!(may, "{} once more:\n{}", self.name_of(work), self.told());
        let was_begun = self.tries.contains_key(&(true, host, step));
        assert!(was_begun, "{} but it never ran:\n{}", self.name_of(work), self.told());
    }

    fn allow_another_try(&mut self, event: &Event) {
        let (task, is_bad) = match event {
            Event::StepEnded { task, result } => (task, *result != StepResult::Succeeded),
            Event::ProbeAnswered { task, answer, .. } => (task, *answer != Answer::Pass),
            Event::TaskLost { task } => (task, true),
            Event::Said { act: PersonAct::Settle { host, settlement: Settlement::Again }, .. } => {
                self.allow(*host, None);
                return;
            }
            _ => return,
        };
        let about = match self.tasks.get(task) {
            Some(Task::Run { host, step, .. } | Task::Undo { host, step, .. } | Task::Verify { host, step }) => {
                Some((*host, *step))
            }
            Some(Task::Probe { question: Question::Wait { host, step, .. } }) => Some((*host, *step)),
            _ => None,
        };
        if let (Some((host, step)), true) = (about, is_bad) {
            self.allow(host, Some(step));
        }
    }

    fn allow(&mut self, host: HostIdx, step: Option<u32>) {
        let is_it = |(_, other, of): &(bool, HostIdx, u32)| *other == host && step.is_none_or(|step| step == *of);
        self.tries.iter_mut().filter(|(key, _)| is_it(key)).for_each(|(_, may)| *may = true);
    }
}

/// How a task ends: steps take a minute, questions a second.
fn answer(task: TaskId, work: &Task, reply: Reply) -> (Duration, Event) {
    let detail = "exit code 1".to_owned();
    let is_probe = matches!(work, Task::Probe { .. });
    let event = match (is_probe, reply) {
        (_, Reply::Lost) => Event::TaskLost { task },
        (true, Reply::Good) => Event::ProbeAnswered { task, answer: Answer::Pass, detail },
        (true, Reply::NoWord) => Event::ProbeAnswered { task, answer: Answer::Unknown, detail },
        (true, _) => Event::ProbeAnswered { task, answer: Answer::Fail, detail },
        (false, Reply::Good) => Event::StepEnded { task, result: StepResult::Succeeded },
        (false, Reply::TimedOut) => Event::StepEnded { task, result: StepResult::TimedOut },
        (false, Reply::NotStarted) => Event::StepEnded { task, result: StepResult::NotStarted { detail } },
        (false, Reply::Bad | Reply::NoWord | Reply::Silent) => {
            Event::StepEnded { task, result: StepResult::Failed { detail } }
        }
    };
    (Duration::from_seconds(if is_probe { 1 } else { 60 }), event)
}
