//! The integration tests, one binary.

mod architecture;
mod cassettes;
#[cfg(feature = "cli")]
mod clients;
#[cfg(feature = "cli")]
mod explain;
mod front;
mod recipes;
mod vectors;
#[cfg(feature = "cli")]
mod world;
