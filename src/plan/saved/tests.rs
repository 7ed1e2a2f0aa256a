use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::model::{
    Act, Action, Argument, Claim, Condition, Counted, CountedIn, GateId, Otherwise, Part, Per, Permission, Pick, Probe,
    Property, PropertyKind, Recipient, RegionId, Rule, Scope, ServiceId, SiteId, StageKind, State, Subject, TeamId,
    Term, Undo, Verb, Wait, Where,
};
use crate::plan::example::{Example, WEEK, at, batch, command, minutes, span, window};
use crate::plan::saved::{PlanFault, from_json, to_json};
use crate::plan::{Plan, example};
use crate::time::{Calendar, CalendarRule, Freeze, Period, Position, Schedule, parse_date, parse_time_of_day};

/// A plan that holds one of everything.
fn everything() -> Plan {
    let mut example = Example::exchange();
    let date = |text| parse_date(text).unwrap();
    let weekday = WEEK[1];
    let calendar = Arc::new(Calendar {
        name: "quarter-end \"q\"".to_owned(),
        rules: vec![
            CalendarRule::Dates { first: date("2007-06-28"), last: date("2007-07-02") },
            CalendarRule::Listed([date("2007-12-24"), date("2007-12-25")].into()),
            CalendarRule::Weekdays(vec![WEEK[5], WEEK[6]]),
            CalendarRule::Edge { position: Position::Last, count: 3, period: Period::Quarter },
            CalendarRule::NthWeekday { position: Position::First, nth: 2, weekday, period: Period::Year },
        ],
    });
    for site in &mut example.model.sites {
        let mut nightly = window(&WEEK, "22:00", "06:00");
        nightly.except = vec![calendar.clone()];
        let freezes = vec![Freeze { calendar: calendar.clone() }];
        let zone = site.schedule.zone.clone();
        site.schedule = Arc::new(Schedule { zone, windows: vec![nightly], freezes });
    }
    let value = |name: &str| Argument { parts: vec![Part::Value(name.to_owned())] };
    let step = &mut example.rollout.steps[2];
    step.run = Action::PackageInstall;
    step.undo = Undo::Action(Action::PackageUninstall);
    step.verify = Some(Action::PackageVerify);
    step.wait = Some(Wait { address: value("host.address"), port: 25, within: minutes(15) });
    step.retry = crate::model::Retry { times: 3, every: minutes(1) };
    example.rollout.steps[0].undo = Undo::Impossible;
    example.rollout.steps[3].undo = Undo::Action(Action::Command(command(&[&["resume"], &["{host.owner}"]])));
    example.gate("smtp", Per::Site, 0);
    example.rollout.gates[2].probe = Probe::Tcp { address: value("host.address"), port: 25 };
    example.gate("page", Per::Batch, 0);
    example.rollout.gates[3].probe = Probe::Http { url: value("host.country"), status: 200 };
    example.rollout.gates[3].within = None;
    let rule = |condition, actions: &[Act]| Rule { condition, actions: actions.to_vec(), span: span(99) };
    let limit = crate::model::Budget::Percent(33.300000000000004);
    example.rollout.rules = vec![
        rule(Condition::GateFailed(None), &[Act::Rollback(Scope::Batch), Act::Hold(Scope::Region)]),
        rule(Condition::GateUnknown(Some(GateId(1))), &[Act::Hold(Scope::Host)]),
        rule(Condition::StepFailed(Some(2)), &[Act::Hold(Scope::Stage)]),
        rule(Condition::MoreThanFailed { limit, scope: Scope::Site }, &[Act::Rollback(Scope::Rollout)]),
        rule(Condition::RegionsHeld(2), &[Act::Notify(Recipient::Owner), Act::Notify(Recipient::Team(TeamId(0)))]),
    ];
    let term = |of, state| Term::State { of, state };
    let of_service = Term::MoreThan {
        limit: crate::model::Budget::Percent(2.5),
        what: Counted::Failed,
        place: CountedIn::Service(ServiceId(0)),
    };
    let of_site = Term::MoreThan {
        limit: crate::model::Budget::Hosts(2),
        what: Counted::Down,
        place: CountedIn::Scope(Scope::Site),
    };
    let groups = vec![
        vec![term(Subject::Rollout, State::Started), term(Subject::Stage(1), State::Passed)],
        vec![term(Subject::Region(RegionId(1)), State::Held), term(Subject::Site(SiteId(2)), State::RolledBack)],
        vec![Term::Gate { gate: GateId(1), has_passed: true }, of_service, of_site],
    ];
    let kept = Claim { any_of: vec![vec![Term::ServiceKept(ServiceId(0))]] };
    example.rollout.properties = vec![
        Property { kind: PropertyKind::Always, claim: kept.clone(), unless: None, span: span(98) },
        Property { kind: PropertyKind::Never, claim: Claim { any_of: groups }, unless: Some(kept), span: span(97) },
    ];
    let team = &mut example.model.teams[0];
    let regions = Where::Regions(vec![RegionId(0), RegionId(2)]);
    team.permissions = vec![
        Permission { verbs: vec![Verb::Approve, Verb::Hold, Verb::Resume, Verb::Rollback], place: Where::Everywhere },
        Permission { verbs: vec![Verb::Hold], place: regions },
    ];
    example.model.regions[0].owner = Some(crate::model::TeamId(0));
    example.model.command_path = Some("tools".to_owned());
    example.rollout.stages[1].approval.as_mut().unwrap().otherwise = Otherwise::Rollback;
    example.rollout.steps[0].ahead = true;
    example.rollout.steps[0].down = false;
    example.workaround("stopgap", "region", "australia");
    example.rollout.steps[3].lifts = Some(crate::model::WorkaroundId(0));
    let region = example.region("japan");
    example.refine(region, 0b11_1101, GateId(2));
    example.plan("2007-05-08 18:00Z")
}

