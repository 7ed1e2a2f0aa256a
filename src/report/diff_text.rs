use std::sync::Arc;

use indexmap::IndexMap;

use crate::diagnostic::harmless;
use crate::model::Connection;
use crate::plan::{HostChange, WindowChange};
use crate::report::PlanDifference;
use crate::report::diff_parts::{AspectChange, How, PartChange};
use crate::report::places::count;
use crate::report::table::push_field;
use crate::time::{Duration, Interval, Zone};

/// What is otherwise in the second of two plans, for people. `names` are what they were called on the command line.
pub fn diff_text(difference: &PlanDifference, names: [&str; 2], width: usize) -> String {
    let [before, after] = names.map(harmless);
    if difference.is_none() {
        return format!("No difference: {before} and {after} give the same plan.\n{}", files(difference));
    }
    let mut out = format!("From {before} to {after}:\n");
    hosts(difference, width, &mut out);
    windows(&difference.plan.windows, width, &mut out);
    for part in &difference.parts {
        show_part(part, width, &mut out);
    }
    let files = files(difference);
    if !files.is_empty() {
        out.push_str(&format!("\n{files}"));
    }
    out
}

/// How many hosts are named in a line; machines get all of them.
const MOST_NAMES: usize = 6;

fn hosts(difference: &PlanDifference, width: usize, out: &mut String) {
    if difference.plan.hosts.is_empty() {
        return;
    }
    let (before, after) = (difference.hosts_before, difference.hosts_after);
    match before == after {
        true => out.push_str(&format!("\nHosts ({after})\n")),
        false => out.push_str(&format!("\nHosts ({before}, then {after})\n")),
    }
    let mut shifts: IndexMap<(&str, &str), Shifts> = IndexMap::new();
    for (change, names) in &difference.plan.hosts {
        if let HostChange::Later { stage, region, seconds } = change {
            shifts.entry((stage, region)).or_default().add(*seconds, names);
            continue;
        }
        let words = host_words(change, names.len());
        push_field(out, 2, &count(names.len(), "host"), &format!("{words}: {}", some(names)), width);
    }
    for ((stage, region), Shifts { least, most, names }) in shifts {
        let s = if names.len() == 1 { "s" } else { "" };
        let by = match (least == most, (least < 0) == (most < 0)) {
            (true, _) => shift(least),
            (false, true) => format!(
                "{} to {}",
                length(least.abs().min(most.abs())),
                shift(least.signum() * least.abs().max(most.abs()))
            ),
            (false, false) => format!("{} to {}", shift(least), shift(most)),
        };
        let words = format!("begin{s} {by} in {}, region {}: {}", harmless(stage), harmless(region), some(&names));
        push_field(out, 2, &count(names.len(), "host"), &words, width);
    }
}

/// How much later the hosts of one region begin, in seconds: each of a lane by something else.
#[derive(Default)]
struct Shifts<'a> {
    least: i64,
    most: i64,
    names: Vec<&'a str>,
}

impl<'a> Shifts<'a> {
    fn add(&mut self, seconds: i64, names: &'a [Arc<str>]) {
        let is_first = self.names.is_empty();
        self.least = if is_first { seconds } else { self.least.min(seconds) };
        self.most = if is_first { seconds } else { self.most.max(seconds) };
        self.names.extend(names.iter().map(|name| &**name));
    }
}

fn host_words(change: &HostChange, hosts: usize) -> String {
    let name = |name: &String| harmless(name).into_owned();
    let s = if hosts == 1 { "s" } else { "" };
    match change {
        HostChange::Gone { stage } => format!("gone from {}", name(stage)),
        HostChange::New { stage } => format!("new in {}", name(stage)),
        HostChange::Moved { from, to } => format!("move{s} from {} to {}", name(from), name(to)),
        HostChange::Package { from, to } => format!("get{s} the package {} instead of {}", name(to), name(from)),
        HostChange::Site { from, to } => format!("stand{s} in the site {} instead of {}", name(to), name(from)),
        HostChange::Connection { from, to } => {
            let [from, to] = [from, to].map(|connection| match connection {
                None => "nothing",
                Some(Connection::Local) => "local",
                Some(Connection::Simulated) => "simulated",
            });
            let are = if hosts == 1 { "is" } else { "are" };
            format!("{are} reached by {to} instead of {from}")
        }
        HostChange::Later { seconds, .. } => format!("begin{s} {}", shift(*seconds)),
        HostChange::Value { key } => format!("with another {}", name(key)),
    }
}

