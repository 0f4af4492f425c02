//! A client judged.

mod case;

pub use case::{call_of, reading_of};
