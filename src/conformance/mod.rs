//! A client judged.

mod case;
mod coverage;
mod covering;
mod guard;
mod judge;
mod judgement;
mod mutation;
mod stage;

pub use case::{Answers, Case, call_of, reading_of, row_cases};
pub use coverage::{Codes, Coverage, Reached};
pub use covering::{Factors, Producer, Row, Tuple, holds};
pub use judge::{Formats, Plan, Readings, committed_rows, judge, judge_by};
pub use judgement::{JudgedCase, JudgedCassette, JudgedExchange, JudgedInteraction, Judgement, Part};
pub use mutation::{MUTATIONS, Mutation, PLAIN};
