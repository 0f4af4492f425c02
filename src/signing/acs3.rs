//! The strings of ACS3.

use super::claim::{Digest, Scheme};
use super::hash;
use super::stages::{Canonical, StringToSign, canonical_query};
use super::style::Style;
use crate::wire::{Headers, Place, Request};

/// Signs method, path, query, the listed headers and the body's hash; a form counts as body alone.
pub(super) fn strings(
    request: &Request,
    digest: Digest,
    signed_headers: &[String],
    style: &Style,
) -> (Canonical, StringToSign) {
    let scheme = Scheme::Acs3(digest);
    let query = request.parameters().iter().filter(|parameter| parameter.place == Place::Query);

    let mut canonical = (style.method)(request.method()).into_bytes();
    canonical.push(b'\n');
    canonical.extend((style.root)(scheme, request.path()));
    canonical.push(b'\n');
    canonical.extend(canonical_query(query, style));
    canonical.push(b'\n');
    for name in signed_headers {
        header_line(request.headers(), name, style, &mut canonical);
    }
    canonical.push(b'\n');
    canonical.extend(signed_headers.join(";").into_bytes());
    canonical.push(b'\n');
    canonical.extend((style.payload)(digest, &request.raw().body).into_bytes());

    let text = format!("{}\n{}", scheme.name(), hash::hex_digest(digest, &canonical));
    (Canonical(canonical), StringToSign(text.into_bytes()))
}

/// Repeats are joined with a comma, in wire order. A listed header that was not sent has no line: were it
/// written as an empty one, taking an empty header out of a signed request would go unnoticed.
fn header_line(headers: &Headers, name: &str, style: &Style, out: &mut Vec<u8>) {
    let mut values = headers.all(name).peekable();
    if values.peek().is_none() {
        return;
    }
    out.extend_from_slice(name.as_bytes());
    let mut separator = b':';
    for value in values {
        out.push(separator);
        (style.header_value)(name, value, out);
        separator = b',';
    }
    out.push(b'\n');
}
