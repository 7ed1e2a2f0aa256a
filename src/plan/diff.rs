use std::collections::HashMap;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::model::{Connection, RegionId};
use crate::plan::{HostIdx, Plan};
use crate::time::{Interval, Moment, Schedule, Zone};

/// What two plans do otherwise: with which hosts, and when their places are open. What they say (steps, gates, rules) is
/// compared where it is put into words.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PlanDiff {
    /// Each change with all the hosts that it is true of. Those that go or come first, then moves, then what is otherwise
    /// about hosts that stay in their stage.
    pub hosts: Vec<(HostChange, Vec<Arc<str>>)>,
    pub windows: Vec<WindowChange>,
}

/// What is otherwise about a host. Stages, packages, regions and sites by their names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum HostChange {
    /// In the first plan only.
    Gone {
        stage: String,
    },
    /// In the second plan only.
    New {
        stage: String,
    },
    Moved {
        from: String,
        to: String,
    },
    Package {
        from: String,
        to: String,
    },
    Site {
        from: String,
        to: String,
    },
    Connection {
        from: Option<Connection>,
        to: Option<Connection>,
    },
    /// It begins so many seconds later; sooner where they are negative.
    Later {
        stage: String,
        region: String,
        seconds: i64,
    },
    /// A value that commands name: `host.address`.
    Value {
        key: String,
    },
}

/// Sites of one region that are open at other times from a moment on.
#[derive(Debug, Clone, PartialEq)]
pub struct WindowChange {
    pub region: String,
    pub sites: Vec<String>,
    /// The zones before and after.
    pub zones: [Zone; 2],
    /// The first stretch of open time that is another, before and after; none where nothing opens within 400 days.
    pub open: [Option<Interval>; 2],
}

/// What is otherwise in `after`. Hosts, sites and regions are the same where their names are.
pub fn diff(before: &Plan, after: &Plan) -> PlanDiff {
    PlanDiff { hosts: hosts(before, after), windows: windows(before, after) }
}

fn hosts(before: &Plan, after: &Plan) -> Vec<(HostChange, Vec<Arc<str>>)> {
    let places: HashMap<&str, HostIdx> = indexes(after).map(|host| (&*after.host(host).name, host)).collect();
    let (mut gone, mut stay, mut stays) = (Groups::default(), Vec::new(), vec![false; after.hosts.len()]);
    for host in indexes(before) {
        match places.get(&*before.host(host).name) {
            Some(&other) => {
                stays[other.0 as usize] = true;
                stay.push((host, other));
            }
            None => gone.add(HostChange::Gone { stage: stage(before, host).to_owned() }, before, host),
        }
    }
    let mut new = Groups::default();
    for host in indexes(after).filter(|host| !stays[host.0 as usize]) {
        new.add(HostChange::New { stage: stage(after, host).to_owned() }, after, host);
    }
    let begins = [begins(before), begins(after)];
    let changes: [&dyn Fn(HostIdx, HostIdx) -> Option<HostChange>; 5] = [
        &|one, other| renamed(stage(before, one), stage(after, other)).map(|[from, to]| HostChange::Moved { from, to }),
        &|one, other| {
            renamed(package(before, one), package(after, other)).map(|[from, to]| HostChange::Package { from, to })
        },
        &|one, other| renamed(site(before, one), site(after, other)).map(|[from, to]| HostChange::Site { from, to }),
        &|one, other| {
            let [from, to] = [before.host(one).connection, after.host(other).connection];
            (from != to).then_some(HostChange::Connection { from, to })
        },
        &|one, other| {
            let [from, to] = [begins[0][one.0 as usize]?, begins[1][other.0 as usize]?];
            let seconds = (to - from).num_seconds();
            let stage = stage(after, other);
            let is_later = seconds != 0 && self::stage(before, one) == stage;
            let region = is_later.then(|| region(after, after.region_of(other)))?;
            Some(HostChange::Later { stage: stage.to_owned(), region: region.to_owned(), seconds })
        },
    ];
    let mut all: Vec<_> = gone.into_iter().chain(new).collect();
    for change in changes {
        let mut groups = Groups::default();
        for &(one, other) in &stay {
            if let Some(change) = change(one, other) {
                groups.add(change, after, other);
            }
        }
        all.extend(groups);
    }
    all.extend(values(before, after, &stay));
    all
}

