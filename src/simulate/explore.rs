use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::sync::Arc;

use crate::engine::{Engine, HostState, Kinds, Outcome, PersonAct, Settlement, Status, Target, who_may};
use crate::model::{Property, RegionId, Term};
use crate::plan::{HostIdx, Plan};
use crate::simulate::apart::are_regions_apart;
use crate::simulate::choices::{Open, Turn, choices, goes_on, region_of};
use crate::simulate::claim::{broken_budgets, holds};
use crate::simulate::known::StateKey;
use crate::simulate::outcomes::{Outcomes, Tried};
use crate::simulate::state::{Choice, State};
use crate::simulate::story::{Story, Taken, retell};
use crate::time::Moment;

/// How far to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The most mishaps of one story.
    pub failures: u8,
    /// The most states to look at.
    pub states: usize,
    /// Whether every host and every order of regions is told apart, also where it makes no difference: far more states.
    pub tells_all_apart: bool,
    /// How many threads look around; what comes of it is the same for any number.
    pub workers: NonZeroUsize,
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds { failures: 2, states: 400_000, tells_all_apart: false, workers: NonZeroUsize::MIN }
    }
}

/// What came of looking at every outcome.
#[derive(Debug, Clone, PartialEq)]
pub struct Exploration {
    pub bounds: Bounds,
    pub states: usize,
    /// Steps from one state to the next, taken to see where they lead.
    pub moves: usize,
    pub outcomes: Outcomes,
    pub endings: Endings,
    /// False where the bound on states came before the end.
    pub is_exhausted: bool,
    /// The fewest mishaps first, then the shortest story.
    pub findings: Vec<Finding>,
}

/// In how many states a run comes to rest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Endings {
    pub complete: usize,
    pub rolled_back: usize,
    /// Goes on when somebody who may does something.
    pub waits_for_people: usize,
    /// Nobody who may could bring it to an end.
    pub stuck: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    pub wrong: Wrong,
    pub story: Story,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wrong {
    /// Index into the rollout's properties.
    Property(usize),
    /// Index into `Plan::budgets`.
    Budget(usize),
    /// Nobody can bring the run to an end; why.
    Stuck(Block),
}

/// What a run that is stuck waits for in vain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Block {
    /// Held, and nobody may resume it.
    Held(Target),
    /// Nobody may say how a lost step in the region ended.
    Unsettled(RegionId),
    /// Nobody may approve the stage.
    Approval(u32),
    /// Whatever people may do comes to rest again.
    Everything,
}

#[derive(Debug)]
struct Node {
    parent: u32,
    /// Whether what can follow was looked at, and whether anything can without a mishap.
    is_looked_at: bool,
    has_way: bool,
    depth: u32,
    /// How many mishaps led here.
    mishaps: u8,
    choice: Open,
    /// How many events more, each the only one that could come.
    followed: u32,
    /// Whose turn it was in them.
    during: Turn,
    /// Whose turn it is now.
    turn: Turn,
}

/// A choice that was taken.
struct Way {
    from: u32,
    depth: u32,
    mishaps: u8,
    choice: Open,
    followed: u32,
    during: Turn,
}

/// Where a choice has led.
struct Arrival {
    way: Way,
    /// None where all that it is known by was met before.
    state: Option<State>,
    key: StateKey,
    outcome: Option<Outcome>,
    tried: Tried,
}

impl Way {
    fn node(&self, turn: Turn) -> Node {
        let Way { from, depth, mishaps, ref choice, followed, during } = *self;
        Node {
            parent: from,
            depth,
            mishaps,
            choice: choice.clone(),
            followed,
            during,
            turn,
            is_looked_at: false,
            has_way: false,
        }
    }
}

impl Node {
    /// How long its story is: the mishaps first.
    fn way(&self) -> (u8, u32) {
        (self.mishaps, self.depth)
    }
}

/// How often a missed window is waited for: a batch that fits into no window of that many will not fit into any.
const MOST_WINDOWS: u32 = 1_000;

