//! A client judged.

mod case;
mod judge;
mod judgement;

pub use case::{call_of, reading_of};
pub use judge::judge;
pub use judgement::{JudgedCassette, JudgedExchange, JudgedInteraction, Judgement, Part};
