//! What a line of a cassette says under every decoder; the scan's own, so that no mistake of redaction is in them.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use memchr::memchr;

/// What a `+` may be, beside itself.
#[derive(Clone, Copy, Debug)]
pub(super) enum Plus {
    /// Nothing else: no credential has a space.
    Itself,
    /// The space of a form.
    Space,
}

impl Plus {
    fn decoders(self) -> &'static [Decode] {
        match self {
            Self::Itself => &[],
            Self::Space => &[from_form],
        }
    }
}

/// A line, and all that it says under the decoders, each text once.
pub(super) fn layers(line: &[u8], plus: Plus) -> Vec<Vec<u8>> {
    let mut seen = HashSet::from([fingerprint(line)]);
    let mut layers = vec![line.to_vec()];
    let mut from = 0;
    for _ in 0..DEEPEST {
        let to = layers.len();
        for at in from..to {
            for decode in DECODERS.iter().chain(plus.decoders()) {
                let decoded = decode(&layers[at]);
                if !decoded.is_empty() && seen.insert(fingerprint(&decoded)) {
                    layers.push(decoded);
                }
            }
        }
        from = to;
    }
    layers
}

/// Reads a text as if all of it were encoded; what is not stands for itself, or is passed over.
type Decode = fn(&[u8]) -> Vec<u8>;

fn fingerprint(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

fn from_percent(text: &[u8]) -> Vec<u8> {
    with_escapes(text, b'%', |rest| match rest {
        [b'%', high, low, ..] => Some((3, vec![digit(*high)? << 4 | digit(*low)?])),
        _ => None,
    })
}

fn from_form(text: &[u8]) -> Vec<u8> {
    from_percent(&text.iter().map(|&byte| if byte == b'+' { b' ' } else { byte }).collect::<Vec<u8>>())
}

fn from_json(text: &[u8]) -> Vec<u8> {
    with_escapes(text, b'\\', |rest| match rest {
        [b'\\', b'u', ..] => {
            let first = unit(&rest[2..])?;
            let second = rest.get(6..).and_then(|rest| rest.strip_prefix(b"\\u")).and_then(unit);
            let units: Vec<u16> = std::iter::once(first).chain(second).collect();
            match char::decode_utf16(units).next()? {
                Ok(letter) => Some((letter.len_utf16() * 6, letter.to_string().into_bytes())),
                Err(_) => None,
            }
        }
        [b'\\', letter, ..] => {
            let plain = b"\"\\/bfnrt".iter().position(|known| known == letter)?;
            Some((2, vec![b"\"\\/\x08\x0c\n\r\t"[plain]]))
        }
        _ => None,
    })
}

fn from_xml(text: &[u8]) -> Vec<u8> {
    with_escapes(text, b'&', |rest| {
        let end = rest.iter().take(LONGEST_REFERENCE).position(|&byte| byte == b';')?;
        let name = std::str::from_utf8(rest.strip_prefix(b"&")?.get(..end.checked_sub(1)?)?).ok()?;
        let number = name.strip_prefix('#');
        let code = match number.and_then(|number| number.strip_prefix(['x', 'X'])) {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => number.and_then(|number| number.parse().ok()),
        };
        let letter = match code {
            Some(code) => char::from_u32(code)?,
            None => ENTITIES.iter().find(|(known, _)| *known == name)?.1,
        };
        Some((end + 1, letter.to_string().into_bytes()))
    })
}

/// The bytes of a header value, which the file writes as the characters of Latin-1.
fn from_latin1(text: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(text).ok().filter(|text| !text.is_ascii()).unwrap_or_default();
    text.chars().map(u8::try_from).collect::<Result<_, _>>().unwrap_or_default()
}

/// Text of two or four bytes a letter, as far as it is ASCII.
fn from_wide(text: &[u8]) -> Vec<u8> {
    text.iter().copied().filter(|&byte| byte != 0).collect()
}

fn from_hex(text: &[u8]) -> Vec<u8> {
    let runs = text.split(|byte| !byte.is_ascii_hexdigit()).filter(|run| run.len() >= SHORTEST_RUN);
    let both = runs.flat_map(|run| [run, &run[1..]]);
    let decoded = both.map(|run| {
        run.chunks_exact(2).filter_map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect::<Vec<u8>>()
    });
    decoded.collect::<Vec<_>>().join(&b'\n')
}

fn from_base64(text: &[u8]) -> Vec<u8> {
    let runs = text.split(|&byte| sextet(byte).is_none()).filter(|run| run.len() >= SHORTEST_RUN);
    let all = runs.flat_map(|run| (0..4).map(|skipped| bytes_of_sextets(&run[skipped..])));
    all.collect::<Vec<_>>().join(&b'\n')
}

fn bytes_of_sextets(run: &[u8]) -> Vec<u8> {
    let sextets: Vec<u8> = run.iter().filter_map(|&byte| sextet(byte)).collect();
    let groups = sextets.chunks(4).flat_map(|group| {
        let bits = group.iter().fold(0_u32, |bits, &sextet| bits << 6 | u32::from(sextet)) << (6 * (4 - group.len()));
        bits.to_be_bytes()[1..].iter().copied().take(group.len() * 6 / 8).collect::<Vec<u8>>()
    });
    groups.collect()
}

pub(super) fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

/// Puts what `escape` makes of each `sign` in its place; all else stands for itself.
fn with_escapes(text: &[u8], sign: u8, escape: impl Fn(&[u8]) -> Option<(usize, Vec<u8>)>) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr(sign, rest) {
        let (length, means) = escape(&rest[at..]).unwrap_or_else(|| (1, vec![sign]));
        decoded.extend_from_slice(&rest[..at]);
        decoded.extend(means);
        rest = &rest[at + length..];
    }
    decoded.extend_from_slice(rest);
    decoded
}

fn unit(text: &[u8]) -> Option<u16> {
    let digits = text.get(..4)?;
    digits.iter().try_fold(0, |unit, &byte| Some(unit << 4 | u16::from(digit(byte)?)))
}

fn digit(byte: u8) -> Option<u8> {
    u8::try_from(char::from(byte).to_digit(16)?).ok()
}

const DECODERS: &[Decode] = &[from_percent, from_json, from_xml, from_latin1, from_wide, from_hex, from_base64];

const ENTITIES: &[(&str, char)] = &[("amp", '&'), ("apos", '\''), ("gt", '>'), ("lt", '<'), ("quot", '"')];

/// JSON's escapes in the file, and again in a body that is kept as text; in it a string to sign, encoded twice.
const DEEPEST: usize = 5;

/// In fewer characters of base64 or hexadecimal there is no credential that is encoded once more.
const SHORTEST_RUN: usize = 16;

const LONGEST_REFERENCE: usize = 16;
