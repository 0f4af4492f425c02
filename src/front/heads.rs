//! Request heads as they came off the socket.
//!
//! An HTTP library hands over what it understood: the target without what follows a `#`, header names in lower
//! case. A signature is judged by what was sent, so a [`Tap`] between socket and library keeps a copy of each head.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncBufRead, AsyncRead, AsyncWrite, BufReader, ReadBuf};
use tokio::time::{Sleep, sleep};

use crate::wire::{Headers, RawRequest, Spelling};

/// A socket that keeps a copy of the request head that is being read, and waits for no reader for ever.
pub(super) struct Tap<S> {
    stream: BufReader<S>,
    heads: Heads,
    write_time: Duration,
    stalled: Option<Pin<Box<Sleep>>>,
}

impl<S: AsyncRead> Tap<S> {
    /// Taps `stream`; a write that does not get on for `write_time` is an error.
    pub(super) fn new(stream: S, heads: Heads, write_time: Duration) -> Self {
        Self { stream: BufReader::new(stream), heads, write_time, stalled: None }
    }

    fn in_time<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let write_time = self.write_time;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(write_time)));
        ready!(stalled.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Tap<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let tap = self.get_mut();
        let came = ready!(Pin::new(&mut tap.stream).poll_fill_buf(cx))?;
        let came = &came[..came.len().min(buf.remaining())];
        let passed = tap.heads.seen().pass(came);
        buf.put_slice(&came[..passed]);
        Pin::new(&mut tap.stream).consume(passed);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Tap<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let tap = self.get_mut();
        let written = Pin::new(&mut tap.stream).poll_write(cx, bytes);
        tap.in_time(cx, written)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let tap = self.get_mut();
        let flushed = Pin::new(&mut tap.stream).poll_flush(cx);
        tap.in_time(cx, flushed)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

/// The copy, shared between the tap and whoever answers.
#[derive(Clone)]
pub(super) struct Heads(Arc<Mutex<Seen>>);

impl Heads {
    /// Keeps `limit` bytes of a head at the most.
    pub(super) fn new(limit: usize) -> Self {
        Self(Arc::new(Mutex::new(Seen { head: Vec::new(), limit, line: Line::Before, part: Part::Head })))
    }

    /// Takes the head that was read last, and says what follows it.
    ///
    /// The next head begins behind the body, so this has to be called before any of the body is read.
    pub(super) fn take(&self, body: BodyLength) -> Vec<u8> {
        let mut seen = self.seen();
        seen.line = Line::Before;
        seen.part = match body {
            BodyLength::Known(0) => Part::Head,
            BodyLength::Known(left) => Part::Body { left },
            BodyLength::Unknown => Part::Rest,
        };
        std::mem::take(&mut seen.head)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long a body is, as far as its head tells.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum BodyLength {
    Known(u64),
    /// Chunked: where the next head begins is not followed up.
    Unknown,
}

/// The request that `head` begins, without its body; none where it is no head.
pub(super) fn read_head(head: &[u8]) -> Option<RawRequest> {
    let lines = head.split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let mut lines = lines.skip_while(|line| line.is_empty()).take_while(|line| !line.is_empty());
    let mut words = lines.next()?.splitn(3, |&byte| byte == b' ');
    let method = String::from_utf8(words.next()?.to_vec()).ok()?;
    let (target, _version) = (words.next()?.to_vec(), words.next()?);
    let headers: Option<Headers> = lines.map(read_header).collect::<Option<Vec<_>>>().map(Headers::from_iter);
    Some(RawRequest { method, target, headers: headers?, body: Vec::new(), spelling: Spelling::AsSent })
}

fn read_header(line: &[u8]) -> Option<(String, Vec<u8>)> {
    let colon = line.iter().position(|&byte| byte == b':')?;
    let name = String::from_utf8(line[..colon].to_vec()).ok()?;
    Some((name, line[colon + 1..].trim_ascii().to_vec()))
}

struct Seen {
    head: Vec<u8>,
    limit: usize,
    line: Line,
    part: Part,
}

/// Where in a head: blank lines before it do not end it.
enum Line {
    Before,
    Blank,
    Filled,
}

enum Part {
    Body { left: u64 },
    Head,
    Rest,
}

impl Seen {
    /// Notes the bytes that may be read on now, and says how many: none beyond the end of a head or a body.
    fn pass(&mut self, came: &[u8]) -> usize {
        match &mut self.part {
            Part::Body { left } => {
                let passed = came.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= passed as u64;
                if *left == 0 {
                    self.part = Part::Head;
                }
                passed
            }
            Part::Head => self.pass_head(came),
            Part::Rest => came.len(),
        }
    }

    fn pass_head(&mut self, came: &[u8]) -> usize {
        let end = came.iter().position(|&byte| self.line.ends_head(byte));
        let passed = end.map_or(came.len(), |last| last + 1);
        let room = self.limit.saturating_sub(self.head.len());
        self.head.extend_from_slice(&came[..passed.min(room)]);
        passed
    }
}

impl Line {
    fn ends_head(&mut self, byte: u8) -> bool {
        match (&self, byte) {
            (Self::Blank, b'\n') => return true,
            (Self::Filled, b'\n') => *self = Self::Blank,
            (_, b'\r' | b'\n') => {}
            _ => *self = Self::Filled,
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pass_all(heads: &Heads, mut bytes: &[u8]) -> Vec<usize> {
        let mut passed = Vec::new();
        while !bytes.is_empty() {
            let now = heads.seen().pass(bytes);
            passed.push(now);
            bytes = &bytes[now..];
        }
        passed
    }

    #[test]
    fn a_head_is_passed_on_alone_and_copied() {
        let heads = Heads::new(100);

        let passed = heads.seen().pass(b"GET / HTTP/1.1\r\nA: b\r\n\r\nGET");

        assert_eq!(passed, 24);
        assert_eq!(heads.take(BodyLength::Known(0)), b"GET / HTTP/1.1\r\nA: b\r\n\r\n");
    }

    #[test]
    fn a_head_that_comes_byte_by_byte_is_whole() {
        let heads = Heads::new(100);

        for byte in b"GET / HTTP/1.1\r\n\r\n" {
            heads.seen().pass(&[*byte]);
        }

        assert_eq!(heads.take(BodyLength::Known(0)), b"GET / HTTP/1.1\r\n\r\n");
    }

    #[test]
    fn the_next_head_begins_behind_a_body_of_known_length() {
        let heads = Heads::new(100);
        heads.seen().pass(b"POST /1 HTTP/1.1\n\n");
        heads.take(BodyLength::Known(4));

        let passed = pass_all(&heads, b"\n\n\n\nGET /2 HTTP/1.1\n\n");

        assert_eq!(passed, [4, 17]);
        assert_eq!(heads.take(BodyLength::Known(0)), b"GET /2 HTTP/1.1\n\n");
    }

    #[test]
    fn nothing_is_copied_behind_a_body_of_unknown_length() {
        let heads = Heads::new(100);
        heads.seen().pass(b"POST /1 HTTP/1.1\n\n");
        heads.take(BodyLength::Unknown);

        assert_eq!(pass_all(&heads, b"0\r\n\r\nGET /2 HTTP/1.1\n\n"), [22]);
        assert_eq!(heads.take(BodyLength::Known(0)), b"");
    }

    #[test]
    fn the_copy_ends_at_the_limit_and_reading_goes_on() {
        let heads = Heads::new(5);

        assert_eq!(pass_all(&heads, b"GET / HTTP/1.1\r\n"), [16]);
        assert_eq!(heads.take(BodyLength::Known(0)), b"GET /");
    }

    #[test]
    fn blank_lines_before_a_request_do_not_end_its_head() {
        let heads = Heads::new(100);

        assert_eq!(pass_all(&heads, b"\r\n\r\nGET / HTTP/1.1\r\n\r\n"), [22]);
    }

    #[test]
    fn a_head_is_read_with_target_and_spelling_as_sent() {
        let head = b"\r\nGet http://h/?a='#\xff HTTP/1.1\r\nHOST: h \r\nx-a:\xe9\r\nX-A:\r\n\r\n";

        let request = read_head(head).expect("a request line and three headers");

        assert_eq!(request.method, "Get");
        assert_eq!(request.target, b"http://h/?a='#\xff");
        let headers: Vec<_> = request.headers.iter().collect();
        assert_eq!(headers, [("HOST", &b"h"[..]), ("x-a", b"\xe9"), ("X-A", b"")]);
        assert_eq!(request.spelling, Spelling::AsSent);
    }

    #[test]
    fn what_is_no_head_is_not_read() {
        for head in ["", "GET", "GET /", "GET / HTTP/1.1\nno colon\n\n"] {
            assert_eq!(read_head(head.as_bytes()), None, "{head}");
        }
    }
}