/// How many states of one level are looked around in before it is noted where they lead, at most; each is kept with all
/// that can follow it.
const MOST_AT_ONCE: usize = 1_024;

/// And of how many hosts in all: a state is as large as its plan.
const MOST_HOSTS_AT_ONCE: usize = 40_000;

/// States of so few hosts in all are looked at sooner than other workers are begun for them.
const FEWEST_HOSTS_TO_SHARE: usize = 1_000;

/// States to look around in, by mishaps and events.
type Left = BTreeMap<(u8, u32), Vec<(u32, State)>>;

/// What was told of an event.
#[derive(Debug, Clone, Copy, Default)]
struct News {
    /// A batch or a stage came to its end.
    is_milestone: bool,
    /// A region may wait for people now.
    may_come_to_rest: bool,
}

impl News {
    fn hear(&mut self, status: &Status) {
        self.is_milestone |= matches!(status, Status::BatchEnded { .. } | Status::StageEnded { .. });
        let goes_on = |state: &HostState| matches!(state, HostState::Changing { .. } | HostState::Undoing { .. });
        self.may_come_to_rest |= match status {
            Status::HostChanged { state, .. } => !goes_on(state),
            Status::Held { .. } | Status::GateAnswered { .. } | Status::RollbackEnded { .. } => true,
            _ => false,
        };
    }
}

struct Search<'a> {
    plan: &'a Arc<Plan>,
    properties: &'a [Property],
    bounds: Bounds,
    kinds: Kinds,
    words_matter: bool,
    nodes: Vec<Node>,
    /// The node of each state that was met; never looked through in order.
    known: HashMap<u64, u32>,
    /// From and to, of moves that need no mishap.
    ways: Vec<(u32, u32)>,
    /// Nodes at rest, with why.
    rests: Vec<(u32, Rest)>,
    moves: usize,
    outcomes: Outcomes,
    /// The node in which each was met with the shortest story.
    found: BTreeMap<Wrong, u32>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Rest {
    Complete,
    RolledBack,
    /// For people; what nobody can move.
    Waits {
        blocks: Vec<Block>,
    },
    /// One region, while others may go on.
    WaitsIn {
        blocks: Vec<Block>,
    },
}

/// Walks every outcome of every step, gate and approval, every interleaving of regions that run together, crashes and
/// people's holds, up to a bound on mishaps, and tells the shortest story of each thing that goes wrong.
///
/// States are looked at in the order of their mishaps and then of their events, so that the story kept of a fault is a
/// shortest one.
pub fn explore(plan: &Arc<Plan>, bounds: Bounds) -> Exploration {
    // Hosts that a claim names are not like others.
    let names_hosts = |property: &Property| speaks_of(property, |term| matches!(term, Term::Hosts { .. }));
    let tells_all_apart = bounds.tells_all_apart || plan.properties.iter().any(names_hosts);
    let bounds = Bounds { tells_all_apart, ..bounds };
    let kinds = if bounds.tells_all_apart { Kinds::each(plan) } else { Kinds::of(plan) };
    let properties = plan.properties.as_slice();
    let mut search = Search {
        plan,
        properties,
        bounds,
        words_matter: properties
            .iter()
            .any(|property| speaks_of(property, |term| matches!(term, Term::Gate { .. } | Term::Told(_)))),
        nodes: Vec::new(),
        known: HashMap::new(),
        ways: Vec::new(),
        rests: Vec::new(),
        moves: 0,
        outcomes: Outcomes::of(plan, &kinds),
        found: BTreeMap::new(),
        kinds,
    };
    let is_exhausted = search.walk();
    search.report(is_exhausted)
}

fn speaks_of(property: &Property, is_it: fn(&Term) -> bool) -> bool {
    let claims = [Some(&property.claim), property.unless.as_ref()];
    let mut terms = claims.into_iter().flatten().flat_map(|claim| &claim.any_of).flatten();
    terms.any(|term| {
        let mut term = term;
        while let Term::Not(denied) = term {
            term = denied;
        }
        is_it(term)
    })
}

