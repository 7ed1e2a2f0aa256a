use std::sync::Arc;

use chrono::NaiveTime;

use crate::model::{Model, SiteId};
use crate::time::{Duration, Interval, Moment, NoFit, Schedule};

/// A schedule's place among the distinct schedules of the sites.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ScheduleId(u32);

/// When a batch can start: the schedules' answers, remembered, since the lanes of a zone ask the same question at the
/// same moments.
pub(super) struct Openings {
    schedules: Vec<Arc<Schedule>>,
    of_sites: Vec<ScheduleId>,
    length: Duration,
    finish_before: Option<NaiveTime>,
    seen: Vec<Option<Seen>>,
}

/// Where and in which stretch of open time a batch can start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fit {
    pub(super) start: Moment,
    /// None where it is always open.
    pub(super) window: Option<Interval>,
}

/// The answer to a question asked at `from` is the answer to every question asked until `fit.start`.
#[derive(Debug, Clone, Copy)]
struct Seen {
    from: Moment,
    fit: Fit,
}

impl Openings {
    pub(super) fn of(model: &Model) -> Openings {
        let mut schedules: Vec<Arc<Schedule>> = Vec::new();
        let mut of_sites = Vec::with_capacity(model.sites.len());
        for site in &model.sites {
            let is_same = |known: &Arc<Schedule>| Arc::ptr_eq(known, &site.schedule) || *known == site.schedule;
            let known = schedules.iter().position(is_same);
            of_sites.push(ScheduleId(known.unwrap_or(schedules.len()) as u32));
            if known.is_none() {
                schedules.push(site.schedule.clone());
            }
        }
        let seen = vec![None; schedules.len()];
        Openings { schedules, of_sites, length: Duration::ZERO, finish_before: None, seen }
    }

    /// From here on it is asked for another stage's batches.
    pub(super) fn begin(&mut self, length: Duration, finish_before: Option<NaiveTime>) {
        self.length = length;
        self.finish_before = finish_before;
        self.seen.fill(None);
    }

    /// INVARIANT: every `SiteId` of the planner is a place among the model's sites.
    pub(super) fn of_site(&self, site: SiteId) -> ScheduleId {
        self.of_sites[site.0 as usize]
    }

    /// The earliest start of a batch from `at` on.
    pub(super) fn fit(&mut self, id: ScheduleId, at: Moment) -> Result<Fit, NoFit> {
        let schedule = &self.schedules[id.0 as usize];
        let seen = &mut self.seen[id.0 as usize];
        if let Some(Seen { fit, .. }) = seen.filter(|seen| seen.from <= at && at <= seen.fit.start) {
            return Ok(fit);
        }
        let start = schedule.earliest_fit(at, self.length, self.finish_before)?;
        let is_always_open = schedule.windows.is_empty() && schedule.freezes.is_empty();
        let stretch_from = |at| schedule.next_open(at).filter(|open| open.contains(start) || open.start == start);
        let window = if is_always_open { None } else { stretch_from(at).or_else(|| stretch_from(start)) };
        let fit = Fit { start, window };
        *seen = Some(Seen { from: at, fit });
        Ok(fit)
    }

    /// When the next window opens, `at` itself where one is open; none where none opens within 400 days.
    pub(super) fn opens_at(&self, id: ScheduleId, at: Moment) -> Option<Moment> {
        self.schedules[id.0 as usize].next_open(at).map(|open| open.start)
    }
}
