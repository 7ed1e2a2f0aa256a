//! What every test of runs stands on: a folder with the programs of a plan, and what is asked of a run in it.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sunup::engine::{HostState, Waiting};
use sunup::model::{Approval, Otherwise, RegionId, TeamId, Verb, Where};
use sunup::run::{Controller, History, Rehearsal, RunEnd, Settings, Silent, StateFolder};

use crate::plans::{Build, done, furnish, span, step, team};

/// A folder with the programs of a plan, and a state folder in it.
pub struct Field {
    pub folder: tempfile::TempDir,
    pub state: StateFolder,
}

impl Field {
    pub fn new() -> Field {
        let folder = tempfile::tempdir().unwrap();
        furnish(folder.path());
        let state = StateFolder::open(folder.path().join("state")).unwrap();
        Field { folder, state }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn build(&self, steps: &[sunup::model::Step]) -> Build {
        Build::new(self.path(), steps)
    }

    /// Makes a step of a host fail, last, or vanish; see `plans::furnish`.
    pub fn mark(&self, name: &str, content: &str) {
        std::fs::write(self.path().join(name), content).unwrap();
    }

    pub fn unmark(&self, name: &str) {
        std::fs::remove_file(self.path().join(name)).unwrap();
    }

    pub fn done(&self, host: &str) -> Vec<String> {
        done(self.path(), host)
    }

    pub fn run(&self, plan: &Build) -> RunEnd {
        self.begin(plan).carry_on(&mut Silent).unwrap()
    }

    pub fn begin(&self, plan: &Build) -> Controller {
        Controller::begin(&self.state, Arc::new(plan.plan.clone()), "ops", Settings::default()).unwrap()
    }

    pub fn rehearse(&self, plan: &Build, rehearsal: Rehearsal) -> RunEnd {
        self.begin_rehearsal(plan, rehearsal).carry_on(&mut Silent).unwrap()
    }

    pub fn begin_rehearsal(&self, plan: &Build, rehearsal: Rehearsal) -> Controller {
        let plan = Arc::new(plan.plan.clone());
        Controller::rehearse(&self.state, plan, "ops", rehearsal, Settings::default()).unwrap()
    }

    pub fn resume(&self) -> RunEnd {
        Controller::resume(&self.state, None, Settings::default()).unwrap().carry_on(&mut Silent).unwrap()
    }

    pub fn history(&self) -> History {
        History::read(&self.state, None).unwrap()
    }

    pub fn host_state(&self, plan: &Build, host: &str) -> HostState {
        self.history().engine().host(plan.host(host))
    }
}

pub fn failing(fail: &[&str]) -> Rehearsal {
    Rehearsal { fail: fail.iter().map(|text| (*text).to_owned()).collect(), ..Rehearsal::default() }
}

pub const BOTH: [&str; 2] = ["run stop", "run patch"];

pub fn with_approval(field: &Field) -> Build {
    let approval = Approval { team: TeamId(0), within: None, otherwise: Otherwise::Hold, span: span() };
    field
        .build(&[step("patch")])
        .wave_with("asia", "a1", |stage| stage.approval = Some(approval))
        .wave("europe", "e1")
        .team(team("global", &["ada"], &[Verb::Hold], Where::Everywhere))
        .team(team("emea", &["ben"], &[Verb::Hold, Verb::Resume, Verb::Rollback], Where::Regions(vec![RegionId(1)])))
        .team(team("chiefs", &["cleo"], &[Verb::Approve], Where::Everywhere))
}

pub fn waits_for_approval(field: &Field) -> bool {
    field.history().waiting().iter().any(|waiting| matches!(waiting, Waiting::Approval { .. }))
}

/// Waits until something holds; half a minute at most.
pub fn until(holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(30), "it never came true");
        std::thread::sleep(Duration::from_millis(20));
    }
}
