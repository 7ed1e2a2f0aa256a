use crate::inventory::HostId;

/// A set of hosts of one fleet: a bit for each, or, while it has few, their numbers. A large fleet falls into many small
/// sets (its clusters, its sites), and a bit for each host in each of them would fill the memory.
#[derive(Debug, Clone)]
pub struct HostSet {
    members: Members,
    hosts: u32,
}

#[derive(Debug, Clone)]
enum Members {
    /// In order, each once.
    Few(Vec<u32>),
    Bits(Vec<u64>),
}

/// A fleet smaller than this has bits at once: they take no more room.
const SMALL_FLEET: u32 = 4_096;

/// With one host in so many, the numbers take as much room as the bits.
const SPARSENESS: u32 = 64;

impl HostSet {
    /// Of a fleet of `hosts` hosts, none.
    pub fn none(hosts: usize) -> Self {
        let hosts = hosts as u32;
        let members = if hosts < SMALL_FLEET { Members::Bits(empty_bits(hosts)) } else { Members::Few(Vec::new()) };
        Self { members, hosts }
    }

    pub fn all(hosts: usize) -> Self {
        Self::from_bits(vec![u64::MAX; hosts.div_ceil(64)], hosts)
    }

    /// Bit 0 of the first word is the first host. Bits beyond the fleet are dropped, missing ones are zero.
    pub fn from_bits(mut bits: Vec<u64>, hosts: usize) -> Self {
        bits.resize(hosts.div_ceil(64), 0);
        let used = hosts % 64;
        if let (Some(last), true) = (bits.last_mut(), used != 0) {
            *last &= (1 << used) - 1;
        }
        Self { members: Members::Bits(bits), hosts: hosts as u32 }
    }

    /// False for a host of another fleet.
    pub fn contains(&self, host: HostId) -> bool {
        match &self.members {
            Members::Few(few) => few.binary_search(&host.0).is_ok(),
            Members::Bits(bits) => bits.get(host.0 as usize / 64).is_some_and(|word| word >> (host.0 % 64) & 1 == 1),
        }
    }

    /// A host of another fleet is passed over.
    pub fn insert(&mut self, host: HostId) {
        if host.0 >= self.hosts {
            return;
        }
        match &mut self.members {
            Members::Bits(bits) => bits[host.0 as usize / 64] |= 1 << (host.0 % 64),
            Members::Few(few) => {
                // Nearly always hosts come in order.
                if few.last().is_none_or(|&last| last < host.0) {
                    few.push(host.0);
                } else if let Err(at) = few.binary_search(&host.0) {
                    few.insert(at, host.0);
                }
                if few.len() as u32 > self.hosts / SPARSENESS {
                    self.members = Members::Bits(self.bits());
                }
            }
        }
    }

    pub fn remove(&mut self, host: HostId) {
        match &mut self.members {
            Members::Few(few) => {
                if let Ok(at) = few.binary_search(&host.0) {
                    few.remove(at);
                }
            }
            Members::Bits(bits) => {
                if let Some(word) = bits.get_mut(host.0 as usize / 64) {
                    *word &= !(1 << (host.0 % 64));
                }
            }
        }
    }

    pub fn len(&self) -> usize {
        match &self.members {
            Members::Few(few) => few.len(),
            Members::Bits(bits) => bits.iter().map(|word| word.count_ones() as usize).sum(),
        }
    }

    pub fn is_empty(&self) -> bool {
        match &self.members {
            Members::Few(few) => few.is_empty(),
            Members::Bits(bits) => bits.iter().all(|&word| word == 0),
        }
    }

    /// The size of the fleet that it is a set of.
    pub fn fleet_len(&self) -> usize {
        self.hosts as usize
    }

    pub fn and(&self, other: &HostSet) -> HostSet {
        match (&self.members, &other.members) {
            (Members::Few(few), _) => self.few_where(few, |host| other.contains(host)),
            (_, Members::Few(few)) => self.few_where(few, |host| self.contains(host)),
            _ => self.zip(other, |a, b| a & b),
        }
    }

    pub fn or(&self, other: &HostSet) -> HostSet {
        let (larger, Members::Few(few)) = (match (&self.members, &other.members) {
            (Members::Few(_), _) => (other, &self.members),
            _ => (self, &other.members),
        }) else {
            return self.zip(other, |a, b| a | b);
        };
        let mut union = larger.clone();
        few.iter().for_each(|&host| union.insert(HostId(host)));
        union
    }

    pub fn without(&self, other: &HostSet) -> HostSet {
        match (&self.members, &other.members) {
            (Members::Few(few), _) => self.few_where(few, |host| !other.contains(host)),
            (_, Members::Few(few)) => {
                let mut rest = self.clone();
                few.iter().for_each(|&host| rest.remove(HostId(host)));
                rest
            }
            _ => self.zip(other, |a, b| a & !b),
        }
    }

