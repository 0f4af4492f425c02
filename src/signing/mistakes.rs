//! The decisions that recipes are made of, but for the encoders; in the order of `Style`'s fields.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::iter::once;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};

use super::claim::{Digest, Scheme};
use super::hash;
use super::style::Style;
use crate::wire::{Parameter, Place, percent};

pub(super) fn always_get(_: &str) -> String {
    "GET".to_owned()
}

pub(super) fn always_post(_: &str) -> String {
    "POST".to_owned()
}

pub(super) fn undefined(_: &str) -> String {
    "undefined".to_owned()
}

pub(super) fn root_of_the_other_scheme(scheme: Scheme, _: &[u8]) -> Vec<u8> {
    match scheme {
        Scheme::Acs3(_) => b"%2F".to_vec(),
        Scheme::HmacSha1 => b"/".to_vec(),
    }
}

pub(super) fn any(_: Scheme, _: &Parameter) -> bool {
    true
}

pub(super) fn not_empty(scheme: Scheme, parameter: &Parameter) -> bool {
    kept(scheme, parameter) && !parameter.value.is_empty()
}

pub(super) fn not_zero(scheme: Scheme, parameter: &Parameter) -> bool {
    kept(scheme, parameter) && parameter.value != b"0"
}

pub(super) fn not_negative(scheme: Scheme, parameter: &Parameter) -> bool {
    kept(scheme, parameter) && !parameter.value.starts_with(b"-")
}

pub(super) fn not_token(scheme: Scheme, parameter: &Parameter) -> bool {
    kept(scheme, parameter) && !parameter.is("SecurityToken")
}

pub(super) fn not_extra(scheme: Scheme, parameter: &Parameter) -> bool {
    kept(scheme, parameter) && !EXTRA.iter().any(|name| parameter.is(name))
}

pub(super) fn common(scheme: Scheme, parameter: &Parameter) -> bool {
    kept(scheme, parameter) && COMMON.iter().any(|name| parameter.is(name))
}

pub(super) fn of_query(scheme: Scheme, parameter: &Parameter) -> bool {
    kept(scheme, parameter) && parameter.place == Place::Query
}

pub(super) fn of_form(scheme: Scheme, parameter: &Parameter) -> bool {
    kept(scheme, parameter) && parameter.place == Place::Form
}

pub(super) fn of_query_and_form(scheme: Scheme, parameter: &Parameter) -> bool {
    kept(scheme, parameter) || matches!(scheme, Scheme::Acs3(_))
}

pub(super) fn trimmed(parameter: &Parameter) -> Cow<'_, [u8]> {
    parameter.value.trim_ascii().into()
}

pub(super) fn without_line_breaks(parameter: &Parameter) -> Cow<'_, [u8]> {
    parameter.value.iter().copied().filter(|byte| !b"\r\n".contains(byte)).collect()
}

pub(super) fn cut_at_nul(parameter: &Parameter) -> Cow<'_, [u8]> {
    parameter.value.split(|&byte| byte == 0).next().unwrap_or_default().into()
}

pub(super) fn in_lower_case(parameter: &Parameter) -> Cow<'_, [u8]> {
    parameter.value.to_ascii_lowercase().into()
}

pub(super) fn format_in_upper_case(parameter: &Parameter) -> Cow<'_, [u8]> {
    only("Format", parameter, |value| value.to_ascii_uppercase())
}

pub(super) fn number_as_float(parameter: &Parameter) -> Cow<'_, [u8]> {
    with_number(parameter, |number| format!("{}", number as f64))
}

pub(super) fn number_as_32_bits(parameter: &Parameter) -> Cow<'_, [u8]> {
    with_number(parameter, |number| (number as i32).to_string())
}

pub(super) fn token_encoded(parameter: &Parameter) -> Cow<'_, [u8]> {
    only("SecurityToken", parameter, |value| percent::encode(value).into_bytes())
}

pub(super) fn signature_emptied(parameter: &Parameter) -> Cow<'_, [u8]> {
    only("Signature", parameter, |_| Vec::new())
}

pub(super) fn as_sent(_: &Parameter, _: &Parameter) -> Ordering {
    Ordering::Equal
}

