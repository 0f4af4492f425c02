//! The operation, and what is believed of it.

#[cfg(feature = "cli")]
mod world;

#[cfg(feature = "cli")]
pub use world::{BatchType, KeyState, PastTask, World};
