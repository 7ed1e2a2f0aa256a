//! What a check costs: the flagship over 36, 5,000 and 1,000,000 hosts, sound and with a misspelt value, in one process.
//!
//! And a script of 10,000 lines over 5,000 hosts, read, checked and planned for its problems; and one with 1,000 problems.
//!
//! `cargo bench --bench check`; the numbers of hosts may follow `--`. Each figure is the median of several rounds. Reading
//! the inventory is not in it.

#![expect(clippy::disallowed_methods, reason = "a benchmark asks the clock and reads its arguments")]
#![expect(clippy::print_stdout, reason = "its figures are its result")]

use std::fmt::Write;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use indexmap::IndexMap;
use sunup::builtin::library;
use sunup::check::{Checked, Input, Module, Origin, Unread, check};
use sunup::diagnostic::{Severity, short};
use sunup::inventory::{Fleet, InputFile, ReadOptions, read};
use sunup::session::Session;
use sunup::source::{FileId, Sources};
use sunup::syntax::parse;
use sunup::time::CalendarRule;
use sunup::world::MemoryWorld;

const FLAGSHIP: &str = include_str!("../examples/exchange-2007/rollout.sunup");

const FREEZE: &str = include_str!("../examples/exchange-2007/freeze.ics");

fn main() {
    let asked: Vec<usize> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let sizes = if asked.is_empty() { vec![36, 5_000, 1_000_000] } else { asked };
    println!("{:>9}  {:>9}  {:>9}", "hosts", "sound", "misspelt");
    for hosts in sizes {
        let fleet = fleet(hosts);
        let misspelt = FLAGSHIP.replace("\"exchange\" {", "\"exchnage\" {");
        println!("{hosts:>9}  {}  {}", measure(FLAGSHIP, &fleet, 0), measure(&misspelt, &fleet, 1));
    }
    let servers = csv(5_000);
    // Each rollout is planned for its problems, for half of the hosts: about two milliseconds.
    for every in [10, 1] {
        let long = long_script(10_000, every, "exchange");
        println!("10,000 lines over 5,000 hosts, one rollout for {every}: {}", measure_whole(&long, &servers, 0));
    }
    // Each rollout has one slip, and each slip its near miss among the values.
    let slips = long_script(17_000, 1, "exchnage");
    println!("1,000 problems, of which the hosts are named: {}", measure_whole(&slips, &servers, 1_000));
}

/// Bulletins, each with a gate or (one of so many) a rollout, until the script is so long.
fn long_script(lines: usize, every: usize, product: &str) -> String {
    let mut script = FLAGSHIP.split("bulletin MS07-026").next().unwrap_or_default().to_owned();
    script.push_str("gate mailflow per host { run \"probe {host.name}\"  every 30s  within 10m }\n");
    script
        .push_str("runbook patch { step install { run package.install  undo package.uninstall  takes 20m  down } }\n");
    let mut number = 0;
    let mut written = script.lines().count();
    while written < lines {
        let bulletin = format!(
            r#"
bulletin B-{number} {{
  severity critical
  packages by version where product == "exchange" {{
    install   "put-{{version}} {number}"
    uninstall "take-{{version}} {number}"
  }}
}}
"#
        );
        let rollout = format!(
            r#"rollout r-{number} {{
  apply B-{number} with patch
  to    product == "{product}"
  start 2007-05-08 18:00 UTC
  guinea-pig lab   {{ hosts one per package, role  soak 4h  gate mailflow }}
  wave       world {{ batch 25% of site at most 40  gate mailflow }}
  on gate failed                   {{ rollback batch  hold region }}
  on more than 2% failed in region {{ rollback region }}
}}
"#
        );
        let gate = format!(
            r#"gate g-{number} per host {{
  run    "probe-{number} {{host.name}} {{host.site}}"
  every  30s
  within 10m
}}
let of-{number} = count(hosts where role == "mailbox" and version in [2003, 2007])
"#
        );
        let piece = bulletin + if number % every == 0 { &rollout } else { &gate };
        written += piece.lines().count();
        script.push_str(&piece);
        number += 1;
    }
    script
}

