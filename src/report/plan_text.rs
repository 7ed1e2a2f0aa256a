use chrono::{NaiveDateTime, Timelike};

use crate::diagnostic::harmless;
use crate::model::{Budget, Gate, Scope, Step};
use crate::plan::{
    AtOnceLimit, BatchLimit, BatchPlan, BudgetGroup, HostIdx, Lane, Plan, PlanRefinement, RegionTurn, StagePlan,
    most_down,
};
use crate::report::slides::slides;
use crate::report::table::{Side, Table, push_field};
use crate::report::words;
use crate::time::{Interval, Zone, show_utc};

/// How a plan is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanTextOptions {
    /// Down to the hosts of each batch.
    pub hosts: bool,
    /// Of the terminal, in columns; 80 where there is none.
    pub width: usize,
}

/// A plan for people: what is rolled out, a table for each stage with local times and UTC, what stands between the
/// stages, and how near the budgets come to their limits.
pub fn plan_text(plan: &Plan, options: &PlanTextOptions) -> String {
    let mut out = String::new();
    heading(plan, options.width, &mut out);
    for (idx, stage) in plan.stages.iter().enumerate() {
        out.push('\n');
        show_stage(plan, idx, stage, options, &mut out);
    }
    budgets(plan, options.width, &mut out);
    out
}

fn heading(plan: &Plan, width: usize, out: &mut String) {
    out.push_str(&format!("Rollout {} of {}", harmless(&plan.rollout), harmless(&plan.bulletin)));
    if let Some(severity) = plan.severity {
        out.push_str(&format!(" ({})", words::severity(severity)));
    }
    out.push('\n');
    let mut field = |label: &str, text: &str| push_field(out, 2, label, text, width);
    if let Some(title) = &plan.title {
        field("title", &harmless(title));
    }
    field("script", &harmless(&plan.script));
    field("runbook", &runbook(plan));
    if plan.ahead_steps() > 0 {
        field("ahead", &format!("{} on all hosts of a region as soon as its turn begins", plan.ahead_length()));
    }
    field("hosts", &packages(plan));
    field("starts", &show_utc(plan.starts_at));
    let lasts_for = Interval { start: plan.starts_at, end: plan.ends_at }.length();
    field("ends", &format!("{} at the earliest, after {lasts_for}", show_utc(plan.ends_at)));
    if let Some(deadline) = plan.deadline {
        let left = Interval { start: plan.ends_at, end: deadline }.length();
        field("deadline", &format!("{}, {left} after the earliest end", show_utc(deadline)));
    }
    field("zones", &harmless(&plan.zone_data));
    field("plan", &harmless(plan.fingerprint.whole.get(..12).unwrap_or(&plan.fingerprint.whole)));
}

/// `patch-exchange, 37m: fetch 30m ahead, drain 5m, install 20m down, tidy 1m on the 3 with dns-rpc-off`
fn runbook(plan: &Plan) -> String {
    let step = |step: &Step| {
        let ahead = if step.ahead { " ahead" } else { "" };
        let down = if step.down { " down" } else { "" };
        let least = step.takes_at_least.map_or_else(String::new, |least| format!("{least} to "));
        format!("{} {least}{}{ahead}{down}{}", harmless(&step.name), step.takes, lifted(plan, step))
    };
    let steps: Vec<String> = plan.steps.iter().map(step).collect();
    format!("{}, {}: {}", harmless(&plan.runbook), plan.batch_length(), steps.join(", "))
}

/// ` on the 3 hosts with dns-rpc-off`
fn lifted(plan: &Plan, step: &Step) -> String {
    let workaround = step.lifts.and_then(|workaround| plan.workarounds.get(workaround.0 as usize));
    workaround.map_or_else(String::new, |workaround| {
        format!(" on the {} with {}", count(workaround.hosts.len(), "host", "hosts"), harmless(&workaround.name))
    })
}

/// `36: exchange-2003 12, exchange-2007 24`
fn packages(plan: &Plan) -> String {
    let mut counts = vec![0usize; plan.packages.len()];
    for host in &plan.hosts {
        if let Some(count) = counts.get_mut(host.package.0 as usize) {
            *count += 1;
        }
    }
    let used = plan.packages.iter().zip(&counts).filter(|(_, count)| **count > 0);
    let packages: Vec<String> = used.map(|(package, count)| format!("{} {count}", harmless(&package.name))).collect();
    format!("{}: {}", plan.hosts.len(), packages.join(", "))
}

