use crate::diagnostic::{Code, Problem, Problems, nearest};
use crate::model::{Model, Rollout};
use crate::plan::{self, Plan};
use crate::session::Session;
use crate::time::Moment;

/// A plan, or everything that stands against one.
#[derive(Debug)]
pub struct Planned {
    pub plan: Option<Plan>,
    /// The session's problems and the planner's, in order of place.
    pub problems: Problems,
}

impl Session {
    /// Plans one rollout of the script: the named one, or the only one. It starts at `at`, else when the script says,
    /// else when the session was loaded. Where the script has errors there is no plan, but the planner's problems are told too.
    pub fn plan(&self, rollout: Option<&str>, at: Option<Moment>) -> Planned {
        let (Some(model), Some(fleet)) = (&self.model, &self.fleet) else {
            return Planned { plan: None, problems: self.problems.clone() };
        };
        let chosen = match choose(model, rollout) {
            Ok(chosen) => chosen,
            Err(problem) => {
                let mut problems = self.problems.clone();
                problems.push(*problem);
                return Planned { plan: None, problems };
            }
        };
        let starts_at = at.or(chosen.starts_at).unwrap_or(self.now);
        let fingerprint = self.inputs.fingerprint(&chosen.name, &starts_at.to_rfc3339());
        let (plan, found) = plan::make(model, chosen, fleet, starts_at, &self.script, fingerprint);
        let mut problems = self.problems.clone();
        problems.extend(found);
        let plan = plan.filter(|_| !problems.has_errors()).map(|plan| self.with_places(plan));
        Planned { plan, problems: problems.sorted() }
    }

    /// What is wrong with the script, and with the plan of every rollout.
    pub fn check_plans(&self, at: Option<Moment>) -> Problems {
        let (Some(model), Some(fleet)) = (&self.model, &self.fleet) else { return self.problems.clone() };
        let found = model.rollouts.iter().flat_map(|rollout| {
            let starts_at = at.or(rollout.starts_at).unwrap_or(self.now);
            plan::check(model, rollout, fleet, starts_at)
        });
        self.problems.iter().cloned().chain(found).collect::<Problems>().sorted()
    }

    /// Says where local commands are found and started, so that the plan can run from any folder.
    fn with_places(&self, mut plan: Plan) -> Plan {
        plan.command_path = plan.command_path.map(|path| self.directory.join(path).display().to_string());
        plan.directory = self.directory.display().to_string();
        plan
    }
}

fn choose<'m>(model: &'m Model, name: Option<&str>) -> Result<&'m Rollout, Box<Problem>> {
    let names = || model.rollouts.iter().map(|rollout| rollout.name.as_str());
    let listed = || names().collect::<Vec<_>>().join(", ");
    let unknown = |message: String, help: String| Box::new(Problem::error(Code::UNKNOWN_NAME, message).help(help));
    match (name, model.rollouts.as_slice()) {
        (_, []) => Err(unknown(
            "the script has no rollout".to_owned(),
            "write one: `rollout NAME { apply BULLETIN with RUNBOOK  to … }`".to_owned(),
        )),
        (None, [only]) => Ok(only),
        (None, _) => {
            Err(unknown(format!("the script has several rollouts: {}", listed()), "name one with --rollout".to_owned()))
        }
        (Some(name), rollouts) => rollouts.iter().find(|rollout| rollout.name == name).ok_or_else(|| {
            let help = match nearest(name, names()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it has {}", listed()),
            };
            unknown(format!("the script has no rollout `{name}`"), help)
        }),
    }
}
