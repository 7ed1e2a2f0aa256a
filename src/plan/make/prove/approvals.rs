use std::collections::BTreeSet;

use crate::diagnostic::{Code, Problem, Problems};
use crate::model::{Approval, RegionId, Stage, Team, Verb, Where};
use crate::plan::HostIdx;
use crate::plan::make::Maker;
use crate::plan::make::prove::words::list;

/// The team that a stage asks must have somebody in it, and may approve in every region that takes part. One that may
/// approve nowhere at all the checker has told of.
pub(in crate::plan::make) fn prove(maker: &Maker, picked: &[Vec<HostIdx>], problems: &mut Problems) {
    for (stage, taken) in maker.rollout.stages.iter().zip(picked) {
        let Some(approval) = &stage.approval else { continue };
        let Some(team) = maker.model.teams.get(approval.team.0 as usize) else { continue };
        problems.extend(not_allowed(maker, stage, approval, team, &regions_of(maker, taken)));
    }
}

fn not_allowed(
    maker: &Maker,
    stage: &Stage,
    approval: &Approval,
    team: &Team,
    regions: &BTreeSet<RegionId>,
) -> Option<Problem> {
    let may_at_all = team.permissions.iter().any(|permission| permission.verbs.contains(&Verb::Approve));
    let outside: Vec<&str> = regions
        .iter()
        .filter(|region| !allows(team, Verb::Approve, **region))
        .filter_map(|region| maker.model.regions.get(region.0 as usize))
        .map(|region| region.name.as_str())
        .collect();
    if !may_at_all || outside.is_empty() {
        return None;
    }
    let message =
        format!("the team `{}` may not approve `{}`: it has no say in {}", team.name, stage.name, list(&outside));
    let could: Vec<&str> = maker
        .model
        .teams
        .iter()
        .filter(|team| regions.iter().all(|region| allows(team, Verb::Approve, *region)))
        .map(|team| team.name.as_str())
        .collect();
    let help = match could.is_empty() {
        true => format!("let it: `may approve` without a region, or `in region {}` too", outside.join(", ")),
        false => format!("ask a team that may approve in all of them: {}; or let this one", list(&could)),
    };
    let problem = Problem::error(Code::CANNOT_APPROVE, message)
        .label(approval.span, "waits for its approval")
        .label(team.span, format!("what it may do, and not in {}", list(&outside)));
    Some(problem.help(help))
}

/// Whether a team may do something in a region.
pub(super) fn allows(team: &Team, verb: Verb, region: RegionId) -> bool {
    team.permissions.iter().any(|permission| {
        permission.verbs.contains(&verb)
            && match &permission.place {
                Where::Everywhere => true,
                Where::Regions(regions) => regions.contains(&region),
            }
    })
}

pub(super) fn regions_of(maker: &Maker, taken: &[HostIdx]) -> BTreeSet<RegionId> {
    taken.iter().map(|host| maker.targets.region(*host, maker.model)).collect()
}
