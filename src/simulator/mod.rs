//! The embedded upstream: a batch service to record from and to develop against without an account.

mod answer;
mod asked;
mod operations;
mod tasks;

pub use operations::{Simulator, variables};
pub use tasks::{Fate, Progress, State, Tasks, Wanted};
