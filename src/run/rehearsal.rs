use serde::{Deserialize, Serialize};

use crate::engine::{Question, Task};
use crate::model::GateId;
use crate::plan::{HostIdx, Plan};
use crate::run::RunFault;
use crate::run::affected::Affected;

/// How a rehearsal differs from the run: its waits are skipped, it reaches hosts by `local` or not at all, it approves by
/// itself, and what should fail in it does.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rehearsal {
    /// No process at all, whatever the plan says.
    #[serde(default)]
    pub all_simulated: bool,
    /// Approvals wait for people, as in the run.
    #[serde(default)]
    pub people_approve: bool,
    /// `GATE@SITE`, `STEP@HOST` and the like.
    #[serde(default)]
    pub fail: Vec<String>,
}

impl Rehearsal {
    pub(crate) fn to_json(&self) -> String {
        // INVARIANT: texts and truth values only.
        serde_json::to_string(self).unwrap_or_default()
    }

    pub(crate) fn from_json(text: &str) -> Result<Rehearsal, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    /// Everything that is to fail, found in the plan.
    pub(crate) fn failures(&self, plan: &Plan) -> Result<Failures, RunFault> {
        let list = self.fail.iter().map(|text| Failure::parse(text, plan)).collect::<Result<_, _>>()?;
        Ok(Failures { list })
    }
}

/// What fails in a rehearsal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Failures {
    list: Vec<Failure>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Failure {
    gate: Option<GateId>,
    step: Option<u32>,
    place: Place,
}

/// Where something fails. A name can be a site's and a region's at once; then it is both.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Everywhere,
    Named(Affected),
}

impl Failures {
    pub fn hit(&self, task: &Task, plan: &Plan) -> bool {
        self.list.iter().any(|failure| failure.hits(task, plan))
    }
}

impl Failure {
    fn parse(text: &str, plan: &Plan) -> Result<Failure, RunFault> {
        let Some((what, place)) = text.split_once('@') else {
            return Err(RunFault::BadFailure { text: text.to_owned() });
        };
        let gate = plan.gates.iter().position(|gate| gate.name == what).map(|idx| GateId(idx as u32));
        let step = plan.steps.iter().position(|step| step.name == what).map(|idx| idx as u32);
        if gate.is_none() && step.is_none() {
            let gates = plan.gates.iter().map(|gate| gate.name.as_str());
            let names = gates.chain(plan.steps.iter().map(|step| step.name.as_str()));
            return Err(RunFault::unknown_name("gate or step", what, names));
        }
        Ok(Failure { gate, step, place: Place::parse(place, plan)? })
    }

    fn hits(&self, task: &Task, plan: &Plan) -> bool {
        match task {
            Task::Run { host, step, .. } => self.step == Some(*step) && self.place.holds(*host),
            Task::Probe { question: Question::Gate { gate, subject } } => {
                self.gate == Some(*gate)
                    && match &self.place {
                        Place::Everywhere => true,
                        Place::Named(affected) => affected.has_one_of(*subject, plan),
                    }
            }
            Task::Undo { .. } | Task::Verify { .. } | Task::Probe { question: Question::Wait { .. } } => false,
        }
    }
}

impl Place {
    fn parse(text: &str, plan: &Plan) -> Result<Place, RunFault> {
        if text == "*" {
            return Ok(Place::Everywhere);
        }
        let sites = plan.sites.iter().map(|site| site.name.as_str());
        let regions = plan.regions.iter().map(|region| region.name.as_str());
        let names = sites.chain(regions).chain(plan.hosts.iter().map(|host| &*host.name));
        if names.clone().any(|name| name == text) {
            return Ok(Place::Named(Affected::of(plan, |host| is_called(text, host, plan))));
        }
        Err(RunFault::unknown_name("site, region or host", text, names))
    }

    fn holds(&self, host: HostIdx) -> bool {
        match self {
            Place::Everywhere => true,
            Place::Named(affected) => affected.has(host),
        }
    }
}

/// By its own name, or by that of its site or region.
fn is_called(name: &str, host: HostIdx, plan: &Plan) -> bool {
    let Some(planned) = plan.hosts.get(host.0 as usize) else { return false };
    let site = plan.sites.get(planned.site.0 as usize);
    let region = site.and_then(|site| plan.regions.get(site.region.0 as usize));
    *planned.name == *name
        || site.is_some_and(|site| site.name == name)
        || region.is_some_and(|region| region.name == name)
}
