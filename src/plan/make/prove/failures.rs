use std::collections::HashMap;

use crate::diagnostic::{Code, Problem, Problems};
use crate::model::{Act, Budget, Condition, Rule, Scope, StageKind};
use crate::plan::make::budgets::Budgets;
use crate::plan::make::prove::batches::{Planned, PlannedBatches};
use crate::plan::make::{Maker, targets};
use crate::plan::{BudgetGroup, StagePlan};

/// Failures that no rule stops may not take a budget below what it keeps.
///
/// A change with a `down` step cannot: its host is counted as down before it begins, and stays so if it fails. But a runbook
/// without such a step asks no budget, and a host that fails counts as down all the same. The worst there can be is that
/// all fail that are under way at a moment, on top of as many before them as the rules let pass. That a batch can break it is
/// an error; that one host does, or one failure after the other, is for people to weigh: nothing is planned to be down.
pub(in crate::plan::make) fn prove(maker: &Maker, budgets: &Budgets, stages: &[StagePlan], problems: &mut Problems) {
    if maker.rollout.steps.iter().any(|step| step.down) {
        return;
    }
    let batches = PlannedBatches::of(maker, stages);
    let limits = Limit::all(maker);
    let mut worst: Vec<Option<Fall>> = vec![None; budgets.keeps.len()];
    for (idx, group) in budgets.groups.iter().enumerate() {
        if group.hosts.len() <= group.most_down() as usize {
            continue;
        }
        let keep = budgets.of_groups[idx] as usize;
        let found = worst_moment(maker, &batches, &limits, group).map(|moment| Fall { group, ..moment });
        if let Some(found) = found.filter(|fall| worst[keep].is_none_or(|worst| fall.missing() > worst.missing())) {
            worst[keep] = Some(found);
        }
    }
    for (fall, keep) in worst.iter().zip(&budgets.keeps) {
        if let Some(fall) = fall {
            problems.push(fall.problem(maker, *keep));
        }
    }
}

/// A moment at which failures break a budget.
#[derive(Clone, Copy)]
struct Fall<'a> {
    group: &'a BudgetGroup,
    stage: usize,
    /// Under way at once.
    at_once: u32,
    /// Failed before, without a rule that stops what follows.
    before: u32,
    /// Index of the rule that sets this limit.
    rule: Option<usize>,
}

impl Fall<'_> {
    fn missing(&self) -> u32 {
        (self.at_once + self.before).saturating_sub(self.group.most_down())
    }

    fn problem(&self, maker: &Maker, keep: crate::source::Span) -> Problem {
        let BudgetGroup { service, size, keep: kept, rule, .. } = self.group;
        let of_service = match self.group.group.as_str() {
            "" => format!("`{service}`"),
            name => format!("{name} of `{service}`"),
        };
        let stage = &maker.rollout.stages[self.stage];
        let up = size.saturating_sub(self.at_once + self.before);
        let would = format!("{of_service} has {up} up and must keep {kept}");
        let message = match (self.before, self.at_once) {
            (0, 1) => format!("if a host of `{}` fails, {would}", stage.name),
            (0, now) => format!("if the {now} hosts that `{}` changes at once fail, {would}", stage.name),
            (before, now) => format!(
                "{} can fail without a stop, and {now} more that `{}` changes then: {would}",
                targets::count(before as usize, "host"),
                stage.name
            ),
        };
        let place = match (&stage.batch, &stage.at_once) {
            (Some(batch), _) => batch.span,
            (None, Some(at_once)) => at_once.span,
            (None, None) => stage.name_span,
        };
        let room = self.group.most_down();
        // Where there is no room for one, one at once is the least that can be.
        let mut problem = match self.at_once > room.max(1) {
            true => Problem::error(Code::BUDGET_UNDER_FAILURES, message),
            false => Problem::warning(Code::BUDGET_UNDER_FAILURES, message),
        };
        problem = problem
            .label(place, format!("changes {} of them at once", self.at_once))
            .label(keep, format!("`{service}` must keep {rule}"));
        if let (Some(first), Some(last)) = (maker.rollout.steps.first(), maker.rollout.steps.last()) {
            problem = problem.label(first.span.to(last.span), "no step is `down`, so no batch asks the budget");
        }
        let stops = |rule: &&Rule| {
            rule.actions.iter().any(|act| !matches!(act, Act::Notify(_) | Act::Hold(Scope::Host | Scope::Batch)))
        };
        if let Some(rule) = self.rule.and_then(|rule| maker.rollout.rules.get(rule)).filter(stops) {
            problem = problem.label(rule.span, "stops only then");
        }
        let listed = self.group.hosts.iter().take(targets::LISTED);
        problem.hosts(listed.map(|&host| maker.fleet.name(maker.targets.host(host)))).help(match self.before {
            0 => "mark the step during which a host does not serve with `down`: then batches and failures stay within the budget",
            _ => "mark the step during which a host does not serve with `down`, or stop sooner: `on step failed { hold rollout }`",
        })
    }
}

