use std::hash::{DefaultHasher, Hash, Hasher};

use crate::engine::{Engine, Target};
use crate::plan::{HostIdx, Ledger, Plan};

/// Hosts that stand for each other: of the same batch, site, package and budgets. Whatever happens to one of them could as
/// well have happened to another.
#[derive(Debug, Clone)]
pub struct Kinds {
    /// For each host the number of its kind.
    of: Vec<u32>,
    /// The hosts, kind after kind.
    order: Vec<HostIdx>,
    count: u32,
}

/// What the state of an engine comes to, gathered piece by piece. The order in which pieces are added does not matter, so
/// that it cannot tell apart what came about in another order.
pub(super) struct KeyParts<'k> {
    kinds: &'k Kinds,
    hosts: Vec<u64>,
    whole: u64,
}

impl Kinds {
    pub fn of(plan: &Plan) -> Kinds {
        let ledger = Ledger::of(plan);
        let mut place = vec![(u32::MAX, u32::MAX, u32::MAX, u32::MAX); plan.hosts.len()];
        for (stage, planned) in (0..).zip(&plan.stages) {
            for (turn, planned) in (0..).zip(&planned.turns) {
                for (lane, planned) in (0..).zip(&planned.lanes) {
                    for (batch, planned) in (0..).zip(&planned.batches) {
                        for host in &planned.hosts {
                            place[host.0 as usize] = (stage, turn, lane, batch);
                        }
                    }
                }
            }
        }
        let alike = |host: HostIdx| {
            let planned = plan.host(host);
            (place[host.0 as usize], planned.site, planned.package, ledger.groups_of(host))
        };
        let mut order: Vec<HostIdx> = (0..plan.hosts.len() as u32).map(HostIdx).collect();
        order.sort_by_key(|host| (alike(*host), *host));
        let mut of = vec![0; order.len()];
        let mut count = 0;
        for (idx, host) in order.iter().enumerate() {
            if idx > 0 && alike(order[idx - 1]) != alike(*host) {
                count += 1;
            }
            of[host.0 as usize] = count;
        }
        Kinds { of, count: count + u32::from(!order.is_empty()), order }
    }

    /// Below [`Kinds::count`].
    ///
    /// INVARIANT: `host` is one of the plan's.
    pub fn kind(&self, host: HostIdx) -> u32 {
        self.of[host.0 as usize]
    }

    pub fn count(&self) -> u32 {
        self.count
    }
}

impl KeyParts<'_> {
    pub fn add(&mut self, piece: impl Hash) {
        self.whole = self.whole.wrapping_add(hashed(piece));
    }

    pub fn add_to_host(&mut self, host: HostIdx, piece: impl Hash) {
        let sum = &mut self.hosts[host.0 as usize];
        *sum = sum.wrapping_add(hashed(piece));
    }

    /// How many there are.
    pub fn hosts(&self) -> u32 {
        self.hosts.len() as u32
    }

    /// What a host is called where it is named as a thing.
    pub fn kind(&self, host: HostIdx) -> u32 {
        self.kinds.kind(host)
    }
}

impl Engine {
    /// A number that two states share if everything that decides what the engine does next is the same, hosts of one kind
    /// taken for each other. Moments are left out (windows, soaks and pauses come again), and so are the numbers of tasks
    /// and timers and the order in which hosts ended.
    pub fn key(&self, kinds: &Kinds) -> u64 {
        // Nothing of the state may be forgotten here: a new field does not compile until it is decided on.
        let Engine {
            plan: _,
            layout: _,
            at: _,
            // Empty between events.
            commands: _,
            due: _,
            // Each task and timer belongs to a host, an asking, a lane or the stage, which are told.
            work: _,
            hosts,
            tallies,
            budgets,
            stage,
            lanes,
            gates,
            holds,
            rollbacks,
            risk,
            // Follows from the rest.
            told: _,
        } = self;
        let mut parts = KeyParts { kinds, hosts: vec![0; kinds.of.len()], whole: 0 };
        hosts.add_to(&mut parts, |claim| rollbacks.what(claim));
        tallies.add_to(&mut parts);
        budgets.add_to(&mut parts);
        stage.add_to(&mut parts);
        for (idx, lane) in lanes.iter().enumerate() {
            lane.add_to(idx, &mut parts);
        }
        gates.add_to(&mut parts);
        holds.add_to(&mut parts);
        rollbacks.add_to(&mut parts);
        risk.add_to(&mut parts);
        let KeyParts { hosts, whole, .. } = parts;
        let mut of_kind: Vec<(u32, u64)> =
            kinds.order.iter().map(|host| (kinds.kind(*host), hosts[host.0 as usize])).collect();
        of_kind.sort_unstable();
        hashed((whole, of_kind))
    }
}

/// A target, with a host's kind in place of its number.
pub(super) fn named(target: Target, key: &KeyParts) -> Target {
    match target {
        Target::Host(host) => Target::Host(HostIdx(key.kind(host))),
        other => other,
    }
}

fn hashed(piece: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    piece.hash(&mut hasher);
    hasher.finish()
}
