//! A made-up fleet with the columns of a real export: nineteen of them, some with few values, some with one for each host,
//! some with gaps. The same number of hosts gives the same bytes.

use std::fmt::Write;

/// Site, code, country, region, zone, latitude, longitude, owner, share of the fleet.
type Site = (&'static str, &'static str, &'static str, &'static str, &'static str, f64, f64, &'static str, u64);

const SITES: [Site; 12] = [
    ("auckland", "akl", "NZ", "australia", "Pacific/Auckland", -36.85, 174.76, "apac", 1),
    ("sydney", "syd", "AU", "australia", "Australia/Sydney", -33.87, 151.21, "apac", 2),
    ("tokyo", "tyo", "JP", "japan", "Asia/Tokyo", 35.68, 139.69, "apac", 6),
    ("singapore", "sin", "SG", "asia", "Asia/Singapore", 1.35, 103.82, "apac", 5),
    ("mumbai", "bom", "IN", "asia", "Asia/Kolkata", 19.08, 72.88, "apac", 6),
    ("johannesburg", "jnb", "ZA", "africa", "Africa/Johannesburg", -26.20, 28.04, "emea", 2),
    ("frankfurt", "fra", "DE", "europe", "Europe/Berlin", 50.11, 8.68, "emea", 12),
    ("london", "lon", "GB", "europe", "Europe/London", 51.51, -0.13, "emea", 14),
    ("sao-paulo", "gru", "BR", "latin-america", "America/Sao_Paulo", -23.55, -46.63, "latam", 5),
    ("new-york", "nyc", "US", "north-america", "America/New_York", 40.71, -74.01, "amer", 16),
    ("chicago", "chi", "US", "north-america", "America/Chicago", 41.88, -87.63, "amer", 10),
    ("honolulu", "hnl", "US", "north-america", "Pacific/Honolulu", 21.31, -157.86, "amer", 1),
];

const PRODUCTS: [(&str, u64); 7] =
    [("exchange", 1), ("windows", 40), ("office", 25), ("sql", 12), ("web", 15), ("biztalk", 3), ("capicom", 5)];
const SYSTEMS: [(&str, &str, u64); 4] = [
    ("Windows 2000", "5.0", 1),
    ("Windows XP", "5.1", 4),
    ("Windows Server 2003", "5.2", 5),
    ("Windows Vista", "6.0", 2),
];

pub struct Host {
    pub name: String,
    pub address: String,
    pub site: &'static Site,
    pub product: &'static str,
    pub version: &'static str,
    pub system: Option<(&'static str, &'static str)>,
    pub role: &'static str,
    pub cluster: String,
    pub cores: Option<i64>,
    pub critical: bool,
    pub installed: &'static str,
}

/// A column's name, the cell, and whether JSON writes it without quotes.
type Cell = (&'static str, String, bool);

/// SplitMix64 (Steele, Lea and Flood, 2014): small, and good enough for made-up hosts.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % sides
    }

    fn weighted<'a, T>(&mut self, list: &'a [T], weight: impl Fn(&T) -> u64) -> &'a T {
        let mut at = self.roll(list.iter().map(&weight).sum());
        list.iter()
            .find(|item| {
                let is_it = at < weight(item);
                at = at.saturating_sub(weight(item));
                is_it
            })
            .expect("the roll is below the sum of the weights")
    }
}

