use std::cmp::Reverse;

use crate::engine::hosts::{Doing, Way};
use crate::engine::key::KeyParts;
use crate::engine::{Engine, HostState, Status, Target};
use crate::model::{Step, Undo};
use crate::plan::HostIdx;

/// Every rollback that was asked for; its place is its number.
#[derive(Debug, Clone, Default)]
pub(super) struct Rollbacks {
    runs: Vec<RollbackRun>,
    /// Those that have not ended.
    open: u32,
}

impl Rollbacks {
    pub fn were_any(&self) -> bool {
        !self.runs.is_empty()
    }

    pub fn what(&self, rollback: u32) -> Target {
        self.runs[rollback as usize].what
    }

    pub fn add_to(&self, key: &mut KeyParts) {
        // Those that are open are those that have hosts left.
        let Rollbacks { runs, open: _ } = self;
        key.add((13u8, runs.is_empty()));
        for RollbackRun { what, left } in runs.iter().filter(|run| run.left > 0) {
            key.add_to_target(*what, (14u8, left));
        }
    }

    pub fn are_over(&self) -> bool {
        self.open == 0
    }
}

#[derive(Debug, Clone)]
struct RollbackRun {
    what: Target,
    /// Hosts that it took on and that have not ended.
    left: u32,
}

/// What comes next on the way back of a host.
enum Next {
    Undo(u32),
    /// This step cannot be undone.
    Stuck(u32),
    Nothing,
}

impl Engine {
    /// Undoes every host of a target on which anything was begun, and says how many. Hosts that another rollback undoes
    /// already are its own.
    pub(super) fn roll_back(&mut self, what: Target, why: &str) -> u32 {
        let rollback = self.rollbacks.runs.len() as u32;
        let mut hosts = self.layout.hosts_of(&self.plan, what);
        hosts.retain(|host| self.hosts.begun(*host) > 0 && self.hosts.claimed_by(*host).is_none());
        // What is under way ends last of all.
        let order = |host: &HostIdx| (self.hosts.activity(*host).is_none(), Reverse(self.hosts.ended(*host)));
        hosts.sort_by_key(order);
        if !hosts.is_empty() {
            self.reopen();
        }
        self.hold_what_is_rolled_back(what, &hosts, why);
        // What was handed out and had not begun does not begin now, so that there is nothing to undo.
        hosts.retain(|host| self.hosts.begun(*host) > 0);
        let count = hosts.len() as u32;
        if count == 0 {
            return 0;
        }
        self.rollbacks.open += 1;
        self.rollbacks.runs.push(RollbackRun { what, left: count });
        self.tell(Status::RollbackBegan { what, hosts: count });
        for host in &hosts {
            self.hosts.set_claim(*host, Some(rollback));
        }
        self.drop_moot_askings();
        for host in &hosts {
            self.turn_back(*host);
        }
        count
    }

    fn hold_what_is_rolled_back(&mut self, what: Target, hosts: &[HostIdx], why: &str) {
        let why = format!("rolled back: {why}");
        let mut regions: Vec<_> = hosts.iter().map(|host| self.plan.region_of(*host)).collect();
        regions.sort_unstable();
        regions.dedup();
        self.hold(what, why.clone());
        for region in regions {
            self.hold(Target::Region(region), why.clone());
        }
    }

    /// The step under way ends first; a pause before another attempt does not.
    fn turn_back(&mut self, host: HostIdx) {
        match self.hosts.activity(host).map(|activity| activity.doing) {
            Some(Doing::Pause(timer)) => {
                self.cancel_timer(timer);
                self.try_undo(host);
            }
            Some(_) => {}
            // A person says first how the lost step ended.
            None if matches!(self.host(host), HostState::Unknown { .. }) => {}
            None if self.host(host) == HostState::Ready => {
                self.forget_change(host);
                self.try_undo(host);
            }
            None => self.try_undo(host),
        }
    }

    /// Undoes the newest step that is not undone, as soon as there is room for it.
    pub(super) fn try_undo(&mut self, host: HostIdx) {
        match self.next_undo(host) {
            Next::Undo(step) => {
                // What ran ahead on a host that is up can be undone as it was done: it takes nothing down.
                let stays_up = step < self.layout.ahead && !self.is_down(host);
                if stays_up || self.take_down_to_undo(host) {
                    self.set_state(host, HostState::Undoing { step });
                    self.begin_command(host, Way::Back, step, 1);
                }
            }
            Next::Stuck(step) => self.way_back_ends(host, HostState::HalfRolledBack { step }),
            Next::Nothing => self.is_rolled_back(host),
        }
    }

    fn next_undo(&self, host: HostIdx) -> Next {
        let begun = &self.plan.steps[..self.hosts.begun(host) as usize];
        let leaves_a_trace = |step: &Step| step.undo != Undo::NotNeeded && !self.plan.passes_over(host, step);
        match begun.iter().rposition(leaves_a_trace) {
            None => Next::Nothing,
            Some(step) if begun[step].undo == Undo::Impossible => Next::Stuck(step as u32),
            Some(step) => Next::Undo(step as u32),
        }
    }

    pub(super) fn step_is_undone(&mut self, host: HostIdx, step: u32) {
        self.hosts.set_begun(host, step);
        self.try_undo(host);
    }

    pub(super) fn undo_failed(&mut self, host: HostIdx, step: u32) {
        self.take_down_in(host, step);
        self.way_back_ends(host, HostState::HalfRolledBack { step });
    }

    pub(super) fn is_rolled_back(&mut self, host: HostIdx) {
        self.hosts.set_begun(host, 0);
        self.way_back_ends(host, HostState::RolledBack);
        self.bring_up(host);
    }

    fn way_back_ends(&mut self, host: HostIdx, state: HostState) {
        self.deactivate(host);
        self.set_state(host, state);
        let Some(rollback) = self.hosts.claimed_by(host) else { return };
        self.hosts.set_claim(host, None);
        let run = &mut self.rollbacks.runs[rollback as usize];
        run.left -= 1;
        if run.left == 0 {
            let what = run.what;
            self.rollbacks.open -= 1;
            self.due.stage = true;
            self.drop_moot_askings();
            self.tell(Status::RollbackEnded { what });
        }
    }
}
