//! Small fleets and scripts by the dice: nearly sound, so that most of them have a plan.

use chrono::NaiveDate;

use crate::case::{
    Amount, Base, Batch, COLUMNS, Calendar, Case, Cell, DayRule, Deadline, Finish, Kind, Openings, Order, Packages,
    Pick, Refinement, Region, Rule, Service, Sorting, Stage, Step, TEAMS, Test, Window,
};
use crate::dice::Dice;
use crate::opinion::holds;

/// Regions with their sites and the sites' zones. The clocks of most turn near the two epochs.
const SITES: [(&str, &str, &str); 9] = [
    ("america", "new-york", "America/New_York"),
    ("america", "sao-paulo", "America/Sao_Paulo"),
    ("europe", "berlin", "Europe/Berlin"),
    ("europe", "dublin", "Europe/Dublin"),
    ("asia", "kathmandu", "Asia/Kathmandu"),
    ("asia", "utc", "UTC"),
    ("pacific", "sydney", "Australia/Sydney"),
    ("pacific", "lord-howe", "Australia/Lord_Howe"),
    ("pacific", "chatham", "Pacific/Chatham"),
];

/// Where the sites of a zone are: degrees north and east.
const PLACES: [(&str, (f64, f64)); 9] = [
    ("America/New_York", (40.71, -74.01)),
    ("America/Sao_Paulo", (-23.55, -46.63)),
    ("Europe/Berlin", (52.52, 13.41)),
    ("Europe/Dublin", (53.35, -6.26)),
    ("Asia/Kathmandu", (27.72, 85.32)),
    ("UTC", (-37.05, -12.3)),
    ("Australia/Sydney", (-33.87, 151.21)),
    ("Australia/Lord_Howe", (-31.55, 159.08)),
    ("Pacific/Chatham", (-43.95, -176.55)),
];

/// Minutes of the day at which windows open and close; the clocks skip or repeat several of them.
const TIMES: [usize; 12] = [0, 60, 90, 120, 135, 165, 180, 300, 360, 720, 1320, 1380];

pub fn generate(seed: u64) -> Case {
    let mut dice = Dice::new(seed);
    let dice = &mut dice;
    let epoch =
        *dice.pick(&[NaiveDate::from_ymd_opt(2007, 2, 20).unwrap(), NaiveDate::from_ymd_opt(2024, 9, 22).unwrap()]);
    let rows = rows(dice);
    let calendars = (0..dice.below(3)).map(|idx| calendar(dice, idx)).collect::<Vec<_>>();
    let gates = (0..dice.below(3)).map(|_| *dice.pick(&[0, 0, 10, 45])).collect::<Vec<_>>();
    let regions_by = dice.chance(90).then(|| openings(dice, calendars.len()));
    let has_regions = regions_by.is_some();
    let mut case = Case {
        regions: Vec::new(),
        services: (0..dice.below(3)).map(|_| mostly_kept(dice, &rows)).collect(),
        packages: packages(dice, &rows),
        steps: (0..dice.from(1, 3))
            .map(|_| Step {
                takes: *dice.pick(&[1, 10, 20, 45]),
                down: dice.chance(60),
                ahead: false,
                can_be_undone: true,
            })
            .collect(),
        to: if dice.chance(60) { everything(dice) } else { test(dice, &rows, 2) },
        stages: Vec::new(),
        start: dice.from(5 * 1440, 50 * 1440),
        rows,
        calendars,
        regions_by,
        gates,
        epoch,
        deadline: None,
        policy: Vec::new(),
        refinements: Vec::new(),
        places: Vec::new(),
    };
    if dice.chance(5) {
        // A night's work that fits only a night that the clocks make longer.
        case.steps.push(Step { takes: *dice.pick(&[240, 480, 500]), down: true, ahead: false, can_be_undone: true });
    }
    if dice.chance(20) {
        let takes = *dice.pick(&[5, 30, 200]);
        case.steps.insert(0, Step { takes, down: false, ahead: true, can_be_undone: true });
    }
    if has_regions && dice.chance(25) {
        let name = dice.pick(&regions_of(&case)).clone();
        case.regions.push(Region { name, hosts: None, openings: openings(dice, case.calendars.len()) });
    }
    if dice.chance(5) {
        let hosts = Some(test(dice, &case.rows, 1));
        case.regions.push(Region { name: "extra".to_owned(), hosts, openings: openings(dice, case.calendars.len()) });
    }
    let stages = *dice.pick(&[1, 1, 2, 2, 3]);
    for idx in 0..stages {
        let is_last = idx + 1 == stages;
        case.stages.push(stage(dice, &case, is_last));
    }
    guinea_pigs(&mut Dice::about(1, seed), &mut case);
    policy(&mut Dice::about(2, seed), &mut case);
    sunrise(&mut Dice::about(3, seed), &mut case);
    refinements(&mut Dice::about(5, seed), &mut case);
    case
}

