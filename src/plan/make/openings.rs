use std::sync::Arc;

use crate::model::{Model, SiteId, Stage};
use crate::plan::contract::bounds;
use crate::plan::make::Maker;
use crate::time::{Bound, Duration, Interval, Moment, NoFit, Schedule};

/// A schedule's place among the distinct schedules of the sites, each with what a stage's batches must have ended by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ScheduleId(u32);

/// When a batch can start: the schedules' answers, remembered, since the lanes of a zone ask the same question at the
/// same moments.
pub(super) struct Openings<'a> {
    model: &'a Model,
    length: Duration,
    bounded: Vec<Bounded>,
    of_sites: Vec<ScheduleId>,
    seen: Vec<Option<Seen>>,
}

struct Bounded {
    schedule: Arc<Schedule>,
    bounds: Vec<Bound>,
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

impl<'a> Openings<'a> {
    pub(super) fn of(model: &'a Model) -> Openings<'a> {
        Openings { model, length: Duration::ZERO, bounded: Vec::new(), of_sites: Vec::new(), seen: Vec::new() }
    }

    /// From here on it is asked for another stage's batches.
    pub(super) fn begin(&mut self, maker: &Maker, length: Duration, stage: &Stage) {
        self.length = length;
        self.bounded.clear();
        self.of_sites.clear();
        for site in &self.model.sites {
            let finishes = maker.finishes(stage, site.region);
            let bounds = bounds(finishes.into_iter().map(|(finish, _)| finish), site.coordinates);
            let is_same = |known: &Bounded| {
                known.bounds == bounds
                    && (Arc::ptr_eq(&known.schedule, &site.schedule) || known.schedule == site.schedule)
            };
            let known = self.bounded.iter().position(is_same);
            self.of_sites.push(ScheduleId(known.unwrap_or(self.bounded.len()) as u32));
            if known.is_none() {
                self.bounded.push(Bounded { schedule: site.schedule.clone(), bounds });
            }
        }
        self.seen.clear();
        self.seen.resize(self.bounded.len(), None);
    }

    /// INVARIANT: every `SiteId` of the planner is a place among the model's sites.
    pub(super) fn of_site(&self, site: SiteId) -> ScheduleId {
        self.of_sites[site.0 as usize]
    }

    /// The earliest start of a batch from `at` on.
    pub(super) fn fit(&mut self, id: ScheduleId, at: Moment) -> Result<Fit, NoFit> {
        let Bounded { schedule, bounds } = &self.bounded[id.0 as usize];
        let seen = &mut self.seen[id.0 as usize];
        if let Some(Seen { fit, .. }) = seen.filter(|seen| seen.from <= at && at <= seen.fit.start) {
            return Ok(fit);
        }
        let start = schedule.earliest_fit(at, self.length, bounds)?;
        let is_always_open = schedule.windows.is_empty() && schedule.freezes.is_empty();
        let stretch_from = |at| schedule.next_open(at).filter(|open| open.contains(start) || open.start == start);
        let window = if is_always_open { None } else { stretch_from(at).or_else(|| stretch_from(start)) };
        let fit = Fit { start, window };
        *seen = Some(Seen { from: at, fit });
        Ok(fit)
    }

    /// When the next window opens, `at` itself where one is open; none where none opens within 400 days.
    pub(super) fn opens_at(&self, id: ScheduleId, at: Moment) -> Option<Moment> {
        self.bounded[id.0 as usize].schedule.next_open(at).map(|open| open.start)
    }
}
