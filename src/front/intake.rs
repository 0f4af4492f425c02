//! Lets requests in or turns them down, and takes note: what stands before every origin.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::handler::Unreadable;
use super::receipt::Receipt;
use crate::cassettes::{Redaction, StandIn};
use crate::checks::{self, Asking, Breach, Finding, Observation, Run, SecretSearch, Subject};
use crate::gateway::{Admitted, Enforcement, Examined, Format, Gateway, Refusal, System, render};
use crate::signing::Key;
use crate::wire::{Clock, Malformed, RawRequest, Request, Response, Timestamp};

/// A gateway that judges every request and counts it on a receipt.
///
/// Its memory does not grow with the number of requests.
pub struct Intake {
    gateway: Gateway,
    searches: Vec<SecretSearch>,
    clock: Clock,
    enforcement: Enforcement,
    interactions: Vec<String>,
    journal: Mutex<Journal>,
}

/// A request that was let in.
#[derive(Clone, Debug)]
pub struct Received {
    /// The request.
    pub admitted: Admitted,
    /// When it came.
    pub now: Timestamp,
    /// The format that it wants to be answered in.
    pub format: Format,
}

impl Intake {
    /// Refuses what the service would refuse; `interactions` are there to answer the rest from.
    pub fn new(gateway: Gateway, clock: Clock, interactions: Vec<String>) -> Self {
        let journal = Journal { receipt: Receipt::default(), run: Run::of(Subject::Client), hidden: None };
        let journal = Mutex::new(journal);
        let searches = gateway.keys().secrets().map(SecretSearch::new).collect();
        Self { gateway, searches, clock, enforcement: Enforcement::Enforce, interactions, journal }
    }

    /// The same, whose receipt has the public test key in place of `key`, which clients may sign with.
    #[must_use = "the intake itself is not changed"]
    pub fn hiding(self, key: &Key) -> Self {
        let stand_in = StandIn::Client { id: "testid", token: None };
        self.journal().hidden = Some(Redaction::new(Some(key), stand_in));
        self
    }

    pub(super) fn with_enforcement(self, enforcement: Enforcement) -> Self {
        Self { enforcement, ..self }
    }

    pub(super) fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    pub(super) fn with_max_skew(self, seconds: u64) -> Self {
        Self { gateway: self.gateway.with_max_skew(seconds), ..self }
    }

    /// Lets a request in, and takes note of it.
    ///
    /// # Errors
    /// The answer to a request that the service would refuse.
    pub fn receive(&self, raw: RawRequest) -> Result<Received, Response> {
        let now = self.clock.now();
        let request =
            Request::parse_or_return(raw).map_err(|returned| self.answer_malformed(&returned.0, &returned.1))?;
        let examined = self.gateway.examine(request, now);
        self.judge(&examined, now);
        let format = System::of(examined.request()).format().unwrap_or(Format::Xml);
        match examined.admit(self.enforcement) {
            Ok(admitted) => Ok(Received { admitted, now, format }),
            Err(refused) => Err(self.refuse(&refused.refusal, format, refused.request.raw())),
        }
    }

    /// Counts an answer that came from `interaction`.
    pub fn count_served(&self, received: &Received, interaction: &str) {
        let receipt = &mut self.journal().receipt;
        count_waived(receipt, received);
        receipt.count_served(interaction);
    }

    /// Counts a request that there is no answer to; `refusal` as the answer.
    pub fn miss(&self, received: &Received, refusal: &Refusal, finding: Finding) -> Response {
        let raw = received.admitted.request().raw();
        let mut journal = self.journal();
        count_waived(&mut journal.receipt, received);
        journal.receipt.count_missed();
        journal.count_finding(finding, &request_line(raw));
        render(refusal, received.format, raw)
    }

    /// Turns a request down all the same, and counts that.
    pub fn turn_down(&self, received: &Received, refusal: &Refusal) -> Response {
        self.refuse(refusal, received.format, received.admitted.request().raw())
    }

    /// Takes note of bytes that are no request.
    pub fn note(&self, unreadable: &Unreadable) {
        let breach = Breach::new("a request of HTTP/1.1", &unreadable.why);
        self.journal().count_finding(checks::noted("WIR-01", breach), &unreadable.head);
    }

    /// What came by until now.
    pub fn receipt(&self) -> Receipt {
        let receipt = self.journal().receipt.clone();
        receipt.with_unused(&self.interactions)
    }

    fn answer_malformed(&self, malformed: &Malformed, raw: &RawRequest) -> Response {
        if let Some(finding) = checks::malformed_encoding(malformed) {
            self.journal().count_finding(finding, &request_line(raw));
        }
        self.refuse(&Refusal::malformed(), format_of_malformed(raw), raw)
    }

    fn judge(&self, examined: &Examined, now: Timestamp) {
        let keys = self.gateway.keys();
        let (request, verdict) = (examined.request(), examined.verdict());
        let secret = System::of(request).key_id().and_then(|id| keys.secret(&id));
        let asking = Asking {
            request,
            verdict,
            refusals: examined.refusals(),
            secret: secret.and_then(|secret| self.searches.iter().find(|search| search.is_for(secret))),
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
            journal.count_finding(finding, &request_line(request.raw()));
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

/// What is kept of the requests that came by.
struct Journal {
    receipt: Receipt,
    run: Run,
    hidden: Option<Redaction>,
}

impl Journal {
    fn count_finding(&mut self, finding: Finding, request: &[u8]) {
        match &self.hidden {
            None => self.receipt.count_finding(finding, request),
            Some(redaction) => {
                self.receipt.count_finding(redacted(finding, redaction), &redaction.text(request));
            }
        }
    }
}

fn redacted(finding: Finding, redaction: &Redaction) -> Finding {
    let text = |text: String| String::from_utf8_lossy(&redaction.text(text.as_bytes())).into_owned();
    let Breach { expected, got, place } = finding.breach;
    Finding { breach: Breach { expected: text(expected), got: text(got), place: place.map(text) }, ..finding }
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

/// What a gateway that only reports would have refused.
fn count_waived(receipt: &mut Receipt, received: &Received) {
    received.admitted.waived().iter().for_each(|refusal| receipt.count_refused(&refusal.code));
}
