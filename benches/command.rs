//! The whole command against `ansible-playbook --list-hosts` over the same hosts: `cargo bench --bench command`. Rounds in
//! turn, wall clock, median ratio with the least and the most. A plan does more than a list (budgets, windows, batches),
//! so the comparison is fair to Ansible. `-- --rounds N` sets the rounds (3).

#![expect(clippy::disallowed_methods, reason = "a benchmark starts processes and asks the clock")]
#![expect(clippy::print_stdout, reason = "its figures are its result")]

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

const PLAYBOOK: &str = "- hosts: all\n  serial: \"25%\"\n  gather_facts: false\n  tasks:\n    - command: /bin/true\n";

const SCRIPT: &str = r#"
inventory "hosts.yml"
connect simulated
regions by region { window mon..fri 22:00-06:00 }
service all { hosts cores > 0  keep at least 50% up per site }
bulletin b { package p { install "true" } }
runbook k { step s { run package.install  needs no undo  takes 10m  down } }
rollout r {
  apply b with k
  to cores > 0
  start 2026-11-24 12:00 UTC
  guinea-pig first { hosts one per site }
  wave rest { regions following the sun  batch 25% of site }
}
"#;

const SITES: [(&str, &str, &str); 6] = [
    ("australia", "sydney", "Australia/Sydney"),
    ("asia", "tokyo", "Asia/Tokyo"),
    ("asia", "mumbai", "Asia/Kolkata"),
    ("europe", "london", "Europe/London"),
    ("america", "new-york", "America/New_York"),
    ("america", "seattle", "America/Los_Angeles"),
];

fn main() {
    let rounds = option("--rounds", 3);
    for hosts in [36, 5_000] {
        let place = tempfile::tempdir().expect("a folder can be made");
        write_fleet(place.path(), hosts);
        compare(place.path(), hosts, rounds);
    }
}

/// The same hosts as Ansible YAML, and as CSV beside it.
fn write_fleet(place: &Path, hosts: usize) {
    let mut yaml = String::from("all:\n  hosts:\n");
    let mut csv = String::from("name,region,site,timezone,cores,owner,product,version,os,role,cluster,address\n");
    for idx in 0..hosts {
        let (region, site, zone) = SITES[idx % SITES.len()];
        let (cores, cluster) = (2 << (idx % 4), idx / 12);
        let address = format!("10.{}.{}.{}", idx / 65_536, idx / 256 % 256, idx % 256);
        let _ = writeln!(
            yaml,
            "    h-{idx:05}: {{\"region\": \"{region}\", \"site\": \"{site}\", \"timezone\": \"{zone}\", \"cores\": {cores}, \
             \"owner\": \"ops\", \"product\": \"web\", \"version\": \"5.2\", \"os\": \"Debian 13\", \"role\": \"app\", \
             \"cluster\": \"{site}-{cluster}\", \"address\": \"{address}\"}}"
        );
        let _ = writeln!(
            csv,
            "h-{idx:05},{region},{site},{zone},{cores},ops,web,5.2,Debian 13,app,{site}-{cluster},{address}"
        );
    }
    write(place, "hosts.yml", &yaml);
    write(place, "hosts.csv", &csv);
    write(place, "play.yml", PLAYBOOK);
    write(place, "yaml.sunup", SCRIPT);
    write(place, "csv.sunup", &SCRIPT.replace("hosts.yml", "hosts.csv"));
}

fn compare(place: &Path, hosts: usize, rounds: usize) {
    let ours =
        |script: &str| seconds(Command::new(env!("CARGO_BIN_EXE_sunup")).args(["plan", script]).current_dir(place));
    let (Some(_), Some(_)) = (ours("yaml.sunup"), ours("csv.sunup")) else {
        panic!("sunup does not plan its own fleet")
    };
    println!("\n{hosts} hosts, whole process ({rounds} rounds; median, least – most)");
    let (mut yaml, mut csv, mut peer) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        yaml.extend(ours("yaml.sunup"));
        csv.extend(ours("csv.sunup"));
        let mut ansible = Command::new("ansible-playbook");
        ansible.args(["--list-hosts", "-i", "hosts.yml", "play.yml"]).current_dir(place);
        peer.extend(seconds(&mut ansible));
    }
    show("sunup plan, CSV", &csv, &peer);
    show("sunup plan, Ansible YAML", &yaml, &peer);
    match peer.is_empty() {
        true => println!("  ansible-playbook is not installed: nothing to compare with"),
        false => show("ansible-playbook --list-hosts", &peer, &[]),
    }
}

/// The seconds on the wall; none where it cannot be started or fails.
fn seconds(command: &mut Command) -> Option<f64> {
    let start = Instant::now();
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().ok()?;
    status.success().then(|| start.elapsed().as_secs_f64())
}

fn show(name: &str, seconds: &[f64], peer: &[f64]) {
    let (middle, least, most) = spread(seconds.iter().map(|second| second * 1e3).collect());
    let ratios: Vec<f64> = peer.iter().zip(seconds).map(|(peer, ours)| peer / ours).collect();
    let ratio = if ratios.is_empty() {
        String::new()
    } else {
        let (middle, least, most) = spread(ratios);
        format!("   Ansible takes {middle:.0}× ({least:.0} – {most:.0})")
    };
    println!("  {name:<30} {middle:9.1} ms ({least:.1} – {most:.1}){ratio}");
}

fn spread(mut values: Vec<f64>) -> (f64, f64, f64) {
    values.sort_by(f64::total_cmp);
    (values[values.len() / 2], values[0], values[values.len() - 1])
}

fn write(place: &Path, name: &str, text: &str) {
    fs::write(place.join(name), text).expect("the folder can be written");
}

fn option(name: &str, default: usize) -> usize {
    let arguments: Vec<String> = std::env::args().collect();
    let value = arguments.iter().position(|argument| argument == name).and_then(|at| arguments.get(at + 1));
    value.and_then(|value| value.parse().ok()).unwrap_or(default)
}
