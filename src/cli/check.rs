//! `check`: the bundled client, judged against cassettes.

use std::io;
use std::time::Duration;

use clap::Args;
use tokio::runtime::Runtime;

use super::exit::{Exit, Failure};
use super::options::{self, CassetteOptions, Format, ReportOptions};
use super::record::{self, RecordOptions};
use super::record_scenarios::{self, ScenarioOptions};
use crate::cassettes::Cassettes;
use crate::checks::Severity;
use crate::clients::{Bundled, Sending, Transport, Trust};
use crate::conformance::{Factors, Formats, Judgement, Plan, Readings, Row, committed_rows, judge_by, row_cases};
use crate::contract::Operation;
use crate::front::{ListenError, system_clock};
use crate::playback::Player;
use crate::report::{Paint, human, json};
use crate::signing::{Digest, Scheme};

/// Judge the bundled client against cassettes, or record them
///
/// Each cassette is played by itself, on loopback: the client makes the calls of its requests. Exhibits are read and
/// not played. Then come the rows that bring every two levels of the contract's factors together, with made-up answers:
/// there the requests are judged.
///
/// With --record nothing is judged but what the upstream answers: the client takes the steps of each scenario, and the
/// answers become a cassette. An upstream other than the embedded one needs a key in ALIBABA_CLOUD_ACCESS_KEY_ID and
/// ALIBABA_CLOUD_ACCESS_KEY_SECRET, and its token, if it has one, in ALIBABA_CLOUD_SECURITY_TOKEN.
#[derive(Args, Debug)]
#[command(after_help = EXITS)]
pub(super) struct Options {
    #[command(flatten)]
    cassettes: CassetteOptions,
    #[command(flatten)]
    record: RecordOptions,
    #[command(flatten)]
    scenarios: ScenarioOptions,
    /// List the rules instead: how much each binds, why it is believed, and how it is judged
    #[arg(long, conflicts_with_all = ["cassettes", "record", "select", "strict"])]
    list: bool,
    /// Fail on warnings too
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    report: ReportOptions,
}

pub(super) fn run(options: &Options) -> Result<Exit, Failure> {
    if options.list {
        return list(options);
    }
    let limit = if options.strict { Severity::Warning } else { Severity::Error };
    if let Some(which) = options.record.record {
        let recorded = record_scenarios::record(&options.record, which, &options.scenarios, &options.cassettes)?;
        record::write(&options.report, io::stdout().lock(), &recorded)?;
        return Ok(record::end(&recorded, limit));
    }
    let cassettes = options.cassettes.open()?;
    // Two files of one name are an error wherever cassettes are played.
    Player::new(cassettes.clone())?;
    let transport = Transport::new(Trust::Nobody, TIME_LIMIT)?;
    let runtime = Runtime::new().map_err(Failure::Runtime)?;
    let judgement = runtime.block_on(judge_bundled(cassettes, &transport))?;
    let paint = if options.report.output.is_some() { Paint::Plain } else { options::paint() };
    options.report.write_with(io::stdout().lock(), |format, mut out| match format {
        Format::Human => human::judgement(&judgement, paint, &mut out),
        Format::Json => json::judgement(&judgement, &mut out),
    })?;
    Ok(end(judgement.worst(), limit))
}

fn list(options: &Options) -> Result<Exit, Failure> {
    options.report.write_with(io::stdout().lock(), |format, mut out| match format {
        Format::Human => human::rules(&mut out),
        Format::Json => json::rules(&mut out),
    })?;
    Ok(Exit::Clean)
}

/// Our own client in each way that it signs and sends, the first of which plays the cassettes too.
///
/// What it reads is not judged: it reads with our decoder.
async fn judge_bundled(cassettes: Cassettes, transport: &Transport) -> Result<Judgement, ListenError> {
    let mut judgement = Judgement::default();
    let mut cassettes = Some(cassettes);
    for (method, sending) in METHODS {
        for (signature, scheme) in SIGNATURES {
            let client = Bundled::new(scheme, sending, system_clock(), transport.clone());
            let cassettes = cassettes.take().unwrap_or_else(|| std::iter::empty().collect());
            let cases = Operation::all().iter().flat_map(|operation| {
                let factors = Factors::of(operation);
                let is_meant = |row: &Row| {
                    factors.level(row, "method") == Some(method) && factors.level(row, "signature") == Some(signature)
                };
                let rows: Vec<Row> = committed_rows(&factors).into_iter().filter(is_meant).collect();
                row_cases(operation, &factors, &rows, Formats::Called)
            });
            let plan = Plan {
                cases: cases.collect(),
                formats: Formats::Called,
                readings: Readings::Ours,
                ..Plan::of(cassettes)
            };
            judgement = judgement.and(judge_by(&client, &plan).await?);
        }
    }
    Ok(judgement)
}

fn end(worst: Option<Severity>, limit: Severity) -> Exit {
    match worst {
        Some(worst) if worst <= limit => Exit::Findings,
        _ => Exit::Clean,
    }
}

const METHODS: [(&str, Sending); 3] =
    [("GET", Sending::Get), ("POST query", Sending::PostQuery), ("POST form", Sending::PostForm)];
const SIGNATURES: [(&str, Scheme); 2] =
    [("HMAC-SHA1", Scheme::HmacSha1), ("ACS3-HMAC-SHA256", Scheme::Acs3(Digest::Sha256))];
const TIME_LIMIT: Duration = Duration::from_secs(30);
const EXITS: &str = "\
Exit codes:
   0  no finding is an error, and with --strict none a warning
   1  one is
   3  the report cannot be written; with --record also: a credential is missing, an answer was lost, or what was
      recorded does not replay
   4  a cassette cannot be read
   5  what was recorded held a secret, and was not stored";

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
