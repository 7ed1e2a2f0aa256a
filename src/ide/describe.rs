use crate::ide::table::Table;
use crate::inventory::{Fleet, HostId};
use crate::session::Session;

/// What a name by itself stands for, where it is no value: a host, a region, a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// `host ex-syd-01 (servers.csv:12)`
    pub title: String,
    pub table: Table,
}

/// What is known of a host, a region or a site of that name; none where none has it.
pub fn describe(session: &Session, name: &str) -> Option<Described> {
    let fleet = session.fleet.as_ref()?;
    fleet.find(name).map(|host| described_host(fleet, host)).or_else(|| region_or_site(session, fleet, name))
}

fn described_host(fleet: &Fleet, host: HostId) -> Described {
    let place = match fleet.place(host) {
        Some((file, Some(line))) => format!(" ({file}:{line})"),
        Some((file, None)) => format!(" ({file})"),
        None => String::new(),
    };
    let cells = fleet.fields().filter_map(|(field, name)| Some(vec![name.to_owned(), fleet.text(host, field)?]));
    let groups: Vec<&str> = fleet.groups().filter(|(_, hosts)| hosts.contains(host)).map(|(name, _)| name).collect();
    let groups = (!groups.is_empty()).then(|| vec!["groups".to_owned(), groups.join(", ")]);
    Described {
        title: format!("host {}{place}", fleet.name(host)),
        table: Table::of(&["Field", "Value"], &[], cells.chain(groups).collect()),
    }
}

fn region_or_site(session: &Session, fleet: &Fleet, name: &str) -> Option<Described> {
    let model = session.model.as_ref()?;
    let (word, hosts) = match model.regions.iter().find(|region| region.name == name) {
        Some(region) => ("region", &region.hosts),
        None => ("site", &model.sites.iter().find(|site| site.name == name)?.hosts),
    };
    Some(Described {
        title: format!("{word} {name}, {} hosts", hosts.len()),
        table: Table::of_hosts(fleet, hosts, &[], usize::MAX),
    })
}
