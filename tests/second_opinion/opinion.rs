//! What the language's page and its decisions say about a case, worked out slowly: every host asked every condition, every
//! minute looked at, every budget counted from the beginning.

use std::collections::BTreeSet;
use std::ops::Range;
use std::rc::Rc;

use chrono::{Datelike, Days, NaiveDate};

use crate::batches::{self, Stretch};
use crate::case::{Amount, COLUMNS, Calendar, Case, Cell, DayRule, Finish, Kind, Openings, Order, Pick, Sorting, Test};
use crate::clocks::{Clock, Clocks, MINUTES};
use crate::refined;
use crate::sun::{Sun, UNSURE};

/// Codes of problems, or a plan.
pub enum Opinion {
    Problems(BTreeSet<&'static str>),
    Plan(Box<Planned>),
    /// Goes on for longer than the tables reach.
    TooFar,
    /// Would be another plan if the sun rose some minutes sooner or later.
    Unsure,
}

/// A plan, and what it is made of.
pub struct Planned {
    pub stages: Vec<StageOpinion>,
    /// The hosts of each stage.
    pub picked: Vec<Vec<usize>>,
    /// None for those that are not changed.
    pub hosts: Vec<Option<Host>>,
    pub regions: Vec<RegionOf>,
    pub sites: Vec<SiteOf>,
}

/// What opinions are made with, kept for the next case.
#[derive(Default)]
pub struct Sky {
    clocks: Clocks,
    sun: Sun,
}

/// Hosts and times are numbers: of rows, and of minutes from the epoch.
#[derive(Debug, PartialEq, Eq, Default)]
pub struct StageOpinion {
    pub starts: usize,
    pub ends: usize,
    pub turns: Vec<Turn>,
}

#[derive(Debug, PartialEq, Eq, Clone)]
pub struct Turn {
    pub region: String,
    pub lanes: Vec<Lane>,
}

#[derive(Debug, PartialEq, Eq, Clone)]
pub struct Lane {
    pub site: Option<String>,
    /// Hosts, start, end.
    pub batches: Vec<(Vec<usize>, usize, usize)>,
}

/// What is known of a host that is to be changed.
#[derive(Debug, Clone)]
pub struct Host {
    pub region: usize,
    pub site: usize,
    pub package: (usize, Vec<Cell>),
}

pub struct RegionOf {
    pub name: String,
    pub hosts: Vec<usize>,
    pub openings: Openings,
}

/// Hosts of one region that say the same site and zone.
pub struct SiteOf {
    pub name: String,
    pub region: usize,
    pub zone: String,
    pub hosts: Vec<usize>,
}

/// A budget over one group: all its hosts, and how many must stay up.
pub struct Group {
    pub hosts: Vec<usize>,
    pub keep: usize,
}

pub fn opinion(case: &Case, sky: &Sky) -> Opinion {
    let mut found = BTreeSet::new();
    let all: Vec<usize> = (0..case.rows.len()).collect();
    let mut select = |test: &Test| {
        if has_unknown_value(case, test) {
            found.insert("E0205");
        }
        let hosts: Vec<usize> =
            all.iter().copied().filter(|host| holds(&case.rows[*host], test) == Some(true)).collect();
        if hosts.is_empty() && !has_unknown_value(case, test) {
            found.insert("E0401");
        }
        hosts
    };
    let targets = select(&case.to);
    let regions = regions(case, &mut select);
    let mut lost = false;
    for name in case.refinements.iter().flat_map(|refinement| &refinement.regions) {
        let takes_part =
            regions.iter().any(|region| region.name == *name && region.hosts.iter().any(|host| targets.contains(host)));
        if !takes_part {
            lost = true;
        }
    }
    let services: Vec<Vec<usize>> = case.services.iter().map(|service| select(&service.hosts)).collect();
    let packages: Vec<Vec<usize>> =
        case.packages.iter().map(|one| one.condition.as_ref().map_or(all.clone(), &mut select)).collect();
    for stage in &case.stages {
        if let Pick::Hosts(test) = &stage.pick {
            select(test);
        }
    }
    // Where it is not known who is changed, nobody knows which regions take part.
    if lost && !has_unknown_value(case, &case.to) {
        found.insert("E0401");
    }
    let sites = sites(case, &regions);
    for stage in &case.stages {
        if let Pick::Sites(names) = &stage.pick
            && names.iter().any(|name| sites.iter().all(|site| site.name != *name))
        {
            found.insert("E0205");
        }
    }
    if !found.is_empty() {
        return Opinion::Problems(found);
    }

    if all.iter().any(|host| regions.iter().filter(|region| region.hosts.contains(host)).count() > 1) {
        found.insert("E0403");
    }
    let mut hosts: Vec<Option<Host>> = vec![None; case.rows.len()];
    for target in &targets {
        let region = regions.iter().position(|region| region.hosts.contains(target));
        let mut theirs = Vec::new();
        for (idx, one) in case.packages.iter().enumerate() {
            let values: Vec<Cell> = one.by.iter().map(|column| case.rows[*target][*column].clone()).collect();
            if packages[idx].contains(target) && values.iter().all(Option::is_some) {
                theirs.push((idx, values));
            }
        }
        match theirs.len() {
            0 => drop(found.insert("E0405")),
            1 => {}
            _ => drop(found.insert("E0406")),
        }
        match region {
            None => drop(found.insert("E0404")),
            Some(region) => {
                let site = sites.iter().position(|site| site.region == region && site.hosts.contains(target)).unwrap();
                hosts[*target] = theirs.first().cloned().map(|package| Host { region, site, package });
            }
        }
    }
    if !found.is_empty() {
        return Opinion::Problems(found);
    }

    let picked = pick(case, &targets, &regions, &sites, &hosts, &mut found);
    let has_place = |host: &usize| place(case, &sites[hosts[*host].as_ref().unwrap().site]).is_some();
    let refined_end = |host: &usize| {
        let region = hosts[*host].as_ref().unwrap().region;
        refined::refinement(case, &regions[region].name).and_then(|refinement| refinement.finish)
    };
    for (stage, hosts) in case.stages.iter().zip(&picked) {
        let by_sun = |host: &usize| [stage.finish, refined_end(host)].contains(&Some(Finish::Sunrise));
        if hosts.iter().any(|host| by_sun(host) && !has_place(host)) {
            found.insert("E0607");
        }
    }
    if refined::loosens(case, sky, &regions, &sites, &hosts, &picked) {
        found.insert("E0710");
    }
    let groups = groups(case, &services, &targets, &mut found);
    if !found.is_empty() {
        return Opinion::Problems(found);
    }
    let regions = refined::refined(case, &regions);
    let mut planned = Planned { stages: Vec::new(), picked, hosts, regions, sites };
    let plan = |unsure: i32| planned.plan(case, &groups, sky, unsure);
    let refined = case.refinements.iter().map(|refinement| refinement.finish);
    let has_sunrise =
        case.stages.iter().map(|stage| stage.finish).chain(refined).any(|end| end == Some(Finish::Sunrise));
    let stages = plan(0);
    if has_sunrise && (plan(-UNSURE) != stages || plan(UNSURE) != stages) {
        return Opinion::Unsure;
    }
    match stages {
        Ok(stages) => planned.stages = stages,
        Err(batches::Why::TooFar) => return Opinion::TooFar,
        Err(batches::Why::NothingFits) => return Opinion::Problems(BTreeSet::from(["E0601"])),
    }
    Opinion::Plan(Box::new(planned))
}

impl Planned {
    fn plan(&self, case: &Case, groups: &[Group], sky: &Sky, unsure: i32) -> Result<Vec<StageOpinion>, batches::Why> {
        let Planned { picked, hosts, regions, sites, .. } = self;
        let last = MINUTES - 3 * 1440;
        // So many days before the start that what is open then is seen from its opening, or for longer than a bound takes to
        // come twice.
        let from = case.start.saturating_sub(10 * 1440);
        // Most plans end soon; the long tables are only for those that do not.
        for days in [12, 45, usize::MAX] {
            let until = (case.start.saturating_add(days.saturating_mul(1440))).min(last);
            let stretch = |site: &SiteOf| stretch(case, sky, &regions[site.region].openings, site, from..until, unsure);
            let stretches: Vec<Stretch> = sites.iter().map(stretch).collect();
            let world = batches::World { case, regions, sites, hosts, groups, stretches: &stretches, from, until };
            match world.stages(picked) {
                Err(_) if until < last => {}
                answer => return answer,
            }
        }
        Err(batches::Why::TooFar)
    }
}

/// None where it cannot be said, since the host lacks a field.
pub fn holds(row: &[Cell], test: &Test) -> Option<bool> {
    match test {
        Test::Missing(column, wanted) => Some(row[*column].is_none() == *wanted),
        Test::True(column) => row[*column].as_ref().map(|value| value == "true"),
        Test::Matches(column, glob) => row[*column].as_ref().map(|value| matches(glob.as_bytes(), value.as_bytes())),
        Test::In(column, values) => {
            row[*column].as_ref().map(|own| values.iter().any(|value| compare(*column, own, value).is_eq()))
        }
        Test::Compare(column, operator, value) => {
            let order = compare(*column, row[*column].as_ref()?, value);
            Some(match *operator {
                "==" => order.is_eq(),
                "!=" => order.is_ne(),
                "<" => order.is_lt(),
                "<=" => order.is_le(),
                ">" => order.is_gt(),
                ">=" => order.is_ge(),
                other => panic!("{other}"),
            })
        }
        Test::Not(test) => holds(row, test).map(|holds| !holds),
        Test::And(tests) => {
            let all: Vec<Option<bool>> = tests.iter().map(|test| holds(row, test)).collect();
            if all.contains(&Some(false)) {
                Some(false)
            } else if all.contains(&None) {
                None
            } else {
                Some(true)
            }
        }
        Test::Or(tests) => {
            let all: Vec<Option<bool>> = tests.iter().map(|test| holds(row, test)).collect();
            if all.contains(&Some(true)) {
                Some(true)
            } else if all.contains(&None) {
                None
            } else {
                Some(false)
            }
        }
    }
}

/// Of two values of a column.
pub fn compare(column: usize, one: &str, other: &str) -> std::cmp::Ordering {
    let parts = |text: &str| text.split('.').map(|part| part.parse::<u64>().unwrap()).collect::<Vec<_>>();
    match COLUMNS[column].1 {
        Kind::Text => one.as_bytes().cmp(other.as_bytes()),
        Kind::Integer | Kind::Version => parts(one).cmp(&parts(other)),
        Kind::Truth => (one == "true").cmp(&(other == "true")),
    }
}

fn matches(glob: &[u8], text: &[u8]) -> bool {
    match glob {
        [] => text.is_empty(),
        [b'*', rest @ ..] => (0..=text.len()).any(|taken| matches(rest, &text[taken..])),
        [b'?', rest @ ..] => !text.is_empty() && matches(rest, &text[1..]),
        [b'[', first, b'-', last, b']', rest @ ..] => {
            text.first().is_some_and(|c| (first..=last).contains(&c)) && matches(rest, &text[1..])
        }
        [c, rest @ ..] => text.first() == Some(c) && matches(rest, &text[1..]),
    }
}

/// A text or version that a condition names and no host has.
fn has_unknown_value(case: &Case, test: &Test) -> bool {
    let is_unknown = |column: &usize, value: &String| {
        matches!(COLUMNS[*column].1, Kind::Text | Kind::Version)
            && case.rows.iter().all(|row| row[*column].as_ref() != Some(value))
    };
    match test {
        Test::Compare(column, "==" | "!=", value) => is_unknown(column, value),
        Test::In(column, values) => values.iter().any(|value| is_unknown(column, value)),
        Test::Not(test) => has_unknown_value(case, test),
        Test::And(tests) | Test::Or(tests) => tests.iter().any(|test| has_unknown_value(case, test)),
        _ => false,
    }
}

/// In the order in which they come about: by the field's values as the hosts show them, then those of their own.
fn regions(case: &Case, select: &mut impl FnMut(&Test) -> Vec<usize>) -> Vec<RegionOf> {
    let all = 0..case.rows.len();
    if case.regions_by.is_none() && case.regions.is_empty() {
        return vec![RegionOf { name: "everywhere".to_owned(), hosts: all.collect(), openings: Openings::default() }];
    }
    let mut regions: Vec<RegionOf> = Vec::new();
    if let Some(openings) = &case.regions_by {
        for host in all {
            let Some(name) = &case.rows[host][Case::column("region")] else { continue };
            match regions.iter_mut().find(|region| region.name == *name) {
                Some(region) => region.hosts.push(host),
                None => regions.push(RegionOf { name: name.clone(), hosts: vec![host], openings: openings.clone() }),
            }
        }
    }
    for own in &case.regions {
        let hosts = own.hosts.as_ref().map(&mut *select);
        match regions.iter_mut().find(|region| region.name == own.name) {
            // Its windows go before those of all; a freeze is one more.
            Some(region) => {
                region.hosts = hosts.unwrap_or(std::mem::take(&mut region.hosts));
                if !own.openings.windows.is_empty() {
                    region.openings.windows = own.openings.windows.clone();
                }
                region.openings.freezes.extend(&own.openings.freezes);
            }
            None => {
                regions.push(RegionOf { name: own.name.clone(), hosts: hosts.unwrap(), openings: own.openings.clone() })
            }
        }
    }
    regions
}

/// In the order of their first hosts. Who says no site stands at one that is called as the region is.
fn sites(case: &Case, regions: &[RegionOf]) -> Vec<SiteOf> {
    let mut sites: Vec<(Cell, SiteOf)> = Vec::new();
    for host in 0..case.rows.len() {
        for (idx, region) in regions.iter().enumerate().filter(|(_, region)| region.hosts.contains(&host)) {
            let said = &case.rows[host][Case::column("site")];
            let zone = case.rows[host][Case::column("timezone")].clone().unwrap();
            match sites.iter_mut().find(|(cell, site)| cell == said && site.region == idx && site.zone == zone) {
                Some((_, site)) => site.hosts.push(host),
                None => {
                    let name = said.clone().unwrap_or(region.name.clone());
                    sites.push((said.clone(), SiteOf { name, region: idx, zone, hosts: vec![host] }));
                }
            }
        }
    }
    sites.into_iter().map(|(_, site)| site).collect()
}

/// The hosts of each stage, in the inventory's order.
fn pick(
    case: &Case,
    targets: &[usize],
    regions: &[RegionOf],
    sites: &[SiteOf],
    hosts: &[Option<Host>],
    found: &mut BTreeSet<&'static str>,
) -> Vec<Vec<usize>> {
    let mut left = targets.to_vec();
    let mut picked = Vec::new();
    let host = |host: &usize| hosts[*host].as_ref().unwrap();
    for stage in &case.stages {
        let in_order = |one: &usize| match &stage.order {
            Order::Named(names) => names.contains(&regions[host(one).region].name),
            _ => true,
        };
        let free: Vec<usize> = left.iter().copied().filter(in_order).collect();
        let taken: Vec<usize> = match &stage.pick {
            Pick::Rest => free,
            Pick::Hosts(test) => free.into_iter().filter(|one| holds(&case.rows[*one], test) == Some(true)).collect(),
            Pick::Regions(names) => {
                free.into_iter().filter(|one| names.contains(&regions[host(one).region].name)).collect()
            }
            Pick::Sites(names) => free.into_iter().filter(|one| names.contains(&sites[host(one).site].name)).collect(),
            Pick::Amount(amount) => free.into_iter().take(amount.to_take(targets.len())).collect(),
            Pick::OnePer(columns, package) => {
                let mut seen = Vec::new();
                free.into_iter()
                    .filter(|one| {
                        let values: Vec<Cell> = columns.iter().map(|column| case.rows[*one][*column].clone()).collect();
                        let kind = (values, package.then(|| host(one).package.clone()));
                        let is_first = !seen.contains(&kind);
                        seen.push(kind);
                        is_first
                    })
                    .collect()
            }
        };
        if taken.is_empty() {
            found.insert("E0407");
        }
        left.retain(|one| !taken.contains(one));
        picked.push(taken);
    }
    if !left.is_empty() {
        found.insert("E0402");
    }
    picked
}

impl Amount {
    /// Percentages round down, and never below one.
    pub fn to_take(self, of: usize) -> usize {
        match self {
            Amount::Hosts(hosts) => hosts,
            Amount::Percent(percent) => (of * percent / 100).max(1),
        }
    }

