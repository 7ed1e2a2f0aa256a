use crate::inventory::HostId;

/// A set of hosts of one fleet: a bit for each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostSet {
    bits: Vec<u64>,
    hosts: u32,
}

impl HostSet {
    /// Of a fleet of `hosts` hosts, none.
    pub fn none(hosts: usize) -> Self {
        Self { bits: vec![0; hosts.div_ceil(64)], hosts: hosts as u32 }
    }

    pub fn all(hosts: usize) -> Self {
        let mut set = Self { bits: vec![u64::MAX; hosts.div_ceil(64)], hosts: hosts as u32 };
        set.clear_tail();
        set
    }

    pub fn from_bits(bits: Vec<u64>, hosts: usize) -> Self {
        let mut set = Self { bits, hosts: hosts as u32 };
        set.bits.resize(hosts.div_ceil(64), 0);
        set.clear_tail();
        set
    }

    pub fn contains(&self, host: HostId) -> bool {
        self.bits[host.0 as usize / 64] >> (host.0 % 64) & 1 == 1
    }

    pub fn insert(&mut self, host: HostId) {
        self.bits[host.0 as usize / 64] |= 1 << (host.0 % 64);
    }

    pub fn remove(&mut self, host: HostId) {
        self.bits[host.0 as usize / 64] &= !(1 << (host.0 % 64));
    }

    pub fn len(&self) -> usize {
        self.bits.iter().map(|word| word.count_ones() as usize).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.bits.iter().all(|&word| word == 0)
    }

    /// The size of the fleet that it is a set of.
    pub fn fleet_len(&self) -> usize {
        self.hosts as usize
    }

    pub fn and(&self, other: &HostSet) -> HostSet {
        self.zip(other, |a, b| a & b)
    }

    pub fn or(&self, other: &HostSet) -> HostSet {
        self.zip(other, |a, b| a | b)
    }

    pub fn without(&self, other: &HostSet) -> HostSet {
        self.zip(other, |a, b| a & !b)
    }

    pub fn complement(&self) -> HostSet {
        let mut set = Self { bits: self.bits.iter().map(|word| !word).collect(), hosts: self.hosts };
        set.clear_tail();
        set
    }

    pub fn iter(&self) -> impl Iterator<Item = HostId> + '_ {
        self.bits.iter().enumerate().flat_map(|(idx, &word)| {
            let mut rest = word;
            std::iter::from_fn(move || {
                let bit = (rest != 0).then(|| rest.trailing_zeros())?;
                rest &= rest - 1;
                Some(HostId(idx as u32 * 64 + bit))
            })
        })
    }

    /// The bits of hosts 64·`idx` to 64·`idx` + 63.
    pub(crate) fn word(&self, idx: usize) -> u64 {
        self.bits.get(idx).copied().unwrap_or(0)
    }

    fn zip(&self, other: &HostSet, join: impl Fn(u64, u64) -> u64) -> HostSet {
        let bits = self.bits.iter().zip(&other.bits).map(|(&a, &b)| join(a, b)).collect();
        HostSet { bits, hosts: self.hosts }
    }

    fn clear_tail(&mut self) {
        let used = self.hosts % 64;
        if let (Some(last), true) = (self.bits.last_mut(), used != 0) {
            *last &= (1 << used) - 1;
        }
    }
}
