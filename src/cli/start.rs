use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use crate::cli::arguments::{Arguments, Subcommand};
use crate::cli::command;
use crate::cli::exit::Exit;
use crate::cli::output::Output;

/// Reads the arguments, does what they say, and gives the exit code.
pub fn main() -> ExitCode {
    tell_of_our_own_faults();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are answers, everything else is wrong usage. A closed pipe is nobody's fault.
            let _ = error.print();
            let is_answer = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            return if is_answer { Exit::Fine.into() } else { Exit::Usage.into() };
        }
    };
    let output = Output::new(arguments.quiet);
    let exit = match arguments.subcommand {
        Subcommand::Check(arguments) => command::check::run(&arguments, &output),
        Subcommand::Fmt(arguments) => command::fmt::run(&arguments, &output),
        Subcommand::Plan(arguments) => command::plan::run(&arguments, &output),
        Subcommand::Diff(arguments) => command::diff::run(&arguments, &output),
        Subcommand::Why(arguments) => command::why::run(&arguments, &output),
        Subcommand::Explore(arguments) => command::explore::run(&arguments, &output),
        Subcommand::Simulate(arguments) => command::simulate::run(&arguments, &output),
        Subcommand::Inventory(arguments) => command::inventory::run(&arguments, &output),
        Subcommand::Repl(arguments) => command::repl::run(&arguments, &output),
        Subcommand::Test(arguments) => command::test::run(&arguments, &output),
        Subcommand::Rehearse(arguments) => command::rehearse::run(&arguments, &output),
        Subcommand::Run(arguments) => command::run::run(&arguments, &output),
        Subcommand::Resume(arguments) => command::resume::run(&arguments, &output),
        Subcommand::Status(arguments) => command::status::run(&arguments, &output),
        Subcommand::Approve(arguments) => command::approve::approve(&arguments, &output),
        Subcommand::Deny(arguments) => command::approve::deny(&arguments, &output),
        Subcommand::Hold(arguments) => command::hold::hold(&arguments, &output),
        Subcommand::Rollback(arguments) => command::hold::rollback(&arguments, &output),
        Subcommand::Settle(arguments) => command::settle::run(&arguments, &output),
        Subcommand::Explain(arguments) => command::explain::run(&arguments, &output),
    };
    exit.into()
}

/// A panic is our fault, never the user's: say so in words, and what to do.
fn tell_of_our_own_faults() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        usual(panic);
        Output::new(false).talk(
            "\nThis is a fault in sunup itself, not in your script. The journal of a run is not harmed by it: `sunup resume` goes on.\n\
             Please report it with the lines above and, if you can, the script and a few lines of the inventory.\n",
        );
    }));
}