    /// Percentages round up.
    pub fn to_keep(self, of: usize) -> usize {
        match self {
            Amount::Hosts(hosts) => hosts,
            Amount::Percent(percent) => (of * percent).div_ceil(100),
        }
    }
}

/// Every group of every budget that a target is in. Hosts that lack a field are one group together.
fn groups(case: &Case, services: &[Vec<usize>], targets: &[usize], found: &mut BTreeSet<&'static str>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    if case.steps.iter().all(|step| !step.down) {
        return groups;
    }
    for (service, members) in case.services.iter().zip(services) {
        for (amount, per) in &service.keeps {
            let mut parts: Vec<(Vec<Cell>, Vec<usize>)> = Vec::new();
            for host in members {
                let values: Vec<Cell> = per.iter().map(|column| case.rows[*host][*column].clone()).collect();
                match parts.iter_mut().find(|(known, _)| *known == values) {
                    Some((_, hosts)) => hosts.push(*host),
                    None => parts.push((values, vec![*host])),
                }
            }
            let parts = parts.into_iter().filter(|(_, hosts)| hosts.iter().any(|host| targets.contains(host)));
            groups.extend(parts.map(|(_, hosts)| Group { keep: amount.to_keep(hosts.len()), hosts }));
        }
    }
    for group in &groups {
        if group.keep > group.hosts.len() || (group.hosts.len() == 1 && group.keep == 1) {
            found.insert("E0502");
        } else if group.keep == group.hosts.len() {
            found.insert("E0501");
        }
    }
    groups
}

