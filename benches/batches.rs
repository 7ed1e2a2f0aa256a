//! What a rollout of very many batches of one host costs, planned and rehearsed: barriers one after the other at many sites, and
//! windows of hosts that slide. `cargo bench --bench batches`; `-- --hosts N` sets the most hosts, `--rounds N` the rounds (3).
//!
//! Each size is eight times the one before, so a cost for each host that grows with the hosts shows. The program ends with 1 where one
//! grows by more than [`MOST_GROWTH`] from one size to the next.

#![expect(clippy::print_stdout, reason = "its figures are its result")]

#[allow(dead_code, reason = "peers that run in turn are another benchmark's")]
mod rounds;

use std::fmt::Write;
use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Arc;

use indexmap::IndexMap;
use sunup::check::{Input, Module, Origin, Unread, check};
use sunup::engine::Outcome;
use sunup::inventory::{Fleet, InputFile, ReadOptions, read};
use sunup::model::Model;
use sunup::plan::{Fingerprint, Plan, make};
use sunup::run::{Controller, Rehearsal, Settings, Silent, StateFolder};
use sunup::source::Sources;
use sunup::syntax::parse;
use sunup::time::parse_moment;

use rounds::{option, processor_seconds};

/// Caches and noise double it; the square would be eight.
const MOST_GROWTH: f64 = 3.0;

const SCRIPT: &str = r#"
inventory "servers.csv"
connect simulated

regions by region { window mon..sun 20:00-08:00 }
team ops { members "ada"  may everything }

service mail { hosts product == "mail"  keep at least 50% up per site }

bulletin B { package p { install "install {host.name}"  uninstall "remove {host.name}" } }

gate up per host { run "probe {host.name}"  every 30s  within 10m }

runbook patch { step install { run package.install  undo package.uninstall  takes 1m  down } }

rollout all {
  apply B with patch
  to    true
  guinea-pig first { hosts one per package  gate up }
  wave rest { PACE  gate up }
}
"#;

/// Sites of a region share a lane where nothing is said of sites: then the region's hosts are one long row.
const PACES: [(&str, &str); 4] = [
    ("batch 1 per site", "batch 1 per site"),
    ("at most 1 at once per site", "at most 1 at once per site"),
    ("at most 2 at once per site, one region after the other", "regions following the sun  at most 2 at once per site"),
    ("at most 100 at once of a region", "at most 100 at once"),
];

const SITES: usize = 400;

fn main() -> ExitCode {
    let (most, rounds) = (option("--hosts", 1_000_000), option("--rounds", 3));
    let sizes: Vec<usize> = [64, 8, 1].into_iter().map(|part| most / part).collect();
    let mut is_linear = true;
    println!("microseconds of processor for each host, median (least – most) of {rounds} rounds");
    for (name, pace) in PACES {
        println!("\n{name}\n{:>9}  {:>9}  {:>24}  {:>24}", "hosts", "batches", "planned", "rehearsed");
        let script = SCRIPT.replace("PACE", pace);
        let mut before: Option<[f64; 2]> = None;
        for &hosts in &sizes {
            let measured = measure(&script, hosts, rounds);
            if let Some(before) = before {
                is_linear &= measured.iter().zip(before).all(|(now, before)| *now <= before * MOST_GROWTH);
            }
            before = Some(measured);
        }
    }
    match is_linear {
        true => ExitCode::SUCCESS,
        false => {
            println!("\nworse than linear");
            ExitCode::FAILURE
        }
    }
}

/// Microseconds for a host, planned and rehearsed.
fn measure(script: &str, hosts: usize, rounds: usize) -> [f64; 2] {
    let fleet = fleet(hosts);
    let model = model(script, &fleet);
    let (mut planned, mut rehearsed) = (Vec::new(), Vec::new());
    let mut batches = 0;
    // The kernel's account moves in steps of some milliseconds: what is quick is measured by the many.
    let times = (200_000 / hosts.max(1)).clamp(1, 200);
    for _ in 0..rounds {
        let began = processor_seconds();
        (1..times).for_each(|_| drop(black_box(plan(&model, &fleet))));
        let plan = black_box(plan(&model, &fleet));
        planned.push(micros(began, hosts * times));
        batches = count_batches(&plan);
        let began = processor_seconds();
        rehearse(Arc::new(plan));
        rehearsed.push(micros(began, hosts));
    }
    println!("{hosts:>9}  {batches:>9}  {:>24}  {:>24}", shown(&mut planned), shown(&mut rehearsed));
    [planned[planned.len() / 2], rehearsed[rehearsed.len() / 2]]
}

fn micros(began: f64, hosts: usize) -> f64 {
    (processor_seconds() - began) * 1e6 / hosts as f64
}

fn shown(values: &mut [f64]) -> String {
    values.sort_by(f64::total_cmp);
    format!("{:.2} ({:.2} – {:.2})", values[values.len() / 2], values[0], values[values.len() - 1])
}

fn count_batches(plan: &Plan) -> usize {
    let turns = plan.stages.iter().flat_map(|stage| &stage.turns);
    turns.flat_map(|turn| &turn.lanes).map(|lane| lane.batches.len()).sum()
}

fn plan(model: &Model, fleet: &Fleet) -> Plan {
    let at = parse_moment("2007-05-08 18:00Z").expect("a moment");
    let (plan, problems) = make(model, &model.rollouts[0], fleet, at, "bench.sunup", Fingerprint::default());
    plan.unwrap_or_else(|| panic!("{problems:#?}"))
}

/// Nothing is started: what is left is the engine, the journal and the made-up hosts.
fn rehearse(plan: Arc<Plan>) {
    let folder = tempfile::tempdir().expect("a folder");
    let state = StateFolder::open(folder.path().join("state")).expect("a state folder");
    let rehearsal = Rehearsal { all_simulated: true, ..Rehearsal::default() };
    let controller = Controller::rehearse(&state, plan, "bench", rehearsal, Settings::default()).expect("it begins");
    let end = controller.carry_on(&mut Silent).expect("it ends");
    assert_eq!(end.outcome, Some(Outcome::Complete));
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

/// Every site has as many hosts; no dice, so that every run plans the same.
fn fleet(hosts: usize) -> Fleet {
    const REGIONS: [(&str, &str); 4] = [
        ("australia", "Australia/Sydney"),
        ("asia", "Asia/Tokyo"),
        ("europe", "Europe/Berlin"),
        ("america", "America/New_York"),
    ];
    let mut csv = String::from("name,region,site,timezone,product\n");
    for host in 0..hosts {
        let site = host % SITES;
        let (region, zone) = REGIONS[site % REGIONS.len()];
        let _ = writeln!(csv, "h{host:07},{region},{region}-{site:03},{zone},mail");
    }
    let file = InputFile { path: "servers.csv".to_owned(), bytes: csv.into_bytes() };
    read(&[file], &ReadOptions::default()).unwrap_or_else(|faults| panic!("{faults:?}"))
}
