use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::engine::key::KeyParts;
use crate::engine::{Engine, Target};
use crate::model::RegionId;
use crate::plan::{HostIdx, Ledger, NoRoom, Plan};

/// Who is down, and who waits for room.
#[derive(Debug, Clone)]
pub(super) struct Budgets {
    pub ledger: Ledger,
    /// For each group how many of its hosts have work under way that can bring them up.
    rising: Vec<u32>,
    /// For each group that has such, the hosts that wait to be changed; first come, first served.
    changes: BTreeMap<usize, VecDeque<HostIdx>>,
    /// For each group that has such, the hosts that wait to be undone, the one that ended last first.
    undos: BTreeMap<usize, BTreeSet<(Reverse<u64>, HostIdx)>>,
    /// The regions that are held because nothing can make room in a group.
    short: BTreeMap<usize, BTreeSet<RegionId>>,
}

impl Budgets {
    pub fn new(plan: &Plan) -> Budgets {
        Budgets {
            ledger: Ledger::of(plan),
            rising: vec![0; plan.budgets.len()],
            changes: BTreeMap::new(),
            undos: BTreeMap::new(),
            short: BTreeMap::new(),
        }
    }

    /// The hosts that wait for room, with the group that has none; undos first.
    pub fn waiting(&self) -> impl Iterator<Item = (HostIdx, usize)> {
        let undos = self.undos.iter().flat_map(|(group, hosts)| hosts.iter().map(|(_, host)| (*host, *group)));
        let changes = self.changes.iter().flat_map(|(group, hosts)| hosts.iter().map(|host| (*host, *group)));
        undos.chain(changes)
    }

    pub fn add_to(&self, key: &mut KeyParts) {
        // Who is down is told host by host; what the groups count follows from it, and `rising` from who is active.
        let Budgets { ledger, rising: _, changes, undos, short } = self;
        for host in (0..key.hosts()).map(HostIdx).filter(|host| ledger.is_down(*host)) {
            key.add_to_host(host, 9u8);
        }
        for (group, hosts) in changes {
            hosts.iter().for_each(|host| key.add_to_host(*host, (10u8, group)));
        }
        for (group, hosts) in undos {
            hosts.iter().for_each(|(_, host)| key.add_to_host(*host, (11u8, group)));
        }
        for (group, regions) in short {
            regions.iter().for_each(|region| key.add_to_region(*region, (12u8, group)));
        }
    }

    fn is_awaited(&self, group: usize) -> bool {
        self.changes.contains_key(&group) || self.undos.contains_key(&group) || self.short.contains_key(&group)
    }

    fn pop_undo(&mut self, group: usize) -> Option<HostIdx> {
        let waiting = self.undos.get_mut(&group)?;
        let (_, host) = waiting.pop_first()?;
        if waiting.is_empty() {
            self.undos.remove(&group);
        }
        Some(host)
    }

    fn pop_change(&mut self, group: usize) -> Option<HostIdx> {
        let waiting = self.changes.get_mut(&group)?;
        let host = waiting.pop_front()?;
        if waiting.is_empty() {
            self.changes.remove(&group);
        }
        Some(host)
    }

    fn waiting_in(&self, group: usize) -> impl Iterator<Item = HostIdx> {
        let undos = self.undos.get(&group).into_iter().flatten().map(|(_, host)| *host);
        undos.chain(self.changes.get(&group).into_iter().flatten().copied())
    }
}

impl Engine {
    /// Takes a host down for its change; false where a budget has no room and the host must wait.
    pub(super) fn take_down_to_change(&mut self, host: HostIdx) -> bool {
        match self.take_down_if_room(host) {
            Ok(()) => true,
            Err(NoRoom { group }) => {
                self.budgets.changes.entry(group).or_default().push_back(host);
                self.due.groups.insert(group);
                false
            }
        }
    }