impl Search<'_> {
    fn walk(&mut self) -> bool {
        let start = State::new(Engine::new(Arc::clone(self.plan)), &mut |_, _| {});
        let choice = Open { choice: Choice::Crash, cost: 0, until: Moment::MAX_UTC };
        let is_reduced = !self.bounds.tells_all_apart && are_regions_apart(self.plan);
        let turn = if is_reduced { Turn::First } else { Turn::Every };
        let root = Node {
            parent: 0,
            depth: 0,
            mishaps: 0,
            choice,
            followed: 0,
            during: turn,
            turn,
            is_looked_at: false,
            has_way: false,
        };
        let known = self.key(&start, turn).known();
        self.meet(&start, root, known);
        // The fewest mishaps first, then the fewest events: a state is met first with all that can still go wrong.
        let mut left = Left::from([((0, 0), vec![(0, start)])]);
        let at_once = (MOST_HOSTS_AT_ONCE / self.plan.hosts.len().max(1)).clamp(1, MOST_AT_ONCE);
        while let Some((_, mut level)) = left.pop_first() {
            while !level.is_empty() {
                let rest = level.split_off(level.len().min(at_once));
                let batch = std::mem::replace(&mut level, rest);
                for (node, arrivals) in self.look_around_all(batch) {
                    if self.nodes.len() >= self.bounds.states {
                        return false;
                    }
                    self.nodes[node as usize].is_looked_at = true;
                    arrivals.into_iter().for_each(|arrival| self.arrive(arrival, &mut left));
                }
            }
        }
        true
    }

    /// What can follow each of some states of one level, in their order, which does not depend on how many workers there are.
    fn look_around_all(&self, mut states: Vec<(u32, State)>) -> Vec<(u32, Vec<Arrival>)> {
        let look = |states: Vec<(u32, State)>| -> Vec<(u32, Vec<Arrival>)> {
            states.into_iter().map(|(node, state)| (node, self.look_around(node, &state))).collect()
        };
        let share = states.len().div_ceil(self.bounds.workers.get());
        if share == states.len() || states.len() * self.plan.hosts.len() < FEWEST_HOSTS_TO_SHARE {
            return look(states);
        }
        let mut shares = Vec::new();
        while !states.is_empty() {
            shares.push(states.split_off(states.len().saturating_sub(share)));
        }
        std::thread::scope(|scope| {
            let workers: Vec<_> = shares.into_iter().rev().map(|share| scope.spawn(move || look(share))).collect();
            let done = workers.into_iter().map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic)));
            done.flatten().collect()
        })
    }

    /// What can follow a state.
    fn look_around(&self, node: u32, state: &State) -> Vec<Arrival> {
        let Node { mishaps, depth, turn, .. } = self.nodes[node as usize];
        let choices = choices(state, turn, mishaps < self.bounds.failures).into_iter();
        let arrive = |open: Open| {
            let mut tried = Tried::default();
            tried.note(&open.choice, state, &self.kinds);
            let mut child = state.clone();
            let mut news = News::default();
            child.take(&open.choice, open.until, &mut |_, status| news.hear(&status));
            let mishaps = mishaps + open.cost;
            let during = turn_after(turn, &child);
            let mut followed = match open.choice {
                Choice::Timer { .. } => self.wait_on(self.key(state, turn).known(), &mut child, during),
                Choice::Task { .. } | Choice::Act { .. } | Choice::Crash => 0,
            };
            if mishaps >= self.bounds.failures {
                followed += self.follow(&mut child, news, during, depth + 1 + followed, &mut tried);
            }
            let depth = depth + 1 + followed;
            let key = self.key(&child, turn_after(during, &child));
            let way = Way { from: node, depth, mishaps, choice: open, followed, during };
            let outcome = child.engine.outcome();
            let state = Some(child).filter(|_| !self.knows_all(&key, mishaps));
            Arrival { way, state, key, outcome, tried }
        };
        choices.map(arrive).collect()
    }

    /// Notes where a choice has led: to a state, and to people's help in each region that waits for it.
    fn arrive(&mut self, arrival: Arrival, left: &mut Left) {
        let Arrival { way, state, key, outcome, tried } = arrival;
        self.moves += 1 + way.followed as usize;
        self.outcomes.add(tried);
        let is_over = matches!(outcome, Some(Outcome::Complete | Outcome::RolledBack));
        let mut helps = Vec::new();
        for region in key.waiting().filter(|_| !is_over) {
            let (help, _) = self.place(key.help(region), Turn::Help(region), &way, state.as_ref(), left);
            helps.push((region, help));
        }
        // A region that was alone on its way and waits again has only people's help as its way on: what holds of the
        // others' way on may hold of another condition of this region.
        let alone = match self.nodes[way.from as usize].turn {
            Turn::Only(region) | Turn::Help(region) => helps.iter().find(|(of, _)| *of == region),
            Turn::Every | Turn::First => None,
        };
        if let Some((_, help)) = alone {
            self.note_way(&way, *help);
        }
        let (to, is_new) = self.place(key.known(), key.turn(), &way, state.as_ref(), left);
        // Where nothing goes on any more, the help that a region waits for is the way on.
        if is_new && outcome == Some(Outcome::Held) {
            helps.iter().for_each(|(_, help)| self.push_way(to, *help));
        }
        if alone.is_none() {
            self.note_way(&way, to);
        }
    }

    /// The node of a state, and whether it is new.
    ///
    /// INVARIANT: a state that is not kept is known.
    fn place(&mut self, number: u64, turn: Turn, way: &Way, state: Option<&State>, left: &mut Left) -> (u32, bool) {
        if let Some(known) = self.known_with(number, way.mishaps) {
            return (known, false);
        }
        let Some(state) = state else { return (way.from, false) };
        let met = self.meet(state, way.node(turn), number);
        left.entry((way.mishaps, way.depth)).or_default().push((met, state.clone()));
        (met, true)
    }

    fn knows_all(&self, key: &StateKey, mishaps: u8) -> bool {
        let numbers = key.waiting().map(|region| key.help(region)).chain([key.known()]);
        numbers.into_iter().all(|number| self.known_with(number, mishaps).is_some())
    }

    fn note_way(&mut self, way: &Way, to: u32) {
        if way.choice.cost == 0 {
            self.push_way(way.from, to);
        }
    }

    fn push_way(&mut self, from: u32, to: u32) {
        self.ways.push((from, to));
        self.nodes[from as usize].has_way |= to != from;
    }

    fn known_with(&self, number: u64, mishaps: u8) -> Option<u32> {
        self.known.get(&number).copied().filter(|known| self.nodes[*known as usize].mishaps <= mishaps)
    }

    /// A window that was missed while others went on is waited for again, and nothing but the moment tells that from the state
    /// before: waits until something comes of it. Says how often.
    fn wait_on(&self, before: u64, state: &mut State, during: Turn) -> u32 {
        let mut waited = 0;
        while waited < MOST_WINDOWS && self.key(state, turn_after(during, state)).known() == before {
            let next = choices(state, during, false).into_iter().next();
            let Some(next) = next.filter(|open| matches!(open.choice, Choice::Timer { .. })) else { break };
            waited += 1;
            state.take(&next.choice, next.until, &mut |_, _| {});
        }
        waited
    }

    /// Where nothing more can go wrong there is mostly one way on: goes it, until a batch or a stage is through, the way
    /// forks or ends, a region waits for help, or something is wrong. Says how far it went.
    fn follow(&self, state: &mut State, mut news: News, turn: Turn, depth: u32, tried: &mut Tried) -> u32 {
        let mut followed = 0;
        while !news.is_milestone && turn_after(turn, state) == turn && !self.is_news(state, depth + followed) {
            if news.may_come_to_rest && turn == Turn::First && self.is_new_rest(state) {
                break;
            }
            let open = choices(state, turn, false);
            let [only] = open.as_slice() else { break };
            tried.note(&only.choice, state, &self.kinds);
            followed += 1;
            news = News::default();
            state.take(&only.choice, only.until, &mut |_, status| news.hear(&status));
        }
        followed
    }

    /// Whether a region waits for help in a condition that was not met yet.
    fn is_new_rest(&self, state: &State) -> bool {
        let key = self.key(state, Turn::First);
        key.waiting().any(|region| !self.known.contains_key(&key.help(region)))
    }

    /// Whether something is wrong here of which no story is known that is as short.
    fn is_news(&self, state: &State, depth: u32) -> bool {
        wrongs(self.properties, state).iter().any(|wrong| self.is_shorter(wrong, (self.bounds.failures, depth)))
    }

    fn is_shorter(&self, wrong: &Wrong, way: (u8, u32)) -> bool {
        let known = self.found.get(wrong).map(|node| self.nodes[*node as usize].way());
        known.is_none_or(|known| way < known)
    }

    fn key(&self, state: &State, turn: Turn) -> StateKey {
        let words = self.words_matter.then_some(&state.words);
        StateKey::of(&state.engine, &self.kinds, words, turn)
    }

    /// Notes a state that was not met before, and what is wrong with it.
    fn meet(&mut self, state: &State, node: Node, number: u64) -> u32 {
        let idx = self.nodes.len() as u32;
        let turn = node.turn;
        self.known.insert(number, idx);
        self.nodes.push(node);
        for wrong in wrongs(self.properties, state) {
            self.note_wrong(wrong, idx);
        }
        let rest = match turn {
            Turn::Every | Turn::First => rest(state),
            Turn::Only(_) => None,
            Turn::Help(region) => Some(Rest::WaitsIn { blocks: blocks(&state.engine, Some(region)) }),
        };
        self.rests.extend(rest.map(|rest| (idx, rest)));
        idx
    }

    fn note_wrong(&mut self, wrong: Wrong, node: u32) {
        if self.is_shorter(&wrong, self.nodes[node as usize].way()) {
            self.found.insert(wrong, node);
        }
    }

    fn report(mut self, is_exhausted: bool) -> Exploration {
        let mut endings = Endings::default();
        self.ways.sort_unstable();
        let ends = if is_exhausted { self.can_end() } else { Vec::new() };
        let rests = std::mem::take(&mut self.rests);
        for (node, rest) in rests {
            match rest {
                Rest::Complete => endings.complete += 1,
                Rest::RolledBack => endings.rolled_back += 1,
                // Where not everything was seen, only a state without any way on is known to be the last.
                Rest::Waits { .. } if ends.get(node as usize).copied().unwrap_or(self.may_go_on(node)) => {
                    endings.waits_for_people += 1;
                }
                Rest::WaitsIn { .. } if ends.get(node as usize).copied().unwrap_or(self.may_go_on(node)) => {}
                Rest::WaitsIn { blocks } => {
                    blocks.into_iter().for_each(|block| self.note_wrong(Wrong::Stuck(block), node))
                }
                Rest::Waits { blocks } => {
                    endings.stuck += 1;
                    blocks.into_iter().for_each(|block| self.note_wrong(Wrong::Stuck(block), node));
                }
            }
        }
        let mut findings: Vec<Finding> = self.found.iter().map(|(wrong, node)| self.finding(wrong, *node)).collect();
        findings.sort_by_key(|finding| (finding.story.mishaps, finding.story.events, finding.wrong.clone()));
        Exploration {
            bounds: self.bounds,
            states: self.nodes.len(),
            moves: self.moves,
            outcomes: self.outcomes,
            endings,
            is_exhausted,
            findings,
        }
    }

    fn finding(&self, wrong: &Wrong, node: u32) -> Finding {
        let mut taken = Vec::new();
        let mut at = node;
        while at != 0 {
            let Node { parent, choice, followed, during, .. } = &self.nodes[at as usize];
            taken.push(Taken { open: choice.clone(), turn: *during, followed: *followed });
            at = *parent;
        }
        taken.reverse();
        let mishaps = self.nodes[node as usize].mishaps;
        Finding { wrong: wrong.clone(), story: retell(self.plan, &taken, mishaps) }
    }

    /// Of a state from which nobody looked on yet nothing bad is known.
    fn may_go_on(&self, node: u32) -> bool {
        let node = &self.nodes[node as usize];
        !node.is_looked_at || node.has_way
    }

    /// For each node whether a run can still be brought to its end from there, without another mishap.
    fn can_end(&self) -> Vec<bool> {
        let mut back: Vec<(u32, u32)> = self.ways.iter().map(|(from, to)| (*to, *from)).collect();
        back.sort_unstable();
        let mut ends = vec![false; self.nodes.len()];
        let is_end = |rest: &Rest| matches!(rest, Rest::Complete | Rest::RolledBack);
        let mut left: Vec<u32> = self.rests.iter().filter(|(_, rest)| is_end(rest)).map(|(node, _)| *node).collect();
        while let Some(node) = left.pop() {
            if std::mem::replace(&mut ends[node as usize], true) {
                continue;
            }
            let first = back.partition_point(|(to, _)| *to < node);
            left.extend(back[first..].iter().take_while(|(to, _)| *to == node).map(|(_, from)| *from));
        }
        ends
    }
}

