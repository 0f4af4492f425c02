//! The same facts, for people and for programs.

pub mod human;
pub mod json;
mod paint;

pub use paint::Paint;
