//! Everything that can be said of one request.

use super::check::Finding;
use super::harness::malformed_encoding;
use super::observation::{Asking, Observation};
use super::registry::{findings, outcomes};
use super::secrecy::SecretSearch;
use crate::gateway::{Class, Gateway, Operations, Refusal, System};
use crate::signing::{
    Canonical, Claim, Diagnosis, Keyring, Signature, Stages, StringToSign, Style, Unverifiable, Verdict, verify,
};
use crate::wire::{Headers, Malformed, Place, RawRequest, Request, Timestamp};

/// Everything that can be said of one request, from its bytes and what is known beside them.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// As sent.
    pub method: String,
    /// What verifying found; malformed where the parameters cannot be told.
    pub verdict: Result<Verdict, Malformed>,
    /// What the request says of its signature, where that can be read.
    pub claim: Option<Claim>,
    /// What it should have signed, where its claim can be read.
    pub stages: Option<ExplainedStages>,
    /// Why the signature is wrong, where it is.
    pub diagnosis: Option<Diagnosis>,
    /// What the service would refuse it with, the first of them its answer.
    pub refusals: Vec<Refusal>,
    /// The rules about requests that it breaks, the worst first.
    pub findings: Vec<Finding>,
    /// In wire order, the system's headers behind the parameters; none where they cannot be told.
    pub parameters: Vec<ExplainedParameter>,
}

/// What is known beside a request.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The secrets.
    pub keys: &'a Keyring,
    /// When the request was sent; without it, its time stamp is held against no clock.
    pub now: Option<Timestamp>,
    /// What the other side says that it signed: a log line, a message of the service or its body.
    pub quoted: Option<&'a str>,
}

impl Explanation {
    /// Explains `raw`.
    pub fn of(raw: RawRequest, known: Known<'_>) -> Self {
        let method = raw.method.clone();
        match Request::parse(raw) {
            Ok(request) => Self::of_request(&request, known),
            Err(error) => Self::of_malformed(method, error),
        }
    }

    /// The verdict on the signature in one word.
    pub fn standing(&self) -> Standing {
        self.verdict.as_ref().map_or(Standing::Malformed, Standing::of)
    }

    /// Why there is no telling whether the signature is right, where that is so.
    pub fn why(&self) -> Option<String> {
        match &self.verdict {
            Ok(Verdict::Malformed(error)) => Some(error.to_string()),
            Ok(Verdict::Unverifiable(error)) => Some(error.to_string()),
            Err(error) => Some(error.to_string()),
            Ok(Verdict::Invalid { .. } | Verdict::Unsigned | Verdict::Valid(_)) => None,
        }
    }

    fn of_request(request: &Request, known: Known<'_>) -> Self {
        let verdict = verify(request, known.keys);
        let refusals = refusals(request, &verdict, known);
        Self {
            method: request.method().to_owned(),
            claim: verdict.claim().cloned(),
            stages: verdict.claim().map(|claim| ExplainedStages::of(request, claim, known.keys)),
            diagnosis: diagnosis(request, &verdict, known),
            findings: broken_rules(request, &verdict, &refusals, known),
            refusals,
            verdict: Ok(verdict),
            parameters: parameters(request),
        }
    }

    fn of_malformed(method: String, error: Malformed) -> Self {
        Self {
            method,
            claim: None,
            stages: None,
            diagnosis: None,
            refusals: vec![Refusal::malformed()],
            findings: malformed_encoding(&error).into_iter().collect(),
            parameters: Vec::new(),
            verdict: Err(error),
        }
    }
}

/// The verdict on a signature in one word.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Standing {
    /// The claim does not recompute.
    Invalid,
    /// No canonical request can be built, or the claim cannot be read.
    Malformed,
    /// There is no claim.
    Unsigned,
    /// The claim cannot be recomputed here.
    Unverifiable,
    /// The claim recomputes.
    Valid,
}

impl Standing {
    /// The word for a verdict.
    pub fn of(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Invalid { .. } => Self::Invalid,
            Verdict::Malformed(_) => Self::Malformed,
            Verdict::Unsigned => Self::Unsigned,
            Verdict::Unverifiable(_) => Self::Unverifiable,
            Verdict::Valid(_) => Self::Valid,
        }
    }

    /// The word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Malformed => "malformed",
            Self::Unsigned => "unsigned",
            Self::Unverifiable => "unverifiable",
            Self::Valid => "valid",
        }
    }
}

