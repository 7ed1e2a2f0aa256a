use crate::engine::hosts::{Activity, Way};
use crate::engine::{Engine, HostState, PersonAct, Settlement, Status, Target};
use crate::plan::HostIdx;

impl Engine {
    pub(super) fn said(&mut self, person: &str, act: &PersonAct) {
        match *act {
            PersonAct::Approve { stage } => self.approve(stage),
            PersonAct::Deny { stage } => self.deny(stage, person),
            PersonAct::Hold { target } if self.exists(target) => self.hold(target, format!("{person} holds it")),
            PersonAct::Resume { target } if self.exists(target) => self.resume(target),
            PersonAct::Rollback { target } if self.exists(target) => {
                self.roll_back_as_said(target, person);
            }
            PersonAct::Settle { host, settlement } if self.hosts.contains(host) => self.settle(host, settlement),
            _ => {}
        }
    }

    fn exists(&self, target: Target) -> bool {
        match target {
            Target::Rollout => true,
            Target::Stage(stage) => (stage as usize) < self.plan.stages.len(),
            Target::Region(region) => (region.0 as usize) < self.plan.regions.len(),
            Target::Site(site) => (site.0 as usize) < self.plan.sites.len(),
            Target::Batch { stage, turn, lane, batch } => self.layout.find_batch(stage, turn, lane, batch).is_some(),
            Target::Host(host) => self.hosts.contains(host),
        }
    }

    /// A person is told also that nothing is to be undone; of a rule nobody waits for an answer.
    fn roll_back_as_said(&mut self, what: Target, person: &str) {
        if self.roll_back(what, &format!("{person} said so")) == 0 {
            self.tell(Status::RollbackBegan { what, hosts: 0 });
            self.tell(Status::RollbackEnded { what });
        }
    }

    fn settle(&mut self, host: HostIdx, settlement: Settlement) {
        match (self.host(host), settlement) {
            (HostState::Unknown { .. }, Settlement::Mended) => {
                self.hosts.take_unknown(host);
                self.is_rolled_back(host);
            }
            (HostState::Failed { .. } | HostState::HalfRolledBack { .. }, Settlement::Mended) => {
                self.is_rolled_back(host);
            }
            (HostState::Unknown { .. }, _) => {
                if let Some(lost) = self.hosts.take_unknown(host) {
                    self.settle_lost(host, lost, settlement);
                }
            }
            _ => {}
        }
    }

    fn settle_lost(&mut self, host: HostIdx, lost: Activity, settlement: Settlement) {
        match (settlement, lost.way) {
            (Settlement::Done, Way::Forward) => self.step_is_done(host, lost.step),
            (Settlement::Done, Way::Back) => self.step_is_undone(host, lost.step),
            (Settlement::Again, _) => self.run_again(host, lost),
            (Settlement::Failed, Way::Forward) => self.host_failed(host, lost.step),
            (Settlement::Failed, Way::Back) => self.undo_failed(host, lost.step),
            (Settlement::Mended, _) => self.is_rolled_back(host),
        }
    }
}