/// Of some regions. About half of them tighten all that they speak of.
fn refinements(dice: &mut Dice, case: &mut Case) {
    let regions = shuffled(dice, &regions_of(case));
    if dice.chance(75) || regions.is_empty() {
        return;
    }
    let (first, rest) = regions.split_at(dice.from(1, 2).min(regions.len()));
    case.refinements.push(refinement(dice, case, first));
    if !rest.is_empty() && dice.chance(40) {
        case.refinements.push(refinement(dice, case, &rest[..1]));
    }
}

fn refinement(dice: &mut Dice, case: &Case, regions: &[String]) -> Refinement {
    let own = case.regions.iter().find(|region| region.name == regions[0] && !region.openings.windows.is_empty());
    let own = own.map(|region| &region.openings).or(case.regions_by.as_ref());
    let own = own.map_or(Vec::new(), |openings| openings.windows.clone());
    let mut openings = Openings::default();
    for mut window in own {
        if dice.chance(60) {
            continue;
        }
        if dice.chance(20) {
            window.except.clear();
        }
        if dice.chance(40) {
            window.days = *dice.pick(&[(1, 2), (0, 3), (4, 4), (0, 6)]);
        }
        if dice.chance(40) {
            window.opens = (window.opens + 30) % 1440;
        }
        if dice.chance(40) {
            window.closes = (window.closes + *dice.pick(&[1410, 1410, 1380, 30])) % 1440;
        }
        openings.windows.push(window);
    }
    if dice.chance(5) {
        openings.windows.push(window(dice, case.calendars.len()));
    }
    if !case.calendars.is_empty() && dice.chance(20) {
        openings.freezes.push(dice.below(case.calendars.len()));
    }
    let amount = |dice: &mut Dice| match dice.below(4) {
        0 => Amount::Percent(*dice.pick(&[10, 25, 50])),
        1 => Amount::Hosts(2),
        _ => Amount::Hosts(1),
    };
    let batch = dice.chance(40).then(|| Batch {
        amount: amount(dice),
        per_site: dice.chance(40),
        at_most: dice.chance(20).then(|| dice.from(1, 2)),
    });
    let mut refined = Refinement {
        regions: regions.to_vec(),
        openings,
        at_once: (batch.is_none() && dice.chance(30)).then(|| (dice.from(1, 3), dice.chance(40))),
        batch,
        soak: dice.chance(30).then(|| *dice.pick(&[30, 60, 1440, 2000])),
        gates: (0..case.gates.len()).filter(|_| dice.chance(30)).collect(),
        finish: dice.chance(25).then(|| Finish::Time(*dice.pick(&[0, 60, 120, 150, 300]))),
    };
    if !case.places.is_empty() && dice.chance(30) {
        refined.finish = Some(Finish::Sunrise);
    }
    if refined.says_nothing() {
        refined.soak = Some(1440);
    }
    refined
}

