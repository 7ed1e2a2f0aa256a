use proptest::prelude::*;

use crate::inventory::Value;
use crate::model::{Budget, Finish, HostOrder, OrderKey, Per, Pick, RegionOrder, Scope, StageKind};
use crate::plan::example::{self, Example, WEEK, at, batch, before, minutes, window};
use crate::plan::make::reference;
use crate::plan::{BatchPlan, HostIdx, Ledger, Plan};
use crate::time::{Moment, Schedule, later_by, show_utc};

/// `22:00 a01 a02` for each batch of a stage, by turn and lane, in UTC.
fn shown(plan: &Plan, stage: usize) -> Vec<String> {
    let batch = |batch: &BatchPlan| {
        let names: Vec<&str> = batch.hosts.iter().map(|&host| &*plan.host(host).name).collect();
        format!("{} {}", batch.starts_at.format("%d %H:%M"), names.join(" "))
    };
    let turns = plan.stages[stage].turns.iter();
    turns.flat_map(|turn| &turn.lanes).flat_map(|lane| &lane.batches).map(batch).collect()
}

fn batches(plan: &Plan) -> impl Iterator<Item = &BatchPlan> {
    plan.stages.iter().flat_map(|stage| &stage.turns).flat_map(|turn| &turn.lanes).flat_map(|lane| &lane.batches)
}

#[test]
fn without_a_batch_only_the_budgets_limit() {
    let mut example = Example::plain(6);
    example.rest();
    assert_eq!(shown(&example.plan("2007-05-08 12:00Z"), 0), ["08 12:00 a01 a02 a03 a04 a05 a06"]);
    example.service("mail", "site", "here", &[(Budget::Hosts(1), Some("cluster"))]);
    let plan = example.plan("2007-05-08 12:00Z");
    assert_eq!(shown(&plan, 0), ["08 12:00 a01 a03 a05", "08 12:30 a02 a04 a06"]);
    assert_eq!(show_utc(plan.ends_at), "2007-05-08 13:00Z");
    // Two thirds of six are four.
    example.service("dns", "site", "here", &[(Budget::Percent(66.0), None)]);
    let plan = example.plan("2007-05-08 12:00Z");
    assert_eq!(shown(&plan, 0), ["08 12:00 a01 a03", "08 12:30 a02 a04", "08 13:00 a05", "08 13:30 a06"]);
    assert_eq!(plan.budgets.len(), 4);
    assert_eq!(plan.budgets[3].keep, 4);
    // Where no step takes a host down, no budget is drawn on: all are changed at once, and all could fail.
    example.rollout.steps[0].down = false;
    assert_eq!(
        example.problems("2007-05-08 12:00Z"),
        [
            "E0503: if the 2 hosts that `rest` changes at once fail, cluster c1 of `mail` has 0 up and must keep 1",
            "E0503: if the 6 hosts that `rest` changes at once fail, `dns` has 0 up and must keep 4",
        ]
    );
    example.model.services.clear();
    assert_eq!(shown(&example.plan("2007-05-08 12:00Z"), 0).len(), 1);
}

#[test]
fn a_batch_is_what_its_member_says_and_gates_come_between() {
    let mut example = Example::plain(5);
    let gate = example.gate("queue", Per::Batch, 15);
    let stage = example.rest();
    stage.batch = batch(Budget::Percent(50.0), Scope::Site, None);
    stage.gates = vec![gate];
    stage.soak = minutes(60);
    let plan = example.plan("2007-05-08 12:00Z");
    assert_eq!(shown(&plan, 0), ["08 12:00 a01 a02", "08 12:45 a03 a04", "08 13:30 a05"]);
    // The last batch ends at 14:00, its gates at 14:15, the soak at 15:15, the gates after it at 15:30.
    assert_eq!(show_utc(plan.ends_at), "2007-05-08 15:30Z");
    example.rollout.stages[0].batch = batch(Budget::Percent(100.0), Scope::Site, Some(4));
    assert_eq!(shown(&example.plan("2007-05-08 12:00Z"), 0).len(), 2);
}

