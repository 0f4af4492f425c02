//! What a rule is shown to hold and to be broken by; a test over the registry demands both of every judged rule.

use super::check::{Check, Judge, Outcome};
use super::observation::{Answer, AnswerSource, Asked, Asking, Observation, Understood};
use super::secrecy::SecretSearch;
use crate::contract::{Call, Operation, Reading, decode};
use crate::gateway::{Gateway, Operations};
use crate::signing::{Digest, Key, Keyring, Scheme, Style, sign, verify};
use crate::wire::{Headers, Parameter, RawRequest, Request, Response, Spelling, Timestamp};

/// An exchange that keeps a rule and one that breaks it.
pub(super) struct Example {
    pub(super) id: &'static str,
    pub(super) holds: Scene,
    pub(super) breaks: Scene,
}

/// An observation with all that it looks at.
pub(super) enum Scene {
    Answered { request: Option<Request>, response: Response, source: AnswerSource },
    Asked { request: Request, key: Key, call: Option<Call>, outcome: Option<Box<(Response, Reading)>> },
    Run(Vec<Scene>),
    Understood { response: Response, reading: Reading },
}

impl Example {
    pub(super) fn new(id: &'static str, holds: Scene, breaks: Scene) -> Self {
        Self { id, holds, breaks }
    }

    /// Two bodies of a live 200.
    pub(super) fn of_bodies(id: &'static str, holds: &str, breaks: &str) -> Self {
        Self::new(id, Scene::answered(200, holds), Scene::answered(200, breaks))
    }
}

impl Scene {
    /// A live answer to nobody knows what.
    pub(super) fn answered(status: u16, body: &str) -> Self {
        Self::Answered { request: None, response: response(status, body), source: AnswerSource::Live }
    }

    /// A live answer to `request`, with a `Content-Type`.
    pub(super) fn answered_to(request: Request, status: u16, content_type: &str, body: &str) -> Self {
        let mut response = response(status, body);
        response.headers.push("Content-Type", content_type);
        Self::Answered { request: Some(request), response, source: AnswerSource::Live }
    }

    /// A request of a client that holds the public test key and was asked for nobody knows what.
    pub(super) fn asked(request: Request) -> Self {
        Self::Asked { request, key: Key::test(), call: None, outcome: None }
    }

    /// What a client made of an answer.
    pub(super) fn understood(status: u16, body: impl AsRef<[u8]>, reading: Reading) -> Self {
        let response = Response { status, headers: Headers::new(), body: body.as_ref().to_vec() };
        Self::Understood { response, reading }
    }

    /// The way in which rules judge it.
    pub(super) fn way(&self) -> &'static str {
        match self {
            Self::Answered { .. } => "answer",
            Self::Asked { .. } => "request",
            Self::Run(_) => "several exchanges",
            Self::Understood { .. } => "reading",
        }
    }

    /// Judges by one rule; a rule over several exchanges is broken where any step breaks it.
    pub(super) fn judge(&self, check: &Check) -> Outcome {
        let Judge::Run(_, start) = check.judge else {
            return self.observe(|observation| check.outcome(observation));
        };
        let mut fold = start();
        let Self::Run(scenes) = self else { return Outcome::DoesNotApply };
        Outcome::all(scenes.iter().map(|scene| scene.observe(|observation| fold.step(observation))))
    }

    fn observe(&self, judge: impl FnOnce(&Observation<'_>) -> Outcome) -> Outcome {
        let operation = &Operation::all()[0];
        match self {
            Self::Answered { request, response, source } => {
                let verdict = request.as_ref().map(|request| verify(request, &Keyring::test()));
                let call = request.as_ref().map(Call::made_by);
                let asked = request.as_ref().zip(verdict.as_ref()).zip(call.as_ref());
                let asked = asked.map(|((request, verdict), call)| Asked { request, verdict, call });
                let decoded = decode(response, operation);
                judge(&Observation::Answered(Answer { response, decoded: &decoded, operation, asked, source: *source }))
            }
            Self::Asked { request, key, call, outcome } => {
                let gateway = Gateway::new(
                    Keyring::test(),
                    [(operation.action.as_str(), operation.version.as_str())].into_iter().collect::<Operations>(),
                );
                let refusals: Vec<_> = gateway.refusals(request, now()).collect();
                judge(&Observation::Asked(Asking {
                    request,
                    verdict: &verify(request, &Keyring::test()),
                    refusals: &refusals,
                    secret: Some(&SecretSearch::new(&key.secret)),
                    now: now(),
                    call: call.as_ref(),
                    outcome: outcome.as_ref().map(|known| (&known.0, &known.1)),
                }))
            }
            Self::Run(_) => Outcome::DoesNotApply,
            Self::Understood { response, reading } => {
                let decoded = decode(response, operation);
                judge(&Observation::Understood(Understood { response, decoded: &decoded, operation, reading }))
            }
        }
    }
}

