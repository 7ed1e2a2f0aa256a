use std::sync::Arc;

use crate::engine::HostState;
use crate::inventory::HostSet;
use crate::model::{By, Claim, Expectation, Term, Test};
use crate::plan::{HostIdx, Plan};
use crate::simulate::claim::{hosts_of, part};
use crate::simulate::played::{Played, story_with};
use crate::simulate::scenario::Scenario;
use crate::simulate::world::World;
use crate::time::{Moment, later_by};

/// A test that was played, with what came of each of its expectations, in their order.
#[derive(Debug, Clone)]
pub struct Trial {
    pub played: Played,
    pub judged: Vec<Judged>,
}

/// Whether an expectation is met, and what its parts were when it was looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    pub is_met: bool,
    pub at: Moment,
    pub parts: Vec<JudgedPart>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct JudgedPart {
    pub term: Term,
    pub is_so: bool,
    /// What the hosts that it speaks of go through, those alike together.
    pub hosts: Vec<Alike>,
    /// The budget groups of its service that were broken, by their index in the plan, each since when first.
    pub broken: Vec<(usize, Moment)>,
    /// When there were first more than it says.
    pub exceeded_at: Option<Moment>,
}

/// Hosts in one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alike {
    pub state: HostState,
    pub hosts: Vec<HostIdx>,
    /// Since when the first of them is in it.
    pub since: Moment,
}

impl Trial {
    pub fn has_passed(&self) -> bool {
        self.judged.iter().all(|judged| judged.is_met)
    }
}

/// Plays a test's scenario and judges what it expects. `targets` are the hosts of the fleet that the plan was made for.
///
/// An expectation is judged at the end, or at the moment by which it must be so. That a service is kept, and that there are
/// never more than so many, is asked of the whole way up to then.
pub fn try_test(plan: &Arc<Plan>, targets: &HostSet, test: &Test) -> Trial {
    let scenario = Scenario::bind(plan, targets, &test.givens);
    let mut judge = Judge::new(plan, test);
    let played = story_with(plan, scenario, &mut |world| judge.look(world));
    let Judge { expectations, mut judged, exceeded, .. } = judge;
    for (expectation, judged) in expectations.iter().zip(&mut judged) {
        judged.get_or_insert_with(|| judge_now(expectation, &played.world, &exceeded));
    }
    Trial { judged: judged.into_iter().flatten().collect(), played }
}

struct Judge<'t> {
    expectations: &'t [Expectation],
    /// By when each must be so.
    due: Vec<Option<Moment>>,
    judged: Vec<Option<Judged>>,
    counts: Vec<&'t Term>,
    exceeded: Vec<(&'t Term, Moment)>,
}

impl<'t> Judge<'t> {
    fn new(plan: &Plan, test: &'t Test) -> Judge<'t> {
        let due = |expectation: &Expectation| match expectation.by? {
            By::Moment(at) => Some(at),
            By::Within(length) => Some(later_by(plan.starts_at, length)),
        };
        let terms = test.expectations.iter().flat_map(|expectation| expectation.claim.any_of.iter().flatten());
        Judge {
            expectations: &test.expectations,
            due: test.expectations.iter().map(due).collect(),
            judged: vec![None; test.expectations.len()],
            counts: terms.map(affirmed).filter(|term| matches!(term, Term::MoreThan { .. })).collect(),
            exceeded: Vec::new(),
        }
    }

    fn look(&mut self, world: &World) {
        for term in &self.counts {
            if !self.exceeded.iter().any(|(one, _)| one == term) && is_so_now(term, world) {
                self.exceeded.push((term, world.now()));
            }
        }
        for ((expectation, due), judged) in self.expectations.iter().zip(&self.due).zip(&mut self.judged) {
            let Some(due) = due else { continue };
            if judged.is_none() && world.next_at().is_none_or(|next| next > *due) {
                *judged = Some(Judged { at: *due, ..judge_now(expectation, world, &self.exceeded) });
            }
        }
    }
}

fn judge_now(expectation: &Expectation, world: &World, exceeded: &[(&Term, Moment)]) -> Judged {
    let Claim { any_of } = &expectation.claim;
    let is_met = any_of.iter().any(|group| group.iter().all(|term| is_so(term, world, exceeded)));
    let parts = any_of.iter().flatten().map(|term| judged_part(term, world, exceeded));
    Judged { is_met, at: world.now(), parts: parts.collect() }
}

fn judged_part(term: &Term, world: &World, exceeded: &[(&Term, Moment)]) -> JudgedPart {
    let plan = world.plan();
    let said = affirmed(term);
    let hosts = match said {
        Term::State { of, .. } => hosts_of(plan, part(*of)),
        Term::Hosts { hosts, .. } => hosts.iter().map(|host| HostIdx(*host)).collect(),
        _ => Vec::new(),
    };
    JudgedPart {
        term: term.clone(),
        is_so: is_so(term, world, exceeded),
        hosts: alike(&hosts, world),
        broken: broken(said, world),
        exceeded_at: exceeded.iter().find(|(one, _)| *one == said).map(|(_, at)| *at),
    }
}

/// In the order in which they come first.
fn alike(hosts: &[HostIdx], world: &World) -> Vec<Alike> {
    let mut groups: Vec<Alike> = Vec::new();
    for host in hosts {
        let (state, since) = (world.engine().host(*host), world.since(*host));
        match groups.iter_mut().find(|group| group.state == state) {
            Some(group) => {
                group.hosts.push(*host);
                group.since = group.since.min(since);
            }
            None => groups.push(Alike { state, hosts: vec![*host], since }),
        }
    }
    groups
}

fn is_so(term: &Term, world: &World, exceeded: &[(&Term, Moment)]) -> bool {
    match term {
        Term::Not(denied) => !is_so(denied, world, exceeded),
        Term::ServiceKept(_) => broken(term, world).is_empty(),
        Term::MoreThan { .. } => exceeded.iter().any(|(one, _)| *one == term),
        term => is_so_now(term, world),
    }
}

fn is_so_now(term: &Term, world: &World) -> bool {
    world.is_so(&Claim { any_of: vec![vec![term.clone()]] })
}

/// The broken budgets of the service that a term speaks of.
fn broken(term: &Term, world: &World) -> Vec<(usize, Moment)> {
    let Term::ServiceKept(service) = term else { return Vec::new() };
    let plan = world.plan();
    let name = plan.services.get(service.0 as usize).map(|service| service.name.as_str());
    let is_of_it = |group: usize| plan.budgets.get(group).map(|budget| budget.service.as_str()) == name;
    world.broken().iter().filter(|(group, _)| is_of_it(**group)).map(|(group, at)| (*group, *at)).collect()
}

/// The term without what denies it.
fn affirmed(term: &Term) -> &Term {
    match term {
        Term::Not(denied) => affirmed(denied),
        term => term,
    }
}
