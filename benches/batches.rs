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
  on step failed { rollback rollout }
}
ITEMS
"#;

struct Shape {
    name: &'static str,
    pace: &'static str,
    items: &'static str,
    /// Where the last host fails, all is undone.
    last_fails: bool,
}

const BATCH: Shape = Shape { name: "batch 1 per site", pace: "batch 1 per site", items: "", last_fails: false };

const SHAPES: [Shape; 7] = [
    BATCH,
    Shape { name: "at most 1 at once per site", pace: "at most 1 at once per site", ..BATCH },
    Shape {
        name: "at most 2 at once per site, one region after the other",
        pace: "regions following the sun  at most 2 at once per site",
        ..BATCH
    },
    Shape { name: "at most 100 at once of a region", pace: "at most 100 at once", ..BATCH },
    // The sites of a region share one long row.
    Shape { name: "batch 1 of a region", pace: "batch 1", ..BATCH },
    Shape {
        name: "two regions refined, under a policy",
        items: "refine all in region asia, europe { window mon..fri 22:00-07:00  at most 1 at once per site  gate too  soak 2h }
            gate too per site { run \"probe {site.name}\" }
            policy house { require batch at most 50% of site  require gate up }",
        ..BATCH
    },
    Shape { name: "batch 1 per site, and the last host fails: all is undone", last_fails: true, ..BATCH },
];

const SITES: usize = 400;

fn main() -> ExitCode {
    let (most, rounds) = (option("--hosts", 1_000_000), option("--rounds", 3));
    let sizes: Vec<usize> = [64, 8, 1].into_iter().map(|part| most / part).collect();
    let mut is_linear = true;
    println!("microseconds of processor for each host, median (least – most) of {rounds} rounds");
    for shape in SHAPES {
        println!("\n{}\n{:>9}  {:>9}  {:>24}  {:>24}", shape.name, "hosts", "batches", "planned", "rehearsed");
        let mut before: Option<[f64; 2]> = None;
        for &hosts in &sizes {
            let measured = measure(&shape, hosts, rounds);
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
fn measure(shape: &Shape, hosts: usize, rounds: usize) -> [f64; 2] {
    let fleet = fleet(hosts);
    let model = model(&SCRIPT.replace("PACE", shape.pace).replace("ITEMS", shape.items), &fleet);
    let fails = shape.last_fails.then(|| format!("install@h{:07}", hosts - 1));
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
        rehearse(Arc::new(plan), fails.clone());
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
fn rehearse(plan: Arc<Plan>, fails: Option<String>) {
    let folder = tempfile::tempdir().expect("a folder");
    let state = StateFolder::open(folder.path().join("state")).expect("a state folder");
    let outcome = if fails.is_some() { Outcome::RolledBack } else { Outcome::Complete };
    let fail = fails.into_iter().collect();
    let rehearsal = Rehearsal { all_simulated: true, fail, ..Rehearsal::default() };
    let controller = Controller::rehearse(&state, plan, "bench", rehearsal, Settings::default()).expect("it begins");
    let end = controller.carry_on(&mut Silent).expect("it ends");
    assert_eq!(end.outcome, Some(outcome));
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
