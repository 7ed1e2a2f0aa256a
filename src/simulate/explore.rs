use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::engine::{Engine, HostState, Kinds, Outcome, PersonAct, Settlement, Status, Target, who_may};
use crate::model::{Property, RegionId, Term};
use crate::plan::{HostIdx, Plan};
use crate::simulate::choices::{Open, choices};
use crate::simulate::claim::{broken_budgets, holds};
use crate::simulate::outcomes::Outcomes;
use crate::simulate::state::{Choice, State, are_regions_apart};
use crate::simulate::story::{Story, story};
use crate::time::Moment;

/// How far to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The most mishaps of one story.
    pub failures: u8,
    /// The most states to look at.
    pub states: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds { failures: 2, states: 400_000 }
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
}

impl Node {
    /// How long its story is: the mishaps first.
    fn way(&self) -> (u8, u32) {
        (self.mishaps, self.depth)
    }
}

/// States to look around in, by mishaps and events.
type Left = BTreeMap<(u8, u32), Vec<(u32, State)>>;

/// Whether a batch or a stage came to its end.
#[derive(Debug, Clone, Copy, Default)]
struct News {
    is_milestone: bool,
}

impl News {
    fn hear(&mut self, status: &Status) {
        self.is_milestone |= matches!(status, Status::BatchEnded { .. } | Status::StageEnded { .. });
    }
}

struct Search<'a> {
    plan: &'a Arc<Plan>,
    properties: &'a [Property],
    bounds: Bounds,
    kinds: Kinds,
    regions_are_apart: bool,
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
}