    pub fn complement(&self) -> HostSet {
        HostSet::from_bits(self.bits().into_iter().map(|word| !word).collect(), self.hosts as usize)
    }

    /// In the order of the fleet.
    pub fn iter(&self) -> impl Iterator<Item = HostId> + '_ {
        let (few, bits) = match &self.members {
            Members::Few(few) => (few.as_slice(), [].as_slice()),
            Members::Bits(bits) => ([].as_slice(), bits.as_slice()),
        };
        let in_bits = bits.iter().enumerate().flat_map(|(idx, &word)| {
            let mut rest = word;
            std::iter::from_fn(move || {
                let bit = (rest != 0).then(|| rest.trailing_zeros())?;
                rest &= rest - 1;
                Some(idx as u32 * 64 + bit)
            })
        });
        few.iter().copied().chain(in_bits).map(HostId)
    }

    /// A bit for each host, in words of 64.
    pub(crate) fn bits(&self) -> Vec<u64> {
        match &self.members {
            Members::Bits(bits) => bits.clone(),
            Members::Few(few) => {
                let mut bits = empty_bits(self.hosts);
                few.iter().for_each(|&host| bits[host as usize / 64] |= 1 << (host % 64));
                bits
            }
        }
    }

    fn few_where(&self, few: &[u32], is_in: impl Fn(HostId) -> bool) -> HostSet {
        let few = few.iter().copied().filter(|&host| is_in(HostId(host))).collect();
        HostSet { members: Members::Few(few), hosts: self.hosts }
    }

    fn zip(&self, other: &HostSet, join: impl Fn(u64, u64) -> u64) -> HostSet {
        let bits = self.bits().into_iter().zip(other.bits()).map(|(a, b)| join(a, b)).collect();
        HostSet::from_bits(bits, self.hosts as usize)
    }
}

fn empty_bits(hosts: u32) -> Vec<u64> {
    vec![0; hosts.div_ceil(64) as usize]
}

/// Of the same fleet, the same hosts, however they are kept.
impl PartialEq for HostSet {
    fn eq(&self, other: &HostSet) -> bool {
        self.hosts == other.hosts && self.iter().eq(other.iter())
    }
}

impl Eq for HostSet {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn set(hosts: &BTreeSet<u32>, fleet: usize) -> HostSet {
        let mut set = HostSet::none(fleet);
        hosts.iter().rev().for_each(|&host| set.insert(HostId(host)));
        set
    }

    fn numbers(set: &HostSet) -> BTreeSet<u32> {
        set.iter().map(|host| host.0).collect()
    }

    #[test]
    fn hosts_beyond_the_fleet_are_in_no_set() {
        for fleet in [0, 1, 64, 100, 5_000] {
            let mut set = HostSet::none(fleet);
            set.insert(HostId(fleet as u32));
            set.remove(HostId(u32::MAX));
            assert!(set.is_empty() && !set.contains(HostId(fleet as u32)));
            assert_eq!(HostSet::all(fleet).len(), fleet);
            assert!(HostSet::all(fleet).complement().is_empty());
        }
    }

    #[test]
    fn many_small_sets_take_little() {
        let mut set = HostSet::none(1_000_000);
        (0..8).for_each(|host| set.insert(HostId(host * 100_000)));
        assert!(matches!(&set.members, Members::Few(few) if few.len() == 8));
        (0..20_000).for_each(|host| set.insert(HostId(host)));
        assert!(matches!(&set.members, Members::Bits(_)));
    }

    proptest! {
        #[test]
        fn sets_are_those_of_numbers(
            fleet in prop::sample::select(vec![5_000_usize, 20_000]),
            a in prop::collection::btree_set(0..5_000_u32, 0..200),
            b in prop::collection::btree_set(0..5_000_u32, 0..200),
        ) {
            let (left, right) = (set(&a, fleet), set(&b, fleet));
            prop_assert_eq!(left.len(), a.len());
            prop_assert_eq!(numbers(&left), a.clone());
            prop_assert_eq!(numbers(&left.and(&right)), a.intersection(&b).copied().collect());
            prop_assert_eq!(numbers(&left.or(&right)), a.union(&b).copied().collect());
            prop_assert_eq!(numbers(&left.without(&right)), a.difference(&b).copied().collect());
            prop_assert_eq!(left.complement().len(), fleet - a.len());
            prop_assert_eq!(left.complement().complement(), left.clone());
            let mut emptied = left.clone();
            a.iter().for_each(|&host| emptied.remove(HostId(host)));
            prop_assert!(emptied.is_empty());
        }
    }
}
