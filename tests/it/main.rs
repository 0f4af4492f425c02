//! The integration tests, one binary.

mod architecture;
#[cfg(feature = "cli")]
mod bad_input;
#[cfg(all(feature = "cli", unix))]
mod canary;
mod captured;
#[cfg(feature = "cli")]
mod cassette_command;
mod cassettes;
#[cfg(feature = "cli")]
mod check;
#[cfg(feature = "cli")]
mod cli;
#[cfg(feature = "cli")]
mod clients;
#[cfg(feature = "cli")]
mod conformance;
mod contract;
#[cfg(feature = "cli")]
mod docs;
#[cfg(feature = "cli")]
mod explain;
mod fleet;
mod front;
mod playback;
#[cfg(feature = "cli")]
mod property_calls;
mod property_sealing;
mod property_signing;
mod recipes;
#[cfg(all(feature = "cli", unix))]
mod record;
mod replay;
#[cfg(feature = "cli")]
mod scenarios;
#[cfg(feature = "cli")]
mod scrub;
#[cfg(all(feature = "cli", unix))]
mod serve;
#[cfg(all(feature = "cli", unix))]
mod simulate;
#[cfg(feature = "cli")]
mod simulator;
mod snapshots;
#[cfg(feature = "cli")]
mod store;
#[cfg(feature = "cli")]
mod tls;
#[cfg(feature = "cli")]
mod transport;
mod vectors;
#[cfg(feature = "cli")]
mod world;
