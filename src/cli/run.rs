//! From the arguments to an exit code.

use std::ffi::OsString;
use std::panic;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use super::exit::{Exit, Failure};
use super::{cassette, check, explain, serve};

/// Runs the command with the arguments of this process.
pub fn run() -> ExitCode {
    panic::set_hook(Box::new(|panic| {
        eprintln!("bug: {panic}\nhelp: please report this, with the command line and its input, at {ISSUES}");
    }));
    guarded(|| run_with(std::env::args_os())).into()
}

/// A panic is a bug of ours, whatever the input.
fn guarded(work: impl FnOnce() -> Exit + panic::UnwindSafe) -> Exit {
    panic::catch_unwind(work).unwrap_or(Exit::Bug)
}

fn run_with(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let outcome = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments.command.run(),
        Err(error) => return answer_usage(&error),
    };
    outcome.unwrap_or_else(|failure| failure.complain())
}

/// Help and version are answers too; everything else is wrong use.
fn answer_usage(error: &clap::Error) -> Exit {
    let printed = error.print();
    match printed.map_err(Failure::from) {
        Err(failure) => failure.complain(),
        Ok(()) if error.use_stderr() => Exit::Usage,
        Ok(()) => Exit::Clean,
    }
}

/// Contract tests for clients of Alibaba Cloud DNS's DescribeBatchResultCount
#[derive(Debug, Parser)]
#[command(name = "alidns-contract", version, after_help = Exit::table())]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(subcommand)]
    Cassette(cassette::Command),
    Check(check::Options),
    Explain(explain::Options),
    Serve(serve::Options),
}

impl Command {
    fn run(self) -> Result<Exit, Failure> {
        match self {
            Self::Cassette(command) => cassette::run(&command),
            Self::Check(options) => check::run(&options),
            Self::Explain(options) => explain::run(&options),
            Self::Serve(options) => serve::run(&options),
        }
    }
}

const ISSUES: &str = "the project's issue tracker";

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_panic_is_a_bug_of_the_tool() {
        assert_eq!(guarded(|| panic!("provoked by a test")), Exit::Bug);
        assert_eq!(guarded(|| Exit::Findings), Exit::Findings);
    }

    #[test]
    fn help_shows_every_exit_code_with_its_meaning() {
        let help = Arguments::command().render_help().to_string();

        for exit in Exit::ALL {
            assert!(help.contains(&format!("{:>2}  {}", exit.code(), exit.meaning())), "{help}");
        }
    }
}
