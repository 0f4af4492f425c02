//! The integration tests, one binary.

mod architecture;
#[cfg(feature = "cli")]
mod explain;
#[cfg(feature = "cli")]
mod world;