#[test]
fn a_plan_comes_back_as_it_was() {
    for plan in [everything(), Example::exchange().plan("2007-05-08 18:00Z")] {
        let json = to_json(&plan);
        let back = from_json(&json).unwrap();
        assert_eq!(back, plan);
        assert_eq!(to_json(&back), json);
    }
    assert_eq!(to_json(&everything()), to_json(&everything()));
}

#[test]
fn equal_calendars_and_schedules_are_saved_once() {
    let json: Value = serde_json::from_str(&to_json(&everything())).unwrap();
    assert_eq!(json["calendars"].as_array().unwrap().len(), 1);
    // Two zones of the flagship are met twice or more only by name; each site here has its own.
    assert_eq!(json["schedules"].as_array().unwrap().len(), json["sites"].as_array().unwrap().len());
    assert_eq!(json["rules"][3]["condition"]["more-than-failed"]["limit"], json!("33.300000000000004%"));
}

#[test]
fn the_ends_of_time_can_be_saved() {
    let mut example = Example::plain(2);
    example.rest().soak = crate::time::Duration::from_seconds(u64::MAX);
    let mut plan = example.plan("2007-05-08 18:00Z");
    assert_eq!(plan.ends_at, chrono::DateTime::<chrono::Utc>::MAX_UTC);
    plan.starts_at = at("2007-05-08 18:00:07Z");
    plan.stages[0].finish_before = parse_time_of_day("05:00:01").map(crate::model::Finish::Time);
    assert_eq!(from_json(&to_json(&plan)), Ok(plan));
}

fn message(fault: Result<Plan, PlanFault>) -> String {
    fault.unwrap_err().message
}

