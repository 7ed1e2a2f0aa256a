use crate::plan::{BatchPlan, HostIdx, Lane};
use crate::time::Moment;

/// What a sliding lane does in one window, as one row: its batches are single hosts, and a million of them are no table.
pub(super) struct Slide<'a> {
    /// From the first begin to the last end; all hosts, in the order in which they begin.
    pub(super) whole: BatchPlan,
    batches: Vec<&'a BatchPlan>,
    /// Its first and its last batch, counted from 1 in the lane.
    first: usize,
    last: usize,
}

impl<'a> Slide<'a> {
    /// `1–40`; with dots where other windows have some of those between.
    pub(super) fn numbers(&self) -> String {
        match self.last - self.first {
            0 => self.first.to_string(),
            more if more < self.batches.len() => format!("{}–{}", self.first, self.last),
            _ => format!("{}…{}", self.first, self.last),
        }
    }

    /// When each of its hosts begins and ends.
    pub(super) fn hosts(&self) -> impl Iterator<Item = (HostIdx, Moment, Moment)> {
        let times = |batch: &&'a BatchPlan| {
            let (start, end) = (batch.starts_at, batch.ends_at);
            batch.hosts.iter().map(move |host| (*host, start, end))
        };
        self.batches.iter().flat_map(times)
    }
}

/// One for each close of a window in which the lane works, in the order of their begins.
pub(super) fn slides(lane: &Lane) -> Vec<Slide<'_>> {
    let mut slides: Vec<Slide> = Vec::new();
    let closes = |batch: &BatchPlan| batch.window.map(|window| window.end);
    for (number, batch) in (1..).zip(&lane.batches) {
        // Those of several zones take turns, and few windows are open at once.
        let same = slides.iter_mut().rev().take(MOST_ZONES).find(|slide| closes(&slide.whole) == closes(batch));
        match same {
            Some(slide) => {
                slide.whole.hosts.extend(&batch.hosts);
                slide.whole.ends_at = slide.whole.ends_at.max(batch.ends_at);
                slide.batches.push(batch);
                slide.last = number;
            }
            None => slides.push(Slide { whole: batch.clone(), batches: vec![batch], first: number, last: number }),
        }
    }
    slides
}

/// More than there are.
const MOST_ZONES: usize = 64;
