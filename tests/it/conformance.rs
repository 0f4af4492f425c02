//! The bundled client, and clients of known faults made of it, judged.

use std::time::Duration;

use alidns_contract::cassettes::Cassettes;
use alidns_contract::clients::{Bundled, Client, Endpoint, Sending, Skipped, Transport, Trust};
use alidns_contract::conformance::{Judgement, Plan, Readings, judge_by};
use alidns_contract::contract::{Call, Fields, Reading};
use alidns_contract::front::system_clock;
use alidns_contract::signing::{Digest, Key, Scheme};

fn bundled(scheme: Scheme, sending: Sending) -> Bundled {
    let transport = Transport::new(Trust::Nobody, Duration::from_secs(30)).expect("needs nothing of the system");
    Bundled::new(scheme, sending, system_clock(), transport)
}

async fn judged(client: &impl Client) -> Judgement {
    let published = Cassettes::shipped().iter().filter(|cassette| cassette.path.contains("eight")).cloned().collect();
    judge_by(client, &Plan::of(published)).await.expect("loopback has a free port")
}

fn ids(judgement: &Judgement) -> Vec<&str> {
    judgement.findings().map(|finding| finding.check.as_str()).collect()
}

/// Has the wrong secret.
struct Confused(Bundled);

impl Client for Confused {
    async fn call(&self, endpoint: &Endpoint, call: &Call) -> Result<Reading, Skipped> {
        let key = Key::new(&endpoint.key.id, "another");
        self.0.call(&Endpoint::new(&endpoint.url, key), call).await
    }
}

/// Asks for another task than it is told to.
struct Deaf(Bundled);

impl Client for Deaf {
    async fn call(&self, endpoint: &Endpoint, call: &Call) -> Result<Reading, Skipped> {
        self.0.call(endpoint, &call.clone().with("TaskId", "7")).await
    }
}

/// Takes an absent Status for 0, as languages with zero values do, and everything else too.
struct Blind(Bundled);

impl Client for Blind {
    async fn call(&self, endpoint: &Endpoint, call: &Call) -> Result<Reading, Skipped> {
        self.0.call(endpoint, call).await?;
        Ok(Reading::Answer(Fields::new().with("Status", 2)))
    }
}

/// Makes its answers up.
struct Liar;

impl Client for Liar {
    async fn call(&self, _endpoint: &Endpoint, _call: &Call) -> Result<Reading, Skipped> {
        Ok(Reading::Answer(Fields::new().with("Status", 1)))
    }
}

/// Can say nothing.
struct Mute;

impl Client for Mute {
    async fn call(&self, _endpoint: &Endpoint, _call: &Call) -> Result<Reading, Skipped> {
        Err(Skipped::because("mute"))
    }
}

#[tokio::test]
async fn the_bundled_client_is_clean_however_it_signs_and_sends() {
    let schemes = [Scheme::HmacSha1, Scheme::Acs3(Digest::Sha256), Scheme::Acs3(Digest::Sm3)];
    for scheme in schemes {
        for sending in [Sending::Get, Sending::PostForm, Sending::PostQuery] {
            let client = bundled(scheme, sending);

            let plan = Plan { readings: Readings::Ours, ..Plan::shipped() };
            let judgement = judge_by(&client, &plan).await.expect("a free port");

            judgement.assert_clean();
            assert_eq!(judgement.cases.len(), 185, "{scheme} {sending:?}");
        }
    }
}

#[tokio::test]
async fn a_wrong_signature_is_found_and_what_is_read_is_the_refusal() {
    let judgement = judged(&Confused(bundled(Scheme::HmacSha1, Sending::Get))).await;

    let exchange = &judgement.cassettes[0].interactions[0].exchanges[0];
    assert_eq!((exchange.signature, exchange.answered), (Some("invalid"), Some(400)));
    assert!(matches!(&exchange.read, Ok(Reading::Refused { code: Some(code), .. }) if code == "SignatureDoesNotMatch"));
    assert!(ids(&judgement).contains(&"SIG-01"), "{:?}", ids(&judgement));
}

#[tokio::test]
async fn a_call_that_no_stored_answer_fits_never_passes() {
    let judgement = judged(&Deaf(bundled(Scheme::HmacSha1, Sending::Get))).await;

    assert!(ids(&judgement).contains(&"REP-01"), "{:?}", ids(&judgement));
}

#[tokio::test]
async fn a_wrong_reading_is_found() {
    let judgement = judged(&Blind(bundled(Scheme::HmacSha1, Sending::Get))).await;

    assert!(!ids(&judgement).is_empty());
    assert!(ids(&judgement).iter().all(|id| id.starts_with("SCH-") || id.starts_with("RDG-")), "{:?}", ids(&judgement));
}

#[tokio::test]
async fn a_client_that_never_asks_never_passes() {
    let judgement = judged(&Liar).await;

    assert_eq!(ids(&judgement), ["REP-01"]);
}

#[tokio::test]
async fn a_call_that_is_skipped_is_told() {
    let judgement = judged(&Mute).await;

    let exchange = &judgement.cassettes[0].interactions[0].exchanges[0];
    assert_eq!((exchange.signature, exchange.answered), (None, None));
    assert_eq!(exchange.read, Err(Skipped::because("mute")));
    assert_eq!(ids(&judgement), [] as [&str; 0]);
}
