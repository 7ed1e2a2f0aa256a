use std::collections::BTreeMap;
use std::sync::Arc;

use crate::engine::{Answer, Engine, Event, HostState, Question, StepResult, Task};
use crate::plan::{HostIdx, Plan};
use crate::simulate::chance::{Odds, Spread, StepOdds};
use crate::time::{Duration, Interval, Moment};

/// What earlier runs show: how long each step took, and how often steps and gates failed. Steps and gates are known by
/// their names, so that runs of other rollouts with the same runbook count too.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fit {
    pub runs: usize,
    pub steps: BTreeMap<String, StepSeen>,
    pub gates: BTreeMap<String, GateSeen>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct StepSeen {
    /// How long the attempts took that went well, the wait in it; in order.
    pub lengths: Vec<Duration>,
    pub failures: usize,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GateSeen {
    pub askings: usize,
    pub failures: usize,
}

impl StepSeen {
    pub fn attempts(&self) -> usize {
        self.lengths.len() + self.failures
    }
}

impl Fit {
    /// Takes in a run, by the events of its journal.
    pub fn add<'e>(&mut self, plan: &Arc<Plan>, events: impl IntoIterator<Item = (Moment, &'e Event)>) {
        self.runs += 1;
        let mut reading = Reading { fit: self, engine: Engine::new(Arc::clone(plan)), under_way: BTreeMap::new() };
        events.into_iter().for_each(|(at, event)| reading.take(at, event));
        reading.close();
        self.steps.values_mut().for_each(|seen| seen.lengths.sort_unstable());
    }

    /// What was seen; what was not is as the script says.
    pub fn odds(&self, plan: &Plan) -> Odds {
        let mut odds = Odds::of(plan);
        for (step, planned) in odds.steps.iter_mut().zip(&plan.steps) {
            if let Some(seen) = self.steps.get(&planned.name) {
                step.learn(seen);
            }
        }
        for (fails, planned) in odds.gates.iter_mut().zip(&plan.gates) {
            if let Some(seen) = self.gates.get(&planned.name) {
                *fails = share(seen.failures, seen.askings);
            }
        }
        odds
    }
}

impl StepOdds {
    fn learn(&mut self, seen: &StepSeen) {
        self.fails = share(seen.failures, seen.attempts());
        if !seen.lengths.is_empty() {
            self.takes = Spread::Seen(seen.lengths.clone());
        }
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// A journal that is read.
struct Reading<'f> {
    fit: &'f mut Fit,
    engine: Engine,
    /// By host, the step whose attempt is under way, and since when.
    under_way: BTreeMap<HostIdx, (u32, Moment)>,
}

impl Reading<'_> {
    fn take(&mut self, at: Moment, event: &Event) {
        match event {
            Event::TaskBegan { task } => {
                if let Some(Task::Run { host, step, .. }) = self.engine.task(*task) {
                    let (host, step) = (*host, *step);
                    // Where the attempt before it was told no end of, its wait was in vain.
                    self.failed(host);
                    self.under_way.insert(host, (step, at));
                }
            }
            Event::StepEnded { task, result } => {
                if let Some(Task::Run { host, step, .. }) = self.engine.task(*task) {
                    let (host, step) = (*host, *step);
                    let waits = self.engine.plan().steps.get(step as usize).is_some_and(|step| step.wait.is_some());
                    match result {
                        StepResult::Succeeded if waits => {}
                        StepResult::Succeeded => self.went_well(host, at),
                        _ => self.failed(host),
                    }
                }
            }
            Event::ProbeAnswered { task, answer, .. } => match self.engine.task(*task) {
                Some(Task::Probe { question: Question::Wait { host, .. } }) => {
                    let host = *host;
                    if *answer == Answer::Pass {
                        self.went_well(host, at);
                    }
                }
                Some(Task::Probe { question: Question::Gate { gate, .. } }) => {
                    let gate = *gate;
                    self.answered(gate.0, *answer);
                }
                _ => {}
            },
            Event::TaskLost { task } => {
                if let Some(Task::Run { host, .. }) = self.engine.task(*task) {
                    let host = *host;
                    self.under_way.remove(&host);
                }
            }
            Event::Started | Event::TimerFired { .. } | Event::Said { .. } => {}
        }
        self.engine.apply(at, event);
    }

    /// Waits that were in vain to the end.
    fn close(mut self) {
        let hosts: Vec<HostIdx> = self.under_way.keys().copied().collect();
        for host in hosts {
            if matches!(self.engine.host(host), HostState::Failed { .. }) {
                self.failed(host);
            }
        }
    }

    fn went_well(&mut self, host: HostIdx, at: Moment) {
        if let Some((step, since)) = self.under_way.remove(&host) {
            let length = Interval { start: since, end: at }.length();
            self.seen(step, |seen| seen.lengths.push(length));
        }
    }

    fn failed(&mut self, host: HostIdx) {
        if let Some((step, _)) = self.under_way.remove(&host) {
            self.seen(step, |seen| seen.failures += 1);
        }
    }

    fn seen(&mut self, step: u32, note: impl FnOnce(&mut StepSeen)) {
        if let Some(planned) = self.engine.plan().steps.get(step as usize) {
            note(self.fit.steps.entry(planned.name.clone()).or_default());
        }
    }

    /// What gave no answer tells nothing of how often it fails.
    fn answered(&mut self, gate: u32, answer: Answer) {
        if let (Some(planned), true) = (self.engine.plan().gates.get(gate as usize), answer != Answer::Unknown) {
            let seen = self.fit.gates.entry(planned.name.clone()).or_default();
            seen.askings += 1;
            seen.failures += usize::from(answer == Answer::Fail);
        }
    }
}
