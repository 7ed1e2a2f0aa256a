//! Models made by hand, for the tests of this room and of those that read plans.

use std::sync::Arc;

use chrono::Weekday;

use crate::diagnostic::Problems;
use crate::inventory::{Fleet, HostId, HostSet, InputFile, ReadOptions, Value, read};
use crate::model::{
    Action, Approval, Argument, AtOnce, Batch, Budget, Bulletin, Command, Connection, Finish, Gate, GateId, Keep,
    Model, Otherwise, Package, Part, Per, Permission, Pick, Probe, Refinement, Region, RegionId, RegionOrder, Retry,
    Rollout, Scope, Service, Severity, Site, SiteId, Stage, StageKind, StatedSeverity, Step, Team, TeamId, Undo, Verb,
    Where, Workaround,
};
use crate::plan::{Fingerprint, Input, Plan, make};
use crate::source::{FileId, Span};
use crate::time::{Coordinates, Duration, Moment, Schedule, Window, Zone, parse_moment, parse_time_of_day};

/// A fleet with a model and one rollout, changed as a test needs it.
#[derive(Debug, Clone)]
pub(crate) struct Example {
    pub(crate) fleet: Fleet,
    pub(crate) model: Model,
    pub(crate) rollout: Rollout,
}

/// Distinct places in a script that nobody wrote.
pub(crate) const WINDOW: u32 = 10;
pub(crate) const TARGETS: u32 = 20;
pub(crate) const ROLLOUT: u32 = 30;
pub(crate) const STEPS: u32 = 100;
pub(crate) const KEEPS: u32 = 200;
pub(crate) const STAGES: u32 = 300;

pub(crate) const WEEK: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

pub(crate) fn span(start: u32) -> Span {
    Span { file: FileId(0), start, end: start + 5 }
}

pub(crate) fn at(text: &str) -> Moment {
    parse_moment(text).unwrap()
}

pub(crate) fn minutes(minutes: u64) -> Duration {
    Duration::from_minutes(minutes)
}

pub(crate) fn before(time: &str) -> Finish {
    Finish::Time(parse_time_of_day(time).unwrap())
}

pub(crate) fn window(days: &[Weekday], opens: &str, closes: &str) -> Window {
    let time = |text| parse_time_of_day(text).unwrap();
    Window { days: days.to_vec(), opens: time(opens), closes: time(closes), except: Vec::new() }
}

impl Example {
    /// A region for each value of `region`, a site for each value of `site`, in the zone that `timezone` names, open from
    /// 22:00 to 06:00; all hosts are targets. Steps, stages and services come later.
    pub(crate) fn of(csv: &str) -> Example {
        let file = InputFile { path: "servers.csv".to_owned(), bytes: csv.as_bytes().to_vec() };
        let fleet = read(&[file], &ReadOptions::default()).unwrap();
        let model = model_of(&fleet);
        let rollout = Rollout {
            name: "may".to_owned(),
            bulletin: Bulletin {
                name: "MS07-026".to_owned(),
                title: None,
                severity: Some(StatedSeverity { level: Severity::Critical, at_most: false }),
                released_at: None,
                packages: vec![package("patch", HostSet::all(fleet.len()))],
                span: span(40),
            },
            steps: Vec::new(),
            runbook: "patch".to_owned(),
            targets: HostSet::all(fleet.len()),
            starts_at: None,
            deadline: None,
            gates: Vec::new(),
            workarounds: Vec::new(),
            stages: Vec::new(),
            refinements: Vec::new(),
            rules: Vec::new(),
            properties: Vec::new(),
            span: span(ROLLOUT),
            targets_span: span(TARGETS),
        };
        Example { fleet, model, rollout }
    }

    /// Hosts `a1` to `aN` of one site that is always open, in `UTC`.
    pub(crate) fn plain(hosts: usize) -> Example {
        let rows: String = (1..=hosts).map(|idx| format!("a{idx:02},x,here,UTC,c{}\n", idx.div_ceil(2))).collect();
        let mut example = Example::of(&format!("name,region,site,timezone,cluster\n{rows}"));
        example.windows(&[]);
        example.step("install", 30, true);
        example
    }

