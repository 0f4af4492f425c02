//! One request, signed twice: for the upstream, and for the tape.

use crate::gateway;
use crate::signing::{Claim, Key, Scheme, Stages, Style, sign};
use crate::wire::{Headers, Request, Response, is_of_a_connection};

/// One request, signed twice side by side, with the same nonce and time.
///
/// The tape's is signed with the public test key for [`TAPE_HOST`], so that neither a real key nor the port of an
/// upstream shows on it. It has a token exactly where the upstream's has one, since the token is a part of what is
/// signed.
#[derive(Clone, Debug)]
pub struct Twin {
    /// What is sent.
    pub sent: Request,
    /// What the tape says.
    pub taped: Request,
}

/// Whom one of the two requests is signed for.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// The value of the `Host` header.
    pub host: &'a str,
    /// The key.
    pub key: &'a Key,
}

impl Twin {
    /// Signs a client's request anew, under the scheme that it is signed under, for an upstream.
    pub fn of(request: &Request, scheme: Scheme, upstream: Side<'_>) -> Self {
        Self::made_by(upstream, |side| {
            let mut headers = forwarded(request.headers(), scheme, request);
            headers.set("Host", side.host);
            sign(&request.with_headers(headers), scheme, side.key, &Style::SERVICE)
        })
    }

    /// Makes both by `make`.
    pub fn made_by(upstream: Side<'_>, make: impl Fn(Side<'_>) -> Request) -> Self {
        let key = tape_key(upstream.key);
        let taped = make(Side { host: TAPE_HOST, key: &key });
        let headers = kept(&taped);
        Self { sent: make(upstream), taped: taped.with_headers(headers) }
    }

    /// The answer to the one as the answer to the other, and what could not be told anew.
    ///
    /// The service echoes what it signed itself: host and hash of the upstream's request become those of the tape's. A
    /// hash that is not that of what was sent stays, for it is the finding.
    pub fn retold(&self, answer: &Response) -> (Response, Option<String>) {
        let host = |request: &Request| format!("host:{}", request.headers().text("Host").unwrap_or_default());
        let mut body = replaced(&answer.body, &host(&self.sent), &host(&self.taped));
        let mut note = None;
        if let Some((sent, taped)) = self.hashes().filter(|_| is_echo(answer)) {
            let hashed = replaced(&body, &sent, &taped);
            if hashed == body && sent != taped {
                note = Some(OTHER_HASH.to_owned());
            }
            body = hashed;
        }
        (Response { status: answer.status, headers: answer.headers.without_those_of_a_connection(), body }, note)
    }

    /// The hashes of the two canonical requests, where the scheme has them.
    fn hashes(&self) -> Option<(String, String)> {
        Some((canonical_hash(&self.sent)?, canonical_hash(&self.taped)?))
    }
}

/// The public test key, with a token exactly where `real` has one.
pub fn tape_key(real: &Key) -> Key {
    match real.token {
        Some(_) => Key::test().with_token(TAPE_TOKEN),
        None => Key::test(),
    }
}

/// Without what belongs to the client's connection, and without an `Accept-Encoding` that is not signed: an encoded
/// answer could not be searched for secrets.
fn forwarded(headers: &Headers, scheme: Scheme, request: &Request) -> Headers {
    let signed = signed_headers(request);
    let asks_for_encoding = |name: &str| {
        name.eq_ignore_ascii_case("Accept-Encoding") && !(scheme != Scheme::HmacSha1 && lists(&signed, name))
    };
    let stays = |name: &str| !is_of_a_connection(name) && !asks_for_encoding(name);
    headers.iter().filter(|(name, _)| stays(name)).collect()
}

/// What a tape keeps: the signed headers and what the answer depends on; with HMAC-SHA1 no header is signed.
fn kept(taped: &Request) -> Headers {
    let signed = signed_headers(taped);
    let is_acs3 = matches!(Claim::found_in(taped), Some(Claim { scheme: Scheme::Acs3(_), .. }));
    let stays = |name: &str| match name.to_ascii_lowercase().as_str() {
        "content-type" => !taped.raw().body.is_empty() || lists(&signed, name),
        "accept" | "authorization" | "host" => is_acs3,
        lower => is_acs3 && (lower.starts_with("x-acs-") || lists(&signed, name)),
    };
    taped.headers().iter().filter(|(name, _)| stays(name)).collect()
}

