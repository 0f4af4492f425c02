//! A string to sign as somebody else quotes it.

use super::claim::Scheme;
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