    /// The 36 Exchange servers of the flagship, planned as its script says.
    pub(crate) fn exchange() -> Example {
        let mut example = Example::of(include_str!("../../examples/exchange-2007/servers.csv"));
        let week = &WEEK[..5];
        example.windows(&[window(week, "22:00", "06:00")]);
        example.packages_by("version");
        example.service(
            "mail",
            "role",
            "mailbox",
            &[(Budget::Hosts(1), Some("cluster")), (Budget::Percent(50.0), Some("region"))],
        );
        for (name, takes, down) in
            [("drain", 5, false), ("install", 20, true), ("reboot", 10, true), ("resume", 2, false)]
        {
            example.step(name, takes, down);
        }
        let mailflow = example.gate("mailflow", Per::Host, 0);
        let queue = example.gate("queue", Per::Region, 15);
        let global = example.team("global");
        let lab = example.stage("lab", StageKind::GuineaPig, Pick::OnePer { fields: Vec::new(), package: true });
        (lab.soak, lab.gates) = (minutes(240), vec![mailflow]);
        let australia = example.region("australia");
        let stage = example.stage("australia", StageKind::GuineaPig, Pick::Regions(vec![australia]));
        stage.batch = batch(Budget::Hosts(1), Scope::Site, None);
        (stage.soak, stage.gates) = (minutes(24 * 60), vec![mailflow, queue]);
        let within = Some(minutes(8 * 60));
        stage.approval = Some(Approval { team: global, within, otherwise: Otherwise::Hold, span: span(60) });
        let world = example.stage("world", StageKind::Wave, Pick::Rest);
        world.order = RegionOrder::FollowingTheSun { from: None };
        world.batch = batch(Budget::Percent(25.0), Scope::Site, Some(4));
        (world.finish_before, world.finish_span) = (Some(before("05:00")), Some(span(70)));
        world.gates = vec![mailflow, queue];
        example.rollout.bulletin.title = Some("Exchange: remote code execution".to_owned());
        example
    }

    pub(crate) fn make(&self, starts_at: &str) -> (Option<Plan>, Problems) {
        let inputs = vec![Input { kind: "script".to_owned(), name: "may.sunup".to_owned(), hash: "5e1f".to_owned() }];
        let fingerprint = Fingerprint { whole: "0123456789abcdef0123456789abcdef".to_owned(), inputs };
        make(&self.model, &self.rollout, &self.fleet, at(starts_at), "scripts/may.sunup", fingerprint)
    }

    /// The plan, where there must be one.
    pub(crate) fn plan(&self, starts_at: &str) -> Plan {
        let (plan, problems) = self.make(starts_at);
        plan.unwrap_or_else(|| panic!("{problems:#?}"))
    }

    /// The codes and messages of what is wrong.
    pub(crate) fn problems(&self, starts_at: &str) -> Vec<String> {
        let (_, problems) = self.make(starts_at);
        problems.iter().map(|problem| format!("{}: {}", problem.code, problem.message)).collect()
    }

    pub(crate) fn windows(&mut self, windows: &[Window]) {
        for site in &mut self.model.sites {
            let zone = site.schedule.zone.clone();
            site.schedule = Arc::new(Schedule { zone, windows: windows.to_vec(), freezes: Vec::new() });
        }
    }

    pub(crate) fn step(&mut self, name: &str, takes: u64, down: bool) -> &mut Step {
        let idx = self.rollout.steps.len() as u32;
        self.rollout.steps.push(Step {
            name: name.to_owned(),
            run: Action::Command(command(&[&[name], &["--host=", "{host.name}"]])),
            wait: None,
            undo: Undo::NotNeeded,
            verify: None,
            takes: minutes(takes),
            takes_at_least: None,
            fails: 0.0,
            timeout: minutes(60),
            retry: Retry { times: 0, every: Duration::ZERO },
            down,
            ahead: false,
            lifts: None,
            span: span(STEPS + 10 * idx),
        });
        self.rollout.steps.last_mut().unwrap()
    }

