//! `check`: the bundled client, judged against cassettes.

use std::io;
use std::time::Duration;

use clap::Args;
use tokio::runtime::Runtime;

use super::exit::{Exit, Failure};
use super::options::{self, CassetteOptions, Format, ReportOptions};
use crate::checks::Severity;
use crate::clients::{Bundled, Sending, Transport, Trust};
use crate::conformance::judge;
use crate::front::system_clock;
use crate::playback::Player;
use crate::report::{Paint, human, json};
use crate::signing::Scheme;

/// Judge the bundled client against cassettes
///
/// Each cassette is played by itself, on loopback: the client makes the calls of its requests. Exhibits are read and
/// not played.
#[derive(Args, Debug)]
#[command(after_help = EXITS)]
pub(super) struct Options {
    #[command(flatten)]
    cassettes: CassetteOptions,
    /// Fail on warnings too
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    report: ReportOptions,
}

pub(super) fn run(options: &Options) -> Result<Exit, Failure> {
    let cassettes = options.cassettes.open()?;
    // Two files of one name are an error wherever cassettes are played.
    Player::new(cassettes.clone())?;
    let client =
        Bundled::new(Scheme::HmacSha1, Sending::Get, system_clock(), Transport::new(Trust::Nobody, TIME_LIMIT)?);
    let runtime = Runtime::new().map_err(Failure::Runtime)?;
    let judgement = runtime.block_on(judge(&client, &cassettes, &system_clock()))?;
    let paint = if options.report.output.is_some() { Paint::Plain } else { options::paint() };
    options.report.write_with(io::stdout().lock(), |format, mut out| match format {
        Format::Human => human::judgement(&judgement, paint, &mut out),
        Format::Json => json::judgement(&judgement, &mut out),
    })?;
    let limit = if options.strict { Severity::Warning } else { Severity::Error };
    Ok(end(judgement.worst(), limit))
}

fn end(worst: Option<Severity>, limit: Severity) -> Exit {
    match worst {
        Some(worst) if worst <= limit => Exit::Findings,
        _ => Exit::Clean,
    }
}

const TIME_LIMIT: Duration = Duration::from_secs(30);
const EXITS: &str = "\
Exit codes:
   0  no finding is an error, and with --strict none a warning
   1  one is
   3  the report cannot be written
   4  a cassette cannot be read";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_reaches_the_limit_fails() {
        assert_eq!(end(None, Severity::Warning), Exit::Clean);
        assert_eq!(end(Some(Severity::Warning), Severity::Error), Exit::Clean);
        assert_eq!(end(Some(Severity::Warning), Severity::Warning), Exit::Findings);
        assert_eq!(end(Some(Severity::Error), Severity::Error), Exit::Findings);
        assert_eq!(end(Some(Severity::Note), Severity::Warning), Exit::Clean);
    }
}