/// Which minutes are open at a site, up to a minute.
pub fn stretch(
    case: &Case,
    sky: &Sky,
    openings: &Openings,
    site: &SiteOf,
    within: Range<usize>,
    unsure: i32,
) -> Stretch {
    let clock: Rc<Clock> = sky.clocks.of(&site.zone, case.epoch);
    let rises = place(case, site).map_or(Vec::new(), |place| {
        let rises = sky.sun.rises(place, case.epoch);
        rises.iter().map(|rise| rise.saturating_add_signed(unsure as isize)).collect()
    });
    let Range { start, end } = within;
    let mut open = vec![openings.windows.is_empty(); end];
    let mut set = |from: usize, to: usize, is_open: bool| {
        let (from, to) = (from.min(end), to.min(end));
        if from < to {
            open[from..to].fill(is_open);
        }
    };
    let days = start as i64 / 1440 - 2..end as i64 / 1440 + 2;
    for window in &openings.windows {
        for day in days.clone() {
            let date = date(case.epoch, day);
            let is_excepted =
                window.except.iter().any(|calendar| contains(&case.calendars[*calendar], case.epoch, date));
            if is_excepted || !is_between(window.days, weekday(date)) {
                continue;
            }
            let closing_day = if window.closes > window.opens { day } else { day + 1 };
            let opens = clock.last((day * 1440) as i32 + window.opens as i32);
            let closes = clock.first((closing_day * 1440) as i32 + window.closes as i32);
            set(opens, closes, true);
        }
    }
    for freeze in &openings.freezes {
        for day in days.clone().filter(|day| contains(&case.calendars[*freeze], case.epoch, date(case.epoch, *day))) {
            set(clock.first((day * 1440) as i32), clock.last((day * 1440 + 1440) as i32), false);
        }
    }
    let is_always = openings.windows.is_empty() && openings.freezes.is_empty();
    Stretch { open, clock, rises, is_always, zone: site.zone.clone() }
}

