//! How long a selector takes over a million hosts, beside a scan of the same columns written by hand for it:
//! `cargo bench --bench selectors`, with `-- --hosts N --rounds N`. The goal: four times the scan at most.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

mod fleet;
mod rounds;

use fleet::Host;
use rounds::{Rounds, option};
use sunup::inventory::{Comparison, FieldId, Fleet, InputFile, Operand, ReadOptions, Selector, Value, Version, read};

fn main() {
    let (count, rounds) = (option("--hosts", 1_000_000), option("--rounds", 9));
    let hosts = fleet::hosts(count);
    let file = InputFile { path: "fleet.csv".to_owned(), bytes: fleet::csv(&hosts).into_bytes() };
    let fleet = read(&[file], &ReadOptions::default()).expect("the fleet is without fault");
    let columns = Columns::of(&hosts);
    drop(hosts);
    let names = Names { fleet: &fleet };
    let scans: [(&str, Scan, Selector); 3] = [
        ("S1: product == \"exchange\"", scan_1, names.selector_1()),
        ("S2: S1 and region in [europe, asia] and os_version >= 5.2", scan_2, names.selector_2()),
        ("S3: eleven conditions", scan_3, names.selector_3()),
    ];
    let mut mask = vec![0; count];
    let nanoseconds = 1e9 / count as f64;
    for (title, scan, selector) in &scans {
        let peers: &mut [(&str, &mut dyn FnMut() -> usize)] = &mut [
            ("scan by hand", &mut || scan(&columns, &mut mask)),
            ("sunup", &mut || selector.select(&fleet).len()),
        ];
        Rounds::run(rounds, 300_000_000 / count.max(1) + 1, peers).print(
            &format!("{title}, {count} hosts"),
            "ns a host",
            nanoseconds,
        );
    }
    let small = Names { fleet: &small_fleet() };
    let selector = small.selector_3();
    let few = small.fleet.len();
    Rounds::run(rounds, 2_000, &mut [("S3 worked out and run", &mut || selector.select(small.fleet).len())]).print(
        &format!("A small fleet, {few} hosts"),
        "µs",
        1e6,
    );
}

fn small_fleet() -> Fleet {
    let csv = fleet::csv(&fleet::hosts(5_000));
    let file = InputFile { path: "fleet.csv".to_owned(), bytes: csv.into_bytes() };
    read(&[file], &ReadOptions::default()).expect("the fleet is without fault")
}

type Scan = fn(&Columns, &mut [u8]) -> usize;

/// What each scan needs, in the form that is quickest for it. A missing number is -1, a missing text 255.
struct Columns {
    product: Vec<u8>,
    region: Vec<u8>,
    role: Vec<u8>,
    os_version: Vec<i8>,
    cores: Vec<i8>,
    critical: Vec<bool>,
    installed: Vec<bool>,
    latitude: Vec<f32>,
    names: String,
    name_ends: Vec<u32>,
}

const PRODUCTS: [&str; 4] = ["exchange", "windows", "web", "sql"];
const REGIONS: [&str; 4] = ["europe", "asia", "north-america", "japan"];

impl Columns {
    fn of(hosts: &[Host]) -> Columns {
        let code = |list: &[&str], text: &str| list.iter().position(|known| *known == text).map_or(255, |at| at as u8);
        let version =
            |host: &Host| host.system.map_or(-1, |(_, version)| version.replace('.', "").parse().expect("digits"));
        Columns {
            product: hosts.iter().map(|host| code(&PRODUCTS, host.product)).collect(),
            region: hosts.iter().map(|host| code(&REGIONS, host.site.3)).collect(),
            role: hosts.iter().map(|host| code(&["mailbox"], host.role)).collect(),
            os_version: hosts.iter().map(version).collect(),
            cores: hosts.iter().map(|host| host.cores.map_or(-1, |cores| cores as i8)).collect(),
            critical: hosts.iter().map(|host| host.critical).collect(),
            installed: hosts.iter().map(|host| host.installed == "third-party-dns-fix").collect(),
            latitude: hosts.iter().map(|host| host.site.5 as f32).collect(),
            names: hosts.iter().map(|host| host.name.as_str()).collect(),
            name_ends: hosts
                .iter()
                .scan(0, |end, host| {
                    *end += host.name.len() as u32;
                    Some(*end)
                })
                .collect(),
        }
    }
}

