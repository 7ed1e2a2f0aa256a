//! Runs and rehearsals from begin to end, over plans built by hand; crashes and what comes after them.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "looks at what the processes left behind, and at the clock"
)]

#[path = "run/crashes.rs"]
mod crashes;
#[path = "run/field.rs"]
mod field;
#[path = "run/people.rs"]
mod people;
#[path = "run/plans.rs"]
mod plans;
#[path = "run/rehearsals.rs"]
mod rehearsals;
#[path = "run/steps.rs"]
mod steps;
#[path = "run/stops.rs"]
mod stops;
