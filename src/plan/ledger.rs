use std::sync::Arc;

use crate::plan::{BudgetGroup, HostIdx, Plan};

/// Who is down, and how much of each budget is left: the one account that the planner and the engine draw on.
///
/// What it costs: a question or an entry as much as the host has groups; a copy a bit for each host and a number for
/// each group, since who is in which group is shared.
#[derive(Debug, Clone, PartialEq)]
pub struct Ledger {
    groups: Arc<Groups>,
    /// How many hosts of each group are down.
    down_in: Vec<u32>,
    /// A bit for each host.
    down: Vec<u64>,
}

/// The budget that a host would break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoRoom {
    /// Index into `Plan::budgets`.
    pub group: usize,
}

impl Ledger {
    /// Of a plan of `hosts` hosts, all up.
    ///
    /// INVARIANT: the budgets name hosts below `hosts` only, each once; [`crate::plan::make`] makes them so, and
    /// [`crate::plan::from_json`] checks it.
    pub fn new(hosts: usize, budgets: &[BudgetGroup]) -> Ledger {
        let groups = Arc::new(Groups::new(hosts, budgets));
        Ledger { groups, down_in: vec![0; budgets.len()], down: vec![0; hosts.div_ceil(64)] }
    }

    pub fn of(plan: &Plan) -> Ledger {
        Ledger::new(plan.hosts.len(), &plan.budgets)
    }

    /// Whether one more host can go down. A host that is down already has room.
    ///
    /// # Errors
    /// The first of its budgets, in the plan's order, that has no room.
    pub fn room_for(&self, host: HostIdx) -> Result<(), NoRoom> {
        if self.is_down(host) {
            return Ok(());
        }
        match self.groups.of(host).iter().find(|&&group| self.is_full(group as usize)) {
            Some(&group) => Err(NoRoom { group: group as usize }),
            None => Ok(()),
        }
    }

    /// Marks a host as down, room or not (a failure asks nobody).
    pub fn take_down(&mut self, host: HostIdx) {
        if !self.is_down(host) {
            self.down[word(host)] |= bit(host);
            for &group in self.groups.of(host) {
                self.down_in[group as usize] += 1;
            }
        }
    }

    pub fn bring_up(&mut self, host: HostIdx) {
        if self.is_down(host) {
            self.down[word(host)] &= !bit(host);
            for &group in self.groups.of(host) {
                self.down_in[group as usize] -= 1;
            }
        }
    }

    pub fn is_down(&self, host: HostIdx) -> bool {
        self.down[word(host)] & bit(host) != 0
    }

    /// How many hosts of a group are down.
    pub fn down_in(&self, group: usize) -> u32 {
        self.down_in[group]
    }

    /// Whether a group has no room for one more host.
    pub fn is_full(&self, group: usize) -> bool {
        self.down_in[group] >= self.groups.most_down[group]
    }

    /// The groups that a host is in, as indices into `Plan::budgets`, in order.
    pub fn groups_of(&self, host: HostIdx) -> &[u32] {
        self.groups.of(host)
    }

    /// The groups in which fewer are up than must be.
    pub fn broken(&self) -> Vec<usize> {
        let is_broken = |&group: &usize| self.down_in[group] > self.groups.most_down[group];
        (0..self.down_in.len()).filter(is_broken).collect()
    }
}

/// The groups of each host, one after the other in one array (compressed sparse rows), and what each group allows.
#[derive(Debug, PartialEq)]
struct Groups {
    /// Where each host's groups begin; one more than there are hosts.
    starts: Vec<u32>,
    groups: Vec<u32>,
    /// How many of each group may be down at once.
    most_down: Vec<u32>,
}

impl Groups {
    fn new(hosts: usize, budgets: &[BudgetGroup]) -> Groups {
        let mut starts = vec![0; hosts + 1];
        for host in budgets.iter().flat_map(|budget| &budget.hosts) {
            starts[host.0 as usize + 1] += 1;
        }
        for host in 0..hosts {
            starts[host + 1] += starts[host];
        }
        let mut next = starts.clone();
        let mut groups = vec![0; starts[hosts] as usize];
        for (group, budget) in budgets.iter().enumerate() {
            for host in &budget.hosts {
                let place = &mut next[host.0 as usize];
                groups[*place as usize] = group as u32;
                *place += 1;
            }
        }
        let most_down = budgets.iter().map(BudgetGroup::most_down).collect();
        Groups { starts, groups, most_down }
    }

    fn of(&self, host: HostIdx) -> &[u32] {
        let idx = host.0 as usize;
        &self.groups[self.starts[idx] as usize..self.starts[idx + 1] as usize]
    }
}

fn word(host: HostIdx) -> usize {
    host.0 as usize / 64
}

