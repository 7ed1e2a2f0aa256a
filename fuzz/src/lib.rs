//! The functions that are fuzzed. They stand beside the tests, which run them too.

#[path = "../../tests/support/targets/mod.rs"]
mod targets;

pub use targets::{Target, target};
