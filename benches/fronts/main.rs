//! Requests a second through both fronts, each beside what it is held against.
//!
//! `cargo bench --bench fronts` measures everything; with `-- replay`, `-- serve` or `-- memory` behind it, that alone.
//! Both sides of a pair take turns within one run, so that whatever else the machine does weighs on both.

mod load;
mod servers;
#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::net::SocketAddr;

use tokio::runtime::Runtime;

use load::{CONNECTIONS, Load};
use support::SIZES;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let said = |word: &str| arguments.iter().any(|argument| argument == word);
    if !said("--bench") {
        return; // `cargo test --all-targets` comes by here too.
    }
    let runtime = Runtime::new().expect("a runtime can be had");
    let everything = !["replay", "serve", "memory"].into_iter().any(said);
    if everything || said("replay") {
        measure_replay(&runtime);
    }
    if everything || said("serve") {
        measure_serve(&runtime);
    }
    if everything || said("memory") {
        measure_memory(&runtime);
    }
}

/// `Replay` beside as many mocks as it plays interactions.
fn measure_replay(runtime: &Runtime) {
    print_head("Replay", "mounted mocks");
    for size in SIZES {
        let (_replay, ours) = runtime.block_on(servers::replay(size));
        let mocks = runtime.block_on(servers::mounted_mocks(size));
        let ours = Side { address: ours, requests: REQUESTS };
        let theirs = Side { address: *mocks.address(), requests: (LOOKED_AT / size).clamp(160, REQUESTS) };
        print_pairs(size, &pairs(size, &ours, &theirs));
    }
}

/// What `serve` runs, beside hyper with a static answer and nothing verified.
fn measure_serve(runtime: &Runtime) {
    print_head("serve", "bare hyper");
    let bare = runtime.block_on(servers::bare_hyper());
    for size in SIZES {
        let front = runtime.block_on(servers::front(size));
        let ours = Side { address: front.address(), requests: REQUESTS };
        let theirs = Side { address: bare, requests: REQUESTS };
        print_pairs(size, &pairs(size, &ours, &theirs));
        runtime.block_on(front.close());
    }
}

/// What `serve` does in a million requests, and what memory this process has then; it sends them too.
fn measure_memory(runtime: &Runtime) {
    println!("\n{:>12} {:>14} {:>12} {:>12}", "requests", "requests/s", "VmRSS kB", "VmHWM kB");
    let front = runtime.block_on(servers::front(1_000));
    for sent in (0..MILLION).step_by(MEMORY_STEP) {
        let firsts = (sent..sent + MEMORY_STEP).step_by(MEMORY_BATCH);
        let rates =
            sorted(firsts.map(|first| Load::new(CONNECTIONS, 1_000, first, MEMORY_BATCH).send(front.address()).0));
        let (rate, sent) = (rates[rates.len() / 2], sent + MEMORY_STEP);
        println!("{sent:>12} {rate:>14.0} {:>12} {:>12}", kilobytes("VmRSS:"), kilobytes("VmHWM:"));
    }
    runtime.block_on(front.close());
}

/// A server, and how many requests one round sends it.
struct Side {
    address: SocketAddr,
    requests: usize,
}

/// Requests a second of both sides, round by round; every other round begins with the other side.
fn pairs(size: usize, ours: &Side, theirs: &Side) -> Vec<(f64, f64)> {
    let rate =
        |side: &Side, round: usize| Load::new(CONNECTIONS, size, round * REQUESTS, side.requests).send(side.address).0;
    rate(ours, ROUNDS);
    rate(theirs, ROUNDS);
    let measured = (0..ROUNDS).map(|round| {
        if round.is_multiple_of(2) {
            let rate_of_ours = rate(ours, round);
            return (rate_of_ours, rate(theirs, round));
        }
        let rate_of_theirs = rate(theirs, round);
        (rate(ours, round), rate_of_theirs)
    });
    measured.collect()
}

fn print_head(ours: &str, theirs: &str) {
    println!("\n{:>12} {ours:>14} {theirs:>16} {:>8}   requests/s, medians of {ROUNDS}", "interactions", "ratio");
}

/// The ratio is the median of the rounds' own ratios, with the least and the greatest behind it.
fn print_pairs(size: usize, pairs: &[(f64, f64)]) {
    let ours = sorted(pairs.iter().map(|pair| pair.0))[pairs.len() / 2];
    let theirs = sorted(pairs.iter().map(|pair| pair.1))[pairs.len() / 2];
    let ratios = sorted(pairs.iter().map(|pair| pair.0 / pair.1));
    let (least, ratio, greatest) = (ratios[0], ratios[pairs.len() / 2], ratios[pairs.len() - 1]);
    println!("{size:>12} {ours:>14.0} {theirs:>16.0} {ratio:>8.2}   {least:.2} to {greatest:.2}");
}

fn sorted(figures: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures
}

/// Of this process, from its status; only Linux has that.
fn kilobytes(name: &str) -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let figure = status.lines().find_map(|line| line.strip_prefix(name));
    figure.map_or_else(|| "unknown".to_owned(), |figure| figure.trim().trim_end_matches(" kB").to_owned())
}

/// How many mocks all requests of a round may look at: a round should not take longer because it is slow.
const LOOKED_AT: usize = 2_000_000;
/// Few, so that requests not yet sent are little of the memory.
const MEMORY_BATCH: usize = 2_000;
const MEMORY_STEP: usize = 100_000;
const MILLION: usize = 1_000_000;
const REQUESTS: usize = 20_000;
const ROUNDS: usize = 7;