/// Some that are right, some that stand for too little, some that come too late.
fn guinea_pigs(dice: &mut Dice, case: &mut Case) {
    if dice.chance(70) {
        return;
    }
    let last = case.stages.len() - 1;
    for (idx, stage) in case.stages.iter_mut().enumerate() {
        stage.is_guinea_pig = dice.chance(if idx == last { 5 } else { 85 });
    }
}

/// Rules that about half of what is written here meets.
fn policy(dice: &mut Dice, case: &mut Case) {
    if dice.chance(75) {
        return;
    }
    if dice.chance(40) {
        let step = dice.below(case.steps.len());
        case.steps[step].can_be_undone = dice.chance(50);
    }
    for stage in &mut case.stages {
        stage.approval = dice.chance(50).then(|| dice.below(TEAMS));
    }
    let rules = dice.from(1, 3);
    case.policy = (0..rules).map(|_| rule(dice, case.gates.len())).collect();
}

fn rule(dice: &mut Dice, gates: usize) -> Rule {
    match dice.below(10) {
        0 => Rule::GuineaPig,
        1 => Rule::Gate((0..gates).filter(|_| dice.chance(50)).collect()),
        2 => Rule::Approval(dice.chance(50).then(|| dice.below(TEAMS))),
        3 => Rule::Soak(*dice.pick(&[30, 60, 61, 1440])),
        4 => Rule::Undo,
        5..=7 => {
            let amount = match dice.chance(50) {
                true => Amount::Hosts(dice.from(1, 4)),
                false => Amount::Percent(*dice.pick(&[10, 25, 33, 50, 100])),
            };
            Rule::Batch(amount, dice.chance(50))
        }
        _ => {
            let mut moment = || (dice.below(7), dice.chance(60).then(|| *dice.pick(&TIMES)));
            Rule::Forbid(moment(), moment())
        }
    }
}

/// Bounds of stages that the sun sets, at sites that mostly say where they are.
fn sunrise(dice: &mut Dice, case: &mut Case) {
    if dice.chance(85) {
        return;
    }
    for stage in &mut case.stages {
        if dice.chance(60) {
            stage.finish = Some(Finish::Sunrise);
        }
    }
    let lacking = *dice.pick(&[0, 10, 50, 90]);
    case.places = case
        .rows
        .iter()
        .enumerate()
        .map(|(host, row)| {
            let zone = row[Case::column("timezone")].as_deref();
            let (_, place) = PLACES.into_iter().find(|(one, _)| Some(*one) == zone).unwrap();
            (host == 0 || !dice.chance(lacking)).then_some(place)
        })
        .collect();
}

/// When a plan that ends at a minute must have ended: about then. What has no plan has a deadline too.
pub fn deadline(seed: u64, case: &Case, ends: Option<usize>) -> Option<Deadline> {
    let dice = &mut Dice::about(4, seed);
    if dice.chance(60) {
        return None;
    }
    let base = *dice.pick(&[Base::Moment, Base::Start, Base::Released]);
    let ends = ends.unwrap_or(case.start + 600) as i64;
    let at = ends + dice.pick(&[-20_000, -1_440, -60, -1, 0, 0, 1, 60, 1_440, 50_000]);
    let is_after = at > if base == Base::Start { case.start as i64 } else { 0 };
    Some(if is_after { Deadline { base, at } } else { Deadline { base: Base::Moment, at: at.max(1) } })
}

fn rows(dice: &mut Dice) -> Vec<Vec<Cell>> {
    let sites: Vec<(&str, &str, &str)> = (0..dice.from(1, 4)).map(|_| *dice.pick(&SITES)).collect();
    let hosts = dice.from(3, 14);
    (0..hosts).map(|host| row(dice, host, &sites)).collect()
}