fn show_stage(plan: &Plan, idx: usize, stage: &StagePlan, options: &PlanTextOptions, out: &mut String) {
    let order = match (stage.turns.len(), stage.together) {
        (1, _) => "",
        (_, true) => ", regions together",
        (_, false) => ", one region after the other",
    };
    let batches = || stage.turns.iter().flat_map(|turn| &turn.lanes).flat_map(|lane| &lane.batches);
    let hosts: usize = batches().map(|batch| batch.hosts.len()).sum();
    let hosts = count(hosts, "host", "hosts");
    let batch_count = match &stage.at_once {
        Some(_) => String::new(),
        None => format!(" in {}", count(batches().count(), "batch", "batches")),
    };
    let name = harmless(&stage.name);
    out.push_str(&format!("{}. {} {name}: {hosts}{batch_count}{order}\n", idx + 1, words::kind(stage.kind)));
    let mut field = |label: &str, text: &str| push_field(out, 3, label, text, options.width);
    field("starts", &show_utc(stage.starts_at));
    if let Some(batch) = &stage.batch {
        field("batch", &batch_limit(batch));
    }
    if let Some(order_by) = &stage.order_by {
        field("order", &harmless(order_by));
    }
    if let Some(AtOnceLimit { most, scope }) = stage.at_once {
        field("at once", &format!("at most {most} per {}, each through its gates by itself", words::scope(scope)));
    }
    if let Some(finish) = stage.finish_before {
        field("finish", &format!("before {}", words::finish(finish)));
    }
    out.push('\n');
    stage_table(plan, stage, options.hosts).render(options.width, out);
    out.push('\n');
    after_stage(plan, stage, options.width, out);
}

/// `25% of site at most 4`
fn batch_limit(batch: &BatchLimit) -> String {
    let scope = match batch.scope {
        Scope::Region => "region",
        _ => "site",
    };
    let amount = match batch.amount {
        Budget::Hosts(hosts) => format!("{hosts} per {scope}"),
        Budget::Percent(percent) => format!("{percent}% of {scope}"),
    };
    match batch.at_most {
        Some(most) => format!("{amount} at most {most}"),
        None => amount,
    }
}

fn stage_table(plan: &Plan, stage: &StagePlan, hosts: bool) -> Table {
    let mut table = Table::new(3, &[Side::Left, Side::Right, Side::Right, Side::Left, Side::Left]);
    table.row(["Site", "Batch", "Hosts", "Local time", "UTC"]);
    for turn in &stage.turns {
        let region = plan.regions.get(turn.region.0 as usize).map_or("", |region| &region.name);
        table.line(0, harmless(region));
        if let Some(refinement) = plan.refinement(turn.region) {
            refined(plan, refinement).into_iter().for_each(|line| table.line(2, line));
        }
        if plan.at_once(stage, turn.region).is_some() {
            sliding_rows(plan, turn, hosts, &mut table);
            continue;
        }
        for (number, batch) in in_order(turn) {
            table.row([
                format!("  {}", sites_of(plan, batch)),
                number.to_string(),
                batch.hosts.len().to_string(),
                local_times(plan, batch),
                utc_times(batch),
            ]);
            if hosts {
                host_lines(plan, batch, &mut table);
            }
        }
    }
    table
}

/// A line for each member: `refined: at most 1 per region at once`, `refined: soak 1d`.
fn refined(plan: &Plan, refinement: &PlanRefinement) -> Vec<String> {
    let mut said: Vec<String> = refinement.times.iter().map(|times| harmless(times).into_owned()).collect();
    said.extend(refinement.batch.as_ref().map(|batch| format!("batch {}", batch_limit(batch))));
    said.extend(
        refinement.at_once.map(|limit| format!("at most {} per {} at once", limit.most, words::scope(limit.scope))),
    );
    said.extend(refinement.soak.map(|soak| format!("soak {soak}")));
    let gates = refinement.gates.iter().filter_map(|gate| plan.gates.get(gate.0 as usize));
    said.extend(gates.map(|gate| format!("gate {}", show_gate(gate))));
    said.extend(refinement.finish_before.map(|finish| format!("finish before {}", words::finish(finish))));
    said.into_iter().map(|member| format!("refined: {member}")).collect()
}

