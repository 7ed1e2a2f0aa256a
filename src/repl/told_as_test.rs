use std::collections::BTreeSet;

use crate::engine::Target;
use crate::ide::quoted;
use crate::model::{RegionId, SiteId};
use crate::plan::Plan;
use crate::repl::walking::{Branch, Walking};
use crate::simulate::World;
use crate::time::Moment;

/// The walk as a test of the script: what was given and done on it, and how it ends when nothing more is done.
pub(super) fn told_as_test(walking: &Walking, name: &str, start: Option<Moment>) -> String {
    let plan = &walking.plan;
    let mut lines = vec![format!("plan {}", plan.rollout)];
    lines.extend(start.map(|start| format!("start {}", moment(start))));
    let mut ended = walking.here.walk.clone();
    ended.until(&crate::simulate::Until::End);
    lines.extend(givens(&walking.here, plan).into_iter().map(|given| format!("given {given}")));
    lines.extend(silent(&walking.here, ended.world()).into_iter().map(|given| format!("given {given}")));
    lines.extend(expectations(ended.world()).into_iter().map(|claim| format!("expect {claim}")));
    let body: String = lines.iter().map(|line| format!("  {line}\n")).collect();
    format!("test {} {{\n{body}}}\n", quoted(name))
}

/// `2007-05-09 15:19 UTC`, as a script writes it.
fn moment(at: Moment) -> String {
    let format = if at.timestamp() % 60 == 0 { "%Y-%m-%d %H:%M UTC" } else { "%Y-%m-%d %H:%M:%S UTC" };
    at.format(format).to_string()
}

/// Whether a sentence is an approval's answer, which says itself when it comes; of which team.
fn answers(text: &str) -> Option<&str> {
    let team = text.split(' ').next()?;
    let rest = text.get(team.len()..)?;
    (rest.starts_with(" approves") || rest.starts_with(" denies")).then_some(team)
}

fn givens(here: &Branch, plan: &Plan) -> Vec<String> {
    let mut sentences = Vec::new();
    for (idx, said) in here.said.iter().enumerate() {
        let since = match answers(&said.text) {
            // The next answer of a team holds once the one before is given.
            Some(team) => {
                here.said[..idx].iter().rev().find(|before| answers(&before.text) == Some(team)).map(|one| one.at)
            }
            None => Some(said.at).filter(|at| *at > plan.starts_at && !said.is_timed),
        };
        let since = since.map_or_else(String::new, |at| format!(" at {}", moment(at)));
        sentences.push(format!("{}{since}", said.text));
    }
    sentences
}

/// The teams that are asked and never answer.
fn silent(here: &Branch, ended: &World) -> Vec<String> {
    let plan = ended.plan();
    let mut teams: Vec<&str> = Vec::new();
    for stage in ended.asked().keys() {
        if ended.engine().stage() != Some(*stage) {
            continue;
        }
        let approval = plan.stages.get(*stage as usize).and_then(|stage| stage.approval.as_ref());
        teams.extend(
            approval.and_then(|approval| plan.teams.get(approval.team.0 as usize)).map(|team| team.name.as_str()),
        );
    }
    let sentence = |team: &&str| {
        let last = here.said.iter().rev().find(|said| answers(&said.text) == Some(*team));
        let denied = last.is_some_and(|said| said.text.contains(" denies"));
        let since = last.map_or_else(String::new, |said| format!(" at {}", moment(said.at)));
        (!denied).then(|| format!("{team} silent{since}"))
    };
    teams.iter().filter_map(sentence).collect()
}

/// What can be said of how it ends.
fn expectations(ended: &World) -> Vec<String> {
    let (plan, engine) = (ended.plan(), ended.engine());
    let mut claims = Vec::new();
    for (idx, stage) in plan.stages.iter().enumerate() {
        let idx = idx as u32;
        let progress = engine.progress(Target::Stage(idx));
        if engine.stage().is_none_or(|now| now > idx) {
            claims.push(format!("{} passed", stage.name));
        } else if progress.waiting == progress.total() {
            claims.push(format!("{} not started", stage.name));
        }
    }
    for (idx, site) in plan.sites.iter().enumerate() {
        let progress = engine.progress(Target::Site(SiteId(idx as u32)));
        if progress.rolled_back > 0 && progress.begun() == 0 {
            claims.push(format!("site {} rolled back", quoted(&site.name)));
        }
    }
    for (idx, region) in plan.regions.iter().enumerate() {
        if engine.region(RegionId(idx as u32)) == crate::engine::RegionState::Held {
            claims.push(format!("region {} held", region.name));
        }
    }
    let services: BTreeSet<&str> = plan.budgets.iter().map(|budget| budget.service.as_str()).collect();
    let broken = ended.broken().keys().filter_map(|group| plan.budgets.get(*group));
    let broken: BTreeSet<&str> = broken.map(|budget| budget.service.as_str()).collect();
    claims.extend(services.difference(&broken).map(|service| format!("service {service} kept")));
    claims
}