    pub(crate) fn gate(&mut self, name: &str, per: Per, lasts_for: u64) -> GateId {
        self.rollout.gates.push(Gate {
            name: name.to_owned(),
            per,
            probe: Probe::Command(command(&[&["probe"], &["{site.name}"]])),
            every: Duration::from_seconds(30),
            within: Some(minutes(10)),
            lasts_for: minutes(lasts_for),
            retries: 0,
            fails: 0.0,
            timeout: Duration::from_seconds(30),
            span: span(50),
        });
        GateId(self.rollout.gates.len() as u32 - 1)
    }

    pub(crate) fn team(&mut self, name: &str) -> TeamId {
        let members = vec!["ops-lead".to_owned()];
        self.model.teams.push(Team { permissions: everything(), name: name.to_owned(), members, span: span(80) });
        TeamId(self.model.teams.len() as u32 - 1)
    }

    pub(crate) fn stage(&mut self, name: &str, kind: StageKind, pick: Pick) -> &mut Stage {
        let idx = self.rollout.stages.len() as u32;
        self.rollout.stages.push(Stage {
            name: name.to_owned(),
            kind,
            pick,
            order: RegionOrder::Together,
            order_by: Vec::new(),
            batch: None,
            at_once: None,
            soak: Duration::ZERO,
            gates: Vec::new(),
            approval: None,
            finish_before: None,
            span: span(STAGES + 10 * idx),
            name_span: span(STAGES + 10 * idx),
            pick_span: None,
            soak_span: None,
            finish_span: None,
        });
        self.rollout.stages.last_mut().unwrap()
    }

    /// A wave that takes all that are left.
    pub(crate) fn rest(&mut self) -> &mut Stage {
        self.stage("rest", StageKind::Wave, Pick::Rest)
    }

    /// A service of the hosts whose field has the value.
    pub(crate) fn service(&mut self, name: &str, field: &str, value: &str, keeps: &[(Budget, Option<&str>)]) {
        let hosts = self.hosts_with(field, value);
        let before: usize = self.model.services.iter().map(|service| service.keeps.len()).sum();
        let keep = |(idx, (at_least, per)): (usize, &(Budget, Option<&str>))| Keep {
            at_least: *at_least,
            per: per.iter().map(|field| self.fleet.field(field).unwrap()).collect(),
            per_names: per.iter().map(|&field| field.to_owned()).collect(),
            span: span(KEEPS + 10 * (before + idx) as u32),
        };
        let keeps = keeps.iter().enumerate().map(keep).collect();
        self.model.services.push(Service { name: name.to_owned(), hosts, keeps, span: span(90) });
    }

    /// A workaround that the hosts have whose field has the value.
    pub(crate) fn workaround(&mut self, name: &str, field: &str, value: &str) {
        let hosts = self.hosts_with(field, value);
        self.rollout.workarounds.push(Workaround { name: name.to_owned(), hosts, span: span(45) });
    }

    /// Tightens a region: each bit of `what` a member.
    pub(crate) fn refine(&mut self, region: RegionId, what: u8, gate: GateId) {
        let is_said = |bit: u8| what >> bit & 1 == 1;
        let sites = (0..).map(SiteId).zip(&self.model.sites).filter(|(_, site)| site.region == region);
        let schedules = sites.filter(|_| is_said(0)).map(|(id, site)| (id, Arc::new(shortened(&site.schedule))));
        self.rollout.refinements.push(Refinement {
            region,
            schedules: schedules.collect(),
            window_spans: vec![span(400)],
            batch: is_said(1).then(|| batch(Budget::Hosts(1), Scope::Region, None)).flatten(),
            at_once: (!is_said(1) && is_said(2)).then(|| at_once(1, Scope::Region)).flatten(),
            soak: is_said(3).then(|| minutes(200)),
            gates: if is_said(4) { vec![gate] } else { Vec::new() },
            finish_before: is_said(5).then(|| before("04:00")),
            soak_span: Some(span(410)),
            finish_span: Some(span(420)),
            span: span(430),
        });
    }

    pub(crate) fn packages_by(&mut self, field: &str) {
        let field = self.fleet.field(field).unwrap();
        let parts = self.fleet.group_by(&[field], &HostSet::all(self.fleet.len()));
        let named = |(values, hosts): (Vec<Option<Value>>, HostSet)| {
            package(&format!("exchange-{}", values[0].as_ref().unwrap()), hosts)
        };
        self.rollout.bulletin.packages = parts.into_iter().map(named).collect();
    }