/// A row for each lane and window.
fn sliding_rows(plan: &Plan, turn: &RegionTurn, hosts: bool, table: &mut Table) {
    for lane in &turn.lanes {
        for slide in slides(lane) {
            table.row([
                format!("  {}", sites_of(plan, &slide.whole)),
                slide.numbers(),
                slide.whole.hosts.len().to_string(),
                local_times(plan, &slide.whole),
                utc_times(&slide.whole),
            ]);
            for (host, start, end) in slide.hosts().filter(|_| hosts) {
                let times = times(start.naive_utc(), end.naive_utc());
                table.line(4, format!("{}  {times}", host_words(plan, host)));
            }
        }
    }
}

/// The batches of a turn, lane after lane, with their numbers in it.
fn in_order(turn: &RegionTurn) -> impl Iterator<Item = (usize, &BatchPlan)> {
    turn.lanes.iter().flat_map(|Lane { batches, .. }| batches.iter().enumerate().map(|(idx, batch)| (idx + 1, batch)))
}

/// `sydney`; `sydney +2` where hosts of two more sites are in the batch.
fn sites_of(plan: &Plan, batch: &BatchPlan) -> String {
    let mut sites: Vec<u32> = batch.hosts.iter().map(|&host| plan.host(host).site.0).collect();
    let first = sites.first().copied().unwrap_or(0);
    sites.sort_unstable();
    sites.dedup();
    let name = plan.sites.get(first as usize).map_or("", |site| &site.name);
    match sites.len() {
        0 | 1 => harmless(name).into_owned(),
        more => format!("{} +{}", harmless(name), more - 1),
    }
}

fn host_lines(plan: &Plan, batch: &BatchPlan, table: &mut Table) {
    for &idx in &batch.hosts {
        table.line(4, host_words(plan, idx));
    }
}

/// `ex-syd-01  exchange-2003  sydney`
fn host_words(plan: &Plan, idx: HostIdx) -> String {
    let host = plan.host(idx);
    let package = plan.packages.get(host.package.0 as usize).map_or("", |package| &package.name);
    let site = plan.sites.get(host.site.0 as usize).map_or("", |site| &site.name);
    format!("{}  {}  {}", harmless(&host.name), harmless(package), harmless(site))
}

/// `Wed 05-09 22:00–22:37 +10:00`, in the zone that all hosts of the batch share.
fn local_times(plan: &Plan, batch: &BatchPlan) -> String {
    let utc = Zone::utc();
    let site = batch.hosts.first().and_then(|&host| plan.sites.get(plan.host(host).site.0 as usize));
    let zone = site.map_or(&utc, |site| &site.schedule.zone);
    let ((start, offset), (end, _)) = (zone.local(batch.starts_at), zone.local(batch.ends_at));
    format!("{} {} {offset}", start.format("%a"), times(start, end))
}

/// `05-09 12:00–12:37`
fn utc_times(batch: &BatchPlan) -> String {
    times(batch.starts_at.naive_utc(), batch.ends_at.naive_utc())
}

/// The end bears no date where it is the first such time after the start.
fn times(start: NaiveDateTime, end: NaiveDateTime) -> String {
    let days = (end - start).num_days();
    let later = if days > 0 { format!(" +{days}d") } else { String::new() };
    format!("{} {}–{}{later}", start.format("%m-%d"), time_of_day(start), time_of_day(end))
}

fn time_of_day(at: NaiveDateTime) -> impl std::fmt::Display {
    if at.second() == 0 { at.format("%H:%M") } else { at.format("%H:%M:%S") }
}

fn after_stage(plan: &Plan, stage: &StagePlan, width: usize, out: &mut String) {
    let mut field = |label: &str, text: &str| push_field(out, 3, label, text, width);
    let gates: Vec<String> = stage.gates.iter().filter_map(|id| plan.gates.get(id.0 as usize)).map(show_gate).collect();
    if !gates.is_empty() {
        let each = if stage.at_once.is_some() { "host" } else { "batch" };
        field("gates", &format!("after each {each}: {}", gates.join(", ")));
    }
    if !stage.soak.is_zero() {
        let again = if gates.is_empty() { "" } else { ", then the gates again" };
        field("soak", &format!("{}{again}", stage.soak));
    }
    if let Some(approval) = &stage.approval {
        let team = plan.teams.get(approval.team.0 as usize).map_or("", |team| &team.name);
        let within = approval
            .within
            .map_or(String::new(), |within| format!(" within {within}, else {}", words::otherwise(approval.otherwise)));
        field("approval", &format!("by {}{within}", harmless(team)));
    }
    field("ends", &show_utc(stage.ends_at));
}

