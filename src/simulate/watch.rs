use std::collections::BTreeMap;
use std::sync::Arc;

use crate::engine::Engine;
use crate::plan::{HostIdx, Ledger, Plan};
use crate::simulate::claim::is_down;
use crate::time::Moment;

/// Who is down, counted from what each host goes through and not from the ledger that the engine keeps; who ever broke a
/// budget, and how many of a service were ever down at once.
#[derive(Debug, Clone)]
pub(super) struct Watch {
    ledger: Ledger,
    services: Arc<Vec<Vec<u64>>>,
    down_of: Vec<u32>,
    most_down: Vec<(u32, Moment)>,
    /// When each budget group was first broken.
    broken: BTreeMap<usize, Moment>,
}

impl Watch {
    pub fn new(plan: &Plan) -> Watch {
        let members = |hosts: &[HostIdx]| {
            let mut bits = vec![0u64; plan.hosts.len().div_ceil(64)];
            hosts.iter().for_each(|host| bits[host.0 as usize / 64] |= 1 << (host.0 % 64));
            bits
        };
        Watch {
            ledger: Ledger::of(plan),
            services: Arc::new(plan.services.iter().map(|service| members(&service.hosts)).collect()),
            down_of: vec![0; plan.services.len()],
            most_down: vec![(0, plan.starts_at); plan.services.len()],
            broken: BTreeMap::new(),
        }
    }

    /// A host's state has changed.
    pub fn look(&mut self, engine: &Engine, host: HostIdx) {
        let is_down = is_down(engine, host);
        if is_down == self.ledger.is_down(host) {
            return;
        }
        if is_down {
            self.ledger.take_down(host)
        } else {
            self.ledger.bring_up(host)
        }
        let word = host.0 as usize / 64;
        for (service, members) in self.services.iter().enumerate() {
            if members[word] >> (host.0 % 64) & 1 == 0 {
                continue;
            }
            if is_down {
                self.down_of[service] += 1;
            } else {
                self.down_of[service] -= 1;
            }
        }
    }

    /// What an event has led to is looked at once all of it is known: hosts that change places never count twice.
    pub fn judge(&mut self, plan: &Plan, at: Moment, changed: &[HostIdx]) {
        for (most, down) in self.most_down.iter_mut().zip(&self.down_of) {
            if *down > most.0 {
                *most = (*down, at);
            }
        }
        for group in changed.iter().flat_map(|host| self.ledger.groups_of(*host)) {
            let group = *group as usize;
            if self.ledger.down_in(group) > plan.budgets[group].most_down() {
                self.broken.entry(group).or_insert(at);
            }
        }
    }

    pub fn is_down(&self, host: HostIdx) -> bool {
        self.ledger.is_down(host)
    }

    pub fn down_in(&self, group: usize) -> u32 {
        self.ledger.down_in(group)
    }

    pub fn broken(&self) -> &BTreeMap<usize, Moment> {
        &self.broken
    }

    /// By service: how many of its targets were down at once at most, and when first.
    pub fn most_down(&self) -> &[(u32, Moment)] {
        &self.most_down
    }
}
