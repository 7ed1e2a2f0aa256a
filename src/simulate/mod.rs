//! The engine in a made-up world: one scenario walked through, many runs by chance, or every outcome and the shortest
//! story that leads to a bad one.
//!
//! In: a plan, and what is given, likely or claimed. Out: a [`Walk`], a [`Story`], an [`Exploration`]. Never: decides
//! anything (that is the engine), tells it in words (that is `report`), touches the world. Start at [`World`] for what
//! answers the engine, at [`story`] for one run, at [`explore`] for all of them.

mod apart;
mod binding;
mod chance;
mod choices;
mod claim;
mod explore;
mod fit;
mod known;
mod many;
mod outcomes;
mod played;
mod scenario;
mod state;
mod story;
mod trial;
mod view;
mod walk;
mod watch;
mod world;

pub use binding::{Binding, Waited};
pub use chance::{Odds, Spread, StepOdds};
pub use claim::hosts_of_term;
pub use explore::{Block, Bounds, Endings, Exploration, Finding, Wrong, explore};
pub use fit::{Fit, GateSeen, StepSeen};
pub use many::{Ends, RegionTrials, ServiceTrials, Simulation, Times, Trials, simulate, simulate_from};
pub use outcomes::Outcomes;
pub use played::{Played, story, story_by_chance, story_with};
pub use scenario::Scenario;
pub use state::{Choice, Ending};
pub use story::{Scene, Story, Told};
pub use trial::{Judged, Part, Seen, Trial, try_test};
pub use view::{BudgetLeft, Comparison, HostComparison, View};
pub use walk::{Reached, Until, Walk};
pub use world::{End, World};
