use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::{AtOnce, Batch, Finish, GateId, RegionId, SiteId};
use crate::source::Span;
use crate::time::{Duration, Schedule};

/// What the team of a region tightens of a rollout: it holds in every stage in which the region takes part. That it only
/// tightens is proved by the planner, which knows the hosts of each stage.
#[derive(Debug, Clone, PartialEq)]
pub struct Refinement {
    pub region: RegionId,
    /// In the place of those that the region's sites have; empty where nothing is said of windows and freezes.
    pub schedules: BTreeMap<SiteId, Arc<Schedule>>,
    /// Where the windows and freezes of these schedules are written, as in [`crate::model::Region::window_spans`].
    pub window_spans: Vec<Span>,
    /// In the place of what the stages say.
    pub batch: Option<Batch>,
    pub at_once: Option<AtOnce>,
    pub soak: Option<Duration>,
    /// Asked beside those of the stages.
    pub gates: Vec<GateId>,
    /// Holds beside what the stages say.
    pub finish_before: Option<Finish>,
    pub soak_span: Option<Span>,
    pub finish_span: Option<Span>,
    /// The region's name, where it is refined.
    pub span: Span,
}
