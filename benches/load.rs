//! How long a fleet takes to load, beside the least that its format costs: `cargo bench --bench load`, with
//! `-- --hosts N --rounds N`. The goals: CSV 2.5 times counting the records, JSON 1.6 times plain structs, YAML 2.5 times
//! the parser's events; `docs/performance.md` tells why.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

mod fleet;
mod rounds;

use rounds::{Rounds, option};
use saphyr_parser::{Event, Parser};
use sunup::inventory::{InputFile, ReadOptions, read};

fn main() {
    if let Some(format) = peak_wanted() {
        return print_own_peak(&format);
    }
    let (hosts, rounds) = (option("--hosts", 1_000_000), option("--rounds", 7));
    let rows = fleet::hosts(hosts);
    let (csv, json) = (fleet::csv(&rows), fleet::json(&rows));
    let few = option("--yaml-hosts", 5_000);
    let yaml = fleet::ansible(&rows[..few.min(hosts)]);
    drop(rows);

    let csv = InputFile { path: "fleet.csv".to_owned(), bytes: csv.into_bytes() };
    let title = format!("CSV, {hosts} hosts, {} MB", csv.bytes.len() / 1_000_000);
    Rounds::run(
        rounds,
        1,
        &mut [("csv, records counted", &mut || count_csv(&csv.bytes)), ("sunup", &mut || load(&csv))],
    )
    .print(&title, "s", 1.0);

    let json = InputFile { path: "fleet.json".to_owned(), bytes: json.into_bytes() };
    let title = format!("JSON, {hosts} hosts, {} MB", json.bytes.len() / 1_000_000);
    Rounds::run(
        rounds,
        1,
        &mut [("serde_json into structs", &mut || count_json(&json.bytes)), ("sunup", &mut || load(&json))],
    )
    .print(&title, "s", 1.0);

    let yaml = InputFile { path: "fleet.yml".to_owned(), bytes: yaml.into_bytes() };
    let title = format!("Ansible YAML, {few} hosts, {:.1} MB", yaml.bytes.len() as f64 / 1e6);
    let peers: &mut [(&str, &mut dyn FnMut() -> usize)] =
        &mut [("saphyr-parser, events", &mut || count_yaml(&yaml.bytes)), ("sunup", &mut || load(&yaml))];
    Rounds::run(rounds, 10, peers).print(&title, "ms", 1e3);

    println!("\nPeak memory of a process that reads the file and loads it");
    for file in [&csv, &json] {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let path = folder.path().join(&file.path);
        #[expect(clippy::disallowed_methods, reason = "the file to load")]
        std::fs::write(&path, &file.bytes).expect("it can be written");
        println!("  {:<12} {} MiB, of which the file is {}", file.path, peak_of(&path), file.bytes.len() >> 20);
    }
}

fn load(file: &InputFile) -> usize {
    read(std::slice::from_ref(file), &ReadOptions::default()).expect("the fleet is without fault").len()
}

fn count_csv(bytes: &[u8]) -> usize {
    let mut reader = csv::Reader::from_reader(bytes);
    let (mut record, mut count) = (csv::ByteRecord::new(), 0);
    while reader.read_byte_record(&mut record).expect("it is CSV") {
        count += usize::from(record.get(9).is_some());
    }
    count
}

#[derive(serde::Deserialize)]
#[expect(dead_code, reason = "the limit parses every field, whatever becomes of it")]
struct Row<'a> {
    name: &'a str,
    address: &'a str,
    region: &'a str,
    site: &'a str,
    country: &'a str,
    timezone: &'a str,
    latitude: f64,
    longitude: f64,
    owner: &'a str,
    product: &'a str,
    version: &'a str,
    os: Option<&'a str>,
    os_version: Option<&'a str>,
    role: &'a str,
    cluster: &'a str,
    service: &'a str,
    cores: Option<i64>,
    critical: bool,
    installed: &'a str,
}

fn count_json(bytes: &[u8]) -> usize {
    serde_json::from_slice::<Vec<Row<'_>>>(bytes).expect("it is JSON").len()
}

/// The hosts are the maps in the maps below `hosts`: those at the depth of eight.
fn count_yaml(bytes: &[u8]) -> usize {
    let text = std::str::from_utf8(bytes).expect("it is UTF-8");
    let (mut parser, mut depth, mut count) = (Parser::new_from_str(text), 0, 0);
    while let Some(event) = parser.next_event() {
        match event.expect("it is YAML").0 {
            Event::MappingStart(..) => {
                depth += 1;
                count += usize::from(depth == 8);
            }
            Event::MappingEnd => depth -= 1,
            _ => {}
        }
    }
    count
}

/// The file that a child process is to load.
fn peak_wanted() -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "a benchmark has arguments")]
    let mut args = std::env::args();
    args.find(|arg| arg == "--peak-of").and_then(|_| args.next())
}

fn print_own_peak(path: &str) {
    #[expect(clippy::disallowed_methods, reason = "the file to load, and the kernel's account of this process")]
    let (bytes, status) = (std::fs::read(path).expect("it was written"), || {
        std::fs::read_to_string("/proc/self/status").unwrap_or_default()
    });
    let file = InputFile { path: path.to_owned(), bytes };
    load(&file);
    let status = status();
    let peak =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")).and_then(|rest| rest.split_whitespace().next());
    let kibibytes: usize = peak.and_then(|peak| peak.parse().ok()).unwrap_or(0);
    println!("{}", kibibytes / 1_024);
}

fn peak_of(path: &std::path::Path) -> String {
    #[expect(clippy::disallowed_methods, reason = "memory is measured in a process of its own")]
    let child = std::env::current_exe()
        .and_then(|program| std::process::Command::new(program).arg("--peak-of").arg(path).output());
    child.map_or("?".to_owned(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
