//! Decides what a request is answered, whichever front carried it, and takes note.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::handler::{Handler, Unreadable};
use super::receipt::Receipt;
use crate::gateway::{Admitted, Enforcement, Format, Gateway, Refusal, System, render};
use crate::wire::{Clock, RawRequest, Request, Response};

/// A gateway before an origin, with a receipt of what came by.
///
/// Its memory does not grow with the number of requests.
#[derive(Debug)]
pub struct Service<O> {
    gateway: Gateway,
    origin: O,
    clock: Clock,
    enforcement: Enforcement,
    receipt: Mutex<Receipt>,
}

/// Whatever answers an admitted request.
pub trait Origin: Send + Sync + 'static {
    /// Answers `admitted`.
    fn answer(&self, admitted: &Admitted) -> Answered;

    /// The names of all interactions that it may answer with.
    fn interactions(&self) -> Vec<String> {
        Vec::new()
    }
}

/// What an origin answers, and where it took that from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Answered {
    /// Nothing: the client gets `refusal`, whoever reads the receipt gets `report`.
    Missed {
        /// In the service's own shape.
        refusal: Refusal,
        /// What came nearest, and how it differs.
        report: String,
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
        let receipt = Mutex::new(Receipt::new(origin.interactions()));
        Self { gateway, origin, clock, enforcement: Enforcement::Enforce, receipt }
    }

    /// The same with refusals enforced, or only reported.
    #[must_use = "the service itself is not changed"]
    pub fn with_enforcement(self, enforcement: Enforcement) -> Self {
        Self { enforcement, ..self }
    }

    /// Answers one request.
    pub fn answer(&self, raw: RawRequest) -> Response {
        let Ok(request) = Request::parse(raw.clone()) else {
            return self.refuse(&Refusal::malformed(), format_of_malformed(&raw), &raw);
        };
        let format = System::of(&request).format().unwrap_or(Format::Xml);
        match self.gateway.admit(request, self.clock.now(), self.enforcement) {
            Ok(admitted) => self.answer_admitted(&admitted, format, &raw),
            Err(refusal) => self.refuse(&refusal, format, &raw),
        }
    }

    /// What came by until now.
    pub fn receipt(&self) -> Receipt {
        self.noted().clone()
    }

    fn answer_admitted(&self, admitted: &Admitted, format: Format, raw: &RawRequest) -> Response {
        for refusal in admitted.waived() {
            self.noted().count_refused(&refusal.code);
        }
        match self.origin.answer(admitted) {
            Answered::Missed { refusal, report } => {
                self.noted().count_missed(report);
                render(&refusal, format, raw)
            }
            Answered::Stored { interaction, response } => {
                self.noted().count_served(&interaction);
                response
            }
        }
    }

    fn refuse(&self, refusal: &Refusal, format: Format, raw: &RawRequest) -> Response {
        self.noted().count_refused(&refusal.code);
        render(refusal, format, raw)
    }

    fn noted(&self) -> MutexGuard<'_, Receipt> {
        self.receipt.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<O: Origin> Handler for Service<O> {
    async fn answer(&self, request: RawRequest) -> Response {
        Self::answer(self, request)
    }

    fn note(&self, unreadable: Unreadable) {
        self.noted().count_unreadable(unreadable);
    }
}