/// The first host has everything, so that every column has its type.
fn row(dice: &mut Dice, host: usize, sites: &[(&str, &str, &str)]) -> Vec<Cell> {
    let (region, site, zone) = *dice.pick(sites);
    let mut some = |value: &str, lacking: usize| (host == 0 || !dice.chance(lacking)).then(|| value.to_owned());
    let (region, site) = (some(region, 1), some(site, 4));
    let mut any = |values: &[&str], lacking: usize| {
        let value = *dice.pick(values);
        (host == 0 || !dice.chance(lacking)).then(|| value.to_owned())
    };
    vec![
        Some(format!("h{host}")),
        region,
        site,
        Some(zone.to_owned()),
        any(&["web", "web-front", "db", "mail"], 8),
        any(&["debian", "rocky", "alpine"], 4),
        any(&["2", "4", "8", "16"], 10),
        any(&["1.2", "1.10", "1.9.1", "2.0.1"], 10),
        any(&["true", "false"], 10),
    ]
}

fn calendar(dice: &mut Dice, idx: usize) -> Calendar {
    let rule = match dice.below(5) {
        0 => DayRule::Weekdays(dice.below(7), dice.below(7)),
        1 => DayRule::LastOfMonth(dice.from(1, 4) as u32),
        2 => DayRule::NthOfMonth(dice.from(1, 4) as u32, dice.below(7)),
        _ => {
            let first = dice.from(2, 60) as i64;
            DayRule::Dates(first, first + dice.below(6) as i64)
        }
    };
    Calendar { name: format!("c{idx}"), rules: vec![rule] }
}

fn openings(dice: &mut Dice, calendars: usize) -> Openings {
    let windows = match dice.below(10) {
        0 | 1 => 0,
        2 | 3 => 2,
        _ => 1,
    };
    let windows = (0..windows).map(|_| window(dice, calendars)).collect();
    let freezes = if calendars > 0 && dice.chance(25) { vec![dice.below(calendars)] } else { Vec::new() };
    Openings { windows, freezes }
}

fn window(dice: &mut Dice, calendars: usize) -> Window {
    let days = *dice.pick(&[(0, 6), (0, 4), (0, 4), (1, 2), (4, 0), (5, 5), (6, 6)]);
    let (opens, closes) = *dice.pick(&[(1320, 360), (1320, 300), (0, 300), (1380, 120), (60, 180), (135, 165), (0, 0)]);
    let (opens, closes) = if dice.chance(30) { (*dice.pick(&TIMES), *dice.pick(&TIMES)) } else { (opens, closes) };
    let except = if calendars > 0 && dice.chance(30) { vec![dice.below(calendars)] } else { Vec::new() };
    Window { days, opens, closes, except }
}

/// Mostly one whose every group can spare a host.
fn mostly_kept(dice: &mut Dice, rows: &[Vec<Cell>]) -> Service {
    let mut found = service(dice, rows);
    for _ in 0..8 {
        if can_spare(&found, rows) || dice.chance(5) {
            break;
        }
        found = service(dice, rows);
    }
    found
}

fn can_spare(service: &Service, rows: &[Vec<Cell>]) -> bool {
    let members: Vec<&Vec<Cell>> = rows.iter().filter(|row| holds(row, &service.hosts) == Some(true)).collect();
    service.keeps.iter().all(|(amount, per)| {
        let group = |row: &Vec<Cell>| per.iter().map(|column| row[*column].clone()).collect::<Vec<Cell>>();
        members.iter().all(|row| {
            let size = members.iter().filter(|other| group(other) == group(row)).count();
            amount.to_keep(size) < size
        })
    })
}

fn service(dice: &mut Dice, rows: &[Vec<Cell>]) -> Service {
    let groups: [&[&str]; 7] = [&[], &[], &[], &["site"], &["region"], &["role"], &["site", "role"]];
    let keep = |dice: &mut Dice| {
        let amount = match dice.below(3) {
            0 => Amount::Hosts(1),
            1 => Amount::Hosts(dice.from(1, 6)),
            _ => Amount::Percent(*dice.pick(&[10, 25, 33, 50, 67, 80, 100])),
        };
        (amount, dice.pick(&groups).iter().map(|name| Case::column(name)).collect())
    };
    Service { hosts: test(dice, rows, 1), keeps: (0..dice.from(1, 2)).map(|_| keep(dice)).collect() }
}

