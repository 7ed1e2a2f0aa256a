use chrono::SecondsFormat;
use serde::Serialize;

use crate::model::Finish;
use crate::plan::{AtOnceLimit, BatchPlan, Plan as CorePlan, PlanRefinement, StagePlan, most_down};
use crate::report::words;
use crate::time::{Duration, Moment};

/// A plan for other programs, `docs/plan-json.md`: names instead of places, and no more than one wants to look at. What
/// `sunup run` reads back is [`crate::plan::to_json`].
pub fn plan_json(plan: &CorePlan) -> String {
    let report = Report { version: VERSION, plan: shape_of(plan) };
    // INVARIANT: the shape is text, numbers and lists under names, which can always be written as JSON.
    let mut json = serde_json::to_string(&report).unwrap_or_default();
    json.push('\n');
    json
}

const VERSION: u32 = 1;

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    plan: Plan<'a>,
}

#[derive(Serialize)]
struct Plan<'a> {
    rollout: &'a str,
    bulletin: &'a str,
    title: Option<&'a str>,
    severity: Option<&'static str>,
    /// Whether that is the most that it can be.
    severity_at_most: bool,
    runbook: &'a str,
    script: &'a str,
    starts_at: String,
    ends_at: String,
    deadline: Option<String>,
    zone_data: &'a str,
    fingerprint: &'a str,
    packages: Vec<Package<'a>>,
    steps: Vec<Step<'a>>,
    stages: Vec<Stage<'a>>,
    refinements: Vec<Refinement<'a>>,
    budgets: Vec<Budget<'a>>,
}

#[derive(Serialize)]
struct Package<'a> {
    name: &'a str,
    hosts: usize,
}

#[derive(Serialize)]
struct Step<'a> {
    name: &'a str,
    takes: u64,
    takes_at_least: Option<u64>,
    fails: f64,
    down: bool,
    ahead: bool,
    lifts: Option<Lifts<'a>>,
}

/// The workaround that a step lifts, and how many targets have it.
#[derive(Serialize)]
struct Lifts<'a> {
    workaround: &'a str,
    hosts: usize,
}

#[derive(Serialize)]
struct Stage<'a> {
    name: &'a str,
    kind: &'static str,
    order: &'static str,
    order_by: Option<&'a str>,
    starts_at: String,
    ends_at: String,
    at_once: Option<AtOnce>,
    finish_before: Option<String>,
    soak: u64,
    gates: Vec<Gate<'a>>,
    approval: Option<Approval<'a>>,
    batches: Vec<Batch<'a>>,
}

/// A sliding window; its batches are single hosts.
#[derive(Serialize)]
struct AtOnce {
    most: u64,
    per: &'static str,
}

/// What a region's team has tightened.
#[derive(Serialize)]
struct Refinement<'a> {
    region: &'a str,
    times: &'a [String],
    at_once: Option<AtOnce>,
    soak: Option<u64>,
    gates: Vec<&'a str>,
    finish_before: Option<String>,
}

#[derive(Serialize)]
struct Gate<'a> {
    name: &'a str,
    per: &'static str,
    #[serde(rename = "for")]
    lasts_for: u64,
}

#[derive(Serialize)]
struct Approval<'a> {
    team: &'a str,
    within: Option<u64>,
    #[serde(rename = "else")]
    otherwise: &'static str,
}

#[derive(Serialize)]
struct Batch<'a> {
    region: &'a str,
    site: Option<&'a str>,
    number: usize,
    starts_at: String,
    ends_at: String,
    hosts: Vec<Host<'a>>,
}

#[derive(Serialize)]
struct Host<'a> {
    name: &'a str,
    site: &'a str,
    zone: &'a str,
    package: &'a str,
}

#[derive(Serialize)]
struct Budget<'a> {
    service: &'a str,
    group: &'a str,
    rule: &'a str,
    hosts: u32,
    keep: u32,
    most_down: u32,
}

fn shape_of(plan: &CorePlan) -> Plan<'_> {
    let mut counts = vec![0; plan.packages.len()];
    for host in &plan.hosts {
        if let Some(count) = counts.get_mut(host.package.0 as usize) {
            *count += 1;
        }
    }
    let budgets = plan.budgets.iter().zip(most_down(plan)).map(|(budget, most_down)| Budget {
        service: &budget.service,
        group: &budget.group,
        rule: &budget.rule,
        hosts: budget.size,
        keep: budget.keep,
        most_down,
    });
    let packages = plan.packages.iter().zip(counts).map(|(package, hosts)| Package { name: &package.name, hosts });
    let steps = plan.steps.iter();
    Plan {
        rollout: &plan.rollout,
        bulletin: &plan.bulletin,
        title: plan.title.as_deref(),
        severity: plan.severity.map(|severity| words::level(severity.level)),
        severity_at_most: plan.severity.is_some_and(|severity| severity.at_most),
        runbook: &plan.runbook,
        script: &plan.script,
        starts_at: moment(plan.starts_at),
        ends_at: moment(plan.ends_at),
        deadline: plan.deadline.map(moment),
        zone_data: &plan.zone_data,
        fingerprint: &plan.fingerprint.whole,
        packages: packages.collect(),
        steps: steps.map(|step| step_of(plan, step)).collect(),
        stages: plan.stages.iter().map(|stage| stage_of(plan, stage)).collect(),
        refinements: plan.refinements.iter().map(|refinement| refinement_of(plan, refinement)).collect(),
        budgets: budgets.collect(),
    }
}