fn signed_headers(request: &Request) -> Vec<String> {
    Claim::found_in(request).map(|claim| claim.signed_headers).unwrap_or_default()
}

fn lists(signed: &[String], name: &str) -> bool {
    signed.iter().any(|listed| listed.eq_ignore_ascii_case(name))
}

fn is_echo(answer: &Response) -> bool {
    gateway::read(answer).is_some_and(|refusal| refusal.code == "SignatureDoesNotMatch")
}

/// ACS3's string to sign is the algorithm and, in its last line, this hash. The secret has no part in it.
fn canonical_hash(request: &Request) -> Option<String> {
    let claim = Claim::found_in(request).filter(|claim| matches!(claim.scheme, Scheme::Acs3(_)))?;
    let string_to_sign = Stages::claimed(request, &claim, b"", &Style::SERVICE).string_to_sign.to_string();
    string_to_sign.lines().last().map(str::to_owned)
}

fn replaced(bytes: &[u8], old: &str, new: &str) -> Vec<u8> {
    let mut replaced = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest.windows(old.len().max(1)).position(|window| window == old.as_bytes()) {
        replaced.extend_from_slice(&rest[..at]);
        replaced.extend_from_slice(new.as_bytes());
        rest = &rest[at + old.len()..];
    }
    replaced.extend_from_slice(rest);
    replaced
}

