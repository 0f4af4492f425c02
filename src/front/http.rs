//! A handler on a socket: HTTP/1 with targets exactly as sent, everything bounded.

use std::convert::Infallible;
use std::error::Error;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body, Bytes, Incoming};
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{HeaderMap, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use thiserror::Error;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

use super::handler::{Handler, Unreadable};
use super::heads::{self, BodyLength, Heads, Tap};
use crate::wire::{RawRequest, Response, is_of_a_connection, with_causes};

/// A handler that listens on a socket.
///
/// Dropping it closes it too, without waiting for the requests that are under way.
#[derive(Debug)]
pub struct Front {
    address: SocketAddr,
    closing: watch::Sender<()>,
    accepting: JoinHandle<()>,
}

impl Front {
    /// Listens on `address`, within the default limits; port 0 takes any free port.
    ///
    /// # Errors
    /// [`ListenError`] where the address is taken, or not to be had.
    pub async fn open(address: SocketAddr, handler: Arc<impl Handler>) -> Result<Self, ListenError> {
        Self::open_within(Limits::default(), address, handler).await
    }

    /// Listens on `address` within `limits`.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_within(
        limits: Limits,
        address: SocketAddr,
        handler: Arc<impl Handler>,
    ) -> Result<Self, ListenError> {
        let failed = |cause| ListenError { address, cause };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (closing, closed) = watch::channel(());
        let accepting = tokio::spawn(accept(listener, handler, limits, closed));
        Ok(Self { address, closing, accepting })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base URL, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops listening, and lets the requests that are under way end within the limits.
    pub async fn close(self) {
        drop(self.closing);
        // An error would be a panic of the accepting task, which has none, or a runtime that ends with us.
        let _ = self.accepting.await;
    }
}

/// How long a front waits, and for how many.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Connections at a time; more wait to be accepted.
    pub connections: usize,
    /// For a whole head, from the last answer on: so an idle connection too is closed after that time.
    pub head_time: Duration,
    /// For a whole body.
    pub body_time: Duration,
    /// For a client to take in a part of the answer.
    pub write_time: Duration,
    /// For requests under way when the front is closed.
    pub close_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1024,
            head_time: Duration::from_secs(30),
            body_time: Duration::from_secs(30),
            write_time: Duration::from_secs(30),
            close_time: Duration::from_secs(5),
        }
    }
}

/// An address that cannot be listened on.
#[derive(Debug, Error)]
#[error("cannot listen on {address}")]
pub struct ListenError {
    /// The address asked for.
    pub address: SocketAddr,
    /// What the system says.
    #[source]
    pub cause: io::Error,
}

impl ListenError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self.cause.kind() {
            io::ErrorKind::AddrInUse => "another process listens there: take another port, or port 0 for any free one",
            io::ErrorKind::AddrNotAvailable => "take an address of this machine, such as 127.0.0.1",
            io::ErrorKind::PermissionDenied => "take a port above 1023",
            _ => "take another address, such as 127.0.0.1:0",
        }
    }
}

async fn accept<H: Handler>(listener: TcpListener, handler: Arc<H>, limits: Limits, mut closed: watch::Receiver<()>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = closed.changed() => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept(), if connections.len() < limits.connections => match accepted {
                Ok((stream, _)) => drop(connections.spawn(serve(stream, handler.clone(), limits, closed.clone()))),
                // Out of file descriptors, most likely: some connection has to end first.
                Err(_) => sleep(ACCEPT_PAUSE).await,
            },
        }
    }
    drop(listener);
    // Whatever is left after that time is cut off when the set is dropped.
    let _ = timeout(limits.close_time, async { while connections.join_next().await.is_some() {} }).await;
}

async fn serve<H: Handler>(stream: TcpStream, handler: Arc<H>, limits: Limits, mut closed: watch::Receiver<()>) {
    let _ = stream.set_nodelay(true);
    let heads = Heads::new(HEAD_BYTES);
    let tap = TokioIo::new(Tap::new(stream, heads.clone(), limits.write_time));
    let service = service_fn(|request: hyper::Request<Incoming>| {
        // Before anything else is read: see `Heads::take`.
        let head = heads.take(body_length(request.body()));
        Box::pin(exchange(head, request.into_body(), handler.clone(), limits))
    });
    let mut connection = http(&limits).serve_connection(tap, service);
    let ended = tokio::select! {
        ended = poll_fn(|cx| connection.poll_without_shutdown(cx)) => Some(ended),
        _ = closed.changed() => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            Pin::new(&mut connection).graceful_shutdown();
            poll_fn(|cx| connection.poll_without_shutdown(cx)).await
        }
    };
    if let Err(error) = ended.as_ref()
        && (error.is_parse() || error.is_parse_version_h2())
    {
        handler.note(Unreadable { head: heads.take(BodyLength::Unknown), why: with_causes(error) });
    }
    linger(connection.into_parts().io.into_inner()).await;
}