/// Where a site is: where the first of its hosts is that says so.
fn place(case: &Case, site: &SiteOf) -> Option<(f64, f64)> {
    site.hosts.iter().find_map(|host| case.places.get(*host).copied().flatten())
}

fn date(epoch: NaiveDate, day: i64) -> NaiveDate {
    epoch - Days::new(10) + Days::new((day + 10) as u64)
}

fn weekday(date: NaiveDate) -> usize {
    date.weekday().num_days_from_monday() as usize
}

/// Of weekdays, over the week's end too.
pub fn is_between((first, last): (usize, usize), day: usize) -> bool {
    if first <= last { first <= day && day <= last } else { day >= first || day <= last }
}

fn contains(calendar: &Calendar, epoch: NaiveDate, date: NaiveDate) -> bool {
    let next_month = |date: NaiveDate| date.iter_days().find(|next| next.month() != date.month()).unwrap();
    calendar.rules.iter().any(|rule| match rule {
        DayRule::Dates(first, last) => {
            ((epoch + Days::new(*first as u64))..=(epoch + Days::new(*last as u64))).contains(&date)
        }
        DayRule::Weekdays(first, last) => is_between((*first, *last), weekday(date)),
        DayRule::LastOfMonth(count) => (next_month(date) - date).num_days() <= i64::from(*count),
        DayRule::NthOfMonth(nth, day) => {
            let is_day = |date: &NaiveDate| date.weekday().num_days_from_monday() as usize == *day;
            let first = date.with_day(1).unwrap();
            is_day(&date)
                && first.iter_days().take_while(|other| *other <= date).filter(is_day).count() == *nth as usize
        }
    })
}

/// Whether a lane's host goes before another, by the keys of its stage.
pub fn by_keys(case: &Case, keys: &[(usize, Sorting)], one: usize, other: usize) -> std::cmp::Ordering {
    for (column, sorting) in keys {
        let order = match (&case.rows[one][*column], &case.rows[other][*column]) {
            (None, None) => std::cmp::Ordering::Equal,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some(_), None) => std::cmp::Ordering::Less,
            (Some(one), Some(other)) => match sorting {
                Sorting::Ascending => compare(*column, one, other),
                Sorting::Descending => compare(*column, other, one),
                Sorting::First(values) => {
                    let place = |value: &String| values.iter().position(|first| first == value).unwrap_or(values.len());
                    place(one).cmp(&place(other))
                }
            },
        };
        if order.is_ne() {
            return order;
        }
    }
    std::cmp::Ordering::Equal
}
