//! `--record`: what `check` and `serve` have of it in common, and the recording of scenarios.

use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use thiserror::Error;

use super::environment;
use super::exit::{Exit, Failure};
use super::options::{Format, ReportOptions, paint};
use crate::checks::Severity;
use crate::clients::{TransportError, Trust};
use crate::contract::{Name, Scenarios};
use crate::recording::{Address, AddressError, Outcome, Recorded, Upstream};
use crate::report::{Paint, recorded};

/// What is recorded, and from whom.
#[derive(Args, Debug)]
pub(super) struct RecordOptions {
    /// Record into the folder of --cassettes: all scenarios, or the new ones, which have no file
    #[arg(
        long,
        value_name = "WHAT",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "all",
        requires = "cassettes"
    )]
    pub(super) record: Option<Which>,
    /// Whom to record from: a URL, https or on this machine, or the simulator that is embedded
    #[arg(long, value_name = "URL|embedded", value_parser = whom, default_value = "embedded", requires = "record")]
    upstream: Whom,
    /// Trust the certificate authorities of this file, in PEM, and none of the system
    #[arg(long, value_name = "FILE", requires = "record")]
    ca: Option<PathBuf>,
}

/// Which scenarios are recorded.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(super) enum Which {
    /// Those that are there are recorded anew
    All,
    /// Those without a file
    New,
}

/// Whom to record from.
#[derive(Clone, Debug)]
enum Whom {
    At(Address),
    Embedded,
}

/// Whom to record from, ready to be asked.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// What listens somewhere.
    At(Upstream),
    /// A simulator, made anew for each scenario.
    Embedded,
}

impl RecordOptions {
    /// Reads the credentials where they are needed, and nobody is called before they are sound.
    pub(super) fn source(&self) -> Result<Source, Failure> {
        let address = match &self.upstream {
            Whom::At(address) => address.clone(),
            Whom::Embedded if self.ca.is_some() => return Err(Misuse::CertificatesOfNobody.into()),
            Whom::Embedded => return Ok(Source::Embedded),
        };
        let trust = match &self.ca {
            Some(_) if !address.is_https() => return Err(Misuse::CertificatesOfNobody.into()),
            Some(path) => Trust::Only { pem: fs::read(path).map_err(|source| unusable(path, source))? },
            None => Trust::System,
        };
        let key = environment::credentials().key()?;
        match (Upstream::new(address, trust, key), &self.ca) {
            (Err(error @ TransportError::Authorities(_)), Some(path)) => Err(unusable(path, error)),
            (upstream, _) => Ok(Source::At(upstream?)),
        }
    }
}

/// Options that contradict each other.
#[derive(Debug, Error)]
pub(super) enum Misuse {
    #[error("--ca names certificates, and the upstream shows none")]
    CertificatesOfNobody,
    #[error("nothing says where to record into")]
    NoFolder,
    #[error("no scenario has {0:?} in its name")]
    NoScenario(String),
    #[error("{0} is of no use while clients record")]
    NotWhileRecording(&'static str),
    #[error("the embedded upstream supplies every variable, and none can be given")]
    VariableOfEmbedded,
}

impl Misuse {
    pub(super) fn help(&self) -> &'static str {
        match self {
            Self::CertificatesOfNobody => "leave --ca out, or give --upstream https://...",
            Self::NoFolder => "give --cassettes DIR",
            Self::NoScenario(_) => "docs/recording-live.md lists the scenarios",
            Self::NotWhileRecording(_) => "leave it out",
            Self::VariableOfEmbedded => "leave --var out, or give --upstream URL",
        }
    }
}

/// Writes the report, to `otherwise` where no file is asked for.
pub(super) fn write(report: &ReportOptions, otherwise: impl Write, recorded: &[Recorded]) -> Result<(), Failure> {
    let paint = if report.output.is_some() { Paint::Plain } else { paint() };
    report.write_with(otherwise, |format, mut out| match format {
        Format::Human => recorded::human(recorded, paint, &mut out),
        Format::Json => recorded::json(recorded, &mut out),
    })
}

/// The worst of how the scenarios end; findings as bad as `limit` are failures.
pub(super) fn end(recorded: &[Recorded], limit: Severity) -> Exit {
    let exit = |one: &Recorded| match &one.outcome {
        Outcome::Failed(error) if error.is_a_leak() => Exit::SecretScan,
        Outcome::Failed(_) => Exit::Environment,
        _ if one.worst().is_some_and(|worst| worst <= limit) => Exit::Findings,
        _ => Exit::Clean,
    };
    recorded.iter().map(exit).fold(Exit::Clean, Exit::or_worse)
}

/// The file of a scenario, below the folder of cassettes.
pub(super) fn path_of(scenario: &Name) -> String {
    format!("{}/{scenario}.json", Scenarios::shipped().folder)
}

fn unusable(path: &Path, source: impl Error + Send + Sync + 'static) -> Failure {
    Failure::Authorities { path: path.to_owned(), source: Box::new(source) }
}

fn whom(text: &str) -> Result<Whom, AddressError> {
    if text == "embedded" { Ok(Whom::Embedded) } else { Address::parse(text).map(Whom::At) }
}
