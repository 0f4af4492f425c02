//! What a front carries requests to.

use std::future::Future;

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
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unreadable {
    /// The head as far as it came, without any body.
    pub head: Vec<u8>,
    /// What is wrong with it.
    pub why: String,
}
