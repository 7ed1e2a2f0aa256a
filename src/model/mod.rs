//! A checked rollout as plain values; no logic.
//!
//! In: made by `check`. Out: read by `plan`, and in part carried on by the plan. Never: looks anything up, decides.
//! Start at [`Model`] and [`Rollout`].

mod claim;
mod command;
mod fleet;
mod gate;
mod policy;
mod refinement;
mod rollout;
mod runbook;
mod scenario;
mod test;

pub use claim::{Claim, Counted, CountedIn, Hosts, Property, PropertyKind, ServiceId, State, Subject, Term};
pub use command::{Argument, Command, Part};
pub use fleet::{
    Budget, Connection, Keep, Permission, Region, RegionId, Service, Site, SiteId, Team, TeamId, Verb, Where,
};
pub use gate::{Gate, GateId, Per, Probe};
pub use policy::{Demand, Policy, PolicyRule};
pub use refinement::Refinement;
pub use rollout::{
    Act, Approval, AtOnce, Batch, Bulletin, Condition, Deadline, DeadlineAt, Finish, HostOrder, Model, OrderKey,
    Otherwise, Package, PackageId, Pick, Recipient, RegionOrder, Rollout, Rule, Scope, Severity, Stage, StageKind,
    StatedSeverity, Workaround, WorkaroundId,
};
pub use runbook::{Action, Retry, Step, Undo, Wait};
pub use scenario::{ActPlace, ApprovalAnswer, Given, Happening, Place, Reply, Spoken, StepOutcome, When};
pub use test::{By, Draw, Expectation, Test};
