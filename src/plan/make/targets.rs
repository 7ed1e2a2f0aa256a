use crate::diagnostic::{Code, Problem, Problems};
use crate::inventory::{Fleet, HostId, HostSet};
use crate::model::{Model, PackageId, RegionId, Rollout, SiteId};
use crate::plan::HostIdx;

/// The hosts to be changed, in the inventory's order; a plan's `HostIdx` is a place in these.
#[derive(Debug)]
pub(super) struct Targets {
    pub(super) hosts: Vec<HostId>,
    pub(super) sites: Vec<SiteId>,
    pub(super) packages: Vec<PackageId>,
    /// For each host of the fleet its place among the targets; `NONE` for one that is none.
    places: Vec<u32>,
}

const NONE: u32 = u32::MAX;

impl Targets {
    /// Finds each target's site and package. `check` says the same of a script before it comes here; but a model may be
    /// made by hand, and a host without a site has no time and one without a package nothing to get.
    pub(super) fn find(model: &Model, rollout: &Rollout, fleet: &Fleet, problems: &mut Problems) -> Option<Targets> {
        let hosts: Vec<HostId> = rollout.targets.iter().collect();
        let mut targets = Targets { sites: Vec::new(), packages: Vec::new(), places: vec![NONE; fleet.len()], hosts };
        for (idx, host) in targets.hosts.iter().enumerate() {
            targets.places[host.0 as usize] = idx as u32;
        }
        let sites = targets.each(rollout, model.sites.iter().map(|site| &site.hosts));
        let packages = targets.each(rollout, rollout.bulletin.packages.iter().map(|package| &package.hosts));
        if targets.hosts.is_empty() {
            problems.push(
                Problem::error(Code::SELECTS_NOTHING, format!("`{}` has no target", rollout.name))
                    .label(rollout.targets_span, "this picks no host")
                    .help("`sunup inventory` shows what the inventory's fields and values are"),
            );
        }
        let mut refuse = |code, hosts: Vec<HostId>, what: &str, help: &str| {
            if !hosts.is_empty() {
                let message = format!("{} of `{}` {what}", count(hosts.len(), "target"), rollout.name);
                problems.push(
                    Problem::error(code, message)
                        .label(rollout.targets_span, "these hosts are to be changed")
                        .hosts(hosts.iter().take(LISTED).map(|&host| fleet.name(host)))
                        .help(help),
                );
            }
        };
        let (no_site, no_package) = (targets.with(&sites.first, NONE), targets.with(&packages.first, NONE));
        refuse(Code::NO_REGION, no_site, IN_NO_REGION.0, IN_NO_REGION.1);
        refuse(Code::NO_PACKAGE, no_package, NO_PACKAGE.0, NO_PACKAGE.1);
        refuse(Code::TWO_REGIONS, sites.twice, TWO_REGIONS.0, TWO_REGIONS.1);
        refuse(Code::TWO_PACKAGES, packages.twice, TWO_PACKAGES.0, TWO_PACKAGES.1);
        targets.sites = sites.first.into_iter().map(SiteId).collect();
        targets.packages = packages.first.into_iter().map(PackageId).collect();
        (!problems.has_errors()).then_some(targets)
    }

    pub(super) fn len(&self) -> usize {
        self.hosts.len()
    }

    /// The place of a host of the fleet, if it is a target.
    pub(super) fn place(&self, host: HostId) -> Option<HostIdx> {
        self.places.get(host.0 as usize).copied().filter(|&place| place != NONE).map(HostIdx)
    }

    /// INVARIANT: every `HostIdx` of the planner is a place among the targets.
    pub(super) fn host(&self, idx: HostIdx) -> HostId {
        self.hosts[idx.0 as usize]
    }

    pub(super) fn site(&self, idx: HostIdx) -> SiteId {
        self.sites[idx.0 as usize]
    }

    pub(super) fn package(&self, idx: HostIdx) -> PackageId {
        self.packages[idx.0 as usize]
    }

    /// INVARIANT: a site was found by its place in the model.
    pub(super) fn region(&self, idx: HostIdx, model: &Model) -> RegionId {
        model.sites[self.site(idx).0 as usize].region
    }

    /// Which of some sets each target is in.
    fn each<'a>(&self, rollout: &Rollout, sets: impl Iterator<Item = &'a HostSet>) -> Each {
        let mut each = Each { first: vec![NONE; self.len()], twice: Vec::new() };
        let mut twice = HostSet::none(self.places.len());
        for (idx, set) in sets.enumerate() {
            for host in set.and(&rollout.targets).iter() {
                let Some(place) = self.place(host) else { continue };
                let first = &mut each.first[place.0 as usize];
                if *first == NONE {
                    *first = idx as u32;
                } else {
                    twice.insert(host);
                }
            }
        }
        each.twice = twice.iter().collect();
        each
    }

    fn with(&self, found: &[u32], wanted: u32) -> Vec<HostId> {
        self.hosts.iter().zip(found).filter(|(_, found)| **found == wanted).map(|(host, _)| *host).collect()
    }
}

/// The first set that each target is in, or `NONE`; and those that are in more than one.
struct Each {
    first: Vec<u32>,
    twice: Vec<HostId>,
}

const IN_NO_REGION: (&str, &str) =
    ("stand in no region: nothing says when they may be changed", "give them a region, or leave them out of `to`");
const TWO_REGIONS: (&str, &str) =
    ("stand in two regions: two windows would hold for them", "make the regions' selectors exclude each other");
const NO_PACKAGE: (&str, &str) = (
    "have no package in the bulletin: there is nothing to install on them",
    "add a `package`, or leave them out of `to`",
);
const TWO_PACKAGES: (&str, &str) =
    ("have two packages in the bulletin", "make the packages' `where` conditions exclude each other");

/// How many hosts a problem lists; of more, its message says how many.
pub(super) const LISTED: usize = 1_000;

/// `1 target`, `3 targets`
pub(super) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
