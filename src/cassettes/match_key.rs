//! What of a request a stored answer is found by.

use std::borrow::Cow;

use super::line;
use crate::gateway::{Class, Format, System};
use crate::wire::{Parameter, Request};

/// What of a request a stored answer is found by: action, version, the format wanted and the business parameters.
///
/// A body that is no form counts as it is: what the service makes of one is not known, so it must not be answered
/// as if it were not there. Method, place and scheme do not count, so that a tape from an HMAC-SHA1 client serves an ACS3 client. Neither
/// does the order of the parameters, save among those of one name.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct MatchKey(Vec<u8>);

impl MatchKey {
    /// The key of a request.
    pub fn of(request: &Request) -> Self {
        let system = System::of(request);
        let parameters = business_parameters(request);
        let sizes = parameters.iter().map(|parameter| parameter.name.len() + parameter.value.len() + 2 * LENGTH);
        let mut key = Vec::with_capacity(sizes.sum::<usize>() + 64);
        key.push(format_mark(system.format()));
        push(&mut key, system.action().unwrap_or_default().as_bytes());
        push(&mut key, system.version().unwrap_or_default().as_bytes());
        for parameter in parameters {
            push(&mut key, &parameter.name);
            push(&mut key, &parameter.value);
        }
        push(&mut key, request.opaque_body().unwrap_or_default());
        Self(key)
    }
}

/// The parts of a key as names and values to show: what two requests are compared by when they miss each other.
///
/// Action, Version and Format come first, then the business parameters by name, then a body that is no form.
pub(crate) fn semantic_parts(request: &Request) -> Vec<(String, String)> {
    let system = System::of(request);
    let value = |value: Option<Cow<'_, str>>| line::value_text(value.unwrap_or_default().as_bytes());
    let mut parts = vec![
        ("Action".to_owned(), value(system.action())),
        ("Version".to_owned(), value(system.version())),
        ("Format".to_owned(), value(system.format().map(|format| format_name(format).into()))),
    ];
    let business = request.parameters().iter().filter(|one| is_business(&one.name));
    let mut business: Vec<(String, String)> =
        business.map(|one| (line::name_text(&one.name), line::value_text(&one.value))).collect();
    business.sort_by(|one, other| one.0.cmp(&other.0));
    parts.append(&mut business);
    parts.extend(request.opaque_body().map(|body| ("the body".to_owned(), line::value_text(body))));
    parts
}

/// Sorted by name; those of one name in wire order.
fn business_parameters(request: &Request) -> Vec<&Parameter> {
    let mut parameters: Vec<&Parameter> = request.parameters().iter().filter(|one| is_business(&one.name)).collect();
    parameters.sort_by(|one, other| one.name.cmp(&other.name));
    parameters
}

fn is_business(name: &[u8]) -> bool {
    match std::str::from_utf8(name) {
        Ok("Action" | "Format" | "Version") => false,
        Ok(name) => Class::of(name) == Class::Semantic,
        Err(_) => true,
    }
}

/// A length before each part keeps one part from running into the next.
fn push(key: &mut Vec<u8>, part: &[u8]) {
    key.extend_from_slice(&(part.len() as u64).to_le_bytes());
    key.extend_from_slice(part);
}

fn format_mark(format: Option<Format>) -> u8 {
    match format {
        None => b'?',
        Some(Format::Json) => b'J',
        Some(Format::Xml) => b'X',
    }
}

fn format_name(format: Format) -> &'static str {
    match format {
        Format::Json => "JSON",
        Format::Xml => "XML",
    }
}

const LENGTH: usize = size_of::<u64>();

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Headers, RawRequest, Spelling};

    fn key(target: &str) -> MatchKey {
        posted(target, "", &[])
    }

    fn posted(target: &str, body: &str, headers: &[(&str, &str)]) -> MatchKey {
        let headers: Headers = headers.iter().copied().collect();
        let raw = RawRequest {
            method: "POST".to_owned(),
            target: target.into(),
            headers,
            body: body.into(),
            spelling: Spelling::AsSent,
        };
        MatchKey::of(&Request::parse(raw).expect("the request is well formed"))
    }

    const BASE: &str = "/?Action=A&Version=V&Format=JSON&TaskId=1&Lang=en";

    #[test]
    fn a_body_that_is_no_form_counts() {
        let json = |body| posted(BASE, body, &[("Content-Type", "application/json")]);

        assert_eq!(json(""), key(BASE));
        assert_ne!(json("{\"TaskId\":1}"), key(BASE));
        assert_ne!(json("{\"TaskId\":1}"), json("{\"TaskId\":2}"));
    }

    #[test]
    fn order_place_and_spelling_do_not_matter() {
        assert_eq!(key(BASE), key("/?Lang=%65n&TaskId=1&Format=json&Version=V&Action=A"));
        assert_eq!(key(BASE), posted("/?Action=A&Version=V&Lang=en", "Format=JSON&TaskId=1", &[]));
    }

    #[test]
    fn nonce_time_signature_and_ignored_parameters_do_not_matter() {
        let signed = "&SignatureNonce=n&Timestamp=t&Signature=s&AccessKeyId=k&RegionId=r&SignatureType=&UserClientIp=i";

        assert_eq!(key(BASE), key(&format!("{BASE}{signed}")));
    }

    #[test]
    fn action_version_format_and_every_business_parameter_matter() {
        for other in [
            "/?Action=B&Version=V&Format=JSON&TaskId=1&Lang=en",
            "/?Action=A&Version=W&Format=JSON&TaskId=1&Lang=en",
            "/?Action=A&Version=V&Format=XML&TaskId=1&Lang=en",
            "/?Action=A&Version=V&TaskId=1&Lang=en",
            "/?Action=A&Version=V&Format=JSON&TaskId=2&Lang=en",
            "/?Action=A&Version=V&Format=JSON&TaskId=1&lang=en",
            "/?Action=A&Version=V&Format=JSON&TaskId=1&Lang=",
            "/?Action=A&Version=V&Format=JSON&TaskId=1",
            "/?Action=A&Version=V&Format=JSON&TaskId=1&Lang=en&X=",
        ] {
            assert_ne!(key(BASE), key(other), "{other}");
        }
    }

    #[test]
    fn an_acs3_request_has_the_key_of_the_same_call_under_hmac_sha1() {
        let headers = [("Authorization", "ACS3-HMAC-SHA256 x"), ("x-acs-action", "A"), ("x-acs-version", "V")];

        assert_eq!(posted("/?TaskId=1", "Lang=en", &headers), key(BASE));
    }

    #[test]
    fn acs3_that_accepts_xml_wants_xml() {
        let headers =
            [("Authorization", "ACS3 x"), ("x-acs-action", "A"), ("x-acs-version", "V"), ("Accept", "text/xml")];

        assert_eq!(posted("/", "", &headers), key("/?Action=A&Version=V&Format=XML"));
    }

    #[test]
    fn the_order_among_values_of_one_name_matters() {
        let (first, second) = ("/?Action=A&a=1&a=2&b=0", "/?Action=A&a=2&a=1&b=0");

        assert_ne!(key(first), key(second));
        assert_eq!(key(first), key("/?a=1&b=0&Action=A&a=2"));
    }

    #[test]
    fn parts_do_not_run_into_one_another() {
        assert_ne!(key("/?Action=A&a=bc"), key("/?Action=A&ab=c"));
        assert_ne!(key("/?Action=A&a=1&b=2"), key("/?Action=A&a=1b%00%00%00%002"));
    }
}