/// Fills the mask, which is what a scan is for, and counts it. Written so that a compiler makes vectors of it.
fn counted(mask: &[u8]) -> usize {
    mask.chunks(255).map(|rows| usize::from(rows.iter().sum::<u8>())).sum()
}

fn scan_1(columns: &Columns, mask: &mut [u8]) -> usize {
    for (byte, &product) in mask.iter_mut().zip(&columns.product) {
        *byte = u8::from(product == 0);
    }
    counted(mask)
}

fn scan_2(columns: &Columns, mask: &mut [u8]) -> usize {
    let rows = columns.product.iter().zip(&columns.region).zip(&columns.os_version);
    for (byte, ((&product, &region), &version)) in mask.iter_mut().zip(rows) {
        *byte = u8::from((product == 0) & (region <= 1) & (version >= 52));
    }
    counted(mask)
}

fn scan_3(columns: &Columns, mask: &mut [u8]) -> usize {
    let rows = mask.len();
    let (product, version, role) = (&columns.product[..rows], &columns.os_version[..rows], &columns.role[..rows]);
    let (region, critical, cores) = (&columns.region[..rows], &columns.critical[..rows], &columns.cores[..rows]);
    let (installed, latitude) = (&columns.installed[..rows], &columns.latitude[..rows]);
    for (row, byte) in mask.iter_mut().enumerate() {
        let servers = (product[row].wrapping_sub(1) <= 2) & (version[row] >= 51);
        let mail = (product[row] == 0) & (role[row] == 0);
        let place = (region[row] <= 3) & (latitude[row] > 30.0);
        *byte = u8::from((servers | mail) & place & !critical[row] & (cores[row] >= 4) & !installed[row]);
    }
    // The names last, of those alone that are still in question.
    let names = columns.names.as_bytes();
    for (byte, &end) in mask.iter_mut().zip(&columns.name_ends).filter(|(byte, _)| **byte != 0) {
        *byte = u8::from(names[end as usize - 1] == b'7');
    }
    counted(mask)
}

struct Names<'a> {
    fleet: &'a Fleet,
}

impl Names<'_> {
    fn field(&self, name: &str) -> FieldId {
        self.fleet.field(name).expect("the fleet has it")
    }

    fn compare(&self, field: &str, comparison: Comparison, value: Value) -> Selector {
        Selector::Compare { left: Operand::Field(self.field(field)), comparison, right: Operand::Constant(value) }
    }

    fn one_of(&self, field: &str, texts: &[&str]) -> Selector {
        let values = texts.iter().map(|text| Value::Text((*text).to_owned())).collect();
        Selector::In { field: self.field(field), values }
    }

    fn at_least(&self, version: &str) -> Selector {
        let version = Version::parse(version).expect("it is a version");
        self.compare("os_version", Comparison::GreaterOrEqual, Value::Version(version))
    }

    fn is(&self, field: &str, text: &str) -> Selector {
        self.compare(field, Comparison::Equal, Value::Text(text.to_owned()))
    }

    fn selector_1(&self) -> Selector {
        self.is("product", "exchange")
    }

    fn selector_2(&self) -> Selector {
        Selector::And(vec![self.selector_1(), self.one_of("region", &["europe", "asia"]), self.at_least("5.2")])
    }

    fn selector_3(&self) -> Selector {
        let servers = Selector::And(vec![self.one_of("product", &["windows", "web", "sql"]), self.at_least("5.1")]);
        let mail = Selector::And(vec![self.selector_1(), self.is("role", "mailbox")]);
        let fixed = self.is("installed", "third-party-dns-fix");
        Selector::And(vec![
            Selector::Or(vec![servers, mail]),
            self.one_of("region", &REGIONS),
            Selector::Not(Box::new(Selector::True(self.field("critical")))),
            self.compare("cores", Comparison::GreaterOrEqual, Value::Integer(4)),
            Selector::Or(vec![Selector::Missing(self.field("installed")), Selector::Not(Box::new(fixed))]),
            self.compare("latitude", Comparison::Greater, Value::Integer(30)),
            Selector::Matches { field: self.field("name"), pattern: "*7".to_owned() },
        ])
    }
}
