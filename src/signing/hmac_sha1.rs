//! The strings of HMAC-SHA1, SignatureVersion 1.0.

use super::claim::Scheme;
use super::stages::{Canonical, StringToSign, canonical_query};
use super::style::Style;
use crate::wire::Request;

/// Signs every parameter, wherever it stands; headers, host and path take no part.
pub(super) fn strings(request: &Request, style: &Style) -> (Canonical, StringToSign) {
    let canonical = canonical_query(Scheme::HmacSha1, request, style);

    let mut text = (style.method)(request.method()).into_bytes();
    text.push(b'&');
    text.extend((style.root)(Scheme::HmacSha1, request.path()));
    text.push(b'&');
    (style.whole)(&canonical, &mut text);
    (Canonical(canonical), StringToSign(text))
}
