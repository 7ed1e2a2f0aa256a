use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};

use crate::plan::{HostIdx, Ledger};

/// Hosts that wait for their batch, in order. A batch takes the first for which the ledger has room; who finds none
/// keeps the place.
///
/// Hosts that are in the same budget groups find room together or not at all, so they stand in one class, and only the
/// first of a class is ever asked about. A class without room is parked at the group that was full, and is looked at
/// again when that group has room. So a batch costs about what it takes, however many hosts are passed over.
pub(super) struct Queue {
    /// The hosts, class after class, each class in order.
    seats: Vec<Seat>,
    /// The places in `hosts` of those of each class that still wait.
    classes: Vec<std::ops::Range<u32>>,
    /// The classes that may have room, the one with the first host on top.
    ready: Heads,
    /// The classes that a group had no room for.
    parked: BTreeMap<u32, Heads>,
    waiting: usize,
}

/// A host and which it is in the order in which hosts are taken; no two of a queue are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Seat {
    pub(super) rank: u32,
    pub(super) host: HostIdx,
}

/// Classes by their first hosts.
type Heads = BinaryHeap<Reverse<(Seat, u32)>>;

impl Queue {
    pub(super) fn new(mut seats: Vec<Seat>, ledger: &Ledger) -> Queue {
        seats.sort_unstable();
        let mut numbers: HashMap<&[u32], u32> = HashMap::new();
        let class_of: Vec<u32> = seats
            .iter()
            .map(|seat| {
                let next = numbers.len() as u32;
                *numbers.entry(ledger.groups_of(seat.host)).or_insert(next)
            })
            .collect();
        let mut ends = vec![0u32; numbers.len() + 1];
        class_of.iter().for_each(|&class| ends[class as usize + 1] += 1);
        for class in 0..numbers.len() {
            ends[class + 1] += ends[class];
        }
        let classes: Vec<std::ops::Range<u32>> = ends.windows(2).map(|pair| pair[0]..pair[1]).collect();
        let mut sorted = seats.clone();
        for (&class, &seat) in class_of.iter().zip(&seats) {
            let place = &mut ends[class as usize];
            sorted[*place as usize] = seat;
            *place += 1;
        }
        let head =
            |(class, places): (usize, &std::ops::Range<u32>)| Reverse((sorted[places.start as usize], class as u32));
        let ready = classes.iter().enumerate().map(head).collect();
        Queue { seats: sorted, classes, ready, parked: BTreeMap::new(), waiting: seats.len() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting == 0
    }

    /// The first of those that wait for whom the ledger has room: who would be the first of a batch.
    pub(super) fn first_with_room(&mut self, ledger: &Ledger) -> Option<Seat> {
        let mut reopened = self.reopened(ledger);
        while let Some((head, class)) = self.next(&mut reopened, ledger) {
            match ledger.room_for(head.host) {
                Ok(()) => {
                    self.ready.push(Reverse((head, class)));
                    return Some(head);
                }
                Err(full) => self.park(full.group as u32, head, class),
            }
        }
        None
    }

    pub(super) fn clear(&mut self) -> Vec<HostIdx> {
        let waiting = std::mem::take(&mut self.classes);
        let seats = waiting.into_iter().flat_map(|places| &self.seats[places.start as usize..places.end as usize]);
        let mut left: Vec<HostIdx> = seats.map(|seat| seat.host).collect();
        left.sort_unstable();
        *self =
            Queue { seats: Vec::new(), classes: Vec::new(), ready: Heads::new(), parked: BTreeMap::new(), waiting: 0 };
        left
    }

    /// Takes up to `limit` hosts down, in order, while the ledger has room for them.
    pub(super) fn take(&mut self, limit: usize, ledger: &mut Ledger) -> Vec<HostIdx> {
        let mut batch = Vec::new();
        let mut reopened = self.reopened(ledger);
        while batch.len() < limit {
            let Some((head, class)) = self.next(&mut reopened, ledger) else { break };
            match ledger.room_for(head.host) {
                Ok(()) => {
                    ledger.take_down(head.host);
                    batch.push(head.host);
                    self.advance(class);
                }
                Err(full) => self.park(full.group as u32, head, class),
            }
        }
        // Those that were not asked about go on waiting where they are.
        self.parked.retain(|_, heads| !heads.is_empty());
        batch
    }

    /// The groups that have room again, by the first host parked at each.
    fn reopened(&self, ledger: &Ledger) -> Heads {
        let has_room = self.parked.iter().filter(|(group, _)| !ledger.is_full(**group as usize));
        has_room.filter_map(|(&group, heads)| heads.peek().map(|Reverse((head, _))| Reverse((*head, group)))).collect()
    }

    /// The class with the first host among those that may have room.
    fn next(&mut self, reopened: &mut Heads, ledger: &Ledger) -> Option<(Seat, u32)> {
        while let Some(&Reverse((head, group))) = reopened.peek() {
            if self.ready.peek().is_some_and(|Reverse((ready, _))| *ready < head) {
                break;
            }
            reopened.pop();
            // It may have filled up meanwhile: what is parked at it stays there.
            if ledger.is_full(group as usize) {
                continue;
            }
            let heads = self.parked.get_mut(&group)?;
            let Reverse(first) = heads.pop()?;
            if let Some(&Reverse((next, _))) = heads.peek() {
                reopened.push(Reverse((next, group)));
            }
            return Some(first);
        }
        self.ready.pop().map(|Reverse(first)| first)
    }

    fn park(&mut self, group: u32, head: Seat, class: u32) {
        self.parked.entry(group).or_default().push(Reverse((head, class)));
    }

    fn advance(&mut self, class: u32) {
        self.waiting -= 1;
        let places = &mut self.classes[class as usize];
        places.start += 1;
        if places.start < places.end {
            self.ready.push(Reverse((self.seats[places.start as usize], class)));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::plan::BudgetGroup;

    fn budget(hosts: Vec<HostIdx>, others: u32, most_down: u32) -> BudgetGroup {
        let size = hosts.len() as u32 + others;
        BudgetGroup {
            service: "mail".to_owned(),
            group: String::new(),
            rule: String::new(),
            size,
            keep: size.saturating_sub(most_down),
            hosts,
        }
    }

    /// What the queue must do, written down as it is said.
    fn obviously(waiting: &mut Vec<HostIdx>, limit: usize, ledger: &mut Ledger) -> Vec<HostIdx> {
        let mut batch = Vec::new();
        for &host in waiting.iter() {
            if batch.len() < limit && ledger.room_for(host).is_ok() {
                ledger.take_down(host);
                batch.push(host);
            }
        }
        waiting.retain(|host| !batch.contains(host));
        batch
    }

    proptest! {
        #[test]
        fn batches_are_those_of_a_plain_scan(
            groups in prop::collection::vec((prop::collection::btree_set(0u32..60, 0..60), 0u32..3, 1u32..9), 0..7),
            queues in prop::collection::vec(any::<bool>(), 60),
            ranks in Just((0u32..60).collect::<Vec<u32>>()).prop_shuffle(),
            turns in prop::collection::vec((any::<bool>(), 1usize..12, 0usize..60, 0usize..20), 1..40),
        ) {
            let budgets: Vec<BudgetGroup> = groups
                .into_iter()
                .map(|(hosts, others, most)| budget(hosts.into_iter().map(HostIdx).collect(), others, most))
                .collect();
            let mut ledger = Ledger::new(60, &budgets);
            let mut reference = ledger.clone();
            let half = |wanted: bool| -> Vec<HostIdx> {
                (0..60).filter(|&host| queues[host as usize] == wanted).map(HostIdx).collect()
            };
            let mut waiting = [half(false), half(true)];
            waiting.iter_mut().for_each(|hosts| hosts.sort_by_key(|host| ranks[host.0 as usize]));
            let seats = |hosts: &[HostIdx]| -> Vec<Seat> {
                hosts.iter().rev().map(|&host| Seat { rank: ranks[host.0 as usize], host }).collect()
            };
            let mut queue = [Queue::new(seats(&waiting[0]), &ledger), Queue::new(seats(&waiting[1]), &ledger)];
            let mut down: Vec<HostIdx> = Vec::new();
            for (which, limit, up_from, up) in turns {
                let which = usize::from(which);
                let first = waiting[which].iter().copied().find(|&host| reference.room_for(host).is_ok());
                prop_assert_eq!(queue[which].first_with_room(&ledger).map(|seat| seat.host), first);
                let batch = queue[which].take(limit, &mut ledger);
                prop_assert_eq!(&batch, &obviously(&mut waiting[which], limit, &mut reference));
                prop_assert_eq!(queue[which].is_empty(), waiting[which].is_empty());
                down.extend(batch);
                let from = up_from % (down.len() + 1);
                for host in down.drain(from..(from + up).min(down.len())) {
                    ledger.bring_up(host);
                    reference.bring_up(host);
                }
            }
            let [first, _] = &mut queue;
            let mut left = waiting[0].clone();
            left.sort_unstable();
            prop_assert_eq!(first.clear(), left);
            prop_assert!(first.is_empty() && first.first_with_room(&ledger).is_none());
        }
    }
}
