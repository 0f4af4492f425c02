//! Options that several subcommands share, and how their values are read.

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::Serialize;
use thiserror::Error;

use super::exit::Failure;
use super::record::Misuse;
use super::{environment, output};
use crate::cassettes::{Cassettes, Folder};
use crate::contract::{Scenario, Scenarios};
use crate::report::Paint;
use crate::wire::Timestamp;

/// For whom a report is written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(super) enum Format {
    /// For people
    #[default]
    Human,
    /// For programs
    Json,
}

/// Where the answers come from.
#[derive(Args, Debug)]
pub(super) struct CassetteOptions {
    /// A folder of cassettes, or one of them; without it, those that are compiled in
    #[arg(long, value_name = "DIR")]
    cassettes: Option<PathBuf>,
    /// Only the cassette or scenario of this name, or else those whose path has this text in it
    #[arg(long, value_name = "PATTERN")]
    select: Option<String>,
}

impl CassetteOptions {
    pub(super) fn open(&self) -> Result<Cassettes, Failure> {
        let cassettes = match &self.cassettes {
            Some(path) => Cassettes::open(path)?,
            None => Cassettes::shipped(),
        };
        let Some(pattern) = &self.select else { return Ok(cassettes) };
        let selected = matching(pattern, cassettes.into_vec(), |cassette| cassette.path.clone());
        if selected.is_empty() {
            return Err(Failure::NothingSelected(pattern.clone()));
        }
        Ok(selected.into_iter().collect())
    }

    /// The scenarios that are meant.
    pub(super) fn scenarios(&self, all: &'static Scenarios) -> Result<Vec<&'static Scenario>, Failure> {
        let every = all.all.iter().collect();
        let Some(pattern) = &self.select else { return Ok(every) };
        let selected = matching(pattern, every, |scenario| format!("{}/{}.json", all.folder, scenario.name));
        if selected.is_empty() { Err(Misuse::NoScenario(pattern.clone()).into()) } else { Ok(selected) }
    }

    /// A recording of clients chooses nothing.
    pub(super) fn select_nothing(&self) -> Result<(), Failure> {
        if self.select.is_some() { Err(Misuse::NotWhileRecording("--select").into()) } else { Ok(()) }
    }

    /// The folder to record into.
    pub(super) fn folder(&self) -> Result<Folder, Failure> {
        let path = self.cassettes.as_deref().ok_or(Misuse::NoFolder)?;
        Ok(Folder::open(path)?)
    }
}

/// Those whose file has exactly that name, or else those that have it in their path.
fn matching<T>(pattern: &str, all: Vec<T>, path: impl Fn(&T) -> String) -> Vec<T> {
    let is_named = |one: &T| path(one).rsplit('/').next().and_then(|file| file.strip_suffix(".json")) == Some(pattern);
    let by_name = all.iter().any(is_named);
    all.into_iter().filter(|one| if by_name { is_named(one) } else { path(one).contains(pattern) }).collect()
}

/// How the report is written, and where.
#[derive(Args, Debug)]
pub(super) struct ReportOptions {
    /// For whom to write the report
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Write the report to this file
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

impl ReportOptions {
    /// Writes what is the same text for everybody, or JSON on one line; to `otherwise` where no file is asked for.
    pub(super) fn write(&self, otherwise: impl Write, report: &(impl Display + Serialize)) -> Result<(), Failure> {
        self.write_with(otherwise, |format, out| match format {
            Format::Human => writeln!(out, "{}", report.to_string().trim_end()),
            Format::Json => {
                serde_json::to_writer(&mut *out, report)?;
                out.write_all(b"\n")
            }
        })
    }

    /// Writes by `write`, to `otherwise` where no file is asked for.
    pub(super) fn write_with(
        &self,
        mut otherwise: impl Write,
        write: impl FnOnce(Format, &mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Failure> {
        match &self.output {
            Some(path) => output::replace(path, |file| write(self.format, file)),
            None => {
                write(self.format, &mut otherwise)?;
                Ok(otherwise.flush()?)
            }
        }
    }
}

/// Colour on a terminal, unless somebody asks for none.
pub(super) fn paint() -> Paint {
    if environment::refuses_colour() || !io::stdout().is_terminal() { Paint::Plain } else { Paint::Coloured }
}

/// Reads Unix seconds, or the one spelling of the wire.
pub(super) fn time(text: &str) -> Result<Timestamp, TimeError> {
    let read = match text.parse::<i64>() {
        Ok(seconds) => Timestamp::from_unix(seconds),
        Err(_) => Timestamp::parse(text),
    };
    read.map_err(|_| TimeError(text.to_owned()))
}

/// A text that is no time.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("{0:?} is neither Unix seconds nor a time stamp of the form 2026-11-24T03:45:00Z")]
pub(super) struct TimeError(String);

/// Reads a duration like 90s, 15m, 2h or 7d.
pub(super) fn seconds(text: &str) -> Result<u64, DurationError> {
    let unit = UNITS.iter().find_map(|(unit, seconds)| Some((text.strip_suffix(*unit)?, seconds)));
    let number = unit.filter(|(digits, _)| digits.bytes().all(|byte| byte.is_ascii_digit()));
    let product = number.and_then(|(digits, seconds)| digits.parse::<u64>().ok()?.checked_mul(*seconds));
    product.ok_or_else(|| DurationError(text.to_owned()))
}

/// A text that is no duration.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("{0:?} is no duration like 90s, 15m, 2h or 7d")]
pub(super) struct DurationError(String);

const UNITS: &[(char, u64)] = &[('s', 1), ('m', 60), ('h', 3_600), ('d', 86_400)];

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

    #[test]
    fn a_duration_is_digits_and_a_unit() {
        for (text, expected) in [("90s", 90), ("15m", 900), ("2h", 7_200), ("7d", 604_800), ("0s", 0)] {
            assert_eq!(seconds(text), Ok(expected), "{text}");
        }
        for text in ["", "m", "15", "15M", "1.5h", "-1s", "+1s", "99999999999999999999s", "18446744073709551615m"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
