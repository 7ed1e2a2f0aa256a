//! One problem value, a file for each way of showing it.
//!
//! In: problems and the sources they point into. Out: text. Never: lets a character of others reach a terminal, a log or
//! a page as it is, decides about colours, prints. Start at `plain`.

#[cfg(feature = "cli")]
mod excerpt;
#[cfg(feature = "cli")]
mod fancy;
mod github;
mod json;
mod machine;
mod place;
mod plain;
mod sarif;
mod short;
mod shown;

#[cfg(feature = "cli")]
pub use fancy::{Look, fancy};
pub use github::github;
pub use json::json;
pub use plain::plain;
pub use sarif::sarif;
pub use short::short;
