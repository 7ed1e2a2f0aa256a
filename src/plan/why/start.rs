use crate::model::GateId;
use crate::plan::why::batch::{group_name, is_full, keep};
use crate::plan::why::stage::region_name;
use crate::plan::why::{Asked, Reason, Seat, Topic};
use crate::plan::{HostIdx, Plan, StagePlan};
use crate::time::{Duration, Interval, Moment, Zone, later_by};

/// Whose turn comes before, where regions go one after the other.
pub(super) fn turn(asked: &Asked, seat: &Seat) -> Option<Reason> {
    let plan = asked.plan;
    let stage = seat.stage(plan)?;
    if stage.together || stage.turns.len() < 2 {
        return None;
    }
    let region = region_name(plan, seat.turn(plan)?.region);
    let (place, of) = (seat.turn + 1, stage.turns.len());
    let before = seat.turn.checked_sub(1).and_then(|before| stage.turns.get(before as usize));
    let text = match before {
        None => format!("the region `{region}` is the first of {of} in this stage"),
        Some(before) => {
            let before = region_name(plan, before.region);
            format!("the region `{region}` is number {place} of {of} in this stage, after `{before}`")
        }
    };
    Some(Reason::new(Topic::Turn, text).at(stage_name_span(asked, seat)))
}

/// Why it begins when it does: what came last of all that it waits for.
pub(super) fn start(asked: &Asked, host: HostIdx, seat: &Seat) -> Vec<Reason> {
    let plan = asked.plan;
    let Some(((stage, lane), batch)) = seat.stage(plan).zip(seat.lane(plan)).zip(seat.batch(plan)) else {
        return Vec::new();
    };
    let zone = zone_of(plan, host);
    let at = batch.starts_at;
    let mut reasons = vec![window(asked, host, seat)];
    let previous = seat.batch.checked_sub(1).and_then(|before| lane.batches.get(before as usize));
    let turn_before =
        seat.turn.checked_sub(1).filter(|_| !stage.together).and_then(|one| stage.turns.get(one as usize));
    let turn_begins = turn_before.map_or(stage.starts_at, |turn| {
        let batches = turn.lanes.iter().flat_map(|lane| &lane.batches);
        batches.map(|batch| batch.ends_at).max().unwrap_or(stage.starts_at)
    });
    let ready_at = later_by(turn_begins, plan.ahead_length());
    let text = if opening(plan, host, at).is_some_and(|window| window.start == at) {
        format!("it begins at {}, when the window opens", zone.show(at))
    } else if previous.is_some_and(|previous| previous.ends_at <= at && at > ready_at) {
        format!("it begins at {}, when batch {} and its gates are through", zone.show(at), seat.batch)
    } else if at > ready_at {
        format!("it begins at {}, when others of its budgets are up again", zone.show(at))
    } else if turn_before.is_some() {
        format!("it begins at {}, when the region before it is through", zone.show(at))
    } else if seat.stage == 0 {
        format!("it begins at {}, when the rollout does", zone.show(at))
    } else {
        format!("it begins at {}, when stage `{}` is through", zone.show(at), stage_name(plan, seat.stage - 1))
    };
    reasons.push(Reason::new(Topic::Start, text));
    if let Some(before) = seat.stage.checked_sub(1).and_then(|before| plan.stages.get(before as usize)) {
        reasons.extend(between(asked, seat.stage - 1, before));
    }
    reasons
}

/// When change is allowed where the host stands.
pub(super) fn window(asked: &Asked, host: HostIdx, seat: &Seat) -> Reason {
    let plan = asked.plan;
    let region = plan.region_of(host);
    let zone = zone_of(plan, host);
    let schedule = plan.sites.get(plan.host(host).site.0 as usize).map(|site| &site.schedule);
    let windows = schedule.map_or(&[][..], |schedule| &schedule.windows);
    let freezes = schedule.map_or(&[][..], |schedule| &schedule.freezes);
    let when = match windows.is_empty() {
        true => "at any time".to_owned(),
        false => windows.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and "),
    };
    let frozen = match freezes.is_empty() {
        true => String::new(),
        false => {
            let names: Vec<String> = freezes.iter().map(|freeze| format!("`{}`", freeze.calendar.name)).collect();
            format!(", not on the days of {}", names.join(" and "))
        }
    };
    let open = seat.batch(plan).and_then(|batch| opening(plan, host, batch.starts_at));
    let open = open.map_or_else(String::new, |open| {
        format!(": this one is open from {} to {}", zone.show(open.start), zone.show(open.end))
    });
    let text = format!("change is allowed there {when}{frozen}, in {}{open}", zone.name());
    let said = asked.said.and_then(|said| {
        let refined = said.rollout.refinements.iter().find(|refinement| refinement.region == region);
        let own = said.model.regions.get(region.0 as usize).map(|region| &region.window_spans);
        let refined = refined.map(|refinement| &refinement.window_spans).filter(|spans| !spans.is_empty());
        refined.or(own).and_then(|spans| spans.first()).copied()
    });
    Reason::new(Topic::Window, text).at(said)
}