#[test]
fn stages_take_what_earlier_ones_left() {
    let mut example = Example::plain(10);
    let cluster = example.fleet.field("cluster").unwrap();
    example.stage("one", StageKind::GuineaPig, Pick::Amount(Budget::Percent(10.0)));
    example.stage("per", StageKind::Wave, Pick::OnePer { fields: vec![cluster], package: false });
    example.stage("two", StageKind::Wave, Pick::Amount(Budget::Hosts(2)));
    example.rest();
    let plan = example.plan("2007-05-08 12:00Z");
    assert_eq!(shown(&plan, 0), ["08 12:00 a01"]);
    assert_eq!(shown(&plan, 1), ["08 12:30 a02 a03 a05 a07 a09"]);
    assert_eq!(shown(&plan, 2), ["08 13:00 a04 a06"]);
    assert_eq!(shown(&plan, 3), ["08 13:30 a08 a10"]);
    assert_eq!(plan.host(HostIdx(1)).stage, 1);
}

#[test]
fn the_sun_is_followed_and_a_turn_waits_for_the_one_before() {
    let csv = "name,region,site,timezone\n\
        l1,europe,london,Europe/London\nl2,europe,london,Europe/London\n\
        n1,america,new-york,America/New_York\ns1,australia,sydney,Australia/Sydney\n\
        p1,australia,perth,Australia/Perth\n";
    let mut example = Example::of(csv);
    example.step("install", 60, true);
    example.rest().order = RegionOrder::FollowingTheSun { from: None };
    // At 18:00 UTC it is 19:00 in London, 14:00 in New York, 04:00 in Sydney and 02:00 in Perth.
    let sun = ["08 18:00 s1", "08 19:00 p1", "08 21:00 l1 l2", "09 02:00 n1"];
    assert_eq!(shown(&example.plan("2007-05-08 18:00Z"), 0), sun);
    let europe = example.region("europe");
    example.rollout.stages[0].order = RegionOrder::FollowingTheSun { from: Some(europe) };
    let from_europe = ["08 21:00 l1 l2", "09 02:00 n1", "09 12:00 s1", "09 14:00 p1"];
    assert_eq!(shown(&example.plan("2007-05-08 18:00Z"), 0), from_europe);
    let america = example.region("america");
    example.rollout.targets = example.rollout.targets.without(&example.hosts_with("region", "europe"));
    assert_eq!(shown(&example.plan("2007-05-08 18:00Z"), 0), ["09 02:00 n1", "09 12:00 s1", "09 14:00 p1"]);
    example.rollout.stages[0].order = RegionOrder::Together;
    assert_eq!(shown(&example.plan("2007-05-08 18:00Z"), 0), ["09 02:00 n1", "08 18:00 s1", "08 19:00 p1"]);
    example.rollout.stages[0].order = RegionOrder::InOrder(vec![america, example.region("australia")]);
    assert_eq!(shown(&example.plan("2007-05-08 18:00Z"), 0), ["09 02:00 n1", "09 12:00 s1", "09 14:00 p1"]);
    example.rollout.stages[0].order = RegionOrder::InOrder(vec![america]);
    let problems = example.problems("2007-05-08 18:00Z");
    assert_eq!(problems, ["E0402: 2 of the 3 targets of `may` are in no stage"]);
}

#[test]
fn work_that_is_left_goes_on_in_the_next_window() {
    let mut example = Example::plain(3);
    example.windows(&[window(&WEEK, "22:00", "23:00")]);
    example.rest().batch = batch(Budget::Hosts(1), Scope::Site, None);
    let plan = example.plan("2007-05-08 12:00Z");
    assert_eq!(shown(&plan, 0), ["08 22:00 a01", "08 22:30 a02", "09 22:00 a03"]);
    // Each batch knows the stretch that it runs in.
    let windows: Vec<String> = batches(&plan).filter_map(|batch| Some(show_utc(batch.window?.end))).collect();
    assert_eq!(windows, ["2007-05-08 23:00Z", "2007-05-08 23:00Z", "2007-05-09 23:00Z"]);
}