pub fn hosts(count: usize) -> Vec<Host> {
    let (mut dice, mut numbers) = (Dice(7), std::collections::HashMap::new());
    (0..count)
        .map(|_| {
            let site = dice.weighted(&SITES, |site| site.8);
            let (product, _) = *dice.weighted(&PRODUCTS, |product| product.1);
            let (system, system_version, _) = *dice.weighted(&SYSTEMS, |system| system.2);
            let number = numbers.entry((site.0, product)).or_insert(0);
            *number += 1;
            let is_exchange = product == "exchange";
            Host {
                name: format!("{}-{}-{number:02}", &product[..3], site.1),
                address: format!("10.{}.{}.{}", dice.roll(256), dice.roll(256), 1 + dice.roll(254)),
                site,
                product,
                version: if is_exchange { ["2000", "2003", "2007"][dice.roll(3) as usize] } else { system_version },
                system: (dice.roll(100) > 0).then_some((system, system_version)),
                role: if is_exchange { "mailbox" } else { ["app", "db", "edge", "desktop"][dice.roll(4) as usize] },
                cluster: format!("{}-{product}-{}", site.0, (*number - 1) / 8 + 1),
                cores: (dice.roll(50) > 0).then(|| [2, 4, 8, 16][dice.roll(4) as usize]),
                critical: dice.roll(10) == 0,
                installed: if dice.roll(250) == 0 { "third-party-dns-fix" } else { "" },
            }
        })
        .collect()
}

impl Host {
    /// In the order of the columns.
    fn cells(&self) -> [Cell; 19] {
        let (os, os_version) = self.system.unwrap_or_default();
        let text = |name, value: &str| (name, value.to_owned(), false);
        [
            text("name", &self.name),
            text("address", &self.address),
            text("region", self.site.3),
            text("site", self.site.0),
            text("country", self.site.2),
            text("timezone", self.site.4),
            ("latitude", self.site.5.to_string(), true),
            ("longitude", self.site.6.to_string(), true),
            text("owner", self.site.7),
            text("product", self.product),
            text("version", self.version),
            text("os", os),
            text("os_version", os_version),
            text("role", self.role),
            text("cluster", &self.cluster),
            text("service", if self.product == "exchange" { "mail" } else { self.product }),
            ("cores", self.cores.map_or(String::new(), |cores| cores.to_string()), true),
            ("critical", self.critical.to_string(), true),
            text("installed", self.installed),
        ]
    }
}

pub fn csv(hosts: &[Host]) -> String {
    let mut out = String::new();
    for (idx, host) in hosts.iter().enumerate() {
        let cells = host.cells();
        let line = |out: &mut String, of: for<'c> fn(&'c Cell) -> &'c str| {
            let cells: Vec<&str> = cells.iter().map(of).collect();
            out.push_str(&cells.join(","));
            out.push('\n');
        };
        if idx == 0 {
            line(&mut out, |cell| cell.0);
        }
        line(&mut out, |cell| &cell.1);
    }
    out
}

#[allow(dead_code, reason = "each benchmark takes the formats that it needs")]
pub fn json(hosts: &[Host]) -> String {
    let mut out = "[\n".to_owned();
    for (idx, host) in hosts.iter().enumerate() {
        out.push_str(if idx == 0 { "" } else { ",\n" });
        out.push_str(&object(host));
    }
    out + "\n]\n"
}

/// Groups by region and site, a host a line.
#[allow(dead_code, reason = "each benchmark takes the formats that it needs")]
pub fn ansible(hosts: &[Host]) -> String {
    let mut out = "all:\n  children:\n".to_owned();
    let regions: std::collections::BTreeSet<&str> = SITES.iter().map(|site| site.3).collect();
    for region in regions {
        let _ = writeln!(out, "    {}:\n      children:", region.replace('-', "_"));
        for site in SITES.iter().filter(|site| site.3 == region) {
            let _ = writeln!(out, "        {}:\n          hosts:", site.0.replace('-', "_"));
            for host in hosts.iter().filter(|host| host.site.0 == site.0) {
                let object = object(host);
                let rest = object.split_once(", ").map_or("}", |(_, rest)| rest);
                let _ = writeln!(out, "            {}: {{{rest}", host.name);
            }
        }
    }
    out
}

fn object(host: &Host) -> String {
    let entries = host.cells().map(|(name, value, is_bare)| match (is_bare, value.as_str()) {
        (true, "") => String::new(),
        (true, value) => format!("\"{name}\": {value}"),
        (false, value) => format!("\"{name}\": \"{value}\""),
    });
    let entries: Vec<String> = entries.into_iter().filter(|entry| !entry.is_empty()).collect();
    format!("{{{}}}", entries.join(", "))
}
