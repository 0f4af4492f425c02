//! Signing a request, or signing it anew.

use super::claim::{Claim, Claimed, Scheme};
use super::hash;
use super::key::Key;
use super::stages::Stages;
use super::style::Style;
use crate::wire::{Headers, Parameter, Place, Request};

/// Signs `request` under `scheme` with `key`, in `style`; a sound signer's style is [`Style::SERVICE`].
///
/// A claim, key id or token that the request carries is replaced where it stands, so that a request can be
/// signed anew for another key. Nonce, time and host are the caller's to set. The parameters are spelled
/// anew for HMAC-SHA1; ACS3 leaves target and body as they are.
#[must_use = "the request itself is not changed"]
pub fn sign(request: &Request, scheme: Scheme, key: &Key, style: &Style) -> Request {
    match scheme {
        Scheme::Acs3(_) => sign_headers(request, scheme, key, style),
        Scheme::HmacSha1 => sign_parameters(request, key, style),
    }
}

fn sign_parameters(request: &Request, key: &Key, style: &Style) -> Request {
    let mut parameters = request.parameters().to_vec();
    let home = parameters.last().map_or(Place::Query, |last| last.place);
    set(&mut parameters, "AccessKeyId", Some(key.id.as_bytes()), home);
    set(&mut parameters, "SecurityToken", key.token.as_ref().map(|token| token.expose()), home);
    let unsigned = Request::compose(request.method(), parameters.clone(), request.headers().clone());
    let stages = Stages::of(&unsigned, Scheme::HmacSha1, &[], key.secret.expose(), style);
    set(&mut parameters, "Signature", Some(stages.signature.as_bytes()), home);
    Request::compose(request.method(), parameters, request.headers().clone())
}

fn set(parameters: &mut Vec<Parameter>, name: &str, value: Option<&[u8]>, home: Place) {
    let found = parameters.iter().position(|parameter| parameter.is(name));
    match (found, value) {
        (Some(at), Some(value)) => parameters[at].value = value.to_vec(),
        (Some(at), None) => drop(parameters.remove(at)),
        (None, Some(value)) => parameters.push(Parameter { name: name.into(), value: value.to_vec(), place: home }),
        (None, None) => {}
    }
}

fn sign_headers(request: &Request, scheme: Scheme, key: &Key, style: &Style) -> Request {
    let mut raw = request.raw().clone();
    if let Scheme::Acs3(digest) = scheme {
        raw.headers.set("x-acs-content-sha256", hash::hex_digest(digest, &raw.body));
    }
    match &key.token {
        Some(token) => raw.headers.set("x-acs-security-token", token.expose()),
        None => raw.headers.remove("x-acs-security-token"),
    }
    if raw.headers.get("x-acs-accesskey-id").is_some() {
        raw.headers.set("x-acs-accesskey-id", key.id.as_bytes());
    }
    let signed_headers = match Claim::of(request) {
        Claimed::With(claim) if !claim.signed_headers.is_empty() => listed(claim.signed_headers, &raw.headers),
        _ => worth_signing(&raw.headers),
    };
    let unsigned = request.with_headers(raw.headers.clone());
    let stages = Stages::of(&unsigned, scheme, &signed_headers, key.secret.expose(), style);
    let claim = format!(
        "{scheme} Credential={},SignedHeaders={},Signature={}",
        key.id,
        signed_headers.join(";"),
        stages.signature
    );
    raw.headers.set("Authorization", claim);
    request.with_headers(raw.headers)
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
