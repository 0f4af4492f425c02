//! The shipped cassettes, played to clients on either front.

use std::any::Any;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use alidns_contract::cassettes::Cassettes;
use alidns_contract::front::{Front, Receipt, Replay, ReplayError, Service};
use alidns_contract::gateway::Enforcement;
use alidns_contract::playback::Player;
use alidns_contract::signing::{Claim, Digest, Key, Scheme, Style, sign};
use alidns_contract::wire::{Clock, Headers, Parameter, RawRequest, Request, Timestamp};
use alidns_contract::wiremock::matchers::path;
use alidns_contract::wiremock::{Mock, MockServer, ResponseTemplate};

const HMAC_SHA1: Scheme = Scheme::HmacSha1;
const ACS3: Scheme = Scheme::Acs3(Digest::Sha256);
const TIME: &str = "2026-11-24T00:00:00Z";

/// The shipped cassettes on both fronts, at the time of their requests.
struct Fronts {
    replay: Replay,
    front: Front,
    service: Arc<Service<Player>>,
}

impl Fronts {
    async fn open() -> Self {
        let service = Service::playing(Cassettes::shipped(), clock()).expect("no two cassettes share a name");
        let service = Arc::new(service);
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let front = Front::open(address, service.clone()).await.expect("loopback has a free port");
        Self { replay: replay().await, front, service }
    }

    /// Sends the request to both.
    fn answers(&self, request: &RawRequest) -> [Answer; 2] {
        [send(self.replay.uri(), request), send(&self.front.url(), request)]
    }

    fn receipts(&self) -> [Receipt; 2] {
        [self.replay.receipt(), self.service.receipt()]
    }
}

async fn replay() -> Replay {
    let replay = Replay::of(Cassettes::shipped()).expect("no two cassettes share a name");
    replay.with_clock(clock()).start().await
}

fn clock() -> Clock {
    Clock::fixed(Timestamp::parse(TIME).expect("a time stamp"))
}

struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// The same at the time of the fronts' clock.
fn stamped(request: &Request) -> Request {
    let mut headers = request.headers().clone();
    if headers.get("x-acs-date").is_some() {
        headers.set("x-acs-date", TIME);
        return request.with_headers(headers);
    }
    let mut parameters = request.parameters().to_vec();
    parameters.iter_mut().filter(|one| one.is("Timestamp")).for_each(|one| one.value = TIME.into());
    Request::compose(request.method(), parameters, headers)
}

/// Sends the request as it is spelled.
fn send(uri: &str, request: &RawRequest) -> Answer {
    let authority = uri.strip_prefix("http://").expect("a front speaks plain HTTP");
    let mut message = [request.method.as_bytes(), b" ", &request.target, b" HTTP/1.1\r\n"].concat();
    for (name, value) in request.headers.iter() {
        message.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
    }
    message.extend(format!("Connection: close\r\nContent-Length: {}\r\n\r\n", request.body.len()).bytes());
    message.extend(&request.body);
    let mut socket = TcpStream::connect(authority).expect("the front listens");
    socket.write_all(&message).expect("the front reads");
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).expect("the front answers");
    read(&answer)
}

fn read(answer: &[u8]) -> Answer {
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").expect("an answer has a head") + 4;
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status line");
    Answer { status, head, body: answer[end..].to_vec() }
}

/// A request for the example with eight fields, signed by `key_id` with the nonce that ends in `nonce`.
fn ask(key_id: &str, nonce: &str, scheme: Scheme) -> RawRequest {
    ask_for(key_id, nonce, scheme, &[], &Style::SERVICE)
}

