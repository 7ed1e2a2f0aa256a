use std::hash::{BuildHasher, Hash};

use foldhash::quality::FixedState;

use crate::engine::layout::BatchIdx;
use crate::engine::{Engine, GateSubject, Target};
use crate::model::{Budget, Condition, RegionId, Scope, SiteId};
use crate::plan::{HostIdx, Ledger, Plan, PlanWorkaround};

/// Hosts that stand for each other: of the same batch, site, package, budgets and workarounds. Whatever happens to one of
/// them could as well have happened to another.
#[derive(Debug, Clone)]
pub struct Kinds {
    /// For each host the number of its kind.
    of: Vec<u32>,
    /// The hosts, kind after kind.
    order: Vec<HostIdx>,
    count: u32,
    /// The rules that count failures: over what, and when they have enough.
    counting: Vec<(Scope, Budget)>,
}

/// What the state of an engine comes to: what belongs to a region apart from all else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    pub whole: u64,
    /// By `RegionId`.
    pub regions: Vec<u64>,
}

/// What the state of an engine comes to, gathered piece by piece. The order in which pieces are added does not matter, so
/// that it cannot tell apart what came about in another order.
pub(super) struct KeyParts<'k> {
    kinds: &'k Kinds,
    engine: &'k Engine,
    hosts: Vec<u64>,
    regions: Vec<u64>,
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
            let has = |workaround: &PlanWorkaround| workaround.hosts.binary_search(&host).is_ok();
            let lifted: Vec<bool> = plan.workarounds.iter().map(has).collect();
            (place[host.0 as usize], planned.site, planned.package, ledger.groups_of(host), lifted)
        };
        let mut order: Vec<HostIdx> = (0..plan.hosts.len() as u32).map(HostIdx).collect();
        order.sort_by_key(|host| (alike(*host), *host));
        Kinds::told_apart(plan, order, |one, other| alike(one) != alike(other))
    }

    /// Each host stands for itself alone.
    pub fn each(plan: &Plan) -> Kinds {
        let order = (0..plan.hosts.len() as u32).map(HostIdx).collect();
        Kinds::told_apart(plan, order, |_, _| true)
    }

    /// From hosts in an order in which those of one kind stand beside each other.
    fn told_apart(plan: &Plan, order: Vec<HostIdx>, differ: impl Fn(HostIdx, HostIdx) -> bool) -> Kinds {
        let mut of = vec![0; order.len()];
        let mut count = 0;
        for (idx, host) in order.iter().enumerate() {
            if idx > 0 && differ(order[idx - 1], *host) {
                count += 1;
            }
            of[host.0 as usize] = count;
        }
        let counting = plan.rules.iter().filter_map(|rule| match rule.condition {
            Condition::MoreThanFailed { limit, scope } => Some((scope, limit)),
            _ => None,
        });
        Kinds { of, count: count + u32::from(!order.is_empty()), order, counting: counting.collect() }
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

    /// How many failures over so many hosts are as good as any more: every rule that counts them has fired.
    pub(super) fn most_failures(&self, over: Scope, hosts: u32) -> u32 {
        let enough = |limit: &Budget| match limit {
            Budget::Hosts(hosts) => u32::try_from(*hosts).unwrap_or(u32::MAX).saturating_add(1),
            // A little more than enough tells more states apart, a little less would take some for the same.
            Budget::Percent(percent) => (percent * f64::from(hosts) / 100.0).ceil() as u32 + 1,
        };
        let counting = self.counting.iter().filter(|(scope, _)| *scope == over);
        counting.map(|(_, limit)| enough(limit)).max().unwrap_or(0)
    }
}