#[test]
fn the_first_host_with_room_decides_whose_window_a_batch_runs_in() {
    // Both zones are always open, so the hosts of `x` stand in one order; but a batch keeps to one of them.
    let csv = "name,region,site,timezone,role\nd0,w,away,UTC,db\n\
        a1,x,here,UTC,db\nb2,x,there,Asia/Kathmandu,web\na3,x,here,UTC,web\n";
    let mut example = Example::of(csv);
    example.windows(&[]);
    example.step("install", 30, true);
    example.service("databases", "role", "db", &[(Budget::Hosts(1), None)]);
    example.rest().batch = batch(Budget::Hosts(1), Scope::Region, None);
    let plan = example.plan("2007-05-08 12:00Z");
    // `d0` takes the only place of the databases, so `a1` has no room and `b2` is the first that has.
    assert_eq!(shown(&plan, 0), ["08 12:00 d0", "08 12:00 b2", "08 12:30 a1", "08 13:00 a3"]);
    check(&plan, &example);
}

#[test]
fn another_site_is_not_kept_waiting_by_a_window_that_has_closed() {
    let csv = "name,region,site,timezone\n\
        s1,au,sydney,Australia/Sydney\ns2,au,sydney,Australia/Sydney\np1,au,perth,Australia/Perth\n";
    let mut example = Example::of(csv);
    example.windows(&[window(&WEEK, "22:00", "23:00")]);
    example.step("install", 60, true);
    example.rest().batch = batch(Budget::Hosts(1), Scope::Region, None);
    assert_eq!(shown(&example.plan("2007-05-08 00:00Z"), 0), ["08 12:00 s1", "08 14:00 p1", "09 12:00 s2"]);
}

#[test]
fn lanes_share_one_account() {
    let csv = "name,region,site,timezone\na1,r,a,UTC\na2,r,a,UTC\nb1,r,b,UTC\nb2,r,b,UTC\nc1,q,c,UTC\n";
    let mut example = Example::of(csv);
    example.windows(&[]);
    example.step("install", 30, true);
    let timezone = Some("timezone");
    example.service("web", "timezone", "UTC", &[(Budget::Hosts(3), timezone)]);
    let gate = example.gate("mailflow", Per::Host, 10);
    let stage = example.rest();
    (stage.batch, stage.gates) = (batch(Budget::Hosts(2), Scope::Site, None), vec![gate]);
    let plan = example.plan("2007-05-08 12:00Z");
    assert_eq!(shown(&plan, 0), ["08 12:00 a1 a2", "08 12:30 b1 b2", "08 13:00 c1"]);
    // While the gates of the first are asked its hosts are up again.
    assert_eq!(show_utc(plan.ends_at), "2007-05-08 13:40Z");
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let mut example = Example::plain(6);
    example.service("mail", "cluster", "c1", &[(Budget::Percent(100.0), None), (Budget::Hosts(3), None)]);
    example.service("dns", "name", "a05", &[(Budget::Hosts(1), Some("site"))]);
    example.service("web", "site", "here", &[(Budget::Hosts(2), Some("cluster"))]);
    let hosts = example.hosts_with("cluster", "c1");
    example.stage("pig", StageKind::GuineaPig, Pick::Hosts(hosts.clone())).batch =
        batch(Budget::Hosts(1), Scope::Site, None);
    example.stage("none", StageKind::Wave, Pick::Hosts(hosts));
    let (plan, problems) = example.make("2007-05-08 12:00Z");
    assert_eq!(plan, None);
    let told: Vec<String> = problems
        .iter()
        .map(|problem| {
            let labels: Vec<String> =
                problem.labels.iter().map(|label| format!("{} {}", label.span.start, label.text)).collect();
            format!("{} {} [{}] {}", problem.code, problem.message, problem.hosts.join(" "), labels.join("; "))
        })
        .collect();
    assert_eq!(
        told,
        [
            "E0402 4 of the 6 targets of `may` are in no stage [a03 a04 a05 a06] 20 these hosts are to be changed; 30 and \
             no stage takes these; 310 the last stage takes no more than it says",
            "E0501 with one of its 2 hosts down, `mail` would have 1 up and must keep 2 [a01 a02] 200 `mail` must keep \
             at least 100% up; 300 a batch of `pig` takes at least one down",
            "E0502 `mail` has 2 hosts and must keep 3 up: that can never hold [a01 a02] 210 `mail` must keep at least 3 \
             up; 300 a batch of `pig` takes at least one down",
            "E0502 site here of `dns` has one host and must keep 1 up: it can never be changed [a05] 220 `dns` must keep \
             at least 1 up; 20 these hosts are to be changed",
            "E0501 with one of its 2 hosts down, cluster c1 of `web` would have 1 up and must keep 2; so it is with 2 \
             other groups [a01 a02 a03 a04 a05 a06] 230 `web` must keep at least 2 up; 300 a batch of `pig` takes at \
             least one down",
            "E0407 stage `none` has no host [] 310 this takes none of the targets that no earlier stage took; 20 the \
             targets",
        ]
    );
    // Nothing is taken down: no budget is broken.
    example.rollout.steps[0].down = false;
    assert_eq!(example.problems("2007-05-08 12:00Z").len(), 2);
}

