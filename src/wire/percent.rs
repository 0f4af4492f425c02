//! Percent-encoding after [RFC 3986](https://www.rfc-editor.org/rfc/rfc3986#section-2), on bytes.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};
use thiserror::Error;

/// Percent-encodes bytes as both signature schemes demand.
///
/// Letters, digits and `-_.~` stay; everything else becomes `%XX` with upper-case digits. A space is `%20`,
/// never `+`.
///
/// # Example
/// ```
/// assert_eq!(alidns_contract::wire::percent::encode("a b~é".as_bytes()), "a%20b~%C3%A9");
/// ```
pub fn encode(bytes: &[u8]) -> String {
    percent_encoding::percent_encode(bytes, RESERVED).to_string()
}

/// Appends `bytes` to `out` as [`encode`] writes them.
pub fn encode_into(bytes: &[u8], out: &mut Vec<u8>) {
    for part in percent_encoding::percent_encode(bytes, RESERVED) {
        out.extend_from_slice(part.as_bytes());
    }
}

/// Decodes `%XX`; every other byte stands for itself.
///
/// # Errors
/// [`BadPercent`] where a `%` is not followed by two hexadecimal digits: a lenient decoder would let two
/// spellings mean the same text.
pub fn decode(text: &[u8]) -> Result<Vec<u8>, BadPercent> {
    decode_with(text, |byte| byte)
}

/// Decodes a name or value of a query or a form, where `+` is a space.
///
/// # Errors
/// As [`decode`].
pub fn decode_form(text: &[u8]) -> Result<Vec<u8>, BadPercent> {
    decode_with(text, |byte| if byte == b'+' { b' ' } else { byte })
}

/// Decodes `%XX` where it is one; every other byte, a stray `%` too, stands for itself.
///
/// Borrowed where there is nothing to decode.
pub(crate) fn decode_leniently(text: &[u8]) -> Cow<'_, [u8]> {
    percent_encoding::percent_decode(text).into()
}

/// A `%` that is not followed by two hexadecimal digits.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("{found:?} at byte {at} is no percent-encoding")]
pub struct BadPercent {
    /// Where the `%` stands, from zero.
    pub at: usize,
    /// The `%` and what follows it, three bytes at the most.
    pub found: String,
}

fn decode_with(text: &[u8], plain: impl Fn(u8) -> u8) -> Result<Vec<u8>, BadPercent> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        if byte != b'%' {
            decoded.push(plain(byte));
            at += 1;
            continue;
        }
        let digits = text.get(at + 1).copied().and_then(hex_digit).zip(text.get(at + 2).copied().and_then(hex_digit));
        let Some((high, low)) = digits else {
            let found = String::from_utf8_lossy(&text[at..text.len().min(at + 3)]).into_owned();
            return Err(BadPercent { at, found });
        };
        decoded.push(high << 4 | low);
        at += 3;
    }
    Ok(decoded)
}

fn hex_digit(byte: u8) -> Option<u8> {
    let digit = char::from(byte).to_digit(16)?;
    u8::try_from(digit).ok()
}

const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_letters_digits_and_four_marks_stay() {
        let all: Vec<u8> = (0..=255).collect();

        let stay: String =
            all.iter().filter(|&&byte| encode(&[byte]).len() == 1).map(|&byte| char::from(byte)).collect();

        assert_eq!(stay, "-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~");
    }

    #[test]
    fn hexadecimal_digits_are_upper_case() {
        assert_eq!(encode(&[0x00, 0x2a, 0xff]), "%00%2A%FF");
    }

    #[test]
    fn both_encoders_write_the_same() {
        let mut appended = b"x=".to_vec();
        encode_into("a b/é".as_bytes(), &mut appended);

        assert_eq!(appended, b"x=a%20b%2F%C3%A9");
    }

    #[test]
    fn plus_is_a_space_in_a_form_only() {
        assert_eq!(decode(b"a+b%2B").as_deref(), Ok(&b"a+b+"[..]));
        assert_eq!(decode_form(b"a+b%2B").as_deref(), Ok(&b"a b+"[..]));
    }

    #[test]
    fn hexadecimal_digits_of_either_case_are_decoded() {
        assert_eq!(decode(b"%e9%E9%aF").as_deref(), Ok(&[0xe9, 0xe9, 0xaf][..]));
    }

    #[test]
    fn a_percent_sign_without_two_digits_is_refused_with_its_place() {
        for (text, at, found) in
            [("ab%", 2, "%"), ("%4", 0, "%4"), ("a%N1b", 1, "%N1"), ("%%41", 0, "%%4"), ("%+1", 0, "%+1")]
        {
            assert_eq!(decode(text.as_bytes()), Err(BadPercent { at, found: found.to_owned() }), "{text}");
        }
    }

    #[test]
    fn a_lenient_decoder_leaves_what_is_no_encoding_and_owns_nothing_where_nothing_is_encoded() {
        assert_eq!(&*decode_leniently(b"%%41%4%zz%e9+"), &b"%A%4%zz\xe9+"[..]);
        assert!(matches!(decode_leniently(b"100%"), Cow::Borrowed(b"100%")));
    }
}
