//! Decides what a request is answered, whichever front carried it, and takes note.

use super::handler::{Handler, Unreadable};
use super::intake::{Intake, Received};
use super::receipt::Receipt;
use crate::checks::Finding;
use crate::gateway::{Admitted, Enforcement, Gateway, Refusal};
use crate::signing::Key;
use crate::wire::{Clock, RawRequest, Response, Timestamp};

/// A gateway before an origin; every request is judged, and counted on a receipt.
///
/// Its memory does not grow with the number of requests.
pub struct Service<O> {
    intake: Intake,
    origin: O,
}

/// Whatever answers an admitted request.
pub trait Origin: Send + Sync + 'static {
    /// Answers a request that came at `now`.
    fn answer(&self, admitted: &Admitted, now: Timestamp) -> Answered;

    /// The names of all interactions that it may answer with.
    fn interactions(&self) -> Vec<String> {
        Vec::new()
    }
}

/// What an origin answers, and where it took that from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Answered {
    /// Nothing: the client gets `refusal`, whoever reads the receipt gets `finding`.
    Missed {
        /// In the service's own shape.
        refusal: Refusal,
        /// What came nearest, and how it differs.
        finding: Box<Finding>,
    },
    /// An answer of a stored interaction, or of the simulator.
    Stored {
        /// Its name; the action where the simulator answers.
        interaction: String,
        /// As stored or made.
        response: Response,
    },
}

impl<O: Origin> Service<O> {
    /// Refuses what the service would refuse; `origin` answers the rest.
    pub fn new(gateway: Gateway, origin: O, clock: Clock) -> Self {
        Self { intake: Intake::new(gateway, clock, origin.interactions()), origin }
    }

    /// The same with refusals enforced, or only reported.
    #[must_use = "the service itself is not changed"]
    pub fn with_enforcement(self, enforcement: Enforcement) -> Self {
        Self { intake: self.intake.with_enforcement(enforcement), ..self }
    }

    /// The same at the time of `clock`.
    #[must_use = "the service itself is not changed"]
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { intake: self.intake.with_clock(clock), ..self }
    }

    /// The same, taking time stamps this far from its clock, before and behind.
    #[must_use = "the service itself is not changed"]
    pub fn with_max_skew(self, seconds: u64) -> Self {
        Self { intake: self.intake.with_max_skew(seconds), ..self }
    }

    /// The same, whose receipt does not show `key`, which clients may sign with.
    #[must_use = "the service itself is not changed"]
    pub fn hiding(self, key: &Key) -> Self {
        Self { intake: self.intake.hiding(key), ..self }
    }

    /// What answers.
    pub fn origin(&self) -> &O {
        &self.origin
    }

    /// Answers one request.
    pub fn answer(&self, raw: RawRequest) -> Response {
        match self.intake.receive(raw) {
            Ok(received) => self.answer_received(&received),
            Err(refusal) => refusal,
        }
    }

    /// What came by until now.
    pub fn receipt(&self) -> Receipt {
        self.intake.receipt()
    }

    fn answer_received(&self, received: &Received) -> Response {
        match self.origin.answer(&received.admitted, received.now) {
            Answered::Missed { refusal, finding } => self.intake.miss(received, &refusal, *finding),
            Answered::Stored { interaction, response } => {
                self.intake.count_served(received, &interaction);
                response
            }
        }
    }
}

impl<O: Origin> Handler for Service<O> {
    async fn answer(&self, request: RawRequest) -> Response {
        Self::answer(self, request)
    }

