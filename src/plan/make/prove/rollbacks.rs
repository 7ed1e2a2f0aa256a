use std::collections::BTreeMap;

use crate::diagnostic::{Code, Problem, Problems};
use crate::model::{Act, Budget, Condition, GateId, Rule, Scope, Stage, StageKind};
use crate::plan::make::budgets::Budgets;
use crate::plan::make::prove::batches::{Planned, PlannedBatches};
use crate::plan::make::prove::words::hosts;
use crate::plan::make::{Maker, targets};
use crate::plan::{BudgetGroup, StagePlan};
use crate::source::Span;
use crate::time::{Duration, later_by};

/// A rollback never breaks a budget by its own doing: a host that is up waits for room before it is undone. So there are two
/// ways in which it comes to grief.
///
/// Where no step is `down` it asks no budget, and undoes all at once: undos that fail, which those of one cause do together,
/// can take more down than the budget allows.
///
/// Where it does ask, hosts that failed and that no rule undoes can hold all the room: then it waits for a person. That is
/// told where so few failures lead there as somebody looks at who explores.
pub(in crate::plan::make) fn prove(maker: &Maker, budgets: &Budgets, stages: &[StagePlan], problems: &mut Problems) {
    let batches = PlannedBatches::of(maker, stages);
    let draws = maker.rollout.steps.iter().any(|step| step.down);
    let mut found: BTreeMap<(u32, usize), Trouble> = BTreeMap::new();
    let rollbacks: Vec<Rollback> = Rollback::all(maker).collect();
    for (group, keep) in budgets.groups.iter().zip(&budgets.of_groups) {
        // Most groups have more room than a few failures take.
        if rollbacks.is_empty() || (draws && !(1..=MOST_FAILURES).contains(&group.most_down())) {
            continue;
        }
        let of_group = batches.of_group(group);
        for rollback in &rollbacks {
            let trouble = match draws {
                true => stuck(maker, &batches, group, &of_group, rollback),
                false => at_once(&batches, group, &of_group, rollback.scope),
            };
            let Some((down, stage)) = trouble else { continue };
            let trouble = Trouble { group, down, stage, place: rollback.place };
            let worst = found.entry((*keep, rollback.rule)).or_insert(trouble);
            if worst.down < down {
                *worst = trouble;
            }
        }
    }
    for ((keep, _), trouble) in found {
        let Some(keep) = budgets.keeps.get(keep as usize) else { continue };
        // What breaks a budget already while it goes forward is told of once.
        let is_told = |problem: &Problem| {
            problem.code == Code::BUDGET_UNDER_FAILURES && problem.labels.iter().any(|label| label.span == *keep)
        };
        if !problems.iter().any(is_told) {
            problems.push(trouble.problem(maker, draws, *keep));
        }
    }
}

/// A rule that undoes something.
struct Rollback<'a> {
    /// Its place among the rules.
    rule: usize,
    condition: &'a Condition,
    scope: Scope,
    place: Span,
}