/// Walks every outcome of every step, gate and approval, every interleaving of regions that run together, crashes and
/// people's holds, up to a bound on mishaps, and tells the shortest story of each thing that goes wrong.
///
/// States are looked at in the order of their mishaps and then of their events, so that the story kept of a fault is a
/// shortest one.
pub fn explore(plan: &Arc<Plan>, bounds: Bounds) -> Exploration {
    let kinds = Kinds::of(plan);
    let properties = plan.properties.as_slice();
    let mut search = Search {
        plan,
        properties,
        bounds,
        regions_are_apart: are_regions_apart(plan, properties),
        words_matter: properties.iter().any(speaks_of_gates),
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

fn speaks_of_gates(property: &Property) -> bool {
    let claims = [Some(&property.claim), property.unless.as_ref()];
    claims.into_iter().flatten().flat_map(|claim| &claim.any_of).flatten().any(|term| matches!(term, Term::Gate { .. }))
}

impl Search<'_> {
    fn walk(&mut self) -> bool {
        let start = State::new(Engine::new(Arc::clone(self.plan)), &mut |_, _| {});
        let choice = Open { choice: Choice::Crash, cost: 0, until: Moment::MAX_UTC };
        self.meet(
            &start,
            Node { parent: 0, is_looked_at: false, has_way: false, depth: 0, mishaps: 0, choice, followed: 0 },
        );
        // The fewest mishaps first, then the fewest events: a state is met first with all that can still go wrong.
        let mut left = Left::from([((0, 0), vec![(0, start)])]);
        while let Some((_, level)) = left.pop_first() {
            for (node, state) in level {
                if self.nodes.len() >= self.bounds.states {
                    return false;
                }
                self.look_around(node, &state, &mut left);
            }
        }
        true
    }

    /// What can follow a state.
    fn look_around(&mut self, node: u32, state: &State, left: &mut Left) {
        let Node { mishaps, depth, .. } = self.nodes[node as usize];
        self.nodes[node as usize].is_looked_at = true;
        for open in choices(state, self.regions_are_apart, mishaps < self.bounds.failures) {
            self.outcomes.note(&open.choice, state, &self.kinds);
            self.moves += 1;
            let mut child = state.clone();
            let mut news = News::default();
            child.take(&open.choice, open.until, &mut |_, status| news.hear(&status));
            let mishaps = mishaps + open.cost;
            let followed = if mishaps < self.bounds.failures { 0 } else { self.follow(&mut child, news, depth + 1) };
            let known = self.known.get(&self.key(&child)).copied();
            let cost = open.cost;
            let to = match known.filter(|known| self.nodes[*known as usize].mishaps <= mishaps) {
                Some(known) => known,
                None => {
                    let depth = depth + 1 + followed;
                    let met = self.meet(
                        &child,
                        Node {
                            parent: node,
                            is_looked_at: false,
                            has_way: false,
                            depth,
                            mishaps,
                            choice: open,
                            followed,
                        },
                    );
                    left.entry((mishaps, depth)).or_default().push((met, child));
                    met
                }
            };
            if cost == 0 {
                self.ways.push((node, to));
                self.nodes[node as usize].has_way |= to != node;
            }
        }
    }

    /// Where nothing more can go wrong there is mostly one way on: goes it, until a batch or a stage is through, the way
    /// forks or ends, or something is wrong. Says how far it went.
    fn follow(&mut self, state: &mut State, mut news: News, depth: u32) -> u32 {
        let mut followed = 0;
        while !news.is_milestone && !self.is_news(state, depth + followed) {
            let open = choices(state, self.regions_are_apart, false);
            let [only] = open.as_slice() else { break };
            self.outcomes.note(&only.choice, state, &self.kinds);
            self.moves += 1;
            followed += 1;
            news = News::default();
            state.take(&only.choice, only.until, &mut |_, status| news.hear(&status));
        }
        followed
    }

    /// Whether something is wrong here of which no story is known that is as short.
    fn is_news(&self, state: &State, depth: u32) -> bool {
        wrongs(self.properties, state).iter().any(|wrong| self.is_shorter(wrong, (self.bounds.failures, depth)))
    }

    fn is_shorter(&self, wrong: &Wrong, way: (u8, u32)) -> bool {
        let known = self.found.get(wrong).map(|node| self.nodes[*node as usize].way());
        known.is_none_or(|known| way < known)
    }

    fn key(&self, state: &State) -> u64 {
        let key = state.engine.key(&self.kinds);
        if self.words_matter { key ^ state.words.key() } else { key }
    }

    /// Notes a state that was not met before, and what is wrong with it.
    fn meet(&mut self, state: &State, node: Node) -> u32 {
        let idx = self.nodes.len() as u32;
        self.known.insert(self.key(state), idx);
        self.nodes.push(node);
        for wrong in wrongs(self.properties, state) {
            self.note_wrong(wrong, idx);
        }
        if let Some(rest) = rest(state) {
            self.rests.push((idx, rest));
        }
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
            let Node { parent, choice, followed, .. } = &self.nodes[at as usize];
            taken.push((choice.clone(), *followed));
            at = *parent;
        }
        taken.reverse();
        let mishaps = self.nodes[node as usize].mishaps;
        Finding { wrong: wrong.clone(), story: story(self.plan, &taken, self.regions_are_apart, mishaps) }
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
    Some(Rest::Waits { blocks: blocks(engine) })
}

/// What nobody may move; everything, where there is somebody for each thing.
fn blocks(engine: &Engine) -> Vec<Block> {
    let plan = engine.plan();
    let nobody_may = |act: PersonAct| who_may(plan, &act).is_none();
    let mut held: Vec<Target> = engine.holds().into_iter().map(|hold| hold.what).collect();
    held.dedup();
    held.retain(|target| nobody_may(PersonAct::Resume { target: *target }));
    let unknown = |host: &HostIdx| matches!(engine.host(*host), HostState::Unknown { .. });
    let lost = (0..plan.hosts.len() as u32).map(HostIdx).filter(unknown);
    let unsettled: BTreeSet<RegionId> = lost
        .filter(|host| nobody_may(PersonAct::Settle { host: *host, settlement: Settlement::Done }))
        .map(|host| plan.region_of(host))
        .collect();
    let approval = engine.asks_approval().filter(|stage| nobody_may(PersonAct::Approve { stage: *stage }));
    let held = held.into_iter().map(Block::Held);
    let mut blocks: Vec<Block> =
        held.chain(unsettled.into_iter().map(Block::Unsettled)).chain(approval.map(Block::Approval)).collect();
    if blocks.is_empty() {
        blocks.push(Block::Everything);
    }
    blocks
}
