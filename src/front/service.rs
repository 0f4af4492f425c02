//! Decides what a request is answered, whichever front carried it, and takes note.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::handler::{Handler, Unreadable};
use super::receipt::Receipt;
use crate::checks::{self, Asking, Breach, Finding, Observation, Run, Subject};
use crate::gateway::{Admitted, Enforcement, Examined, Format, Gateway, Refusal, System, render};
use crate::wire::{Clock, Malformed, RawRequest, Request, Response, Timestamp};

/// A gateway before an origin; every request is judged, and counted on a receipt.
///
/// Its memory does not grow with the number of requests.
pub struct Service<O> {
    gateway: Gateway,
    origin: O,
    clock: Clock,
    enforcement: Enforcement,
    journal: Mutex<Journal>,
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
        let receipt = Receipt::new(origin.interactions());
        let journal = Mutex::new(Journal { receipt, run: Run::of(Subject::Client) });
        Self { gateway, origin, clock, enforcement: Enforcement::Enforce, journal }
    }

    /// The same with refusals enforced, or only reported.
    #[must_use = "the service itself is not changed"]
    pub fn with_enforcement(self, enforcement: Enforcement) -> Self {
        Self { enforcement, ..self }
    }

    /// The same at the time of `clock`.
    #[must_use = "the service itself is not changed"]
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// The same, taking time stamps this far from its clock, before and behind.
    #[must_use = "the service itself is not changed"]
    pub fn with_max_skew(self, seconds: u64) -> Self {
        Self { gateway: self.gateway.with_max_skew(seconds), ..self }
    }

    /// What answers.
    pub fn origin(&self) -> &O {
        &self.origin
    }

    /// Answers one request.
    pub fn answer(&self, raw: RawRequest) -> Response {
        let now = self.clock.now();
        let request = match Request::parse(raw.clone()) {
            Ok(request) => request,
            Err(malformed) => return self.answer_malformed(&malformed, &raw),
        };
        let examined = self.gateway.examine(request, now);
        self.judge(&examined, now);
        let format = System::of(examined.request()).format().unwrap_or(Format::Xml);
        match examined.admit(self.enforcement) {
            Ok(admitted) => self.answer_admitted(&admitted, now, format),
            Err(refusal) => self.refuse(&refusal, format, &raw),
        }
    }

    /// What came by until now.
    pub fn receipt(&self) -> Receipt {
        self.journal().receipt.clone()
    }

    fn answer_malformed(&self, malformed: &Malformed, raw: &RawRequest) -> Response {
        if let Some(finding) = checks::malformed_encoding(malformed) {
            self.journal().receipt.count_finding(finding, &request_line(raw));
        }
        self.refuse(&Refusal::malformed(), format_of_malformed(raw), raw)
    }

    fn judge(&self, examined: &Examined, now: Timestamp) {
        let keys = self.gateway.keys();
        let (request, verdict) = (examined.request(), examined.verdict());
        let key = System::of(request).key_id().and_then(|id| keys.key(&id));
        let asking = Asking {
            request,
            verdict,
            refusals: examined.refusals(),
            key: key.as_ref(),
            now,
            call: None,
            outcome: None,
        };
        let asked = Observation::Asked(asking);
        let mut findings = checks::findings(checks::outcomes(&asked));
        findings.extend(checks::found_in_verdict(request, verdict, keys));
        let mut journal = self.journal();
        findings.extend(checks::findings(journal.run.step(&asked)));
        for finding in findings {
            journal.receipt.count_finding(finding, &request_line(request.raw()));
        }
    }

    fn answer_admitted(&self, admitted: &Admitted, now: Timestamp, format: Format) -> Response {
        let raw = admitted.request().raw();
        let answered = self.origin.answer(admitted, now);
        let receipt = &mut self.journal().receipt;
        for refusal in admitted.waived() {
            receipt.count_refused(&refusal.code);
        }
        match answered {
            Answered::Missed { refusal, finding } => {
                receipt.count_missed(*finding, &request_line(raw));
                render(&refusal, format, raw)
            }
            Answered::Stored { interaction, response } => {
                receipt.count_served(&interaction);
                response
            }
        }
    }

    fn refuse(&self, refusal: &Refusal, format: Format, raw: &RawRequest) -> Response {
        self.journal().receipt.count_refused(&refusal.code);
        render(refusal, format, raw)
    }

    fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<O: Origin> Handler for Service<O> {
    async fn answer(&self, request: RawRequest) -> Response {
        Self::answer(self, request)
    }

    fn note(&self, unreadable: Unreadable) {
        let breach = Breach::new("a request of HTTP/1.1", &unreadable.why);
        self.journal().receipt.count_finding(checks::noted("WIR-01", breach), &unreadable.head);
    }
}

/// What is kept of the requests that came by.
struct Journal {
    receipt: Receipt,
    run: Run,
}

fn request_line(raw: &RawRequest) -> Vec<u8> {
    [raw.method.as_bytes(), b" ", &raw.target].concat()
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
