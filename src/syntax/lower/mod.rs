//! Pairs of the grammar → the tree, and a problem for each piece that is wrong.
//!
//! In: the pairs of one file. Out: its items and problems. Never: looks a name up, asks whether a member is missing or
//! stands twice. Start at [`Lowering`].

mod bulletin;
mod claim;
mod command;
mod expression;
mod fleet;
mod gate;
mod item;
mod literal;
mod lowering;
mod policy;
mod rollout;
mod runbook;
mod test;
mod text;

pub(super) use lowering::Lowering;