/// What a request should have signed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ExplainedStages {
    /// First.
    pub canonical: Canonical,
    /// Second.
    pub string_to_sign: StringToSign,
    /// Third; none without the secret.
    pub signature: Option<Signature>,
}

impl ExplainedStages {
    fn of(request: &Request, claim: &Claim, keys: &Keyring) -> Self {
        let secret = keys.secret(&claim.key_id);
        let bytes = secret.map(|secret| secret.expose()).unwrap_or_default();
        let Stages { canonical, string_to_sign, signature } = Stages::claimed(request, claim, bytes, &Style::SERVICE);
        Self { canonical, string_to_sign, signature: secret.is_some().then_some(signature) }
    }
}

/// A parameter, or a header in which ACS3 sends one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ExplainedParameter {
    /// Decoded; what is not UTF-8 shows as U+FFFD.
    pub name: String,
    /// Decoded; what is not UTF-8 shows as U+FFFD.
    pub value: String,
    /// `form`, `header` or `query`.
    pub place: &'static str,
    /// What it is to matching.
    pub class: Class,
}

fn diagnosis(request: &Request, verdict: &Verdict, known: Known<'_>) -> Option<Diagnosis> {
    let Verdict::Invalid { claim, ours } = verdict else { return None };
    Some(Diagnosis::of(request, claim, ours, known.keys, known.quoted))
}

/// Whatever action is asked for is taken to exist: signatures are the same for all. That the service does not know a
/// key is not said only because we do not.
fn refusals(request: &Request, verdict: &Verdict, known: Known<'_>) -> Vec<Refusal> {
    let system = System::of(request);
    let operations: Operations = system.action().zip(system.version()).into_iter().collect();
    let gateway = Gateway::new(known.keys.clone(), operations);
    let not_our_key = matches!(verdict, Verdict::Unverifiable(Unverifiable::KeyNotKnown(_)));
    let certain = |refusal: &Refusal| !(not_our_key && refusal.code == "InvalidAccessKeyId.NotFound");
    gateway.refusals(request, clock(request, known)).filter(certain).collect()
}

fn broken_rules(request: &Request, verdict: &Verdict, refusals: &[Refusal], known: Known<'_>) -> Vec<Finding> {
    let secret = known.keys.secret(&System::of(request).key_id().unwrap_or_default()).map(SecretSearch::new);
    let now = clock(request, known);
    let asking = Asking { request, verdict, refusals, secret: secret.as_ref(), now, call: None, outcome: None };
    let mut findings = findings(outcomes(&Observation::Asked(asking)));
    findings.sort_by_key(|finding| finding.severity);
    findings
}

/// The time given, or else the request's own.
fn clock(request: &Request, known: Known<'_>) -> Timestamp {
    let its_own = Timestamp::parse(&System::of(request).timestamp().unwrap_or_default()).ok();
    // Where neither is known, the time stamp cannot be read, and no clock is asked for.
    known.now.or(its_own).unwrap_or_else(|| Timestamp::from_unix(0).expect("1970 can be written"))
}

fn parameters(request: &Request) -> Vec<ExplainedParameter> {
    let parameters = request.parameters().iter().map(|parameter| {
        let name = String::from_utf8_lossy(&parameter.name).into_owned();
        let place = match parameter.place {
            Place::Form => "form",
            Place::Query => "query",
        };
        let value = String::from_utf8_lossy(&parameter.value).into_owned();
        ExplainedParameter { class: Class::of(&name), name, value, place }
    });
    let in_headers = System::of(request).in_headers();
    let headers = in_headers.then(|| system_headers(request.headers())).into_iter().flatten();
    parameters.chain(headers).collect()
}

fn system_headers(headers: &Headers) -> impl Iterator<Item = ExplainedParameter> {
    let system = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.starts_with("x-acs-") || name == "authorization"
    };
    headers.iter().filter(move |(name, _)| system(name)).map(|(name, value)| ExplainedParameter {
        name: name.to_owned(),
        value: String::from_utf8_lossy(value).into_owned(),
        place: "header",
        class: Class::of(name),
    })
}
