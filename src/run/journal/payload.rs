use serde::{Deserialize, Serialize};

use crate::engine::{
    Answer, Event, GateSubject, PersonAct, Question, Settlement, StepResult, Target, Task, TaskId, TimerId,
};
use crate::model::{GateId, RegionId, SiteId};
use crate::plan::{HostIdx, Plan};
use crate::time::Duration;

/// An event as the journal keeps it (format 1). What it is about is named beside its number, for people and for other
/// programs; the number counts, and a name that does not belong to it is damage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Payload {
    Started,
    TaskBegan {
        task: u64,
        work: SavedTask,
    },
    StepEnded {
        task: u64,
        result: SavedResult,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        detail: Option<String>,
    },
    ProbeAnswered {
        task: u64,
        answer: SavedAnswer,
        detail: String,
    },
    TimerFired {
        timer: u64,
    },
    TaskLost {
        task: u64,
    },
    Said {
        person: String,
        act: SavedAct,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum SavedTask {
    Run { host: Named, step: Named, attempt: u32 },
    Undo { host: Named, step: Named, attempt: u32 },
    Verify { host: Named, step: Named },
    Gate { gate: Named, of: SavedSubject },
    Wait { host: Named, step: Named, timeout: u64 },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum SavedSubject {
    Host(Named),
    Site { stage: Named, site: Named },
    Region { stage: Named, region: Named },
    Batch { stage: Named, turn: u32, lane: u32, batch: u32 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SavedResult {
    Succeeded,
    Failed,
    TimedOut,
    NotStarted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SavedAnswer {
    Pass,
    Fail,
    Unknown,
}

/// What a person said; also the form in which it waits in the inbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum SavedAct {
    Approve { stage: Named },
    Deny { stage: Named },
    Hold { what: SavedTarget },
    Resume { what: SavedTarget },
    Rollback { what: SavedTarget },
    Settle { host: Named, settlement: SavedSettlement },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SavedTarget {
    Rollout,
    Stage(Named),
    Region(Named),
    Site(Named),
    Batch { stage: Named, turn: u32, lane: u32, batch: u32 },
    Host(Named),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SavedSettlement {
    Done,
    Again,
    Failed,
    Mended,
}

/// A place in one of the plan's lists, and the name of what is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Named(u32, String);

impl Payload {
    /// `task` is the work of the task that begins; nothing else needs it.
    pub fn new(event: &Event, task: Option<&Task>, plan: &Plan) -> Option<Payload> {
        Some(match event {
            Event::Started => Payload::Started,
            Event::TaskBegan { task: id } => Payload::TaskBegan { task: id.0, work: SavedTask::new(task?, plan) },
            Event::StepEnded { task, result } => {
                let (result, detail) = match result {
                    StepResult::Succeeded => (SavedResult::Succeeded, None),
                    StepResult::Failed { detail } => (SavedResult::Failed, Some(detail.clone())),
                    StepResult::TimedOut => (SavedResult::TimedOut, None),
                    StepResult::NotStarted { detail } => (SavedResult::NotStarted, Some(detail.clone())),
                };
                Payload::StepEnded { task: task.0, result, detail }
            }
            Event::ProbeAnswered { task, answer, detail } => {
                let answer = match answer {
                    Answer::Pass => SavedAnswer::Pass,
                    Answer::Fail => SavedAnswer::Fail,
                    Answer::Unknown => SavedAnswer::Unknown,
                };
                Payload::ProbeAnswered { task: task.0, answer, detail: detail.clone() }
            }
            Event::TimerFired { timer } => Payload::TimerFired { timer: timer.0 },
            Event::TaskLost { task } => Payload::TaskLost { task: task.0 },
            Event::Said { person, act } => Payload::Said { person: person.clone(), act: SavedAct::new(act, plan) },
        })
    }

    pub fn to_json(&self) -> String {
        // INVARIANT: every field is a text, a number or a list, and every key a text.
        serde_json::to_string(self).unwrap_or_default()
    }

    pub fn from_json(text: &str) -> Result<Payload, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    /// The event, and the work of a task that begins.
    pub fn event(self, plan: &Plan) -> Result<(Event, Option<Task>), String> {
        Ok(match self {
            Payload::Started => (Event::Started, None),
            Payload::TaskBegan { task, work } => (Event::TaskBegan { task: TaskId(task) }, Some(work.task(plan)?)),
            Payload::StepEnded { task, result, detail } => {
                let detail = detail.unwrap_or_default();
                let result = match result {
                    SavedResult::Succeeded => StepResult::Succeeded,
                    SavedResult::Failed => StepResult::Failed { detail },
                    SavedResult::TimedOut => StepResult::TimedOut,
                    SavedResult::NotStarted => StepResult::NotStarted { detail },
                };
                (Event::StepEnded { task: TaskId(task), result }, None)
            }
            Payload::ProbeAnswered { task, answer, detail } => {
                let answer = match answer {
                    SavedAnswer::Pass => Answer::Pass,
                    SavedAnswer::Fail => Answer::Fail,
                    SavedAnswer::Unknown => Answer::Unknown,
                };
                (Event::ProbeAnswered { task: TaskId(task), answer, detail }, None)
            }
            Payload::TimerFired { timer } => (Event::TimerFired { timer: TimerId(timer) }, None),
            Payload::TaskLost { task } => (Event::TaskLost { task: TaskId(task) }, None),
            Payload::Said { person, act } => (Event::Said { person, act: act.act(plan)? }, None),
        })
    }
}

impl SavedTask {
    fn new(task: &Task, plan: &Plan) -> SavedTask {
        match *task {
            Task::Run { host, step, attempt } => {
                SavedTask::Run { host: Named::host(host, plan), step: Named::step(step, plan), attempt }
            }
            Task::Undo { host, step, attempt } => {
                SavedTask::Undo { host: Named::host(host, plan), step: Named::step(step, plan), attempt }
            }
            Task::Verify { host, step } => {
                SavedTask::Verify { host: Named::host(host, plan), step: Named::step(step, plan) }
            }
            Task::Probe { question: Question::Gate { gate, subject } } => {
                SavedTask::Gate { gate: Named::gate(gate, plan), of: SavedSubject::new(subject, plan) }
            }
            Task::Probe { question: Question::Wait { host, step, timeout } } => SavedTask::Wait {
                host: Named::host(host, plan),
                step: Named::step(step, plan),
                timeout: timeout.seconds(),
            },
        }
    }

    fn task(self, plan: &Plan) -> Result<Task, String> {
        Ok(match self {
            SavedTask::Run { host, step, attempt } => {
                Task::Run { host: host.to_host(plan)?, step: step.to_step(plan)?, attempt }
            }
            SavedTask::Undo { host, step, attempt } => {
                Task::Undo { host: host.to_host(plan)?, step: step.to_step(plan)?, attempt }
            }
            SavedTask::Verify { host, step } => Task::Verify { host: host.to_host(plan)?, step: step.to_step(plan)? },
            SavedTask::Gate { gate, of } => {
                Task::Probe { question: Question::Gate { gate: gate.to_gate(plan)?, subject: of.subject(plan)? } }
            }
            SavedTask::Wait { host, step, timeout } => Task::Probe {
                question: Question::Wait {
                    host: host.to_host(plan)?,
                    step: step.to_step(plan)?,
                    timeout: Duration::from_seconds(timeout),
                },
            },
        })
    }
}

impl SavedSubject {
    fn new(subject: GateSubject, plan: &Plan) -> SavedSubject {
        match subject {
            GateSubject::Host(host) => SavedSubject::Host(Named::host(host, plan)),
            GateSubject::Site { stage, site } => {
                SavedSubject::Site { stage: Named::stage(stage, plan), site: Named::site(site, plan) }
            }
            GateSubject::Region { stage, region } => {
                SavedSubject::Region { stage: Named::stage(stage, plan), region: Named::region(region, plan) }
            }
            GateSubject::Batch { stage, turn, lane, batch } => {
                SavedSubject::Batch { stage: Named::stage(stage, plan), turn, lane, batch }
            }
        }
    }

    fn subject(self, plan: &Plan) -> Result<GateSubject, String> {
        Ok(match self {
            SavedSubject::Host(host) => GateSubject::Host(host.to_host(plan)?),
            SavedSubject::Site { stage, site } => {
                GateSubject::Site { stage: stage.to_stage(plan)?, site: site.to_site(plan)? }
            }
            SavedSubject::Region { stage, region } => {
                GateSubject::Region { stage: stage.to_stage(plan)?, region: region.to_region(plan)? }
            }
            SavedSubject::Batch { stage, turn, lane, batch } => {
                GateSubject::Batch { stage: stage.to_stage(plan)?, turn, lane, batch }
            }
        })
    }
}

impl SavedAct {
    pub fn new(act: &PersonAct, plan: &Plan) -> SavedAct {
        match *act {
            PersonAct::Approve { stage } => SavedAct::Approve { stage: Named::stage(stage, plan) },
            PersonAct::Deny { stage } => SavedAct::Deny { stage: Named::stage(stage, plan) },
            PersonAct::Hold { target } => SavedAct::Hold { what: SavedTarget::new(target, plan) },
            PersonAct::Resume { target } => SavedAct::Resume { what: SavedTarget::new(target, plan) },
            PersonAct::Rollback { target } => SavedAct::Rollback { what: SavedTarget::new(target, plan) },
            PersonAct::Settle { host, settlement } => {
                let settlement = match settlement {
                    Settlement::Done => SavedSettlement::Done,
                    Settlement::Again => SavedSettlement::Again,
                    Settlement::Failed => SavedSettlement::Failed,
                    Settlement::Mended => SavedSettlement::Mended,
                };
                SavedAct::Settle { host: Named::host(host, plan), settlement }
            }
        }
    }

    pub fn act(self, plan: &Plan) -> Result<PersonAct, String> {
        Ok(match self {
            SavedAct::Approve { stage } => PersonAct::Approve { stage: stage.to_stage(plan)? },
            SavedAct::Deny { stage } => PersonAct::Deny { stage: stage.to_stage(plan)? },
            SavedAct::Hold { what } => PersonAct::Hold { target: what.target(plan)? },
            SavedAct::Resume { what } => PersonAct::Resume { target: what.target(plan)? },
            SavedAct::Rollback { what } => PersonAct::Rollback { target: what.target(plan)? },
            SavedAct::Settle { host, settlement } => {
                let settlement = match settlement {
                    SavedSettlement::Done => Settlement::Done,
                    SavedSettlement::Again => Settlement::Again,
                    SavedSettlement::Failed => Settlement::Failed,
                    SavedSettlement::Mended => Settlement::Mended,
                };
                PersonAct::Settle { host: host.to_host(plan)?, settlement }
            }
        })
    }

    pub fn to_json(&self) -> String {
        // INVARIANT: every field is a text, a number or a list, and every key a text.
        serde_json::to_string(self).unwrap_or_default()
    }

    pub fn from_json(text: &str) -> Result<SavedAct, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }
}

impl SavedTarget {
    fn new(target: Target, plan: &Plan) -> SavedTarget {
        match target {
            Target::Rollout => SavedTarget::Rollout,
            Target::Stage(stage) => SavedTarget::Stage(Named::stage(stage, plan)),
            Target::Region(region) => SavedTarget::Region(Named::region(region, plan)),
            Target::Site(site) => SavedTarget::Site(Named::site(site, plan)),
            Target::Batch { stage, turn, lane, batch } => {
                SavedTarget::Batch { stage: Named::stage(stage, plan), turn, lane, batch }
            }
            Target::Host(host) => SavedTarget::Host(Named::host(host, plan)),
        }
    }

    fn target(self, plan: &Plan) -> Result<Target, String> {
        Ok(match self {
            SavedTarget::Rollout => Target::Rollout,
            SavedTarget::Stage(stage) => Target::Stage(stage.to_stage(plan)?),
            SavedTarget::Region(region) => Target::Region(region.to_region(plan)?),
            SavedTarget::Site(site) => Target::Site(site.to_site(plan)?),
            SavedTarget::Batch { stage, turn, lane, batch } => {
                Target::Batch { stage: stage.to_stage(plan)?, turn, lane, batch }
            }
            SavedTarget::Host(host) => Target::Host(host.to_host(plan)?),
        })
    }
}

impl Named {
    fn host(host: HostIdx, plan: &Plan) -> Named {
        Named::of(host.0, host_name(plan, host.0))
    }

    fn step(step: u32, plan: &Plan) -> Named {
        Named::of(step, step_name(plan, step))
    }

    fn gate(gate: GateId, plan: &Plan) -> Named {
        Named::of(gate.0, gate_name(plan, gate.0))
    }

    fn stage(stage: u32, plan: &Plan) -> Named {
        Named::of(stage, stage_name(plan, stage))
    }

    fn region(region: RegionId, plan: &Plan) -> Named {
        Named::of(region.0, region_name(plan, region.0))
    }

    fn site(site: SiteId, plan: &Plan) -> Named {
        Named::of(site.0, site_name(plan, site.0))
    }

    fn of(idx: u32, name: Option<&str>) -> Named {
        Named(idx, name.unwrap_or_default().to_owned())
    }

    fn to_host(&self, plan: &Plan) -> Result<HostIdx, String> {
        self.checked("host", host_name(plan, self.0)).map(HostIdx)
    }

    fn to_step(&self, plan: &Plan) -> Result<u32, String> {
        self.checked("step", step_name(plan, self.0))
    }

    fn to_gate(&self, plan: &Plan) -> Result<GateId, String> {
        self.checked("gate", gate_name(plan, self.0)).map(GateId)
    }

    fn to_stage(&self, plan: &Plan) -> Result<u32, String> {
        self.checked("stage", stage_name(plan, self.0))
    }

    fn to_region(&self, plan: &Plan) -> Result<RegionId, String> {
        self.checked("region", region_name(plan, self.0)).map(RegionId)
    }

    fn to_site(&self, plan: &Plan) -> Result<SiteId, String> {
        self.checked("site", site_name(plan, self.0)).map(SiteId)
    }

    fn checked(&self, kind: &str, name: Option<&str>) -> Result<u32, String> {
        if name == Some(self.1.as_str()) {
            Ok(self.0)
        } else {
            Err(format!("the plan has no {kind} `{}` at place {}", self.1, self.0))
        }
    }
}

fn host_name(plan: &Plan, idx: u32) -> Option<&str> {
    plan.hosts.get(idx as usize).map(|host| &*host.name)
}

fn step_name(plan: &Plan, idx: u32) -> Option<&str> {
    plan.steps.get(idx as usize).map(|step| step.name.as_str())
}

fn gate_name(plan: &Plan, idx: u32) -> Option<&str> {
    plan.gates.get(idx as usize).map(|gate| gate.name.as_str())
}

fn stage_name(plan: &Plan, idx: u32) -> Option<&str> {
    plan.stages.get(idx as usize).map(|stage| stage.name.as_str())
}

fn region_name(plan: &Plan, idx: u32) -> Option<&str> {
    plan.regions.get(idx as usize).map(|region| region.name.as_str())
}

fn site_name(plan: &Plan, idx: u32) -> Option<&str> {
    plan.sites.get(idx as usize).map(|site| site.name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::example::Example;

    fn plan() -> Plan {
        let mut example = Example::exchange();
        example.gate("mailflow", crate::model::Per::Host, 0);
        example.plan("2007-05-08 12:00Z")
    }

    /// One of everything.
    fn events() -> Vec<(Event, Option<Task>)> {
        let (host, step, stage) = (HostIdx(3), 0, 1);
        let targets = [
            Target::Rollout,
            Target::Stage(stage),
            Target::Region(RegionId(1)),
            Target::Site(SiteId(1)),
            Target::Batch { stage, turn: 0, lane: 0, batch: 0 },
            Target::Host(host),
        ];
        let subjects = [
            GateSubject::Host(host),
            GateSubject::Site { stage, site: SiteId(0) },
            GateSubject::Region { stage, region: RegionId(0) },
            GateSubject::Batch { stage, turn: 1, lane: 2, batch: 3 },
        ];
        let gates = subjects.map(|subject| Task::Probe { question: Question::Gate { gate: GateId(0), subject } });
        let timeout = Duration::from_seconds(5);
        let tasks = gates.into_iter().chain([
            Task::Run { host, step, attempt: 1 },
            Task::Undo { host, step, attempt: 2 },
            Task::Verify { host, step },
            Task::Probe { question: Question::Wait { host, step, timeout } },
        ]);
        let detail = "exit code 1: \u{1b}\"'\n".to_owned();
        let results = [
            StepResult::Succeeded,
            StepResult::TimedOut,
            StepResult::Failed { detail: detail.clone() },
            StepResult::NotStarted { detail: detail.clone() },
        ];
        let answers = [Answer::Pass, Answer::Fail, Answer::Unknown];
        let settlements = [Settlement::Done, Settlement::Again, Settlement::Failed, Settlement::Mended];
        let acts = targets
            .into_iter()
            .flat_map(|target| {
                [PersonAct::Hold { target }, PersonAct::Resume { target }, PersonAct::Rollback { target }]
            })
            .chain([PersonAct::Approve { stage }, PersonAct::Deny { stage }])
            .chain(settlements.map(|settlement| PersonAct::Settle { host, settlement }));
        let task = TaskId(7);
        let ended = results.into_iter().map(|result| Event::StepEnded { task, result });
        let answered = answers.into_iter().map(|answer| Event::ProbeAnswered { task, answer, detail: detail.clone() });
        let said = acts.map(|act| Event::Said { person: "ada".to_owned(), act });
        let plain = [Event::Started, Event::TimerFired { timer: TimerId(1) }, Event::TaskLost { task }];
        let plain = plain.into_iter().chain(ended).chain(answered).chain(said).map(|event| (event, None));
        tasks.map(|work| (Event::TaskBegan { task }, Some(work))).chain(plain).collect()
    }

    #[test]
    fn what_is_written_is_read_back() {
        let plan = plan();
        for (event, work) in events() {
            let json = Payload::new(&event, work.as_ref(), &plan).unwrap().to_json();
            let read = Payload::from_json(&json).and_then(|payload| payload.event(&plan));
            assert_eq!(read, Ok((event, work)), "{json}");
        }
    }

    #[test]
    fn a_name_that_is_not_at_its_place_is_damage() {
        let plan = plan();
        for json in [
            r#"{"kind":"task_began","task":1,"work":{"verify":{"host":[0,"nobody"],"step":[0,"install"]}}}"#,
            r#"{"kind":"task_began","task":1,"work":{"verify":{"host":[9999,""],"step":[0,"install"]}}}"#,
            r#"{"kind":"said","person":"ada","act":{"approve":{"stage":[77,"world"]}}}"#,
        ] {
            let read = Payload::from_json(json).unwrap().event(&plan);
            assert!(read.as_ref().is_err_and(|cause| cause.starts_with("the plan has no ")), "{read:?}");
        }
    }

    #[test]
    fn nonsense_is_no_payload() {
        for json in
            ["", "{}", "[]", r#"{"kind":"sung"}"#, r#"{"kind":"timer_fired"}"#, r#"{"kind":"timer_fired","timer":-1}"#]
        {
            assert!(Payload::from_json(json).is_err(), "{json}");
        }
    }

    #[test]
    fn the_page_shows_payloads_as_they_are() {
        let page = include_str!("../../../docs/journal.md");
        let lines: Vec<&str> = page.lines().filter(|line| line.starts_with("{\"kind\"")).collect();
        assert!(lines.len() >= 8);
        for line in lines {
            let payload = Payload::from_json(line).unwrap_or_else(|cause| panic!("{line}: {cause}"));
            assert_eq!(payload.to_json(), line);
        }
    }
}
