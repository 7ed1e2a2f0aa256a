use std::sync::Arc;

use crate::engine::{GateSubject, Target};
use crate::inventory::HostSet;
use crate::model::{ActPlace, Given, Happening, Place, RegionId, SiteId};
use crate::plan::{HostIdx, Plan};

/// What goes otherwise than well, in the terms of one plan.
#[derive(Debug, Clone, Default)]
pub struct Scenario {
    pub(super) givens: Vec<Arc<Bound>>,
}

/// One thing that is given, with its place among the hosts of the plan.
#[derive(Debug)]
pub(super) struct Bound {
    pub given: Given,
    pub place: Area,
    /// What a person's act is about, each.
    pub targets: Vec<Target>,
}

/// Some hosts of a plan, and what of it has some of them, or no others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Area {
    Everywhere,
    Part(Part),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// A bit for each host.
    hosts: Vec<u64>,
    some_of_sites: Vec<bool>,
    all_of_sites: Vec<bool>,
    some_of_regions: Vec<bool>,
    all_of_regions: Vec<bool>,
}

impl Scenario {
    /// `targets` are the hosts of the fleet that the plan was made for (`Rollout::targets`): the plan knows them by their
    /// order only. What is given for hosts that are no targets happens to nobody.
    pub fn bind(plan: &Plan, targets: &HostSet, givens: &[Given]) -> Scenario {
        let mut scenario = Scenario::default();
        givens.iter().for_each(|given| scenario.add(plan, targets, given));
        scenario
    }

    /// Adds one thing; it overrules what was said before it of the same thing and place.
    pub fn add(&mut self, plan: &Plan, targets: &HostSet, given: &Given) {
        self.givens.push(Arc::new(Bound::new(plan, targets, given)));
    }

    pub fn is_empty(&self) -> bool {
        self.givens.is_empty()
    }
}

impl Bound {
    pub fn new(plan: &Plan, targets: &HostSet, given: &Given) -> Bound {
        let place = match &given.what {
            Happening::Gate { place, .. }
            | Happening::Step { place, .. }
            | Happening::Lost { place }
            | Happening::Back { place } => Area::of(plan, targets, place),
            Happening::Approval { .. } | Happening::Act { .. } | Happening::ControllerDies => Area::Everywhere,
        };
        let targets = match &given.what {
            Happening::Act { place, .. } => match place {
                ActPlace::Rollout => vec![Target::Rollout],
                ActPlace::Stage(stage) => vec![Target::Stage(*stage)],
                ActPlace::Region(region) => vec![Target::Region(*region)],
                ActPlace::Site(site) => vec![Target::Site(*site)],
                ActPlace::Hosts(hosts) => chosen(targets, hosts).map(Target::Host).collect(),
            },
            _ => Vec::new(),
        };
        Bound { given: given.clone(), place, targets }
    }
}

/// The hosts of a plan that are in a set.
fn chosen<'s>(targets: &'s HostSet, hosts: &'s HostSet) -> impl Iterator<Item = HostIdx> + 's {
    let targets = (0..).map(HostIdx).zip(targets.iter());
    targets.filter(|(_, id)| hosts.contains(*id)).map(|(host, _)| host)
}

impl Area {
    fn of(plan: &Plan, targets: &HostSet, place: &Place) -> Area {
        let all = (0..plan.hosts.len() as u32).map(HostIdx);
        match place {
            Place::Everywhere => Area::Everywhere,
            Place::Region(region) => Area::Part(Part::of(plan, all.filter(|host| plan.region_of(*host) == *region))),
            Place::Site(site) => Area::Part(Part::of(plan, all.filter(|host| plan.host(*host).site == *site))),
            Place::Hosts(hosts) => {
                Area::Part(Part::of(plan, chosen(targets, hosts).filter(|host| (host.0 as usize) < plan.hosts.len())))
            }
        }
    }

    pub fn has(&self, host: HostIdx) -> bool {
        match self {
            Area::Everywhere => true,
            Area::Part(part) => part.has(host),
        }
    }

    /// Whether a gate's subject has a host here.
    pub fn has_some(&self, plan: &Plan, subject: GateSubject) -> bool {
        match self {
            Area::Everywhere => true,
            Area::Part(part) => match subject {
                GateSubject::Host(host) => part.has(host),
                GateSubject::Site { site, .. } => is_set(&part.some_of_sites, site.0),
                GateSubject::Region { region, .. } => is_set(&part.some_of_regions, region.0),
                GateSubject::Batch { .. } => batch_hosts(plan, subject).iter().any(|host| part.has(*host)),
            },
        }
    }

    /// Whether a gate's subject has no host elsewhere.
    pub fn has_all(&self, plan: &Plan, subject: GateSubject) -> bool {
        match self {
            Area::Everywhere => true,
            Area::Part(part) => match subject {
                GateSubject::Host(host) => part.has(host),
                GateSubject::Site { site, .. } => is_set(&part.all_of_sites, site.0),
                GateSubject::Region { region, .. } => is_set(&part.all_of_regions, region.0),
                GateSubject::Batch { .. } => batch_hosts(plan, subject).iter().all(|host| part.has(*host)),
            },
        }
    }
}

impl Part {
    fn of(plan: &Plan, chosen: impl Iterator<Item = HostIdx>) -> Part {
        let mut hosts = vec![0u64; plan.hosts.len().div_ceil(64)];
        chosen.for_each(|host| hosts[host.0 as usize / 64] |= 1 << (host.0 % 64));
        let (sites, regions) = (plan.sites.len(), plan.regions.len());
        let mut part = Part {
            hosts,
            some_of_sites: vec![false; sites],
            all_of_sites: vec![true; sites],
            some_of_regions: vec![false; regions],
            all_of_regions: vec![true; regions],
        };
        for host in (0..plan.hosts.len() as u32).map(HostIdx) {
            let SiteId(site) = plan.host(host).site;
            let RegionId(region) = plan.region_of(host);
            if part.has(host) {
                part.some_of_sites[site as usize] = true;
                part.some_of_regions[region as usize] = true;
            } else {
                part.all_of_sites[site as usize] = false;
                part.all_of_regions[region as usize] = false;
            }
        }
        part
    }

    fn has(&self, HostIdx(host): HostIdx) -> bool {
        self.hosts.get(host as usize / 64).is_some_and(|word| word >> (host % 64) & 1 == 1)
    }
}

fn is_set(flags: &[bool], idx: u32) -> bool {
    flags.get(idx as usize).copied().unwrap_or(false)
}

/// None for a batch that is none of the plan's.
fn batch_hosts(plan: &Plan, subject: GateSubject) -> &[HostIdx] {
    let GateSubject::Batch { stage, turn, lane, batch } = subject else { return &[] };
    let lanes = plan.stages.get(stage as usize).and_then(|stage| stage.turns.get(turn as usize));
    let batches = lanes.and_then(|turn| turn.lanes.get(lane as usize));
    batches.and_then(|lane| lane.batches.get(batch as usize)).map_or(&[], |batch| &batch.hosts)
}
