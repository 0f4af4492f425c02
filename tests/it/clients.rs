//! The bundled client and its transport, against answers on a socket.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use alidns_contract::clients::{Bundled, Client, Endpoint, Sending, Skipped, Transport, TransportError, Trust};
use alidns_contract::contract::{Call, Reading, Value};
use alidns_contract::front::Front;
use alidns_contract::signing::{Key, Keyring, Scheme, Verdict, verify};
use alidns_contract::wire::{Clock, Headers, RawRequest, Request, Response, Timestamp};

type Seen = Arc<Mutex<Vec<RawRequest>>>;

/// Answers every request the same, and keeps them.
async fn front(status: u16, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> (Front, Seen) {
    let seen = Seen::default();
    let response = Response { status, headers: headers.iter().copied().collect(), body: body.into() };
    let keep = seen.clone();
    let handler = move |request: RawRequest| {
        keep.lock().expect("nobody panics here").push(request);
        let response = response.clone();
        async move { response }
    };
    let address = "127.0.0.1:0".parse().expect("an address");
    let front = Front::open(address, Arc::new(handler)).await.expect("loopback has a free port");
    (front, seen)
}

fn transport() -> Transport {
    Transport::new(Trust::Nobody, Duration::from_secs(10)).expect("needs nothing of the system")
}

fn bundled() -> Bundled {
    let now = Timestamp::from_unix(1_795_492_800).expect("a time of the wire");
    Bundled::new(Scheme::HmacSha1, Sending::PostForm, Clock::fixed(now), transport())
}

fn call() -> Call {
    Call::new("DescribeBatchResultCount", "2015-01-09").with("TaskId", "4521793536").with("Lang", "a b*~'é")
}

fn get() -> Request {
    Request::compose("GET", Vec::new(), Headers::new())
}

#[tokio::test]
async fn what_arrives_is_signed_for_the_endpoint_and_the_answer_is_read() {
    let (front, seen) = front(200, &[], r#"{"Status":1,"RequestId":"A"}"#).await;

    let reading = bundled().call(&Endpoint::new(front.url(), Key::test()), &call()).await.expect("it can be said");

    let Reading::Answer(fields) = reading else { panic!("{reading:?}") };
    assert_eq!(fields.get("Status"), Some(&Value::Integer(1)));
    let arrived = seen.lock().expect("nobody panics here").remove(0);
    assert_eq!(arrived.headers.text("host"), front.url().strip_prefix("http://"));
    let arrived = Request::parse(arrived).expect("it is well formed");
    assert!(matches!(verify(&arrived, &Keyring::test()), Verdict::Valid(_)), "{arrived:?}");
    assert_eq!(arrived.text("Lang").as_deref(), Some("a b*~'é"));
}

#[tokio::test]
async fn one_attempt_is_made_unless_more_are_asked_for_and_each_has_a_nonce_of_its_own() {
    let (front, seen) = front(503, &[], "").await;
    let endpoint = Endpoint::new(front.url(), Key::test());

    let once = bundled().call(&endpoint, &call()).await;
    let after_once = seen.lock().expect("nobody panics here").len();
    let _ = bundled().with_attempts(2).call(&endpoint, &call()).await;

    assert!(matches!(once, Ok(Reading::Unreadable { status: Some(503), .. })), "{once:?}");
    assert_eq!(after_once, 1);
    let seen = seen.lock().expect("nobody panics here").clone();
    let nonces: Vec<_> =
        seen.into_iter().map(|raw| Request::parse(raw).expect("well formed").text("SignatureNonce")).collect();
    assert_eq!(nonces.len(), 3);
    assert_ne!(nonces[1], nonces[2]);
}

#[tokio::test]
async fn a_refusal_is_no_reason_for_another_attempt() {
    let (front, seen) = front(400, &[], r#"{"Code":"Throttling.User","RequestId":"A"}"#).await;

    let _ = bundled().with_attempts(3).call(&Endpoint::new(front.url(), Key::test()), &call()).await;

    assert_eq!(seen.lock().expect("nobody panics here").len(), 1);
}

#[tokio::test]
async fn no_answer_is_a_reading_that_tells_nothing_of_the_request() {
    let (front, _) = front(200, &[], "").await;
    let endpoint = Endpoint::new(front.url(), Key::test());
    front.close().await;

    let reading = bundled().call(&endpoint, &call()).await;

    let Ok(Reading::Unreadable { status: None, why }) = reading else { panic!("{reading:?}") };
    assert!(why.starts_with("no connection: ") && !why.contains("Signature"), "{why}");
}

#[tokio::test]
async fn an_action_without_a_contract_is_skipped() {
    let endpoint = Endpoint::new("http://127.0.0.1:9", Key::test());

    let skipped = bundled().call(&endpoint, &Call::new("DescribeDomains", "2015-01-09")).await;

    assert_eq!(skipped, Err(Skipped::because("there is no contract for DescribeDomains 2015-01-09")));
}

#[tokio::test]
async fn a_redirect_is_an_answer() {
    let (front, seen) = front(302, &[("Location", "/elsewhere")], "").await;

    let response = transport().send(&front.url(), &get()).await.expect("an answer");

    assert_eq!(response.status, 302);
    assert_eq!(seen.lock().expect("nobody panics here").len(), 1);
}

#[tokio::test]
async fn a_coded_body_is_handed_over_as_it_came() {
    let (front, seen) = front(200, &[("Content-Encoding", "gzip")], "no gzip at all").await;

    let response = transport().send(&front.url(), &get()).await.expect("an answer");

    assert_eq!(response.body, b"no gzip at all");
    assert_eq!(response.headers.text("content-encoding"), Some("gzip"));
    assert_eq!(seen.lock().expect("nobody panics here")[0].headers.get("accept-encoding"), None);
}

#[tokio::test]
async fn an_answer_without_end_is_cut() {
    let (front, _) = front(200, &[], vec![b'a'; 8 * 1024 * 1024 + 1]).await;

    let error = transport().send(&front.url(), &get()).await.expect_err("8 MiB are the limit");

    assert!(matches!(error, TransportError::TooLong), "{error:?}");
}
