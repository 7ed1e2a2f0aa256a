//! What we tell people: codes, labels, help, near misses. One value, a file for each rendering.
//!
//! In: what a room found. Out: [`Problems`], and their renderings. Never: decides whether something is wrong, prints.
//! Start at [`Problem`].

mod code;
mod harmless;
mod mend;
mod near;
mod problem;
mod render;

pub use code::Code;
#[cfg(feature = "cli")]
pub(crate) use harmless::begins_command;
pub(crate) use harmless::find_harm;
pub use harmless::{harmless, is_harmful};
pub use mend::{Mend, Mended, mend};
pub use near::{is_certain, nearest};
pub use problem::{Edit, Fix, Label, Problem, Problems, Severity};
#[cfg(feature = "cli")]
pub use render::{Look, fancy};
pub use render::{github, json, plain, sarif, short};
