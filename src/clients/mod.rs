//! Everything that can be judged: the trait for any client, and one of our own.

#[cfg(feature = "cli")]
mod bundled;
mod client;
#[cfg(feature = "cli")]
mod transport;

#[cfg(feature = "cli")]
pub use bundled::{Bundled, Sending, Stamp};
pub use client::{Client, Endpoint, Skipped};
#[cfg(feature = "cli")]
pub use transport::{Transport, TransportError, Trust, Url};
