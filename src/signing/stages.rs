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
    /// The stages that `claim` should have gone through, with `secret`, in `style`.
    ///
    /// Of the claim the signature alone is not looked at.
    pub fn claimed(request: &Request, claim: &Claim, secret: &[u8], style: &Style) -> Self {
        let scheme = claim.scheme;
        let (canonical, string_to_sign) = match scheme {
            Scheme::Acs3(digest) => acs3::strings(request, digest, &claim.signed_headers, style),
            Scheme::HmacSha1 => hmac_sha1::strings(request, style),
        };
        let key = (style.key)(scheme, &claim.key_id, secret);
        let mac = (style.mac)(scheme, &key, string_to_sign.as_bytes());
        let signature = Signature((style.print)(scheme, &mac).into_bytes());
        Self { canonical, string_to_sign, signature }
    }

    /// The first stage in which `other` differs; none where all are equal.
    pub fn first_difference(&self, other: &Self) -> Option<Stage> {
        if self.canonical != other.canonical {
            Some(Stage::Canonical)
        } else if self.string_to_sign != other.string_to_sign {
            Some(Stage::StringToSign)
        } else {
            (self.signature != other.signature).then_some(Stage::Signature)
        }
    }
}

/// A stage by name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stage {
    /// The first.
    Canonical,
    /// The second.
    StringToSign,
    /// The third.
    Signature,
}

impl Stage {
    /// The name in words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Canonical => "canonical",
            Self::StringToSign => "string to sign",
            Self::Signature => "signature",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The canonical query: what `style` keeps, in its order, encoded and joined.
pub(super) fn canonical_query(scheme: Scheme, request: &Request, style: &Style) -> Vec<u8> {
    let parameters = request.parameters().iter();
    let mut kept: Vec<_> = parameters.filter(|parameter| (style.keep)(scheme, parameter)).collect();
    kept.sort_by(|left, right| (style.order)(left, right));
    let mut text = Vec::with_capacity(64 * kept.len());
    for parameter in kept {
        if !text.is_empty() {
            text.push(b'&');
        }
        (style.name)(&parameter.name, &mut text);
        text.push(b'=');
        (style.value)(&(style.content)(parameter), &mut text);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stages(canonical: &str, string_to_sign: &str, signature: &str) -> Stages {
        Stages {
            canonical: Canonical(canonical.into()),
            string_to_sign: StringToSign(string_to_sign.into()),
            signature: Signature(signature.into()),
        }
    }

    #[test]
    fn a_stage_shows_its_exact_text_and_never_fails_on_other_bytes() {
        assert_eq!(Canonical("a\nb%20\t".into()).to_string(), "a\nb%20\t");
        assert_eq!(StringToSign(vec![b'a', 0xff]).to_string(), "a\u{fffd}");
        assert_eq!(StringToSign(vec![b'a', 0xff]).as_bytes(), [b'a', 0xff]);
    }

    #[test]
    fn the_first_stage_that_differs_is_the_one_named() {
        let ours = stages("a", "b", "c");

        assert_eq!(ours.first_difference(&ours), None);
        assert_eq!(ours.first_difference(&stages("x", "x", "x")), Some(Stage::Canonical));
        assert_eq!(ours.first_difference(&stages("a", "x", "x")), Some(Stage::StringToSign));
        assert_eq!(ours.first_difference(&stages("a", "b", "x")), Some(Stage::Signature));
    }

    #[test]
    fn stages_go_by_words() {
        let shown = [Stage::Canonical, Stage::StringToSign, Stage::Signature].map(|stage| stage.to_string());

        assert_eq!(shown, ["canonical", "string to sign", "signature"]);
    }
}
