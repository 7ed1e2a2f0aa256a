//! Load, check and plan: what every front end calls, and what an embedding program sees.
//!
//! In: a [`crate::world::World`] and the path of a script. Out: a [`Session`] with its sources, fleet, model and problems, and from it
//! plans. Never: prints, runs anything. Start at [`Session::load`].
//!
//! ```
//! use std::path::Path;
//! use sunup::session::Session;
//! use sunup::world::MemoryWorld;
//!
//! let world = MemoryWorld::new()
//!     .file("hosts.csv", "name,role\nweb-1,web\nweb-2,web\n")
//!     .file("rollout.sunup", r#"
//!         inventory "hosts.csv"
//!         regions by role { }
//!         bulletin fix { package all { install "fix.sh" } }
//!         runbook apply-fix { step install { run package.install  needs no undo  takes 5m } }
//!         rollout today {
//!           apply fix with apply-fix
//!           to role == "web"
//!           guinea-pig first { hosts 1 }
//!           wave rest { batch 1 }
//!         }
//!     "#);
//! let session = Session::load(&world, Path::new("rollout.sunup"));
//! let planned = session.plan(None, None);
//! assert_eq!(planned.plan.expect("it is sound").stages.len(), 2);
//! ```

pub mod compare;
mod fingerprint;
mod given;
mod inventory;
mod load;
mod mend;
mod plan;

pub use inventory::{LoadedInventory, load_inventory};
pub use load::{ProgramFile, Session};
pub use mend::{Change, Done, Mending};
pub use plan::Planned;
