//! Record-and-replay contract tests for clients of Alibaba Cloud DNS's `DescribeBatchResultCount`.
//!
//! [`Replay`] answers a client from cassettes inside `cargo test`, and verifies every signature:
//!
//! ```no_run
//! # async fn in_a_test() -> Result<(), Box<dyn std::error::Error>> {
//! let replay = alidns_contract::Replay::start("cassettes").await?;
//! // Point the client at replay.uri(), with the key testid / testsecret, and call it.
//! replay.assert_clean();
//! # Ok(()) }
//! ```
//!
//! [`judge`] puts a [`Client`] to every test that ships: made-up answers, combinations of parameters, retries.
//!
//! [`signing`] is of use by itself: it signs, verifies, and says why a wrong signature is wrong, for any RPC-style action.
//!
//! What is listed here is what users can build on. The rooms behind it are open to this package's own command and
//! tests, and promise nothing; ARCHITECTURE.md shows them.

#[doc(hidden)]
pub mod cassettes;
#[doc(hidden)]
pub mod checks;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
#[doc(hidden)]
pub mod clients;
#[doc(hidden)]
pub mod conformance;
#[doc(hidden)]
pub mod contract;
#[doc(hidden)]
pub mod front;
#[doc(hidden)]
pub mod gateway;
#[doc(hidden)]
pub mod playback;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod recording;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod report;
pub mod signing;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod simulator;
#[doc(hidden)]
pub mod wire;

pub use cassettes::{Cassette, CassetteError, Cassettes, Interaction, Provenance};
pub use checks::{CHECKS, Check, Finding, Grade, Outcome, Severity};
#[cfg(feature = "cli")]
pub use clients::Bundled;
pub use clients::{Client, Endpoint, Skipped};
pub use conformance::{Judgement, judge};
pub use contract::{Call, Evidence, Fields, Reading, Value};
pub use front::{Front, Receipt, Replay, ReplayError};
pub use wire::{
    Clock, Headers, Malformed, Parameter, Place, RawRequest, Request, Response, Spelling, Timestamp, percent,
};
/// The mock server that [`Replay`] plays on: whoever mounts a replay on a server needs the same version.
pub use wiremock;
