use serde::Serialize;

use crate::plan::{Plan, Reason, Why};
use crate::report::why_text::topic;
use crate::source::Sources;

/// The version of the shapes below; `docs/why-json.md` documents them.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct File<'a> {
    version: u32,
    host: &'a str,
    rollout: &'a str,
    target: bool,
    starts_at: Option<String>,
    ends_at: Option<String>,
    stage: Option<&'a str>,
    batch: Option<u32>,
    reasons: Vec<ReasonJson<'a>>,
    now: Vec<ReasonJson<'a>>,
}

#[derive(Serialize)]
struct ReasonJson<'a> {
    topic: &'static str,
    text: &'a str,
    place: Option<Place<'a>>,
    change: Option<&'a str>,
}

#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    text: &'a str,
}

/// Why a host is changed as it is, for programs.
pub fn why_json(plan: &Plan, why: &Why, now: &[Reason], sources: &Sources) -> String {
    write(&File {
        version: VERSION,
        host: &plan.host(why.host).name,
        rollout: &plan.rollout,
        target: true,
        starts_at: Some(why.starts_at.to_rfc3339()),
        ends_at: Some(why.ends_at.to_rfc3339()),
        stage: why.seat.stage(plan).map(|stage| stage.name.as_str()),
        batch: Some(why.seat.batch + 1),
        reasons: all(&why.reasons, sources),
        now: all(now, sources),
    })
}

/// Why a host is not changed at all, for programs.
pub fn no_target_json(host: &str, rollout: &str, reasons: &[Reason], sources: &Sources) -> String {
    write(&File {
        version: VERSION,
        host,
        rollout,
        target: false,
        starts_at: None,
        ends_at: None,
        stage: None,
        batch: None,
        reasons: all(reasons, sources),
        now: Vec::new(),
    })
}

fn all<'a>(reasons: &'a [Reason], sources: &'a Sources) -> Vec<ReasonJson<'a>> {
    let place = |reason: &Reason| {
        let span = reason.place?;
        let (_, source) = sources.iter().find(|(id, _)| *id == span.file)?;
        let at = source.place(span.start as usize);
        let text = source.text().get(span.range()).unwrap_or("");
        Some(Place { file: source.name(), line: at.line, column: at.column, text })
    };
    let reasons = reasons.iter().map(|reason| ReasonJson {
        topic: topic(reason.topic),
        text: &reason.text,
        place: place(reason),
        change: reason.change.as_deref(),
    });
    reasons.collect()
}

fn write(file: &File) -> String {
    // INVARIANT: texts, numbers and lists only; there is nothing in them that JSON cannot say.
    serde_json::to_string_pretty(file).unwrap_or_default() + "\n"
}
