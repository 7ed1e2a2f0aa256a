use std::sync::Arc;

use crate::engine::{Answer, GateSubject, Question, StepResult, Task, TaskId};
use crate::model::{Action, Command, Connection, Gate, Probe, Step, Undo, Wait};
use crate::plan::{HostIdx, Plan};
use crate::run::affected::Affected;
use crate::run::crew::{Job, Report};
use crate::run::driver::{Captured, Driver, Ended, Local, Order, Simulated};
use crate::run::probe::{Answered, Inquiry};
use crate::run::rehearsal::{Failures, Rehearsal};
use crate::run::render::{self, Subject};
use crate::run::survivors::Mark;
use crate::run::{Cutoff, RunFault, StateFolder};
use crate::time::Duration;

/// Makes of the engine's tasks what a driver or a probe can do.
#[derive(Debug)]
pub(crate) struct Dispatch {
    plan: Arc<Plan>,
    state: String,
    run: String,
    local: Local,
    rehearsal: Option<(Rehearsal, Failures)>,
    simulated: Affected,
}

/// A task made ready.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub work: Ready,
    /// How long after its beginning the task ends on the run's clock, at the earliest.
    pub stands_for: Duration,
}

#[derive(Debug)]
pub(crate) enum Ready {
    /// Touches nothing outside: this is how it ends.
    Known(Report),
    Job(Job),
}

impl Prepared {
    /// Whether the task ends as it does without anything outside, so that no crash can lose it.
    pub fn is_known(&self) -> bool {
        matches!(self.work, Ready::Known(_))
    }
}

impl Dispatch {
    pub fn new(
        plan: Arc<Plan>,
        state: &StateFolder,
        run: &str,
        grace: Duration,
        rehearsal: Option<Rehearsal>,
    ) -> Result<Dispatch, RunFault> {
        let rehearsal = match rehearsal {
            Some(rehearsal) => {
                let failures = rehearsal.failures(&plan)?;
                Some((rehearsal, failures))
            }
            None => None,
        };
        let local = Local::for_plan(&plan).with_grace(grace);
        let state = state.path().to_string_lossy().into_owned();
        let mut dispatch =
            Dispatch { plan, state, run: run.to_owned(), local, rehearsal, simulated: Affected::default() };
        dispatch.simulated = Affected::of(&dispatch.plan, |host| dispatch.connection(host) == Connection::Simulated);
        Ok(dispatch)
    }

    pub fn prepare(&self, id: TaskId, task: &Task) -> Prepared {
        let mut work = match task {
            task if self.is_made_to_fail(task) => Ready::Known(failure(task)),
            Task::Run { host, step, .. } => self.step(*host, *step, "run", |step| Some(&step.run)),
            Task::Undo { host, step, .. } => self.step(*host, *step, "undo", |step| match &step.undo {
                Undo::Action(action) => Some(action),
                Undo::NotNeeded | Undo::Impossible => None,
            }),
            Task::Verify { host, step } => self.step(*host, *step, "verify", |step| step.verify.as_ref()),
            Task::Probe { question: Question::Gate { gate, subject } } => match self.plan.gates.get(gate.0 as usize) {
                Some(gate) => self.gate(gate, *subject),
                None => unknown("the plan has no such gate".to_owned()),
            },
            Task::Probe { question: Question::Wait { host, step, timeout } } => {
                match self.plan.steps.get(*step as usize).and_then(|step| step.wait.as_ref()) {
                    Some(wait) => self.wait(*host, wait, *timeout),
                    None => unknown("the step has no wait".to_owned()),
                }
            }
        };
        if let Ready::Job(Job::Step(_, order) | Job::Probe(Inquiry::Command { order, .. })) = &mut work {
            order.variables.extend(self.mark(id).variables());
        }
        Prepared { stands_for: self.stands_for(task), work }
    }

    /// By which the process of a task is known again.
    pub fn mark(&self, task: TaskId) -> Mark {
        Mark { state: self.state.clone(), run: self.run.clone(), task }
    }

    /// The limit on a step's process; a question has none that matters to anybody but who asked it.
    pub fn limit(&self, task: &Task) -> Option<Duration> {
        match task {
            Task::Run { step, .. } | Task::Undo { step, .. } => {
                self.plan.steps.get(*step as usize).map(|step| step.timeout)
            }
            Task::Verify { .. } | Task::Probe { .. } => None,
        }
    }

    fn is_made_to_fail(&self, task: &Task) -> bool {
        self.rehearsal.as_ref().is_some_and(|(_, failures)| failures.hit(task, &self.plan))
    }

    /// In a rehearsal a step takes as long as the plan says, however short its process; a simulated one does always.
    fn stands_for(&self, task: &Task) -> Duration {
        match task {
            Task::Run { host, step, .. } | Task::Undo { host, step, .. }
                if self.rehearsal.is_some() || self.connection(*host) == Connection::Simulated =>
            {
                self.plan.steps.get(*step as usize).map(|step| step.takes).unwrap_or_default()
            }
            _ => Duration::ZERO,
        }
    }

    /// A host that nothing reaches is simulated: in a rehearsal on purpose, and a run with one does not begin.
    fn connection(&self, host: HostIdx) -> Connection {
        if self.rehearsal.as_ref().is_some_and(|(rehearsal, _)| rehearsal.all_simulated) {
            return Connection::Simulated;
        }
        let planned = self.plan.hosts.get(host.0 as usize);
        planned.and_then(|host| host.connection).unwrap_or(Connection::Simulated)
    }