#[test]
fn what_tells_the_left_over_apart_is_said() {
    let csv = "name,region,site,timezone,role\na,r,s,UTC,web\nb,r,s,UTC,edge\nc,r,s,UTC,edge\n";
    let mut example = Example::of(csv);
    let web = example.hosts_with("role", "web");
    example.stage("web", StageKind::Wave, Pick::Hosts(web));
    let (_, problems) = example.make("2007-05-08 12:00Z");
    let help = problems.iter().next().unwrap().help.clone().unwrap();
    assert_eq!(help, "they are those with role `edge`; add a stage that takes them, or leave them out of `to`");
}

#[test]
fn what_fits_no_window_is_told_once_for_each_cause() {
    let mut example = Example::exchange();
    example.windows(&[window(&WEEK, "22:00", "22:30")]);
    let (_, problems) = example.make("2007-05-08 18:00Z");
    let told: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
    // The stages without a `finish`, and the one with it.
    assert_eq!(
        told,
        [
            "a batch takes 37m, the longest window at `auckland` is 30m: 7m too short; nor does it fit at 2 other sites",
            "a batch takes 37m, the longest window at `st-johns` before 05:00 is 30m: 7m too short; nor does it fit at 14 \
             other sites",
        ]
    );
    let problem = problems.iter().last().unwrap();
    let labels: Vec<(u32, &str)> = problem.labels.iter().map(|label| (label.span.start, &*label.text)).collect();
    assert_eq!(
        labels,
        [(10, "when change is allowed"), (70, "it must have ended by then"), (100, "these steps take 37m together")]
    );
    example.windows(&[window(&[], "22:00", "06:00")]);
    let problems = example.problems("2007-05-08 18:00Z");
    assert!(problems[0].starts_with("E0605: no window of "), "{problems:?}");
}

#[test]
fn targets_without_place_or_package_are_refused() {
    let mut example = Example::plain(3);
    example.rest();
    example.model.sites.clear();
    example.rollout.bulletin.packages.clear();
    assert_eq!(
        example.problems("2007-05-08 12:00Z"),
        [
            "E0404: 3 targets of `may` stand in no region: nothing says when they may be changed",
            "E0405: 3 targets of `may` have no package in the bulletin: there is nothing to install on them"
        ]
    );
    let mut example = Example::plain(2);
    example.rest();
    let (site, package) = (example.model.sites[0].clone(), example.rollout.bulletin.packages[0].clone());
    example.model.sites.push(site);
    example.rollout.bulletin.packages.push(package);
    assert_eq!(example.problems("2007-05-08 12:00Z").len(), 2);
    let mut example = Example::plain(1);
    example.rollout.targets.remove(crate::inventory::HostId(0));
    example.rest();
    assert_eq!(example.problems("2007-05-08 12:00Z"), ["E0401: `may` has no target"]);
}

