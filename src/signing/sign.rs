//! Signing a request, or signing it anew.

use super::claim::{Claim, Claimed, Digest, Scheme};
use super::hash;
use super::key::Key;
use super::stages::{Signature, Stages};
use super::style::Style;
use crate::wire::{Headers, Parameter, Place, Request};

/// Signs `request` under `scheme` with `key`, in `style`; a sound signer's style is [`Style::SERVICE`].
///
/// A claim of that scheme, a key id or a token that the request carries is replaced where it stands, so that a
/// request can be signed anew for another key. Nonce, time and host are the caller's to set. For HMAC-SHA1 target
/// and body are spelled anew, on path `/`; ACS3 leaves both as they are.
#[must_use = "the request itself is not changed"]
pub fn sign(request: &Request, scheme: Scheme, key: &Key, style: &Style) -> Request {
    match scheme {
        Scheme::Acs3(digest) => sign_headers(request, digest, key, style),
        Scheme::HmacSha1 => sign_parameters(request, key, style),
    }
}

fn sign_parameters(request: &Request, key: &Key, style: &Style) -> Request {
    let mut parameters = request.parameters().to_vec();
    let home = parameters.last().map_or(Place::Query, |last| last.place);
    set(&mut parameters, "AccessKeyId", Some(key.id.as_bytes()), home);
    set(&mut parameters, "SecurityToken", key.token.as_ref().map(|token| token.expose()), home);
    set(&mut parameters, "Signature", Some(b""), home);
    let claim = unsigned_claim(Scheme::HmacSha1, key, Vec::new());
    let unsigned = Request::compose(request.method(), parameters.clone(), request.headers().clone());
    let stages = Stages::claimed(&unsigned, &claim, key.secret.expose(), style);
    set(&mut parameters, "Signature", Some(stages.signature.as_bytes()), home);
    Request::compose(request.method(), parameters, request.headers().clone())
}

/// Sets the first parameter of that name and drops its repeats.
fn set(parameters: &mut Vec<Parameter>, name: &str, value: Option<&[u8]>, home: Place) {
    let at = parameters.iter().position(|parameter| parameter.is(name)).unwrap_or(parameters.len());
    let place = parameters.get(at).map_or(home, |found| found.place);
    parameters.retain(|parameter| !parameter.is(name));
    if let Some(value) = value {
        parameters.insert(at, Parameter { name: name.into(), value: value.into(), place });
    }
}

fn sign_headers(request: &Request, digest: Digest, key: &Key, style: &Style) -> Request {
    let mut headers = request.headers().clone();
    headers.set("x-acs-content-sha256", hash::hex_digest(digest, &request.raw().body));
    match &key.token {
        Some(token) => headers.set("x-acs-security-token", token.expose()),
        None => headers.remove("x-acs-security-token"),
    }
    if headers.get("x-acs-accesskey-id").is_some() {
        headers.set("x-acs-accesskey-id", key.id.as_bytes());
    }
    let signed_headers = match Claim::of(request) {
        Claimed::With(claim) if !claim.signed_headers.is_empty() => listed(claim.signed_headers, &headers),
        _ => worth_signing(&headers),
    };
    let claim = unsigned_claim(Scheme::Acs3(digest), key, signed_headers);
    let unsigned = request.with_headers(headers.clone());
    let stages = Stages::claimed(&unsigned, &claim, key.secret.expose(), style);
    headers.set("Authorization", authorization(&claim, &stages.signature));
    request.with_headers(headers)
}

fn unsigned_claim(scheme: Scheme, key: &Key, signed_headers: Vec<String>) -> Claim {
    Claim { scheme, key_id: key.id.clone(), signature: String::new(), signed_headers }
}

fn authorization(claim: &Claim, signature: &Signature) -> String {
    let Claim { scheme, key_id, signed_headers, .. } = claim;
    format!("{scheme} Credential={key_id},SignedHeaders={},Signature={signature}", signed_headers.join(";"))
}

/// The client's own list, with the token's header in it exactly where there is a token.
fn listed(mut names: Vec<String>, headers: &Headers) -> Vec<String> {
    let token = "x-acs-security-token";
    names.retain(|name| name != token || headers.get(token).is_some());
    if headers.get(token).is_some() && !names.iter().any(|name| name == token) {
        names.push(token.to_owned());
        names.sort();
    }
    names
}

/// `host`, `content-type` and every `x-acs-*`, as the official SDKs sign them.
fn worth_signing(headers: &Headers) -> Vec<String> {
    let names = headers.iter().map(|(name, _)| name.to_ascii_lowercase());
    let mut names: Vec<String> =
        names.filter(|name| name == "host" || name == "content-type" || name.starts_with("x-acs-")).collect();
    names.sort();
    names.dedup();
    names
}
