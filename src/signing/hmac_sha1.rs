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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Headers, Parameter};

    fn texts(method: &str, parameters: Vec<Parameter>) -> (String, String) {
        let request = Request::compose(method, parameters, Headers::new());
        let (canonical, text) = strings(&request, &Style::SERVICE);
        (canonical.to_string(), text.to_string())
    }

    #[test]
    fn the_whole_is_encoded_a_second_time() {
        let (canonical, text) = texts("GET", vec![Parameter::query("b", "x y/*~"), Parameter::query("a b", "")]);

        assert_eq!(canonical, "a%20b=&b=x%20y%2F%2A~");
        assert_eq!(text, "GET&%2F&a%2520b%3D%26b%3Dx%2520y%252F%252A~");
    }

    #[test]
    fn query_and_form_are_sorted_together() {
        let parameters = vec![Parameter::query("c", "1"), Parameter::query("a", "2"), Parameter::form("b", "3")];

        assert_eq!(texts("POST", parameters).0, "a=2&b=3&c=1");
    }

    #[test]
    fn names_are_sorted_by_their_bytes_and_repeats_keep_wire_order() {
        let names = ["tag", "Tag.1.Key", "Key.2", "Key.10", "Tag", "TAG", "\u{1f600}", "\u{ff5e}"];
        let mut parameters: Vec<Parameter> = names.iter().map(|&name| Parameter::query(name, "")).collect();
        parameters.extend([Parameter::query("a", "2"), Parameter::query("a", "1")]);

        let (canonical, _) = texts("GET", parameters);

        assert_eq!(canonical, "Key.10=&Key.2=&TAG=&Tag=&Tag.1.Key=&a=2&a=1&tag=&%EF%BD%9E=&%F0%9F%98%80=");
    }

    #[test]
    fn the_signature_itself_is_left_out_and_nothing_else_is() {
        let parameters = vec![Parameter::query("Signature", "x"), Parameter::query("signature", "y")];

        assert_eq!(texts("GET", parameters).0, "signature=y");
    }

    #[test]
    fn no_parameters_at_all_are_an_empty_text() {
        assert_eq!(texts("GET", Vec::new()), (String::new(), "GET&%2F&".to_owned()));
    }
}