#[test]
fn hosts_are_reached_as_they_say() {
    let csv = "name,region,site,timezone,connect\na,r,s,UTC,local\nb,r,s,UTC,\nc,r,s,UTC,ssh\nd,r,s,UTC,simulated\n";
    let mut example = Example::of(csv);
    example.rest();
    let plan = example.plan("2007-05-08 12:00Z");
    use crate::model::Connection::{Local, Simulated};
    let reached: Vec<_> = plan.hosts.iter().map(|host| host.connection).collect();
    assert_eq!(reached, [Some(Local), Some(Simulated), None, Some(Simulated)]);
}

#[test]
fn every_value_that_a_command_names_has_a_column() {
    let mut example = Example::plain(2);
    example.rest();
    let values =
        ["{host.cluster}", "{host.owner}", "{stage.name}", "{package.name}", "{region.name}", "{rollout.name}"];
    let arguments: Vec<&[&str]> = values.iter().map(std::slice::from_ref).collect();
    example.step("more", 1, false).verify = Some(crate::model::Action::Command(example::command(&arguments)));
    example.gate("mailflow", Per::Host, 0);
    let plan = example.plan("2007-05-08 12:00Z");
    let named: Vec<(&str, Option<&str>)> =
        plan.values.keys().map(|name| (name.as_str(), plan.value(name, HostIdx(1)))).collect();
    assert_eq!(
        named,
        [
            ("host.name", Some("a02")),
            ("host.cluster", Some("c1")),
            ("host.owner", None),
            ("stage.name", Some("rest")),
            ("package.name", Some("patch")),
            ("region.name", Some("x")),
            ("rollout.name", Some("may")),
            ("site.name", Some("here")),
        ]
    );
    assert_eq!(plan.values["host.cluster"].texts.len(), 1);
}

#[test]
fn the_flagship_never_has_a_whole_cluster_down() {
    let plan = Example::exchange().plan("2007-05-08 18:00Z");
    assert_eq!(plan.hosts.len(), 36);
    check(&plan, &Example::exchange());
    assert_eq!(plan.directory, "scripts");
}

/// What must never happen does not, at any moment of a plan.
fn check(plan: &Plan, example: &Example) {
    let mut seen: Vec<HostIdx> = batches(plan).flat_map(|batch| batch.hosts.iter().copied()).collect();
    seen.sort_unstable();
    assert_eq!(seen, (0..plan.hosts.len() as u32).map(HostIdx).collect::<Vec<_>>());
    let mut stage_at = plan.starts_at;
    for (idx, stage) in plan.stages.iter().enumerate() {
        assert_eq!(stage.starts_at, stage_at);
        stage_at = stage.ends_at;
        let takes_part = |region| stage.turns.iter().any(|turn| turn.region == region);
        let refined = example.rollout.refinements.iter().filter(|refined| takes_part(refined.region));
        let soaks = refined.filter_map(|refined| refined.soak).chain([example.rollout.stages[idx].soak]);
        assert_eq!(Some(stage.soak), soaks.max());
        for (turn, lane) in stage.turns.iter().flat_map(|turn| turn.lanes.iter().map(move |lane| (turn, lane))) {
            let ahead_until = later_by(stage.starts_at, plan.ahead_length());
            assert!(lane.batches.is_sorted_by_key(|batch| batch.starts_at));
            for batch in &lane.batches {
                assert!(ahead_until <= batch.starts_at && batch.ends_at <= stage.ends_at);
                let beside = lane
                    .batches
                    .iter()
                    .filter(|other| other.starts_at <= batch.starts_at && batch.starts_at < other.ends_at);
                let is_instant = batch.starts_at == batch.ends_at;
                assert!(is_instant || beside.count() <= lane.width as usize);
                assert!(plan.at_once(stage, turn.region).is_none() || batch.hosts.len() == 1);
                assert!(!batch.hosts.is_empty());
                assert!(batch.hosts.iter().all(|&host| plan.host(host).stage as usize == idx));
                assert!(batch.hosts.iter().all(|&host| plan.region_of(host) == turn.region));
                let site = |host: HostIdx| &plan.sites[plan.host(host).site.0 as usize];
                assert!(lane.site.is_none_or(|lane| batch.hosts.iter().all(|&host| plan.host(host).site == lane)));
                let schedule: &Schedule = &site(batch.hosts[0]).schedule;
                assert!(batch.hosts.iter().all(|&host| *site(host).schedule == *schedule));
                if stage.finish_before == Some(Finish::Sunrise) {
                    assert!(batch.hosts.iter().all(|&host| site(host).coordinates == site(batch.hosts[0]).coordinates));
                }
                let length = batch.ends_at - batch.starts_at;
                let length = crate::time::Duration::from_seconds(length.num_seconds() as u64);
                let bounds = plan.bounds(idx as u32, plan.host(batch.hosts[0]).site);
                let fit = schedule.earliest_fit(batch.starts_at, length, &bounds);
                assert_eq!(fit, Ok(batch.starts_at));
                match batch.window {
                    Some(window) => assert!(window.start <= batch.starts_at && batch.ends_at <= window.end),
                    None => assert!(schedule.windows.is_empty() && schedule.freezes.is_empty()),
                }
            }
        }
        assert_eq!(stage.turns, reference::turns(plan, example, idx), "stage {idx}");
    }
    if example.rollout.steps.iter().any(|step| step.down) {
        budgets_hold(plan);
    }
}

