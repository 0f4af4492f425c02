//! Sends requests over HTTP.

use std::error::Error as _;
use std::io;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Certificate, ClientBuilder, Method, redirect};
use thiserror::Error;

use crate::wire::{Headers, Request, Response};

/// URLs as the transport reads them: whoever looks at one before it is used sees the same host.
pub use reqwest::Url;

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
    /// [`TransportError::Setup`] or [`TransportError::Authorities`] where the certificates that are to be trusted are
    /// not there.
    pub fn new(trust: Trust, time_limit: Duration) -> Result<Self, TransportError> {
        let builder = reqwest::Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            .timeout(time_limit)
            .connect_timeout(time_limit);
        match trust {
            // The certificates of the system are not read: where there are none, that alone would be an error.
            Trust::Nobody => builder.tls_certs_only([]).build().map_err(TransportError::Setup),
            Trust::Only { pem } => trusting(builder, &pem),
            Trust::System => builder.build().map_err(TransportError::Setup),
        }
        .map(|client| Self { client })
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
        let answer = outgoing.send().await.map_err(TransportError::of)?;
        let status = answer.status().as_u16();
        let headers = answer.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        Ok(Response { status, headers, body: read_body(answer).await? })
    }
}

/// Whose certificates are trusted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Trust {
    /// Nobody's: for plain http.
    Nobody,
    /// These certificate authorities, and none of the system.
    Only {
        /// One certificate or several, in PEM.
        pem: Vec<u8>,
    },
    /// The certificate authorities of the system.
    System,
}

/// Why there is no whole answer.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TransportError {
    /// No certificates in what is to be trusted.
    #[error("no certificates in PEM where those to be trusted should be")]
    Authorities(#[source] Option<reqwest::Error>),
    /// What comes is no answer of HTTP, or breaks off.
    #[error("no whole answer")]
    BadAnswer(#[source] reqwest::Error),
    /// The answer, or its end, does not come in time.
    #[error("no whole answer in time")]
    Late(#[source] reqwest::Error),
    /// Nobody there.
    #[error("no connection")]
    NoConnection(#[source] reqwest::Error),
    /// The transport cannot be made.
    #[error("no transport")]
    Setup(#[source] reqwest::Error),
    /// An answer without end.
    #[error("the answer is longer than {ANSWER_BYTES} bytes")]
    TooLong,
    /// A part of the request that HTTP cannot carry.
    #[error("the {0} of the request cannot be sent")]
    Unsendable(&'static str),
    /// No TLS, or a certificate that nobody who is trusted vouches for.
    #[error("no connection that can be trusted")]
    Untrusted(#[source] reqwest::Error),
}

impl TransportError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Authorities(_) => "give a file with -----BEGIN CERTIFICATE----- in it",
            Self::BadAnswer(_) | Self::TooLong => "check that the URL is that of the service",
            Self::Late(_) => "try again; check that nothing on the way holds the answer back",
            Self::NoConnection(_) => "check the URL, and that something listens there",
            Self::Setup(_) => "install the certificate authorities of the system",
            Self::Unsendable(_) => "check the request",
            Self::Untrusted(_) => "check the name in the URL, and whose certificates are trusted",
        }
    }

    /// Without the URL: it holds the key id and the signature.
    fn of(error: reqwest::Error) -> Self {
        let error = error.without_url();
        if error.is_timeout() {
            Self::Late(error)
        } else if !error.is_connect() {
            Self::BadAnswer(error)
        } else if is_about_tls(&error) {
            Self::Untrusted(error)
        } else {
            Self::NoConnection(error)
        }
    }
}

fn trusting(builder: ClientBuilder, pem: &[u8]) -> Result<reqwest::Client, TransportError> {
    let unusable = |error| TransportError::Authorities(Some(error));
    let authorities = Certificate::from_pem_bundle(pem).map_err(unusable)?;
    if authorities.is_empty() {
        return Err(TransportError::Authorities(None));
    }
    builder.tls_certs_only(authorities).build().map_err(unusable)
}

/// A connection that fails over what was read, and not over reading it.
fn is_about_tls(error: &reqwest::Error) -> bool {
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    let mut failures = causes.filter_map(|cause| cause.downcast_ref::<io::Error>()).flat_map(nested);
    failures.any(|failure| failure.kind() == io::ErrorKind::InvalidData)
}

/// An error of reading or writing, and those that it wraps: they are not among its sources.
fn nested(error: &io::Error) -> impl Iterator<Item = &io::Error> {
    std::iter::successors(Some(error), |&error| error.get_ref()?.downcast_ref())
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
    if answer.content_length().is_some_and(|length| length > ANSWER_BYTES as u64) {
        return Err(TransportError::TooLong);
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(TransportError::of)? {
        if body.len() + chunk.len() > ANSWER_BYTES {
            return Err(TransportError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

const ANSWER_BYTES: usize = 8 * 1024 * 1024;
