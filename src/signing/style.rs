//! The decisions that a signer makes.

use std::cmp::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::claim::{Digest, Scheme};
use super::hash;
use crate::wire::{Parameter, percent};

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
    /// Whether a parameter is signed at all.
    pub keep: fn(&Parameter) -> bool,
    /// Writes a parameter's name.
    pub name: fn(&Parameter, &mut Vec<u8>),
    /// Writes a parameter's value.
    pub value: fn(&Parameter, &mut Vec<u8>),
    /// The order of parameters; equal ones stay as sent.
    pub order: fn(&Parameter, &Parameter) -> Ordering,
    /// Writes the canonical query into HMAC-SHA1's string to sign: the second pass.
    pub whole: fn(&[u8], &mut Vec<u8>),
    /// Writes the value of a signed header, given its name.
    pub header_value: fn(&str, &[u8], &mut Vec<u8>),
    /// ACS3's payload hash.
    pub payload: fn(Digest, &[u8]) -> String,
    /// The HMAC key made of a secret.
    pub key: fn(Scheme, &[u8]) -> Vec<u8>,
    /// The MAC as text.
    pub print: fn(Scheme, &[u8]) -> String,
}

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
        keep: |parameter| !parameter.is("Signature"),
        name: |parameter, out| percent::encode_into(&parameter.name, out),
        value: |parameter, out| percent::encode_into(&parameter.value, out),
        order: |left, right| left.name.cmp(&right.name),
        whole: percent::encode_into,
        header_value: |_, value, out| out.extend_from_slice(value.trim_ascii()),
        payload: hash::hex_digest,
        key: |scheme, secret| match scheme {
            Scheme::Acs3(_) => secret.to_vec(),
            Scheme::HmacSha1 => [secret, b"&"].concat(),
        },
        print: |scheme, mac| match scheme {
            Scheme::Acs3(_) => hash::hex(mac),
            Scheme::HmacSha1 => STANDARD.encode(mac),
        },
    };
}