/// As `sunup check` does it, without the output.
fn measure_whole(script: &str, servers: &str, problems: usize) -> String {
    let world = MemoryWorld::new().file("servers.csv", servers).file("freeze.ics", FREEZE).file("bench.sunup", script);
    let load = || Session::load(&world, Path::new("bench.sunup"));
    let found = load().check_plans(None);
    let errors = found.iter().filter(|problem| problem.severity == Severity::Error).count();
    assert!(errors >= problems.min(1) && errors <= problems, "{errors}: {}", short(&found, &load().sources));
    let start = Instant::now();
    let session = load();
    let loaded = start.elapsed();
    black_box(session.check_plans(None));
    let whole = start.elapsed();
    let rounds = 5;
    let mut all: Vec<f64> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            black_box(load().check_plans(None));
            start.elapsed().as_secs_f64() * 1_000.0
        })
        .collect();
    all.sort_by(f64::total_cmp);
    format!(
        "{:>7.1} ms, {} lines, {} problems (once: {:.1} ms to load and check, {:.1} ms with the plans)",
        all[rounds / 2],
        script.lines().count(),
        found.len(),
        loaded.as_secs_f64() * 1_000.0,
        whole.as_secs_f64() * 1_000.0
    )
}

fn measure(script: &str, fleet: &Fleet, errors: usize) -> String {
    let mut sources = Sources::default();
    let module = library("patch-tuesday").unwrap_or_default();
    let files = [sources.add("bench.sunup", script), sources.add("std.patch-tuesday", module)];
    let parses = [parse(files[0], script), parse(files[1], module)];
    let modules = [
        Module { file: files[0], parse: &parses[0], origin: Origin::Own },
        Module { file: files[1], parse: &parses[1], origin: Origin::Library },
    ];
    let calendars: IndexMap<(FileId, String), _> =
        IndexMap::from([((files[0], "freeze.ics".to_owned()), Ok(CalendarRule::Listed(Default::default())))]);
    let input = Input {
        sources: &sources,
        modules: &modules,
        fleet: Some(fleet),
        calendars: &calendars,
        unread: Unread::Nothing,
    };
    let checked = check(input);
    assert_eq!(checked.problems.len(), errors, "{:#?}", checked.problems);
    median(if fleet.len() > 100_000 { 5 } else { 101 }, || check(input))
}

/// Pairs in clusters at twelve sites; no dice, so that every run is the same. Every other host is an Exchange server.
fn fleet(hosts: usize) -> Fleet {
    let file = InputFile { path: "servers.csv".to_owned(), bytes: csv(hosts).into_bytes() };
    read(&[file], &ReadOptions::default()).unwrap_or_else(|faults| panic!("{faults:?}"))
}

fn csv(hosts: usize) -> String {
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
    let owner = |region: &str| match region {
        "australia" | "asia" => "apac",
        "north-america" => "amer",
        "latin-america" => "latam",
        _ => "emea",
    };
    let mut csv = String::from("name,address,region,site,timezone,owner,product,version,role,cluster,installed\n");
    for host in 0..hosts {
        let (pair, product) = (host / 2, ["exchange", "iis"][host % 2]);
        let (site, region, zone) = SITES[pair % SITES.len()];
        let version = ["2000", "2003", "2007"][pair % 7 % 3];
        let role = ["mailbox", "hub"][usize::from(pair % 5 == 0)];
        let _ = writeln!(
            csv,
            "h{host:07},10.{}.{}.{},{region},{site},{zone},{},{product},{version},{role},{site}-{pair},",
            host / 62_500,
            host / 250 % 250,
            host % 250,
            owner(region),
        );
    }
    csv
}

/// Milliseconds.
fn median(rounds: usize, mut work: impl FnMut() -> Checked) -> String {
    let mut times: Vec<f64> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            black_box(work());
            start.elapsed().as_secs_f64() * 1_000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    format!("{:>7.2}ms", times[rounds / 2])
}
