use std::fmt::Write;

use crate::diagnostic::harmless;
use crate::engine::{GateSubject, PersonAct, Question, Settlement, Status, Target, Task};
use crate::plan::{HostIdx, Plan};
use crate::report::claims::property;
use crate::report::places::{count, host_name, place, some_hosts, stage_name, step_name, subject};
use crate::report::progress::words;
use crate::simulate::{Block, Ending, Exploration, Finding, Scene, Story, Told, Wrong};
use crate::time::{Moment, show_utc};

/// What came of looking at every outcome, for people: what was seen, and a story for each thing that can go wrong.
pub fn explore_text(found: &Exploration, plan: &Plan) -> String {
    let mut text = String::new();
    for finding in &found.findings {
        add_finding(&mut text, finding, plan);
    }
    let mishaps = count(found.bounds.failures as usize, "mishap");
    let _ = writeln!(
        text,
        "{} {}, {} of {} outcomes of steps, gates and approvals, up to {mishaps} in one run.",
        if found.is_exhausted { "Looked at every one of" } else { "Looked at only the first" },
        count(found.states, "state"),
        found.outcomes.met(),
        found.outcomes.count(),
    );
    let endings = found.endings;
    let _ = writeln!(
        text,
        "A run comes to rest complete in {} of them, rolled back in {}, waiting for people in {}, stuck in {}.",
        endings.complete, endings.rolled_back, endings.waits_for_people, endings.stuck
    );
    text.push_str(&verdict(found, plan));
    text
}

fn verdict(found: &Exploration, plan: &Plan) -> String {
    match (found.findings.len(), found.is_exhausted) {
        (0, true) if plan.properties.is_empty() => {
            "Every budget is kept, and no run is stuck. (The rollout says nothing that must always or never be so.)\n"
                .to_owned()
        }
        (0, true) => {
            let claims = match plan.properties.len() {
                1 => "what the rollout claims holds".to_owned(),
                claims => format!("all {claims} claims of the rollout hold"),
            };
            format!("Every budget is kept, no run is stuck, and {claims}.\n")
        }
        (0, false) => {
            "Nothing wrong was met, but not everything was seen: nothing is proven. Raise `--states`, or lower \
                       `--failures`.\n"
                .to_owned()
        }
        (wrong, is_whole) => {
            let more = if is_whole { "" } else { " Not everything was seen: there may be more." };
            let things = if wrong == 1 { "One thing" } else { "These things" };
            format!("{things} can go wrong: see above.{more}\n")
        }
    }
}

fn add_finding(text: &mut String, finding: &Finding, plan: &Plan) {
    let _ = writeln!(text, "{}", wrong(&finding.wrong, plan));
    let Story { scenes, mishaps, events } = &finding.story;
    let _ = writeln!(
        text,
        "The shortest story of it has {} and {}:",
        count(*mishaps as usize, "mishap"),
        count(*events as usize, "event")
    );
    told_at(text, scenes.iter().filter(|scene| is_told(scene)), plan);
    text.push('\n');
}

/// A line for each scene, below its day, with the local time of where it takes place.
pub(super) fn told_at<'s>(text: &mut String, scenes: impl Iterator<Item = &'s Scene>, plan: &Plan) {
    let mut day = String::new();
    for scene in scenes {
        let Some(line) = scene_words(scene, plan) else { continue };
        let moment = show_utc(scene.at);
        let (date, time) = moment.split_once(' ').unwrap_or(("", &moment));
        if date != day {
            let _ = writeln!(text, "  {date}");
            day = date.to_owned();
        }
        let local = place_of(scene, plan).and_then(|host| local(scene.at, host, plan)).unwrap_or_default();
        let _ = writeln!(text, "    {time}{local}  {}", line.trim_start());
    }
}

/// What is wrong, in one sentence.
pub(super) fn wrong(wrong: &Wrong, plan: &Plan) -> String {
    match wrong {
        Wrong::Property(idx) => {
            let text = plan.properties.get(*idx).map(|broken| property(plan, broken)).unwrap_or_default();
            format!("BROKEN: {text}")
        }
        Wrong::Budget(group) => {
            let Some(budget) = plan.budgets.get(*group) else { return "BROKEN: a budget".to_owned() };
            let over = if budget.group.is_empty() { String::new() } else { format!(", {}", harmless(&budget.group)) };
            format!("BROKEN BUDGET: service {}{over} keeps {}", harmless(&budget.service), harmless(&budget.rule))
        }
        Wrong::Stuck(Block::Held(target)) => {
            format!("STUCK: {} is held, and nobody may resume it", place(plan, *target))
        }
        Wrong::Stuck(Block::Unsettled(region)) => {
            let region = place(plan, Target::Region(*region));
            format!("STUCK: a step in {region} was lost, and nobody may say how it ended")
        }
        Wrong::Stuck(Block::Approval(stage)) => {
            format!("STUCK: stage {} waits for an approval that nobody may give", stage_name(plan, *stage))
        }
        Wrong::Stuck(Block::Everything) => "STUCK: whatever people may do, the run does not come to its end".to_owned(),
    }
}

