//! Options that several subcommands share, and how their values are read.

use std::error::Error;
use std::io::{self, IsTerminal as _};

use clap::ValueEnum;

use crate::report::Paint;

/// For whom a report is written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(super) enum Format {
    /// For people
    #[default]
    Human,
    /// For programs
    Json,
}

/// Colour on a terminal, unless `NO_COLOR` is set to anything (<https://no-color.org>).
pub(super) fn paint() -> Paint {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if refused || !io::stdout().is_terminal() { Paint::Plain } else { Paint::Coloured }
}

/// Says on standard error what is wrong, with its causes, and what to do about it.
pub(super) fn complain(error: &dyn Error, help: &str) {
    eprintln!("error: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        eprintln!("  because: {error}");
        cause = error.source();
    }
    eprintln!("help: {help}");
}
