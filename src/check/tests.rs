use crate::check::fixture::{checked_with, fleet, shown};
use crate::time::{CalendarRule, show_utc};

const FLAGSHIP: &str = include_str!("../../examples/exchange-2007/rollout.sunup");
const SERVERS: &str = include_str!("../../examples/exchange-2007/servers.csv");

#[test]
fn the_flagship_gives_a_model() {
    let servers = fleet(SERVERS);
    let freeze = CalendarRule::Listed(Default::default());
    let checked = checked_with(FLAGSHIP, Some(&servers), &[("freeze.ics", freeze)]);
    assert_eq!(shown(checked.problems), ["E0409 1 host has `third-party-dns-fix` installed"]);
    let model = checked.model.unwrap();
    let rollout = &model.rollouts[0];
    assert_eq!(rollout.targets.len(), 36);
    assert_eq!(model.regions.len(), 8);
    assert_eq!(model.sites.iter().map(|site| site.hosts.len()).sum::<usize>(), 36);
    assert_eq!(model.sites[0].schedule.zone.name(), "Pacific/Auckland");
    let packages: Vec<_> = rollout.bulletin.packages.iter().map(|package| package.name.as_str()).collect();
    assert_eq!(packages, ["MS07-026/2003", "MS07-026/2007"]);
    assert_eq!(rollout.starts_at.map(show_utc).as_deref(), Some("2007-05-08 18:00Z"));
    assert_eq!(rollout.stages.len(), 3);
    assert_eq!(rollout.rules.len(), 3);
}
