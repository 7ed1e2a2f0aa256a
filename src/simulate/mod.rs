//! The engine in a made-up world: every outcome, and the shortest story that leads to a bad one.
//!
//! In: a plan, and what must always or never be so. Out: an [`Exploration`] with what was met and a [`Story`] for each thing
//! that can go wrong. Never: decides anything (that is the engine), tells it in words (that is `report`), touches the
//! world. Start at [`explore`].

mod apart;
mod choices;
mod claim;
mod explore;
mod known;
mod outcomes;
mod state;
mod story;

pub use explore::{Block, Bounds, Endings, Exploration, Finding, Wrong, explore};
pub use outcomes::Outcomes;
pub use state::{Choice, Ending};
pub use story::{Scene, Story, Told};