pub(super) fn in_any_case(left: &Parameter, right: &Parameter) -> Ordering {
    left.name.to_ascii_lowercase().cmp(&right.name.to_ascii_lowercase())
}

pub(super) fn by_pair(left: &Parameter, right: &Parameter) -> Ordering {
    fn pair(parameter: &Parameter) -> impl Iterator<Item = &u8> {
        parameter.name.iter().chain(once(&b'=')).chain(&parameter.value)
    }
    pair(left).cmp(pair(right))
}

pub(super) fn by_encoded_name(left: &Parameter, right: &Parameter) -> Ordering {
    percent::encode(&left.name).cmp(&percent::encode(&right.name))
}

pub(super) fn by_utf_16(left: &Parameter, right: &Parameter) -> Ordering {
    let units = |parameter: &Parameter| -> Vec<u16> { text(&parameter.name).encode_utf16().collect() };
    units(left).cmp(&units(right))
}

/// `Key.2` before `Key.10`, as a list sorted before it is flattened.
pub(super) fn by_number(left: &Parameter, right: &Parameter) -> Ordering {
    let parts = |parameter: &Parameter| -> Vec<(Option<u32>, String)> {
        text(&parameter.name).split('.').map(|part| (part.parse().ok(), part.to_owned())).collect()
    };
    parts(left).cmp(&parts(right))
}

pub(super) fn name_as_sent<'a>(_: &'a str, sent: &'a str) -> &'a str {
    sent
}

pub(super) fn untrimmed(_: &str, value: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(value);
}

pub(super) fn host_without_port(name: &str, value: &[u8], out: &mut Vec<u8>) {
    let value = value.trim_ascii();
    let colon = value.iter().rposition(|&byte| byte == b':').filter(|_| name.eq_ignore_ascii_case("host"));
    out.extend_from_slice(&value[..colon.unwrap_or(value.len())]);
}

pub(super) fn token_header_encoded(name: &str, value: &[u8], out: &mut Vec<u8>) {
    let value = value.trim_ascii();
    if name.eq_ignore_ascii_case("x-acs-security-token") {
        percent::encode_into(value, out);
    } else {
        out.extend_from_slice(value);
    }
}

pub(super) fn hash_of_nothing(digest: Digest, _: &[u8]) -> String {
    hash::hex_digest(digest, b"")
}

pub(super) fn without_blank_line(parts: [&[u8]; 6]) -> Vec<u8> {
    let [method, path, query, headers, list, payload] = parts;
    [method, path, query, headers.trim_ascii_end(), list, payload].join(&b'\n')
}

pub(super) fn without_empty_query(parts: [&[u8]; 6]) -> Vec<u8> {
    let [method, path, query, headers, list, payload] = parts;
    match query {
        b"" => [method, path, headers, list, payload].join(&b'\n'),
        _ => parts.join(&b'\n'),
    }
}

pub(super) fn without_list([method, path, query, headers, _, payload]: [&[u8]; 6]) -> Vec<u8> {
    [method, path, query, headers, payload].join(&b'\n')
}

pub(super) fn without_payload([method, path, query, headers, list, _]: [&[u8]; 6]) -> Vec<u8> {
    [method, path, query, headers, list].join(&b'\n')
}

pub(super) fn unhashed(_: Digest, request: &[u8]) -> String {
    String::from_utf8_lossy(request).into_owned()
}

pub(super) fn hash_in_upper_case(digest: Digest, request: &[u8]) -> String {
    hash::hex_digest(digest, request).to_ascii_uppercase()
}

pub(super) fn key_of_the_other_scheme(scheme: Scheme, _: &str, secret: &[u8]) -> Vec<u8> {
    match scheme {
        Scheme::Acs3(_) => [secret, b"&"].concat(),
        Scheme::HmacSha1 => secret.to_vec(),
    }
}

pub(super) fn of_trimmed_secret(scheme: Scheme, id: &str, secret: &[u8]) -> Vec<u8> {
    key(scheme, id, secret.trim_ascii())
}

pub(super) fn of_encoded_secret(scheme: Scheme, id: &str, secret: &[u8]) -> Vec<u8> {
    key(scheme, id, percent::encode(secret).as_bytes())
}

pub(super) fn of_lower_case_secret(scheme: Scheme, id: &str, secret: &[u8]) -> Vec<u8> {
    key(scheme, id, &secret.to_ascii_lowercase())
}

