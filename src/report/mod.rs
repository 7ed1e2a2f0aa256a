//! Plans, stories and histories as text for people and as JSON for their tools.
//!
//! In: a finished value. Out: text; the command writes it where it belongs. Never: asks the runner again, touches the
//! world, lets a name out as it came ([`crate::diagnostic::harmless`]). Start at [`plan_text`].

mod inventory;
mod plan_json;
mod plan_text;
mod table;
mod words;

pub use inventory::{inventory_json, inventory_text};
pub use plan_json::plan_json;
pub use plan_text::{PlanTextOptions, plan_text};
