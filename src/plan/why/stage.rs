use crate::inventory::HostId;
use crate::model::{Budget, Pick, RegionId, Stage};
use crate::plan::why::{Asked, Reason, Said, Seat, Topic, in_fleet};
use crate::plan::{HostIdx, Plan};

/// That it is changed at all.
pub(super) fn target(asked: &Asked) -> Reason {
    let plan = asked.plan;
    let text = format!("`{}` is for it: `to` selects {} hosts", plan.rollout, plan.hosts.len());
    Reason::new(Topic::Target, text).at(asked.said.map(|said| said.rollout.targets_span))
}

pub(super) fn package(asked: &Asked, host: HostIdx) -> Reason {
    let id = asked.plan.host(host).package.0 as usize;
    let name = asked.plan.packages.get(id).map_or("", |package| &package.name);
    let place = asked.said.and_then(|said| said.rollout.bulletin.packages.get(id)).map(|package| package.span);
    Reason::new(
        Topic::Package,
        format!("it gets `{name}`, the one package of `{}` that is for it", asked.plan.bulletin),
    )
    .at(place)
}

pub(super) fn region(asked: &Asked, host: HostIdx) -> Reason {
    let plan = asked.plan;
    let region = plan.region_of(host);
    let site = plan.sites.get(plan.host(host).site.0 as usize).map_or("", |site| &site.name);
    let planned = plan.regions.get(region.0 as usize);
    let owner = planned.and_then(|region| region.owner).and_then(|owner| plan.teams.get(owner.0 as usize));
    let owned = owner.map_or_else(String::new, |team| format!(", which `{}` owns", team.name));
    let name = planned.map_or("", |region| &region.name);
    let place = asked.said.and_then(|said| said.model.regions.get(region.0 as usize)).map(|region| region.span);
    Reason::new(Topic::Region, format!("it stands in the site `{site}` of the region `{name}`{owned}")).at(place)
}

/// Which stage took it, and why no earlier one did.
pub(super) fn stage(asked: &Asked, host: HostIdx, seat: &Seat) -> Vec<Reason> {
    let plan = asked.plan;
    let name = |stage: u32| plan.stages.get(stage as usize).map_or("", |stage| &stage.name);
    let place = format!("`{}` is stage {} of {}", name(seat.stage), seat.stage + 1, plan.stages.len());
    let Some((said, id)) = asked.said.zip(in_fleet(asked, host)) else {
        return vec![Reason::new(Topic::Stage, place)];
    };
    let stages = &said.rollout.stages;
    let passed_over = stages.iter().take(seat.stage as usize).enumerate().map(|(idx, stage)| {
        let why = passed_over(plan, said, stage, idx as u32, id);
        Reason::new(Topic::Stage, format!("`{}` did not take it: {why}", stage.name))
            .at(stage.pick_span.unwrap_or(stage.name_span))
    });
    let mut reasons: Vec<Reason> = passed_over.collect();
    if let Some(stage) = stages.get(seat.stage as usize) {
        let text = format!("{place}, and takes {}", taken(plan, said, stage, id));
        reasons.push(Reason::new(Topic::Stage, text).at(stage.pick_span.unwrap_or(stage.name_span)));
    }
    reasons
}

/// How a stage came to take the host.
fn taken(plan: &Plan, said: Said, stage: &Stage, host: HostId) -> String {
    match &stage.pick {
        Pick::Rest => "all that are left".to_owned(),
        Pick::Hosts(hosts) => format!("the {} that it selects, those of earlier stages left out", hosts.len()),
        Pick::OnePer { .. } => {
            format!(
                "one for each combination: it is the first in the inventory with {}",
                combination(plan, said, stage, host)
            )
        }
        Pick::Amount(Budget::Hosts(hosts)) => format!("the first {hosts} in the inventory that are left"),
        Pick::Amount(Budget::Percent(percent)) => format!("the first {percent}% in the inventory that are left"),
        Pick::Regions(_) => "the regions that it names".to_owned(),
        Pick::Sites(_) => "the sites that it names".to_owned(),
    }
}

fn passed_over(plan: &Plan, said: Said, stage: &Stage, idx: u32, host: HostId) -> String {
    match &stage.pick {
        Pick::OnePer { .. } => {
            let same = combination(plan, said, stage, host);
            let taker = plan.hosts.iter().filter(|planned| planned.stage == idx).find(|planned| {
                said.fleet.find(&planned.name).is_some_and(|other| combination(plan, said, stage, other) == same)
            });
            match taker {
                Some(taker) => format!("`{}` stands there for {same}", taker.name),
                None => "it takes one for each combination, of the hosts before it".to_owned(),
            }
        }
        Pick::Hosts(hosts) if !hosts.contains(host) => "it does not select it".to_owned(),
        Pick::Regions(_) => "it takes other regions".to_owned(),
        Pick::Sites(_) => "it takes other sites".to_owned(),
        Pick::Amount(_) => "it was full with hosts that come before it in the inventory".to_owned(),
        Pick::Rest | Pick::Hosts(_) => "its regions are others".to_owned(),
    }
}

/// `version 2003 and package exchange-2003`
fn combination(plan: &Plan, said: Said, stage: &Stage, host: HostId) -> String {
    let Pick::OnePer { fields, package } = &stage.pick else { return String::new() };
    let values = fields.iter().map(|field| {
        let value = said.fleet.text(host, *field).unwrap_or_else(|| "missing".to_owned());
        format!("{} `{value}`", said.fleet.field_name(*field))
    });
    let its_package = package.then(|| {
        let bulletin = &said.rollout.bulletin;
        let its = bulletin.packages.iter().position(|package| package.hosts.contains(host));
        let name = its.and_then(|its| plan.packages.get(its)).map_or("", |package| &package.name);
        format!("package `{name}`")
    });
    values.chain(its_package).collect::<Vec<_>>().join(" and ")
}

pub(super) fn region_name(plan: &Plan, region: RegionId) -> &str {
    plan.regions.get(region.0 as usize).map_or("", |region| &region.name)
}
