//! The request of an interaction.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::body::Body;
use super::error::{Flaw, Problem};
use super::file::RequestFile;
use super::line;
use crate::signing::{Claim, Key, Keyring, Scheme, Style, Unverifiable, Verdict, sign, verify};
use crate::wire::{Headers, Parameter, Place, RawRequest, Request, Spelling};

/// The request of an interaction.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Asked {
    /// Cannot be decoded.
    Raw(RawRequest),
    /// Put together from the decoded parameters.
    Request(Request, Signed),
}

/// What the signature of a stored request is, made with the public test key.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Signed {
    /// There is none.
    Absent,
    /// The claim cannot be read, or the request cannot be decoded.
    Malformed,
    /// It recomputes.
    Valid,
    /// It does not recompute.
    Wrong,
}

impl Asked {
    /// A request as a cassette keeps it; none where the public test key cannot tell what its signature is.
    pub fn of(raw: RawRequest) -> Option<Self> {
        match Request::parse(raw.clone()) {
            Ok(request) => {
                let signed = Signed::from_verdict(&verify(&request, &Keyring::test()))?;
                Some(Self::Request(request, signed))
            }
            Err(_) => Some(Self::Raw(raw)),
        }
    }

    /// The bytes as they would be sent.
    pub fn raw(&self) -> &RawRequest {
        match self {
            Self::Raw(raw) => raw,
            Self::Request(request, _) => request.raw(),
        }
    }

    /// The request, where it can be decoded.
    pub fn request(&self) -> Option<&Request> {
        match self {
            Self::Raw(_) => None,
            Self::Request(request, _) => Some(request),
        }
    }

    /// What its signature is.
    pub fn signed(&self) -> Signed {
        match self {
            Self::Raw(_) => Signed::Malformed,
            Self::Request(_, signed) => *signed,
        }
    }

    /// The same with these parts in place of its own; signed anew where it was validly signed.
    ///
    /// A form is what `parameters` say, whatever `body` is.
    pub(super) fn with_parameters(&self, parameters: Vec<Parameter>, headers: Headers, body: &[u8]) -> Self {
        let Self::Request(request, signed) = self else { return self.clone() };
        let opaque = request.opaque_body().map(|_| body);
        let same = request.parameters() == parameters && *request.headers() == headers;
        if same && opaque == request.opaque_body() {
            return self.clone();
        }
        let changed = with_body(Request::compose(request.method(), parameters, headers), opaque);
        match Claim::found_in(request) {
            Some(claim) if *signed == Signed::Valid => {
                let key = test_key(claim.key_id, claim.scheme, &changed);
                let signed_anew = sign(&changed, claim.scheme, &key, &Style::SERVICE);
                Self::Request(with_body(signed_anew, opaque), *signed)
            }
            _ => Self::Request(changed, *signed),
        }
    }

    /// The same with these parts in place of its own, where it cannot be decoded.
    pub(super) fn with_target(&self, target: Vec<u8>, headers: Headers, body: Vec<u8>) -> Self {
        match self {
            Self::Raw(raw) => Self::Raw(RawRequest { target, headers, body, ..raw.clone() }),
            Self::Request(..) => self.clone(),
        }
    }

    /// Reads it, and holds its signature to what the file says.
    pub(super) fn from_file(file: &RequestFile) -> Result<Self, Flaw> {
        check_form(file)?;
        if file.method.is_empty() || !file.method.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(Flaw::from(Problem::Method(file.method.clone())).under("method"));
        }
        let headers = headers(&file.headers)?;
        let body = match &file.body {
            Some(body) => body.bytes().map_err(|problem| Flaw::from(problem).under("body"))?,
            None => Vec::new(),
        };
        let asked = match &file.target {
            Some(target) => undecodable(&file.method, target, headers, body)?,
            None => decoded(file, headers, body)?,
        };
        check_signature(&asked, file.signature)?;
        Ok(asked)
    }

    /// As it stands on disk.
    pub(super) fn to_file(&self) -> RequestFile {
        let raw = self.raw();
        let headers = raw.headers.iter().map(|(name, value)| line::header_line(name, value)).collect();
        let (target, query, form) = match self {
            Self::Raw(raw) => (Some(line::latin1_text(&raw.target)), Vec::new(), Vec::new()),
            Self::Request(request, _) => (None, lines(request, Place::Query), lines(request, Place::Form)),
        };
        let added_by_compose = !form.is_empty() && raw.headers == form_headers();
        RequestFile {
            method: raw.method.clone(),
            target,
            query,
            headers: if added_by_compose { Vec::new() } else { headers },
            body: (form.is_empty() && !raw.body.is_empty()).then(|| Body::of(&raw.body)),
            form,
            signature: self.signed(),
        }
    }
}