    /// The host waits for room no longer.
    pub(super) fn forget_change(&mut self, host: HostIdx) {
        for group in self.budgets.ledger.groups_of(host) {
            let group = *group as usize;
            let Some(waiting) = self.budgets.changes.get_mut(&group) else { continue };
            waiting.retain(|other| *other != host);
            if waiting.is_empty() {
                self.budgets.changes.remove(&group);
            }
        }
        self.look_at_groups_of(host);
    }

    pub(super) fn take_down_to_undo(&mut self, host: HostIdx) -> bool {
        match self.take_down_if_room(host) {
            Ok(()) => true,
            Err(NoRoom { group }) => {
                let order = Reverse(self.hosts.ended(host));
                self.budgets.undos.entry(group).or_default().insert((order, host));
                self.due.groups.insert(group);
                false
            }
        }
    }

    /// A runbook without a `down` step draws on no budget.
    fn take_down_if_room(&mut self, host: HostIdx) -> Result<(), NoRoom> {
        if self.layout.draws {
            self.budgets.ledger.room_for(host)?;
            self.budgets.ledger.take_down(host);
        }
        Ok(())
    }

    /// A failure asks nobody.
    pub(super) fn take_down(&mut self, host: HostIdx) {
        self.budgets.ledger.take_down(host);
    }

    pub(super) fn bring_up(&mut self, host: HostIdx) {
        self.budgets.ledger.bring_up(host);
        self.look_at_groups_of(host);
    }

    /// The host has work under way that can bring it up.
    pub(super) fn count_rising(&mut self, host: HostIdx) {
        let Budgets { ledger, rising, .. } = &mut self.budgets;
        for group in ledger.groups_of(host) {
            rising[*group as usize] += 1;
        }
    }

    pub(super) fn count_risen(&mut self, host: HostIdx) {
        let Budgets { ledger, rising, .. } = &mut self.budgets;
        for group in ledger.groups_of(host) {
            rising[*group as usize] -= 1;
        }
        self.look_at_groups_of(host);
    }

    fn look_at_groups_of(&mut self, host: HostIdx) {
        let Budgets { ledger, .. } = &self.budgets;
        let groups = ledger.groups_of(host).iter().map(|group| *group as usize);
        self.due.groups.extend(groups.filter(|group| self.budgets.is_awaited(*group)));
    }

    /// All budgets that somebody waits for are looked at again: holds may have been lifted.
    pub(super) fn look_at_awaited_groups(&mut self) {
        self.due.groups.extend(self.budgets.changes.keys().chain(self.budgets.undos.keys()));
    }

    /// Lets hosts begin while a group has room; where nothing can make room, holds their regions.
    pub(super) fn look_at_group(&mut self, group: usize) {
        while !self.budgets.ledger.is_full(group) {
            if let Some(host) = self.budgets.pop_undo(group) {
                self.try_undo(host);
            } else if let Some(host) = self.budgets.pop_change(group) {
                self.come_forward(host);
            } else {
                break;
            }
        }
        if !self.budgets.ledger.is_full(group) {
            self.lift_shortage(group);
        } else if self.budgets.rising[group] == 0 {
            self.hold_for_shortage(group);
        }
    }

    fn hold_for_shortage(&mut self, group: usize) {
        let regions: BTreeSet<_> = self.budgets.waiting_in(group).map(|host| self.plan.region_of(host)).collect();
        for region in regions {
            self.budgets.short.entry(group).or_default().insert(region);
            self.hold(Target::Region(region), self.shortage(group));
        }
    }

    /// Who holds for want of room goes on when there is room.
    fn lift_shortage(&mut self, group: usize) {
        for region in self.budgets.short.remove(&group).unwrap_or_default() {
            self.lift_reason(Target::Region(region), &self.shortage(group));
        }
    }

    fn shortage(&self, group: usize) -> String {
        let budget = &self.plan.budgets[group];
        let over = if budget.group.is_empty() { String::new() } else { format!(", {}", budget.group) };
        format!(
            "no more of service `{}`{over} may go down ({}), and nothing under way can bring a host up",
            budget.service, budget.rule
        )
    }
}