/// When every request of an example comes in.
pub(super) fn now() -> Timestamp {
    Timestamp::parse("2026-11-24T00:00:00Z").expect("a time stamp")
}

fn response(status: u16, body: &str) -> Response {
    Response { status, headers: Headers::new(), body: body.as_bytes().to_vec() }
}

/// A request of the operation, signed with the public test key, with `parameters` beside the system's.
pub(super) fn request(parameters: &[(&str, &str)]) -> Request {
    let system = [
        ("Action", "DescribeBatchResultCount"),
        ("Version", "2015-01-09"),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureVersion", "1.0"),
        ("SignatureNonce", "5def276445f565a51014b6f36ba17404"),
        ("Timestamp", "2026-11-24T00:00:00Z"),
    ];
    let system = system.iter().filter(|(name, _)| parameters.iter().all(|(given, _)| given != name));
    let parameters = system.chain(parameters).map(|(name, value)| Parameter::query(*name, *value));
    let unsigned = Request::compose("GET", parameters.collect(), Headers::new());
    sign(&unsigned, Scheme::HmacSha1, &Key::test(), &Style::SERVICE)
}

/// The same request without one of its parameters.
pub(super) fn without(request: Request, name: &str) -> Request {
    let parameters = request.parameters().iter().filter(|parameter| !parameter.is(name)).cloned();
    Request::compose(request.method(), parameters.collect(), request.headers().clone())
}

/// The same request with another value under a name; what it claims of its signature stays.
pub(super) fn with_value(request: Request, name: &str, value: &str) -> Request {
    let changed = |parameter: &Parameter| match parameter.is(name) {
        true => Parameter { value: value.into(), ..parameter.clone() },
        false => parameter.clone(),
    };
    let parameters = request.parameters().iter().map(changed);
    Request::compose(request.method(), parameters.collect(), request.headers().clone())
}

/// The same request, its target spelled anew as if it came so; what it claims of its signature stays.
pub(super) fn as_sent(request: &Request, target: &str) -> Request {
    let raw = RawRequest { target: target.into(), spelling: Spelling::AsSent, ..request.raw().clone() };
    Request::parse(raw).expect("the target of an example is well formed")
}

/// A request of the operation, signed by ACS3 with the public test key, and then changed.
pub(super) fn acs3(change: impl FnOnce(&mut Headers)) -> Request {
    let headers = [
        ("host", "alidns.aliyuncs.com"),
        ("x-acs-action", "DescribeBatchResultCount"),
        ("x-acs-date", "2026-11-24T00:00:00Z"),
        ("x-acs-signature-nonce", "5def276445f565a51014b6f36ba17404"),
        ("x-acs-version", "2015-01-09"),
    ];
    let unsigned = Request::compose("POST", Vec::new(), headers.into_iter().collect());
    let signed = sign(&unsigned, Scheme::Acs3(Digest::Sha256), &Key::test(), &Style::SERVICE);
    let mut headers = signed.headers().clone();
    change(&mut headers);
    signed.with_headers(headers)
}

/// The same, with a text in its Authorization header replaced.
pub(super) fn acs3_claiming(old: &str, new: &str) -> Request {
    acs3(|headers| {
        let text = headers.text("Authorization").expect("the request is signed").replace(old, new);
        headers.set("Authorization", text);
    })
}
