//! Whether a request is signed as it claims: the hot path.

use super::claim::{Claim, Claimed, MalformedClaim, Scheme, Unverifiable};
use super::hash;
use super::key::Keyring;
use super::stages::Stages;
use super::style::Style;
use crate::wire::Request;

/// What verifying found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// The claim does not recompute, or ACS3's payload hash is not the body's.
    Invalid {
        /// What the request says.
        claim: Claim,
        /// What it should have signed.
        ours: Box<Stages>,
    },
    /// The claim cannot be read.
    Malformed(MalformedClaim),
    /// There is no claim.
    Unsigned,
    /// The claim cannot be recomputed here.
    Unverifiable(Unverifiable),
    /// The claim recomputes, in its one canonical spelling.
    Valid(Claim),
}

/// Recomputes the signature of `request` from what was received.
///
/// Names and values are decoded and encoded again, so every spelling on the wire counts that means the same:
/// `+` or `%20`, `*` or `%2A`. The signature itself must be spelled canonically.
pub fn verify(request: &Request, keys: &Keyring) -> Verdict {
    let claim = match Claim::of(request) {
        Claimed::Malformed(error) => return Verdict::Malformed(error),
        Claimed::Unsigned => return Verdict::Unsigned,
        Claimed::Unverifiable(reason) => return Verdict::Unverifiable(reason),
        Claimed::With(claim) => claim,
    };
    let Some(secret) = keys.secret(&claim.key_id) else {
        return Verdict::Unverifiable(Unverifiable::KeyNotKnown(claim.key_id));
    };
    let ours = Stages::claimed(request, &claim, secret.expose(), &Style::SERVICE);
    let recomputes = ours.signature.as_bytes() == claim.signature.as_bytes();
    if recomputes && payload_hash(request, &claim).is_none() {
        Verdict::Valid(claim)
    } else {
        Verdict::Invalid { claim, ours: Box::new(ours) }
    }
}

/// ACS3's claimed payload hash and the actual one, where they differ.
pub(crate) fn payload_hash(request: &Request, claim: &Claim) -> Option<(String, String)> {
    let Scheme::Acs3(digest) = claim.scheme else { return None };
    let claimed = request.headers().get("x-acs-content-sha256")?;
    let actual = hash::hex_digest(digest, &request.raw().body);
    let claimed = String::from_utf8_lossy(claimed.trim_ascii()).into_owned();
    (claimed != actual).then_some((claimed, actual))
}
