//! The command `sunup`.

use std::process::ExitCode;

fn main() -> ExitCode {
    sunup::cli::main()
}