fn budgets_hold(plan: &Plan) {
    // Ends before starts: who ends at a moment is up at that moment.
    let mut changes: Vec<(Moment, bool, HostIdx)> = Vec::new();
    for (batch, &host) in batches(plan).flat_map(|batch| batch.hosts.iter().map(move |host| (batch, host))) {
        let length = plan.length_on(host);
        if !length.is_zero() {
            changes.extend([(batch.starts_at, true, host), (later_by(batch.starts_at, length), false, host)]);
        }
    }
    changes.sort_by_key(|(at, starts, _)| (*at, *starts));
    let mut ledger = Ledger::of(plan);
    for (at, starts, host) in changes {
        if starts {
            ledger.take_down(host)
        } else {
            ledger.bring_up(host)
        }
        assert!(ledger.broken().is_empty(), "{}", show_utc(at));
    }
}

fn any_example() -> impl Strategy<Value = Example> {
    let zones = ["UTC", "Australia/Sydney", "America/New_York", "Asia/Kathmandu"];
    let host = (0usize..3, 0usize..2, 0usize..4, 0usize..3);
    let hosts = prop::collection::vec(host, 1..24);
    let budget = prop_oneof![(0u64..3).prop_map(Budget::Hosts), (0u32..90).prop_map(|p| Budget::Percent(p.into()))];
    let per = prop::sample::select(vec![None, Some("region"), Some("site"), Some("cluster"), Some("role")]);
    let services = prop::collection::vec((prop::sample::select(vec!["web", "db"]), budget, per), 0..4);
    let amount = prop_oneof![(1u64..5).prop_map(Budget::Hosts), (1u32..100).prop_map(|p| Budget::Percent(p.into()))];
    let scope = prop::sample::select(vec![Scope::Site, Scope::Region]);
    let limit = prop::option::of((amount, scope, prop::option::of(1u64..4), 0u64..5));
    let more = (0u64..3, 0u64..3, prop::option::of((0usize..3, any::<u8>())));
    let stage = (limit, 0usize..3, 0u64..3, 0u8..3, 0u64..2, 0usize..5);
    let stages = prop::collection::vec(stage, 1..4);
    let windows = prop::sample::select(vec![
        vec![],
        vec![window(&WEEK, "22:00", "06:00")],
        vec![window(&WEEK, "22:00", "22:45")],
        vec![window(&WEEK[..2], "23:30", "01:00"), window(&WEEK[3..], "03:00", "04:00")],
    ]);
    (hosts, services, stages, windows, any::<bool>(), 0u64..30, more).prop_map(
        move |(hosts, services, stages, windows, down, takes, (ahead, lift, refine))| {
            let row = |(idx, (region, site, cluster, role)): (usize, &(usize, usize, usize, usize))| {
                let roles = ["web", "db", "web"];
                let zone = zones[(region + site) % zones.len()];
                let (latitude, longitude) = [(52.5, 13.4), (-33.9, 151.2), (40.7, -74.0)][(region + 2 * site) % 3];
                format!(
                    "h{idx:02},r{region},s{region}{site},{zone},c{cluster},{},{latitude},{longitude},{},{}\n",
                    roles[*role],
                    ["5.10", "5.9", "", "5.9.0"][idx * 7 % 4],
                    ["12", "", "2"][idx * 5 % 3],
                )
            };
            let rows: String = hosts.iter().enumerate().map(row).collect();
            let mut example = Example::of(&format!(
                "name,region,site,timezone,cluster,role,latitude,longitude,version,cores\n{rows}"
            ));
            example.windows(&windows);
            if ahead > 0 {
                example.step("fetch", ahead * 20, false).ahead = true;
            }
            example.step("install", takes, down);
            if lift > 0 {
                // The databases have a workaround; those that have none are through before the others.
                example.workaround("stopgap", "role", "db");
                example.step("tidy", lift * 4, false).lifts = Some(crate::model::WorkaroundId(0));
            }
            for (idx, (role, budget, per)) in services.into_iter().enumerate() {
                example.service(&format!("service-{idx}"), "role", role, &[(budget, per)]);
            }
            let gate = example.gate("queue", Per::Batch, 7);
            let count = stages.len();
            let key = |name: &str, order| OrderKey { field: example.fleet.field(name).unwrap(), order };
            let roles = ["nobody", "db"].map(|role| Value::Text(role.to_owned()));
            let order_by = [
                key("role", HostOrder::First(roles.to_vec())),
                key("version", HostOrder::Descending),
                key("cores", HostOrder::Ascending),
                key("cluster", HostOrder::Descending),
            ];
            for (idx, (limit, order, gates, finish, soak, keys)) in stages.into_iter().enumerate() {
                let pick = if idx + 1 == count { Pick::Rest } else { Pick::Amount(Budget::Hosts(5)) };
                let regions = (0..example.model.regions.len() as u32).rev().map(crate::model::RegionId).collect();
                let stage = example.stage("stage", StageKind::Wave, pick);
                match limit {
                    Some((_, scope, _, most @ 1..)) => stage.at_once = example::at_once(most, scope),
                    _ => stage.batch = limit.and_then(|(amount, scope, most, _)| batch(amount, scope, most)),
                }
                stage.order = match order {
                    0 => RegionOrder::Together,
                    1 => RegionOrder::InOrder(regions),
                    _ => RegionOrder::FollowingTheSun { from: None },
                };
                stage.order_by = order_by.iter().take(keys).cloned().collect();
                stage.gates = if gates == 0 { vec![gate] } else { Vec::new() };
                stage.soak = minutes(soak * 90);
                stage.finish_before = match finish {
                    0 => None,
                    1 => Some(before("05:00")),
                    _ => Some(Finish::Sunrise),
                };
            }
            if let Some((region, what)) = refine {
                let region = crate::model::RegionId((region % example.model.regions.len()) as u32);
                example.refine(region, what, gate);
            }
            example
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Against the slow planner, and what must never happen.
    #[test]
    fn plans_are_what_the_rules_say(example in any_example(), hour in 0i64..200) {
        let starts_at = at("2007-03-09 00:00Z") + chrono::TimeDelta::hours(hour);
        let (plan, problems) = example.make(&show_utc(starts_at));
        match plan {
            Some(plan) => check(&plan, &example),
            None => {
                // Only what a random model can have wrong, and always something.
                let known = ["E0407", "E0501", "E0502", "E0503"];
                prop_assert!(problems.has_errors());
                prop_assert!(problems.iter().all(|problem| known.contains(&problem.code.as_str())), "{problems:#?}");
            }
        }
    }
}
