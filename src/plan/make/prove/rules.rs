use crate::diagnostic::{Code, Problem, Problems};
use crate::model::{Budget, Condition, Scope};
use crate::plan::make::Maker;
use crate::plan::make::prove::words::hosts;
use crate::plan::{HostIdx, StagePlan};

/// A rule that waits for more failures in a stage or a batch than it has hosts never fires. (Those over regions, sites and
/// the rollout the checker knows.)
pub(in crate::plan::make) fn prove(
    maker: &Maker,
    picked: &[Vec<HostIdx>],
    stages: Option<&[StagePlan]>,
    problems: &mut Problems,
) {
    for rule in &maker.rollout.rules {
        let Condition::MoreThanFailed { limit: Budget::Hosts(limit), scope } = rule.condition else { continue };
        let (most, word) = match scope {
            Scope::Stage => (picked.iter().map(Vec::len).max(), "stage"),
            Scope::Batch => (stages.and_then(largest_batch), "batch"),
            Scope::Host | Scope::Site | Scope::Region | Scope::Rollout => continue,
        };
        let Some(most) = most.filter(|most| *most as u64 <= limit) else { continue };
        let message = format!("no {word} has more than {}, so more than {limit} cannot fail in one", hosts(most));
        let problem = Problem::error(Code::NEVER_FIRES, message)
            .label(rule.span, "so this rule never fires")
            .label(maker.rollout.targets_span, "these hosts are to be changed");
        problems.push(problem.help(match most {
            1 => "take the rule out, or say `more than 0`".to_owned(),
            most => format!("say fewer than {most}, or a percentage"),
        }));
    }
}

fn largest_batch(stages: &[StagePlan]) -> Option<usize> {
    let lanes = stages.iter().flat_map(|stage| &stage.turns).flat_map(|turn| &turn.lanes);
    lanes.flat_map(|lane| &lane.batches).map(|batch| batch.hosts.len()).max()
}
