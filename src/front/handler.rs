//! What a front carries requests to.

use std::fmt;
use std::future::Future;

use serde::{Serialize, Serializer};

use crate::wire::{RawRequest, Response};

/// Answers what a front carries to it.
pub trait Handler: Send + Sync + 'static {
    /// Answers one request.
    fn answer(&self, request: RawRequest) -> impl Future<Output = Response> + Send;

    /// Takes note of bytes that are no request; the front has answered them with status 400, or a closer one.
    fn note(&self, unreadable: Unreadable);
}

impl<F, A> Handler for F
where
    F: Fn(RawRequest) -> A + Send + Sync + 'static,
    A: Future<Output = Response> + Send,
{
    fn answer(&self, request: RawRequest) -> impl Future<Output = Response> + Send {
        self(request)
    }

    fn note(&self, _unreadable: Unreadable) {}
}

/// Bytes that HTTP cannot parse.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Unreadable {
    /// The head as far as it came, without any body; as text, bytes outside ASCII are escaped.
    #[serde(serialize_with = "escaped")]
    pub head: Vec<u8>,
    /// What is wrong with it.
    pub why: String,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no HTTP request: {}\n  {}", self.why, escape(&self.head))
    }
}

fn escaped<S: Serializer>(head: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&escape(head))
}

/// As much of a head as a report needs.
fn escape(head: &[u8]) -> String {
    let shown = head[..head.len().min(SHOWN_BYTES)].escape_ascii();
    if head.len() > SHOWN_BYTES { format!("{shown}.. ({} bytes)", head.len()) } else { shown.to_string() }
}

const SHOWN_BYTES: usize = 2000;
