//! Plans built by hand, without planner or checker.

use std::sync::Arc;

use chrono::Weekday;

use crate::model::{
    Act, Action, Approval, Argument, Budget, Command, Condition, Gate, GateId, Otherwise, PackageId, Part, Per, Probe,
    RegionId, Retry, Rule, SiteId, StageKind, Step, Team, TeamId, Undo, Wait,
};
use crate::plan::{
    BatchPlan, BudgetGroup, Fingerprint, HostIdx, Lane, Plan, PlanHost, PlanRegion, PlanSite, RegionTurn, StagePlan,
};
use crate::source::{FileId, Span};
use crate::time::{Duration, Moment, Schedule, Window, Zone, parse_moment, parse_time_of_day};

pub fn at(text: &str) -> Moment {
    parse_moment(text).unwrap()
}

pub fn lasting(text: &str) -> Duration {
    Duration::parse(text).unwrap()
}

/// All plans of the tests start then; it is a Tuesday.
pub fn noon() -> Moment {
    at("2007-05-08 12:00Z")
}

/// Takes one minute, takes the host down, can be undone.
pub fn step(name: &str) -> Step {
    Step {
        name: name.to_owned(),
        run: Action::Command(command(name)),
        wait: None,
        undo: Undo::Action(Action::Command(command("undo"))),
        verify: None,
        takes: lasting("1m"),
        takes_at_least: None,
        fails: 0.0,
        timeout: lasting("1h"),
        retry: Retry { times: 0, every: Duration::ZERO },
        down: true,
        ahead: false,
        lifts: None,
        span: span(),
    }
}

pub fn verified(name: &str) -> Step {
    Step { verify: Some(Action::Command(command("verify"))), ..step(name) }
}

pub fn waiting(name: &str, within: &str) -> Step {
    let wait = Wait { address: argument("host.address"), port: 25, within: lasting(within) };
    Step { wait: Some(wait), ..step(name) }
}

/// Asked once, of each host.
pub fn gate(name: &str) -> Gate {
    Gate {
        name: name.to_owned(),
        per: Per::Host,
        probe: Probe::Command(command("probe")),
        every: lasting("30s"),
        within: None,
        lasts_for: Duration::ZERO,
        retries: 0,
        fails: 0.0,
        timeout: lasting("30s"),
        span: span(),
    }
}

pub fn approval(within: Option<&str>, otherwise: Otherwise) -> Option<Approval> {
    Some(Approval { team: TeamId(0), within: within.map(lasting), otherwise, span: span() })
}

/// Open every day between two times, in UTC.
pub fn daily(opens: &str, closes: &str) -> Arc<Schedule> {
    let week = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];
    let time = |text| parse_time_of_day(text).unwrap();
    let window = Window { days: week.to_vec(), opens: time(opens), closes: time(closes), except: Vec::new() };
    Arc::new(Schedule { zone: Zone::utc(), windows: vec![window], freezes: Vec::new() })
}

/// Hosts are named; a region's one site has the region's name unless a site is said.
#[derive(Debug, Clone)]
pub struct Build {
    pub plan: Plan,
}

impl Build {
    pub fn new(steps: &[Step]) -> Build {
        let plan = Plan {
            rollout: "may".to_owned(),
            bulletin: "MS07-026".to_owned(),
            title: None,
            severity: None,
            runbook: "patch".to_owned(),
            script: "may.sunup".to_owned(),
            starts_at: noon(),
            ends_at: noon(),
            deadline: None,
            zone_data: String::new(),
            fingerprint: Fingerprint::default(),
            regions: Vec::new(),
            sites: Vec::new(),
            teams: Vec::new(),
            hosts: Vec::new(),
            values: indexmap::IndexMap::new(),
            packages: Vec::new(),
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
            directory: String::new(),
        };
        Build { plan }
    }

    pub fn region(self, name: &str, hosts: &str) -> Build {
        self.site(name, name, hosts)
    }

    /// Each owns the region that it is said with.
    pub fn owner(mut self, region: &str, team: &str) -> Build {
        let region = self.find_region(region).unwrap();
        let span = span();
        self.plan.teams.push(Team { name: team.to_owned(), members: Vec::new(), permissions: Vec::new(), span });
        self.plan.regions[region.0 as usize].owner = Some(TeamId(self.plan.teams.len() as u32 - 1));
        self
    }

