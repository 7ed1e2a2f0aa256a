use crate::diagnostic::Problems;
use crate::inventory::Fleet;
use crate::model::{Model, Rollout};
use crate::plan::{Fingerprint, Plan};
use crate::time::Moment;

/// Plans one rollout of the model from `starts_at` on. The same arguments give the same plan, byte for byte.
///
/// # Errors
/// Every problem that makes the plan impossible, in one go: targets in no stage, stages without hosts, budgets that a
/// batch would break or that can never hold, batches that fit no window. Warnings come with a plan.
pub fn make(
    model: &Model,
    rollout: &Rollout,
    fleet: &Fleet,
    starts_at: Moment,
    script: &str,
    fingerprint: Fingerprint,
) -> (Option<Plan>, Problems) {
    let _ = (model, rollout, fleet, starts_at, script, fingerprint);
    unimplemented!("plan room")
}
