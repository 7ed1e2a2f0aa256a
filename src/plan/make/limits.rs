use crate::model::{AtOnce, Batch, Refinement, Scope, Stage};
use crate::plan::make::amount;

/// What `batch` or `at most … at once` makes of lanes.
#[derive(Clone, Copy)]
pub(super) struct Limits<'a> {
    /// Whether there is a lane a site, not one for the region.
    pub(super) are_of_sites: bool,
    /// The most batches of a lane under way at once.
    pub(super) width: usize,
    batch: Option<&'a Batch>,
    at_once: Option<&'a AtOnce>,
}

impl<'a> Limits<'a> {
    /// Of a stage in a region: what its refinement says goes before what the stage says.
    pub(super) fn of(stage: &'a Stage, refinement: Option<&'a Refinement>) -> Self {
        match refinement.filter(|refinement| refinement.batch.is_some() || refinement.at_once.is_some()) {
            Some(refinement) => Limits::new(refinement.batch.as_ref(), refinement.at_once.as_ref()),
            None => Limits::new(stage.batch.as_ref(), stage.at_once.as_ref()),
        }
    }

    fn new(batch: Option<&'a Batch>, at_once: Option<&'a AtOnce>) -> Self {
        let scope = at_once.map(|window| window.scope).or(batch.map(|batch| batch.scope));
        // More hosts than that there are not.
        let width = at_once.map_or(1, |window| window.most.clamp(1, u64::from(u32::MAX)) as usize);
        Limits { are_of_sites: scope == Some(Scope::Site), width, batch, at_once }
    }

    /// The most hosts of a batch of a lane of so many.
    pub(super) fn batch(self, hosts: usize) -> usize {
        match (self.at_once, self.batch) {
            (Some(_), _) => 1,
            (None, None) => hosts,
            (None, Some(batch)) => {
                let at_most = batch.at_most.map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX));
                amount::to_take(batch.amount, hosts).min(at_most).max(1)
            }
        }
    }

    /// The most hosts of a lane of so many that are changed before gates have answered.
    pub(super) fn at_once(self, hosts: usize) -> usize {
        self.batch(hosts).saturating_mul(self.width).min(hosts)
    }
}
