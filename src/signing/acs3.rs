//! The strings of ACS3.

use super::claim::{Digest, Scheme};
use super::stages::{Canonical, StringToSign, canonical_query};
use super::style::Style;
use crate::wire::{Headers, Request};

/// Signs method, path, query, the listed headers and the body's hash; a form counts as body alone.
pub(super) fn strings(
    request: &Request,
    digest: Digest,
    signed_headers: &[String],
    style: &Style,
) -> (Canonical, StringToSign) {
    let scheme = Scheme::Acs3(digest);
    let mut header_lines = Vec::new();
    for name in signed_headers {
        header_line(request.headers(), name, style, &mut header_lines);
    }
    let canonical = (style.assemble)([
        (style.method)(request.method()).as_bytes(),
        &(style.root)(scheme, request.path()),
        &canonical_query(scheme, request, style),
        &header_lines,
        signed_headers.join(";").as_bytes(),
        (style.payload)(digest, &request.raw().body).as_bytes(),
    ]);
    let text = format!("{scheme}\n{}", (style.hash)(digest, &canonical));
    (Canonical(canonical), StringToSign(text.into_bytes()))
}

/// Repeats are joined with a comma, in wire order. A listed header that was not sent has no line: were it
/// written as an empty one, taking an empty header out of a signed request would go unnoticed.
fn header_line(headers: &Headers, listed: &str, style: &Style, out: &mut Vec<u8>) {
    let mut found = headers.iter().filter(|(sent, _)| sent.eq_ignore_ascii_case(listed));
    let Some((sent, first)) = found.next() else { return };
    out.extend_from_slice((style.header_name)(listed, sent).as_bytes());
    out.push(b':');
    (style.header_value)(listed, first, out);
    for (_, value) in found {
        out.push(b',');
        (style.header_value)(listed, value, out);
    }
    out.push(b'\n');
}
