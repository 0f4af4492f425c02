//! Carries requests to whatever answers them.

mod clock;
mod handler;
mod heads;
mod http;
mod intake;
mod played;
mod receipt;
mod service;
#[cfg(feature = "cli")]
mod simulated;
mod wiremock;

pub use clock::system_clock;
pub use handler::{Handler, Unreadable};
pub use http::{Front, Limits, ListenError};
pub use intake::{Intake, Received};
pub use receipt::{Findings, Found, Receipt};
pub use service::{Answered, Origin, Service};
pub use wiremock::{Replay, ReplayError, Unmounted};