/// Whose turn it is in a state, after that of another.
fn turn_after(turn: Turn, state: &State) -> Turn {
    match turn {
        Turn::Every | Turn::First => turn,
        Turn::Only(region) | Turn::Help(region) if goes_on(state, region) => Turn::Only(region),
        Turn::Only(_) | Turn::Help(_) => Turn::First,
    }
}

/// What is wrong in a state.
fn wrongs(properties: &[Property], state: &State) -> Vec<Wrong> {
    let broken = (0..).zip(properties).filter(|(_, property)| !holds(property, &state.engine, &state.words));
    let budgets = broken_budgets(&state.engine).into_iter().map(Wrong::Budget);
    broken.map(|(place, _)| Wrong::Property(place)).chain(budgets).collect()
}

/// Whether nothing goes on by itself in a state.
fn rest(state: &State) -> Option<Rest> {
    let engine = &state.engine;
    match engine.outcome() {
        Some(Outcome::Complete) => return Some(Rest::Complete),
        Some(Outcome::RolledBack) => return Some(Rest::RolledBack),
        Some(Outcome::Held) => {}
        None if state.begun.is_empty() && engine.timers().is_empty() => {}
        None => return None,
    }
    Some(Rest::Waits { blocks: blocks(engine, None) })
}

/// What nobody may move, in a region or in all; everything, where there is somebody for each thing.
fn blocks(engine: &Engine, only: Option<RegionId>) -> Vec<Block> {
    let plan = engine.plan();
    let is_meant = |region: Option<RegionId>| only.is_none() || region.is_none() || region == only;
    let nobody_may = |act: PersonAct| who_may(plan, &act).is_none();
    let mut held: Vec<Target> = engine.holds().into_iter().map(|hold| hold.what).collect();
    held.dedup();
    held.retain(|target| is_meant(region_of(plan, *target)) && nobody_may(PersonAct::Resume { target: *target }));
    let unknown = |host: &HostIdx| matches!(engine.host(*host), HostState::Unknown { .. });
    let lost = (0..plan.hosts.len() as u32).map(HostIdx).filter(unknown);
    let unsettled: BTreeSet<RegionId> = lost
        .filter(|host| nobody_may(PersonAct::Settle { host: *host, settlement: Settlement::Done }))
        .map(|host| plan.region_of(host))
        .filter(|region| is_meant(Some(*region)))
        .collect();
    let approval =
        engine.asks_approval().filter(|stage| only.is_none() && nobody_may(PersonAct::Approve { stage: *stage }));
    let held = held.into_iter().map(Block::Held);
    let mut blocks: Vec<Block> =
        held.chain(unsettled.into_iter().map(Block::Unsettled)).chain(approval.map(Block::Approval)).collect();
    if blocks.is_empty() {
        blocks.push(Block::Everything);
    }
    blocks
}
