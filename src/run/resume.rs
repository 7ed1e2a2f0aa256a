use crate::engine::{Event, Outcome, Task, TaskId};
use crate::plan::Plan;
use crate::run::begin::{Parts, claims, durability};
use crate::run::clock::Clock;
use crate::run::controller::{Controller, Settings};
use crate::run::find::{Wanted, find};
use crate::run::journal::{Journal, RunRecord};
use crate::run::lock::RunLock;
use crate::run::record::Record;
use crate::run::replay::Replay;
use crate::run::survivors::Survivor;
use crate::run::{Rehearsal, RunFault, StateFolder};
use crate::time::zone_data_version;

impl Controller {
    /// Goes on with a run from its journal; the newest unfinished one where none is named. Holds are lifted by what people
    /// say ([`crate::run::act`]), before or after.
    pub fn resume(state: &StateFolder, run: Option<&str>, settings: Settings) -> Result<Controller, RunFault> {
        let found = find(&Journal::open_to_read(state)?, run, Wanted::Unfinished)?;
        let lock = RunLock::take(state, &found.id)?;
        let rehearsal = match &found.rehearsal {
            Some(wishes) => Some(wishes_of(wishes, &found)?),
            None => None,
        };
        let mut journal = Journal::open(state, durability(rehearsal.as_ref()))?;
        journal.check_pages()?;
        // Between the look and the lock another controller may have gone on.
        let found = find(&journal, Some(&found.id), Wanted::Any)?;
        refuse_finished(&journal, &found)?;
        let replay = Replay::of(&journal, &found)?;
        refuse_moved_times(replay.engine.plan(), &found)?;

        let writer = journal.writer(&found)?;
        let names = if rehearsal.is_some() { Vec::new() } else { claims(replay.engine.plan()) };
        journal.reopen(&writer, &names)?;
        let last = replay.at().unwrap_or(replay.engine.plan().starts_at);
        let clock = if rehearsal.is_some() { Clock::virtual_from(last) } else { Clock::wall(last) };
        let has_started = !replay.events.is_empty();
        let parts = Parts { engine: replay.engine, desk: replay.desk, clock, rehearsal, settings, lock };
        let mut controller = Controller::assemble(state, Record::new(journal, writer), parts)?;
        if !has_started {
            controller.first.push(Event::Started);
        }
        controller.pick_up();
        Ok(controller)
    }

    /// What was under way when the last controller ended: what touches nothing outside goes on, the rest is lost; where its
    /// process still runs, once that has ended.
    fn pick_up(&mut self) {
        let under_way: Vec<(TaskId, Task)> =
            self.desk.under_way().iter().map(|(id, under_way)| (*id, under_way.task.clone())).collect();
        let mut lost = Vec::new();
        for (task, work) in under_way {
            match self.dispatch.prepare(task, &work) {
                prepared if prepared.is_known() => self.stand_again(task, prepared),
                _ => lost.push((task, work)),
            }
        }
        let limits = lost.iter().filter_map(|(task, work)| {
            let limit = std::time::Duration::from_secs(self.dispatch.limit(work)?.seconds());
            Some((self.dispatch.mark(*task), limit))
        });
        self.survivors = Survivor::find(limits.collect());
        lost.retain(|(task, _)| !self.survivors.contains_key(task));
        self.first.extend(lost.into_iter().map(|(task, _)| Event::TaskLost { task }));
    }
}

fn wishes_of(wishes: &str, run: &RunRecord) -> Result<Rehearsal, RunFault> {
    Rehearsal::from_json(wishes).map_err(|cause| RunFault::DamagedPlan { run: run.id.clone(), cause })
}

/// A complete run goes on only where somebody has asked for more of it, such as a rollback.
fn refuse_finished(journal: &Journal, run: &RunRecord) -> Result<(), RunFault> {
    match run.outcome {
        Some(outcome @ (Outcome::Complete | Outcome::RolledBack)) if journal.waiting_acts(run.key)?.is_empty() => {
            Err(RunFault::Finished { run: run.id.clone(), outcome })
        }
        _ => Ok(()),
    }
}

/// The plan's times were approved as instants. Where newer zone data moves a window they are not what people meant.
fn refuse_moved_times(plan: &Plan, run: &RunRecord) -> Result<(), RunFault> {
    let now = zone_data_version();
    if plan.zone_data == now {
        return Ok(());
    }
    match first_moved_site(plan) {
        Some(site) => Err(RunFault::ZoneDataMoved {
            run: run.id.clone(),
            then: plan.zone_data.clone(),
            now: now.to_owned(),
            site: site.to_owned(),
        }),
        None => Ok(()),
    }
}

fn first_moved_site(plan: &Plan) -> Option<&str> {
    let turns = plan.stages.iter().flat_map(|stage| &stage.turns);
    let batches = turns.flat_map(|turn| &turn.lanes).flat_map(|lane| &lane.batches);
    batches.into_iter().find_map(|batch| {
        let window = batch.window?;
        let site = plan.sites.get(plan.hosts.get(batch.hosts.first()?.0 as usize)?.site.0 as usize)?;
        let open = site.schedule.next_open(window.start);
        (open != Some(window)).then_some(site.name.as_str())
    })
}
