use std::collections::BTreeSet;
use std::sync::Arc;

use crate::engine::{Answer, HostState, Status, Target};
use crate::inventory::HostSet;
use crate::model::{By, Claim, Expectation, GateId, Term, Test};
use crate::plan::{HostIdx, Plan};
use crate::simulate::played::{Played, story_with};
use crate::simulate::scenario::Scenario;
use crate::simulate::story::Told;
use crate::simulate::world::World;
use crate::time::{Moment, later_by};

/// A test that was tried once: what happened, and what came of each expectation.
#[derive(Debug, Clone)]
pub struct Trial {
    pub played: Played,
    /// In the order of the test's expectations.
    pub judged: Vec<Judged>,
    pub seen: Seen,
}

/// One expectation, judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    pub is_met: bool,
    /// At which moment, where it says so; else at the end.
    pub by: Option<Moment>,
    /// Its terms with what they came to at the end.
    pub parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    pub term: Term,
    pub is_so: bool,
    /// When it first was so, where it counts that it ever was.
    pub first_at: Option<Moment>,
}

/// What a story went through, for the coverage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// Indexes into `Plan::rules` of those that fired.
    pub rules: BTreeSet<u32>,
    pub gates_passed: BTreeSet<GateId>,
    /// Failed or unknown.
    pub gates_failed: BTreeSet<GateId>,
    /// Indexes of steps that were undone somewhere.
    pub undone: BTreeSet<u32>,
    /// Stages whose approval was asked for.
    pub approvals: BTreeSet<u32>,
    /// Hosts that were begun, in order.
    pub hosts: Vec<HostIdx>,
}

/// Plays a test's scenario to its end and judges what it expects. `targets` as in [`Scenario::bind`].
///
/// What is claimed of states is judged at the end, or with `by` at that moment. That a service is kept, that more
/// than so many are down or failed, and what a gate said, count at any moment until then.
pub fn try_test(plan: &Arc<Plan>, targets: &HostSet, test: &Test) -> Trial {
    let scenario = Scenario::bind(plan, targets, &test.givens);
    let mut watched: Vec<Watched> = test.expectations.iter().map(|one| Watched::of(plan, one)).collect();
    let mut seen = Seen::default();
    let played = story_with(plan, scenario, &mut |world| {
        watched.iter_mut().for_each(|one| one.look(world));
        seen.look(world);
    });
    seen.hear(&played);
    let judged = watched.into_iter().map(|one| one.judge(&played.world)).collect();
    Trial { played, judged, seen }
}

/// An expectation while its story goes on.
struct Watched {
    groups: Vec<Vec<Ever>>,
    by: Option<Moment>,
    /// What it came to at the last moment that was not after `by`.
    was_met: bool,
}

/// A term, and when it first was so.
struct Ever {
    term: Term,
    claim: Claim,
    first_at: Option<Moment>,
}

impl Watched {
    fn of(plan: &Plan, expectation: &Expectation) -> Watched {
        let ever = |term: &Term| {
            let inner = if let Term::Not(inner) = term { inner } else { term };
            Ever { term: term.clone(), claim: Claim { any_of: vec![vec![inner.clone()]] }, first_at: None }
        };
        let groups = expectation.claim.any_of.iter();
        let by = expectation.by.map(|by| match by {
            By::Moment(at) => at,
            By::Within(length) => later_by(plan.starts_at, length),
        });
        Watched { groups: groups.map(|group| group.iter().map(ever).collect()).collect(), by, was_met: false }
    }

    fn look(&mut self, world: &World) {
        for term in self.groups.iter_mut().flatten() {
            if term.counts_at_any_moment() && term.first_at.is_none() && term.is_so_now(world) {
                term.first_at = Some(world.now());
            }
        }
        if self.by.is_some_and(|by| world.now() <= by) {
            self.was_met = self.is_so(world);
        }
    }

    fn is_so(&self, world: &World) -> bool {
        self.groups.iter().any(|group| group.iter().all(|term| term.is_so(world)))
    }

    fn judge(self, world: &World) -> Judged {
        let is_met = match self.by {
            Some(_) => self.was_met,
            None => self.is_so(world),
        };
        let parts = self.groups.iter().flatten().map(|term| Part {
            term: term.term.clone(),
            is_so: term.is_so(world),
            first_at: term.first_at,
        });
        Judged { is_met, by: self.by, parts: parts.collect() }
    }
}

impl Ever {
    fn inner(&self) -> &Term {
        if let Term::Not(inner) = &self.term { inner } else { &self.term }
    }

    fn counts_at_any_moment(&self) -> bool {
        matches!(self.inner(), Term::MoreThan { .. })
    }

    fn is_so_now(&self, world: &World) -> bool {
        world.is_so(&self.claim)
    }

    fn is_so(&self, world: &World) -> bool {
        let plan = world.plan();
        let inner = match self.inner() {
            Term::ServiceKept(service) => {
                let name = plan.services.get(service.0 as usize).map(|service| &service.name);
                let of_it = |group: &usize| plan.budgets.get(*group).map(|budget| &budget.service) == name;
                !world.broken().keys().any(of_it)
            }
            Term::MoreThan { .. } => self.first_at.is_some(),
            _ => self.is_so_now(world),
        };
        inner != matches!(self.term, Term::Not(_))
    }
}

impl Seen {
    fn look(&mut self, world: &World) {
        let engine = world.engine();
        if engine.progress(Target::Rollout).undoing > 0 {
            for host in (0..world.plan().hosts.len() as u32).map(HostIdx) {
                if let HostState::Undoing { step } = engine.host(host) {
                    self.undone.insert(step);
                }
            }
        }
    }

    fn hear(&mut self, played: &Played) {
        for scene in &played.story.scenes {
            match &scene.told {
                Told::Status(Status::RuleFired { rule }) => drop(self.rules.insert(*rule)),
                Told::Status(Status::GateAnswered { gate, answer: Answer::Pass, .. }) => {
                    self.gates_passed.insert(*gate);
                }
                Told::Status(Status::GateAnswered { gate, .. }) => {
                    self.gates_failed.insert(*gate);
                }
                _ => {}
            }
        }
        let world = &played.world;
        self.approvals.extend(world.asked().keys());
        let hosts = (0..world.plan().hosts.len() as u32).map(HostIdx);
        self.hosts.extend(hosts.filter(|host| world.engine().host(*host) != HostState::Waiting));
    }
}
