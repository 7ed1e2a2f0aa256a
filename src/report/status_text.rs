use std::fmt::Write;

use crate::diagnostic::harmless;
use crate::engine::{HostState, Outcome, PersonAct, Progress, RegionState, Settlement, Status, Target};
use crate::model::RegionId;
use crate::plan::HostIdx;
use crate::report::places::{count, host_name, place, stage_name, step_name};
use crate::report::progress::{outcome_sentence, progress_line, waiting_sentence};
use crate::report::table::{Side, Table};
use crate::run::{History, Holder, RunSummary, Verdict};
use crate::time::{Moment, show_utc};

/// How many of the last things that happened are shown.
const LAST: usize = 10;

/// One run for people: how far it is, what it waits for, who said what.
pub fn status_text(history: &History, width: usize) -> String {
    let mut out = heading(history);
    regions(history, width, &mut out);
    out.push_str(&troubled_hosts(history));
    out.push_str(&waits(history));
    out.push_str(&said(history));
    out.push_str(&told(history));
    out.push_str(&last(history));
    out
}

/// All runs, the newest first.
pub fn runs_text(runs: &[RunSummary], width: usize) -> String {
    if runs.is_empty() {
        return "There is no run yet.\n".to_owned();
    }
    let mut table = Table::new(0, &[Side::Left; 5]);
    table.row(["run", "", "state", "started (UTC)", "by"]);
    for run in runs {
        let kind = if run.is_rehearsal { "rehearsal" } else { "" };
        let by = harmless(&run.started_by);
        table.row([&harmless(&run.id), kind, state(run), show_utc(run.started_at).as_str(), &by]);
    }
    let mut out = String::new();
    table.render(width, &mut out);
    out
}

fn heading(history: &History) -> String {
    let (summary, plan) = (&history.summary, history.plan());
    let kind = if summary.is_rehearsal { "Rehearsal" } else { "Run" };
    let mut out = format!(
        "{kind} {} of {} ({}), begun {} by {}\n{}\n",
        harmless(&summary.id),
        harmless(&plan.rollout),
        harmless(&plan.bulletin),
        show_utc(summary.started_at),
        harmless(&summary.started_by),
        state_sentence(summary),
    );
    let progress = history.engine().progress(Target::Rollout);
    let stage =
        history.engine().stage().map_or_else(String::new, |stage| format!("; stage {}", stage_name(plan, stage)));
    let _ = writeln!(out, "{}{stage}\n", counts(&progress));
    out
}

fn state_sentence(summary: &RunSummary) -> String {
    match (summary.outcome, &summary.holder) {
        (Some(outcome @ (Outcome::Complete | Outcome::RolledBack)), _) => outcome_sentence(outcome).to_owned(),
        (Some(Outcome::Held), Holder::Nobody) => {
            format!("{} `sunup resume {}` goes on.", outcome_sentence(Outcome::Held), harmless(&summary.id))
        }
        (Some(Outcome::Held), Holder::Process(_)) => outcome_sentence(Outcome::Held).to_owned(),
        (None, Holder::Process(Some(process))) => format!("It is under way (process {process})."),
        (None, Holder::Process(None)) => "It is under way.".to_owned(),
        (None, Holder::Nobody) => {
            format!("Its process ended before it did. `sunup resume {}` goes on.", harmless(&summary.id))
        }
    }
}

fn state(summary: &RunSummary) -> &'static str {
    match (summary.outcome, &summary.holder) {
        (Some(Outcome::Complete), _) => "complete",
        (Some(Outcome::RolledBack), _) => "rolled back",
        (Some(Outcome::Held), _) => "held",
        (None, Holder::Process(_)) => "under way",
        (None, Holder::Nobody) => "interrupted",
    }
}

fn regions(history: &History, width: usize, out: &mut String) {
    let (engine, plan) = (history.engine(), history.plan());
    let mut table =
        Table::new(0, &[Side::Left, Side::Left, Side::Right, Side::Right, Side::Right, Side::Right, Side::Right]);
    table.row(["region", "state", "hosts", "done", "failed", "rolled back", "to do"]);
    for (idx, region) in plan.regions.iter().enumerate() {
        let id = RegionId(idx as u32);
        let progress = engine.progress(Target::Region(id));
        if progress.total() == 0 {
            continue;
        }
        let state = match engine.region(id) {
            RegionState::Waiting => "waiting",
            RegionState::Running => "under way",
            RegionState::Held => "HELD",
            RegionState::Done => "done",
        };
        let failed = progress.failed + progress.unknown + progress.half_rolled_back;
        let to_do = progress.waiting + progress.ahead + progress.ready + progress.changing + progress.undoing;
        let numbers =
            [progress.total(), progress.done, failed, progress.rolled_back, to_do].map(|number| number.to_string());
        let [total, done, failed, rolled_back, to_do] = &numbers;
        table.row([&harmless(&region.name), state, total, done, failed, rolled_back, to_do]);
    }
    table.render(width, out);
    out.push('\n');
}

