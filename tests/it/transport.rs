//! The transport against upstreams that fail, on sockets made by hand, and against https on loopback.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use alidns_contract::clients::{Transport, TransportError, Trust};
use alidns_contract::front::Front;
use alidns_contract::wire::{Headers, RawRequest, Request, Response};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::tls::{Authority, Terminator};

/// Longer than anything takes that does not stall, and shorter than the patience of whoever waits for the tests.
const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(300);

/// Reads a head, and leaves the rest to `behave`; the URL.
async fn upstream<F: Future<Output = io::Result<()>> + Send>(
    behave: impl Fn(TcpStream) -> F + Send + 'static,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
    let url = format!("http://{}", listener.local_addr().expect("it is bound"));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0; 4096];
            let _ = stream.read(&mut head).await;
            let _ = behave(stream).await;
        }
    });
    url
}

/// Answers these bytes, and hangs up.
async fn answering(bytes: &'static [u8]) -> String {
    upstream(move |mut stream| async move { stream.write_all(bytes).await }).await
}

/// The error that comes of asking at `url`, before the time limit runs out unless the upstream stalls.
async fn failure(url: &str, trust: Trust) -> TransportError {
    failure_within(LONG, url, trust).await
}

async fn failure_within(limit: Duration, url: &str, trust: Trust) -> TransportError {
    let transport = Transport::new(trust, limit).expect("it trusts what there is");
    let begun = Instant::now();
    let error = transport.send(url, &get()).await.expect_err("there is no whole answer");
    assert!(begun.elapsed() < LONG, "{:?}", begun.elapsed());
    error
}

fn get() -> Request {
    Request::compose("GET", Vec::new(), Headers::new())
}

/// The error and its causes.
fn told(error: &TransportError) -> String {
    let causes = std::iter::successors(Some(error as &dyn std::error::Error), |&error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// A server of plain HTTP that always answers the same.
async fn plain() -> Front {
    let handler = |_: RawRequest| async { Response { status: 200, headers: Headers::new(), body: b"{}".to_vec() } };
    let address = "127.0.0.1:0".parse().expect("an address");
    Front::open(address, Arc::new(handler)).await.expect("loopback has a free port")
}

fn only(authority: &Authority) -> Trust {
    Trust::Only { pem: authority.pem().into_bytes() }
}

#[tokio::test]
async fn an_upstream_that_resets_or_hangs_up_gives_no_whole_answer() {
    let resets = upstream(|stream| async move { stream.set_zero_linger() }).await;
    let hangs_up = answering(b"").await;

    for url in [resets, hangs_up] {
        let error = failure(&url, Trust::Nobody).await;

        assert!(matches!(error, TransportError::BadAnswer(_)), "{error:?}");
        assert!(!told(&error).contains(&url), "{}", told(&error));
    }
}

#[tokio::test]
async fn garbage_is_no_answer() {
    let garbage: [&'static [u8]; 4] = [
        b"\x00\xff\xfe garbage \r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
    ];

    for bytes in garbage {
        let error = failure(&answering(bytes).await, Trust::Nobody).await;

        assert!(matches!(error, TransportError::BadAnswer(_)), "{}: {error:?}", bytes.escape_ascii());
    }
}

#[tokio::test]
async fn a_body_shorter_than_its_length_or_without_its_last_chunk_is_no_whole_answer() {
    let short: [&'static [u8]; 3] = [
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
    ];

    for bytes in short {
        let error = failure(&answering(bytes).await, Trust::Nobody).await;

        assert!(matches!(error, TransportError::BadAnswer(_)), "{}: {error:?}", bytes.escape_ascii());
    }
}

#[tokio::test]
async fn an_upstream_that_stalls_or_drips_is_late() {
    let silent = upstream(|stream| async move {
        let _open = stream;
        std::future::pending().await
    })
    .await;
    let stalling = upstream(|mut stream| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{").await?;
        std::future::pending().await
    })
    .await;
    let dripping = upstream(|mut stream| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n").await?;
        loop {
            stream.write_all(b" ").await?;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;

    for url in [silent, stalling, dripping] {
        let error = failure_within(SHORT, &url, Trust::Nobody).await;

        assert!(matches!(error, TransportError::Late(_)), "{error:?}");
    }
}

#[tokio::test]
async fn a_hundred_megabytes_are_not_taken_in() {
    let announced = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n").await;
    let endless = upstream(|mut stream| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
        for _ in 0..1600 {
            stream.write_all(&[b' '; 64 * 1024]).await?;
        }
        Ok(())
    })
    .await;

    for url in [announced, endless] {
        let error = failure(&url, Trust::Nobody).await;

        assert!(matches!(error, TransportError::TooLong), "{error:?}");
    }
}

#[tokio::test]
async fn where_nobody_listens_there_is_no_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
    let url = format!("http://{}", listener.local_addr().expect("it is bound"));
    drop(listener);

    let error = failure(&url, Trust::Nobody).await;

    assert!(matches!(error, TransportError::NoConnection(_)), "{error:?}");
}

#[tokio::test]
async fn a_certificate_of_the_authority_given_is_trusted() {
    let (authority, other, plain) = (Authority::new(), Authority::new(), plain().await);
    let terminator = Terminator::start(&authority, "localhost", &plain.url());
    let both = Trust::Only { pem: [other.pem(), authority.pem()].concat().into_bytes() };

    for trust in [only(&authority), both] {
        let transport = Transport::new(trust, LONG).expect("the authorities are sound");
        let answer = transport.send(&terminator.url, &get()).await.expect("it answers");

        assert_eq!((answer.status, answer.body), (200, b"{}".to_vec()));
    }
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_or_for_another_host_is_refused() {
    let (authority, plain) = (Authority::new(), plain().await);
    let ours = Terminator::start(&authority, "localhost", &plain.url());
    let elsewhere = Terminator::start(&authority, "alidns.aliyuncs.com", &plain.url());

    let refused = [
        failure(&ours.url, Trust::Nobody).await,
        failure(&ours.url, only(&Authority::new())).await,
        failure(&elsewhere.url, only(&authority)).await,
        failure(&ours.url.replace("localhost", "127.0.0.1"), only(&authority)).await,
    ];

    for error in refused {
        assert!(matches!(error, TransportError::Untrusted(_)), "{error:?}");
        assert!(told(&error).contains("certificate"), "{}", told(&error));
    }
}

#[tokio::test]
async fn https_to_a_server_of_plain_http_is_not_trusted() {
    let plain = plain().await;

    let error = failure(&plain.url().replace("http:", "https:"), only(&Authority::new())).await;

    assert!(matches!(error, TransportError::Untrusted(_)), "{error:?}");
}

#[test]
fn authorities_that_are_none_are_an_error_at_once() {
    let private = rcgen::KeyPair::generate().expect("random numbers are there").serialize_pem();
    let damaged = Authority::new().pem().replacen("MII", "AAA", 1);
    let empty_block = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";

    for pem in ["", "no certificate", &private, &damaged, empty_block] {
        let error = Transport::new(Trust::Only { pem: pem.into() }, LONG).expect_err("there is none");

        assert!(matches!(error, TransportError::Authorities(_)), "{pem}: {error:?}");
        assert_eq!(error.help(), "give a file with -----BEGIN CERTIFICATE----- in it");
    }
}
