//! Parameters and headers as the lines of a cassette.

use super::error::Problem;
use crate::wire::{Parameter, Place, percent};

/// Writes `Name=value`, decoded; only what would not survive as a line of text is `%XX`.
///
/// That is `%`, control characters, bytes that are not UTF-8, and `=` in a name.
pub(super) fn parameter_line(parameter: &Parameter) -> String {
    format!("{}={}", name_text(&parameter.name), value_text(&parameter.value))
}

/// Writes a name as it stands in a line.
pub(super) fn name_text(name: &[u8]) -> String {
    shown(name, '=')
}

/// Writes a value as it stands in a line.
pub(super) fn value_text(value: &[u8]) -> String {
    shown(value, '%')
}

/// Reads what [`parameter_line`] writes.
pub(super) fn parameter(line: &str, place: Place) -> Result<Parameter, Problem> {
    let (name, value) = line.split_once('=').ok_or(Problem::LineWithoutEquals)?;
    let decode = |text: &str| percent::decode(text.as_bytes()).map_err(Problem::LineEncoding);
    Ok(Parameter { name: decode(name)?, value: decode(value)?, place })
}

/// Writes `Name: value`, each byte of the value as the character of Latin-1.
pub(super) fn header_line(name: &str, value: &[u8]) -> String {
    format!("{name}: {}", latin1_text(value))
}

/// Reads what [`header_line`] writes, and lets through only what HTTP can carry.
pub(super) fn header(line: &str) -> Result<(String, Vec<u8>), Problem> {
    let (name, value) = line.split_once(": ").ok_or(Problem::HeaderLine)?;
    let value = latin1_bytes(value)?;
    if name.is_empty() || !name.bytes().all(is_token) {
        return Err(Problem::HeaderName);
    }
    if value.trim_ascii() != value || !value.iter().copied().all(is_field_byte) {
        return Err(Problem::HeaderValue);
    }
    Ok((name.to_owned(), value))
}

/// Every byte as the character of Latin-1.
pub(super) fn latin1_text(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// The bytes of a text that has no character beyond Latin-1.
pub(super) fn latin1_bytes(text: &str) -> Result<Vec<u8>, Problem> {
    text.chars().map(|character| u8::try_from(character).map_err(|_| Problem::BeyondLatin1(character))).collect()
}

/// What is text, with `%`, `also` and control characters written as `%XX`; and every byte that is not UTF-8.
fn shown(bytes: &[u8], also: char) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            if character == '%' || character == also || character.is_control() {
                text.push_str(&percent::encode(character.encode_utf8(&mut [0; 4]).as_bytes()));
            } else {
                text.push(character);
            }
        }
        text.push_str(&percent::encode(chunk.invalid()));
    }
    text
}

/// What a header name is made of ([RFC 9110](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2)).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn is_field_byte(byte: u8) -> bool {
    byte == b'\t' || !byte.is_ascii_control()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_no_plain_text_is_escaped() {
        let line = |name: &[u8], value: &[u8]| parameter_line(&Parameter::query(name, value));

        assert_eq!(line(b"Lang", "z h+&=é".as_bytes()), "Lang=z h+&=é");
        assert_eq!(line(b"a=b", b"1%2\n"), "a%3Db=1%252%0A");
        assert_eq!(line(b"", &[b'x', 0xff, 0xfe, b'y', 0x7f]), "=x%FF%FEy%7F");
        assert_eq!(line(b"c1", "\u{85}".as_bytes()), "c1=%C2%85");
    }

    #[test]
    fn a_line_reads_back_as_the_parameter() {
        let read = parameter("a%3Db=1%252%0A=+", Place::Form).expect("the line is well formed");

        assert_eq!(read, Parameter::form("a=b", "1%2\n=+"));
    }

    #[test]
    fn a_line_needs_its_equals_sign_and_whole_escapes() {
        assert!(matches!(parameter("Lang", Place::Query), Err(Problem::LineWithoutEquals)));
        assert!(matches!(parameter("Lang=%4", Place::Query), Err(Problem::LineEncoding(_))));
    }

    #[test]
    fn a_header_keeps_bytes_beyond_ascii_as_latin1() {
        let read = header("X-Acs-Test: é: b").expect("the line is well formed");

        assert_eq!(read, ("X-Acs-Test".to_owned(), vec![0xe9, b':', b' ', b'b']));
        assert_eq!(header_line(&read.0, &read.1), "X-Acs-Test: é: b");
    }

    #[test]
    fn a_header_that_http_cannot_carry_is_refused() {
        assert!(matches!(header("Date"), Err(Problem::HeaderLine)));
        assert!(matches!(header("X Y: 1"), Err(Problem::HeaderName)));
        assert!(matches!(header(": 1"), Err(Problem::HeaderName)));
        assert!(matches!(header("X: 1\r\nY: 2"), Err(Problem::HeaderValue)));
        assert!(matches!(header("X:  1"), Err(Problem::HeaderValue)));
        assert!(matches!(header("X: \u{4e2d}"), Err(Problem::BeyondLatin1('\u{4e2d}'))));
    }
}
