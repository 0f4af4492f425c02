//! What signing goes through, each stage with its exact bytes.

use std::fmt;

use super::claim::{Claim, Scheme};
use super::style::Style;
use super::{acs3, hmac_sha1};
use crate::wire::Request;

macro_rules! stage {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// Its `Display` is the exact text; bytes that are not UTF-8 (a mistaken style can write them) show as U+FFFD.
        #[derive(Clone, Debug, Eq, PartialEq)]
        pub struct $name(pub(super) Vec<u8>);

        impl $name {
            /// The exact bytes.
            pub fn as_bytes(&self) -> &[u8] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&String::from_utf8_lossy(&self.0))
            }
        }
    };
}

stage! {
    /// The canonical query of HMAC-SHA1, or the canonical request of ACS3.
    Canonical
}
stage! {
    /// What the MAC is taken of.
    StringToSign
}
stage! {
    /// The MAC as the scheme prints it.
    Signature
}

/// The three stages of one request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Stages {
    /// First.
    pub canonical: Canonical,
    /// Second.
    pub string_to_sign: StringToSign,
    /// Third.
    pub signature: Signature,
}

impl Stages {
    /// The stages of `request` under `scheme`, with `secret`, in `style`.
    ///
    /// `signed_headers` is ACS3's list, and is not looked at for HMAC-SHA1.
    pub fn of(request: &Request, scheme: Scheme, signed_headers: &[String], secret: &[u8], style: &Style) -> Self {
        let (canonical, string_to_sign) = match scheme {
            Scheme::Acs3(digest) => acs3::strings(request, digest, signed_headers, style),
            Scheme::HmacSha1 => hmac_sha1::strings(request, style),
        };
        let mac = super::hash::mac(scheme, &(style.key)(scheme, secret), &string_to_sign.0);
        let signature = Signature((style.print)(scheme, &mac).into_bytes());
        Self { canonical, string_to_sign, signature }
    }

    /// The stages that `claim` should have gone through.
    pub fn claimed(request: &Request, claim: &Claim, secret: &[u8], style: &Style) -> Self {
        Self::of(request, claim.scheme, &claim.signed_headers, secret, style)
    }
}

/// The canonical query: what `style` keeps, in its order, encoded and joined.
pub(super) fn canonical_query<'a>(
    parameters: impl Iterator<Item = &'a crate::wire::Parameter>,
    style: &Style,
) -> Vec<u8> {
    let mut kept: Vec<_> = parameters.filter(|parameter| (style.keep)(parameter)).collect();
    kept.sort_by(|left, right| (style.order)(left, right));
    let mut text = Vec::with_capacity(64 * kept.len());
    for parameter in kept {
        if !text.is_empty() {
            text.push(b'&');
        }
        (style.name)(parameter, &mut text);
        text.push(b'=');
        (style.value)(parameter, &mut text);
    }
    text
}
