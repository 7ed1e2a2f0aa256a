use serde::Serialize;

use crate::engine::{HostState, Outcome, Status, Target};
use crate::plan::{HostIdx, Plan};
use crate::report::places::place;
use crate::report::progress::waiting_sentence;
use crate::run::{History, Holder, RunSummary};
use crate::time::Moment;

/// The version of the shapes below; `docs/runs.md` documents them.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct StatusFile<'a> {
    version: u32,
    run: RunJson<'a>,
    hosts: Vec<HostJson<'a>>,
    counts: CountsJson,
    waiting: Vec<String>,
    notices: Vec<NoticeJson<'a>>,
}

/// A rule told a team of something.
#[derive(Serialize)]
struct NoticeJson<'a> {
    at: String,
    team: &'a str,
    about: String,
    why: &'a str,
}

#[derive(Serialize)]
struct RunsFile<'a> {
    version: u32,
    runs: Vec<RunJson<'a>>,
}

#[derive(Serialize)]
struct RunJson<'a> {
    id: &'a str,
    rollout: &'a str,
    rehearsal: bool,
    state: &'static str,
    started_at: String,
    started_by: &'a str,
    process: Option<u32>,
}

#[derive(Serialize)]
struct HostJson<'a> {
    name: &'a str,
    state: &'static str,
    step: Option<&'a str>,
    down: bool,
}

#[derive(Serialize)]
struct CountsJson {
    hosts: u32,
    waiting: u32,
    /// In a step that runs ahead of the batches.
    ahead: u32,
    /// Through all that runs ahead.
    ready: u32,
    changing: u32,
    done: u32,
    failed: u32,
    unknown: u32,
    undoing: u32,
    rolled_back: u32,
    half_rolled_back: u32,
}

/// One run for programs.
pub fn status_json(history: &History) -> String {
    let (engine, plan) = (history.engine(), history.plan());
    let progress = engine.progress(Target::Rollout);
    let hosts = (0..plan.hosts.len() as u32).map(HostIdx).map(|host| {
        let (state, step) = host_state(engine.host(host));
        HostJson {
            name: &plan.host(host).name,
            state,
            step: step.and_then(|step| plan.steps.get(step as usize)).map(|step| step.name.as_str()),
            down: engine.is_down(host),
        }
    });
    pretty(&StatusFile {
        version: VERSION,
        run: run_json(&history.summary),
        hosts: hosts.collect(),
        counts: CountsJson {
            hosts: progress.total(),
            waiting: progress.waiting,
            ahead: progress.ahead,
            ready: progress.ready,
            changing: progress.changing,
            done: progress.done,
            failed: progress.failed,
            unknown: progress.unknown,
            undoing: progress.undoing,
            rolled_back: progress.rolled_back,
            half_rolled_back: progress.half_rolled_back,
        },
        waiting: history.waiting().iter().map(|waiting| waiting_sentence(waiting, plan)).collect(),
        notices: history.statuses.iter().filter_map(|(at, status)| notice(*at, status, plan)).collect(),
    })
}

fn notice<'a>(at: Moment, status: &'a Status, plan: &'a Plan) -> Option<NoticeJson<'a>> {
    let Status::Notified { team, about, why } = status else { return None };
    let team = &plan.teams.get(team.0 as usize)?.name;
    Some(NoticeJson { at: at.to_rfc3339(), team, about: place(plan, *about), why })
}

/// All runs for programs, the newest first.
pub fn runs_json(runs: &[RunSummary]) -> String {
    pretty(&RunsFile { version: VERSION, runs: runs.iter().map(run_json).collect() })
}

fn run_json(summary: &RunSummary) -> RunJson<'_> {
    let state = match (summary.outcome, &summary.holder) {
        (Some(Outcome::Complete), _) => "complete",
        (Some(Outcome::RolledBack), _) => "rolled-back",
        (Some(Outcome::Held), _) => "held",
        (None, Holder::Process(_)) => "under-way",
        (None, Holder::Nobody) => "interrupted",
    };
    RunJson {
        id: &summary.id,
        rollout: &summary.rollout,
        rehearsal: summary.is_rehearsal,
        state,
        started_at: summary.started_at.to_rfc3339(),
        started_by: &summary.started_by,
        process: match summary.holder {
            Holder::Process(process) => process,
            Holder::Nobody => None,
        },
    }
}

fn host_state(state: HostState) -> (&'static str, Option<u32>) {
    match state {
        HostState::Waiting => ("waiting", None),
        HostState::Ahead { step } => ("ahead", Some(step)),
        HostState::Ready => ("ready", None),
        HostState::Changing { step } => ("changing", Some(step)),
        HostState::Done => ("done", None),
        HostState::Failed { step } => ("failed", Some(step)),
        HostState::Unknown { step } => ("unknown", Some(step)),
        HostState::Undoing { step } => ("undoing", Some(step)),
        HostState::RolledBack => ("rolled-back", None),
        HostState::HalfRolledBack { step } => ("half-rolled-back", Some(step)),
    }
}

fn pretty(value: &impl Serialize) -> String {
    // INVARIANT: texts, numbers and lists only; there is nothing in them that JSON cannot say.
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}