fn packages(dice: &mut Dice, rows: &[Vec<Cell>]) -> Vec<Packages> {
    let by = |names: &[&str]| names.iter().map(|name| Case::column(name)).collect();
    match dice.below(30) {
        0 | 1 => vec![Packages { by: by(&["os"]), condition: None }],
        2 => vec![Packages { by: by(&["os", "role"]), condition: None }],
        3 => vec![Packages { by: by(&["os"]), condition: Some(test(dice, rows, 1)) }],
        4 => vec![
            Packages { by: Vec::new(), condition: Some(test(dice, rows, 1)) },
            Packages { by: Vec::new(), condition: Some(test(dice, rows, 1)) },
        ],
        5 | 6 => {
            // Two that are the complement of each other, but for the hosts that lack a field.
            let first = test(dice, rows, 0);
            let second = Test::Not(Box::new(first.clone()));
            vec![
                Packages { by: Vec::new(), condition: Some(first) },
                Packages { by: Vec::new(), condition: Some(second) },
            ]
        }
        _ => vec![Packages { by: Vec::new(), condition: None }],
    }
}

fn stage(dice: &mut Dice, case: &Case, is_last: bool) -> Stage {
    let pick = match if is_last && dice.chance(90) { 8 } else { dice.below(8) } {
        0 | 1 => Pick::Hosts(test(dice, &case.rows, 1)),
        2 => Pick::OnePer(
            vec![*dice.pick(&[Case::column("os"), Case::column("role"), Case::column("site")])],
            dice.chance(30),
        ),
        3 => Pick::OnePer(Vec::new(), true),
        4 => Pick::Amount(Amount::Hosts(dice.from(1, 2))),
        5 => Pick::Amount(Amount::Percent(*dice.pick(&[5, 10, 20, 33, 50]))),
        6 if !regions_of(case).is_empty() => Pick::Regions(some_of(dice, &regions_of(case))),
        7 => Pick::Sites(some_of(dice, &sites_of(case))),
        _ => Pick::Rest,
    };
    let regions = regions_of(case);
    let order = match dice.below(8) {
        0 | 1 => Order::Sun(None),
        2 if !regions.is_empty() => Order::Sun(Some(dice.pick(&regions).clone())),
        3 if !regions.is_empty() => Order::Named(shuffled(dice, &regions)),
        _ => Order::Together,
    };
    let batch = dice.chance(65).then(|| Batch {
        amount: match dice.chance(50) {
            true => Amount::Hosts(dice.from(1, 4)),
            false => Amount::Percent(*dice.pick(&[10, 25, 33, 50, 100])),
        },
        per_site: dice.chance(45),
        at_most: dice.chance(20).then(|| dice.from(1, 3)),
    });
    Stage {
        pick,
        order,
        at_once: (batch.is_none() && dice.chance(60)).then(|| (dice.from(1, 4), dice.chance(40))),
        batch,
        order_by: if dice.chance(30) { order_by(dice, &case.rows) } else { Vec::new() },
        soak: *dice.pick(&[0, 0, 0, 60, 1440]),
        gates: (0..case.gates.len()).filter(|_| dice.chance(50)).collect(),
        finish: dice.chance(15).then(|| Finish::Time(*dice.pick(&[0, 60, 120, 150, 300, 360]))),
        is_guinea_pig: false,
        approval: None,
    }
}

fn order_by(dice: &mut Dice, rows: &[Vec<Cell>]) -> Vec<(usize, Sorting)> {
    let first = *dice.pick(&["role", "cores", "version", "os", "clustered"]);
    let mut columns = vec![first];
    columns.extend(
        dice.pick(&["cores", "version", "role"]).ne(&first).then_some("version").filter(|second| *second != first),
    );
    let key = |column: &&str| {
        let column = Case::column(column);
        let sorting = match dice.below(4) {
            0 => Sorting::Descending,
            1 => {
                let mut values = vec![value_of(dice, rows, column)];
                let second = value_of(dice, rows, column);
                if second != values[0] {
                    values.push(second);
                }
                Sorting::First(values)
            }
            _ => Sorting::Ascending,
        };
        (column, sorting)
    };
    columns.iter().map(key).collect()
}

