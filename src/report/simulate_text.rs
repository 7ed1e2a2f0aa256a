use std::fmt::Write;

use crate::diagnostic::harmless;
use crate::plan::{HostIdx, Plan};
use crate::report::bar::{Ink, percent, percentage};
use crate::report::places::count;
use crate::report::table::{Side, Table, push_field};
use crate::simulate::{Binding, Fit, RegionTrials, Simulation, Spread};
use crate::time::{Moment, show_utc};

/// How a simulation is shown.
#[derive(Debug, Clone)]
pub struct SimulateTextOptions<'o> {
    pub width: usize,
    pub ink: Ink,
    /// What the odds were fitted to.
    pub fit: Option<&'o Fit>,
    /// The run that goes on; none where the rollout begins anew.
    pub run: Option<&'o str>,
    /// What was given, as it was written.
    pub given: &'o [String],
}

/// The widest bar.
const BAR: usize = 30;

/// How many bars show when runs were complete.
const BINS: usize = 8;

/// What came of many runs, for people: how they end, when each region is done, how many are down at once, what is waited
/// for.
pub fn simulate_text(found: &Simulation, plan: &Plan, options: &SimulateTextOptions) -> String {
    let mut out = String::new();
    heading(found, plan, options, &mut out);
    if !found.odds.are_open() {
        out.push_str(
            "\nNothing is left to chance: every run is as this one. Say of a step `takes 20m to 40m` or\n\
             `fails 2%`, of a gate `fails 1%`, or take what earlier runs show with `--fit RUN`.\n",
        );
    }
    ends(found, plan, options, &mut out);
    complete(found, options, &mut out);
    regions(found, plan, options, &mut out);
    services(found, plan, options, &mut out);
    waited(found, options, &mut out);
    out
}

fn heading(found: &Simulation, plan: &Plan, options: &SimulateTextOptions, out: &mut String) {
    let runs = count(found.runs, "run");
    let _ = writeln!(
        out,
        "Simulated {} of {}: {runs}, seed {}",
        harmless(&plan.rollout),
        harmless(&plan.bulletin),
        found.seed
    );
    let mut field = |label: &str, text: &str| push_field(out, 2, label, text, options.width);
    field("starts", &show_utc(plan.starts_at));
    if let Some(run) = options.run {
        field("from", &format!("{} on, where {} stands", show_utc(found.from), harmless(run)));
    }
    field("planned", &format!("{} at the earliest", show_utc(plan.ends_at)));
    if let Some(deadline) = plan.deadline {
        field("deadline", &show_utc(deadline));
    }
    for given in options.given {
        field("given", &harmless(given));
    }
    for (step, odds) in plan.steps.iter().zip(&found.odds.steps) {
        let mut says = match &odds.takes {
            Spread::Always(length) => length.to_string(),
            Spread::Between(least, most) => format!("{least} to {most}"),
            Spread::Seen(seen) => match (seen.first(), seen.last()) {
                (Some(least), Some(most)) if least != most => format!("{least} to {most}"),
                (Some(only), _) => only.to_string(),
                (None, _) => String::new(),
            },
        };
        if odds.fails > 0.0 {
            says.push_str(&format!(", fails {}", percentage(odds.fails)));
        }
        if let Some(seen) = options.fit.and_then(|fit| fit.steps.get(&step.name)) {
            says.push_str(&format!(" (from {})", count(seen.attempts(), "attempt")));
        }
        field("step", &format!("{} {says}", harmless(&step.name)));
    }
    for (gate, fails) in plan.gates.iter().zip(&found.odds.gates) {
        let seen = options.fit.and_then(|fit| fit.gates.get(&gate.name));
        if *fails == 0.0 && seen.is_none() {
            continue;
        }
        let from = seen.map_or_else(String::new, |seen| format!(" (from {})", count(seen.askings, "asking")));
        field("gate", &format!("{} fails {}{from}", harmless(&gate.name), percentage(*fails)));
    }
}

fn ends(found: &Simulation, plan: &Plan, options: &SimulateTextOptions, out: &mut String) {
    out.push_str("\nHow runs end\n");
    let ends = &found.ends;
    let mut rows = vec![
        ("complete", ends.complete),
        ("rolled back", ends.rolled_back),
        ("held, for people to act", ends.held),
        ("waiting for an approval", ends.unanswered),
        ("without end", ends.endless),
    ];
    rows.retain(|(word, runs)| *runs > 0 || *word == "complete");
    let mut table = Table::new(2, &[Side::Left, Side::Right, Side::Right, Side::Left]);
    for (word, runs) in rows {
        table.row([word.to_owned(), runs.to_string(), percent(runs, found.runs), bar(options, runs, found.runs)]);
    }
    table.render(options.width, out);
    let rolled_back = count(found.rolled_back, "run");
    let _ = writeln!(out, "  Something is rolled back in {rolled_back} ({}).", percent(found.rolled_back, found.runs));
    if let (Some(late), Some(deadline)) = (found.late, plan.deadline) {
        let (late, share) = (count(late, "run"), percent(late, found.runs));
        let _ = writeln!(out, "  The deadline, {}, is missed in {late} ({share}).", show_utc(deadline));
    }
}

