use clap::Parser;

use crate::cli::command;

/// Roll a change out over many machines: checked first, planned, rehearsed, run with a journal, undone
///
/// Exit codes: 0 fine, 1 problems found, 2 wrong usage, 3 the run stopped by its own rules.
#[derive(Debug, Parser)]
#[command(name = "sunup", version, max_term_width = 100, arg_required_else_help = true)]
pub struct Arguments {
    /// Print results only, no progress and no remarks
    #[arg(long, short, global = true)]
    pub quiet: bool,
    #[command(subcommand)]
    pub subcommand: Subcommand,
}

#[derive(Debug, clap::Subcommand)]
pub enum Subcommand {
    Check(command::check::CheckArguments),
    Fmt(command::fmt::FmtArguments),
    Plan(command::plan::PlanArguments),
    Diff(command::diff::DiffArguments),
    Why(command::why::WhyArguments),
    Explore(command::explore::ExploreArguments),
    Simulate(command::simulate::SimulateArguments),
    Inventory(command::inventory::InventoryArguments),
    Repl(command::repl::ReplArguments),
    Test(command::test::TestArguments),
    Rehearse(command::rehearse::RehearseArguments),
    Run(command::run::RunArguments),
    Resume(command::resume::ResumeArguments),
    Status(command::status::StatusArguments),
    Approve(command::approve::ApproveArguments),
    Deny(command::approve::DenyArguments),
    Hold(command::hold::HoldArguments),
    Rollback(command::hold::RollbackArguments),
    Settle(command::settle::SettleArguments),
    Explain(command::explain::ExplainArguments),
}
