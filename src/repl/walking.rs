use std::sync::Arc;

use indexmap::IndexMap;

use crate::inventory::HostSet;
use crate::model::{ApprovalAnswer, Given, Happening};
use crate::plan::Plan;
use crate::repl::program::Program;
use crate::simulate::{Scenario, Scene, Walk};
use crate::source::{FileId, Span};
use crate::time::{Duration, Moment, later_by};

/// A rollout that is being walked through.
#[derive(Debug)]
pub(super) struct Walking {
    pub plan: Arc<Plan>,
    /// The hosts of the fleet that it is for, which the plan knows by their order.
    pub targets: HostSet,
    pub here: Branch,
    /// What the walk at hand is called.
    pub name: String,
    /// The other walks, as they were left.
    pub others: IndexMap<String, Branch>,
    /// The script as it stood when the walk began.
    pub program: Program,
    /// The last moment to which was waited, at which nothing came by itself.
    pub waited_until: Option<Moment>,
}

/// One way in which it can go, with what was said on it.
#[derive(Debug, Clone)]
pub(super) struct Branch {
    pub walk: Walk,
    pub said: Vec<Sentence>,
}

/// Something that was given or done, as a test says it.
#[derive(Debug, Clone)]
pub(super) struct Sentence {
    /// How many moves had led there.
    pub position: usize,
    pub at: Moment,
    pub text: String,
    /// Whether it says itself when it happens.
    pub is_timed: bool,
}

const FIRST: &str = "main";

impl Walking {
    /// At the rollout's start. People are asked: nobody approves anything until somebody does here.
    pub fn start(plan: Plan, targets: HostSet, program: Program) -> Walking {
        let plan = Arc::new(plan);
        let waits = Given {
            what: Happening::Approval { stage: None, team: None, answer: ApprovalAnswer::Silent, after: None },
            when: None,
            span: nowhere(),
        };
        let scenario = Scenario::bind(&plan, &targets, &[waits]);
        let walk = Walk::start(&plan, scenario);
        let here = Branch { walk, said: Vec::new() };
        Walking { plan, targets, here, name: FIRST.to_owned(), others: IndexMap::new(), program, waited_until: None }
    }

    /// Something is given from here on.
    pub fn give(&mut self, what: Happening, sentence: String) -> Vec<Scene> {
        self.given(&Given { what, when: None, span: nowhere() }, sentence)
    }

    /// Something is given from here on, or from its own moment on.
    pub fn given(&mut self, given: &Given, sentence: String) -> Vec<Scene> {
        let said = self.sentence(sentence, given.when.is_some());
        self.here.said.push(said);
        self.here.walk.given(&self.targets, given)
    }

    /// What is said here, to be written into a test.
    pub fn sentence(&self, text: String, is_timed: bool) -> Sentence {
        let (position, now) = (self.here.walk.position(), self.here.walk.world().now());
        // What is said here comes after all that has come at this moment; what a test gives at a moment comes before it.
        let is_first = self.waited_until == Some(now) || now == self.plan.starts_at;
        let at = if is_first { now } else { later_by(now, Duration::from_seconds(1)) };
        Sentence { position, at, text, is_timed }
    }

    /// Goes so many moves back. Says how many.
    pub fn back(&mut self, moves: usize) -> usize {
        let gone = self.here.walk.back(moves);
        let position = self.here.walk.position();
        self.here.said.retain(|sentence| sentence.position < position);
        gone
    }

    /// Goes on on a new walk from here, or on the one of that name; the walk at hand stays as it is.
    pub fn branch(&mut self, name: &str) {
        if name == self.name {
            return;
        }
        let there = self.others.shift_remove(name).unwrap_or_else(|| self.here.clone());
        let left = std::mem::replace(&mut self.here, there);
        let left_name = std::mem::replace(&mut self.name, name.to_owned());
        self.others.insert(left_name, left);
    }
}

fn nowhere() -> Span {
    Span::new(FileId(0), 0, 0)
}
