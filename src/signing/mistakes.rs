//! The decisions that recipes are made of, in the order of `Style`'s fields.

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

pub(super) fn no_method(_: &str) -> String {
    String::new()
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

pub(super) fn no_root(_: Scheme, _: &[u8]) -> Vec<u8> {
    Vec::new()
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

pub(super) fn form_encode(bytes: &[u8], out: &mut Vec<u8>) {
    by_byte(bytes, out, |byte, out| match byte {
        b' ' => out.push(b'+'),
        _ => percent::encode_into(&[byte], out),
    });
}

pub(super) fn java_url_encode(bytes: &[u8], out: &mut Vec<u8>) {
    by_byte(bytes, out, |byte, out| match byte {
        b' ' => out.push(b'+'),
        b'*' => out.push(byte),
        b'~' => out.extend_from_slice(b"%7E"),
        _ => percent::encode_into(&[byte], out),
    });
}

pub(super) fn java_url_encode_but_spaces(bytes: &[u8], out: &mut Vec<u8>) {
    by_byte(bytes, out, |byte, out| match byte {
        b'*' => out.push(byte),
        b'~' => out.extend_from_slice(b"%7E"),
        _ => percent::encode_into(&[byte], out),
    });
}

pub(super) fn php_url_encode(bytes: &[u8], out: &mut Vec<u8>) {
    by_byte(bytes, out, |byte, out| match byte {
        b' ' => out.push(b'+'),
        b'~' => out.extend_from_slice(b"%7E"),
        _ => percent::encode_into(&[byte], out),
    });
}

pub(super) fn encode_uri_component(bytes: &[u8], out: &mut Vec<u8>) {
    leave_all(b"!'()*", bytes, out);
}

pub(super) fn encode_uri(bytes: &[u8], out: &mut Vec<u8>) {
    leave_all(b";,/?:@&=+$#!'()*", bytes, out);
}

/// JavaScript's `escape`: Latin-1 as `%XX`, the rest of UTF-16 as `%uXXXX`.
pub(super) fn escape(bytes: &[u8], out: &mut Vec<u8>) {
    by_char(bytes, out, |char, out| {
        for &mut unit in char.encode_utf16(&mut [0; 2]) {
            match u8::try_from(unit) {
                Ok(byte) if byte.is_ascii_alphanumeric() || b"@*_+-./".contains(&byte) => out.push(byte),
                Ok(byte) => out.extend(format!("%{byte:02X}").bytes()),
                Err(_) => out.extend(format!("%u{unit:04X}").bytes()),
            }
        }
    });
}

pub(super) fn leave<const PLAIN: u8>(bytes: &[u8], out: &mut Vec<u8>) {
    leave_all(&[PLAIN], bytes, out);
}

pub(super) fn leave_non_ascii(bytes: &[u8], out: &mut Vec<u8>) {
    by_byte(bytes, out, |byte, out| if byte.is_ascii() { percent::encode_into(&[byte], out) } else { out.push(byte) });
}

pub(super) fn encode_tilde(bytes: &[u8], out: &mut Vec<u8>) {
    by_byte(bytes, out, |byte, out| match byte {
        b'~' => out.extend_from_slice(b"%7E"),
        _ => percent::encode_into(&[byte], out),
    });
}

pub(super) fn encode_in_lower_case(bytes: &[u8], out: &mut Vec<u8>) {
    by_byte(bytes, out, |byte, out| {
        let encoded = percent::encode(&[byte]);
        out.extend(if encoded.len() == 3 { encoded.to_ascii_lowercase() } else { encoded }.bytes());
    });
}

/// What Latin-1 does not have becomes `?`, as its encoders write it.
pub(super) fn encode_as_latin_1(bytes: &[u8], out: &mut Vec<u8>) {
    by_char(bytes, out, |char, out| percent::encode_into(&[u8::try_from(char).unwrap_or(b'?')], out));
}

pub(super) fn encode_from_latin_1(bytes: &[u8], out: &mut Vec<u8>) {
    let misread: String = bytes.iter().map(|&byte| char::from(byte)).collect();
    percent::encode_into(misread.as_bytes(), out);
}

/// CESU-8: each surrogate of a character outside the BMP as three bytes.
pub(super) fn encode_surrogates(bytes: &[u8], out: &mut Vec<u8>) {
    by_char(bytes, out, |char, out| {
        for &mut unit in char.encode_utf16(&mut [0; 2]) {
            match char::from_u32(u32::from(unit)) {
                Some(char) => percent::encode_into(char.encode_utf8(&mut [0; 4]).as_bytes(), out),
                None => percent::encode_into(&surrogate_bytes(unit), out),
            }
        }
    });
}

pub(super) fn verbatim(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(bytes);
}

pub(super) fn encode_twice(bytes: &[u8], out: &mut Vec<u8>) {
    percent::encode_into(percent::encode(bytes).as_bytes(), out);
}

pub(super) fn encode_as_time_stamp(name: &[u8], out: &mut Vec<u8>) {
    percent::encode_into(if name == b"Timestamp" { b"TimeStamp" } else { name }, out);
}

/// ddns-go does so: the `+` that its form encoding made of a space is `%2B` by then.
pub(super) fn encode_then_plus_to_space(bytes: &[u8], out: &mut Vec<u8>) {
    by_byte(bytes, out, |byte, out| {
        percent::encode_into(if byte == b'+' { b" " } else { std::slice::from_ref(&byte) }, out)
    });
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

fn leave_all(plain: &[u8], bytes: &[u8], out: &mut Vec<u8>) {
    for &byte in bytes {
        if plain.contains(&byte) { out.push(byte) } else { percent::encode_into(&[byte], out) }
    }
}

fn by_byte(bytes: &[u8], out: &mut Vec<u8>, encode: fn(u8, &mut Vec<u8>)) {
    bytes.iter().for_each(|&byte| encode(byte, out));
}

fn by_char(bytes: &[u8], out: &mut Vec<u8>, encode: fn(char, &mut Vec<u8>)) {
    text(bytes).chars().for_each(|char| encode(char, out));
}

fn surrogate_bytes(unit: u16) -> [u8; 3] {
    let [high, low] = unit.to_be_bytes();
    [0xe0 | high >> 4, 0x80 | (high & 0x0f) << 2 | low >> 6, 0x80 | low & 0x3f]
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
