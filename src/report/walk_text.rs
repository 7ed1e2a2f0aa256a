use std::fmt::Write;

use indexmap::IndexMap;

use crate::diagnostic::harmless;
use crate::engine::{HostState, Refusal, Status, Waiting};
use crate::plan::{HostIdx, Plan};
use crate::report::explore_text::{is_told, scene_words, told_at};
use crate::report::places::{count, host_name, place, some_hosts, stage_name, step_name};
use crate::report::progress::waiting_sentence;
use crate::report::status_text::counts;
use crate::report::table::push_field;
use crate::simulate::{Comparison, End, Scene, Told, View, World};
use crate::time::{Moment, show_utc};

/// What was told of a made-up run, a line each, below their days.
pub fn story_text(scenes: &[Scene], plan: &Plan) -> String {
    let mut text = String::new();
    told_at(&mut text, scenes.iter().filter(|scene| is_told(scene)), plan);
    text
}

/// What one move of a walk has led to: as in a story, and which hosts went on to which step.
pub fn moved_text(scenes: &[Scene], plan: &Plan) -> String {
    let mut text = story_text(scenes, plan);
    let mut steps: IndexMap<String, Vec<HostIdx>> = IndexMap::new();
    for scene in scenes {
        if let (None, Told::Status(Status::HostChanged { host, state })) = (scene_words(scene, plan), &scene.told)
            && let Some(words) = on_its_way(*state, plan)
        {
            steps.entry(words).or_default().push(*host);
        }
    }
    // Of many moves at once only where each host stands now is worth a line: the state says that.
    const MOST: usize = 4;
    if steps.len() <= MOST {
        for (words, hosts) in &steps {
            let _ = writeln!(text, "    {words}: {}", some_hosts(plan, hosts, 6));
        }
    }
    text
}

fn on_its_way(state: HostState, plan: &Plan) -> Option<String> {
    match state {
        HostState::Ahead { step } | HostState::Changing { step } => Some(format!("step {}", step_name(plan, step))),
        HostState::Undoing { step } => Some(format!("undo of step {}", step_name(plan, step))),
        HostState::Ready => Some("ready".to_owned()),
        HostState::Done => Some("done".to_owned()),
        _ => None,
    }
}

/// How a made-up run stands: the moment in UTC and where something is going on, how far it is, who is down, what is held or
/// waited for, what each budget has left, when something comes next.
pub fn view_text(view: &View, plan: &Plan, width: usize) -> String {
    let mut out = format!("{}{}\n", show_utc(view.at), locals(view, plan));
    let stage = view.stage.map(|stage| format!("{}, ", stage_name(plan, stage))).unwrap_or_default();
    push_field(&mut out, 2, "stage", &format!("{stage}{}", counts(&view.progress)), width);
    if !view.down.is_empty() {
        let down = format!("{}: {}", count(view.down.len(), "host"), some_hosts(plan, &view.down, 8));
        push_field(&mut out, 2, "down", &down, width);
    }
    for waiting in &view.waiting {
        let label = if matches!(waiting, Waiting::Person { .. }) { "held" } else { "waits" };
        push_field(&mut out, 2, label, &waits(waiting, plan), width);
    }
    for left in &view.budgets {
        let Some(budget) = plan.budgets.get(left.group) else { continue };
        let of = if budget.group.is_empty() { String::new() } else { format!(", {}", harmless(&budget.group)) };
        let more = if left.left() == 0 { "none".to_owned() } else { left.left().to_string() };
        let words = format!(
            "{}{of}: {} of {} down, {more} left ({})",
            harmless(&budget.service),
            left.down,
            left.most_down,
            harmless(&budget.rule)
        );
        push_field(&mut out, 2, "budget", &words, width);
    }
    match (view.end, view.next_at) {
        (Some(end), _) => push_field(&mut out, 2, "end", &end_sentence(end, plan), width),
        (None, Some(at)) => push_field(&mut out, 2, "next", &show_utc(at), width),
        (None, None) => {}
    }
    out
}

/// At the prompt people answer, so that no other command is named.
fn waits(waiting: &Waiting, plan: &Plan) -> String {
    match waiting {
        Waiting::Approval { stage, until } => {
            let until = until.map_or_else(String::new, |until| format!(" until {}", show_utc(until)));
            format!("stage {} waits for approval{until}", stage_name(plan, *stage))
        }
        waiting => waiting_sentence(waiting, plan),
    }
}