fn bit(host: HostIdx) -> u64 {
    1 << (host.0 % 64)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn budget(size: u32, keep: u32, hosts: &[u32]) -> BudgetGroup {
        BudgetGroup {
            service: "mail".to_owned(),
            group: String::new(),
            rule: format!("at least {keep} up"),
            size,
            keep,
            hosts: hosts.iter().map(|&host| HostIdx(host)).collect(),
        }
    }

    #[test]
    fn each_budget_has_its_room() {
        let pair = budget(2, 1, &[0, 1]);
        let all = budget(4, 2, &[0, 1, 2, 3]);
        let mut ledger = Ledger::new(5, &[all, pair]);
        ledger.take_down(HostIdx(0));
        assert_eq!(ledger.room_for(HostIdx(0)), Ok(()));
        assert_eq!(ledger.room_for(HostIdx(1)), Err(NoRoom { group: 1 }));
        ledger.take_down(HostIdx(2));
        ledger.take_down(HostIdx(2));
        assert_eq!(ledger.down_in(0), 2);
        assert_eq!(ledger.room_for(HostIdx(3)), Err(NoRoom { group: 0 }));
        assert_eq!(ledger.room_for(HostIdx(4)), Ok(()));
        assert!(ledger.broken().is_empty());
        ledger.take_down(HostIdx(1));
        assert_eq!(ledger.broken(), [0, 1]);
        ledger.bring_up(HostIdx(1));
        ledger.bring_up(HostIdx(1));
        ledger.bring_up(HostIdx(0));
        assert_eq!(ledger.room_for(HostIdx(1)), Ok(()));
        assert_eq!(ledger.groups_of(HostIdx(1)), [0, 1]);
    }

    #[test]
    fn a_group_of_one_that_must_stay_up_never_has_room() {
        let ledger = Ledger::new(1, &[budget(1, 1, &[0])]);
        assert_eq!(ledger.room_for(HostIdx(0)), Err(NoRoom { group: 0 }));
        // Nor has one that must keep more than there are.
        let ledger = Ledger::new(1, &[budget(1, 3, &[0])]);
        assert_eq!(ledger.room_for(HostIdx(0)), Err(NoRoom { group: 0 }));
    }

    #[test]
    fn a_copy_has_its_own_account() {
        let ledger = Ledger::new(2, &[budget(2, 1, &[0, 1])]);
        let mut copy = ledger.clone();
        copy.take_down(HostIdx(0));
        assert!(copy.is_down(HostIdx(0)) && !ledger.is_down(HostIdx(0)));
        assert_eq!(ledger.room_for(HostIdx(1)), Ok(()));
    }

    proptest! {
        /// Against counting the hosts of each group anew.
        #[test]
        fn the_account_is_what_counting_gives(
            groups in prop::collection::vec((prop::collection::btree_set(0u32..100, 0..40), 0u32..5, 0u32..30), 0..6),
            entries in prop::collection::vec((0u32..100, any::<bool>()), 0..60),
        ) {
            let budgets: Vec<BudgetGroup> = groups
                .iter()
                .map(|(hosts, others, keep)| {
                    budget(hosts.len() as u32 + others, *keep, &hosts.iter().copied().collect::<Vec<_>>())
                })
                .collect();
            let mut ledger = Ledger::new(100, &budgets);
            let mut down = BTreeSet::new();
            for (host, goes_down) in entries {
                if goes_down {
                    ledger.take_down(HostIdx(host));
                    down.insert(HostIdx(host));
                } else {
                    ledger.bring_up(HostIdx(host));
                    down.remove(&HostIdx(host));
                }
                let up = |budget: &BudgetGroup| {
                    budget.size - budget.hosts.iter().filter(|host| down.contains(host)).count() as u32
                };
                for asked in (0..100).map(HostIdx) {
                    let breaks = |budget: &BudgetGroup| budget.hosts.contains(&asked) && up(budget) <= budget.keep;
                    let full = budgets.iter().position(breaks).filter(|_| !down.contains(&asked));
                    prop_assert_eq!(ledger.room_for(asked).err().map(|no_room| no_room.group), full);
                    prop_assert_eq!(ledger.is_down(asked), down.contains(&asked));
                }
                let broken: Vec<usize> =
                    (0..budgets.len()).filter(|&group| up(&budgets[group]) < budgets[group].keep).collect();
                // A group that must keep more than it has is broken before anything is down.
                let never: Vec<usize> =
                    (0..budgets.len()).filter(|&group| budgets[group].size < budgets[group].keep).collect();
                let expected: Vec<usize> = broken
                    .into_iter()
                    .filter(|group| !never.contains(group) || ledger.down_in(*group) > 0)
                    .collect();
                prop_assert_eq!(ledger.broken(), expected);
            }
        }
    }
}
