//! Credentials that are looked for, under every encoding, in all that the command writes and prints.

use std::process::Output;

use alidns_contract::signing::Key;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// Whatever the two schemes can carry: an id has no comma and no space; secret and token may be any text.
pub(crate) const ID: &str = "LTAI5tCanaryKeyId+/=%7Ez";
pub(crate) const SECRET: &str = "CanarySecretQx7+/=%25é中 z";
pub(crate) const TOKEN: &str = "CAIS0CanaryTokenZv9+/=%2Fü字 z";

/// As the command finds them.
pub(crate) const ENVIRONMENT: [(&str, &str); 3] = [
    ("ALIBABA_CLOUD_ACCESS_KEY_ID", ID),
    ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", SECRET),
    ("ALIBABA_CLOUD_SECURITY_TOKEN", TOKEN),
];

pub(crate) fn key() -> Key {
    Key::new(ID, SECRET).with_token(TOKEN)
}

/// Nothing of the three stands in `text`, however it is encoded.
pub(crate) fn assert_absent(place: &str, text: &[u8]) {
    for canary in [ID, SECRET, TOKEN] {
        if let Some(found) = spellings(canary).into_iter().find(|spelling| holds(text, spelling.as_bytes())) {
            panic!("{place} holds {found:?} of {canary:?}:\n{}", String::from_utf8_lossy(text));
        }
    }
}

/// The same for what a process printed.
pub(crate) fn assert_silent(output: &Output) {
    assert_absent("standard output", &output.stdout);
    assert_absent("standard error", &output.stderr);
}

/// As it is, percent-encoded once and twice, in base64 behind none, one and two other bytes, in hexadecimal, with
/// JSON's escapes; and its longest word, which most encodings leave as it is.
fn spellings(canary: &str) -> Vec<String> {
    let once = percent(canary.as_bytes());
    let twice = percent(once.as_bytes());
    let hex: String = canary.bytes().map(|byte| format!("{byte:02x}")).collect();
    let words = canary.split(|letter: char| !letter.is_ascii_alphanumeric());
    let word = words.max_by_key(|word| word.len()).expect("a text has a first part");
    let mut all = vec![canary.to_owned(), word.to_owned(), canary.replace('/', "\\/"), json_escaped(canary)];
    for spelling in [once, twice, hex] {
        all.extend([spelling.to_ascii_lowercase(), spelling.to_ascii_uppercase(), spelling]);
    }
    for before in 0..3 {
        for part in [canary, word] {
            let base64 = own_base64(part.as_bytes(), before);
            all.extend([base64.replace('+', "-").replace('/', "_"), base64]);
        }
    }
    all
}

fn percent(text: &[u8]) -> String {
    let encode = |&byte: &u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.iter().map(encode).collect()
}

fn json_escaped(text: &str) -> String {
    let escape = |unit: u16| match u8::try_from(unit) {
        Ok(byte) if byte.is_ascii() => char::from(byte).to_string(),
        _ => format!("\\u{unit:04x}"),
    };
    text.encode_utf16().map(escape).collect()
}

/// The characters that are the text's own where `before` other bytes stand before it, and others behind it.
fn own_base64(text: &[u8], before: usize) -> String {
    let whole = STANDARD_NO_PAD.encode([&[0; 2][..before], text].concat());
    whole[(before * 8).div_ceil(6)..(before + text.len()) * 8 / 6].to_owned()
}

fn holds(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

#[test]
fn every_encoding_is_found() {
    let texts = [
        "CAIS0CanaryTokenZv9+/=%2Fü字 z",
        "CAIS0CanaryTokenZv9%2B%2F%3D%252F%C3%BC%E5%AD%97%20z",
        "CAIS0CanaryTokenZv9%252b%252f%253d%25252f%25c3%25bc%25e5%25ad%2597%2520z",
        "CAIS0CanaryTokenZv9+\\/=%2F\\u00fc\\u5b57 z",
        "434149533043616e617279546f6b656e5a76392b2f3d253246c3bce5ad97207a",
        "434149533043616E617279546F6B656E5A76392B2F3D253246C3BCE5AD97207A",
    ];
    let in_base64 = ["", "x", "xy"].map(|before| STANDARD_NO_PAD.encode(format!("{before}{TOKEN}{before}")));

    for text in texts.into_iter().map(str::to_owned).chain(in_base64) {
        let found = std::panic::catch_unwind(|| assert_absent("a text", text.as_bytes()));

        assert!(found.is_err(), "{text}");
    }
}
