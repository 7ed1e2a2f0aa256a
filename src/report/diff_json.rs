use std::sync::Arc;

use serde::Serialize;

use crate::model::Connection;
use crate::plan::{HostChange, WindowChange};
use crate::report::PlanDifference;
use crate::report::diff_parts::{AspectChange, How, PartChange};
use crate::time::Interval;

/// The version of the shapes below; `docs/diff-json.md` documents them.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct File<'a> {
    version: u32,
    kind: &'static str,
    before: &'a str,
    after: &'a str,
    different: bool,
    hosts: Vec<Hosts<'a>>,
    windows: Vec<Window<'a>>,
    parts: Vec<Part<'a>>,
    files: Vec<Input<'a>>,
}

#[derive(Serialize)]
struct Hosts<'a> {
    change: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    later_by: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a str>,
    hosts: Vec<&'a str>,
}

#[derive(Serialize)]
struct Window<'a> {
    region: &'a str,
    sites: &'a [String],
    zone_before: &'a str,
    zone_after: &'a str,
    before: Option<Open>,
    after: Option<Open>,
}

#[derive(Serialize)]
struct Open {
    opens_at: String,
    closes_at: String,
}

#[derive(Serialize)]
struct Part<'a> {
    kind: &'a str,
    name: &'a str,
    change: &'static str,
    aspects: Vec<Aspect<'a>>,
}

#[derive(Serialize)]
struct Aspect<'a> {
    aspect: &'a str,
    before: Option<&'a str>,
    after: Option<&'a str>,
}

#[derive(Serialize)]
struct Input<'a> {
    kind: &'a str,
    name: &'a str,
}

/// What is otherwise in the second of two plans, for programs. `names` are what they were called on the command line.
pub fn diff_json(difference: &PlanDifference, names: [&str; 2]) -> String {
    let [before, after] = names;
    let file = File {
        version: VERSION,
        kind: "plan",
        before,
        after,
        different: !difference.is_none(),
        hosts: difference.plan.hosts.iter().map(|(change, hosts)| hosts_of(change, hosts)).collect(),
        windows: difference.plan.windows.iter().map(window).collect(),
        parts: difference.parts.iter().map(part).collect(),
        files: difference.inputs.iter().map(|(kind, name)| Input { kind, name }).collect(),
    };
    // INVARIANT: texts, numbers and lists only; there is nothing in them that JSON cannot say.
    serde_json::to_string_pretty(&file).unwrap_or_default() + "\n"
}

fn hosts_of<'a>(change: &'a HostChange, hosts: &'a [Arc<str>]) -> Hosts<'a> {
    let hosts = hosts.iter().map(|host| &**host).collect();
    let mut row =
        Hosts { change: "", stage: None, region: None, from: None, to: None, later_by: None, value: None, hosts };
    let [from, to] = match change {
        HostChange::Gone { stage } | HostChange::New { stage } => {
            row.change = if matches!(change, HostChange::Gone { .. }) { "gone" } else { "new" };
            row.stage = Some(stage);
            [None, None]
        }
        HostChange::Later { stage, region, seconds } => {
            row = Hosts { change: "time", stage: Some(stage), region: Some(region), later_by: Some(*seconds), ..row };
            [None, None]
        }
        HostChange::Value { key } => {
            row = Hosts { change: "value", value: Some(key), ..row };
            [None, None]
        }
        HostChange::Connection { from, to } => {
            row.change = "connection";
            [from, to].map(|connection| connection.map(connection_word))
        }
        HostChange::Moved { from, to } => {
            row.change = "stage";
            [from, to].map(|name| Some(name.as_str()))
        }
        HostChange::Package { from, to } => {
            row.change = "package";
            [from, to].map(|name| Some(name.as_str()))
        }
        HostChange::Site { from, to } => {
            row.change = "site";
            [from, to].map(|name| Some(name.as_str()))
        }
    };
    Hosts { from, to, ..row }
}

fn connection_word(connection: Connection) -> &'static str {
    match connection {
        Connection::Local => "local",
        Connection::Simulated => "simulated",
    }
}

fn window(change: &WindowChange) -> Window<'_> {
    let open = |interval: Option<Interval>| {
        interval.map(|open| Open { opens_at: open.start.to_rfc3339(), closes_at: open.end.to_rfc3339() })
    };
    let [zone_before, zone_after] = &change.zones;
    let [before, after] = change.open;
    Window {
        region: &change.region,
        sites: &change.sites,
        zone_before: zone_before.name(),
        zone_after: zone_after.name(),
        before: open(before),
        after: open(after),
    }
}

fn part(change: &PartChange) -> Part<'_> {
    let (word, aspects) = match &change.how {
        How::Gone => ("gone", Vec::new()),
        How::New(aspects) => {
            ("new", aspects.iter().map(|(aspect, text)| Aspect { aspect, before: None, after: Some(text) }).collect())
        }
        How::Changed(changes) => ("changed", changes.iter().map(aspect).collect()),
    };
    Part { kind: change.kind, name: &change.name, change: word, aspects }
}

fn aspect(change: &AspectChange) -> Aspect<'_> {
    Aspect { aspect: change.aspect, before: change.before.as_deref(), after: change.after.as_deref() }
}
