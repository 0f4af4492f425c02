//! What recording adds to a call: the same upstream on loopback, called directly and through a recorder.
//!
//! Both take turns within one run, call by call of one connection for the time, round by round of 16 for the
//! throughput.

#[path = "fronts/load.rs"]
mod load;
mod support;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use alidns_contract::Front;
use alidns_contract::contract::Name;
use alidns_contract::front::{Intake, Service};
use alidns_contract::gateway::Gateway;
use alidns_contract::recording::{Address, Recorder, Upstream};
use alidns_contract::signing::Keyring;
use tokio::runtime::Runtime;

use load::{CONNECTIONS, Load};
use support::{ACTION, SIZES, VERSION};

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        return; // `cargo test --all-targets` comes by here too.
    }
    let runtime = Runtime::new().expect("a runtime can be had");
    let upstream = runtime.block_on(upstream());
    let (recorder, recording) = runtime.block_on(recording(&upstream));
    let mut sides = Sides { direct: upstream.address(), recorded: recording.address(), recorder, first: 0 };
    sides.measure(1, FEW);
    print_times(&sides.measure(1, FEW));
    print_rates(&sides.measure(CONNECTIONS, MANY));
}

/// The upstream, and the recorder in front of it.
struct Sides {
    direct: SocketAddr,
    recorded: SocketAddr,
    recorder: Arc<Recorder>,
    /// The number of the next nonce: the upstream takes none twice.
    first: usize,
}

/// What one side gave, round by round.
#[derive(Default)]
struct Figures {
    rates: Vec<f64>,
    times: Vec<Duration>,
}

impl Sides {
    /// Both sides' figures, the direct ones first.
    fn measure(&mut self, connections: usize, requests: usize) -> [Figures; 2] {
        let mut figures = [Figures::default(), Figures::default()];
        for round in 0..ROUNDS {
            let mut sides = [(0, self.direct), (1, self.recorded)];
            sides.rotate_left(round % 2);
            for (side, address) in sides {
                let (rate, times) = Load::new(connections, TASKS, self.first, requests).send(address);
                self.first += requests;
                figures[side].rates.push(rate);
                figures[side].times.extend(times);
            }
            let tapes = self.recorder.finish();
            assert!(tapes.values().all(Result::is_ok), "every answer is on tape");
        }
        figures
    }
}

/// It answers as a service would: after it has verified.
async fn upstream() -> Front {
    let service = Service::playing(support::cassettes(TASKS), support::clock()).expect("there is one cassette");
    Front::open(ANY_PORT.into(), Arc::new(service)).await.expect("a port is free")
}

async fn recording(upstream: &Front) -> (Arc<Recorder>, Front) {
    let address = Address::parse(&upstream.url()).expect("it listens on loopback");
    let upstream = Upstream::embedded(address, 0).expect("plain HTTP needs nothing of the system");
    let gateway = Gateway::new(Keyring::test(), [(ACTION, VERSION)].into_iter().collect());
    let intake = Intake::new(gateway, support::clock(), Vec::new());
    let scenario = Name::parse("bench").expect("it is a name");
    let recorder = Arc::new(Recorder::new(intake, upstream, Some(scenario)));
    let front = Front::open(ANY_PORT.into(), recorder.clone()).await.expect("a port is free");
    (recorder, front)
}

fn print_times(figures: &[Figures; 2]) {
    let [direct, recorded] = figures.each_ref().map(|side| sorted(side.times.iter().map(Duration::as_secs_f64)));
    println!("\nms a call, {} calls of each kind in turns over one connection", direct.len());
    println!("{:>12} {:>10} {:>10} {:>10}", "", "direct", "recorded", "added");
    for (name, percent) in [("median", 50), ("p99", 99)] {
        let [direct, recorded] = [&direct, &recorded].map(|times| times[times.len() * percent / 100] * 1e3);
        println!("{name:>12} {direct:>10.3} {recorded:>10.3} {:>10.3}", recorded - direct);
    }
}

fn print_rates(figures: &[Figures; 2]) {
    let [direct, recorded] = figures.each_ref().map(|side| sorted(side.rates.iter().copied())[ROUNDS / 2]);
    println!("\ncalls/s over {CONNECTIONS} connections, medians of {ROUNDS} rounds of {MANY}");
    println!("{:>12} {direct:>10.0} {recorded:>10.0}", "");
}

fn sorted(figures: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures
}

const ANY_PORT: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);
const FEW: usize = 100;
const MANY: usize = 5_000;
const ROUNDS: usize = 21;
const TASKS: usize = SIZES[2];