impl Signed {
    /// The word on disk.
    pub fn name(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Malformed => "malformed",
            Self::Valid => "valid",
            Self::Wrong => "wrong",
        }
    }

    /// What a verdict comes to; none where the public test key cannot tell.
    fn from_verdict(verdict: &Verdict) -> Option<Self> {
        match verdict {
            Verdict::Invalid { .. } => Some(Self::Wrong),
            Verdict::Malformed(_) | Verdict::Unverifiable(Unverifiable::NoKeyId) => Some(Self::Malformed),
            Verdict::Unsigned => Some(Self::Absent),
            Verdict::Unverifiable(_) => None,
            Verdict::Valid(_) => Some(Self::Valid),
        }
    }
}

impl fmt::Display for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Reads lines of headers.
pub(super) fn headers(lines: &[String]) -> Result<Headers, Flaw> {
    let header = |(at, text): (usize, &String)| {
        line::header(text).map_err(|problem| Flaw::from(problem).under(at).under("headers"))
    };
    lines.iter().enumerate().map(header).collect()
}

/// A body that is no form is no part of what is composed or signed with HMAC-SHA1.
fn with_body(request: Request, opaque: Option<&[u8]>) -> Request {
    let Some(body) = opaque else { return request };
    let raw = RawRequest { body: body.to_vec(), ..request.raw().clone() };
    Request::parse(raw).unwrap_or(request)
}

fn test_key(id: String, scheme: Scheme, request: &Request) -> Key {
    let token = match scheme {
        Scheme::Acs3(_) => request.headers().get("x-acs-security-token"),
        Scheme::HmacSha1 => request.value("SecurityToken"),
    };
    let key = Key { id, ..Key::test() };
    match token {
        Some(token) => key.with_token(token),
        None => key,
    }
}

fn check_form(file: &RequestFile) -> Result<(), Problem> {
    let has_parameters = !file.query.is_empty() || !file.form.is_empty();
    let two_spellings = file.target.is_some() && has_parameters;
    let two_bodies = file.body.is_some() && !file.form.is_empty();
    if two_spellings || two_bodies { Err(Problem::RequestForm) } else { Ok(()) }
}

fn undecodable(method: &str, target: &str, headers: Headers, body: Vec<u8>) -> Result<Asked, Flaw> {
    let target = line::latin1_bytes(target).map_err(|problem| Flaw::from(problem).under("target"))?;
    let raw = RawRequest { method: method.to_owned(), target, headers, body, spelling: Spelling::AsSent };
    match Request::parse(raw.clone()) {
        Ok(_) => Err(Flaw::from(Problem::TargetDecodes).under("target")),
        Err(_) => Ok(Asked::Raw(raw)),
    }
}

fn decoded(file: &RequestFile, headers: Headers, body: Vec<u8>) -> Result<Asked, Flaw> {
    let mut parameters = parameters(&file.query, Place::Query, "query")?;
    parameters.extend(self::parameters(&file.form, Place::Form, "form")?);
    let composed = Request::compose(&file.method, parameters.clone(), headers);
    let mut raw = composed.raw().clone();
    if file.form.is_empty() {
        raw.body = body;
    }
    let request = Request::parse(raw).map_err(Problem::Ambiguous)?;
    if request.parameters() != parameters {
        return Err(Problem::TwoPlaces.into());
    }
    Ok(Asked::Request(request, file.signature))
}

fn parameters(lines: &[String], place: Place, key: &str) -> Result<Vec<Parameter>, Flaw> {
    let parameter = |(at, text): (usize, &String)| {
        line::parameter(text, place).map_err(|problem| Flaw::from(problem).under(at).under(key))
    };
    lines.iter().enumerate().map(parameter).collect()
}

fn check_signature(asked: &Asked, says: Signed) -> Result<(), Flaw> {
    let is = match asked {
        Asked::Raw(_) => Some(Signed::Malformed),
        Asked::Request(request, _) => Signed::from_verdict(&verify(request, &Keyring::test())),
    };
    if is == Some(says) { Ok(()) } else { Err(Flaw::from(Problem::Signature { says, is }).under("signature")) }
}

fn lines(request: &Request, place: Place) -> Vec<String> {
    let here = request.parameters().iter().filter(|parameter| parameter.place == place);
    here.map(line::parameter_line).collect()
}

/// The headers of a composed form that came without any: they are left out on disk.
fn form_headers() -> Headers {
    Request::compose("POST", vec![Parameter::form("a", "")], Headers::new()).headers().clone()
}