/// ` · Thu 01:14 in sydney`: where hosts are down, else where the stage begins.
fn locals(view: &View, plan: &Plan) -> String {
    const MOST: usize = 3;
    let first = view.stage.and_then(|stage| {
        let lanes = plan.stages.get(stage as usize)?.turns.iter().flat_map(|turn| &turn.lanes);
        lanes.flat_map(|lane| &lane.batches).find_map(|batch| batch.hosts.first().copied())
    });
    let hosts = if view.down.is_empty() { first.into_iter().collect() } else { view.down.clone() };
    let mut sites = Vec::new();
    for host in hosts {
        let site = plan.host(host).site;
        if !sites.contains(&site) && sites.len() < MOST {
            sites.push(site);
        }
    }
    let words = sites.iter().filter_map(|site| {
        let site = plan.sites.get(site.0 as usize)?;
        let (local, _) = site.schedule.zone.local(view.at);
        Some(format!(" · {} in {}", local.format("%a %H:%M"), harmless(&site.name)))
    });
    words.collect()
}

/// How a made-up run ends, in a sentence.
pub fn end_sentence(end: End, plan: &Plan) -> String {
    match end {
        End::Complete => "the rollout is complete".to_owned(),
        End::RolledBack => "the rollout is rolled back".to_owned(),
        End::Held => "nothing more happens until a person acts".to_owned(),
        End::Unanswered { stage } => {
            format!("stage {} waits for an approval that nobody gives", stage_name(plan, stage))
        }
        End::Endless => "broken off: something is tried again and again".to_owned(),
    }
}

/// Why somebody may not do something, and who may.
pub fn refusal_sentence(refusal: &Refusal, person: &str, plan: &Plan) -> (String, String) {
    let message = format!("`{}` may not {} {}", harmless(person), refusal.word, place(plan, refusal.place));
    let help = match refusal.teams.as_slice() {
        [] => "nobody may: give a team the right, `may hold, resume in region owned`".to_owned(),
        teams => format!("those of {} may", harmless(&teams.join(", "))),
    };
    (message, help)
}

/// What differs between this walk and another, and where the two parted.
pub fn comparison_text(found: &Comparison, names: [&str; 2], plan: &Plan, width: usize) -> String {
    let mut out = String::new();
    for ((name, at), (progress, end)) in names.iter().zip(found.at).zip(found.progress.iter().zip(found.end)) {
        let words = format!("{}: {}{}", show_utc(at), counts(progress), ending(end, plan));
        push_field(&mut out, 0, &harmless(name), &words, width);
    }
    match found.parted_at {
        Some(at) => push_field(&mut out, 0, "parted", &show_utc(at), width),
        None => push_field(&mut out, 0, "parted", "nothing was told in one of them alone", width),
    }
    const MOST: usize = 20;
    for compared in found.hosts.iter().take(MOST) {
        let states = compared.states.map(|(state, since)| state_since(state, since, plan));
        let _ = writeln!(out, "  {}: {}; {}", host_name(plan, compared.host), states[0], states[1]);
    }
    match found.hosts.len() {
        0 => out.push_str("Every host is in the same state since the same moment.\n"),
        hosts if hosts > MOST => {
            let _ = writeln!(out, "  … and {} more", hosts - MOST);
        }
        _ => {}
    }
    out
}

fn ending(end: Option<End>, plan: &Plan) -> String {
    end.map_or_else(String::new, |end| format!("; {}", end_sentence(end, plan)))
}

pub(super) fn state_since(state: HostState, since: Moment, plan: &Plan) -> String {
    let words = match state {
        HostState::Waiting => return "to do".to_owned(),
        HostState::Failed { step } => format!("failed in step {}", step_name(plan, step)),
        HostState::Unknown { step } => format!("lost in step {}", step_name(plan, step)),
        HostState::RolledBack => "rolled back".to_owned(),
        HostState::HalfRolledBack { step } => format!("rolled back as far as step {}", step_name(plan, step)),
        state => on_its_way(state, plan).unwrap_or_default(),
    };
    format!("{words} since {}", show_utc(since))
}

/// How a host of a made-up run stands.
pub fn host_sentence(world: &World, host: HostIdx) -> String {
    let plan = world.plan();
    format!("{}: {}", host_name(plan, host), state_since(world.engine().host(host), world.since(host), plan))
}
