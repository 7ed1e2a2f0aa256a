use std::collections::HashMap;

use crate::inventory::{FieldId, Fleet, HostId};

/// Hosts told apart by the values of some fields.
///
/// There may be as many parts as hosts (a cluster for each pair), so there is one number a host here and no set of hosts
/// a part.
pub(super) struct Partition<'a> {
    hosts: &'a [HostId],
    /// For each host the number of its part; parts are numbered from 0 in the order of their first hosts.
    pub(super) parts: Vec<u32>,
    /// The first host of each part.
    pub(super) firsts: Vec<HostId>,
}

impl<'a> Partition<'a> {
    /// One part for each combination of values. That a host lacks a field is a value like another.
    pub(super) fn by(fleet: &Fleet, fields: &[FieldId], hosts: &'a [HostId]) -> Self {
        let whole = Self { hosts, parts: vec![0; hosts.len()], firsts: hosts.first().copied().into_iter().collect() };
        fields.iter().fold(whole, |parts, &field| parts.split(|host| fleet.code(host, field)))
    }

    /// Further apart, by a number that each host has.
    pub(super) fn split(self, code: impl Fn(HostId) -> u32) -> Self {
        let mut numbers: HashMap<(u32, u32), u32> = HashMap::new();
        let mut firsts = Vec::new();
        let part_of = |(&part, &host): (&u32, &HostId)| {
            *numbers.entry((part, code(host))).or_insert_with(|| {
                firsts.push(host);
                firsts.len() as u32 - 1
            })
        };
        let parts = self.parts.iter().zip(self.hosts).map(part_of).collect();
        Self { hosts: self.hosts, parts, firsts }
    }
}
