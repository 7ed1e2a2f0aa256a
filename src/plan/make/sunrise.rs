use crate::diagnostic::{Code, Problem, Problems};
use crate::inventory::Fleet;
use crate::model::{Finish, SiteId, Stage};
use crate::plan::HostIdx;
use crate::plan::make::{Maker, targets};

/// Who finishes before sunrise must stand somewhere.
pub(super) fn check_places(maker: &Maker, picked: &[Vec<HostIdx>], problems: &mut Problems) {
    for (stage, hosts) in maker.rollout.stages.iter().zip(picked) {
        if stage.finish_before != Some(Finish::Sunrise) {
            continue;
        }
        let has_place = |host: &HostIdx| {
            let site = maker.model.sites.get(maker.targets.site(*host).0 as usize);
            site.is_some_and(|site| site.coordinates.is_some())
        };
        let nowhere: Vec<HostIdx> = hosts.iter().copied().filter(|host| !has_place(host)).collect();
        if !nowhere.is_empty() {
            problems.push(problem(maker, stage, &nowhere));
        }
    }
}

fn problem(maker: &Maker, stage: &Stage, hosts: &[HostIdx]) -> Problem {
    let mut sites: Vec<SiteId> = hosts.iter().map(|host| maker.targets.site(*host)).collect();
    sites.sort_unstable();
    sites.dedup();
    let first = sites.first().and_then(|site| maker.model.sites.get(site.0 as usize)).map_or("", |site| &site.name);
    let more = match sites.len().saturating_sub(1) {
        0 => String::new(),
        more => format!(" and {}", targets::count(more, "other site")),
    };
    let message = format!("nobody knows when the sun rises at `{first}`{more}: its hosts have no coordinates");
    let place = stage.finish_span.unwrap_or(stage.span);
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