/// A condition that every host meets.
fn everything(dice: &mut Dice) -> Test {
    match dice.chance(50) {
        true => Test::Matches(0, "h*".to_owned()),
        false => Test::Missing(0, false),
    }
}

/// Mostly one that some hosts meet: what no host meets is a problem of its own.
fn test(dice: &mut Dice, rows: &[Vec<Cell>], depth: usize) -> Test {
    let mut test = any_test(dice, rows, depth);
    for _ in 0..8 {
        let met = rows.iter().filter(|row| holds(row, &test) == Some(true)).count();
        if met * 3 > rows.len() || dice.chance(4) {
            break;
        }
        test = any_test(dice, rows, depth);
    }
    test
}

fn any_test(dice: &mut Dice, rows: &[Vec<Cell>], depth: usize) -> Test {
    if depth > 0 && dice.chance(55) {
        let tests = |dice: &mut Dice| (0..dice.from(2, 3)).map(|_| any_test(dice, rows, depth - 1)).collect();
        return match dice.below(4) {
            0 => Test::Not(Box::new(any_test(dice, rows, depth - 1))),
            1 => Test::And(tests(dice)),
            _ => Test::Or(tests(dice)),
        };
    }
    let column = dice.from(1, COLUMNS.len() - 1);
    let kind = COLUMNS[column].1;
    if dice.chance(10) {
        return Test::Missing(column, dice.chance(50));
    }
    match kind {
        Kind::Truth if dice.chance(50) => Test::True(column),
        Kind::Truth => Test::Compare(column, operator(dice, &["==", "!="]), value_of(dice, rows, column)),
        Kind::Text => match dice.below(5) {
            0 => Test::Matches(column, (*dice.pick(&["*e*", "w*", "web?front", "*a", "[a-d]*", "*"])).to_owned()),
            1 => Test::In(column, (0..dice.from(1, 3)).map(|_| value_of(dice, rows, column)).collect()),
            _ if dice.chance(2) => Test::Compare(column, "==", "nobody-has-this".to_owned()),
            _ => Test::Compare(column, operator(dice, &["==", "==", "!="]), value_of(dice, rows, column)),
        },
        Kind::Integer | Kind::Version => match dice.below(5) {
            0 => Test::In(column, (0..dice.from(1, 3)).map(|_| value_of(dice, rows, column)).collect()),
            _ => {
                Test::Compare(column, operator(dice, &["==", "!=", "<", "<=", ">", ">="]), value_of(dice, rows, column))
            }
        },
    }
}

fn operator(dice: &mut Dice, of: &[&'static str]) -> &'static str {
    of[dice.below(of.len())]
}

/// One that some host has.
fn value_of(dice: &mut Dice, rows: &[Vec<Cell>], column: usize) -> String {
    let values: Vec<&String> = rows.iter().filter_map(|row| row[column].as_ref()).collect();
    (*dice.pick(&values)).clone()
}

fn regions_of(case: &Case) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    if case.regions_by.is_some() {
        for name in case.rows.iter().filter_map(|row| row[Case::column("region")].clone()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

fn sites_of(case: &Case) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let inside = case.rows.iter().filter(|row| case.regions_by.is_none() || row[Case::column("region")].is_some());
    for name in inside.filter_map(|row| row[Case::column("site")].clone()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn some_of(dice: &mut Dice, of: &[String]) -> Vec<String> {
    let mut all = shuffled(dice, of);
    all.truncate(dice.from(1, 2));
    all
}

fn shuffled(dice: &mut Dice, of: &[String]) -> Vec<String> {
    let mut left = of.to_vec();
    let mut out = Vec::new();
    while !left.is_empty() {
        out.push(left.remove(dice.below(left.len())));
    }
    out
}
