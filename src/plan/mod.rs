//! Model + fleet + start → stages, batches, times; the saved plan.
//!
//! In: a checked [`crate::model::Rollout`] with its fleet, and the moment it starts. Out: a [`Plan`], which holds everything
//! that a run needs and nothing that must be read again, or the problems that make one impossible. Never: reads the
//! script, touches the world. Start at [`make`].

mod contract;
mod diff;
#[cfg(test)]
pub(crate) mod example;
mod ledger;
mod make;
mod peaks;
mod saved;
mod why;

pub use contract::{
    AtOnceLimit, BatchLimit, BatchPlan, BudgetGroup, Fingerprint, HostIdx, Input, Lane, Plan, PlanHost, PlanPackage,
    PlanRefinement, PlanRegion, PlanService, PlanSite, PlanWorkaround, RegionTurn, StagePlan, ValueColumn,
};
pub use diff::{HostChange, PlanDiff, WindowChange, diff};
pub use ledger::{Ledger, NoRoom};
pub use make::{check, make};
pub use peaks::most_down;
pub use saved::{PLAN_VERSION, PlanFault, from_json, to_json};
pub use why::{Asked, Reason, Said, Seat, Topic, Why, why, why_no_target, why_not_at};
