use std::collections::BTreeMap;

use indexmap::IndexMap;

use crate::engine::key::KeyParts;
use crate::engine::stages::StagePhase;
use crate::engine::{Engine, Hold, Status, Target};
use crate::plan::Plan;
use crate::time::Moment;

/// What is held, with all reasons in the order in which they came.
#[derive(Debug, Clone, Default)]
pub(super) struct Holds {
    reasons: BTreeMap<Target, IndexMap<String, Moment>>,
    regions: u64,
}

impl Holds {
    pub fn has(&self, what: Target) -> bool {
        !self.reasons.is_empty() && self.reasons.contains_key(&what)
    }

    pub fn any_region(&self) -> bool {
        self.regions > 0
    }

    /// The reasons are told apart only by how they end: want of room by itself (the budgets tell where), others by people.
    pub fn add_to(&self, key: &mut KeyParts) {
        let Holds { reasons, regions: _ } = self;
        for (what, reasons) in reasons {
            key.add_to_target(*what, (5u8, reasons.len().min(2)));
        }
    }

    pub fn targets(&self) -> impl Iterator<Item = Target> {
        self.reasons.keys().copied()
    }

    /// False where it is held for this reason already.
    fn add(&mut self, what: Target, why: String, since: Moment) -> bool {
        let is_new = !self.has(what);
        let reasons = self.reasons.entry(what).or_default();
        let before = reasons.len();
        reasons.entry(why).or_insert(since);
        let is_added = reasons.len() > before;
        self.regions += u64::from(is_new && matches!(what, Target::Region(_)));
        is_added
    }

    fn remove(&mut self, what: Target) -> bool {
        let is_held = self.reasons.remove(&what).is_some();
        self.regions -= u64::from(is_held && matches!(what, Target::Region(_)));
        is_held
    }

    /// Whether the last reason went.
    fn remove_reason(&mut self, what: Target, why: &str) -> bool {
        let Some(reasons) = self.reasons.get_mut(&what) else { return false };
        reasons.shift_remove(why);
        reasons.is_empty() && self.remove(what)
    }
}

impl Engine {
    /// Nothing new begins there; what is under way ends.
    pub(super) fn hold(&mut self, what: Target, why: String) {
        let was_held = self.holds.has(what);
        // Nothing is left to hold where all is through.
        if self.stage.phase == StagePhase::Complete || !self.holds.add(what, why.clone(), self.at) {
            return;
        }
        self.tell(Status::Held { what, why });
        if was_held {
            return;
        }
        if let Target::Region(region) = what {
            self.region_held_met(region, self.holds.regions);
        }
        self.withdraw_what_is_held();
        self.look_where_holds_changed(what);
    }

    /// A batch can be larger than what can be under way at once. Who was handed out and has not begun waits again.
    fn withdraw_what_is_held(&mut self) {
        for (task, host, step) in self.work.unbegun() {
            // The first step of what runs ahead, or of the batch.
            let is_first = step == 0 || step == self.step_from(host, self.layout.ahead);
            if is_first && self.is_held(host) && self.hosts.claimed_by(host).is_none() {
                self.withdraw(task);
                self.wait_again(host);
            }
        }
    }

    /// Lifts what is held there and in all that it holds.
    pub(super) fn resume(&mut self, target: Target) {
        let held: Vec<Target> = self.holds.reasons.keys().copied().collect();
        let lifted: Vec<Target> = held.into_iter().filter(|what| contains(&self.plan, target, *what)).collect();
        for what in &lifted {
            self.holds.remove(*what);
            self.tell(Status::Resumed { what: *what });
        }
        for what in &lifted {
            self.look_where_holds_changed(*what);
        }
        if !lifted.is_empty() {
            self.ask_again();
            self.look_at_awaited_groups();
        }
    }

    pub(super) fn lift_reason(&mut self, what: Target, why: &str) {
        if self.holds.remove_reason(what, why) {
            self.tell(Status::Resumed { what });
            self.look_where_holds_changed(what);
            self.ask_again();
        }
    }

    /// Every hold and its reasons: the rollout's first, then by kind and number.
    pub fn holds(&self) -> Vec<Hold> {
        let reasons = self.holds.reasons.iter().flat_map(|(what, reasons)| reasons.iter().map(move |why| (*what, why)));
        reasons.map(|(what, (why, since))| Hold { what, why: why.clone(), since: *since }).collect()
    }

    /// Windows are awaited by what is not held only, and the next turn may begin where a region is held.
    fn look_where_holds_changed(&mut self, what: Target) {
        let stage = self.stage.idx;
        match what {
            Target::Rollout | Target::Stage(_) => {
                self.due.lanes.extend(self.layout.lanes_of_stage(&self.plan, stage));
            }
            Target::Region(region) => {
                self.due.lanes.extend(self.layout.lanes_of_region(&self.plan, stage, region));
            }
            Target::Site(site) => {
                let region = self.plan.sites[site.0 as usize].region;
                self.due.lanes.extend(self.layout.lanes_of_region(&self.plan, stage, region));
            }
            Target::Batch { stage, turn, lane, batch } => {
                let batch = self.layout.find_batch(stage, turn, lane, batch);
                self.due.lanes.extend(batch.map(|batch| self.layout.batches[batch.0 as usize].lane));
            }
            Target::Host(host) => self.due.lanes.extend(self.layout.lane_of(host)),
        }
        self.due.stage = true;
    }
}

fn contains(plan: &Plan, outer: Target, inner: Target) -> bool {
    let region_of_turn = |stage: u32, turn: u32| {
        let turns = plan.stages.get(stage as usize).map(|stage| &stage.turns);
        turns.and_then(|turns| turns.get(turn as usize)).map(|turn| turn.region)
    };
    let is_in_region = |region| match inner {
        Target::Site(site) => plan.sites[site.0 as usize].region == region,
        Target::Host(host) => plan.region_of(host) == region,
        Target::Batch { stage, turn, .. } => region_of_turn(stage, turn) == Some(region),
        _ => false,
    };
    outer == inner
        || match (outer, inner) {
            (Target::Rollout, _) => true,
            (Target::Stage(outer), Target::Batch { stage, .. }) => outer == stage,
            (Target::Region(region), _) => is_in_region(region),
            (Target::Site(site), Target::Host(host)) => plan.host(host).site == site,
            _ => false,
        }
}