    pub(crate) fn hosts_with(&self, field: &str, value: &str) -> HostSet {
        let field = self.fleet.field(field).unwrap();
        let mut hosts = HostSet::none(self.fleet.len());
        let has = |host: &HostId| self.fleet.text(*host, field).as_deref() == Some(value);
        self.fleet.hosts().filter(has).for_each(|host| hosts.insert(host));
        hosts
    }

    pub(crate) fn region(&self, name: &str) -> RegionId {
        RegionId(self.model.regions.iter().position(|region| region.name == name).unwrap() as u32)
    }
}

pub(crate) fn batch(amount: Budget, scope: Scope, at_most: Option<u64>) -> Option<Batch> {
    Some(Batch { amount, scope, at_most, span: span(300) })
}

fn everything() -> Vec<Permission> {
    vec![Permission { verbs: vec![Verb::Approve, Verb::Hold, Verb::Resume, Verb::Rollback], place: Where::Everywhere }]
}

pub(crate) fn at_once(most: u64, scope: Scope) -> Option<AtOnce> {
    Some(AtOnce { most, scope, span: span(310) })
}

/// On fewer days; where it is always open, by night.
fn shortened(schedule: &Schedule) -> Schedule {
    let fewer =
        |window: &Window| Window { days: window.days[..window.days.len().div_ceil(2)].to_vec(), ..window.clone() };
    let windows = match schedule.windows.is_empty() {
        true => vec![window(&WEEK, "20:00", "04:30")],
        false => schedule.windows.iter().map(fewer).collect(),
    };
    Schedule { windows, ..schedule.clone() }
}

fn model_of(fleet: &Fleet) -> Model {
    let field = |name| fleet.field(name).unwrap();
    let all = HostSet::all(fleet.len());
    let group = |name| fleet.group_by(&[field(name)], &all);
    let name_of = |values: &[Option<Value>]| values[0].as_ref().unwrap().to_string();
    let regions: Vec<Region> = group("region")
        .into_iter()
        .map(|(values, hosts)| Region {
            name: name_of(&values),
            owner: None,
            hosts,
            span: span(0),
            window_spans: vec![span(WINDOW)],
        })
        .collect();
    let site = |(values, hosts): (Vec<Option<Value>>, HostSet)| {
        let first = hosts.iter().next().unwrap();
        let zone = Zone::find(&fleet.text(first, field("timezone")).unwrap()).unwrap();
        let windows = vec![window(&WEEK, "22:00", "06:00")];
        Site {
            name: name_of(&values),
            region: RegionId(regions.iter().position(|region| region.hosts.contains(first)).unwrap() as u32),
            schedule: Arc::new(Schedule { zone, windows, freezes: Vec::new() }),
            coordinates: coordinates_of(fleet, first),
            hosts,
        }
    };
    let sites = group("site").into_iter().map(site).collect();
    Model {
        regions,
        sites,
        services: Vec::new(),
        // Somebody who may resume.
        teams: vec![Team {
            name: "ops".to_owned(),
            members: vec!["ada".to_owned()],
            permissions: everything(),
            span: span(80),
        }],
        rollouts: Vec::new(),
        policies: Vec::new(),
        tests: Vec::new(),
        connection: Some(Connection::Simulated),
        command_path: None,
    }
}

fn coordinates_of(fleet: &Fleet, host: HostId) -> Option<Coordinates> {
    let degrees = |name| fleet.text(host, fleet.field(name)?)?.parse().ok();
    Coordinates::new(degrees("latitude")?, degrees("longitude")?)
}

fn package(name: &str, hosts: HostSet) -> Package {
    let install = Some(command(&[&["install"], &[name]]));
    Package { name: name.to_owned(), hosts, install, uninstall: None, verify: None, severity: None, span: span(41) }
}

/// Arguments of parts; `{host.name}` is a value.
pub(crate) fn command(arguments: &[&[&str]]) -> Command {
    let part = |text: &&str| match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
        Some(value) => Part::Value(value.to_owned()),
        None => Part::Text((*text).to_owned()),
    };
    let argument = |parts: &&[&str]| Argument { parts: parts.iter().map(part).collect() };
    Command { arguments: arguments.iter().map(argument).collect() }
}
