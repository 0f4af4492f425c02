//! A string to sign as somebody else quotes it.

use super::claim::{Digest, Scheme};
use super::diagnosis::Difference;
use super::stages::{Stage, Stages};
use crate::wire::{Document, Node};

/// What was found in a log line, a service's message or its body.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Quotation {
    string_to_sign: String,
    /// ACS3's, where the message quotes it too.
    canonical: Option<String>,
}

impl Quotation {
    /// Finds a string to sign of `scheme` in `text`: a message of the service, the body that holds one, or the
    /// string itself.
    pub(super) fn find(text: &str, scheme: Scheme) -> Option<Self> {
        let message = message(text);
        let text = message.as_deref().unwrap_or(text);
        match scheme {
            Scheme::Acs3(_) => acs3(text, scheme),
            Scheme::HmacSha1 => hmac_sha1(text),
        }
    }

    /// Where it departs from ours.
    ///
    /// Of two hashes nobody sees where their texts part, so the canonical requests are compared where there are two.
    pub(super) fn difference(&self, ours: &Stages) -> Option<Difference> {
        let theirs = self.canonical.as_ref().map(String::as_bytes);
        let canonical =
            theirs.and_then(|theirs| Difference::between(Stage::Canonical, ours.canonical.as_bytes(), theirs));
        let theirs = self.string_to_sign.as_bytes();
        canonical.or_else(|| Difference::between(Stage::StringToSign, ours.string_to_sign.as_bytes(), theirs))
    }
}

/// Whether `text` quotes a string to sign of any scheme.
pub fn quotes_a_string_to_sign(text: &str) -> bool {
    SCHEMES.into_iter().any(|scheme| Quotation::find(text, scheme).is_some())
}

/// The `Message` of a body of the service.
fn message(text: &str) -> Option<String> {
    let Node::Object(fields) = Document::parse(text.trim().as_bytes()).ok()?.root else { return None };
    fields.into_iter().find_map(|(name, value)| match value {
        Node::Text(text) if name == "Message" => Some(text),
        _ => None,
    })
}

fn hmac_sha1(text: &str) -> Option<Quotation> {
    let marked = text.split_once("server string to sign is:").map(|(_, quoted)| quoted.lines().next());
    let quoted = marked.map_or_else(|| bare(text), |line| line.map(str::trim))?;
    Some(Quotation { string_to_sign: quoted.to_owned(), canonical: None })
}

/// A text that is one string to sign and nothing else.
fn bare(text: &str) -> Option<&str> {
    let text = text.trim();
    let method = text.split('&').next().unwrap_or_default();
    let method_first = method.len() < text.len() && method.bytes().all(|byte| byte.is_ascii_alphabetic());
    (method_first && !text.contains(char::is_whitespace)).then_some(text)
}

fn acs3(text: &str, scheme: Scheme) -> Option<Quotation> {
    let from = &text[text.find(&format!("{scheme}\n"))?..];
    let end = scheme.name().len() + 1 + HASH_DIGITS;
    let string_to_sign = from.get(..end)?.to_owned();
    let canonical = from.split_once("server CanonicalRequest is [").and_then(|(_, rest)| rest.rsplit_once(']'));
    Some(Quotation { string_to_sign, canonical: canonical.map(|(request, _)| request.to_owned()) })
}

const HASH_DIGITS: usize = 64;
const SCHEMES: [Scheme; 3] = [Scheme::HmacSha1, Scheme::Acs3(Digest::Sha256), Scheme::Acs3(Digest::Sm3)];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::{Claim, Digest, Style};
    use crate::wire::{Headers, Parameter, Request};

    const ACS3: Scheme = Scheme::Acs3(Digest::Sha256);
    const HASH: &str = "7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259";

    fn found(text: &str, scheme: Scheme) -> Option<(String, Option<String>)> {
        Quotation::find(text, scheme).map(|found| (found.string_to_sign, found.canonical))
    }

    #[test]
    fn the_string_is_found_bare_in_a_message_and_in_both_bodies() {
        let message = "Specified signature is not matched with our calculation. server string to sign is:GET&%2F&a%3D1";
        let json =
            format!("{{\"Code\":\"SignatureDoesNotMatch\",\"Message\":\"{}\"}}\n", message.replace('&', "\\u0026"));
        let xml = format!("<?xml version='1.0'?><Error><Message>{}</Message></Error>", message.replace('&', "&amp;"));
        let line = format!("2026-11-24 ERROR {message} \nnext line");

        for text in ["GET&%2F&a%3D1", " GET&%2F&a%3D1\n", message, &json, &xml, &line] {
            assert_eq!(found(text, Scheme::HmacSha1), Some(("GET&%2F&a%3D1".into(), None)), "{text}");
        }
    }

    #[test]
    fn a_string_with_a_wrong_prefix_or_no_method_is_found_too() {
        for text in ["GET&/&a=1", "&%2F&a%3D1", "undefined&%2F&"] {
            assert_eq!(found(text, Scheme::HmacSha1), Some((text.into(), None)), "{text}");
        }
    }

    #[test]
    fn texts_that_quote_nothing_are_none() {
        for text in [
            "",
            "GET",
            "Specified signature is not matched with our calculation.",
            "cats & dogs",
            "a=1&b=2",
            "{\"Code\":\"SignatureDoesNotMatch\"}",
            "[1]",
            "{\"Message\":7}",
        ] {
            assert_eq!(found(text, Scheme::HmacSha1), None, "{text}");
            assert_eq!(found(text, ACS3), None, "{text}");
        }
        assert_eq!(found("ACS3-HMAC-SHA256\n7ea0", ACS3), None);
        assert_eq!(found(&format!("ACS3-HMAC-SM3\n{HASH}"), ACS3), None);
    }

    #[test]
    fn acs3_is_found_bare_and_with_its_canonical_request() {
        let bare = format!("ACS3-HMAC-SHA256\n{HASH}");
        let message =
            format!("server StringToSign is [{bare}] server CanonicalRequest is [POST\n/\n\nhost:[::1]\n\nhost\nx]");
        let json = format!("{{\"Message\":\"{}\"}}", message.replace('\n', "\\n"));

        assert_eq!(found(&bare, ACS3), Some((bare.clone(), None)));
        for text in [&message, &json] {
            let canonical = "POST\n/\n\nhost:[::1]\n\nhost\nx".to_owned();
            assert_eq!(found(text, ACS3), Some((bare.clone(), Some(canonical))), "{text}");
        }
    }

    #[test]
    fn canonical_requests_are_compared_before_their_hashes() {
        let request = Request::compose("GET", vec![Parameter::query("a", "1")], Headers::new());
        let (key_id, signature) = (String::new(), String::new());
        let claim = Claim { scheme: ACS3, key_id, signature, signed_headers: Vec::new() };
        let ours = Stages::claimed(&request, &claim, b"", &Style::SERVICE);
        let theirs = |canonical: Option<&str>| Quotation {
            string_to_sign: format!("ACS3-HMAC-SHA256\n{}", "f".repeat(64)),
            canonical: canonical.map(str::to_owned),
        };

        let hashes = theirs(None).difference(&ours).map(|found| (found.stage, found.at));
        let texts = theirs(Some("GET\n/\na=2")).difference(&ours).map(|found| (found.stage, found.at));

        assert_eq!(hashes, Some((Stage::StringToSign, 17)));
        assert_eq!(texts, Some((Stage::Canonical, 8)));
    }
}
