use crate::diagnostic::harmless;
use crate::engine::{GateSubject, Target};
use crate::plan::{HostIdx, Plan};

/// What people call a part of a plan.
pub(super) fn place(plan: &Plan, target: Target) -> String {
    match target {
        Target::Rollout => "the rollout".to_owned(),
        Target::Stage(stage) => format!("stage {}", stage_name(plan, stage)),
        Target::Region(region) => {
            let region = plan.regions.get(region.0 as usize);
            format!("region {}", region.map_or_else(String::new, |region| harmless(&region.name).into_owned()))
        }
        Target::Site(site) => {
            let site = plan.sites.get(site.0 as usize);
            format!("site {}", site.map_or_else(String::new, |site| harmless(&site.name).into_owned()))
        }
        Target::Batch { stage, turn, lane, batch } => {
            let of = lane_of(plan, Target::Batch { stage, turn, lane, batch });
            format!("batch {} of {of}", batch + 1)
        }
        Target::Host(host) => host_name(plan, host),
    }
}

/// The site or region whose batch it is.
pub(super) fn lane_of(plan: &Plan, batch: Target) -> String {
    let Target::Batch { stage, turn, lane, .. } = batch else { return place(plan, batch) };
    let turn = plan.stages.get(stage as usize).and_then(|stage| stage.turns.get(turn as usize));
    let Some(turn) = turn else { return place(plan, Target::Rollout) };
    let site = turn.lanes.get(lane as usize).and_then(|lane| lane.site);
    place(plan, site.map_or(Target::Region(turn.region), Target::Site))
}

pub(super) fn subject(plan: &Plan, subject: GateSubject) -> String {
    place(
        plan,
        match subject {
            GateSubject::Host(host) => Target::Host(host),
            GateSubject::Site { site, .. } => Target::Site(site),
            GateSubject::Region { region, .. } => Target::Region(region),
            GateSubject::Batch { stage, turn, lane, batch } => Target::Batch { stage, turn, lane, batch },
        },
    )
}

pub(super) fn stage_name(plan: &Plan, stage: u32) -> String {
    plan.stages.get(stage as usize).map_or_else(String::new, |stage| harmless(&stage.name).into_owned())
}

pub(super) fn step_name(plan: &Plan, step: u32) -> String {
    plan.steps.get(step as usize).map_or_else(String::new, |step| harmless(&step.name).into_owned())
}

pub(super) fn host_name(plan: &Plan, host: HostIdx) -> String {
    plan.hosts.get(host.0 as usize).map_or_else(String::new, |host| harmless(&host.name).into_owned())
}

/// `a, b, c and 9 more`
pub(super) fn some_hosts(plan: &Plan, hosts: &[HostIdx], most: usize) -> String {
    let mut text = hosts.iter().take(most).map(|host| host_name(plan, *host)).collect::<Vec<_>>().join(", ");
    if hosts.len() > most {
        text.push_str(&format!(" and {} more", hosts.len() - most));
    }
    text
}

pub(super) fn count(number: usize, noun: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{s}")
}
