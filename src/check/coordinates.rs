use crate::check::entry::Checker;
use crate::check::names::list;
use crate::diagnostic::{Code, Problem};
use crate::inventory::{Fleet, HostId, HostSet};
use crate::source::Span;
use crate::syntax::ast::{Finish, StageMember};
use crate::time::Coordinates;

/// The well-known fields.
const LATITUDE: &str = "latitude";
const LONGITUDE: &str = "longitude";

/// From here on two places in degrees are not one site: at it the sun rises four minutes apart.
const FAR_APART: f64 = 1.0;

/// The sites whose hosts do not stand together, with the hosts that some rollout changes and that stand elsewhere than
/// the first.
#[derive(Debug, Default)]
pub(super) struct FarApart {
    sites: Vec<String>,
    hosts: Option<HostSet>,
}

impl Checker<'_> {
    /// Where a site is: where the first of its hosts is that says so. Only asked for the sake of sunrise.
    pub(super) fn coordinates(&self, site: &str, hosts: &HostSet, apart: &mut FarApart) -> Option<Coordinates> {
        self.sunrise_place()?;
        let fleet = self.input.fleet?;
        let mut places = hosts.iter().filter_map(|host| Some((host, coordinates_of(fleet, host)?)));
        let (_, first) = places.next()?;
        let is_changed = |host| self.concerned.as_ref().is_none_or(|concerned| concerned.contains(host));
        let elsewhere: Vec<HostId> = places
            .filter(|(host, place)| is_changed(*host) && are_far_apart(first, *place))
            .map(|(host, _)| host)
            .collect();
        if !elsewhere.is_empty() {
            apart.sites.push(site.to_owned());
            let all = apart.hosts.get_or_insert_with(|| HostSet::none(fleet.len()));
            elsewhere.into_iter().for_each(|host| all.insert(host));
        }
        Some(first)
    }

    pub(super) fn report_far_apart(&mut self, apart: &FarApart) {
        let (Some(place), Some(hosts)) = (self.sunrise_place(), &apart.hosts) else { return };
        let sites = list(&apart.sites, apart.sites.len());
        let problem = Problem::warning(Code::NO_SUNRISE, format!("not all hosts of {sites} stand at one place"))
            .label(place, "sunrise is that of the site's first host")
            .help("mend their `latitude` and `longitude`, or make sites of them");
        let problem = self.with_hosts(problem, hosts);
        self.report(problem);
    }

    /// The first stage that asks when the sun rises.
    fn sunrise_place(&self) -> Option<Span> {
        self.written_stage_members().find_map(|member| match member {
            StageMember::FinishBefore(finish) if finish.value == Finish::Sunrise => Some(finish.span),
            _ => None,
        })
    }
}

/// A field with a word among its numbers is text: each cell is read by itself, so that the others count.
fn coordinates_of(fleet: &Fleet, host: HostId) -> Option<Coordinates> {
    let degrees = |name: &str| fleet.text(host, fleet.field(name)?)?.trim().parse::<f64>().ok();
    Coordinates::new(degrees(LATITUDE)?, degrees(LONGITUDE)?)
}

fn are_far_apart(one: Coordinates, other: Coordinates) -> bool {
    let north = (one.latitude() - other.latitude()).abs();
    let east = (one.longitude() - other.longitude()).abs();
    north > FAR_APART || east.min(360.0 - east) > FAR_APART
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_line_parts_no_site() {
        let place = |latitude, longitude| Coordinates::new(latitude, longitude).unwrap();
        assert!(!are_far_apart(place(-16.8, 179.9), place(-16.9, -179.9)));
        assert!(are_far_apart(place(-16.8, 179.9), place(-16.8, 178.0)));
        assert!(are_far_apart(place(52.5, 13.4), place(50.1, 13.4)));
    }
}