impl KeyParts<'_> {
    pub fn add(&mut self, piece: impl Hash) {
        self.whole = self.whole.wrapping_add(hashed(piece));
    }

    pub fn add_to_region(&mut self, region: RegionId, piece: impl Hash) {
        let sum = &mut self.regions[region.0 as usize];
        *sum = sum.wrapping_add(hashed(piece));
    }

    pub fn add_to_host(&mut self, host: HostIdx, piece: impl Hash) {
        let sum = &mut self.hosts[host.0 as usize];
        *sum = sum.wrapping_add(hashed(piece));
    }

    pub fn add_to_site(&mut self, site: SiteId, piece: impl Hash) {
        self.add_to_region(self.engine.plan.sites[site.0 as usize].region, piece);
    }

    pub fn add_to_batch(&mut self, batch: BatchIdx, piece: impl Hash) {
        let lane = self.engine.layout.batches[batch.0 as usize].lane;
        self.add_to_region(self.engine.layout.lane(lane).region, piece);
    }

    /// What is said of a target belongs to its region, if it has one.
    pub fn add_to_target(&mut self, target: Target, piece: impl Hash) {
        match target {
            Target::Rollout | Target::Stage(_) => self.add((target, piece)),
            Target::Region(region) => self.add_to_region(region, (target, piece)),
            Target::Site(site) => self.add_to_site(site, (target, piece)),
            Target::Host(host) => self.add_to_host(host, piece),
            Target::Batch { stage, turn, lane, batch } => {
                match self.engine.layout.find_batch(stage, turn, lane, batch) {
                    Some(idx) => self.add_to_batch(idx, (target, piece)),
                    None => self.add((target, piece)),
                }
            }
        }
    }

    pub fn add_to_subject(&mut self, subject: GateSubject, piece: impl Hash) {
        match (subject, self.engine.region_of_subject(subject)) {
            (GateSubject::Host(host), _) => self.add_to_host(host, piece),
            (subject, Some(region)) => self.add_to_region(region, (subject, piece)),
            (subject, None) => self.add((subject, piece)),
        }
    }

    /// How many there are.
    pub fn hosts(&self) -> u32 {
        self.hosts.len() as u32
    }

    pub fn kinds(&self) -> &Kinds {
        self.kinds
    }

    /// The hosts of one kind stand for each other: what counts is how many are in which condition.
    fn into_key(self) -> Key {
        let KeyParts { kinds, engine, hosts, mut regions, whole } = self;
        let mut place = 0;
        let mut alike: Vec<u64> = Vec::new();
        while let Some(first) = kinds.order.get(place) {
            let kind = kinds.kind(*first);
            let of_kind = kinds.order[place..].iter().take_while(|host| kinds.kind(**host) == kind);
            alike.clear();
            alike.extend(of_kind.map(|host| hosts[host.0 as usize]));
            place += alike.len();
            alike.sort_unstable();
            let sum = &mut regions[engine.plan.region_of(*first).0 as usize];
            *sum = sum.wrapping_add(hashed((kind, &alike)));
        }
        Key { whole, regions }
    }
}

impl Engine {
    /// What two states share if everything that decides what the engine does next is the same, hosts of one kind taken for
    /// each other. Moments are left out (windows, soaks and pauses come again), and so are the numbers of tasks and timers
    /// and the order in which hosts ended.
    pub fn key(&self, kinds: &Kinds) -> Key {
        // Nothing of the state may be forgotten here: a new field does not compile until it is decided on.
        let Engine {
            plan,
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
        let regions = vec![0; plan.regions.len()];
        let mut parts = KeyParts { kinds, engine: self, hosts: vec![0; plan.hosts.len()], regions, whole: 0 };
        hosts.add_to(&mut parts, |claim| rollbacks.what(claim));
        tallies.add_to(&mut parts);
        budgets.add_to(&mut parts);
        stage.add_to(&mut parts);
        for (idx, lane) in lanes.iter().enumerate() {
            lane.add_to(idx, self.layout.lanes[idx].region, &mut parts);
        }
        gates.add_to(&mut parts);
        holds.add_to(&mut parts);
        rollbacks.add_to(&mut parts);
        risk.add_to(&mut parts);
        parts.into_key()
    }
}

/// A target, with a host's kind in place of its number.
pub(super) fn named(target: Target, key: &KeyParts) -> Target {
    match target {
        Target::Host(host) => Target::Host(HostIdx(key.kinds().kind(host))),
        other => other,
    }
}

/// The same in every run. Nobody who could choose the states gains by making two of them look the same.
fn hashed(piece: impl Hash) -> u64 {
    FixedState::default().hash_one(piece)
}
