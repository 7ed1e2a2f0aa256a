use crate::model::Keep;
use crate::plan::make::amount;
use crate::plan::make::budgets::rule_of;
use crate::plan::why::{Asked, Reason, Seat, Topic};
use crate::plan::{BudgetGroup, HostIdx, Plan};
use crate::time::{Moment, later_by};

/// With whom it is changed, and what keeps the batch from being larger or sooner.
pub(super) fn batch(asked: &Asked, host: HostIdx, seat: &Seat) -> Vec<Reason> {
    let plan = asked.plan;
    let Some((lane, batch)) = seat.lane(plan).zip(seat.batch(plan)) else { return Vec::new() };
    let others: Vec<&str> =
        batch.hosts.iter().filter(|other| **other != host).map(|other| &*plan.host(*other).name).collect();
    let mates = match others.as_slice() {
        [] => "alone".to_owned(),
        [first, second, third, more @ ..] if !more.is_empty() => {
            format!("with `{first}`, `{second}`, `{third}` and {} more", more.len())
        }
        others => format!("with {}", others.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")),
    };
    let place = match lane.site.and_then(|site| plan.sites.get(site.0 as usize)) {
        Some(site) => format!("the site `{}`", site.name),
        None => "its region".to_owned(),
    };
    let text = format!("it is changed {mates}, in batch {} of {} of {place}", seat.batch + 1, lane.batches.len());
    let mut reasons = vec![Reason::new(Topic::Batch, text).at(batch_span(asked, seat))];
    let of_lane: usize = lane.batches.iter().map(|batch| batch.hosts.len()).sum();
    // The batch before it is the one in which it could have been.
    let sooner = seat.batch.checked_sub(1).and_then(|before| lane.batches.get(before as usize));
    if let Some(sooner) = sooner {
        let limit = limit(asked, seat, of_lane);
        let (size, name) = (sooner.hosts.len(), format!("batch {}", seat.batch));
        if lane.width > 1 {
            let text = format!("at most {} are under way at once there", lane.width);
            reasons.push(Reason::new(Topic::Batch, text).at(batch_span(asked, seat)));
        } else if size >= limit {
            let text = format!("{name} was full: a batch of {of_lane} hosts takes at most {limit}");
            let change = format!("a `batch` of {} or more would take it sooner, where the budgets allow it", limit + 1);
            reasons.push(Reason::new(Topic::Batch, text).at(batch_span(asked, seat)).change(change));
        }
        let full = plan.budgets.iter().filter(|group| is_full(plan, group, host, sooner.starts_at));
        reasons.extend(full.map(|group| full_group(asked, group, &name)));
    }
    reasons
}

/// The most hosts of a batch of its lane.
fn limit(asked: &Asked, seat: &Seat, of_lane: usize) -> usize {
    let plan = asked.plan;
    let region = seat.turn(plan).map(|turn| turn.region);
    let refined = region.and_then(|region| plan.refinement(region)).and_then(|refinement| refinement.batch.as_ref());
    let said = refined.or_else(|| seat.stage(plan).and_then(|stage| stage.batch.as_ref()));
    let Some(said) = said else { return of_lane };
    let most = said.at_most.map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX));
    amount::to_take(said.amount, of_lane).min(most).max(1)
}

fn batch_span(asked: &Asked, seat: &Seat) -> Option<crate::source::Span> {
    let said = asked.said?;
    let region = seat.turn(asked.plan)?.region;
    let refinement = said.rollout.refinements.iter().find(|refinement| refinement.region == region);
    let stage = said.rollout.stages.get(seat.stage as usize)?;
    let refined = refinement.and_then(|refinement| {
        refinement.batch.as_ref().map(|batch| batch.span).or(refinement.at_once.as_ref().map(|limit| limit.span))
    });
    let of_stage = stage.batch.as_ref().map(|batch| batch.span).or(stage.at_once.as_ref().map(|limit| limit.span));
    refined.or(of_stage)
}

/// Whether a group with this host in it has no room for one more at a moment.
pub(super) fn is_full(plan: &Plan, group: &BudgetGroup, host: HostIdx, at: Moment) -> bool {
    group.hosts.binary_search(&host).is_ok() && down_at(plan, group, at) >= group.most_down()
}

/// How many of a group are down at a moment, if all goes as planned.
fn down_at(plan: &Plan, group: &BudgetGroup, at: Moment) -> u32 {
    let turns = plan.stages.iter().flat_map(|stage| &stage.turns);
    let batches = turns.flat_map(|turn| &turn.lanes).flat_map(|lane| &lane.batches);
    let under_way = batches.filter(|batch| batch.starts_at <= at && at < batch.ends_at);
    let hosts = under_way.flat_map(|batch| batch.hosts.iter().map(move |host| (batch, *host)));
    let down = hosts.filter(|(batch, host)| {
        group.hosts.binary_search(host).is_ok() && at < later_by(batch.starts_at, plan.length_on(*host))
    });
    down.count() as u32
}

fn full_group(asked: &Asked, group: &BudgetGroup, when: &str) -> Reason {
    let of = group_name(group);
    let text = format!(
        "when {when} began, {of} had none to spare: {} of {} may be down at once, since `{}` must be kept",
        group.most_down(),
        group.size,
        group.rule
    );
    let change = format!("it would go sooner with one more of {of}, or with a smaller `keep`");
    Reason::new(Topic::Budget, text).at(keep(asked, group).map(|keep| keep.span)).change(change)
}

/// ``cluster a of `mail` ``
pub(super) fn group_name(group: &BudgetGroup) -> String {
    match group.group.is_empty() {
        true => format!("`{}`", group.service),
        false => format!("{} of `{}`", group.group, group.service),
    }
}

/// The `keep` that a group comes of.
pub(super) fn keep<'a>(asked: &Asked<'a>, group: &BudgetGroup) -> Option<&'a Keep> {
    let services = &asked.said?.model.services;
    let service = services.iter().find(|service| service.name == group.service)?;
    let is_it = |keep: &&Keep| {
        let is_per = keep.per_names.first().is_none_or(|name| group.group.starts_with(name.as_str()));
        group.rule == rule_of(keep.at_least) && is_per && keep.per_names.is_empty() == group.group.is_empty()
    };
    service.keeps.iter().find(is_it)
}