pub(super) fn of_secret_with_newline(scheme: Scheme, id: &str, secret: &[u8]) -> Vec<u8> {
    key(scheme, id, &[secret, b"\n"].concat())
}

pub(super) fn of_secret_with_space(scheme: Scheme, id: &str, secret: &[u8]) -> Vec<u8> {
    key(scheme, id, &[secret, b" "].concat())
}

pub(super) fn of_secret_in_quotes(scheme: Scheme, id: &str, secret: &[u8]) -> Vec<u8> {
    key(scheme, id, &[b"\"", secret, b"\""].concat())
}

pub(super) fn of_no_secret(scheme: Scheme, id: &str, _: &[u8]) -> Vec<u8> {
    key(scheme, id, b"")
}

pub(super) fn of_key_id(scheme: Scheme, id: &str, _: &[u8]) -> Vec<u8> {
    key(scheme, id, id.as_bytes())
}

pub(super) fn mac_swapped(scheme: Scheme, key: &[u8], text: &[u8]) -> Vec<u8> {
    hash::mac(scheme, text, key)
}

pub(super) fn mac_of_line(scheme: Scheme, key: &[u8], text: &[u8]) -> Vec<u8> {
    hash::mac(scheme, key, &[text, b"\n"].concat())
}

pub(super) fn mac_of_the_other_scheme(scheme: Scheme, key: &[u8], text: &[u8]) -> Vec<u8> {
    match scheme {
        Scheme::Acs3(_) => hash::mac(Scheme::HmacSha1, key, text),
        Scheme::HmacSha1 => hash::mac(Scheme::Acs3(Digest::Sha256), key, text),
    }
}

pub(super) fn print_of_the_other_scheme(scheme: Scheme, mac: &[u8]) -> String {
    match scheme {
        Scheme::Acs3(_) => STANDARD.encode(mac),
        Scheme::HmacSha1 => hash::hex(mac),
    }
}

pub(super) fn base64_of_hex(_: Scheme, mac: &[u8]) -> String {
    STANDARD.encode(hash::hex(mac))
}

pub(super) fn base64_url_safe(scheme: Scheme, mac: &[u8]) -> String {
    match scheme {
        Scheme::Acs3(_) => print(scheme, mac),
        Scheme::HmacSha1 => URL_SAFE.encode(mac),
    }
}

pub(super) fn base64_unpadded(scheme: Scheme, mac: &[u8]) -> String {
    match scheme {
        Scheme::Acs3(_) => print(scheme, mac),
        Scheme::HmacSha1 => STANDARD_NO_PAD.encode(mac),
    }
}

pub(super) fn hex_in_upper_case(scheme: Scheme, mac: &[u8]) -> String {
    match scheme {
        Scheme::Acs3(_) => print(scheme, mac).to_ascii_uppercase(),
        Scheme::HmacSha1 => print(scheme, mac),
    }
}

pub(super) fn plus_as_space(scheme: Scheme, mac: &[u8]) -> String {
    print(scheme, mac).replace('+', " ")
}

pub(super) fn encoded(scheme: Scheme, mac: &[u8]) -> String {
    percent::encode(print(scheme, mac).as_bytes())
}

/// A header cannot hold a line feed, so ACS3 knows no such mistake.
pub(super) fn with_newline(scheme: Scheme, mac: &[u8]) -> String {
    match scheme {
        Scheme::Acs3(_) => print(scheme, mac),
        Scheme::HmacSha1 => print(scheme, mac) + "\n",
    }
}

fn kept(scheme: Scheme, parameter: &Parameter) -> bool {
    (Style::SERVICE.keep)(scheme, parameter)
}

fn key(scheme: Scheme, id: &str, secret: &[u8]) -> Vec<u8> {
    (Style::SERVICE.key)(scheme, id, secret)
}

fn print(scheme: Scheme, mac: &[u8]) -> String {
    (Style::SERVICE.print)(scheme, mac)
}

/// The parameter's value, changed where it goes by `name`.
fn only<'a>(name: &str, parameter: &'a Parameter, change: fn(&[u8]) -> Vec<u8>) -> Cow<'a, [u8]> {
    if parameter.is(name) { change(&parameter.value).into() } else { parameter.value.as_slice().into() }
}