/// The values that commands of both plans name, and that are another.
fn values(before: &Plan, after: &Plan, stay: &[(HostIdx, HostIdx)]) -> Groups {
    let mut groups = Groups::default();
    for key in before.values.keys().filter(|key| after.values.contains_key(*key)) {
        for &(one, other) in stay {
            if before.value(key, one) != after.value(key, other) {
                groups.add(HostChange::Value { key: key.clone() }, after, other);
            }
        }
    }
    groups
}

fn windows(before: &Plan, after: &Plan) -> Vec<WindowChange> {
    let from = before.starts_at.min(after.starts_at);
    let mut changes: Vec<WindowChange> = Vec::new();
    for site in &after.sites {
        let name = region(after, site.region);
        let same = before.sites.iter().find(|one| one.name == site.name && region(before, one.region) == name);
        let Some(then) = same.filter(|then| then.schedule != site.schedule) else { continue };
        let Some(open) = first_difference(&then.schedule, &site.schedule, from) else { continue };
        let zones = [then.schedule.zone.clone(), site.schedule.zone.clone()];
        let is_same =
            |change: &&mut WindowChange| (change.region.as_str(), &change.zones, change.open) == (name, &zones, open);
        match changes.iter_mut().find(is_same) {
            Some(change) => change.sites.push(site.name.clone()),
            None => changes.push(WindowChange { region: name.to_owned(), sites: vec![site.name.clone()], zones, open }),
        }
    }
    changes
}

/// How many openings are compared: of windows that open daily, those of more than two years.
const MOST_OPENINGS: usize = 800;

/// None where both are open at the same times, as far as one looks.
fn first_difference(one: &Schedule, other: &Schedule, from: Moment) -> Option<[Option<Interval>; 2]> {
    let mut at = from;
    for _ in 0..MOST_OPENINGS {
        let open = [one.next_open(at), other.next_open(at)];
        match open {
            [Some(this), Some(that)] if this == that => at = this.end,
            [None, None] => return None,
            _ => return Some(open),
        }
    }
    None
}

/// When each host's batch begins.
fn begins(plan: &Plan) -> Vec<Option<Moment>> {
    let mut begins = vec![None; plan.hosts.len()];
    let lanes = plan.stages.iter().flat_map(|stage| &stage.turns).flat_map(|turn| &turn.lanes);
    for batch in lanes.flat_map(|lane| &lane.batches) {
        for host in &batch.hosts {
            begins[host.0 as usize] = Some(batch.starts_at);
        }
    }
    begins
}

/// Hosts by what is otherwise about them, in the order in which it was first met.
#[derive(Default)]
struct Groups(IndexMap<HostChange, Vec<Arc<str>>>);

impl Groups {
    fn add(&mut self, change: HostChange, plan: &Plan, host: HostIdx) {
        self.0.entry(change).or_default().push(Arc::clone(&plan.host(host).name));
    }
}

impl IntoIterator for Groups {
    type Item = (HostChange, Vec<Arc<str>>);
    type IntoIter = indexmap::map::IntoIter<HostChange, Vec<Arc<str>>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Both names, where they are two.
fn renamed(from: &str, to: &str) -> Option<[String; 2]> {
    (from != to).then(|| [from.to_owned(), to.to_owned()])
}

fn indexes(plan: &Plan) -> impl Iterator<Item = HostIdx> + use<> {
    (0..plan.hosts.len() as u32).map(HostIdx)
}

fn stage(plan: &Plan, host: HostIdx) -> &str {
    plan.stages.get(plan.host(host).stage as usize).map_or("", |stage| &stage.name)
}

fn package(plan: &Plan, host: HostIdx) -> &str {
    plan.packages.get(plan.host(host).package.0 as usize).map_or("", |package| &package.name)
}

fn site(plan: &Plan, host: HostIdx) -> &str {
    plan.sites.get(plan.host(host).site.0 as usize).map_or("", |site| &site.name)
}

fn region(plan: &Plan, region: RegionId) -> &str {
    plan.regions.get(region.0 as usize).map_or("", |region| &region.name)
}