impl<'a> Rollback<'a> {
    fn all(maker: &Maker<'a>) -> impl Iterator<Item = Rollback<'a>> {
        maker.rollout.rules.iter().enumerate().filter_map(|(rule, found)| {
            let scope = found.actions.iter().filter_map(|act| match act {
                Act::Rollback(scope) => Some(*scope),
                Act::Hold(_) | Act::Notify(_) => None,
            });
            Some(Rollback { rule, condition: &found.condition, scope: scope.max()?, place: found.span })
        })
    }

    /// Of which gates' answers it is the consequence; of none where it follows failures.
    fn follows(&self, stage: &Stage) -> Vec<GateId> {
        match self.condition {
            Condition::GateFailed(gate) | Condition::GateUnknown(gate) => {
                stage.gates.iter().copied().filter(|one| gate.is_none_or(|gate| gate == *one)).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// A group of a budget whose rollback comes to grief.
#[derive(Clone, Copy)]
struct Trouble<'a> {
    group: &'a BudgetGroup,
    /// How many hosts are, or can come, down.
    down: u32,
    stage: usize,
    place: Span,
}

impl Trouble<'_> {
    fn problem(&self, maker: &Maker, draws: bool, keep: Span) -> Problem {
        let BudgetGroup { service, size, keep: kept, rule, .. } = self.group;
        let of_service = match self.group.group.as_str() {
            "" => format!("`{service}`"),
            name => format!("{name} of `{service}`"),
        };
        let stage = &maker.rollout.stages[self.stage];
        let down = hosts(self.down as usize);
        let problem = match draws {
            true => Problem::warning(
                Code::BUDGET_IN_ROLLBACK,
                format!("a rollback in {of_service} can wait for ever: {down} that failed and is not undone takes all the room"),
            )
            .label(self.place, "undoes hosts that are up, as far as the budget has room")
            .label(keep, format!("lets {} be down", hosts(self.group.most_down() as usize)))
            .label(stage.name_span, "a host of it that fails stays down, and no rule undoes it")
            .help("undo what fails too: `on step failed { rollback host }`"),
            false => Problem::warning(
                Code::BUDGET_IN_ROLLBACK,
                format!(
                    "this rollback undoes {down} of {of_service} at once: should the undo fail, {} and {kept} must be",
                    match size.saturating_sub(self.down) {
                        0 => "none is up".to_owned(),
                        1 => "1 is up".to_owned(),
                        up => format!("{up} are up"),
                    }
                ),
            )
            .label(self.place, "undoes them at once")
            .label(keep, format!("`{service}` must keep {rule}"))
            .help("mark the step during which a host does not serve with `down`: then a rollback goes as far as the budget has room"),
        };
        let listed = self.group.hosts.iter().take(targets::LISTED);
        problem.hosts(listed.map(|&host| maker.fleet.name(maker.targets.host(host))))
    }
}

/// The most hosts of a group that one rollback undoes together, where that is more than may be down.
fn at_once(
    batches: &PlannedBatches,
    group: &BudgetGroup,
    of_group: &[(usize, u32)],
    scope: Scope,
) -> Option<(u32, usize)> {
    let mut of_scopes: BTreeMap<usize, (u32, usize)> = BTreeMap::new();
    for (batch, count) in of_group {
        let planned = &batches.all[*batch];
        let (key, count) = match scope {
            Scope::Host => (*batch, 1),
            Scope::Batch => (*batch, *count),
            Scope::Site => (planned.site.map_or(*batch, |site| site.0 as usize), *count),
            Scope::Region => (planned.region.0 as usize, *count),
            Scope::Stage => (planned.stage, *count),
            Scope::Rollout => (0, *count),
        };
        let entry = of_scopes.entry(key).or_insert((0, planned.stage));
        *entry = (entry.0 + count, planned.stage);
    }
    of_scopes.into_values().max().filter(|(count, _)| *count > group.most_down())
}

/// How many failures elsewhere hold up the undoing of a host that is up, and in which stage; none where it takes more than a
/// few, or where they would be undone.
///
/// After a batch its gates are asked while other lanes go on: what fails there has the room that it gave back. After a
/// soak all are asked: what failed last has it.
fn stuck(
    maker: &Maker,
    batches: &PlannedBatches,
    group: &BudgetGroup,
    of_group: &[(usize, u32)],
    rollback: &Rollback,
) -> Option<(u32, usize)> {
    let room = group.most_down();
    if !(1..=MOST_FAILURES).contains(&room) || rollback.scope >= Scope::Stage {
        return None;
    }
    let acts: Vec<&Rule> = maker.rollout.rules.iter().filter(|rule| fires_on(batches, rule, room)).collect();
    let undoes = |rule: &&&Rule| rule.actions.iter().any(|act| matches!(act, Act::Rollback(_)));
    if acts.iter().any(|rule| undoes(&rule)) {
        return None;
    }
    maker.rollout.stages.iter().enumerate().find_map(|(idx, stage)| {
        let gates = rollback.follows(stage);
        let here: Vec<(Planned, u32)> = of_group
            .iter()
            .map(|(batch, count)| (batches.all[*batch], *count))
            .filter(|(planned, _)| planned.stage == idx)
            .collect();
        let mut by_start = here.clone();
        by_start.sort_by_key(|(planned, _)| planned.starts_at);
        let lasts = asked_for(maker, &gates)?;
        let beside = here.iter().any(|(first, _)| {
            let until = later_by(first.ends_at, lasts);
            // In one lane others go on only where it is a sliding one.
            let is_beside = |other: &Planned| {
                (other.lane != first.lane || stage.at_once.is_some())
                    && (first.ends_at..=until).contains(&other.starts_at)
            };
            // Few begin within so short a time: the others need not be looked at.
            let from = by_start.partition_point(|(other, _)| other.starts_at < first.ends_at);
            let near = by_start[from..].iter().take_while(|(other, _)| other.starts_at <= until);
            let failing = near.filter(|(other, _)| is_beside(other) && !is_within(rollback.scope, first, other));
            failing.map(|(_, count)| count).sum::<u32>() >= room
        });
        let after_soak = !stage.soak.is_zero() && acts.is_empty() && stage.kind == StageKind::Wave && {
            let mut last = here.clone();
            last.sort_by_key(|(planned, _)| std::cmp::Reverse(planned.starts_at));
            let mut failed = 0;
            let last: Vec<Planned> = last
                .into_iter()
                .take_while(|(_, count)| {
                    let is_needed = failed < room;
                    failed += count;
                    is_needed
                })
                .map(|(planned, _)| planned)
                .collect();
            failed >= room
                && here.iter().any(|(first, _)| {
                    last.iter()
                        .all(|other| first.ends_at <= other.starts_at && !is_within(rollback.scope, first, other))
                })
        };
        (beside || after_soak).then_some((room, idx))
    })
}

/// Whether a rollback of the scope that the one batch is in undoes the other too.
fn is_within(scope: Scope, one: &Planned, other: &Planned) -> bool {
    match scope {
        Scope::Host | Scope::Batch => false,
        Scope::Site => one.site.is_some() && one.site == other.site,
        Scope::Region => one.region == other.region,
        Scope::Stage | Scope::Rollout => true,
    }
}

/// For how long these gates may be asked; none where there are none.
fn asked_for(maker: &Maker, gates: &[GateId]) -> Option<Duration> {
    let gates = gates.iter().filter_map(|gate| maker.rollout.gates.get(gate.0 as usize));
    gates.map(|gate| gate.within.unwrap_or(Duration::ZERO).max(gate.lasts_for)).max()
}

/// Whether so many failures, and maybe fewer, set a rule off.
fn fires_on(batches: &PlannedBatches, rule: &Rule, failures: u32) -> bool {
    match rule.condition {
        Condition::StepFailed(_) => true,
        Condition::MoreThanFailed { limit: Budget::Hosts(hosts), .. } => hosts < u64::from(failures),
        Condition::MoreThanFailed { limit: Budget::Percent(percent), scope } => {
            let smallest = match scope {
                Scope::Host => Some(1),
                Scope::Batch => batches.all.iter().map(|batch| batch.hosts).min(),
                Scope::Site => smallest(&batches.in_sites),
                Scope::Region => smallest(&batches.in_regions),
                Scope::Stage => smallest(&batches.in_stages),
                Scope::Rollout => Some(batches.in_stages.iter().sum()),
            };
            smallest.is_some_and(|of| f64::from(failures) * 100.0 > percent * f64::from(of))
        }
        _ => false,
    }
}

fn smallest(counts: &[u32]) -> Option<u32> {
    counts.iter().copied().filter(|count| *count > 0).min()
}

/// As many as are explored where nobody says otherwise.
const MOST_FAILURES: u32 = 2;
