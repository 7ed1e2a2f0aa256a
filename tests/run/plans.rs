//! Plans built by hand, whose hosts are files: each step adds a line to the file of its host.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use sunup::model::{
    Action, Argument, Command, Connection, Gate, GateId, PackageId, Part, Per, Permission, Probe, RegionId, Retry,
    SiteId, StageKind, Step, Team, Undo, Verb, Where,
};
use sunup::plan::{
    BatchPlan, Fingerprint, HostIdx, Lane, Plan, PlanHost, PlanPackage, PlanRegion, PlanSite, RegionTurn, StagePlan,
    ValueColumn,
};
use sunup::source::{FileId, Span};
use sunup::time::{Duration, Moment, Schedule, Zone, parse_moment, zone_data_version};

/// What a step's command does: `change HOST ACTION STEP`. A file `broken-ACTION-HOST` makes it fail, `slow-ACTION-HOST`
/// makes it last as long as the file says, and `cut-ACTION-HOST` makes it end before it has done anything.
const CHANGE: &str = r#"#!/bin/sh
if [ -e "cut-$2-$1" ]; then exit 9; fi
if [ -e "slow-$2-$1" ]; then sleep "$(cat "slow-$2-$1")"; fi
if [ -e "broken-$2-$1" ]; then echo "$1 is broken"; exit 7; fi
echo "$2 $3" >> "hosts/$1"
echo "$2 $3 on $1"
"#;

/// Whether the last line of the host says that the step was run.
const VERIFY: &str = r#"#!/bin/sh
[ "$(tail -n 1 "hosts/$1" 2>/dev/null)" = "run $2" ]
"#;

/// A gate's question: it fails where there is a file `sick-HOST`.
const PROBE: &str = r#"#!/bin/sh
if [ -e "sick-$1" ]; then echo "$1 is sick"; exit 1; fi
"#;

pub const START: &str = "2007-05-08 12:00Z";

pub fn start() -> Moment {
    parse_moment(START).unwrap()
}

/// Puts the programs of a plan into a folder.
pub fn furnish(folder: &Path) {
    std::fs::create_dir(folder.join("hosts")).unwrap();
    for (name, script) in [("change", CHANGE), ("verify", VERIFY), ("probe", PROBE)] {
        std::fs::write(folder.join(name), script).unwrap();
        std::fs::set_permissions(folder.join(name), std::fs::Permissions::from_mode(0o755)).unwrap();
    }
}

