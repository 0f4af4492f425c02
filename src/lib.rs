//! Record-and-replay contract test harness for Alibaba Cloud DNS's `DescribeBatchResultCount`.

pub mod cassettes;
pub mod checks;
#[cfg(feature = "cli")]
pub mod cli;
pub mod clients;
pub mod conformance;
pub mod contract;
pub mod front;
pub mod gateway;
pub mod playback;
#[cfg(feature = "cli")]
pub mod report;
pub mod signing;
#[cfg(feature = "cli")]
pub mod simulator;
pub mod wire;

/// The mock server that [`front::Replay`] plays on: whoever mounts a replay on a server needs the same version.
pub use wiremock;