/// The format that a request wants whose parameters cannot be told: nothing but its `Format` is looked at.
fn format_of_malformed(raw: &RawRequest) -> Format {
    let query = raw.target.split(|byte| b"?&".contains(byte));
    let mut parts = query.chain(raw.body.split(|&byte| byte == b'&'));
    let format = parts.find(|part| part.starts_with(b"Format=")).unwrap_or_default();
    let readable = RawRequest { target: [b"/?", format].concat(), body: Vec::new(), ..raw.clone() };
    let request = Request::parse(readable).ok();
    request.and_then(|request| System::of(&request).format()).unwrap_or(Format::Xml)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::{Key, Keyring, Scheme, Style, sign};
    use crate::wire::{Headers, Parameter, Spelling, Timestamp};

    /// Answers `TaskId=1`, and nothing else.
    #[derive(Debug)]
    struct One;

    impl Origin for One {
        fn answer(&self, admitted: &Admitted) -> Answered {
            if admitted.request().value("TaskId") == Some(b"1") {
                let response = Response { status: 200, headers: Headers::new(), body: b"{}".to_vec() };
                Answered::Stored { interaction: "one".into(), response }
            } else {
                let refusal = Refusal::new("ReplayMiss", 400, "nothing like it");
                Answered::Missed { refusal, report: "nearest: one".into() }
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

    fn signed(nonce: &str, task_id: &str) -> RawRequest {
        let parameters = [
            ("Action", "Describe"),
            ("Format", "JSON"),
            ("SignatureMethod", "HMAC-SHA1"),
            ("SignatureNonce", nonce),
            ("SignatureVersion", "1.0"),
            ("TaskId", task_id),
            ("Timestamp", TIME),
            ("Version", "2015-01-09"),
        ];
        let parameters = parameters.map(|(name, value)| Parameter::query(name, value)).to_vec();
        let request = Request::compose("GET", parameters, Headers::new());
        sign(&request, Scheme::HmacSha1, &Key::test(), &Style::SERVICE).raw().clone()
    }

    fn wrongly_signed(nonce: &str) -> RawRequest {
        let raw = signed(nonce, "1");
        let target = String::from_utf8(raw.target).expect("a composed target is ASCII");
        RawRequest { target: target.replace("Signature=", "Signature=x").into_bytes(), ..raw }
    }

    fn text(response: &Response) -> String {
        String::from_utf8_lossy(&response.body).into_owned()
    }

    #[test]
    fn a_good_request_gets_the_answer_of_the_origin_and_is_counted() {
        let service = service();

        let response = service.answer(signed("a", "1"));

        assert_eq!((response.status, text(&response).as_str()), (200, "{}"));
        let receipt = service.receipt();
        assert_eq!(receipt.served, [("one".to_owned(), 1)].into());
        assert_eq!(receipt.unused, ["two"]);
    }

    #[test]
    fn a_miss_is_a_refusal_in_the_format_asked_for_and_keeps_its_report() {
        let service = service();

        let response = service.answer(signed("a", "2"));

        assert_eq!(response.status, 400);
        assert!(text(&response).contains("\"Code\":\"ReplayMiss\""), "{}", text(&response));
        assert_eq!(service.receipt().missed.first, ["nearest: one"]);
    }

    #[test]
    fn a_refusal_is_answered_before_the_origin_is_asked() {
        let service = service();

        let response = service.answer(wrongly_signed("a"));

        assert!(text(&response).contains("\"Code\":\"SignatureDoesNotMatch\""), "{}", text(&response));
        assert_eq!(service.receipt().refused, [("SignatureDoesNotMatch".to_owned(), 1)].into());
        assert_eq!(service.receipt().served, [].into());
    }

    #[test]
    fn a_refusal_that_is_only_reported_is_counted_and_the_origin_answers() {
        let service = service().with_enforcement(Enforcement::Report);

        let response = service.answer(wrongly_signed("a"));

        assert_eq!(text(&response), "{}");
        assert_eq!(service.receipt().refused, [("SignatureDoesNotMatch".to_owned(), 1)].into());
    }

    #[test]
    fn a_nonce_counts_once() {
        let service = service();
        service.answer(signed("a", "1"));

        let again = service.answer(signed("a", "1"));

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
            let raw = RawRequest { target: target.into(), spelling: Spelling::AsSent, ..signed("a", "1") };

            let response = service().answer(raw);

            assert_eq!(response.status, 400);
            assert!(text(&response).contains(body), "{target}: {}", text(&response));
        }
    }

    const TIME: &str = "2026-11-24T03:45:00Z";
}
