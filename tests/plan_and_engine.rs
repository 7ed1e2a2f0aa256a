//! The planner and the engine answer alike: where all goes well, a run begins and ends every batch and every stage at the
//! moment for which it was planned, and ends complete.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use sunup::engine::{Answer, Command, Engine, Event, Outcome, PersonAct, Status, StepResult, Task, TaskId, TimerId};
use sunup::plan::{Plan, from_json, to_json};
use sunup::session::Session;
use sunup::time::{Moment, later_by, show_utc};
use sunup::world::RealWorld;

#[test]
fn a_run_without_mishap_keeps_to_the_plan() {
    for (script, rollout) in [
        ("examples/exchange-2007/rollout.sunup", None),
        ("examples/linux-kernel/rollout.sunup", None),
        ("examples/office-matrix/rollout.sunup", Some("excel")),
        ("tests/cases/plan/batch_is_made_smaller.sunup", None),
        ("tests/cases/plan/the_sun_from_europe.sunup", None),
        ("tests/cases/plan/a_freeze_beats_a_window.sunup", None),
        ("tests/cases/plan/the_clocks_go_forward.sunup", None),
        ("tests/cases/plan/a_window_of_hosts_slides.sunup", None),
        ("tests/cases/plan/ahead_of_the_batches.sunup", None),
        ("tests/cases/plan/refine/team_australia.sunup", None),
    ] {
        let session = Session::load(&RealWorld, Path::new(script));
        let planned = session.plan(rollout, None);
        let plan = planned.plan.unwrap_or_else(|| panic!("{script}: {:#?}", planned.problems));
        // What runs is what was saved.
        let plan = from_json(&to_json(&plan)).unwrap();
        let told = Good::run(plan.clone());
        assert_eq!(told.finished, Some((plan.ends_at, Outcome::Complete)), "{script}");
        assert_eq!(lines(&told.seen), lines(&times_of(&plan)), "{script}");
    }
}

/// What begins or ends: stage, then turn, lane and batch where it is a batch.
type What = (u32, Option<(u32, u32, u32)>);
type Times = BTreeMap<What, (Option<Moment>, Option<Moment>)>;

fn times_of(plan: &Plan) -> Times {
    let mut times = Times::new();
    for (stage, planned) in (0..).zip(&plan.stages) {
        times.insert((stage, None), (None, Some(planned.ends_at)));
        for (turn, region) in (0..).zip(&planned.turns) {
            for (lane, batches) in (0..).zip(&region.lanes) {
                for (batch, one) in (0..).zip(&batches.batches) {
                    times.insert((stage, Some((turn, lane, batch))), (Some(one.starts_at), Some(one.ends_at)));
                }
            }
        }
    }
    times
}

fn lines(times: &Times) -> String {
    let show = |at: &Option<Moment>| at.map_or("?".to_owned(), show_utc);
    times.iter().map(|(what, (start, end))| format!("{what:?} {} {}\n", show(start), show(end))).collect()
}

/// A world in which every step does its work in the time that it takes, every gate passes when it is asked, and people
/// say yes at once.
struct Good {
    plan: Arc<Plan>,
    engine: Engine,
    queue: BTreeMap<(Moment, u64), Event>,
    queued: u64,
    seen: Times,
    finished: Option<(Moment, Outcome)>,
}

impl Good {
    fn run(plan: Plan) -> Good {
        let plan = Arc::new(plan);
        let engine = Engine::new(plan.clone());
        let mut good =
            Good { engine, queue: BTreeMap::new(), queued: 0, seen: Times::new(), finished: None, plan: plan.clone() };
        good.later(plan.starts_at, Event::Started);
        while let Some(((now, _), event)) = good.queue.pop_first() {
            for command in good.engine.apply(now, &event) {
                good.obey(now, command);
            }
        }
        good
    }

    fn later(&mut self, at: Moment, event: Event) {
        self.queue.insert((at, self.queued), event);
        self.queued += 1;
    }

    fn obey(&mut self, now: Moment, command: Command) {
        match command {
            Command::Begin { task, work } => self.work(now, task, &work),
            Command::SetTimer { timer, at } => self.later(at, Event::TimerFired { timer }),
            Command::CancelTimer { timer } => self.forget(timer),
            Command::Withdraw { .. } => panic!("nothing is held where all goes well"),
            Command::AskApproval { stage } => {
                let act = PersonAct::Approve { stage };
                self.later(now, Event::Said { person: "ops-lead".to_owned(), act });
            }
            Command::Tell(status) => self.note(now, status),
        }
    }

    fn work(&mut self, now: Moment, task: TaskId, work: &Task) {
        self.later(now, Event::TaskBegan { task });
        match work {
            Task::Run { step, .. } => {
                let ends_at = later_by(now, self.plan.steps[*step as usize].takes);
                self.later(ends_at, Event::StepEnded { task, result: StepResult::Succeeded });
            }
            Task::Verify { .. } => self.later(now, Event::StepEnded { task, result: StepResult::Succeeded }),
            Task::Undo { .. } => panic!("nothing is undone where all goes well"),
            Task::Probe { .. } => {
                self.later(now, Event::ProbeAnswered { task, answer: Answer::Pass, detail: String::new() });
            }
        }
    }

    fn forget(&mut self, cancelled: TimerId) {
        self.queue.retain(|_, event| !matches!(event, Event::TimerFired { timer } if *timer == cancelled));
    }

    fn note(&mut self, now: Moment, status: Status) {
        match status {
            Status::BatchBegan { stage, turn, lane, batch, .. } => {
                self.seen.entry((stage, Some((turn, lane, batch)))).or_default().0 = Some(now);
            }
            Status::BatchEnded { stage, turn, lane, batch, .. } => {
                self.seen.entry((stage, Some((turn, lane, batch)))).or_default().1 = Some(now);
            }
            Status::StageEnded { stage } => self.seen.entry((stage, None)).or_default().1 = Some(now),
            Status::Finished { outcome } => self.finished = Some((now, outcome)),
            _ => {}
        }
    }
}