fn ask_for(key_id: &str, nonce: &str, scheme: Scheme, more: &[(&str, &str)], style: &Style) -> RawRequest {
    let nonce = format!("5def276445f565a51014b6f36ba1{nonce:0>4}");
    let acs3 = [
        ("host", "alidns.aliyuncs.com"),
        ("x-acs-action", "DescribeBatchResultCount"),
        ("x-acs-date", TIME),
        ("x-acs-signature-nonce", nonce.as_str()),
        ("x-acs-version", "2015-01-09"),
    ];
    let hmac_sha1 = [
        ("AccessKeyId", key_id),
        ("Action", "DescribeBatchResultCount"),
        ("Format", "JSON"),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureNonce", nonce.as_str()),
        ("SignatureVersion", "1.0"),
        ("Timestamp", TIME),
        ("Version", "2015-01-09"),
    ];
    let (parameters, headers) = match scheme {
        Scheme::HmacSha1 => (&hmac_sha1[..], Headers::from_iter([("Host", "alidns.aliyuncs.com")])),
        Scheme::Acs3(_) => (&[][..], Headers::from_iter(acs3)),
    };
    let parameters = parameters.iter().chain(more).map(|(name, value)| Parameter::query(*name, *value)).collect();
    let request = Request::compose("GET", parameters, headers);
    sign(&request, scheme, &Key::new(key_id, "testsecret"), style).raw().clone()
}

fn wrongly_signed(nonce: &str) -> RawRequest {
    let spaces_as_plus = alidns_contract::signing::RECIPES.iter().find(|recipe| recipe.name == "space-as-plus");
    let style = &spaces_as_plus.expect("a known mistake").style;
    ask_for("testid", nonce, HMAC_SHA1, &[("Lang", "a b")], style)
}

