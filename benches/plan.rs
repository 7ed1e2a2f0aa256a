//! What a plan costs: the flagship's rules over 36, 5,000 and 1,000,000 hosts, in one process.
//!
//! `cargo bench --bench plan`; the numbers of hosts may follow `--`. Each figure is the median of several rounds. The whole
//! process against `ansible-playbook --list-hosts` is another bench.

#![expect(clippy::disallowed_methods, reason = "a benchmark asks the clock, its arguments and the system")]
#![expect(clippy::print_stdout, reason = "its figures are its result")]

use std::fmt::Write;
use std::hint::black_box;
use std::time::Instant;

use indexmap::IndexMap;
use sunup::check::{Input, Module, Origin, Unread, check};
use sunup::inventory::{Fleet, InputFile, ReadOptions, read};
use sunup::model::Model;
use sunup::plan::{Fingerprint, Plan, from_json, make, to_json};
use sunup::report::{PlanTextOptions, plan_json, plan_text};
use sunup::source::Sources;
use sunup::syntax::parse;
use sunup::time::parse_moment;

const SCRIPT: &str = r#"
inventory "servers.csv"
connect simulated

regions by region { window mon..fri 22:00-06:00 }
team global { members "ops-lead" may everything }

service mail {
  hosts role == "mailbox"
  keep  at least 1 up per cluster
  keep  at least 50% up per region
}

bulletin B {
  packages by version {
    install   "install-{version} /quiet"
    uninstall "install-{version} /uninstall"
  }
}

gate mailflow per host   { run "probe-mailflow {host.name}"  every 30s  within 10m }
gate queue    per region { run "probe-queue {region.name}"   every 1m   within 15m }

runbook patch {
  step drain   { run "cluster node {host.name} /pause"   undo "cluster node {host.name} /resume"  takes 5m }
  step install { run package.install  undo package.uninstall  takes 20m  down }
  step reboot  { run "shutdown /r {host.address}"  takes 10m  down  needs no undo }
}

rollout all {
  apply B with patch
  to    cores > 0
  guinea-pig lab       { hosts one per package  soak 4h  gate mailflow }
  guinea-pig australia { region australia  FIRST  soak 24h  gate mailflow, queue }
  wave world           { regions following the sun  batch 25% of site at most BATCH  finish before 05:00  gate mailflow, queue }
}
"#;

fn main() {
    let asked: Vec<usize> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let sizes = if asked.is_empty() { vec![36, 5_000, 1_000_000] } else { asked };
    println!(
        "{:>9}  {:>9}  {:>9}  {:>9}  {:>9}  {:>9}  {:>9}  batches",
        "hosts", "make", "save", "load", "text", "json", "bytes"
    );
    for hosts in sizes {
        measure(hosts);
    }
}

fn measure(hosts: usize) {
    let fleet = fleet(hosts);
    // A batch of four changes the flagship's sites in nights; larger fleets want larger batches.
    let first = if hosts < 1_000 { "batch 1 per site" } else { "batch 5% of site" };
    let script = SCRIPT.replace("BATCH", &(hosts / 1_000).max(4).to_string()).replace("FIRST", first);
    let model = model(&script, &fleet);
    let rounds = if hosts > 100_000 { 3 } else { 9 };
    // The kernel's account moves in steps of some milliseconds: what is quick is measured by the many.
    let times = (200_000 / hosts.max(1)).clamp(1, 2_000);
    let plan = plan(&model, &fleet);
    let json = to_json(&plan);
    let all = PlanTextOptions { hosts: true, width: 80 };
    println!(
        "{hosts:>9}  {}  {}  {}  {}  {}  {:>9}  {}",
        median(rounds, times, || self::plan(&model, &fleet)),
        median(rounds, times, || to_json(&plan)),
        median(rounds, times, || from_json(&json)),
        median(rounds, times, || plan_text(&plan, &all)),
        median(rounds, times, || plan_json(&plan)),
        json.len(),
        plan.stages
            .iter()
            .flat_map(|stage| &stage.turns)
            .flat_map(|turn| &turn.lanes)
            .map(|lane| lane.batches.len())
            .sum::<usize>(),
    );
}

fn plan(model: &Model, fleet: &Fleet) -> Plan {
    let at = parse_moment("2007-05-08 18:00Z").expect("a moment");
    let (plan, problems) = make(model, &model.rollouts[0], fleet, at, "bench.sunup", Fingerprint::default());
    plan.unwrap_or_else(|| panic!("{problems:#?}"))
}

fn model(script: &str, fleet: &Fleet) -> Model {
    let mut sources = Sources::default();
    let file = sources.add("bench.sunup", script);
    let parse = parse(file, script);
    let modules = [Module { file, parse: &parse, origin: Origin::Own }];
    let input = Input {
        sources: &sources,
        modules: &modules,
        fleet: Some(fleet),
        calendars: &IndexMap::new(),
        unread: Unread::Nothing,
    };
    let checked = check(input);
    checked.model.filter(|model| !model.rollouts.is_empty()).unwrap_or_else(|| panic!("{:#?}", checked.problems))
}

/// Pairs in clusters, at forty sites of eight regions; no dice, so that every run plans the same.
fn fleet(hosts: usize) -> Fleet {
    const SITES: [(&str, &str, &str); 12] = [
        ("sydney", "australia", "Australia/Sydney"),
        ("perth", "australia", "Australia/Perth"),
        ("tokyo", "asia", "Asia/Tokyo"),
        ("mumbai", "asia", "Asia/Kolkata"),
        ("kathmandu", "asia", "Asia/Kathmandu"),
        ("dubai", "middle-east", "Asia/Dubai"),
        ("johannesburg", "africa", "Africa/Johannesburg"),
        ("london", "europe", "Europe/London"),
        ("frankfurt", "europe", "Europe/Berlin"),
        ("new-york", "north-america", "America/New_York"),
        ("seattle", "north-america", "America/Los_Angeles"),
        ("santiago", "latin-america", "America/Santiago"),
    ];
    let mut csv = String::from("name,address,region,site,timezone,version,role,cluster,cores\n");
    for host in 0..hosts {
        let pair = host / 2;
        let (site, region, zone) = SITES[pair % SITES.len()];
        let version = ["2000", "2003", "2007"][pair % 7 % 3];
        let role = ["mailbox", "hub"][usize::from(pair % 5 == 0)];
        let (high, low) = (host / 250 % 250, host % 250);
        let _ = writeln!(
            csv,
            "h{host:07},10.{}.{high}.{low},{region},{site},{zone},{version},{role},{site}-{pair},4",
            host / 62_500
        );
    }
    let file = InputFile { path: "servers.csv".to_owned(), bytes: csv.into_bytes() };
    read(&[file], &ReadOptions::default()).unwrap_or_else(|faults| panic!("{faults:?}"))
}

/// Milliseconds of processor time, freeing what was made included, so that what else the machine does is not counted.
fn median<T>(rounds: usize, times: usize, mut work: impl FnMut() -> T) -> String {
    let clock = Instant::now();
    let mut round = || {
        let start = processor_time(clock);
        (0..times).for_each(|_| drop(black_box(work())));
        (processor_time(clock) - start) / times as f64
    };
    let mut measured: Vec<f64> = (0..rounds).map(|_| round()).collect();
    measured.sort_by(f64::total_cmp);
    format!("{:>7.2}ms", measured[rounds / 2])
}

/// Of this thread, where the system tells; else the time on the wall.
fn processor_time(clock: Instant) -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or(clock.elapsed().as_secs_f64() * 1_000.0, |nanoseconds| nanoseconds / 1_000_000.0)
}