/// `queue per region for 15m`
fn show_gate(gate: &Gate) -> String {
    let per = words::per(gate.per);
    let lasts = if gate.lasts_for.is_zero() { String::new() } else { format!(" for {}", gate.lasts_for) };
    format!("{} per {per}{lasts}", harmless(&gate.name))
}

fn budgets(plan: &Plan, width: usize, out: &mut String) {
    if plan.budgets.is_empty() {
        return;
    }
    out.push_str("\nBudgets, at the worst moment of the plan\n");
    let mut table = Table::new(2, &[Side::Left, Side::Right, Side::Right, Side::Right, Side::Left]);
    table.row(["Keep up", "Groups", "Down", "Limit", "Nearest to its limit"]);
    for (service, kinds) in kinds(plan) {
        table.line(0, harmless(service));
        for kind in kinds {
            let Kind { per, groups, worst, down } = kind;
            let rule = if per.is_empty() { worst.rule.clone() } else { format!("{} per {per}", worst.rule) };
            table.row([
                format!("  {}", harmless(&rule)),
                groups.to_string(),
                down.to_string(),
                worst.most_down().to_string(),
                harmless(&worst.group).into_owned(),
            ]);
        }
    }
    table.render(width, out);
}

/// The groups of one service that come of one `keep`.
struct Kind<'a> {
    per: &'a str,
    groups: usize,
    /// The group that comes nearest to its limit, and how many of it are down then.
    worst: &'a BudgetGroup,
    down: u32,
}

fn kinds(plan: &Plan) -> Vec<(&str, Vec<Kind<'_>>)> {
    let mut services: Vec<(&str, Vec<Kind>)> = Vec::new();
    for (group, down) in plan.budgets.iter().zip(most_down(plan)) {
        if services.last().is_none_or(|(service, _)| *service != group.service) {
            services.push((&group.service, Vec::new()));
        }
        let Some((_, kinds)) = services.last_mut() else { continue };
        let per = per_of(group);
        match kinds.last_mut().filter(|kind| kind.worst.rule == group.rule && kind.per == per) {
            Some(kind) => {
                kind.groups += 1;
                // down / limit of the one against that of the other, without division.
                let nearness = |down: u32, of: &BudgetGroup| u64::from(down) * u64::from(of.most_down().max(1));
                if nearness(down, kind.worst) > nearness(kind.down, group) {
                    (kind.worst, kind.down) = (group, down);
                }
            }
            None => kinds.push(Kind { per, groups: 1, worst: group, down }),
        }
    }
    services
}

/// `cluster` of `cluster sydney-exchange-1`, and of `no cluster`.
fn per_of(group: &BudgetGroup) -> &str {
    let mut words = group.group.split(' ');
    match words.next() {
        Some("no") => words.next().unwrap_or(""),
        word => word.unwrap_or(""),
    }
}

fn count(number: usize, one: &str, more: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { more })
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::*;
    use crate::model::{Approval, Finish, Otherwise, Per, Pick, RegionOrder, StageKind};
    use crate::plan::example::{Example, batch, minutes, span};

    const WITH_HOSTS: PlanTextOptions = PlanTextOptions { hosts: true, width: 80 };

    #[test]
    fn a_plan_is_read_from_top_to_bottom() {
        let csv = "name,region,site,timezone,version,cluster\n\
            ex-syd-01,australia,sydney,Australia/Sydney,2003,a\nex-syd-02,australia,sydney,Australia/Sydney,2007,a\n\
            ex-per-01,australia,perth,Australia/Perth,2003,b\nex-tok-01,日本,東京\u{1b}[31m,Asia/Tokyo,2003,\n\
            ex-tok-02,日本,東京\u{1b}[31m,Asia/Tokyo,2003,\n";
        let mut example = Example::of(csv);
        example.packages_by("version");
        example.step("install", 30, true);
        let mailflow = example.gate("mailflow", Per::Host, 0);
        let queue = example.gate("queue", Per::Region, 15);
        let team = example.team("global");
        let keeps = [(Budget::Hosts(1), Some("cluster")), (Budget::Percent(50.0), None)];
        example.service("mail", "region", "australia", &keeps[1..]);
        example.service("web", "version", "2003", &keeps[1..]);
        example.service("web", "region", "日本", &keeps[..1]);
        // One host cannot stand for two packages, so it is a guinea pig only where it is shown.
        let pig = example.stage("lab", StageKind::Wave, Pick::Amount(Budget::Hosts(1)));
        (pig.soak, pig.gates) = (minutes(240), vec![mailflow, queue]);
        let otherwise = Otherwise::Rollback;
        pig.approval = Some(Approval { team, within: Some(minutes(480)), otherwise, span: span(1) });
        let world = example.rest();
        world.order = RegionOrder::FollowingTheSun { from: None };
        world.batch = batch(Budget::Percent(50.0), Scope::Region, Some(4));
        world.finish_before = crate::time::parse_time_of_day("05:00").map(Finish::Time);
        let mut plan = example.plan("2007-05-08 12:00Z");
        plan.stages[0].kind = StageKind::GuineaPig;
        let text = plan_text(&plan, &WITH_HOSTS);
        assert_eq!(text, EXPECTED, "{text}");
    }

    const EXPECTED: &str = "\
Rollout may of MS07-026 (critical)
  script    scripts/may.sunup
  runbook   patch, 30m: install 30m down
  hosts     5: exchange-2003 4, exchange-2007 1
  starts    2007-05-08 12:00Z
  ends      2007-05-08 19:00Z at the earliest, after 7h
  zones     2026f
  plan      0123456789ab

