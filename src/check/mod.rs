//! Tree + fleet → model + all problems: names, types, selectors, regions, packages, undo, permissions; one file a family.
//!
//! In: the trees of a script and its modules, the fleet, the calendars read from files. Out: [`Checked`]: the model as far
//! as it is sound, and every problem, each once and at its place. Never: reads a file, stops at the first mistake, works
//! out a time or a batch (that is `plan`). Start at [`check`].

mod ahead;
mod always_true;
mod arithmetic;
mod ask;
mod broken_claims;
mod bulletin;
mod calendars;
mod call;
mod claims;
mod command;
mod compare;
mod conditions;
mod connect;
mod contained;
mod conversion;
mod coordinates;
mod deadline;
mod definitions;
mod effort;
mod entry;
mod evaluate;
mod gates;
mod givens;
mod hidden;
mod host_problems;
mod known_values;
mod lifts;
mod lookup;
mod membership;
mod names;
mod no_shell;
mod notices;
mod once;
mod order_by;
mod owners;
mod policy;
mod quantified;
mod refine;
mod regions;
mod rollout;
mod rules;
mod runbook;
mod said_stages;
mod selector;
mod selects_nothing;
mod services;
mod sites;
mod stage;
mod teams;
mod term;
mod test_blocks;
mod texts;
mod unused;
mod used;
mod walk;
mod workaround;

pub use ask::{Answer, Asked, ask, ask_by};
pub use entry::{Checked, Input, Module, Origin, Unread, check};

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;
