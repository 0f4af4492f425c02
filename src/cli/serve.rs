//! `serve`: answers for any client, recorded or simulated.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};
use tokio::runtime::Runtime;

use super::exit::{Exit, Failure};
use super::options::{self, CassetteOptions, ReportOptions};
use super::record::{self, Misuse, RecordOptions, Which};
use super::record_clients::Clients;
use super::{environment, output};
use crate::checks::Severity;
use crate::contract::Name;
use crate::front::{Front, Handler, Origin, Receipt, Service, system_clock};
use crate::gateway::Enforcement;
use crate::playback::Player;
use crate::simulator::Simulator;
use crate::wire::{Clock, Timestamp};

/// Answer any client from cassettes, and verify every request
///
/// Prints the base URL as the first line. Clients sign with the public test key: testid / testsecret. An id like
/// testid-SCENARIO gets the answers of that cassette alone, testid.LANE has polls and nonces of its own.
///
/// With --simulate a batch service in memory answers, to develop against without an account: OperateBatchDomain submits
/// a task, DescribeBatchResultCount says how far it has come. Each access key id is an account of its own;
/// testid-SCENARIO begins in the world of that scenario. The key of ALIBABA_CLOUD_ACCESS_KEY_ID,
/// ALIBABA_CLOUD_ACCESS_KEY_SECRET and ALIBABA_CLOUD_SECURITY_TOKEN is known too, where they are set.
///
/// With --record what the upstream answers is recorded, for any client that holds the public test key: each request goes
/// on under the real key, testid-SCENARIO[.LANE] into the cassette of that scenario. It is stored at the end.
///
/// SIGINT and SIGTERM end it; then the receipt is written, to standard error unless --output says otherwise.
#[derive(Args, Debug)]
#[command(after_help = EXITS)]
pub(super) struct Options {
    #[command(flatten)]
    cassettes: CassetteOptions,
    /// Answer from a simulator in place of cassettes
    #[arg(long, conflicts_with_all = ["cassettes", "record", "select"])]
    simulate: bool,
    #[command(flatten)]
    record: RecordOptions,
    /// The scenario that plain testid records into; testid-SCENARIO names its own
    #[arg(long, value_name = "NAME", value_parser = scenario, requires = "record")]
    scenario: Option<Name>,
    /// Where to listen; port 0 is any free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Write the port to this file once it can be connected to
    #[arg(long, value_name = "FILE")]
    port_file: Option<PathBuf>,
    /// What becomes of a request that the service would refuse
    #[arg(long, value_enum, default_value_t)]
    verify: Verify,
    /// A clock that stands still, in Unix seconds or as 2026-11-24T03:45:00Z
    #[arg(long, value_name = "TIME", value_parser = options::time)]
    now: Option<Timestamp>,
    /// How far a time stamp may be off the clock: 90s, 15m, 2h, 7d
    #[arg(long, value_name = "DURATION", default_value = "15m", value_parser = options::seconds)]
    max_skew: u64,
    #[command(flatten)]
    report: ReportOptions,
}

/// What becomes of a request that the service would refuse.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
enum Verify {
    /// It is refused as the service would
    #[default]
    Enforce,
    /// It is answered all the same, and noted
    Report,
}

pub(super) fn run(options: &Options) -> Result<Exit, Failure> {
    let clock = options.now.map_or_else(system_clock, Clock::fixed);
    if let Some(which) = options.record.record {
        return record(options, which, &clock);
    }
    if options.simulate { answer(options, simulating(clock)?) } else { answer(options, playing(options, clock)?) }
}

fn playing(options: &Options, clock: Clock) -> Result<Service<Player>, Failure> {
    let service = Service::playing(options.cassettes.open()?, clock)?;
    for shadowed in service.origin().shadowed() {
        let (stored, by) = (shadowed.stored, shadowed.by);
        let id = format!("testid-{}", stored.cassette.stem());
        eprintln!("note: {stored} answers {id} alone: {by} answers the same request first");
    }
    Ok(service)
}

fn simulating(clock: Clock) -> Result<Service<Simulator>, Failure> {
    let key = environment::credentials().key_if_set()?;
    eprintln!("note: every answer is simulated, and proves nothing about the service");
    Ok(Service::simulating(key, clock))
}

fn answer<O: Origin>(options: &Options, service: Service<O>) -> Result<Exit, Failure> {
    let enforcement = match options.verify {
        Verify::Enforce => Enforcement::Enforce,
        Verify::Report => Enforcement::Report,
    };
    let service = Arc::new(service.with_max_skew(options.max_skew).with_enforcement(enforcement));
    Runtime::new().map_err(Failure::Runtime)?.block_on(serve(options, service.clone()))?;
    hand_over(options, &service.receipt())
}

/// Any client records; what it recorded is stored when it is through.
fn record(options: &Options, which: Which, clock: &Clock) -> Result<Exit, Failure> {
    options.cassettes.select_nothing()?;
    if options.verify == Verify::Report {
        return Err(Misuse::NotWhileRecording("--verify report").into());
    }
    let source = options.record.source()?;
    let folder = options.cassettes.folder()?;
    let runtime = Runtime::new().map_err(Failure::Runtime)?;
    let unnamed = options.scenario.clone();
    let clients = runtime.block_on(Clients::open(source, unnamed, clock, options.max_skew))?;
    runtime.block_on(serve(options, clients.recorder()))?;
    let recorded = clients.store(which, &folder);
    record::write(&ReportOptions { output: None, format: options.report.format }, io::stderr(), &recorded)?;
    Ok(record::end(&recorded, Severity::Error).or_worse(hand_over(options, &clients.recorder().receipt())?))
}

fn hand_over(options: &Options, receipt: &Receipt) -> Result<Exit, Failure> {
    if let Err(failure) = options.report.write(io::stderr(), receipt) {
        // Nobody can count these requests again.
        ReportOptions { output: None, format: options.report.format }.write(io::stderr(), receipt)?;
        return Err(failure);
    }
    Ok(if receipt.is_clean() { Exit::Clean } else { Exit::Findings })
}

async fn serve(options: &Options, handler: Arc<impl Handler>) -> Result<(), Failure> {
    let ended = ended().map_err(Failure::Runtime)?;
    let front = Front::open(options.listen, handler).await?;
    if let Some(path) = &options.port_file {
        write_port(path, front.address().port())?;
    }
    let mut out = io::stdout();
    writeln!(out, "{}", front.url())?;
    out.flush()?;
    ended.await;
    front.close().await;
    Ok(())
}

fn scenario(text: &str) -> Result<Name, String> {
    Name::parse(text).map_err(|bad| format!("{bad}: {}", bad.help()))
}

/// Whole or not at all: whoever waits for the file may read it at once.
fn write_port(path: &Path, port: u16) -> Result<(), Failure> {
    output::replace(path, |file| writeln!(file, "{port}"))
}

/// Listens for the signals from the moment it is called.
#[cfg(unix)]
fn ended() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn ended() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        // An error would mean that the signal cannot be heard, and then there is nothing to wait for.
        let _ = tokio::signal::ctrl_c().await;
    })
}

const EXITS: &str = "\
Exit codes:
   0  every request was answered, and none would have been refused
   1  there were others
   3  the address cannot be listened on, a file cannot be written, the key of the environment is none; with --record
      also: an answer was lost, or what was recorded does not replay
   4  a cassette cannot be read
   5  what was recorded held a secret, and was not stored";
