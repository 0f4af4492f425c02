//! The command.

use std::process::ExitCode;

fn main() -> ExitCode {
    alidns_contract::cli::run()
}
