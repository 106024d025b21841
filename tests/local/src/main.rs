//! The command line of the embedded AWS.

use std::process::ExitCode;

fn main() -> ExitCode {
    local::cli::main()
}