fn troubled_hosts(history: &History) -> String {
    let (engine, plan) = (history.engine(), history.plan());
    let mut out = String::new();
    for idx in 0..plan.hosts.len() {
        let host = HostIdx(idx as u32);
        let words = match engine.host(host) {
            HostState::Failed { step } => format!("failed in step {}", step_name(plan, step)),
            HostState::Unknown { step } => format!("nobody knows how step {} ended", step_name(plan, step)),
            HostState::HalfRolledBack { step } => format!("rolled back only as far as step {}", step_name(plan, step)),
            _ => continue,
        };
        let _ = writeln!(out, "  {}: {words}", host_name(plan, host));
    }
    if out.is_empty() {
        out
    } else {
        format!("Hosts that need a person (`sunup settle HOST done|again|failed|mended`):\n{out}\n")
    }
}

fn waits(history: &History) -> String {
    let waiting = history.waiting();
    if waiting.is_empty() || matches!(history.summary.outcome, Some(Outcome::Complete | Outcome::RolledBack)) {
        return String::new();
    }
    let lines: String =
        waiting.iter().map(|waits| format!("  {}\n", waiting_sentence(waits, history.plan()))).collect();
    format!("It waits:\n{lines}\n")
}

fn said(history: &History) -> String {
    let lines: String = history
        .acts
        .iter()
        .map(|act| {
            let verdict = match &act.verdict {
                Verdict::Waiting => "not taken in yet".to_owned(),
                Verdict::Taken(_) => "taken".to_owned(),
                Verdict::Refused(why) => format!("refused: {}", harmless(why)),
            };
            let what = act.act.as_ref().map_or_else(String::new, |act| act_words(act, history));
            format!("  {}  {}: {what} ({verdict})\n", show_utc(act.moment), harmless(&act.person))
        })
        .collect();
    if lines.is_empty() { lines } else { format!("People said:\n{lines}\n") }
}

fn act_words(act: &PersonAct, history: &History) -> String {
    let plan = history.plan();
    match act {
        PersonAct::Approve { stage } => format!("approve stage {}", stage_name(plan, *stage)),
        PersonAct::Deny { stage } => format!("deny stage {}", stage_name(plan, *stage)),
        PersonAct::Hold { target } => format!("hold {}", place(plan, *target)),
        PersonAct::Resume { target } => format!("resume {}", place(plan, *target)),
        PersonAct::Rollback { target } => format!("roll back {}", place(plan, *target)),
        PersonAct::Settle { host, settlement } => {
            let word = match settlement {
                Settlement::Done => "done",
                Settlement::Again => "to be run again",
                Settlement::Failed => "given up",
                Settlement::Mended => "mended",
            };
            format!("{} is {word}", host_name(plan, *host))
        }
    }
}

/// Whom rules told of what; the last of them, where they are many.
fn told(history: &History) -> String {
    let is_notice = |(_, status): &&(Moment, Status)| matches!(status, Status::Notified { .. });
    let notices: Vec<_> = history.statuses.iter().filter(is_notice).collect();
    let from = notices.len().saturating_sub(LAST);
    let lines = notices[from..].iter().filter_map(|(at, status)| progress_line(*at, status, history.plan()));
    let shown: String = lines.map(|line| format!("  {line}\n")).collect();
    let earlier = if from == 0 { String::new() } else { format!(" (the last {LAST} of {})", notices.len()) };
    if shown.is_empty() { shown } else { format!("Who was told (UTC){earlier}:\n{shown}\n") }
}

fn last(history: &History) -> String {
    let lines: Vec<String> =
        history.statuses.iter().filter_map(|(at, status)| progress_line(*at, status, history.plan())).collect();
    let from = lines.len().saturating_sub(LAST);
    let shown: String = lines[from..].iter().map(|line| format!("  {line}\n")).collect();
    if shown.is_empty() { shown } else { format!("The last that happened (UTC):\n{shown}") }
}

pub(super) fn counts(progress: &Progress) -> String {
    let parts = [
        (progress.done, "done"),
        (progress.changing, "being changed"),
        (progress.failed, "failed"),
        (progress.unknown, "unknown"),
        (progress.undoing, "being undone"),
        (progress.rolled_back, "rolled back"),
        (progress.half_rolled_back, "half rolled back"),
        (progress.ahead, "being made ready"),
        (progress.ready, "ready"),
        (progress.waiting, "to do"),
    ];
    let words: Vec<String> =
        parts.iter().filter(|(number, _)| *number > 0).map(|(number, word)| format!("{number} {word}")).collect();
    format!("{}: {}", count(progress.total() as usize, "host"), words.join(", "))
}