/// When the runs that were complete were.
fn complete(found: &Simulation, options: &SimulateTextOptions, out: &mut String) {
    let (Some(first), Some(last)) = (found.complete_at.sorted.first(), found.complete_at.sorted.last()) else { return };
    out.push_str("\nWhen complete runs end\n");
    if first == last {
        let _ = writeln!(out, "  {}", show_utc(*first));
        return;
    }
    let span = (*last - *first).num_seconds();
    let width = span / BINS as i64 + 1;
    let mut bins = [0usize; BINS];
    for at in &found.complete_at.sorted {
        let place = (*at - *first).num_seconds() / width;
        if let Some(bin) = usize::try_from(place).ok().and_then(|place| bins.get_mut(place)) {
            *bin += 1;
        }
    }
    let most = bins.iter().copied().max().unwrap_or(1);
    let mut table = Table::new(2, &[Side::Left, Side::Right, Side::Left]);
    for (place, runs) in (0i64..).zip(bins) {
        let until = first.checked_add_signed(chrono::TimeDelta::seconds(width * (place + 1) - 1)).unwrap_or(*last);
        let label = format!("to {}", show_minute(until.min(*last)));
        table.row([label, runs.to_string(), bar(options, runs, most)]);
    }
    table.render(options.width, out);
    let at = |percent| found.complete_at.percentile(percent).map(show_minute).unwrap_or_default();
    let _ = writeln!(out, "  P50 {}, P90 {}, P99 {}", at(50), at(90), at(99));
}

fn regions(found: &Simulation, plan: &Plan, options: &SimulateTextOptions, out: &mut String) {
    if found.regions.is_empty() {
        return;
    }
    out.push_str("\nWhen regions are done, in their own time and in UTC\n");
    let mut table = Table::new(2, &[Side::Left, Side::Right, Side::Left, Side::Left, Side::Left]);
    table.row(["Region", "Done in", "P50", "P90", "P99"]);
    for region in &found.regions {
        let name = plan.regions.get(region.region.0 as usize).map_or("", |region| &region.name);
        let times = |show: &dyn Fn(Moment) -> String| {
            [50, 90, 99].map(|percent| region.done_at.percentile(percent).map(show).unwrap_or_default())
        };
        let [median, most, nearly_all] = times(&|at| local(plan, region.host, at));
        let share = percent(region.done_at.count(), found.runs);
        table.row([harmless(name).into_owned(), share, median, most, nearly_all]);
        if region.done_at.count() > 0 {
            let [median, most, nearly_all] = times(&show_minute);
            table.row([String::new(), String::new(), median, most, nearly_all]);
        }
        if let Some(otherwise) = otherwise(region, found.runs) {
            table.line(2, otherwise);
        }
    }
    table.render(options.width, out);
}

/// `rolled back in 3.1%, held at the end in 2.0%`
fn otherwise(region: &RegionTrials, runs: usize) -> Option<String> {
    let mut says = Vec::new();
    if region.rolled_back > 0 {
        says.push(format!("hosts of it rolled back in {}", percent(region.rolled_back, runs)));
    }
    if region.held > 0 {
        says.push(format!("held at the end in {}", percent(region.held, runs)));
    }
    (!says.is_empty()).then(|| says.join(", "))
}

fn services(found: &Simulation, plan: &Plan, options: &SimulateTextOptions, out: &mut String) {
    if found.services.is_empty() {
        return;
    }
    out.push_str("\nMost hosts down at once\n");
    let mut table =
        Table::new(2, &[Side::Left, Side::Right, Side::Right, Side::Right, Side::Right, Side::Right, Side::Left]);
    table.row(["Service", "Hosts", "P50", "P90", "P99", "Most", ""]);
    for service in &found.services {
        let Some(planned) = plan.services.get(service.service) else { continue };
        let [median, high, higher] = [50, 90, 99].map(|percent| service.percentile(percent).to_string());
        let most = service.most_down.last().copied().unwrap_or_default().to_string();
        let broken = match service.broken {
            0 => String::new(),
            broken => format!("a budget is broken in {}", percent(broken, found.runs)),
        };
        table.row([harmless(&planned.name).into_owned(), planned.size.to_string(), median, high, higher, most, broken]);
    }
    table.render(options.width, out);
}

fn waited(found: &Simulation, options: &SimulateTextOptions, out: &mut String) {
    let _ = writeln!(out, "\nWhat the time goes by with, {} a run on average", found.mean_length());
    let mut table = Table::new(2, &[Side::Left, Side::Right, Side::Left]);
    for binding in Binding::ALL.into_iter().filter(|binding| !found.waited.on(*binding).is_zero()) {
        let share = found.waited.share(binding);
        table.row([words(binding).to_owned(), percentage(share), options.ink.bar(share, BAR)]);
    }
    table.render(options.width, out);
}

fn words(binding: Binding) -> &'static str {
    match binding {
        Binding::Budget => "steps, while hosts wait for room in a budget",
        Binding::Steps => "steps",
        Binding::Gate => "gates",
        Binding::Approval => "approvals",
        Binding::Soak => "soaks",
        Binding::Window => "windows that are shut",
        Binding::People => "holds, until a person acts",
    }
}

fn bar(options: &SimulateTextOptions, part: usize, whole: usize) -> String {
    options.ink.bar(part as f64 / whole.max(1) as f64, BAR)
}

/// `Wed 05-09 02:45 +10:00`
fn local(plan: &Plan, host: HostIdx, at: Moment) -> String {
    let site = plan.hosts.get(host.0 as usize).and_then(|host| plan.sites.get(host.site.0 as usize));
    let Some(site) = site else { return show_minute(at) };
    let (local, offset) = site.schedule.zone.local(at);
    format!("{} {offset}", local.format("%a %m-%d %H:%M"))
}

/// `2007-05-09 02:45Z`
fn show_minute(at: Moment) -> String {
    at.format("%Y-%m-%d %H:%MZ").to_string()
}
