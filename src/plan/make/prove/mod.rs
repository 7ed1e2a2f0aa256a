//! What must hold of a plan beyond that it can be made; one family a file.
//!
//! In: the model, the hosts of each stage, and where it could be planned its batches. Out: problems. Never: changes the plan.

pub(super) mod approvals;
mod batches;
pub(super) mod deadline;
pub(super) mod failures;
pub(super) mod finish;
pub(super) mod freezes;
pub(super) mod guinea_pigs;
pub(super) mod policies;
pub(super) mod refinements;
pub(super) mod rollbacks;
pub(super) mod rules;
pub(super) mod waits;
mod words;
