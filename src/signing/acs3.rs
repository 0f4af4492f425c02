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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{RawRequest, Spelling};

    fn canonical(target: &str, headers: &[(&str, &str)], body: &str, listed: &[&str]) -> String {
        let raw = RawRequest {
            method: "POST".into(),
            target: target.into(),
            headers: headers.iter().copied().collect(),
            body: body.into(),
            spelling: Spelling::AsSent,
        };
        let request = Request::parse(raw).expect("the request is well formed");
        let listed: Vec<String> = listed.iter().map(|&name| name.to_owned()).collect();
        strings(&request, Digest::Sha256, &listed, &Style::SERVICE).0.to_string()
    }

    #[test]
    fn six_parts_with_a_blank_line_behind_the_header_lines() {
        let found = canonical("/?b=2&a=x+y", &[("Host", "a:81"), ("X-Acs-Date", " now ")], "", &["host", "x-acs-date"]);

        assert_eq!(found, format!("POST\n/\na=x%20y&b=2\nhost:a:81\nx-acs-date:now\n\nhost;x-acs-date\n{EMPTY}"));
    }

    #[test]
    fn the_list_keeps_its_order_and_its_letters() {
        let found = canonical("/", &[("b", "2"), ("a", "1")], "", &["b", "A"]);

        assert_eq!(found, format!("POST\n/\n\nb:2\nA:1\n\nb;A\n{EMPTY}"));
    }

    #[test]
    fn repeats_of_a_header_are_joined_with_a_comma_in_wire_order() {
        let found = canonical("/", &[("x-acs-test", " 2"), ("a", "0"), ("X-Acs-TEST", "1 ")], "", &["x-acs-test"]);

        assert_eq!(found, format!("POST\n/\n\nx-acs-test:2,1\n\nx-acs-test\n{EMPTY}"));
    }

    #[test]
    fn a_listed_header_that_was_not_sent_has_no_line_and_an_empty_one_has() {
        let found = canonical("/", &[("empty", "")], "", &["empty", "unsent"]);

        assert_eq!(found, format!("POST\n/\n\nempty:\n\nempty;unsent\n{EMPTY}"));
    }

    #[test]
    fn a_form_counts_as_body_alone() {
        let found = canonical("/?a=1", &[], "b=2", &[]);

        // printf b=2 | sha256sum
        let hash = "efa2eba7fff4b83927eef4039bf4fac909c35bc75cc60a6963d6e581431f55f1";
        assert_eq!(found, format!("POST\n/\na=1\n\n\n{hash}"));
    }

    #[test]
    fn the_path_is_signed_as_sent_and_an_empty_one_as_a_slash() {
        assert_eq!(canonical("/a%2fb?c", &[], "", &[]), format!("POST\n/a%2fb\nc=\n\n\n{EMPTY}"));
        assert_eq!(canonical("", &[], "", &[]), format!("POST\n/\n\n\n\n{EMPTY}"));
    }

    #[test]
    fn the_string_to_sign_names_the_algorithm() {
        let raw = RawRequest {
            method: "GET".into(),
            target: "/".into(),
            headers: Headers::new(),
            body: Vec::new(),
            spelling: Spelling::AsSent,
        };
        let request = Request::parse(raw).expect("the request is well formed");

        let text = strings(&request, Digest::Sm3, &[], &Style::SERVICE).1.to_string();

        assert!(text.starts_with("ACS3-HMAC-SM3\n"), "{text}");
    }

    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
}
