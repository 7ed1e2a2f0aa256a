//! Plans, stories and histories as text for people and as JSON for their tools.
//!
//! In: a finished value. Out: text; the command writes it where it belongs. Never: asks the runner again, touches the
//! world, lets a name out as it came ([`crate::diagnostic::harmless`]). Start at [`plan_text`].

mod bar;
mod claims;
mod coverage;
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
mod test_formats;
mod test_text;
mod tests;
mod walk_text;
mod why_json;
mod why_run;
mod why_text;
mod words;

pub use bar::Ink;
pub use coverage::{Coverage, Missed, coverage};
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
pub use test_formats::{tests_json, tests_junit, tests_tap};
pub use test_text::tests_text;
pub use tests::{Failed, Tested, tested};
pub use walk_text::{
    comparison_text, end_sentence, host_sentence, moved_text, refusal_sentence, story_text, view_text,
};
pub use why_json::{no_target_json, why_json};
pub use why_run::standing;
pub use why_text::{reasons_text, why_text};
