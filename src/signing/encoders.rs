//! The encoders that recipes are made of: other libraries' percent-encoding, and what goes wrong with it.

use crate::wire::percent;

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

/// The second pass of a signer that encodes an encoded colon again, for the sake of the time stamp, and nothing else.
pub(super) fn encode_colons_again(bytes: &[u8], out: &mut Vec<u8>) {
    let mut once = Vec::new();
    leave_all(b"%", bytes, &mut once);
    for (at, part) in String::from_utf8_lossy(&once).split("%3A").enumerate() {
        out.extend_from_slice(if at == 0 { b"" } else { b"%253A" });
        out.extend_from_slice(part.as_bytes());
    }
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

fn leave_all(plain: &[u8], bytes: &[u8], out: &mut Vec<u8>) {
    for &byte in bytes {
        if plain.contains(&byte) { out.push(byte) } else { percent::encode_into(&[byte], out) }
    }
}

fn by_byte(bytes: &[u8], out: &mut Vec<u8>, encode: fn(u8, &mut Vec<u8>)) {
    bytes.iter().for_each(|&byte| encode(byte, out));
}

fn by_char(bytes: &[u8], out: &mut Vec<u8>, encode: fn(char, &mut Vec<u8>)) {
    String::from_utf8_lossy(bytes).chars().for_each(|char| encode(char, out));
}

fn surrogate_bytes(unit: u16) -> [u8; 3] {
    let [high, low] = unit.to_be_bytes();
    [0xe0 | high >> 4, 0x80 | (high & 0x0f) << 2 | low >> 6, 0x80 | low & 0x3f]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::Encode;

    fn encoded_by(encode: Encode, text: &str) -> String {
        let mut out = Vec::new();
        encode(text.as_bytes(), &mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn each_encoder_makes_its_own_mistake() {
        let marks = "a b~*!'/&+%[é中😀";
        let rows: [(Encode, &str); 16] = [
            (form_encode, "a+b~%2A%21%27%2F%26%2B%25%5B%C3%A9%E4%B8%AD%F0%9F%98%80"),
            (java_url_encode, "a+b%7E*%21%27%2F%26%2B%25%5B%C3%A9%E4%B8%AD%F0%9F%98%80"),
            (java_url_encode_but_spaces, "a%20b%7E*%21%27%2F%26%2B%25%5B%C3%A9%E4%B8%AD%F0%9F%98%80"),
            (php_url_encode, "a+b%7E%2A%21%27%2F%26%2B%25%5B%C3%A9%E4%B8%AD%F0%9F%98%80"),
            (encode_uri_component, "a%20b~*!'%2F%26%2B%25%5B%C3%A9%E4%B8%AD%F0%9F%98%80"),
            (encode_uri, "a%20b~*!'/&+%25%5B%C3%A9%E4%B8%AD%F0%9F%98%80"),
            (escape, "a%20b%7E*%21%27/%26+%25%5B%E9%u4E2D%uD83D%uDE00"),
            (leave::<b'&'>, "a%20b~%2A%21%27%2F&%2B%25%5B%C3%A9%E4%B8%AD%F0%9F%98%80"),
            (leave_non_ascii, "a%20b~%2A%21%27%2F%26%2B%25%5Bé中😀"),
            (encode_tilde, "a%20b%7E%2A%21%27%2F%26%2B%25%5B%C3%A9%E4%B8%AD%F0%9F%98%80"),
            (encode_in_lower_case, "a%20b~%2a%21%27%2f%26%2b%25%5b%c3%a9%e4%b8%ad%f0%9f%98%80"),
            (encode_as_latin_1, "a%20b~%2A%21%27%2F%26%2B%25%5B%E9%3F%3F"),
            (encode_surrogates, "a%20b~%2A%21%27%2F%26%2B%25%5B%C3%A9%E4%B8%AD%ED%A0%BD%ED%B8%80"),
            (verbatim, "a b~*!'/&+%[é中😀"),
            (
                encode_twice,
                "a%2520b~%252A%2521%2527%252F%2526%252B%2525%255B%25C3%25A9%25E4%25B8%25AD%25F0%259F%2598%2580",
            ),
            (encode_then_plus_to_space, "a%20b~%2A%21%27%2F%26%20%25%5B%C3%A9%E4%B8%AD%F0%9F%98%80"),
        ];
        for (encode, expected) in rows {
            assert_eq!(encoded_by(encode, marks), expected);
        }
        assert_eq!(encoded_by(encode_from_latin_1, "aé"), "a%C3%83%C2%A9");
        assert_eq!(encoded_by(encode_colons_again, "a=1%3A2%3A%2F&b"), "a%3D1%253A2%253A%2F%26b");
        assert_eq!(encoded_by(encode_as_time_stamp, "Timestamp"), "TimeStamp");
        assert_eq!(encoded_by(encode_as_time_stamp, "Time stamp"), "Time%20stamp");
        assert_eq!(encoded_by(encode_in_lower_case, "AZ/"), "AZ%2f");
    }
}
