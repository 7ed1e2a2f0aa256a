//! Plans, stories and histories as text for people and as JSON for their tools.
//!
//! In: a finished value. Out: text; the command writes it where it belongs. Never: asks the runner again, touches the
//! world, lets a name out as it came ([`crate::diagnostic::harmless`]). Start at [`plan_text`].

mod bar;
mod claims;
mod diff_json;
mod diff_parts;
mod diff_text;
mod explore_json;
mod explore_text;
mod inventory;
mod inventory_diff;
mod places;
mod plan_json;
mod plan_parts;
mod plan_text;
mod progress;
mod simulate_json;
mod simulate_text;
mod slides;
mod status_json;
mod status_text;
mod table;
mod verdict;
mod verdict_json;
mod verdict_junit;
mod verdict_tap;
mod verdict_text;
mod walk_text;
mod why_json;
mod why_run;
mod why_text;
mod words;

pub use bar::Ink;
pub use diff_json::diff_json;
pub use diff_parts::{PlanDifference, difference};
pub use diff_text::diff_text;
pub use explore_json::explore_json;
pub use explore_text::explore_text;
pub use inventory::{inventory_json, inventory_text};
pub use inventory_diff::{inventory_diff_json, inventory_diff_text};
pub use plan_json::plan_json;
pub use plan_text::{PlanTextOptions, plan_text};
pub use progress::{outcome_sentence, progress_line, waiting_sentence};
pub use simulate_json::simulate_json;
pub use simulate_text::{SimulateTextOptions, simulate_text};
pub use status_json::{runs_json, status_json};
pub use status_text::{runs_text, status_text};
pub use table::{Side, Table};
pub use verdict::{Failure, Verdict};
pub use verdict_json::verdict_json;
pub use verdict_junit::verdict_junit;
pub use verdict_tap::verdict_tap;
pub use verdict_text::verdict_text;
pub use walk_text::{
    comparison_text, end_sentence, host_sentence, moved_text, refusal_sentence, story_text, view_text,
};
pub use why_json::{no_target_json, why_json};
pub use why_run::standing;
pub use why_text::{reasons_text, why_text};