/// What was done to a host, in order.
pub fn done(folder: &Path, host: &str) -> Vec<String> {
    let text = std::fs::read_to_string(folder.join("hosts").join(host)).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// Takes ten minutes, takes the host down, can be undone.
pub fn step(name: &str) -> Step {
    Step {
        name: name.to_owned(),
        run: Action::Command(command(&["./change", "{host.name}", "run", name])),
        wait: None,
        undo: Undo::Action(Action::Command(command(&["./change", "{host.name}", "undo", name]))),
        verify: None,
        takes: Duration::from_minutes(10),
        takes_at_least: None,
        fails: 0.0,
        timeout: Duration::from_minutes(1),
        retry: Retry { times: 0, every: Duration::ZERO },
        down: true,
        ahead: false,
        lifts: None,
        span: span(),
    }
}

pub fn verified(name: &str) -> Step {
    Step { verify: Some(Action::Command(command(&["./verify", "{host.name}", name]))), ..step(name) }
}

/// Asked once, of each host.
pub fn gate(name: &str, probe: Probe) -> Gate {
    Gate {
        name: name.to_owned(),
        per: Per::Host,
        probe,
        every: Duration::from_seconds(30),
        within: None,
        lasts_for: Duration::ZERO,
        retries: 0,
        fails: 0.0,
        timeout: Duration::from_seconds(20),
        span: span(),
    }
}

pub fn probe() -> Probe {
    Probe::Command(command(&["./probe", "{host.name}"]))
}

pub fn team(name: &str, members: &[&str], verbs: &[Verb], place: Where) -> Team {
    let members = members.iter().map(|member| (*member).to_owned()).collect();
    let permissions = vec![Permission { verbs: verbs.to_vec(), place }];
    Team { name: name.to_owned(), members, permissions, span: span() }
}

/// A plan of one rollout named `may`. Regions and their one site have the same name.
pub struct Build {
    pub plan: Plan,
}

impl Build {
    pub fn new(folder: &Path, steps: &[Step]) -> Build {
        let package = PlanPackage { name: "kb1".to_owned(), install: None, uninstall: None, verify: None };
        let plan = Plan {
            rollout: "may".to_owned(),
            bulletin: "MS07-026".to_owned(),
            title: None,
            severity: None,
            runbook: "patch".to_owned(),
            script: "may.sunup".to_owned(),
            starts_at: start(),
            ends_at: start(),
            deadline: None,
            zone_data: zone_data_version().to_owned(),
            fingerprint: Fingerprint::default(),
            regions: Vec::new(),
            sites: Vec::new(),
            teams: Vec::new(),
            hosts: Vec::new(),
            values: indexmap::IndexMap::new(),
            packages: vec![package],
            workarounds: Vec::new(),
            budgets: Vec::new(),
            steps: steps.to_vec(),
            gates: Vec::new(),
            stages: Vec::new(),
            refinements: Vec::new(),
            rules: Vec::new(),
            properties: Vec::new(),
            services: Vec::new(),
            command_path: None,
            directory: folder.to_string_lossy().into_owned(),
        };
        Build { plan }
    }

    pub fn gate(mut self, gate: Gate) -> Build {
        self.plan.gates.push(gate);
        self
    }

    /// A wave of `batches` in one region: `asia`, `a1 a2, a3`. All gates so far are asked.
    pub fn wave(self, region: &str, batches: &str) -> Build {
        self.wave_with(region, batches, |_| {})
    }

    pub fn wave_with(mut self, region: &str, batches: &str, adjust: impl FnOnce(&mut StagePlan)) -> Build {
        let plan = &mut self.plan;
        let (region_id, site) = (RegionId(plan.regions.len() as u32), SiteId(plan.sites.len() as u32));
        plan.regions.push(PlanRegion { name: region.to_owned(), owner: None });
        let schedule = Arc::new(Schedule { zone: Zone::utc(), windows: Vec::new(), freezes: Vec::new() });
        plan.sites.push(PlanSite { name: region.to_owned(), region: region_id, schedule, coordinates: None });
        let stage = plan.stages.len() as u32;
        let batches = batches.split(',').map(|names| batch(plan, names, site, stage)).collect();
        let turns = vec![RegionTurn { region: region_id, lanes: vec![Lane { site: None, width: 1, batches }] }];
        let mut stage = StagePlan {
            name: region.to_owned(),
            kind: StageKind::Wave,
            together: true,
            order_by: None,
            turns,
            batch: None,
            at_once: None,
            soak: Duration::ZERO,
            gates: (0..plan.gates.len() as u32).map(GateId).collect(),
            approval: None,
            finish_before: None,
            starts_at: start(),
            ends_at: start(),
        };
        adjust(&mut stage);
        plan.stages.push(stage);
        self
    }

    pub fn connected(mut self, connection: Option<Connection>) -> Build {
        self.plan.hosts.iter_mut().for_each(|host| host.connection = connection);
        self
    }

    pub fn team(mut self, team: Team) -> Build {
        self.plan.teams.push(team);
        self
    }

    pub fn host(&self, name: &str) -> HostIdx {
        HostIdx(self.plan.hosts.iter().position(|host| &*host.name == name).unwrap() as u32)
    }

    /// Gives every host the same text for a value.
    pub fn value(mut self, key: &str, text: &str) -> Build {
        let codes = vec![0; self.plan.hosts.len()];
        self.plan.values.insert(key.to_owned(), ValueColumn { texts: vec![text.into()], codes });
        self
    }
}

fn batch(plan: &mut Plan, names: &str, site: SiteId, stage: u32) -> BatchPlan {
    let first = plan.hosts.len() as u32;
    for name in names.split_whitespace() {
        let connection = Some(Connection::Local);
        plan.hosts.push(PlanHost { name: name.into(), site, package: PackageId(0), connection, stage });
    }
    let hosts = (first..plan.hosts.len() as u32).map(HostIdx).collect();
    BatchPlan { hosts, starts_at: start(), ends_at: start(), window: None }
}

/// Words with one `{value}` at most, which stands alone.
pub fn command(words: &[&str]) -> Command {
    Command { arguments: words.iter().map(|word| argument(word)).collect() }
}

pub fn argument(word: &str) -> Argument {
    let part = match word.strip_prefix('{').and_then(|word| word.strip_suffix('}')) {
        Some(value) => Part::Value(value.to_owned()),
        None => Part::Text(word.to_owned()),
    };
    Argument { parts: vec![part] }
}

pub fn span() -> Span {
    Span::new(FileId(0), 0, 0)
}
