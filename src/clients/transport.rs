//! Sends requests over HTTP.

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, redirect};
use thiserror::Error;

use crate::wire::{Headers, Request, Response};

/// Sends requests over HTTP, each exactly once.
///
/// Follows no redirect, uses no proxy, undoes no content coding: what comes back is what was sent.
#[derive(Clone, Debug)]
pub struct Transport {
    client: reqwest::Client,
}

impl Transport {
    /// Waits no longer than `time_limit` for a whole answer.
    ///
    /// # Errors
    /// [`TransportError::Setup`] where the certificates that are to be trusted are not there.
    pub fn new(trust: Trust, time_limit: Duration) -> Result<Self, TransportError> {
        let builder = reqwest::Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            .timeout(time_limit)
            .connect_timeout(time_limit);
        let builder = match trust {
            // The certificates of the system are not read: where there are none, that alone would be an error.
            Trust::Nobody => builder.tls_certs_only([]),
            Trust::System => builder,
        };
        builder.build().map(|client| Self { client }).map_err(TransportError::Setup)
    }

    /// Sends `request` to `base`, a URL without a slash at its end, under the `Host` that the request names.
    ///
    /// The target must be spelled as [`Request::compose`] spells: a raw `'` would go out as `%27`.
    ///
    /// # Errors
    /// [`TransportError`] where there is no whole answer.
    pub async fn send(&self, base: &str, request: &Request) -> Result<Response, TransportError> {
        let raw = request.raw();
        let target = std::str::from_utf8(&raw.target).map_err(|_| TransportError::Unsendable("target"))?;
        let method = Method::from_bytes(raw.method.as_bytes()).map_err(|_| TransportError::Unsendable("method"))?;
        let mut outgoing = self.client.request(method, format!("{base}{target}")).headers(outgoing(&raw.headers)?);
        if !raw.body.is_empty() {
            outgoing = outgoing.body(raw.body.clone());
        }
        let answer = outgoing.send().await.map_err(no_answer)?;
        let status = answer.status().as_u16();
        let headers = answer.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        Ok(Response { status, headers, body: read_body(answer).await? })
    }
}

/// Whose certificates are trusted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Trust {
    /// Nobody's: for plain http.
    Nobody,
    /// The certificate authorities of the system.
    System,
}

/// Why there is no whole answer.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TransportError {
    /// No connection, no answer in time, or one that breaks off.
    #[error("no answer")]
    NoAnswer(#[source] reqwest::Error),
    /// The transport cannot be made.
    #[error("no transport")]
    Setup(#[source] reqwest::Error),
    /// An answer without end.
    #[error("the answer is longer than {ANSWER_BYTES} bytes")]
    TooLong,
    /// A part of the request that HTTP cannot carry.
    #[error("the {0} of the request cannot be sent")]
    Unsendable(&'static str),
}

impl TransportError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::NoAnswer(_) => "check the URL, and that something listens there",
            Self::Setup(_) => "install the certificate authorities of the system",
            Self::TooLong => "check that the URL is that of the service",
            Self::Unsendable(_) => "check the request",
        }
    }
}

/// The headers but for the body's length, which is set by what is sent.
fn outgoing(headers: &Headers) -> Result<HeaderMap, TransportError> {
    let mut outgoing = HeaderMap::new();
    for (name, value) in headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("Content-Length")) {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| TransportError::Unsendable("header"))?;
        let value = HeaderValue::from_bytes(value).map_err(|_| TransportError::Unsendable("header"))?;
        outgoing.append(name, value);
    }
    Ok(outgoing)
}

async fn read_body(mut answer: reqwest::Response) -> Result<Vec<u8>, TransportError> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(no_answer)? {
        if body.len() + chunk.len() > ANSWER_BYTES {
            return Err(TransportError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Without the URL: it holds the key id and the signature.
fn no_answer(error: reqwest::Error) -> TransportError {
    TransportError::NoAnswer(error.without_url())
}

const ANSWER_BYTES: usize = 8 * 1024 * 1024;
