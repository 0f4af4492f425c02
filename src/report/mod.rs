//! The same facts, for people and for programs.

pub mod cassettes;
pub mod human;
pub mod json;
mod paint;
pub mod recorded;
mod text;

pub use paint::Paint;
