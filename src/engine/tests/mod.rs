//! Each behaviour of the engine on plans that are as small as they can be, in a world that answers as it is told.

mod fixtures;
mod forward;
mod world;