fn http(limits: &Limits) -> http1::Builder {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .max_header_size(HEAD_BYTES)
        .max_buf_size(HEAD_BYTES)
        .max_headers(HEADERS)
        .half_close(true)
        .auto_date_header(false);
    http
}

/// Waits a little for the client to hang up: a socket closed on unread bytes would take the answer with it.
async fn linger<S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin>(mut socket: S) {
    let _ = timeout(LINGER_TIME, async {
        socket.shutdown().await?;
        let mut unread = [0; 4096];
        while socket.read(&mut unread).await? > 0 {}
        Ok::<(), io::Error>(())
    })
    .await;
}

async fn exchange<H: Handler>(
    head: Vec<u8>,
    body: Incoming,
    handler: Arc<H>,
    limits: Limits,
) -> Result<hyper::Response<Full<Bytes>>, Infallible> {
    // The start of a head behind a chunked body is not known, so the connection ends there.
    let then = if body_length(&body) == BodyLength::Unknown { Then::Close } else { Then::KeepAlive };
    let unreadable = match (heads::read_head(&head), read_body(body, limits.body_time).await) {
        (Some(request), Ok(body)) => {
            let answer = handler.answer(RawRequest { body, ..request }).await;
            return Ok(outgoing(answer, then));
        }
        (None, _) => BodyError::Unreadable("the head cannot be told apart".to_owned()),
        (_, Err(error)) => error,
    };
    let answer = unreadable.answer();
    if let BodyError::Unreadable(why) = unreadable {
        handler.note(Unreadable { head, why });
    }
    Ok(outgoing(answer, Then::Close))
}

fn body_length(body: &Incoming) -> BodyLength {
    body.size_hint().exact().map_or(BodyLength::Unknown, BodyLength::Known)
}

async fn read_body(body: Incoming, time: Duration) -> Result<Vec<u8>, BodyError> {
    if body.size_hint().lower() > BODY_BYTES as u64 {
        return Err(BodyError::TooLarge);
    }
    match timeout(time, Limited::new(body, BODY_BYTES).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes().into()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(BodyError::TooLarge),
        Ok(Err(error)) => Err(BodyError::from_cause(error.as_ref())),
        Err(_elapsed) => Err(BodyError::Late),
    }
}

enum BodyError {
    Late,
    TooLarge,
    Unreadable(String),
    Vanished,
}

impl BodyError {
    fn from_cause(error: &(dyn Error + 'static)) -> Self {
        let vanished = error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_incomplete_message);
        let cut_short = error
            .source()
            .and_then(|cause| cause.downcast_ref::<io::Error>())
            .is_some_and(|cause| matches!(cause.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset));
        if vanished || cut_short { Self::Vanished } else { Self::Unreadable(with_causes(error)) }
    }

    fn answer(&self) -> Response {
        match self {
            Self::Late => plain(408, "the body did not come in time\n"),
            Self::TooLarge => plain(413, "the body is larger than 1 MiB\n"),
            Self::Unreadable(why) => plain(400, &format!("{why}\n")),
            Self::Vanished => plain(400, "the body is cut short\n"),
        }
    }
}

fn plain(status: u16, text: &str) -> Response {
    let headers = [("Content-Type", "text/plain;charset=utf-8")].into_iter().collect();
    Response { status, headers, body: text.into() }
}

/// What becomes of the connection.
#[derive(Clone, Copy)]
enum Then {
    Close,
    KeepAlive,
}

/// The answer as hyper takes it; one that HTTP cannot carry becomes a 500 that says so.
fn outgoing(response: Response, then: Then) -> hyper::Response<Full<Bytes>> {
    let (status, headers, body) = match sendable(&response) {
        Some((status, headers)) => (status, headers, response.body),
        None => (StatusCode::INTERNAL_SERVER_ERROR, HeaderMap::new(), UNSENDABLE.into()),
    };
    let mut outgoing = hyper::Response::new(Full::new(Bytes::from(body)));
    *outgoing.status_mut() = status;
    *outgoing.headers_mut() = headers;
    if let Then::Close = then {
        outgoing.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    outgoing
}

/// Status and headers as HTTP can carry them, without those that belong to a connection: each front sets its own.
pub(super) fn sendable(response: &Response) -> Option<(StatusCode, HeaderMap)> {
    let status = StatusCode::from_u16(response.status).ok().filter(|status| !status.is_informational())?;
    let mut headers = HeaderMap::new();
    for (name, value) in response.headers.iter() {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        let value = HeaderValue::from_bytes(value).ok()?;
        if !is_of_a_connection(name.as_str()) {
            headers.append(name, value);
        }
    }
    Some((status, headers))
}

const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
const BODY_BYTES: usize = 1024 * 1024;
const HEADERS: usize = 100;
const HEAD_BYTES: usize = 64 * 1024;
const LINGER_TIME: Duration = Duration::from_secs(1);
const UNSENDABLE: &str = "the stored answer has a status or a header that HTTP cannot carry\n";
