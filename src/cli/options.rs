//! Options that several subcommands share, and how their values are read.

use std::io::{self, IsTerminal as _};

use clap::ValueEnum;

use crate::report::Paint;
use crate::wire::{Timestamp, TimestampError};

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

/// Reads Unix seconds, or the one spelling of the wire.
pub(super) fn time(text: &str) -> Result<Timestamp, TimestampError> {
    match text.parse::<i64>() {
        Ok(seconds) => Timestamp::from_unix(seconds),
        Err(_) => Timestamp::parse(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_unix_seconds_or_the_spelling_of_the_wire() {
        let spelled = time("2026-11-24T03:45:00Z").expect("a time of the wire");

        assert_eq!(spelled.unix_seconds(), 1_795_491_900);
        assert_eq!(time("1795491900"), Ok(spelled));
        assert!(time("yesterday").is_err());
    }
}