/// The parameter's value, written by `write` where it is a whole number.
fn with_number(parameter: &Parameter, write: fn(i64) -> String) -> Cow<'_, [u8]> {
    match text(&parameter.value).parse() {
        Ok(number) => write(number).into_bytes().into(),
        Err(_) => parameter.value.as_slice().into(),
    }
}

fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// Parameters that SDKs add of their own.
const EXTRA: [&str; 3] = ["RegionId", "SignatureType", "UserClientIp"];

/// Parameters of every action.
const COMMON: [&str; 10] = [
    "AccessKeyId",
    "Action",
    "Format",
    "SecurityToken",
    "SignatureMethod",
    "SignatureNonce",
    "SignatureType",
    "SignatureVersion",
    "Timestamp",
    "Version",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::RECIPES;

    const SHA256: Scheme = Scheme::Acs3(Digest::Sha256);

    fn style(name: &str) -> &'static Style {
        &RECIPES.iter().find(|recipe| recipe.name == name).expect("there is such a recipe").style
    }

    #[test]
    fn each_change_of_a_value_is_the_one_it_names() {
        type Content = fn(&Parameter) -> Cow<'_, [u8]>;
        let rows: [(Content, &str, &str, &str); 15] = [
            (trimmed, "A", " x y\r\n", "x y"),
            (without_line_breaks, "A", "\ra\r\nb c\n", "ab c"),
            (cut_at_nul, "A", "a\0b\0c", "a"),
            (in_lower_case, "A", "aBÉ", "abÉ"),
            (format_in_upper_case, "Format", "json", "JSON"),
            (format_in_upper_case, "Lang", "json", "json"),
            (number_as_float, "A", "9007199254740993", "9007199254740992"),
            (number_as_float, "A", "-7", "-7"),
            (number_as_float, "A", "1e3", "1e3"),
            (number_as_32_bits, "A", "4521793536", "226826240"),
            (number_as_32_bits, "A", "-7", "-7"),
            (token_encoded, "SecurityToken", "a+/=", "a%2B%2F%3D"),
            (token_encoded, "A", "a+/=", "a+/="),
            (signature_emptied, "Signature", "x", ""),
            (signature_emptied, "A", "x", "x"),
        ];
        for (content, name, value, expected) in rows {
            let parameter = Parameter::query(name, value);

            assert_eq!(text(&content(&parameter)), expected, "{name}={value:?}");
        }
    }

    #[test]
    fn each_choice_of_parameters_leaves_out_what_it_names() {
        let rows: [(&str, &str); 11] = [
            ("empty-values-dropped", "Action=A RegionId=r SecurityToken=t Zero=0 Minus=-1 Form=f"),
            ("zero-dropped", "Action=A RegionId=r SecurityToken=t Empty= Minus=-1 Form=f"),
            ("negative-dropped", "Action=A RegionId=r SecurityToken=t Empty= Zero=0 Form=f"),
            ("token-unsigned", "Action=A RegionId=r Empty= Zero=0 Minus=-1 Form=f"),
            ("extra-parameters-unsigned", "Action=A SecurityToken=t Empty= Zero=0 Minus=-1 Form=f"),
            ("common-parameters-alone-signed", "Action=A SecurityToken=t"),
            ("form-unsigned", "Action=A RegionId=r SecurityToken=t Empty= Zero=0 Minus=-1"),
            ("query-unsigned", "Form=f"),
            ("form-signed-as-query", "Action=A RegionId=r SecurityToken=t Empty= Zero=0 Minus=-1 Form=f"),
            ("empty-signature-signed", "Action=A RegionId=r SecurityToken=t Empty= Zero=0 Minus=-1 Form=f Signature=s"),
            ("space-as-plus", "Action=A RegionId=r SecurityToken=t Empty= Zero=0 Minus=-1 Form=f"),
        ];
        for (recipe, expected) in rows {
            assert_eq!(kept_by(recipe, Scheme::HmacSha1), expected, "{recipe}");
        }
        let acs3 = "Action=A RegionId=r SecurityToken=t Empty= Zero=0 Minus=-1 Form=f Signature=s";
        assert_eq!(kept_by("form-signed-as-query", SHA256), acs3);
        assert_eq!(kept_by("zero-dropped", SHA256), "Action=A RegionId=r SecurityToken=t Empty= Minus=-1 Signature=s");
    }

    fn kept_by(recipe: &str, scheme: Scheme) -> String {
        let query =
            [("Action", "A"), ("RegionId", "r"), ("SecurityToken", "t"), ("Empty", ""), ("Zero", "0"), ("Minus", "-1")];
        let mut parameters: Vec<Parameter> = query.map(|(name, value)| Parameter::query(name, value)).into();
        parameters.extend([Parameter::form("Form", "f"), Parameter::query("Signature", "s")]);
        let kept = parameters.iter().filter(|parameter| (style(recipe).keep)(scheme, parameter));
        kept.map(|one| format!("{}={}", text(&one.name), text(&one.value))).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn each_order_is_the_one_it_names() {
        let rows: [(&str, [&str; 8]); 6] = [
            ("unsorted", ["tag", "Tag.1", "Tag", "Key.10", "Key.2", "\u{1f600}", "\u{ff5e}", "é"]),
            ("sort-ignores-case", ["Key.10", "Key.2", "tag", "Tag", "Tag.1", "é", "\u{ff5e}", "\u{1f600}"]),
            ("sort-by-pair", ["Key.10", "Key.2", "Tag.1", "Tag", "tag", "é", "\u{ff5e}", "\u{1f600}"]),
            ("sort-by-encoded-name", ["é", "\u{ff5e}", "\u{1f600}", "Key.10", "Key.2", "Tag", "Tag.1", "tag"]),
            ("sort-by-utf-16", ["Key.10", "Key.2", "Tag", "Tag.1", "tag", "é", "\u{1f600}", "\u{ff5e}"]),
            ("sort-by-number", ["Key.2", "Key.10", "Tag", "Tag.1", "tag", "é", "\u{ff5e}", "\u{1f600}"]),
        ];
        for (recipe, expected) in rows {
            let mut parameters: Vec<Parameter> = rows[0].1.iter().map(|&name| Parameter::query(name, "v")).collect();

            parameters.sort_by(style(recipe).order);

            let names: Vec<_> = parameters.iter().map(|parameter| text(&parameter.name)).collect();
            assert_eq!(names, expected, "{recipe}");
        }
    }

    #[test]
    fn pairs_of_one_name_are_sorted_by_their_values() {
        let found = by_pair(&Parameter::query("a", "2"), &Parameter::query("a", "1"));

        assert_eq!(found, Ordering::Greater);
    }

    #[test]
    fn methods_and_paths_are_the_ones_they_name() {
        let methods = ["method-get", "method-post", "method-in-lower-case", "method-missing", "method-undefined"];
        let signed = methods.map(|recipe| (style(recipe).method)("PuT"));

        assert_eq!(signed, ["GET", "POST", "put", "", "undefined"]);
        assert_eq!(root_of_the_other_scheme(Scheme::HmacSha1, b"/a"), b"/");
        assert_eq!(root_of_the_other_scheme(SHA256, b"/a"), b"%2F");
        assert_eq!((style("path-missing").root)(SHA256, b"/a"), b"");
    }

    #[test]
    fn each_way_to_put_the_six_parts_together_leaves_out_what_it_names() {
        let rows = [
            ("blank-line-left-out", "P\n/\n\nh:1\nh\nf00"),
            ("empty-query-left-out", "P\n/\nh:1\n\nh\nf00"),
            ("list-left-out", "P\n/\n\nh:1\n\nf00"),
            ("payload-left-out", "P\n/\n\nh:1\n\nh"),
            ("space-as-plus", "P\n/\n\nh:1\n\nh\nf00"),
        ];
        for (recipe, expected) in rows {
            let parts: [&[u8]; 6] = [b"P", b"/", b"", b"h:1\n", b"h", b"f00"];

            assert_eq!(text(&(style(recipe).assemble)(parts)), expected, "{recipe}");
        }
        assert_eq!(without_empty_query([b"P", b"/", b"q", b"h:1\n", b"h", b"f"]), b"P\n/\nq\nh:1\n\nh\nf");
    }

    #[test]
    fn each_way_to_write_a_header_is_the_one_it_names() {
        let written = |write: fn(&str, &[u8], &mut Vec<u8>), name: &str, value: &str| {
            let mut out = Vec::new();
            write(name, value.as_bytes(), &mut out);
            text(&out).into_owned()
        };

        assert_eq!(name_as_sent("host", "Host"), "Host");
        assert_eq!(written(untrimmed, "a", " b "), " b ");
        assert_eq!(written(host_without_port, "host", " [::1]:80 "), "[::1]");
        assert_eq!(written(host_without_port, "host", " a "), "a");
        assert_eq!(written(host_without_port, "x-acs-date", "10:22"), "10:22");
        assert_eq!(written(token_header_encoded, "x-acs-security-token", " a+ "), "a%2B");
        assert_eq!(written(token_header_encoded, "accept", " a+ "), "a+");
    }

    #[test]
    fn each_hash_is_the_one_it_names() {
        let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

        assert_eq!(hash_of_nothing(Digest::Sha256, b"body"), nothing);
        assert_eq!(hash_in_upper_case(Digest::Sha256, b""), nothing.to_uppercase());
        assert_eq!(unhashed(Digest::Sha256, b"P\n/"), "P\n/");
    }

    #[test]
    fn each_key_is_the_one_it_names() {
        let rows = [
            ("key-of-the-other-scheme", " S/x ", " S/x &"),
            ("secret-trimmed", "S/x&", "S/x"),
            ("secret-encoded", "%20S%2Fx%20&", "%20S%2Fx%20"),
            ("secret-in-lower-case", " s/x &", " s/x "),
            ("secret-with-newline", " S/x \n&", " S/x \n"),
            ("secret-with-space", " S/x  &", " S/x  "),
            ("secret-in-quotes", "\" S/x \"&", "\" S/x \""),
            ("secret-missing", "&", ""),
            ("key-id-as-secret", "id&", "id"),
        ];
        for (recipe, hmac_sha1, acs3) in rows {
            let key = |scheme| text(&(style(recipe).key)(scheme, "id", b" S/x ")).into_owned();

            assert_eq!((key(Scheme::HmacSha1).as_str(), key(SHA256).as_str()), (hmac_sha1, acs3), "{recipe}");
        }
    }

    #[test]
    fn each_mac_is_the_one_it_names() {
        let hex = |mac: Vec<u8>| hash::hex(&mac);

        // printf 'text' | openssl dgst -sha1 -hmac key, and so on
        assert_eq!(hex(mac_swapped(Scheme::HmacSha1, b"key", b"text")), "553da40eec66ab4b1228d01f470727267d9cbfe7");
        assert_eq!(hex(mac_of_line(Scheme::HmacSha1, b"key", b"text")), "546a46b258f3617eb33014827d25766c71de723e");
        assert_eq!(
            hex(mac_of_the_other_scheme(Scheme::HmacSha1, b"key", b"text")),
            "6afa9046a9579cad143a384c1b564b9a250d27d6f6a63f9f20bf3a7594c9e2c6"
        );
        assert_eq!(hex(mac_of_the_other_scheme(SHA256, b"key", b"text")), "369e2959eb49450338b212748f77d8ded74847bb");
    }

    #[test]
    fn each_spelling_of_the_signature_is_the_one_it_names() {
        let mac = [0xfb, 0xef, 0xff, 0x0a];
        let rows = [
            ("printed-as-the-other-scheme", "fbefff0a", "++//Cg=="),
            ("base64-of-hex", "ZmJlZmZmMGE=", "ZmJlZmZmMGE="),
            ("base64-url-safe", "--__Cg==", "fbefff0a"),
            ("base64-unpadded", "++//Cg", "fbefff0a"),
            ("signature-in-upper-case", "++//Cg==", "FBEFFF0A"),
            ("signature-unencoded", "  //Cg==", "fbefff0a"),
            ("signature-encoded-twice", "%2B%2B%2F%2FCg%3D%3D", "fbefff0a"),
            ("signature-with-newline", "++//Cg==\n", "fbefff0a"),
        ];
        for (recipe, hmac_sha1, acs3) in rows {
            let print = |scheme| (style(recipe).print)(scheme, &mac);

            assert_eq!((print(Scheme::HmacSha1).as_str(), print(SHA256).as_str()), (hmac_sha1, acs3), "{recipe}");
        }
    }
}