fn worst_moment<'a>(
    maker: &Maker,
    batches: &PlannedBatches,
    limits: &[Limit],
    group: &'a BudgetGroup,
) -> Option<Fall<'a>> {
    let of_group = batches.of_group(group);
    let mut moments: Vec<usize> = (0..of_group.len()).collect();
    if moments.len() > MOST_MOMENTS {
        // The largest and the last are the worst there are; a group of so many batches is not followed through each.
        moments.sort_by_key(|idx| std::cmp::Reverse(of_group[*idx].1));
        moments.truncate(MOST_MOMENTS / 2);
        moments.extend(of_group.len() - MOST_MOMENTS / 2..of_group.len());
    }
    let falls = moments.into_iter().filter_map(|idx| {
        let now = batches.all[of_group[idx].0];
        let is_under_way = |planned: &Planned| {
            planned.stage == now.stage
                && planned.starts_at <= now.starts_at
                && now.starts_at < planned.ends_at.max(planned.starts_at + chrono::TimeDelta::seconds(1))
        };
        let (mut at_once, mut earlier) = (0, Vec::new());
        for (batch, count) in &of_group {
            let planned = batches.all[*batch];
            if is_under_way(&planned) {
                at_once += count;
            } else if planned.starts_at < now.starts_at && may_have_failed(maker, &planned, &now) {
                earlier.push((*batch, planned, *count));
            }
        }
        let (before, rule) = allowed(batches, limits, &earlier, &now);
        let fall = Fall { group, stage: now.stage, at_once, before, rule };
        (fall.missing() > 0).then_some(fall)
    });
    falls.max_by_key(|fall| (fall.missing(), std::cmp::Reverse(fall.before)))
}

/// A host of a guinea pig that fails holds its region, and no later stage begins while a region is held.
fn may_have_failed(maker: &Maker, earlier: &Planned, now: &Planned) -> bool {
    let kind = maker.rollout.stages[earlier.stage].kind;
    kind == StageKind::Wave || (earlier.stage == now.stage && earlier.region != now.region)
}

/// How many of these may have failed while what is under way now still begins: as many as the strictest rule allows.
fn allowed(
    batches: &PlannedBatches,
    limits: &[Limit],
    earlier: &[(usize, Planned, u32)],
    now: &Planned,
) -> (u32, Option<usize>) {
    let all: u32 = earlier.iter().map(|(.., count)| count).sum();
    let under = limits.iter().map(|limit| {
        let mut free = 0;
        let mut of_scopes: HashMap<usize, (u32, u32)> = HashMap::new();
        for (batch, planned, count) in earlier {
            if !limit.stops(planned, now) {
                free += count;
                continue;
            }
            let (key, total) = limit.scope_of(batches, *batch, planned);
            // Of a scope as narrow as a host each may fail as often as the limit says, and that is never.
            let most = if limit.scope == Scope::Host { 0 } else { limit.allows(total) };
            of_scopes.entry(key).or_insert((0, most)).0 += count;
        }
        (free + of_scopes.values().map(|(count, most)| *count.min(most)).sum::<u32>(), Some(limit.rule))
    });
    under.chain([(all, None)]).min_by_key(|(failed, rule)| (*failed, rule.is_none())).unwrap_or((all, None))
}

/// How many failures a rule lets pass before it acts.
struct Limit<'a> {
    rule: usize,
    scope: Scope,
    limit: Budget,
    actions: &'a [Act],
}

impl<'a> Limit<'a> {
    fn all(maker: &Maker<'a>) -> Vec<Limit<'a>> {
        let has_one_step = maker.rollout.steps.len() == 1;
        let limit = |(rule, found): (usize, &'a Rule)| {
            let (scope, limit) = match found.condition {
                Condition::MoreThanFailed { limit, scope } => (scope, limit),
                // Of several steps another may be the one that fails.
                Condition::StepFailed(step) if step.is_none() || has_one_step => (Scope::Host, Budget::Hosts(0)),
                _ => return None,
            };
            Some(Limit { rule, scope, limit, actions: &found.actions })
        };
        maker.rollout.rules.iter().enumerate().filter_map(limit).collect()
    }

    /// Whether what it does where one failed keeps the other from beginning.
    fn stops(&self, failed: &Planned, now: &Planned) -> bool {
        let region = failed.region == now.region || failed.stage < now.stage;
        self.actions.iter().any(|act| match act {
            Act::Hold(Scope::Rollout | Scope::Stage) | Act::Rollback(Scope::Rollout | Scope::Stage) => true,
            // What is rolled back holds its region.
            Act::Hold(Scope::Region) | Act::Rollback(_) => region,
            Act::Hold(Scope::Site) => failed.site.is_some() && failed.site == now.site,
            Act::Hold(Scope::Host | Scope::Batch) | Act::Notify(_) => false,
        })
    }

    /// Which scope a batch is in, and how many targets are in that.
    fn scope_of(&self, batches: &PlannedBatches, batch: usize, planned: &Planned) -> (usize, u32) {
        match (self.scope, planned.site) {
            (Scope::Host | Scope::Batch, _) | (Scope::Site, None) => (batch, planned.hosts),
            (Scope::Site, Some(site)) => (site.0 as usize, batches.in_sites[site.0 as usize]),
            (Scope::Region, _) => (planned.region.0 as usize, batches.in_regions[planned.region.0 as usize]),
            (Scope::Stage, _) => (planned.stage, batches.in_stages[planned.stage]),
            (Scope::Rollout, _) => (0, batches.in_stages.iter().sum()),
        }
    }

    fn allows(&self, of: u32) -> u32 {
        match self.limit {
            Budget::Hosts(hosts) => u32::try_from(hosts).unwrap_or(u32::MAX),
            Budget::Percent(percent) => (f64::from(of) * percent / 100.0 + 1e-9).floor().max(0.0) as u32,
        }
    }
}

const MOST_MOMENTS: usize = 200;
