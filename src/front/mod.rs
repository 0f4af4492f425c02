//! Carries requests to whatever answers them.

mod heads;
mod http;

pub use http::{Front, Handler, Limits, ListenError, Unreadable};
