//! What is said of a plan that is there: that it ends too late, that its guinea pigs stand for too little, that it breaks
//! the policy.

use std::collections::BTreeSet;

use crate::case::{Amount, Case, Cell, DayRule, Openings, Rule};
use crate::opinion::{Planned, is_between};
use crate::refined::{Limits, refinement};

/// Which problems a plan has.
#[derive(Debug, PartialEq, Eq, Default)]
pub struct Late {
    /// The region that is done last; none where the deadline is over before the start.
    pub missed_by: Option<Option<String>>,
    pub is_untried: bool,
    /// Of the policy, which members that are seen in the script, and which only in the plan.
    pub broken_as_written: BTreeSet<usize>,
    pub broken_as_planned: BTreeSet<usize>,
}

pub fn late(case: &Case, planned: &Planned) -> Late {
    let is_broken = |(_, rule): &(usize, &Rule)| is_broken(case, planned, rule);
    let all: Vec<(usize, &Rule)> = case.policy.iter().enumerate().collect();
    let is_of_the_plan = |rule: &Rule| matches!(rule, Rule::Batch(..) | Rule::Forbid(..));
    let broken: Vec<(usize, &Rule)> = all.into_iter().filter(is_broken).collect();
    let of = |planned: bool| {
        broken.iter().filter(|(_, rule)| is_of_the_plan(rule) == planned).map(|(idx, _)| *idx).collect()
    };
    Late {
        missed_by: missed_by(case, planned),
        is_untried: is_untried(case, planned),
        broken_as_written: of(false),
        broken_as_planned: of(true),
    }
}

fn missed_by(case: &Case, planned: &Planned) -> Option<Option<String>> {
    let deadline = case.deadline?.at;
    let last = planned.stages.last()?;
    if last.ends as i64 <= deadline {
        return None;
    }
    if case.start as i64 >= deadline {
        return Some(None);
    }
    let mut done: Option<(usize, &String)> = None;
    for turn in &last.turns {
        for (_, _, end) in turn.lanes.iter().flat_map(|lane| &lane.batches) {
            if done.is_none_or(|(last, _)| *end > last) {
                done = Some((*end, &turn.region));
            }
        }
    }
    done.map(|(_, region)| Some(region.clone()))
}

/// Some wave gives a package to a host that no guinea pig before it had, or comes before all guinea pigs.
fn is_untried(case: &Case, planned: &Planned) -> bool {
    if case.stages.iter().all(|stage| !stage.is_guinea_pig) {
        return false;
    }
    let package = |host: &usize| planned.hosts[*host].as_ref().unwrap().package.clone();
    (0..case.stages.len()).filter(|stage| !case.stages[*stage].is_guinea_pig).any(|wave| {
        let earlier: Vec<usize> = (0..wave).filter(|stage| case.stages[*stage].is_guinea_pig).collect();
        let tried: Vec<(usize, Vec<Cell>)> =
            earlier.iter().flat_map(|stage| &planned.picked[*stage]).map(package).collect();
        earlier.is_empty() || planned.picked[wave].iter().any(|host| !tried.contains(&package(host)))
    })
}

fn is_broken(case: &Case, planned: &Planned, rule: &Rule) -> bool {
    match rule {
        Rule::GuineaPig => !case.stages[0].is_guinea_pig,
        Rule::Gate(gates) if gates.is_empty() => case.stages.iter().any(|stage| stage.gates.is_empty()),
        Rule::Gate(gates) => case.stages.iter().any(|stage| gates.iter().any(|gate| !stage.gates.contains(gate))),
        Rule::Approval(by) => {
            // Without a wave there is none to come before.
            let wave = case.stages.iter().position(|stage| !stage.is_guinea_pig);
            let is_asked = |approval: Option<usize>| approval.is_some() && by.is_none_or(|by| approval == Some(by));
            wave.is_some_and(|wave| !case.stages[..wave].iter().any(|stage| is_asked(stage.approval)))
        }
        Rule::Soak(least) => case.stages.iter().any(|stage| stage.is_guinea_pig && stage.soak < *least),
        Rule::Undo => case.steps.iter().any(|step| !step.can_be_undone),
        Rule::Batch(amount, per_site) => is_crowded(case, planned, *amount, *per_site),
        Rule::Forbid(from, to) => planned.sites.iter().any(|site| {
            let is_changed = site.hosts.iter().any(|host| planned.hosts[*host].is_some());
            is_changed && opens_within(case, &planned.regions[site.region].openings, *from, *to)
        }),
    }
}

/// Whether more hosts of a place can be under way at once than the policy's batch would be: of each lane any of its batches,
/// or any so many together as it is wide, however the lanes drift.
fn is_crowded(case: &Case, planned: &Planned, amount: Amount, per_site: bool) -> bool {
    let stages = planned.stages.iter().zip(&case.stages);
    stages.into_iter().any(|(stage, written)| {
        stage.turns.iter().any(|turn| {
            let width = Limits::of(written, refinement(case, &turn.region)).width();
            (0..planned.sites.len()).any(|site| {
                let counts = |host: &&usize| {
                    let own = planned.hosts[**host].as_ref().unwrap();
                    if per_site { own.site == site } else { planned.sites[site].region == own.region }
                };
                let of_lanes = turn.lanes.iter().map(|lane| {
                    let sizes: Vec<usize> =
                        lane.batches.iter().map(|(hosts, _, _)| hosts.iter().filter(counts).count()).collect();
                    (sizes.iter().sum::<usize>(), most_of_any(&sizes, width))
                });
                let (all, at_once) = of_lanes.fold((0, 0), |sum, lane| (sum.0 + lane.0, sum.1 + lane.1));
                all > 0 && at_once > amount.to_take(all)
            })
        })
    })
}

/// The largest sum of so many of some numbers, by trying each set.
fn most_of_any(sizes: &[usize], most: usize) -> usize {
    match (sizes, most) {
        ([], _) | (_, 0) => 0,
        ([first, rest @ ..], _) => (first + most_of_any(rest, most - 1)).max(most_of_any(rest, most)),
    }
}

/// Whether some window of a region is open at a minute of a stretch of the week, in a week of calm clocks. Of calendars only
/// what closes a weekday in every week counts.
fn opens_within(
    case: &Case,
    openings: &Openings,
    (first, from): (usize, Option<usize>),
    (last, to): (usize, Option<usize>),
) -> bool {
    const DAY: usize = 1440;
    const WEEK: usize = 7 * DAY;
    let weekly = |calendar: &usize, day: usize| {
        case.calendars[*calendar].rules.iter().any(|rule| match rule {
            DayRule::Weekdays(first, last) => is_between((*first, *last), day),
            _ => false,
        })
    };
    let mut open = vec![openings.windows.is_empty(); WEEK];
    for window in &openings.windows {
        for day in 0..7 {
            if !is_between(window.days, day) || window.except.iter().any(|calendar| weekly(calendar, day)) {
                continue;
            }
            let length = (window.closes + DAY - window.opens - 1) % DAY + 1;
            (0..length).for_each(|minute| open[(day * DAY + window.opens + minute) % WEEK] = true);
        }
    }
    for day in (0..7).filter(|day| openings.freezes.iter().any(|freeze| weekly(freeze, *day))) {
        open[day * DAY..(day + 1) * DAY].fill(false);
    }
    let from = first * DAY + from.unwrap_or(0);
    let to = (last * DAY + to.unwrap_or(DAY)) % WEEK;
    let length = (to + WEEK - from - 1) % WEEK + 1;
    (0..length).any(|minute| open[(from + minute) % WEEK])
}
