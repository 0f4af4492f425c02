//! The embedded upstream: a batch service to record from and to develop against without an account.

mod tasks;

pub use tasks::{Fate, Progress, State, Tasks, Wanted};