/// How far back the opening of a stretch of open time is looked for.
const LOOKED_BACK: Duration = Duration::from_seconds(7 * 86_400);

/// The whole stretch of open time that a moment lies in; none where it is open for longer than one looks back.
fn opening(plan: &Plan, host: HostIdx, at: Moment) -> Option<Interval> {
    let schedule = &plan.sites.get(plan.host(host).site.0 as usize)?.schedule;
    let from = at - LOOKED_BACK.to_chrono();
    let mut open = schedule.next_open(from)?;
    while open.end <= at {
        open = schedule.next_open(open.end)?;
    }
    (open.start > from && open.contains(at)).then_some(open)
}

/// What stands between the stage before and this one.
fn between(asked: &Asked, idx: u32, stage: &StagePlan) -> Vec<Reason> {
    let plan = asked.plan;
    let said = asked.said.and_then(|said| said.rollout.stages.get(idx as usize));
    let mut reasons = Vec::new();
    if !stage.soak.is_zero() {
        let text = format!("stage `{}` before it soaks for {}", stage.name, stage.soak);
        let change = format!("a shorter soak of `{}`", stage.name);
        reasons.push(Reason::new(Topic::Soak, text).at(said.and_then(|stage| stage.soak_span)).change(change));
    }
    if let Some(approval) = &stage.approval {
        let team = plan.teams.get(approval.team.0 as usize).map_or("", |team| &team.name);
        let text = format!("stage `{}` before it waits for `{team}` to approve", stage.name);
        reasons.push(Reason::new(Topic::Approval, text).at(approval.span));
    }
    reasons
}

/// What is asked once it is changed, and by when it must have ended.
pub(super) fn after(asked: &Asked, seat: &Seat) -> Vec<Reason> {
    let plan = asked.plan;
    let Some((stage, turn)) = seat.stage(plan).zip(seat.turn(plan)) else { return Vec::new() };
    let said = asked.said.and_then(|said| said.rollout.stages.get(seat.stage as usize));
    let mut reasons = Vec::new();
    if let Some(finish) = stage.finish_before {
        let by = match finish {
            crate::model::Finish::Time(time) => time.format("%H:%M").to_string(),
            crate::model::Finish::Sunrise => "sunrise".to_owned(),
        };
        let text = format!("it must have ended before {by}, in its own time");
        reasons.push(Reason::new(Topic::Finish, text).at(said.and_then(|stage| stage.finish_span)));
    }
    let refinement = plan.refinement(turn.region);
    let refined = refinement.map_or(&[][..], |refinement| &refinement.gates);
    let gates: Vec<&GateId> = stage.gates.iter().chain(refined).collect();
    for gate in gates {
        let Some(gate) = plan.gates.get(gate.0 as usize) else { continue };
        let lasts = if gate.lasts_for.is_zero() { String::new() } else { format!(" for {}", gate.lasts_for) };
        let text = format!("`{}` must pass{lasts} before what follows it begins", gate.name);
        reasons.push(Reason::new(Topic::Gate, text).at(asked.said.map(|_| gate.span)));
    }
    if refinement.is_some() {
        let region = region_name(plan, turn.region);
        let place = asked
            .said
            .and_then(|said| said.rollout.refinements.iter().find(|refinement| refinement.region == turn.region));
        let text = format!("the team of `{region}` has tightened the rollout there");
        reasons.push(Reason::new(Topic::Refinement, text).at(place.map(|refinement| refinement.span)));
    }
    reasons
}

/// The budgets of a host that have no room at a moment.
pub(super) fn full_budgets<'a>(asked: &'a Asked, host: HostIdx, at: Moment) -> impl Iterator<Item = Reason> + 'a {
    let full = asked.plan.budgets.iter().filter(move |group| is_full(asked.plan, group, host, at));
    full.map(|group| {
        let text = format!(
            "{} has none to spare: {} of {} are down, and `{}` must be kept",
            group_name(group),
            group.most_down(),
            group.size,
            group.rule
        );
        Reason::new(Topic::Budget, text).at(keep(asked, group).map(|keep| keep.span))
    })
}

pub(super) fn stage_name(plan: &Plan, stage: u32) -> &str {
    plan.stages.get(stage as usize).map_or("", |stage| &stage.name)
}

pub(super) fn zone_of(plan: &Plan, host: HostIdx) -> Zone {
    let site = plan.sites.get(plan.host(host).site.0 as usize);
    site.map_or_else(Zone::utc, |site| site.schedule.zone.clone())
}

pub(super) fn stage_name_span(asked: &Asked, seat: &Seat) -> Option<crate::source::Span> {
    asked.said?.rollout.stages.get(seat.stage as usize).map(|stage| stage.name_span)
}
