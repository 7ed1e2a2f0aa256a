use crate::diagnostic::harmless;
use crate::plan::{Plan, Reason, Topic, Why};
use crate::report::table::push_field;
use crate::source::{Sources, Span};
use crate::time::{Zone, show_utc};

/// Why a host is changed as it is, for people: each reason with the line of the script that decided it. `now` is what holds
/// it at the moment that was asked about.
pub fn why_text(plan: &Plan, why: &Why, now: &[Reason], sources: &Sources, width: usize) -> String {
    let host = plan.host(why.host);
    let site = plan.sites.get(host.site.0 as usize);
    let zone = site.map_or_else(Zone::utc, |site| site.schedule.zone.clone());
    let mut out = format!("{} in rollout {}\n", harmless(&host.name), harmless(&plan.rollout));
    let times = format!("{} to {}", zone.show(why.starts_at), zone.show(why.ends_at));
    let utc = format!("{} to {}", show_utc(why.starts_at), show_utc(why.ends_at));
    push_field(&mut out, 2, "planned", &times, width);
    push_field(&mut out, 2, "UTC", &utc, width);
    if !now.is_empty() {
        out.push('\n');
        reasons(now, sources, width, &mut out);
    }
    out.push('\n');
    reasons(&why.reasons, sources, width, &mut out);
    out
}

/// Reasons by themselves.
pub fn reasons_text(reasons: &[Reason], sources: &Sources, width: usize) -> String {
    let mut out = String::new();
    self::reasons(reasons, sources, width, &mut out);
    out
}

fn reasons(reasons: &[Reason], sources: &Sources, width: usize, out: &mut String) {
    let mut last = None;
    for reason in reasons {
        let label = if last == Some(reason.topic) { "" } else { topic(reason.topic) };
        last = Some(reason.topic);
        push_field(out, 2, label, &harmless(&reason.text), width);
        if let Some(line) = reason.place.and_then(|place| line(sources, place)) {
            out.push_str(&format!("              {line}\n"));
        }
        if let Some(change) = &reason.change {
            push_field(out, 14, "change:", &harmless(change), width);
        }
    }
}

/// `rollout.sunup:84  batch 25% of site at most 4`
fn line(sources: &Sources, place: Span) -> Option<String> {
    let (_, source) = sources.iter().find(|(id, _)| *id == place.file)?;
    let at = source.place(place.start as usize);
    Some(format!("{}:{}  {}", harmless(source.name()), at.line, harmless(source.line(at.line).trim())))
}

pub(super) fn topic(topic: Topic) -> &'static str {
    match topic {
        Topic::Target => "target",
        Topic::Package => "package",
        Topic::Region => "region",
        Topic::Stage => "stage",
        Topic::Turn => "turn",
        Topic::Batch => "batch",
        Topic::Budget => "budget",
        Topic::Window => "window",
        Topic::Start => "start",
        Topic::Finish => "finish",
        Topic::Gate => "gate",
        Topic::Soak => "soak",
        Topic::Approval => "approval",
        Topic::Refinement => "refined",
        Topic::Now => "now",
        Topic::Next => "next",
    }
}
