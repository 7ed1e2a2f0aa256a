//! The rollout as one pure state machine: (state, event) → (state, commands).
//!
//! Gates, approvals, rules, retries, timeouts, rollback, holds, budgets under failure, windows and soaks while running are
//! decided here and nowhere else. In: a plan, and events with the moment at which they happened. Out: commands. Never:
//! asks the time, touches the world, forgets the order. Start at [`Engine::apply`].

mod ahead;
mod approvals;
mod budgets;
mod command;
mod deadline;
mod event;
mod gates;
mod holds;
mod hosts;
mod key;
mod lanes;
mod layout;
mod machine;
mod people;
mod permission;
mod queries;
mod rest;
mod rollback;
mod rules;
mod stages;
mod standing;
mod status;
mod tally;
mod work;

pub use command::{Command, GateSubject, Question, Task, TaskId, TimerId};
pub use event::{Answer, Event, PersonAct, Settlement, StepResult, Target};
pub use key::{Key, Kinds};
pub use machine::Engine;
pub use permission::{Refusal, may, who_may};
pub use rest::RegionRest;
pub use status::{Hold, HostState, Outcome, RegionState, Status, TimerFor, Waiting};
pub use tally::Progress;

#[cfg(test)]
mod tests;