    fn note(&self, unreadable: Unreadable) {
        self.intake.note(&unreadable);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::{self, Breach};
    use crate::signing::{Key, Keyring, Scheme, Style, sign};
    use crate::wire::{Headers, Parameter, Request, Spelling};

    /// Answers `TaskId=1`, and nothing else.
    #[derive(Debug)]
    struct One;

    impl Origin for One {
        fn answer(&self, admitted: &Admitted, _now: Timestamp) -> Answered {
            if admitted.request().value("TaskId") == Some(b"1") {
                let response = Response { status: 200, headers: Headers::new(), body: b"{}".to_vec() };
                Answered::Stored { interaction: "one".into(), response }
            } else {
                let refusal = Refusal::new("ReplayMiss", 400, "nothing like it");
                Answered::Missed { refusal, finding: checks::noted("REP-01", Breach::new("one", "two")).into() }
            }
        }

        fn interactions(&self) -> Vec<String> {
            vec!["one".into(), "two".into()]
        }
    }

    fn service() -> Service<One> {
        let now = Timestamp::parse(TIME).expect("a time stamp");
        let gateway = Gateway::new(Keyring::test(), [("Describe", "2015-01-09")].into_iter().collect());
        Service::new(gateway, One, Clock::fixed(now))
    }

    fn signed(nonce: char, task_id: &str) -> RawRequest {
        let nonce = format!("3156853299f313e23d1673dc12e1703{nonce}");
        let parameters = [
            ("Action", "Describe"),
            ("Format", "JSON"),
            ("SignatureMethod", "HMAC-SHA1"),
            ("SignatureNonce", nonce.as_str()),
            ("SignatureVersion", "1.0"),
            ("TaskId", task_id),
            ("Timestamp", TIME),
            ("Version", "2015-01-09"),
        ];
        let parameters = parameters.map(|(name, value)| Parameter::query(name, value)).to_vec();
        let request = Request::compose("GET", parameters, Headers::new());
        sign(&request, Scheme::HmacSha1, &Key::test(), &Style::SERVICE).raw().clone()
    }

    fn wrongly_signed(nonce: char) -> RawRequest {
        let raw = signed(nonce, "1");
        let target = String::from_utf8(raw.target).expect("a composed target is ASCII");
        RawRequest { target: target.replace("Signature=", "Signature=x").into_bytes(), ..raw }
    }

    fn ids(receipt: &Receipt) -> Vec<&str> {
        receipt.findings.iter().map(|findings| findings.check.as_str()).collect()
    }

    fn text(response: &Response) -> String {
        String::from_utf8_lossy(&response.body).into_owned()
    }

    #[test]
    fn a_good_request_gets_the_answer_of_the_origin_and_is_counted() {
        let service = service();

        let response = service.answer(signed('a', "1"));

        assert_eq!((response.status, text(&response).as_str()), (200, "{}"));
        let receipt = service.receipt();
        assert_eq!(receipt.served, [("one".to_owned(), 1)].into());
        assert_eq!(receipt.unused, ["two"]);
    }

    #[test]
    fn a_miss_is_a_refusal_in_the_format_asked_for_and_keeps_its_report() {
        let service = service();

        let response = service.answer(signed('a', "2"));

        assert_eq!(response.status, 400);
        assert!(text(&response).contains("\"Code\":\"ReplayMiss\""), "{}", text(&response));
        let receipt = service.receipt();
        assert_eq!(receipt.missed, 1);
        assert_eq!(ids(&receipt), ["REP-01"]);
        assert_eq!(receipt.findings[0].first[0].finding.breach.got, "two");
    }

    #[test]
    fn a_refusal_is_answered_before_the_origin_is_asked() {
        let service = service();

        let response = service.answer(wrongly_signed('a'));

        assert!(text(&response).contains("\"Code\":\"SignatureDoesNotMatch\""), "{}", text(&response));
        assert_eq!(service.receipt().refused, [("SignatureDoesNotMatch".to_owned(), 1)].into());
        assert_eq!(service.receipt().served, [].into());
    }

    #[test]
    fn a_refusal_that_is_only_reported_is_counted_and_the_origin_answers() {
        let service = service().with_enforcement(Enforcement::Report);

        let response = service.answer(wrongly_signed('a'));

        assert_eq!(text(&response), "{}");
        assert_eq!(service.receipt().refused, [("SignatureDoesNotMatch".to_owned(), 1)].into());
    }

    #[test]
    fn a_nonce_counts_once() {
        let service = service();
        service.answer(signed('a', "1"));

        let again = service.answer(signed('a', "1"));

        assert!(text(&again).contains("SignatureNonceUsed"), "{}", text(&again));
    }

    #[test]
    fn bad_percent_encoding_is_refused_in_the_format_that_can_still_be_told() {
        for (target, body) in [
            ("/?A=%N&Format=JSON", "\"Code\":\"RequestParameterMalformed\""),
            ("/?A=%N&Format=json&Format=XML", "\"Code\":\"RequestParameterMalformed\""),
            ("/?A=%N", "<Code>RequestParameterMalformed</Code>"),
            ("/?A=%N&Format=%", "<Code>RequestParameterMalformed</Code>"),
        ] {
            let raw = RawRequest { target: target.into(), spelling: Spelling::AsSent, ..signed('a', "1") };

            let response = service().answer(raw);

            assert_eq!(response.status, 400);
            assert!(text(&response).contains(body), "{target}: {}", text(&response));
        }
    }

    const TIME: &str = "2026-11-24T03:45:00Z";
}
