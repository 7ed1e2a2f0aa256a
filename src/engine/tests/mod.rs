//! Each behaviour of the engine on plans that are as small as they can be, in a world that answers as it is told.

mod ahead;
mod budgets;
mod deadline;
mod fixtures;
mod forward;
mod gates;
mod people;
mod properties;
mod rollback;
mod rules;
mod sliding;
mod steps;
mod world;
