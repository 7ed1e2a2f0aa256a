use crate::diagnostic::harmless;
use crate::engine::{Answer, HostState, Outcome, Status, Target, Waiting};
use crate::model::StageKind;
use crate::plan::{Plan, StagePlan};
use crate::report::places::{count, host_name, lane_of, place, some_hosts, stage_name, step_name, subject};
use crate::time::{Moment, show_utc};

/// One line of progress, or none for what a batch's own line will say. Without a line end.
pub fn progress_line(at: Moment, status: &Status, plan: &Plan) -> Option<String> {
    Some(format!("{}  {}", show_utc(at), words(status, plan)?))
}

/// What a status says; none for what another line will say.
pub(super) fn words(status: &Status, plan: &Plan) -> Option<String> {
    Some(match status {
        Status::StageBegan { stage } => {
            let planned = plan.stages.get(*stage as usize)?;
            format!("{} {}: {}", kind(planned), harmless(&planned.name), count(hosts_in(planned), "host"))
        }
        Status::AheadBegan { stage, turn, hosts, .. } => {
            let region = plan.stages.get(*stage as usize)?.turns.get(*turn as usize)?.region;
            let steps: Vec<_> = (0..plan.ahead_steps()).map(|step| step_name(plan, step)).collect();
            let of = place(plan, Target::Region(region));
            let hosts = format!("{}: {}", count(hosts.len(), "host"), some_hosts(plan, hosts, 6));
            format!("  {of}: ahead of its batches {} on {hosts}", steps.join(", "))
        }
        Status::BatchBegan { stage, turn, lane, batch, hosts } => {
            let batches =
                &plan.stages.get(*stage as usize)?.turns.get(*turn as usize)?.lanes.get(*lane as usize)?.batches;
            let target = Target::Batch { stage: *stage, turn: *turn, lane: *lane, batch: *batch };
            // Of a sliding lane each host is a batch.
            if let (true, [host]) = (slides(plan, target), hosts.as_slice()) {
                let lane = lane_of(plan, target);
                return Some(format!(
                    "  {lane}: {} begins ({} of {})",
                    host_name(plan, *host),
                    batch + 1,
                    batches.len()
                ));
            }
            let of = format!("{} ({} in all)", place(plan, target), batches.len());
            format!("  {of}: {} begin: {}", count(hosts.len(), "host"), some_hosts(plan, hosts, 6))
        }
        Status::BatchEnded { stage, turn, lane, batch, done, failed } => {
            let target = Target::Batch { stage: *stage, turn: *turn, lane: *lane, batch: *batch };
            if slides(plan, target) {
                let host = host_of(plan, target)?;
                // What became of a host that failed has been said.
                return (*failed == 0).then(|| format!("  {}: {host} is done", lane_of(plan, target)));
            }
            let failed = if *failed == 0 { String::new() } else { format!(", {failed} FAILED") };
            format!("  {}: {done} done{failed}", place(plan, target))
        }
        Status::HostChanged { host, state } => format!("    {}: {}", host_name(plan, *host), trouble(*state, plan)?),
        Status::GateAnswered { gate, subject: of, answer, detail } => {
            let gate = plan.gates.get(gate.0 as usize)?;
            let detail = if detail.is_empty() { String::new() } else { format!(" ({})", harmless(detail)) };
            let answer = match answer {
                Answer::Pass => "pass",
                Answer::Fail => "FAIL",
                Answer::Unknown => "UNKNOWN",
            };
            format!("  gate {} of {}: {answer}{detail}", harmless(&gate.name), subject(plan, *of))
        }
        Status::Soaking { stage, until } => format!("  {} soaks until {}", stage_name(plan, *stage), show_utc(*until)),
        Status::StageEnded { stage } => {
            format!("{} {} is through", kind(plan.stages.get(*stage as usize)?), stage_name(plan, *stage))
        }
        Status::RuleFired { rule } => format!("  rule {} of {} fires", rule + 1, plan.rules.len()),
        Status::Notified { team, about, why } => {
            let team = plan.teams.get(team.0 as usize)?;
            format!("  {} is told of {}: {}", harmless(&team.name), place(plan, *about), harmless(why))
        }
        Status::Held { what, why } => format!("  HOLD {}: {}", place(plan, *what), harmless(why)),
        Status::Resumed { what } => format!("  {} goes on", place(plan, *what)),
        Status::RollbackBegan { what, hosts } => {
            format!("  ROLLBACK of {}: {}", place(plan, *what), count(*hosts as usize, "host"))
        }
        Status::RollbackEnded { what } => format!("  the rollback of {} is through", place(plan, *what)),
        Status::Finished { outcome } => outcome_sentence(*outcome).to_owned(),
    })
}