1. guinea-pig lab: 1 host in 1 batch
   starts    2007-05-08 12:00Z

   Site      Batch  Hosts  Local time                    UTC
   australia
     sydney      1      1  Tue 05-08 22:00–22:30 +10:00  05-08 12:00–12:30
       ex-syd-01  exchange-2003  sydney

   gates     after each batch: mailflow per host, queue per region for 15m
   soak      4h, then the gates again
   approval  by global within 8h, else rollback
   ends      2007-05-08 17:00Z

2. wave rest: 4 hosts in 4 batches, one region after the other
   starts    2007-05-08 17:00Z
   batch     50% of region at most 4
   finish    before 05:00

   Site            Batch  Hosts  Local time                    UTC
   australia
     sydney            1      1  Wed 05-09 03:00–03:30 +10:00  05-08 17:00–17:30
       ex-syd-02  exchange-2007  sydney
     perth             2      1  Wed 05-09 01:30–02:00 +08:00  05-08 17:30–18:00
       ex-per-01  exchange-2003  perth
   日本
     東京\\u{1b}[31m
                       1      1  Wed 05-09 03:00–03:30 +09:00  05-08 18:00–18:30
       ex-tok-01  exchange-2003  東京\\u{1b}[31m
     東京\\u{1b}[31m
                       2      1  Wed 05-09 03:30–04:00 +09:00  05-08 18:30–19:00
       ex-tok-02  exchange-2003  東京\\u{1b}[31m

   ends      2007-05-08 19:00Z

Budgets, at the worst moment of the plan
  Keep up                      Groups  Down  Limit  Nearest to its limit
  mail
    at least 50% up                 1     1      1
  web
    at least 50% up                 1     1      2
    at least 1 up per cluster       1     1      1  no cluster
";

    #[test]
    fn a_long_batch_tells_on_which_day_it_ends() {
        let mut example = Example::plain(2);
        example.rest();
        example.rollout.steps[0].takes = minutes(60 * 49);
        let text = plan_text(&example.plan("2007-05-08 12:00Z"), &PlanTextOptions { hosts: false, width: 80 });
        assert!(
            text.contains("here      1      2  Tue 05-08 12:00–13:00 +2d +00:00  05-08 12:00–13:00 +2d\n"),
            "{text}"
        );
        assert!(!text.contains("Budgets"), "{text}");
    }

    /// Nobody's terminal is too narrow, and the flagship's plan fits the usual one.
    #[test]
    fn every_width_has_its_lines() {
        let plan = Example::exchange().plan("2007-05-08 18:00Z");
        let text = plan_text(&plan, &PlanTextOptions { hosts: true, width: 80 });
        assert!(text.lines().all(|line| line.width() <= 80), "{text}");
        for host in &plan.hosts {
            assert_eq!(text.matches(&format!(" {} ", host.name)).count(), 1, "{}", host.name);
        }
        for width in 0..80 {
            let narrow = plan_text(&plan, &PlanTextOptions { hosts: true, width });
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(words(&narrow), words(&text), "{width}");
        }
    }
}