/// The host that every request of a tape is signed for.
pub const TAPE_HOST: &str = "alidns.aliyuncs.com";
const TAPE_TOKEN: &str = "testtoken";
const OTHER_HASH: &str =
    "The answer holds another hash of the canonical request than that of the request as it was sent.";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::{Format, Refusal, render};
    use crate::signing::{Digest, Keyring, Verdict, verify};
    use crate::wire::{Parameter, RawRequest};

    const HOST: &str = "127.0.0.1:4321";

    fn client_request(headers: &[(&str, &str)]) -> Request {
        let all = [
            ("Host", "127.0.0.1:80"),
            ("x-acs-action", "DescribeBatchResultCount"),
            ("x-acs-date", "2026-11-24T03:45:00Z"),
            ("x-acs-signature-nonce", "3156853299f313e23d1673dc12e1703d"),
            ("x-acs-version", "2015-01-09"),
        ];
        let headers = all.iter().chain(headers).copied().collect();
        let request = Request::compose("GET", vec![Parameter::query("TaskId", "7")], headers);
        sign(&request, ACS3, &Key::new("testid-a.b", "testsecret"), &Style::SERVICE)
    }

    fn twin(headers: &[(&str, &str)], key: &Key) -> Twin {
        Twin::of(&client_request(headers), ACS3, Side { host: HOST, key })
    }

    fn is_valid(request: &Request, key: Key) -> bool {
        matches!(verify(request, &Keyring::test().with(key)), Verdict::Valid(_))
    }

    fn names(request: &Request) -> Vec<&str> {
        request.headers().iter().map(|(name, _)| name).collect()
    }

    /// The answer of a service that signs `request` otherwise than its client did.
    fn echo(request: &Request, key: &Key) -> Response {
        let claim = Claim::found_in(request).expect("it is signed");
        let ours = Stages::claimed(request, &claim, key.secret.expose(), &Style::SERVICE);
        let message =
            format!("server StringToSign is [{}] server CanonicalRequest is [{}]", ours.string_to_sign, ours.canonical);
        render(&Refusal::new("SignatureDoesNotMatch", 400, message), Format::Json, request.raw())
    }

    fn text(response: &Response) -> String {
        String::from_utf8_lossy(&response.body).into_owned()
    }

    #[test]
    fn both_are_validly_signed_each_for_its_host_with_one_nonce_and_time() {
        let key = Key::new("real", "secret").with_token("t");

        let Twin { sent, taped } = twin(&[], &key);

        assert!(is_valid(&sent, key) && is_valid(&taped, Key::test()));
        assert_eq!(sent.headers().text("Host"), Some(HOST));
        assert_eq!(taped.headers().text("Host"), Some("alidns.aliyuncs.com"));
        for name in ["x-acs-signature-nonce", "x-acs-date"] {
            assert_eq!(sent.headers().text(name), taped.headers().text(name), "{name}");
        }
    }

    #[test]
    fn the_tape_has_a_token_exactly_where_the_real_key_has_one() {
        let token = |key: &Key| {
            let taped = twin(&[("x-acs-security-token", "of the client")], key).taped;
            taped.headers().text("x-acs-security-token").map(str::to_owned)
        };

        assert_eq!(token(&Key::new("real", "secret").with_token("t")).as_deref(), Some("testtoken"));
        assert_eq!(token(&Key::new("real", "secret")), None);
    }

    #[test]
    fn headers_of_the_connection_are_not_sent_on_and_unsigned_ones_not_kept() {
        let headers = [("Connection", "close"), ("Accept-Encoding", "gzip"), ("User-Agent", "x"), ("Accept", "*/*")];

        let Twin { sent, taped } = twin(&headers, &Key::new("real", "secret"));

        assert!(!names(&sent).contains(&"Connection") && !names(&sent).contains(&"Accept-Encoding"));
        assert!(names(&sent).contains(&"User-Agent"));
        assert!(!names(&taped).contains(&"User-Agent"));
        assert!(names(&taped).contains(&"Accept"), "the format of the answer depends on it");
    }

    #[test]
    fn a_tape_of_hmac_sha1_has_no_header_but_that_of_a_form() {
        let parameters = |form: bool| {
            let parameter = if form { Parameter::form } else { Parameter::query };
            vec![parameter("TaskId", "7")]
        };
        let taped = |form: bool| {
            let headers = Headers::from_iter([("Host", "a"), ("User-Agent", "x"), ("x-acs-sdk", "1")]);
            let request = Request::compose("POST", parameters(form), headers);
            let side = Side { host: HOST, key: &Key::new("real", "secret") };
            Twin::of(&request, Scheme::HmacSha1, side).taped
        };

        assert_eq!(names(&taped(false)), [""; 0]);
        assert_eq!(names(&taped(true)), ["Content-Type"]);
    }

    #[test]
    fn an_echo_of_what_was_sent_becomes_an_echo_of_what_is_on_the_tape() {
        let key = Key::test();
        let twin = twin(&[], &key);

        let (retold, note) = twin.retold(&echo(&twin.sent, &key));

        let expected = echo(&twin.taped, &key);
        let message = |response: &Response| gateway::read(response).map(|refusal| refusal.message);
        assert_eq!(message(&retold), message(&expected));
        assert_eq!(note, None);
    }

    #[test]
    fn a_hash_that_is_not_of_what_was_sent_stays_and_is_noted() {
        let key = Key::test();
        let twin = twin(&[], &key);
        let other = RawRequest { body: b"another body".to_vec(), ..twin.sent.raw().clone() };
        let other = Request::parse(other).expect("it is well formed");
        let foreign = echo(&other.with_headers(without_hash(&other)), &key);

        let (retold, note) = twin.retold(&foreign);

        let line = |text: &str| text.split("ACS3-HMAC-SHA256\\n").nth(1).map(|rest| rest[..64].to_owned());
        assert_eq!(line(&text(&retold)), line(&text(&foreign)));
        assert!(!text(&retold).contains(HOST), "{}", text(&retold));
        assert!(note.is_some_and(|note| note.contains("another hash")));
    }

    fn without_hash(request: &Request) -> Headers {
        let mut headers = request.headers().clone();
        headers.set("x-acs-content-sha256", "0");
        headers
    }

    #[test]
    fn an_answer_that_echoes_nothing_keeps_its_bytes_and_loses_the_headers_of_its_connection() {
        let headers = [("Content-Length", "2"), ("Date", "x")].into_iter().collect();
        let answer = Response { status: 200, headers, body: b"{}".to_vec() };

        let (retold, note) = twin(&[], &Key::test()).retold(&answer);

        assert_eq!((retold.body, note), (b"{}".to_vec(), None));
        assert_eq!(retold.headers.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["Date"]);
    }

    const ACS3: Scheme = Scheme::Acs3(Digest::Sha256);
}