/// Whether a batch is one host of a sliding window.
fn slides(plan: &Plan, batch: Target) -> bool {
    let Target::Batch { stage, turn, .. } = batch else { return false };
    let stage = plan.stages.get(stage as usize);
    let turn = stage.and_then(|stage| Some((stage, stage.turns.get(turn as usize)?)));
    turn.is_some_and(|(stage, turn)| plan.at_once(stage, turn.region).is_some())
}

/// The only host of a batch.
fn host_of(plan: &Plan, batch: Target) -> Option<String> {
    let Target::Batch { stage, turn, lane, batch } = batch else { return None };
    let lane = plan.stages.get(stage as usize)?.turns.get(turn as usize)?.lanes.get(lane as usize)?;
    Some(host_name(plan, *lane.batches.get(batch as usize)?.hosts.first()?))
}

/// What happened to a host that its batch's line does not say.
fn trouble(state: HostState, plan: &Plan) -> Option<String> {
    match state {
        HostState::Waiting
        | HostState::Ahead { .. }
        | HostState::Ready
        | HostState::Changing { .. }
        | HostState::Done
        | HostState::Undoing { .. } => None,
        HostState::Failed { step } => Some(format!("FAILED in step {}", step_name(plan, step))),
        HostState::Unknown { step } => Some(format!("UNKNOWN how step {} ended", step_name(plan, step))),
        HostState::RolledBack => Some("rolled back".to_owned()),
        HostState::HalfRolledBack { step } => {
            Some(format!("ROLLED BACK ONLY as far as step {}", step_name(plan, step)))
        }
    }
}

/// What a run waits for, in a sentence each.
pub fn waiting_sentence(waiting: &Waiting, plan: &Plan) -> String {
    match waiting {
        Waiting::Window { stage, opens_at } => {
            format!("stage {} waits for a window: {}", stage_name(plan, *stage), show_utc(*opens_at))
        }
        Waiting::Soak { stage, until } => {
            format!("stage {} soaks until {}", stage_name(plan, *stage), show_utc(*until))
        }
        Waiting::Approval { stage, until } => {
            let team = plan
                .stages
                .get(*stage as usize)
                .and_then(|stage| stage.approval.as_ref())
                .and_then(|approval| plan.teams.get(approval.team.0 as usize));
            let by = team.map_or_else(String::new, |team| format!(" by {}", harmless(&team.name)));
            let until = until.map_or_else(String::new, |until| format!(" until {}", show_utc(until)));
            format!("stage {} waits for approval{by}{until}: `sunup approve` or `sunup deny`", stage_name(plan, *stage))
        }
        Waiting::Budget { host, group } => {
            let budget = plan.budgets.get(*group);
            let budget = budget.map_or_else(String::new, |budget| {
                let group =
                    if budget.group.is_empty() { String::new() } else { format!(", {}", harmless(&budget.group)) };
                format!(" of {}{group} ({})", harmless(&budget.service), harmless(&budget.rule))
            });
            format!("{} waits for the budget{budget}", host_name(plan, *host))
        }
        Waiting::Person { what, why } => format!("{} is held: {}", place(plan, *what), harmless(why)),
    }
}

/// How a run ended, in a sentence.
pub fn outcome_sentence(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Complete => "The rollout is complete.",
        Outcome::Held => "The rollout is held: nothing more happens until a person acts.",
        Outcome::RolledBack => "The rollout is rolled back.",
    }
}

fn kind(stage: &StagePlan) -> &'static str {
    match stage.kind {
        StageKind::GuineaPig => "Guinea pig",
        StageKind::Wave => "Wave",
    }
}

fn hosts_in(stage: &StagePlan) -> usize {
    stage.turns.iter().flat_map(|turn| &turn.lanes).flat_map(|lane| &lane.batches).map(|batch| batch.hosts.len()).sum()
}