fn step_of<'a>(plan: &'a CorePlan, step: &'a crate::model::Step) -> Step<'a> {
    let lifted = step.lifts.and_then(|workaround| plan.workarounds.get(workaround.0 as usize));
    Step {
        name: &step.name,
        takes: step.takes.seconds(),
        takes_at_least: step.takes_at_least.map(Duration::seconds),
        fails: step.fails,
        down: step.down,
        ahead: step.ahead,
        lifts: lifted.map(|lifted| Lifts { workaround: &lifted.name, hosts: lifted.hosts.len() }),
    }
}

fn refinement_of<'a>(plan: &'a CorePlan, refinement: &'a PlanRefinement) -> Refinement<'a> {
    let gates = refinement.gates.iter().filter_map(|gate| plan.gates.get(gate.0 as usize));
    Refinement {
        region: plan.regions.get(refinement.region.0 as usize).map_or("", |region| &region.name),
        times: &refinement.times,
        at_once: refinement.at_once.map(at_once_of),
        soak: refinement.soak.map(|soak| soak.seconds()),
        gates: gates.map(|gate| gate.name.as_str()).collect(),
        finish_before: refinement.finish_before.map(finish),
    }
}

fn at_once_of(limit: AtOnceLimit) -> AtOnce {
    AtOnce { most: limit.most, per: words::scope(limit.scope) }
}

fn stage_of<'a>(plan: &'a CorePlan, stage: &'a StagePlan) -> Stage<'a> {
    let gates = stage.gates.iter().filter_map(|gate| plan.gates.get(gate.0 as usize));
    let approval = stage.approval.as_ref().map(|approval| Approval {
        team: plan.teams.get(approval.team.0 as usize).map_or("", |team| &team.name),
        within: approval.within.map(|within| within.seconds()),
        otherwise: words::otherwise(approval.otherwise),
    });
    Stage {
        name: &stage.name,
        kind: words::kind(stage.kind),
        order: if stage.together { "together" } else { "one after the other" },
        order_by: stage.order_by.as_deref(),
        starts_at: moment(stage.starts_at),
        ends_at: moment(stage.ends_at),
        at_once: stage.at_once.map(at_once_of),
        finish_before: stage.finish_before.map(finish),
        soak: stage.soak.seconds(),
        gates: gates
            .map(|gate| Gate { name: &gate.name, per: words::per(gate.per), lasts_for: gate.lasts_for.seconds() })
            .collect(),
        approval,
        batches: batches_of(plan, stage),
    }
}

/// `05:00:00`, `sunrise`
fn finish(finish: Finish) -> String {
    match finish {
        Finish::Time(time) => time.format("%H:%M:%S").to_string(),
        Finish::Sunrise => words::finish(finish),
    }
}

fn batches_of<'a>(plan: &'a CorePlan, stage: &'a StagePlan) -> Vec<Batch<'a>> {
    let mut batches = Vec::new();
    for turn in &stage.turns {
        let region = plan.regions.get(turn.region.0 as usize).map_or("", |region| &region.name);
        for lane in &turn.lanes {
            let site = lane.site.and_then(|site| plan.sites.get(site.0 as usize)).map(|site| site.name.as_str());
            batches.extend(lane.batches.iter().enumerate().map(|(idx, batch)| Batch {
                region,
                site,
                number: idx + 1,
                starts_at: moment(batch.starts_at),
                ends_at: moment(batch.ends_at),
                hosts: hosts_of(plan, batch),
            }));
        }
    }
    batches
}

fn hosts_of<'a>(plan: &'a CorePlan, batch: &BatchPlan) -> Vec<Host<'a>> {
    let host = |&idx| {
        let host = plan.host(idx);
        let site = plan.sites.get(host.site.0 as usize);
        Host {
            name: &host.name,
            site: site.map_or("", |site| &site.name),
            zone: site.map_or("", |site| site.schedule.zone.name()),
            package: plan.packages.get(host.package.0 as usize).map_or("", |package| &package.name),
        }
    };
    batch.hosts.iter().map(host).collect()
}

/// `2007-05-08T18:00:00Z`
fn moment(at: Moment) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;
    use crate::plan::example::Example;

    /// Every field that a value has, with its path; elements of a list stand for each other.
    fn fields(value: &Value, path: &str, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(object) => object.iter().for_each(|(name, value)| {
                let path = format!("{path}.{name}");
                fields(value, &path, found);
                found.insert(path);
            }),
            Value::Array(values) => values.iter().for_each(|value| fields(value, path, found)),
            _ => {}
        }
    }

    #[test]
    fn the_page_shows_the_shape() {
        let page = include_str!("../../docs/plan-json.md");
        let example = page.split("```json").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
        let (mut on_page, mut written) = (BTreeSet::new(), BTreeSet::new());
        fields(&serde_json::from_str(example).unwrap(), "", &mut on_page);
        let json = plan_json(&Example::exchange().plan("2007-05-08 18:00Z"));
        fields(&serde_json::from_str(&json).unwrap(), "", &mut written);
        assert_eq!(on_page, written);
    }

    #[test]
    fn a_plan_has_names_where_the_saved_one_has_places() {
        let json: Value = serde_json::from_str(&plan_json(&Example::exchange().plan("2007-05-08 18:00Z"))).unwrap();
        let batch = &json["plan"]["stages"][1]["batches"][1];
        assert_eq!(
            batch.to_string(),
            r#"{"ends_at":"2007-05-09T16:43:00Z","hosts":[{"name":"exc-syd-02","package":"exchange-2007","site":"sydney","zone":"Australia/Sydney"}],"number":2,"region":"australia","site":"sydney","starts_at":"2007-05-09T16:06:00Z"}"#
        );
        assert_eq!(
            json["plan"]["stages"][1]["approval"].to_string(),
            r#"{"else":"hold","team":"global","within":28800}"#
        );
        assert_eq!(json["plan"]["budgets"][0]["most_down"], 1);
        assert_eq!(json["version"], 1);
    }
}