/// `1h later`, `30m sooner`
fn shift(seconds: i64) -> String {
    format!("{} {}", length(seconds), if seconds < 0 { "sooner" } else { "later" })
}

fn length(seconds: i64) -> Duration {
    Duration::from_seconds(seconds.unsigned_abs())
}

fn windows(changes: &[WindowChange], width: usize, out: &mut String) {
    if changes.is_empty() {
        return;
    }
    out.push_str("\nWindows\n");
    for change in changes {
        let sites = change.sites.iter().map(|site| harmless(site).into_owned()).collect::<Vec<_>>();
        let of = match sites.as_slice() {
            [only] if *only == change.region => String::new(),
            sites => format!(" ({})", some(sites)),
        };
        let label = format!("{}{of}", harmless(&change.region));
        push_field(out, 2, &label, &window_words(change), width);
    }
}

/// `opens 1h later from 2007-08-12: 23:00 instead of 22:00`
fn window_words(change: &WindowChange) -> String {
    let [zone_before, zone_after] = &change.zones;
    let zone = match zone_before == zone_after {
        true => String::new(),
        false => format!("; its zone is {} instead of {}", zone_after.name(), zone_before.name()),
    };
    let words = match change.open {
        [None, None] => "never opens".to_owned(),
        [None, Some(open)] => format!("opens {}, and did not open at all", zone_after.show(open.start)),
        [Some(open), None] => format!("does not open any more; it opened {}", zone_before.show(open.start)),
        [Some(then), Some(now)] => both(then, now, change),
    };
    format!("{words}{zone}")
}

fn both(then: Interval, now: Interval, change: &WindowChange) -> String {
    let [zone_before, zone_after] = &change.zones;
    let date = |zone: &Zone, open: Interval| zone.local(open.start).0.format("%Y-%m-%d").to_string();
    let time = |zone: &Zone, at| zone.local(at).0.format("%H:%M").to_string();
    let from = date(zone_before, then).min(date(zone_after, now));
    if date(zone_before, then) != date(zone_after, now) {
        return format!(
            "from {from} on: opens {} instead of {}",
            zone_after.show(now.start),
            zone_before.show(then.start)
        );
    }
    let mut said = Vec::new();
    for (verb, before, after) in [("opens", then.start, now.start), ("closes", then.end, now.end)] {
        let seconds = (after - before).num_seconds();
        if seconds != 0 {
            let [new, old] = [time(zone_after, after), time(zone_before, before)];
            said.push(format!("{verb} {}, at {new} instead of {old}", shift(seconds)));
        }
    }
    format!("from {from} on: {}", said.join("; "))
}

fn show_part(part: &PartChange, width: usize, out: &mut String) {
    let name = harmless(&part.name);
    let title = if name.is_empty() { part.kind.to_owned() } else { format!("{} {name}", part.kind) };
    let mut letters = title.chars();
    let title: String = letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default();
    match &part.how {
        How::Gone => out.push_str(&format!("\n{title} is gone\n")),
        How::New(aspects) => {
            out.push_str(&format!("\n{title} is new\n"));
            for (aspect, text) in aspects {
                push_field(out, 2, aspect, &harmless(text), width);
            }
        }
        How::Changed(changes) => {
            out.push_str(&format!("\n{title}\n"));
            for change in changes {
                push_field(out, 2, change.aspect, &aspect_words(change), width);
            }
        }
    }
}

fn aspect_words(change: &AspectChange) -> String {
    match (&change.before, &change.after) {
        (Some(before), Some(after)) => format!("{}  →  {}", harmless(before), harmless(after)),
        (None, Some(after)) => format!("{} is new", harmless(after)),
        (Some(before), None) => format!("{} is gone", harmless(before)),
        (None, None) => String::new(),
    }
}

fn files(difference: &PlanDifference) -> String {
    let files: Vec<String> =
        difference.inputs.iter().map(|(kind, name)| format!("{kind} {}", harmless(name))).collect();
    if files.is_empty() { String::new() } else { format!("Other files: {}\n", files.join(", ")) }
}

/// `a, b, c and 9 more`
fn some<T: AsRef<str>>(names: &[T]) -> String {
    let mut text =
        names.iter().take(MOST_NAMES).map(|name| harmless(name.as_ref()).into_owned()).collect::<Vec<_>>().join(", ");
    if names.len() > MOST_NAMES {
        text.push_str(&format!(" and {} more", names.len() - MOST_NAMES));
    }
    text
}
