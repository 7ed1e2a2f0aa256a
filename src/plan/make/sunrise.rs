use indexmap::IndexMap;

use crate::diagnostic::{Code, Problem, Problems};
use crate::inventory::Fleet;
use crate::model::{Finish, SiteId};
use crate::plan::HostIdx;
use crate::plan::make::{Maker, targets};
use crate::source::Span;

/// Who finishes before sunrise must stand somewhere.
pub(super) fn check_places(maker: &Maker, picked: &[Vec<HostIdx>], problems: &mut Problems) {
    for (stage, hosts) in maker.rollout.stages.iter().zip(picked) {
        let mut nowhere: IndexMap<Option<Span>, Vec<HostIdx>> = IndexMap::new();
        for &host in hosts {
            let Some(site) = maker.model.sites.get(maker.targets.site(host).0 as usize) else { continue };
            let asks = maker.finishes(stage, site.region).into_iter().find(|(finish, _)| *finish == Finish::Sunrise);
            if let (None, Some((_, place))) = (site.coordinates, asks) {
                nowhere.entry(place).or_default().push(host);
            }
        }
        for (place, hosts) in nowhere {
            problems.push(problem(maker, place.unwrap_or(stage.span), &hosts));
        }
    }
}

fn problem(maker: &Maker, place: Span, hosts: &[HostIdx]) -> Problem {
    let mut sites: Vec<SiteId> = hosts.iter().map(|host| maker.targets.site(*host)).collect();
    sites.sort_unstable();
    sites.dedup();
    let first = sites.first().and_then(|site| maker.model.sites.get(site.0 as usize)).map_or("", |site| &site.name);
    let more = match sites.len().saturating_sub(1) {
        0 => String::new(),
        more => format!(" and {}", targets::count(more, "other site")),
    };
    let message = format!("nobody knows when the sun rises at `{first}`{more}: its hosts have no coordinates");
    Problem::error(Code::NO_SUNRISE, message)
        .label(place, "must have ended before it")
        .hosts(hosts.iter().take(targets::LISTED).map(|&host| maker.fleet.name(maker.targets.host(host))))
        .help(help(maker.fleet))
}

/// What other inventories call the two fields.
const OTHER_NAMES: [[&str; 2]; 4] = [["lat", "lon"], ["lat", "lng"], ["lat", "long"], ["Latitude", "Longitude"]];

fn help(fleet: &Fleet) -> String {
    let is_there = |names: &&[&str; 2]| names.iter().all(|name| fleet.field(name).is_some());
    if let Some([latitude, longitude]) = OTHER_NAMES.iter().find(is_there) {
        return format!(
            "say which columns they are: `{{ latitude = \"{latitude}\"  longitude = \"{longitude}\" }}` after the path"
        );
    }
    "fill in `latitude` and `longitude` (one host of a site is enough), or say a time of day: `finish before 05:00`"
        .to_owned()
}