fn ids(receipt: &Receipt) -> Vec<&str> {
    receipt.findings.iter().map(|findings| findings.check.as_str()).collect()
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    panic.downcast_ref::<String>().cloned().expect("assert_clean panics with a text")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_shipped_interaction_is_answered_byte_for_byte_by_either_front() {
    let fronts = Fronts::open().await;
    let mut played = 0;

    for cassette in &Cassettes::shipped() {
        for interaction in &cassette.interactions {
            let Some(request) = interaction.playable() else { continue };
            let key = Key::new(format!("testid-{}", cassette.stem()), "testsecret");
            let scheme = Claim::found_in(request).expect("it is signed").scheme;
            let request = sign(&stamped(request), scheme, &key, &Style::SERVICE).raw().clone();

            for answer in fronts.answers(&request) {
                let stored = &interaction.answers.first;
                assert_eq!((answer.status, &answer.body), (stored.status, &stored.body), "{}", cassette.path);
                let content_type = stored.headers.text("content-type").expect("the example has one");
                assert!(answer.head.contains(&format!("content-type: {content_type}\r\n")), "{}", answer.head);
                played += 1;
            }
        }
    }

    assert_eq!(played, 2 * 48, "each on two fronts");
    for receipt in fronts.receipts() {
        assert_eq!(receipt.served.len(), 48, "{receipt}");
        assert_eq!(receipt.unused, [""; 0]);
        assert_eq!((receipt.missed, receipt.refused.len()), (0, 0), "{receipt}");
        assert_eq!(ids(&receipt), ["SCH-05"], "a scenario asks for task 1.0 on purpose: {receipt}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_of_either_scheme_gets_the_same_answer() {
    let fronts = Fronts::open().await;

    let answers = [HMAC_SHA1, ACS3].map(|scheme| fronts.answers(&ask("testid", &scheme.name()[..1], scheme)));

    let bodies: Vec<String> = answers.iter().flatten().map(Answer::text).collect();
    assert!(bodies[0].contains("\"BatchType\":\"DOMAIN_ADD\""), "{}", bodies[0]);
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_signature_is_refused_with_the_service_s_string_to_sign_and_its_cause_is_found() {
    let fronts = Fronts::open().await;

    for answer in fronts.answers(&wrongly_signed("1")) {
        assert_eq!(answer.status, 400);
        assert!(answer.text().contains("\"Code\":\"SignatureDoesNotMatch\""), "{}", answer.text());
        assert!(answer.text().contains("server string to sign is:GET&%2F&AccessKeyId%3Dtestid"), "{}", answer.text());
    }

    for receipt in fronts.receipts() {
        assert!(ids(&receipt).starts_with(&["SIG-01", "SIG-07"]), "{receipt}");
        assert_eq!(receipt.refused, [("SignatureDoesNotMatch".to_owned(), 1)].into());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nonce_is_good_once_for_each_lane() {
    let fronts = Fronts::open().await;

    fronts.answers(&ask("testid", "1", HMAC_SHA1));
    let again = fronts.answers(&ask("testid", "1", HMAC_SHA1));
    let other_lane = fronts.answers(&ask("testid.left", "1", HMAC_SHA1));

    for answer in again {
        assert!(answer.text().contains("\"Code\":\"SignatureNonceUsed\""), "{}", answer.text());
    }
    for answer in other_lane {
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_miss_is_a_refusal_that_names_the_nearest_interaction() {
    let fronts = Fronts::open().await;

    let scenario = "testid-published-eight-fields";
    let missed = ask_for(scenario, "1", HMAC_SHA1, &[("TaskId", "7")], &Style::SERVICE);
    let answers = fronts.answers(&missed);

    for answer in answers {
        assert_eq!(answer.status, 400);
        assert!(answer.text().contains("\"Code\":\"ReplayMiss\""), "{}", answer.text());
        assert!(answer.text().contains("published-eight-fields"), "{}", answer.text());
    }
    for receipt in fronts.receipts() {
        assert_eq!((receipt.missed, ids(&receipt)), (1, vec!["REP-01"]), "{receipt}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scenario_that_no_file_has_is_a_refusal_that_lists_those_there_are() {
    let fronts = Fronts::open().await;

    for answer in fronts.answers(&ask("testid-procesing", "1", HMAC_SHA1)) {
        assert_eq!(answer.status, 400);
        assert!(answer.text().contains("procesing"), "{}", answer.text());
        assert!(answer.text().contains("published-status-as-text"), "{}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_key_and_bad_encoding_are_refused_and_found() {
    let fronts = Fronts::open().await;
    let broken = RawRequest { target: b"/?Action=A%N&Format=JSON".to_vec(), ..ask("testid", "1", HMAC_SHA1) };

    let unknown = fronts.answers(&ask("LTAI", "1", HMAC_SHA1));
    let malformed = fronts.answers(&broken);

    for (answer, code) in unknown.iter().zip(["InvalidAccessKeyId.NotFound"; 2]) {
        assert!(answer.text().contains(code), "{}", answer.text());
    }
    for (answer, code) in malformed.iter().zip(["RequestParameterMalformed"; 2]) {
        assert!(answer.text().contains(code), "{}", answer.text());
    }
    for receipt in fronts.receipts() {
        assert!(ids(&receipt).contains(&"WIR-02") && ids(&receipt).contains(&"WIR-03"), "{receipt}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn spelling_on_the_wire_is_judged_only_where_it_is_seen() {
    let fronts = Fronts::open().await;
    let encoded = ask_for("testid", "1", HMAC_SHA1, &[("Lang", "it's")], &Style::SERVICE);
    let target = String::from_utf8(encoded.target).expect("a composed target is ASCII").replace("%27", "'");

    fronts.answers(&RawRequest { target: target.into_bytes(), ..encoded });

    let [replay, front] = fronts.receipts();
    assert!(!ids(&replay).contains(&"SIG-37"), "{replay}");
    assert!(ids(&front).contains(&"SIG-37"), "{front}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_http_is_a_finding_that_shows_its_bytes() {
    let fronts = Fronts::open().await;
    let quoted = RawRequest { target: b"/?Action=\"A\"".to_vec(), ..ask("testid", "1", HMAC_SHA1) };

    let answer = send(&fronts.front.url(), &quoted);

    assert_eq!(answer.status, 400);
    let receipt = fronts.service.receipt();
    assert_eq!(ids(&receipt), ["WIR-01"]);
    assert!(receipt.findings[0].first[0].request.starts_with("GET /?Action=\\\"A\\\" HTTP/1.1\\r\\n"), "{receipt}");
}

#[tokio::test(flavor = "multi_thread")]
async fn reported_refusals_do_not_hide_one_another() {
    let replay = Replay::of(Cassettes::shipped()).expect("no two cassettes share a name");
    let replay = replay.with_clock(clock()).with_enforcement(Enforcement::Report).start().await;

    let first = send(replay.uri(), &ask("testid", "1", HMAC_SHA1));
    let again = send(replay.uri(), &ask("testid", "1", HMAC_SHA1));

    assert_eq!((first.status, again.status), (200, 200));
    assert_eq!(replay.receipt().refused, [("SignatureNonceUsed".to_owned(), 1)].into());
}

#[tokio::test(flavor = "multi_thread")]
async fn mocks_of_the_user_s_own_server_come_first() {
    let server = MockServer::start().await;
    let replay = Replay::open("cassettes").expect("the shipped cassettes can be read");
    let replay = replay.with_clock(clock()).mount(&server).await;
    Mock::given(path("/health")).respond_with(ResponseTemplate::new(204)).mount(&server).await;

    let health = RawRequest { target: b"/health".to_vec(), ..ask("testid", "1", HMAC_SHA1) };
    let health = send(replay.uri(), &health);
    let answer = send(replay.uri(), &ask("testid", "1", HMAC_SHA1));

    assert_eq!((health.status, answer.status), (204, 200));
    assert_eq!(replay.uri(), server.uri());
    replay.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_binary_body_of_any_length_is_answered() {
    let fronts = Fronts::open().await;

    for length in [9_999, 10_000, 10_001, 100_000] {
        let post = RawRequest { method: "POST".into(), body: vec![0xff; length], ..ask("testid", "1", HMAC_SHA1) };

        for answer in fronts.answers(&post) {
            assert_eq!(answer.status, 400, "{length}: {}", answer.text());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn assert_clean_is_silent_after_a_right_request() {
    let replay = replay().await;

    send(replay.uri(), &ask("testid", "1", HMAC_SHA1));

    replay.assert_clean();
    assert_eq!(replay.findings(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn assert_clean_panics_with_rule_expectation_cause_and_request() {
    let replay = replay().await;
    send(replay.uri(), &wrongly_signed("1"));

    let panic = catch_unwind(AssertUnwindSafe(|| replay.assert_clean())).expect_err("the signature is wrong");

    let text = panic_text(panic.as_ref());
    for part in [
        "SIG-01",
        "SIG-07",
        "a space is signed as %20",
        "space-as-plus",
        "SignatureDoesNotMatch",
        "GET /?AccessKeyId=testid",
    ] {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn assert_clean_panics_on_a_miss_with_the_difference() {
    let replay = replay().await;
    send(replay.uri(), &ask_for("testid", "1", HMAC_SHA1, &[("TaskId", "7")], &Style::SERVICE));

    let panic = catch_unwind(AssertUnwindSafe(|| replay.assert_clean())).expect_err("no cassette answers");

    let text = panic_text(panic.as_ref());
    assert!(text.contains("REP-01") && text.contains("+ TaskId") && text.contains("published-eight-fields"), "{text}");
}

#[tokio::test]
async fn cassettes_that_are_not_there_are_an_error_with_the_path() {
    let error = Replay::start("no/such/folder").await.err().expect("there is no such folder");

    assert!(matches!(error, ReplayError::Cassettes(_)), "{error:?}");
    assert!(error.to_string().contains("no/such/folder"), "{error}");
}

#[cfg(feature = "cli")]
#[tokio::test(flavor = "multi_thread")]
async fn a_client_in_the_same_process_is_replayed_to_in_three_lines() {
    use std::time::Duration;

    use alidns_contract::clients::{Bundled, Client, Endpoint, Sending, Transport, Trust};
    use alidns_contract::contract::{Call, Reading};
    use alidns_contract::front::system_clock;

    let transport = Transport::new(Trust::Nobody, Duration::from_secs(10)).expect("needs nothing of the system");
    let client = Bundled::new(ACS3, Sending::PostForm, system_clock(), transport);
    let call = Call::new("DescribeBatchResultCount", "2015-01-09");

    let replay = Replay::start("cassettes").await.expect("the shipped cassettes can be read");
    let reading = client.call(&Endpoint::new(replay.uri(), Key::test()), &call).await;
    replay.assert_clean();

    assert!(matches!(reading, Ok(Reading::Answer(_))), "{reading:?}");
}
