//! What a check costs: the flagship over 36, 5,000 and 1,000,000 hosts, sound and with a misspelt value, in one process.
//!
//! `cargo bench --bench check`; the numbers of hosts may follow `--`. Each figure is the median of several rounds. Reading
//! the inventory is not in it.

#![expect(clippy::disallowed_methods, reason = "a benchmark asks the clock and reads its arguments")]
#![expect(clippy::print_stdout, reason = "its figures are its result")]

use std::fmt::Write;
use std::hint::black_box;
use std::time::Instant;

use indexmap::IndexMap;
use sunup::builtin::library;
use sunup::check::{Checked, Input, Module, Origin, Unread, check};
use sunup::inventory::{Fleet, InputFile, ReadOptions, read};
use sunup::source::{FileId, Sources};
use sunup::syntax::parse;
use sunup::time::CalendarRule;

const FLAGSHIP: &str = include_str!("../examples/exchange-2007/rollout.sunup");

fn main() {
    let asked: Vec<usize> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let sizes = if asked.is_empty() { vec![36, 5_000, 1_000_000] } else { asked };
    println!("{:>9}  {:>9}  {:>9}", "hosts", "sound", "misspelt");
    for hosts in sizes {
        let fleet = fleet(hosts);
        let misspelt = FLAGSHIP.replace("\"exchange\" {", "\"exchnage\" {");
        println!("{hosts:>9}  {}  {}", measure(FLAGSHIP, &fleet, 0), measure(&misspelt, &fleet, 1));
    }
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
    let file = InputFile { path: "servers.csv".to_owned(), bytes: csv.into_bytes() };
    read(&[file], &ReadOptions::default()).unwrap_or_else(|faults| panic!("{faults:?}"))
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