/// Passes and successes are what everybody expects; the story tells where it turns.
pub(super) fn is_told(scene: &Scene) -> bool {
    !matches!(&scene.told, Told::Status(Status::GateAnswered { answer: crate::engine::Answer::Pass, .. }))
}

pub(super) fn scene_words(scene: &Scene, plan: &Plan) -> Option<String> {
    Some(match &scene.told {
        Told::Status(status) => words(status, plan)?,
        Told::WentWrong { work, ending } => went_wrong(work, *ending, plan),
        Told::Crash => "the controller dies, and another goes on in its place".to_owned(),
        Told::Asked { stage } => match asked_team(plan, *stage) {
            Some(team) => format!("{} is asked to approve stage {}", harmless(team), stage_name(plan, *stage)),
            None => format!("stage {} waits for an approval", stage_name(plan, *stage)),
        },
        Told::Said { person, act } => format!("{} {}", harmless(person), act_words(act, plan)),
    })
}

/// The team that a stage asks.
fn asked_team(plan: &Plan, stage: u32) -> Option<&str> {
    let approval = plan.stages.get(stage as usize)?.approval.as_ref()?;
    plan.teams.get(approval.team.0 as usize).map(|team| team.name.as_str())
}

fn went_wrong(work: &Task, ending: Ending, plan: &Plan) -> String {
    match work {
        Task::Run { host, step, .. } => format!("step {} fails on {}", step_name(plan, *step), host_name(plan, *host)),
        Task::Undo { host, step, .. } => {
            format!("the undo of step {} fails on {}", step_name(plan, *step), host_name(plan, *host))
        }
        Task::Verify { host, step } => {
            let how = if ending == Ending::Unknown { "cannot tell" } else { "says no" };
            format!("the verify of step {} {how} on {}", step_name(plan, *step), host_name(plan, *host))
        }
        Task::Probe { question: Question::Wait { host, step, .. } } => {
            format!("the wait of step {} is over on {}", step_name(plan, *step), host_name(plan, *host))
        }
        Task::Probe { question: Question::Gate { gate, subject: of } } => {
            let name = plan.gates.get(gate.0 as usize).map_or("", |gate| &gate.name);
            let how = if ending == Ending::Unknown { "gets no answer at" } else { "fails at" };
            format!("gate {} {how} {}", harmless(name), subject(plan, *of))
        }
    }
}

fn act_words(act: &PersonAct, plan: &Plan) -> String {
    match act {
        PersonAct::Approve { stage } => format!("approves stage {}", stage_name(plan, *stage)),
        PersonAct::Deny { stage } => format!("denies stage {}", stage_name(plan, *stage)),
        PersonAct::Hold { target } => format!("holds {}", place(plan, *target)),
        PersonAct::Resume { target } => format!("resumes {}", place(plan, *target)),
        PersonAct::Rollback { target } => format!("rolls back {}", place(plan, *target)),
        PersonAct::Settle { host, settlement } => {
            let host = some_hosts(plan, &[*host], 1);
            match settlement {
                Settlement::Done => format!("says that the lost step on {host} did its work"),
                Settlement::Again => format!("has the lost step on {host} run again"),
                Settlement::Failed => format!("gives {host} up"),
                Settlement::Mended => format!("mends {host}"),
            }
        }
    }
}

/// A host where the scene takes place.
fn place_of(scene: &Scene, plan: &Plan) -> Option<HostIdx> {
    let of_target = |target: Target| {
        let is_in = |host: &HostIdx| match target {
            Target::Host(one) => *host == one,
            Target::Site(site) => plan.host(*host).site == site,
            Target::Region(region) => plan.region_of(*host) == region,
            _ => false,
        };
        (0..plan.hosts.len() as u32).map(HostIdx).find(is_in)
    };
    match &scene.told {
        Told::Status(Status::BatchBegan { hosts, .. }) => hosts.first().copied(),
        Told::Status(Status::HostChanged { host, .. }) => Some(*host),
        Told::Status(Status::Held { what, .. } | Status::Resumed { what } | Status::RollbackBegan { what, .. }) => {
            of_target(*what)
        }
        Told::WentWrong { work, .. } => match work {
            Task::Run { host, .. } | Task::Undo { host, .. } | Task::Verify { host, .. } => Some(*host),
            Task::Probe { question: Question::Wait { host, .. } } => Some(*host),
            Task::Probe { question: Question::Gate { subject, .. } } => match subject {
                GateSubject::Host(host) => Some(*host),
                GateSubject::Site { site, .. } => of_target(Target::Site(*site)),
                GateSubject::Region { region, .. } => of_target(Target::Region(*region)),
                GateSubject::Batch { .. } => None,
            },
        },
        _ => None,
    }
}

/// ` (Wed 04:00 in sydney)`
fn local(at: Moment, host: HostIdx, plan: &Plan) -> Option<String> {
    let site = plan.sites.get(plan.host(host).site.0 as usize)?;
    let (local, _) = site.schedule.zone.local(at);
    Some(format!(" ({} in {})", local.format("%a %H:%M"), harmless(&site.name)))
}