    fn step(&self, host: HostIdx, step: u32, action: &'static str, pick: impl Fn(&Step) -> Option<&Action>) -> Ready {
        let Some(planned) = self.plan.steps.get(step as usize) else {
            return not_started("the plan has no such step".to_owned());
        };
        let order = match pick(planned) {
            Some(picked) => self.order(host, planned, action, picked),
            None => Err(format!("step `{}` has no {action}", planned.name)),
        };
        match (order, self.connection(host)) {
            (Err(detail), _) => not_started(detail),
            (Ok(order), Connection::Local) => Ready::Job(Job::Step(Arc::new(self.local.clone()), order)),
            (Ok(order), Connection::Simulated) => {
                Ready::Known(Report::Step(Simulated.perform(&order, &Cutoff::default())))
            }
        }
    }

    fn order(&self, host: HostIdx, step: &Step, action: &'static str, picked: &Action) -> Result<Order, String> {
        let command = self.command(host, picked)?;
        let subject = Subject::host(&self.plan, host);
        let arguments = render::arguments(command, subject)?;
        let mut variables = self.variables(subject, action);
        variables.push(("SUNUP_STEP", step.name.clone()));
        Ok(Order { arguments, variables, limit: step.timeout })
    }

    fn command<'a>(&'a self, host: HostIdx, action: &'a Action) -> Result<&'a Command, String> {
        let host = self.plan.hosts.get(host.0 as usize);
        let package = host.and_then(|host| self.plan.packages.get(host.package.0 as usize));
        let of_package = |pick: fn(&'a crate::plan::PlanPackage) -> Option<&'a Command>, word: &str| {
            package.and_then(pick).ok_or_else(|| match package {
                Some(package) => format!("package `{}` has no `{word}`", package.name),
                None => "the host has no package".to_owned(),
            })
        };
        match action {
            Action::Command(command) => Ok(command),
            Action::PackageInstall => of_package(|package| package.install.as_ref(), "install"),
            Action::PackageUninstall => of_package(|package| package.uninstall.as_ref(), "uninstall"),
            Action::PackageVerify => of_package(|package| package.verify.as_ref(), "verify"),
        }
    }

    fn gate(&self, gate: &Gate, subject: GateSubject) -> Ready {
        if self.simulated.has_one_of(subject, &self.plan) {
            return passed("not sent: its hosts are simulated");
        }
        let subject = Subject::gate(&self.plan, subject);
        match &gate.probe {
            Probe::Command(command) => match render::arguments(command, subject) {
                Ok(arguments) => {
                    let mut variables = self.variables(subject, "gate");
                    variables.push(("SUNUP_GATE", gate.name.clone()));
                    let order = Order { arguments, variables, limit: gate.timeout };
                    Ready::Job(Job::Probe(Inquiry::Command { local: self.local.clone(), order }))
                }
                Err(detail) => unknown(detail),
            },
            Probe::Tcp { address, port } => self.tcp(render::address(address, subject), *port, gate.timeout),
            Probe::Http { url, status } => match render::url(url, subject) {
                Ok(url) => self.send(Inquiry::Http { url, status: *status, limit: gate.timeout }),
                Err(detail) => unknown(detail),
            },
        }
    }

    fn wait(&self, host: HostIdx, wait: &Wait, timeout: Duration) -> Ready {
        if self.connection(host) == Connection::Simulated {
            return passed("not sent: the host is simulated");
        }
        self.tcp(render::address(&wait.address, Subject::host(&self.plan, host)), wait.port, timeout)
    }

    fn tcp(&self, address: Result<String, String>, port: u16, limit: Duration) -> Ready {
        match address {
            Ok(address) => self.send(Inquiry::Tcp { address, port, limit }),
            Err(detail) => unknown(detail),
        }
    }

    fn send(&self, inquiry: Inquiry) -> Ready {
        match self.rehearsal {
            Some(_) => passed("not sent in a rehearsal"),
            None => Ready::Job(Job::Probe(inquiry)),
        }
    }

    fn variables(&self, subject: Subject, action: &str) -> Vec<(&'static str, String)> {
        let mut variables = vec![("SUNUP_ROLLOUT", self.plan.rollout.clone()), ("SUNUP_ACTION", action.to_owned())];
        let names = [
            ("SUNUP_HOST", subject.host_name()),
            ("SUNUP_SITE", subject.site_name()),
            ("SUNUP_REGION", subject.region_name()),
            ("SUNUP_STAGE", subject.stage_name()),
        ];
        // What an argument cannot hold a variable cannot hold either.
        let known = names.into_iter().filter_map(|(name, value)| Some((name, value?)));
        variables
            .extend(known.filter(|(_, value)| !value.contains('\0')).map(|(name, value)| (name, value.to_owned())));
        if self.rehearsal.is_some() {
            variables.push(("SUNUP_REHEARSAL", "1".to_owned()));
        }
        variables
    }
}

/// As the rehearsal was told to.
fn failure(task: &Task) -> Report {
    const WHY: &str = "made to fail in this rehearsal";
    match task {
        Task::Probe { .. } => Report::Probe(Answered::new(Answer::Fail, WHY)),
        Task::Run { .. } | Task::Undo { .. } | Task::Verify { .. } => {
            Report::Step(ended(StepResult::Failed { detail: WHY.to_owned() }))
        }
    }
}

fn not_started(detail: String) -> Ready {
    Ready::Known(Report::Step(ended(StepResult::NotStarted { detail })))
}

fn ended(result: StepResult) -> Ended {
    Ended { result: Some(result), output: Captured::default() }
}

fn passed(detail: &str) -> Ready {
    Ready::Known(Report::Probe(Answered::new(Answer::Pass, detail)))
}

fn unknown(detail: String) -> Ready {
    Ready::Known(Report::Probe(Answered::new(Answer::Unknown, detail)))
}
