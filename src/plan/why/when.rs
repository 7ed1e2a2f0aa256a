use crate::plan::why::stage::region_name;
use crate::plan::why::start::{full_budgets, stage_name, stage_name_span, window, zone_of};
use crate::plan::why::{Asked, Reason, Seat, Topic};
use crate::plan::{HostIdx, Plan};
use crate::time::{Moment, later_by};

/// What holds a host back at a moment of the plan, the widest first, and when it goes.
pub(super) fn why_not_at(asked: &Asked, host: HostIdx, seat: &Seat, at: Moment) -> Vec<Reason> {
    let plan = asked.plan;
    let Some(((stage, lane), batch)) = seat.stage(plan).zip(seat.lane(plan)).zip(seat.batch(plan)) else {
        return Vec::new();
    };
    let zone = zone_of(plan, host);
    let up_at = later_by(batch.starts_at, plan.length_on(host));
    if at >= up_at {
        return vec![Reason::new(Topic::Now, format!("it is done, since {}", zone.show(up_at)))];
    }
    if at >= batch.starts_at {
        return vec![Reason::new(Topic::Now, under_way(plan, host, batch.starts_at, at))];
    }
    let mut reasons = Vec::new();
    if at < plan.starts_at {
        let text = format!("the rollout does not begin before {}", zone.show(plan.starts_at));
        reasons.push(Reason::new(Topic::Now, text).at(asked.said.map(|said| said.rollout.span)));
    } else if at < stage.starts_at {
        reasons.push(earlier_stage(asked, at));
    } else {
        let turn_before = seat.turn.checked_sub(1).filter(|_| !stage.together);
        let before = turn_before.and_then(|before| stage.turns.get(before as usize));
        let is_turn_over = before.is_none_or(|turn| {
            let batches = turn.lanes.iter().flat_map(|lane| &lane.batches);
            batches.map(|batch| batch.ends_at).max().is_none_or(|ends_at| ends_at <= at)
        });
        match before.filter(|_| !is_turn_over) {
            Some(before) => {
                let text =
                    format!("the region `{}` comes before it, and is not through", region_name(plan, before.region));
                reasons.push(Reason::new(Topic::Turn, text).at(stage_name_span(asked, seat)));
            }
            None => {
                let earlier =
                    lane.batches.iter().take(seat.batch as usize).rposition(|earlier| earlier.starts_at <= at);
                let waits_for = earlier.filter(|earlier| lane.width == 1 && *earlier + 1 == seat.batch as usize);
                if let Some(earlier) = waits_for {
                    let text = format!("batch {} before it is not through its steps and gates", earlier + 1);
                    reasons.push(Reason::new(Topic::Batch, text).at(stage_name_span(asked, seat)));
                }
                reasons.extend(full_budgets(asked, host, at));
            }
        }
    }
    let schedule = plan.sites.get(plan.host(host).site.0 as usize).map(|site| &site.schedule);
    if schedule.is_some_and(|schedule| !schedule.is_open(at)) {
        let opens = schedule.and_then(|schedule| schedule.next_open(at));
        let opens = opens.map_or_else(String::new, |open| format!("; the next window opens {}", zone.show(open.start)));
        let place = window(asked, host, seat).place;
        reasons.push(Reason::new(Topic::Window, format!("no window is open there at that moment{opens}")).at(place));
    }
    let text = format!("it begins at the earliest at {}", zone.show(batch.starts_at));
    reasons.push(Reason::new(Topic::Next, text));
    reasons
}

/// Which step, if each takes what it usually does.
fn under_way(plan: &Plan, host: HostIdx, begun_at: Moment, at: Moment) -> String {
    let mut ends_at = begun_at;
    let steps = plan.steps.iter().filter(|step| !step.ahead && !plan.passes_over(host, step));
    let step = steps.into_iter().find(|step| {
        ends_at = later_by(ends_at, step.takes);
        at < ends_at
    });
    let name = step.map_or("", |step| &step.name);
    format!("it is being changed: step `{name}`, until {}", zone_of(plan, host).show(ends_at))
}

/// The stage that is under way instead, and what it waits for.
fn earlier_stage(asked: &Asked, at: Moment) -> Reason {
    let plan = asked.plan;
    let under_way = (0..).zip(&plan.stages).take_while(|(_, stage)| stage.starts_at <= at).last();
    let Some((idx, stage)) = under_way else {
        return Reason::new(Topic::Stage, "no stage has begun");
    };
    let batches = stage.turns.iter().flat_map(|turn| &turn.lanes).flat_map(|lane| &lane.batches);
    let last = batches.map(|batch| batch.ends_at).max().unwrap_or(stage.starts_at);
    let said = asked.said.and_then(|said| said.rollout.stages.get(idx as usize));
    let name = stage_name(plan, idx);
    if at < last {
        let text = format!("stage `{name}` comes before it, and its hosts are not all changed");
        return Reason::new(Topic::Stage, text).at(said.map(|stage| stage.name_span));
    }
    let text = format!("stage `{name}` comes before it, and soaks for {}", stage.soak);
    let place = said.and_then(|stage| stage.soak_span.or(Some(stage.name_span)));
    Reason::new(Topic::Soak, text).at(place).change(format!("a shorter soak of `{name}`"))
}
