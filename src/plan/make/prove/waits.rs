use std::collections::BTreeSet;

use crate::diagnostic::{Code, Problem, Problems};
use crate::model::{Act, Otherwise, RegionId, Scope, Team, Verb};
use crate::plan::HostIdx;
use crate::plan::make::Maker;
use crate::plan::make::prove::approvals::{allows, regions_of};
use crate::plan::make::prove::words::list;
use crate::source::Span;

/// Everything that a run waits for must end by itself, or there must be somebody who may end it. Gates, steps and windows
/// end; an approval without a limit does not, and what is held waits for a person.
pub(in crate::plan::make) fn prove(maker: &Maker, picked: &[Vec<HostIdx>], problems: &mut Problems) {
    problems.extend(approvals_without_end(maker));
    if let Some(problem) = regions_for_ever_held(maker, picked) {
        problems.push(problem);
        return;
    }
    problems.extend(stages_for_ever_held(maker, picked));
    problems.extend(rollout_for_ever_held(maker));
}

fn approvals_without_end(maker: &Maker) -> impl Iterator<Item = Problem> {
    let asked =
        maker.rollout.stages.iter().filter_map(|stage| stage.approval.as_ref().map(|approval| (stage, approval)));
    asked.filter(|(_, approval)| approval.within.is_none()).map(|(stage, approval)| {
        let team = maker.model.teams.get(approval.team.0 as usize);
        let name = team.map_or("", |team| &team.name);
        let problem =
            Problem::warning(Code::WAITS_FOR_EVER, format!("`{}` waits for `{name}` without end", stage.name))
                .label(approval.span, "says no `within`");
        let problem = match team {
            Some(team) => problem.label(team.span, "who may be asleep, or away"),
            None => problem,
        };
        problem.help("say how long, and what then: `within 8h else hold`")
    })
}

/// Regions of the rollout in which nobody may resume: a gate that fails, and a failure of a guinea pig, hold a region
/// whatever the rules say.
fn regions_for_ever_held(maker: &Maker, picked: &[Vec<HostIdx>]) -> Option<Problem> {
    let regions: BTreeSet<RegionId> = picked.iter().flat_map(|taken| regions_of(maker, taken)).collect();
    let lost: Vec<_> = regions
        .into_iter()
        .filter(|region| !somebody_may_resume(maker, &[*region]))
        .filter_map(|region| maker.model.regions.get(region.0 as usize))
        .collect();
    let names = list(lost.iter().map(|region| &region.name));
    let first = lost.first()?;
    let stops = |act: &Act| matches!(act, Act::Hold(_) | Act::Rollback(_));
    let holds = maker.rollout.rules.iter().find(|rule| rule.actions.iter().any(stops));
    let asks = maker.rollout.stages.iter().find(|stage| !stage.gates.is_empty());
    let problem = Problem::warning(
        Code::WAITS_FOR_EVER,
        format!("no team may resume in {names}: what is held there waits for ever"),
    );
    let problem = match (holds, asks) {
        (Some(rule), _) => problem.label(rule.span, "holds until somebody resumes"),
        (None, Some(stage)) => {
            problem.label(stage.name_span, "a gate that fails holds its region until somebody resumes")
        }
        (None, None) => {
            problem.label(maker.rollout.targets_span, "a region of these can be held, by a person or for want of room")
        }
    };
    let problem = match lost.iter().all(|region| region.span == first.span) {
        _ if first.span.is_empty() => problem,
        true => problem.label(first.span, "nobody may resume these regions"),
        false => lost
            .iter()
            .take(MOST_LABELS)
            .fold(problem, |problem, region| problem.label(region.span, "nobody may resume it")),
    };
    Some(problem.help(match maker.model.teams.is_empty() {
        true => "say who may: `team ops { members \"ada\"  may everything }`",
        false => "let a team: `may resume`, everywhere or in these regions",
    }))
}

/// A stage is held by a rule, or where an approval does not come: to resume it takes one team for all of its regions.
fn stages_for_ever_held<'a>(maker: &'a Maker, picked: &'a [Vec<HostIdx>]) -> impl Iterator<Item = Problem> + 'a {
    let rule = rule_that_holds(maker, Scope::Stage);
    maker.rollout.stages.iter().zip(picked).filter_map(move |(stage, taken)| {
        let approval = stage.approval.as_ref().filter(|approval| approval.otherwise == Otherwise::Hold);
        let place = approval.map(|approval| approval.span).or(rule)?;
        let regions: Vec<RegionId> = regions_of(maker, taken).into_iter().collect();
        if somebody_may_resume(maker, &regions) {
            return None;
        }
        let what = format!("stage `{}`", stage.name);
        Some(nobody_for_all(maker, &what, "its regions", place, stage.name_span))
    })
}

fn rollout_for_ever_held(maker: &Maker) -> Option<Problem> {
    let place = rule_that_holds(maker, Scope::Rollout)?;
    let all: Vec<RegionId> = (0..maker.model.regions.len() as u32).map(RegionId).collect();
    let what = format!("rollout `{}`", maker.rollout.name);
    (!somebody_may_resume(maker, &all))
        .then(|| nobody_for_all(maker, &what, "all regions", place, maker.rollout.targets_span))
}

fn nobody_for_all(maker: &Maker, what: &str, which: &str, holds: Span, held: Span) -> Problem {
    let message = format!("no team may resume {what}: once it is held it waits for ever");
    let problem = Problem::warning(Code::WAITS_FOR_EVER, message)
        .label(holds, "holds it until somebody resumes")
        .label(held, format!("to resume it takes a team that may in {which}"));
    let some: Vec<&Team> = maker.model.teams.iter().filter(|team| may_resume_at_all(team)).collect();
    let some = list(some.iter().map(|team| &team.name));
    problem.help(format!("let one team resume everywhere: `may everything`; {some} may in a part only"))
}

/// What is rolled back is held too; but a rollout that is rolled back as a whole has come to its end.
fn rule_that_holds(maker: &Maker, scope: Scope) -> Option<Span> {
    let holds = |act: &Act| match act {
        Act::Hold(held) => *held == scope,
        Act::Rollback(held) => *held == scope && scope != Scope::Rollout,
        Act::Notify(_) => false,
    };
    maker.rollout.rules.iter().find(|rule| rule.actions.iter().any(holds)).map(|rule| rule.span)
}

fn somebody_may_resume(maker: &Maker, regions: &[RegionId]) -> bool {
    let teams = &maker.model.teams;
    // A team without members is told of by itself; who is in several may what they may together.
    let may = |person: &String| {
        let of_person = || teams.iter().filter(|team| team.members.contains(person));
        regions.iter().all(|region| of_person().any(|team| allows(team, Verb::Resume, *region)))
    };
    let of_team = |team: &Team| regions.iter().all(|region| allows(team, Verb::Resume, *region));
    teams.iter().any(of_team) || teams.iter().flat_map(|team| &team.members).any(may)
}

fn may_resume_at_all(team: &Team) -> bool {
    team.permissions.iter().any(|permission| permission.verbs.contains(&Verb::Resume))
}

const MOST_LABELS: usize = 4;
