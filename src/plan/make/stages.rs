use crate::diagnostic::{Code, Problem, Problems};
use crate::inventory::{FieldId, Fleet, HostId, HostSet};
use crate::model::{Model, Pick, RegionId, RegionOrder, Stage};
use crate::plan::HostIdx;
use crate::plan::make::partition::Partition;
use crate::plan::make::{Maker, amount, targets};

/// The hosts of each stage, in the inventory's order. A stage takes hosts that no earlier stage took.
///
/// Reports the stages that take none, and the targets that are left over.
pub(super) fn pick(maker: &Maker, problems: &mut Problems) -> Vec<Vec<HostIdx>> {
    let mut left = maker.rollout.targets.clone();
    let mut picked = Vec::with_capacity(maker.rollout.stages.len());
    for (idx, stage) in maker.rollout.stages.iter().enumerate() {
        let taken = pick_one(maker, stage, &left);
        if taken.is_empty() {
            let last = picked.iter().rposition(|hosts: &Vec<HostIdx>| !hosts.is_empty());
            problems.push(empty(maker, idx, &left, last.and_then(|last| maker.rollout.stages.get(last))));
        }
        left = left.without(&taken);
        picked.push(taken.iter().filter_map(|host| maker.targets.place(host)).collect());
    }
    if !left.is_empty() {
        problems.push(left_over(maker, &left));
    }
    picked
}

fn pick_one(maker: &Maker, stage: &Stage, left: &HostSet) -> HostSet {
    let left = match &stage.order {
        // Regions that the order does not name are not in the stage.
        RegionOrder::InOrder(regions) => left.and(&of_regions(maker.model, regions, left.fleet_len())),
        RegionOrder::Together | RegionOrder::FollowingTheSun { .. } => left.clone(),
    };
    match &stage.pick {
        Pick::Rest => left,
        Pick::Hosts(hosts) => left.and(hosts),
        Pick::OnePer { fields, package } => one_per(maker, fields, *package, &left),
        // Of all targets, so that `hosts 10%`, `hosts 50%` and the rest are what they say; the first in the inventory.
        Pick::Amount(amount) => {
            let hosts = amount::to_take(*amount, maker.targets.len());
            set_of(left.iter().take(hosts), left.fleet_len())
        }
        Pick::Regions(regions) => left.and(&of_regions(maker.model, regions, left.fleet_len())),
        Pick::Sites(sites) => {
            let named =
                maker.model.sites.iter().enumerate().filter(|(idx, _)| sites.iter().any(|s| s.0 as usize == *idx));
            left.and(&named.fold(HostSet::none(left.fleet_len()), |all, (_, site)| all.or(&site.hosts)))
        }
    }
}

/// The first host of each combination of the fields' values and, where it is said, the package.
fn one_per(maker: &Maker, fields: &[FieldId], package: bool, left: &HostSet) -> HostSet {
    let hosts: Vec<HostId> = left.iter().collect();
    let mut parts = Partition::by(maker.fleet, fields, &hosts);
    if package {
        let package_of = |host| maker.targets.place(host).map_or(0, |idx| maker.targets.package(idx).0);
        parts = parts.split(package_of);
    }
    set_of(parts.firsts.into_iter(), left.fleet_len())
}

fn of_regions(model: &Model, regions: &[RegionId], fleet_len: usize) -> HostSet {
    let named = model.sites.iter().filter(|site| regions.contains(&site.region));
    named.fold(HostSet::none(fleet_len), |all, site| all.or(&site.hosts))
}

fn set_of(hosts: impl Iterator<Item = HostId>, fleet_len: usize) -> HostSet {
    hosts.fold(HostSet::none(fleet_len), |mut set, host| {
        set.insert(host);
        set
    })
}

/// `taker` is the stage that took the last hosts before it.
fn empty(maker: &Maker, idx: usize, left: &HostSet, taker: Option<&Stage>) -> Problem {
    let stage = &maker.rollout.stages[idx];
    let problem = Problem::error(Code::STAGE_EMPTY, format!("stage `{}` has no host", stage.name));
    if left.is_empty() {
        let problem = problem.label(stage.span, "every target is in an earlier stage");
        let problem = match taker {
            Some(taker) => problem.label(taker.pick_span.unwrap_or(taker.name_span), "takes the last of them"),
            None => problem,
        };
        return problem.help("leave the stage out, or let an earlier one take fewer");
    }
    problem
        .label(stage.span, "this takes none of the targets that no earlier stage took")
        .label(maker.rollout.targets_span, "the targets")
        .help(format!("{} {} left when it begins", targets::count(left.len(), "target"), is_or_are(left.len())))
}

fn left_over(maker: &Maker, left: &HostSet) -> Problem {
    let rollout = maker.rollout;
    let total = targets::count(maker.targets.len(), "target");
    let message = format!("{} of the {total} of `{}` {} in no stage", left.len(), rollout.name, is_or_are(left.len()));
    let mut problem = Problem::error(Code::NOT_IN_ANY_STAGE, message)
        .label(rollout.targets_span, "these hosts are to be changed")
        .label(rollout.span, "and no stage takes these");
    if let Some(last) = rollout.stages.last() {
        let place = last.pick_span.unwrap_or(last.name_span);
        problem = match &last.order {
            RegionOrder::InOrder(_) => problem.label(last.name_span, "the last stage takes the regions that it names"),
            _ => problem.label(place, "the last stage takes no more than it says"),
        };
    }
    problem.hosts(left.iter().take(targets::LISTED).map(|host| maker.fleet.name(host))).help(
        match told_apart(maker.fleet, &rollout.targets.without(left), left) {
            Some(apart) => {
                format!("they are those with {apart}; add a stage that takes them, or leave them out of `to`")
            }
            None => "end with a stage that says nothing about its hosts: it takes all that are left".to_owned(),
        },
    )
}

fn is_or_are(hosts: usize) -> &'static str {
    if hosts == 1 { "is" } else { "are" }
}

/// `role "edge"`: a field that has one value on all the hosts left over and never that value on the others.
fn told_apart(fleet: &Fleet, others: &HostSet, left: &HostSet) -> Option<String> {
    // With one host left nearly every field would do, and its name says more.
    if left.len() < 2 {
        return None;
    }
    fleet.fields().find_map(|(field, name)| {
        let value = match fleet.values(field, left).as_slice() {
            [(value, hosts)] if *hosts == left.len() => value.clone(),
            _ => return None,
        };
        let elsewhere = fleet.values(field, others).iter().any(|(other, _)| *other == value);
        (!elsewhere).then(|| format!("{name} `{value}`"))
    })
}
