//! The decisions that a signer makes.

use std::borrow::Cow;
use std::cmp::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::claim::{Digest, Scheme};
use super::hash;
use crate::wire::{Parameter, Place, percent};

/// A signer's decisions, each a plain function, so that a mistake names exactly what it changes.
///
/// [`Style::SERVICE`] is the service's own. A mistaken one is written
/// `Style { value: .., ..Style::SERVICE }`.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// The method as it is signed.
    pub method: fn(&str) -> String,
    /// The path as it is signed: HMAC-SHA1 always signs `%2F`, ACS3 the path as sent.
    pub root: fn(Scheme, &[u8]) -> Vec<u8>,
    /// Whether a parameter stands in the canonical query.
    pub keep: fn(Scheme, &Parameter) -> bool,
    /// The value that is signed of a parameter, not yet encoded.
    pub content: fn(&Parameter) -> Cow<'_, [u8]>,
    /// Encodes a parameter's name.
    pub name: Encode,
    /// Encodes a parameter's value.
    pub value: Encode,
    /// The order of parameters; equal ones stay as sent.
    pub order: fn(&Parameter, &Parameter) -> Ordering,
    /// Encodes the canonical query into HMAC-SHA1's string to sign: the second pass.
    pub whole: Encode,
    /// The name of a signed header, given as listed and as sent.
    pub header_name: for<'a> fn(&'a str, &'a str) -> &'a str,
    /// Writes the value of a signed header, given the name as listed.
    pub header_value: fn(&str, &[u8], &mut Vec<u8>),
    /// ACS3's hash of the body.
    pub payload: fn(Digest, &[u8]) -> String,
    /// ACS3's canonical request made of its six parts: method, path, query, header lines, list of signed
    /// headers, hash of the body.
    pub assemble: fn([&[u8]; 6]) -> Vec<u8>,
    /// ACS3's hash of the canonical request.
    pub hash: fn(Digest, &[u8]) -> String,
    /// The HMAC key made of key id and secret.
    pub key: fn(Scheme, &str, &[u8]) -> Vec<u8>,
    /// The MAC of a text under a key.
    pub mac: fn(Scheme, &[u8], &[u8]) -> Vec<u8>,
    /// The MAC as text.
    pub print: fn(Scheme, &[u8]) -> String,
}

/// Appends bytes in an encoding.
pub type Encode = fn(&[u8], &mut Vec<u8>);

impl Style {
    /// What the service does.
    ///
    /// [HMAC-SHA1](https://www.alibabacloud.com/help/en/sdk/product-overview/rpc-mechanism) and
    /// [ACS3](https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature),
    /// read 2026-11-24.
    pub const SERVICE: Self = Self {
        method: str::to_owned,
        root: |scheme, path| match scheme {
            Scheme::Acs3(_) if path.is_empty() => b"/".to_vec(),
            Scheme::Acs3(_) => path.to_vec(),
            Scheme::HmacSha1 => b"%2F".to_vec(),
        },
        keep: |scheme, parameter| match scheme {
            Scheme::Acs3(_) => parameter.place == Place::Query,
            Scheme::HmacSha1 => !parameter.is("Signature"),
        },
        content: |parameter| Cow::Borrowed(&parameter.value),
        name: percent::encode_into,
        value: percent::encode_into,
        order: |left, right| left.name.cmp(&right.name),
        whole: percent::encode_into,
        header_name: |listed, _| listed,
        header_value: |_, value, out| out.extend_from_slice(value.trim_ascii()),
        payload: hash::hex_digest,
        assemble: |parts| parts.join(&b'\n'),
        hash: hash::hex_digest,
        key: |scheme, _, secret| match scheme {
            Scheme::Acs3(_) => secret.to_vec(),
            Scheme::HmacSha1 => [secret, b"&"].concat(),
        },
        mac: hash::mac,
        print: |scheme, mac| match scheme {
            Scheme::Acs3(_) => hash::hex(mac),
            Scheme::HmacSha1 => STANDARD.encode(mac),
        },
    };
}
