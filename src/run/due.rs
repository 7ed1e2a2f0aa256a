use std::time::Duration as Patience;

use crate::engine::{Event, PersonAct, TaskId, TimerId, Waiting};
use crate::run::RunFault;
use crate::run::controller::{Controller, LOOK_EVERY};
use crate::run::observer::Observer;
use crate::run::record::Origin;
use crate::time::Moment;

/// The next thing that happens by itself.
#[derive(Debug, Clone, Copy)]
enum Due {
    Result((Moment, TaskId)),
    Timer(Moment, TimerId),
}

impl Due {
    fn at(self) -> Moment {
        match self {
            Due::Result((at, _)) | Due::Timer(at, _) => at,
        }
    }
}

impl Controller {
    /// Lets everything happen whose moment is here: results in the order of their tasks, then timers.
    pub(super) fn let_happen(&mut self) -> bool {
        // On a virtual clock the order must not depend on which process was faster.
        if self.clock.is_virtual() && (self.is_busy() || self.may_begin()) {
            return false;
        }
        let now = self.clock.now();
        let mut has_some = false;
        while let Some(due) = self.next_due().filter(|due| due.at() <= now) {
            has_some = true;
            match due {
                Due::Result(place) => {
                    if let Some((event, output)) = self.standing.remove(&place) {
                        self.happen(&event, Origin { output, ..Origin::default() });
                    }
                }
                Due::Timer(_, timer) => self.happen(&Event::TimerFired { timer }, Origin::default()),
            }
            if self.clock.is_virtual() && self.may_begin() {
                // What has just been handed out begins at this moment too, before more happens.
                break;
            }
        }
        has_some
    }

    fn next_due(&self) -> Option<Due> {
        let result = self.standing.first_key_value().map(|(place, _)| Due::Result(*place));
        let timer = self.desk.next_timer().map(|(at, timer)| Due::Timer(at, timer));
        match (result, timer) {
            (Some(result), Some(timer)) if timer.at() < result.at() => Some(timer),
            (Some(result), _) => Some(result),
            (None, timer) => timer,
        }
    }

    pub(super) fn wait(&mut self, observer: &mut dyn Observer) -> Result<(), RunFault> {
        if !self.is_busy() && self.clock.is_virtual() && self.skip() {
            return Ok(());
        }
        self.flush(None, observer)?;
        self.tell_waiting(observer);
        let patience = self.patience();
        if let Some((task, report)) = self.crew.report_within(patience) {
            self.stand(task, report);
        }
        Ok(())
    }

    /// In a rehearsal nobody waits: approvals are given, and the clock goes to the next thing that happens.
    fn skip(&mut self) -> bool {
        let approval = self.engine.waiting().into_iter().find_map(|waiting| match waiting {
            Waiting::Approval { stage, .. } => Some(stage),
            _ => None,
        });
        match (approval, self.next_due()) {
            (Some(stage), _) if self.approves_itself => {
                let person = REHEARSAL.to_owned();
                self.happen(&Event::Said { person, act: PersonAct::Approve { stage } }, Origin::default());
                true
            }
            // Else the approval's time would be over before anybody could speak.
            (Some(_), None | Some(Due::Timer(..))) => false,
            (_, Some(due)) => {
                self.clock.jump(due.at());
                true
            }
            (None, None) => false,
        }
    }

    fn tell_waiting(&mut self, observer: &mut dyn Observer) {
        if self.is_busy() {
            return;
        }
        let waiting = self.engine.waiting();
        if !waiting.is_empty() && waiting != self.told_waiting {
            observer.waits(&waiting, self.next_due().map(|due| due.at()), &self.plan);
            self.told_waiting = waiting;
        }
    }

    fn patience(&mut self) -> Patience {
        if self.clock.is_virtual() {
            return LOOK_EVERY;
        }
        let now = self.clock.now();
        let until = self.next_due().map(|due| (due.at() - now).to_std().unwrap_or_default());
        // The clock shows whole seconds, so that what is due in one may be due at once.
        until.map_or(LOOK_EVERY, |until| until.clamp(Patience::from_millis(10), LOOK_EVERY))
    }
}

/// Who approves in a rehearsal.
const REHEARSAL: &str = "rehearsal";