#[test]
fn what_is_no_plan_is_said_to_be_none() {
    for text in ["", "{", "[]", "null", "7", "{\"format\":\"sunup plan\"", "\u{0}"] {
        assert!(message(from_json(text)).starts_with("the plan is damaged"), "{text}");
    }
    assert_eq!(message(from_json("{}")), "this is no saved plan");
    assert_eq!(message(from_json(r#"{"version":1,"plan":{}}"#)), "this is no saved plan");
    let of_version = |version: &str| message(from_json(&format!(r#"{{"format":"sunup plan"{version}}}"#)));
    assert_eq!(of_version(",\"version\":1"), "the plan is of version 1, and this sunup reads version 3");
    assert_eq!(of_version(""), "the plan is without a version, and this sunup reads version 3");
    assert!(of_version(",\"version\":3").starts_with("the plan is damaged: missing field"));
    let deep = "[".repeat(100_000);
    assert!(message(from_json(&format!("{{\"format\":{deep}"))).starts_with("the plan is damaged"));
}

/// Replaces what stands at a path of the saved plan.
fn damaged(path: &str, value: Value) -> String {
    let mut json: Value = serde_json::from_str(&to_json(&everything())).unwrap();
    *json.pointer_mut(path).unwrap_or_else(|| panic!("there is no {path}")) = value;
    message(from_json(&json.to_string()))
}

#[test]
fn every_place_and_number_is_checked() {
    for (path, value, said) in [
        ("/sites/0/region", json!(99), "there is no region 99"),
        ("/sites/0/schedule", json!(99), "there is no schedule 99"),
        ("/sites/0/coordinates", json!(["91", "0"]), "`91`, `0` is no place on earth"),
        ("/sites/0/coordinates", json!(["x", "0"]), "`x` is no latitude"),
        ("/stages/0/finish_before", json!("noon"), "`noon` is no time of day"),
        ("/schedules/0/freezes/0", json!(7), "there is no calendar 7"),
        ("/schedules/0/windows/0/opens", json!("25:00"), "`25:00` is no time of day"),
        ("/calendars/0/rules/0/dates/first", json!("2007-02-30"), "`2007-02-30` is no date"),
        ("/regions/0/owner", json!(9), "there is no team 9"),
        ("/teams/0/permissions/1/regions/0", json!(99), "there is no region 99"),
        ("/hosts/names/0", json!("-rf"), "`-rf` is no name of a host"),
        ("/hosts/names/0", json!("exc-akl-02"), "`exc-akl-02` is in it twice"),
        ("/hosts/sites/0", json!(99), "there is no site 99"),
        ("/hosts/packages/0", json!(99), "there is no package 99"),
        ("/hosts/stages/0", json!(99), "there is no stage 99"),
        ("/hosts/stages", json!([0]), "the columns of `hosts` are not equally long"),
        ("/values/0/codes", json!([]), "the values of `host.name` are not as many as the hosts"),
        ("/values/0/codes/0", json!(99), "there is no text 99"),
        ("/budgets/0/hosts/0", json!(99), "there is no host 99"),
        ("/budgets/0/size", json!(0), "the hosts of a budget of `mail` do not add up"),
        ("/packages/0/install/0", json!([{"value": "host.name"}]), "a command has no program"),
        ("/steps/0/run/command", json!([]), "a command has no program"),
        ("/steps/0/span", json!([0, 9, 3]), "a place in the script ends before it begins"),
        ("/rules/1/condition/gate-unknown", json!(9), "there is no gate 9"),
        ("/rules/2/condition/step-failed", json!(9), "there is no step 9"),
        ("/rules/3/condition/more-than-failed/limit", json!("NaN%"), "`NaN%` is no percentage"),
        ("/rules/4/actions/1/notify", json!(9), "there is no team 9"),
        ("/stages/1/approval/team", json!(9), "there is no team 9"),
        ("/workarounds/0/hosts/0", json!(35), "the hosts that have `stopgap` are out of order"),
        ("/workarounds/0/hosts/0", json!(99), "there is no host 99"),
        ("/steps/3/lifts", json!(1), "there is no workaround 1"),
        ("/steps/0/down", json!(true), "a step that runs ahead is not among the first, or takes its host down"),
        ("/steps/2/ahead", json!(true), "a step that runs ahead is not among the first, or takes its host down"),
        ("/refinements/0/region", json!(99), "there is no region 99"),
        ("/refinements/0/gates/0", json!(9), "there is no gate 9"),
        ("/refinements/0/finish_before", json!("noon"), "`noon` is no time of day"),
        ("/stages/1/turns/0/lanes/0/width", json!(0), "a lane has no width"),
        ("/stages/0/gates/0", json!(9), "there is no gate 9"),
        ("/stages/0/starts_at", json!("yesterday"), "`yesterday` is no moment"),
        ("/stages/1/turns/0/region", json!(99), "there is no region 99"),
        ("/stages/1/turns/0/lanes/0/site", json!(99), "there is no site 99"),
        ("/stages/1/turns/0/lanes/0/batches/0/hosts", json!([]), "a batch has no host"),
        ("/stages/1/turns/0/lanes/0/batches/0/hosts", json!([99]), "there is no host 99"),
        ("/stages/1/turns/0/lanes/0/batches/0/hosts", json!([35]), "`exc-sea-02` is in a batch that is not its own"),
        (
            "/stages/1/turns/0/lanes/0/batches/0/starts_at",
            json!("2017-05-08T18:00:00Z"),
            "the times of a batch do not add up",
        ),
        ("/stages/1/turns/0/lanes/0/batches", json!([]), "`exc-syd-01` is in no batch"),
    ] {
        assert_eq!(damaged(path, value), format!("the plan is damaged: {said}"), "{path}");
    }
    let unknown = damaged("/schedules/0/zone", json!("Middle-earth/Shire"));
    assert!(unknown.starts_with("the plan is in the zone `Middle-earth/Shire`"), "{unknown}");
    assert!(damaged("/severity/level", json!("awful")).contains("unknown variant `awful`"));
    assert!(damaged("/steps/0/down", json!(1)).contains("expected a boolean"));
}

#[test]
fn a_sunrise_needs_a_place() {
    let mut example = Example::plain(2);
    example.rest();
    let mut plan = example.plan("2007-05-08 18:00Z");
    plan.stages[0].finish_before = Some(crate::model::Finish::Sunrise);
    assert!(message(from_json(&to_json(&plan))).ends_with("`a01` finishes before a sunrise that nobody knows"));
    plan.sites[0].coordinates = crate::time::Coordinates::new(-0.1 - 0.2, 151.2093);
    plan.severity = plan.severity.map(|severity| crate::model::StatedSeverity { at_most: true, ..severity });
    assert_eq!(from_json(&to_json(&plan)), Ok(plan));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever is broken in a file, it is a fault or a sound plan, and never a panic.
    #[test]
    fn a_broken_file_is_no_panic(cut in 0usize..20_000, put in any::<Vec<u8>>(), skip in 0usize..40) {
        let mut bytes = to_json(&example::Example::exchange().plan("2007-05-08 18:00Z")).into_bytes();
        let from = cut.min(bytes.len());
        let to = (from + skip).min(bytes.len());
        bytes.splice(from..to, put);
        if let Ok(plan) = from_json(&String::from_utf8_lossy(&bytes)) {
            prop_assert!(from_json(&to_json(&plan)).is_ok());
        }
    }

    /// Numbers and names anywhere in the file replaced by others.
    #[test]
    fn another_number_anywhere_is_no_panic(which in 0usize..3_000, number in any::<u32>()) {
        let text = to_json(&everything());
        let digits: Vec<usize> = text.match_indices(|c: char| c.is_ascii_digit()).map(|(place, _)| place).collect();
        let place = digits[which % digits.len()];
        let changed = format!("{}{number}{}", &text[..place], &text[place + 1..]);
        if let Ok(plan) = from_json(&changed) {
            let _ = crate::plan::Ledger::of(&plan);
            prop_assert_eq!(from_json(&to_json(&plan)), Ok(plan));
        }
    }
}

#[test]
fn a_batch_limit_is_kept() {
    let mut example = Example::plain(4);
    let stage = example.stage("all", StageKind::Wave, Pick::Rest);
    stage.batch = batch(crate::model::Budget::Hosts(2), Scope::Region, Some(1));
    let plan = example.plan("2007-05-08 18:00Z");
    assert_eq!(from_json(&to_json(&plan)), Ok(plan));
}
