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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::{Keyring, Verdict, verify};
    use crate::wire::{RawRequest, Spelling};

    fn target(request: &Request) -> &str {
        std::str::from_utf8(&request.raw().target).expect("a composed target is ASCII")
    }

    fn get(parameters: &[(&str, &str)]) -> Request {
        let parameters = parameters.iter().map(|&(name, value)| Parameter::query(name, value)).collect();
        Request::compose("GET", parameters, Headers::new())
    }

    fn post(headers: &[(&str, &str)], body: &str) -> Request {
        let raw = RawRequest {
            method: "POST".into(),
            target: "/?TaskId=1&Lang=!x".into(),
            headers: headers.iter().copied().collect(),
            body: body.into(),
            spelling: Spelling::AsSent,
        };
        Request::parse(raw).expect("the request is well formed")
    }

    fn signed(request: &Request, scheme: Scheme, key: &Key) -> Request {
        sign(request, scheme, key, &Style::SERVICE)
    }

    fn is_valid(request: &Request, key: &Key) -> bool {
        matches!(verify(request, &Keyring::test().with(key.clone())), Verdict::Valid(_))
    }

    fn signed_headers(request: &Request) -> Vec<String> {
        match Claim::of(request) {
            Claimed::With(claim) => claim.signed_headers,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_documented_request_gets_its_documented_signature() {
        let request = get(&[
            ("Format", "XML"),
            ("Action", "DescribeRegions"),
            ("SignatureMethod", "HMAC-SHA1"),
            ("SignatureNonce", "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf"),
            ("SignatureVersion", "1.0"),
            ("Timestamp", "2016-02-23T12:46:24Z"),
            ("Version", "2014-05-26"),
        ]);

        let signed = signed(&request, Scheme::HmacSha1, &Key::test());

        assert!(target(&signed).ends_with("&AccessKeyId=testid&Signature=OLeaidS1JvxuMvnyHOwuJ%2BuX5qY%3D"));
    }

    #[test]
    fn what_is_signed_verifies_under_every_scheme() {
        let key = Key::new("id", " s&=").with_token("t+/=");
        for scheme in SCHEMES {
            let request = post(&[("Host", "a:1"), ("Content-Type", "text/plain")], "body");

            assert!(is_valid(&signed(&request, scheme, &key), &key), "{scheme}");
        }
    }

    #[test]
    fn signing_anew_replaces_claim_key_and_token_where_they_stand() {
        let old = get(&[("Signature", "x"), ("A", "1"), ("AccessKeyId", "old"), ("SecurityToken", "old"), ("B", "2")]);
        let key = Key::new("new", "s").with_token("t");

        let names = |request: &Request| -> Vec<String> {
            request.parameters().iter().map(|one| String::from_utf8_lossy(&one.name).into_owned()).collect()
        };
        let anew = signed(&old, Scheme::HmacSha1, &key);

        assert_eq!(names(&anew), ["Signature", "A", "AccessKeyId", "SecurityToken", "B"]);
        assert_eq!(anew.text("AccessKeyId").as_deref(), Some("new"));
        assert_eq!(anew.text("SecurityToken").as_deref(), Some("t"));
        assert!(is_valid(&anew, &key));
    }

    #[test]
    fn a_token_goes_when_the_new_key_has_none() {
        let old = get(&[("SecurityToken", "old")]);

        let anew = signed(&old, Scheme::HmacSha1, &Key::test());

        assert_eq!(anew.value("SecurityToken"), None);
        assert!(is_valid(&anew, &Key::test()));
    }

    #[test]
    fn repeats_of_what_is_replaced_are_dropped() {
        let old = get(&[("Signature", "x"), ("AccessKeyId", "a"), ("AccessKeyId", "b"), ("Signature", "y")]);

        let anew = signed(&old, Scheme::HmacSha1, &Key::test());

        assert!(target(&anew).starts_with("/?Signature="), "{}", target(&anew));
        assert!(target(&anew).ends_with("&AccessKeyId=testid"), "{}", target(&anew));
        assert!(is_valid(&anew, &Key::test()));
    }

    #[test]
    fn what_is_added_stands_where_the_last_parameter_does() {
        let form = vec![Parameter::query("A", "1"), Parameter::form("B", "2")];
        let request = Request::compose("POST", form, Headers::new());

        let signed = signed(&request, Scheme::HmacSha1, &Key::test());

        assert_eq!(target(&signed), "/?A=1");
        assert!(signed.raw().body.starts_with(b"B=2&AccessKeyId=testid&Signature="));
        assert!(is_valid(&signed, &Key::test()));
    }

    #[test]
    fn signing_twice_changes_nothing() {
        let key = Key::test().with_token("t");
        for scheme in SCHEMES {
            let once = signed(&post(&[("host", "a")], ""), scheme, &key);

            assert_eq!(signed(&once, scheme, &key), once, "{scheme}");
        }
    }

    #[test]
    fn acs3_leaves_target_and_body_as_they_are() {
        let request = post(&[("host", "a"), ("content-type", "application/json")], "{ }");

        let signed = signed(&request, Scheme::Acs3(Digest::Sha256), &Key::test());

        assert_eq!(target(&signed), "/?TaskId=1&Lang=!x");
        assert_eq!(signed.raw().body, b"{ }");
        // printf '{ }' | sha256sum
        let hash = "257c1be96ae69f4b01c2c69bdb6d78605f59175819fb007d0bf245bf48444c4a";
        assert_eq!(signed.headers().text("x-acs-content-sha256"), Some(hash));
    }

    #[test]
    fn acs3_lists_host_content_type_and_its_own_headers_sorted() {
        let headers =
            [("X-Acs-Version", "1"), ("User-Agent", "x"), ("Host", "a"), ("Content-Type", "b"), ("x-acs-version", "2")];

        let signed = signed(&post(&headers, ""), Scheme::Acs3(Digest::Sha256), &Key::test().with_token("t"));

        assert_eq!(
            signed_headers(&signed),
            ["content-type", "host", "x-acs-content-sha256", "x-acs-security-token", "x-acs-version"]
        );
    }

    #[test]
    fn acs3_takes_no_list_from_a_claim_of_hmac_sha1() {
        let headers = [("host", "a")].into_iter().collect();
        let request = get(&[("AccessKeyId", "a"), ("Signature", "x")]).with_headers(headers);

        let signed = signed(&request, SCHEMES[0], &Key::test());

        let claim = signed.headers().text("Authorization").unwrap_or_default();
        assert!(claim.contains(",SignedHeaders=host;x-acs-content-sha256,"), "{claim}");
    }

    #[test]
    fn acs3_signed_anew_keeps_the_clients_own_list() {
        let claim = "ACS3-HMAC-SHA256 Credential=old,SignedHeaders=user-agent;host,Signature=x";
        let headers = [("Authorization", claim), ("host", "a"), ("user-agent", "b"), ("x-acs-version", "1")];

        let plain = signed(&post(&headers, ""), Scheme::Acs3(Digest::Sha256), &Key::test());
        let with_token = signed(&post(&headers, ""), Scheme::Acs3(Digest::Sha256), &Key::test().with_token("t"));

        assert_eq!(signed_headers(&plain), ["user-agent", "host"]);
        assert_eq!(signed_headers(&with_token), ["host", "user-agent", "x-acs-security-token"]);
        assert_eq!(plain.headers().iter().next().map(|(name, _)| name), Some("Authorization"));
        assert!(is_valid(&plain, &Key::test()) && is_valid(&with_token, &Key::test()));
    }

    #[test]
    fn acs3_signed_anew_without_token_unlists_it() {
        let old = signed(
            &post(&[("host", "a"), ("x-acs-accesskey-id", "old")], ""),
            SCHEMES[0],
            &Key::new("old", "s").with_token("t"),
        );

        let anew = signed(&old, SCHEMES[0], &Key::test());

        assert_eq!(signed_headers(&anew), ["host", "x-acs-accesskey-id", "x-acs-content-sha256"]);
        assert_eq!(anew.headers().get("x-acs-security-token"), None);
        assert_eq!(anew.headers().text("x-acs-accesskey-id"), Some("testid"));
        assert!(is_valid(&anew, &Key::test()));
    }

    #[test]
    fn acs3_does_not_add_a_header_for_the_key_id() {
        let signed = signed(&post(&[("host", "a")], ""), SCHEMES[0], &Key::test());

        assert_eq!(signed.headers().get("x-acs-accesskey-id"), None);
    }

    const SCHEMES: [Scheme; 3] = [Scheme::Acs3(Digest::Sha256), Scheme::Acs3(Digest::Sm3), Scheme::HmacSha1];
}