    /// Always open.
    pub fn site(mut self, region: &str, site: &str, hosts: &str) -> Build {
        let region = self.find_region(region).unwrap_or_else(|| {
            self.plan.regions.push(PlanRegion { name: region.to_owned(), owner: None });
            RegionId(self.plan.regions.len() as u32 - 1)
        });
        let schedule = Arc::new(Schedule { zone: Zone::utc(), windows: Vec::new(), freezes: Vec::new() });
        let idx = SiteId(self.plan.sites.len() as u32);
        self.plan.sites.push(PlanSite { name: site.to_owned(), region, schedule, coordinates: None });
        for name in hosts.split_whitespace() {
            let package = PackageId(0);
            self.plan.hosts.push(PlanHost { name: name.into(), site: idx, package, connection: None, stage: 0 });
        }
        self
    }

    pub fn schedule(mut self, site: &str, schedule: Arc<Schedule>) -> Build {
        self.plan.sites.iter_mut().find(|other| other.name == site).unwrap().schedule = schedule;
        self
    }

    /// `at most` of the hosts may be down at once.
    pub fn budget(mut self, at_most: u32, hosts: &str) -> Build {
        let hosts: Vec<_> = hosts.split_whitespace().map(|name| self.host(name)).collect();
        let size = hosts.len() as u32;
        let keep = size - at_most;
        let rule = format!("at least {keep} up");
        let group = format!("cluster {}", self.plan.budgets.len() + 1);
        self.plan.budgets.push(BudgetGroup { service: "mail".to_owned(), group, rule, size, keep, hosts });
        self
    }

    pub fn gate(mut self, gate: Gate) -> Build {
        self.plan.gates.push(gate);
        self
    }

    /// Batches are written `asia: a1 a2, a3; europe: e1`: turns, and the batches of their one lane.
    pub fn wave(self, name: &str, turns: &str, adjust: impl FnOnce(&mut StagePlan)) -> Build {
        self.stage(StageKind::Wave, name, turns, adjust)
    }

    pub fn guinea_pig(self, name: &str, turns: &str, adjust: impl FnOnce(&mut StagePlan)) -> Build {
        self.stage(StageKind::GuineaPig, name, turns, adjust)
    }

    fn stage(mut self, kind: StageKind, name: &str, turns: &str, adjust: impl FnOnce(&mut StagePlan)) -> Build {
        let turns = turns.split_terminator(';').map(|turn| self.turn(turn)).collect();
        let mut stage = StagePlan {
            name: name.to_owned(),
            kind,
            together: true,
            order_by: None,
            turns,
            batch: None,
            at_once: None,
            soak: Duration::ZERO,
            gates: (0..self.plan.gates.len() as u32).map(GateId).collect(),
            approval: None,
            finish_before: None,
            starts_at: noon(),
            ends_at: noon(),
        };
        adjust(&mut stage);
        self.plan.stages.push(stage);
        self
    }

    /// Lanes are parted by `|`.
    fn turn(&mut self, text: &str) -> RegionTurn {
        let (region, lanes) = text.split_once(':').unwrap();
        let region = self.find_region(region.trim()).unwrap();
        let lanes = lanes.split('|').map(|lane| self.lane(lane)).collect();
        RegionTurn { region, lanes }
    }

    fn lane(&mut self, text: &str) -> Lane {
        let batches = text.split(',').map(|batch| self.batch(batch)).collect();
        Lane { site: None, width: 1, batches }
    }

    fn batch(&mut self, text: &str) -> BatchPlan {
        let stage = self.plan.stages.len() as u32;
        let hosts: Vec<_> = text.split_whitespace().map(|name| self.host(name)).collect();
        for host in &hosts {
            self.plan.hosts[host.0 as usize].stage = stage;
        }
        BatchPlan { hosts, starts_at: noon(), ends_at: noon(), window: None }
    }

    pub fn rule(mut self, condition: Condition, actions: &[Act]) -> Build {
        self.plan.rules.push(Rule { condition, actions: actions.to_vec(), span: span() });
        self
    }

    pub fn host(&self, name: &str) -> HostIdx {
        HostIdx(self.plan.hosts.iter().position(|host| &*host.name == name).unwrap() as u32)
    }

    pub fn find_region(&self, name: &str) -> Option<RegionId> {
        self.plan.regions.iter().position(|region| region.name == name).map(|idx| RegionId(idx as u32))
    }
}

pub fn more_than(hosts: u64, scope: crate::model::Scope) -> Condition {
    Condition::MoreThanFailed { limit: Budget::Hosts(hosts), scope }
}

fn command(name: &str) -> Command {
    Command { arguments: vec![Argument { parts: vec![Part::Text(name.to_owned())] }] }
}

fn argument(value: &str) -> Argument {
    Argument { parts: vec![Part::Value(value.to_owned())] }
}

fn span() -> Span {
    Span::new(FileId(0), 0, 0)
}
