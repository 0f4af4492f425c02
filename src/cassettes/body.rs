//! A body on disk: JSON, lines or base64, whichever gives the bytes back.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::error::Problem;
use super::layout;

/// A body on disk, with its length and hash.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Body {
    /// An object or array without white space, laid out for reading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    json: Option<Box<RawValue>>,
    /// Lines, joined by a newline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<Vec<String>>,
    /// Bytes that are no text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
    length: usize,
    sha256: String,
}

impl Body {
    /// Takes the most readable form that gives the bytes back.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let text = std::str::from_utf8(bytes).ok();
        let json = text.and_then(compact_json);
        let lines = text.filter(|_| json.is_none()).map(|text| text.split('\n').map(str::to_owned).collect());
        let base64 = text.is_none().then(|| STANDARD.encode(bytes));
        Self { json, text: lines, base64, length: bytes.len(), sha256: hex_sha256(bytes) }
    }

    /// The bytes, which length and hash must agree with.
    pub(super) fn bytes(&self) -> Result<Vec<u8>, Problem> {
        let bytes = self.unchecked_bytes()?;
        if bytes.len() != self.length {
            return Err(Problem::Length { says: self.length, is: bytes.len() });
        }
        let sha256 = hex_sha256(&bytes);
        if sha256 != self.sha256 {
            return Err(Problem::Hash { says: self.sha256.clone(), is: sha256 });
        }
        Ok(bytes)
    }

    fn unchecked_bytes(&self) -> Result<Vec<u8>, Problem> {
        match (&self.json, &self.text, &self.base64) {
            (Some(json), None, None) => json_bytes(json.get()),
            (None, Some(lines), None) => Ok(lines.join("\n").into_bytes()),
            (None, None, Some(base64)) => STANDARD.decode(base64).map_err(Problem::Base64),
            _ => Err(Problem::BodyForm),
        }
    }
}

fn json_bytes(json: &str) -> Result<Vec<u8>, Problem> {
    if !json.starts_with(['{', '[']) {
        return Err(Problem::JsonScalar);
    }
    if layout::depth(json) > MAX_DEPTH {
        return Err(Problem::TooDeep);
    }
    Ok(layout::compact(json).into_bytes())
}

fn compact_json(text: &str) -> Option<Box<RawValue>> {
    let fits = text.starts_with(['{', '[']) && !layout::is_spaced(text) && layout::depth(text) <= MAX_DEPTH;
    fits.then(|| RawValue::from_string(text.to_owned()).ok()).flatten()
}

fn hex_sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// How deep a JSON body may nest. `serde_json` bounds its own recursion alone, and begins anew with each raw value.
pub(super) const MAX_DEPTH: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn on_disk(bytes: &[u8]) -> String {
        serde_json::to_string(&Body::of(bytes)).expect("a body is JSON")
    }

    fn read(json: &str) -> Result<Vec<u8>, Problem> {
        serde_json::from_str::<Body>(json).expect("the text has the form of a body").bytes()
    }

    const SHA256_OF_NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn a_compact_object_stays_json_and_everything_else_is_lines_or_base64() {
        assert!(on_disk(br#"{"a":1.0,"a":"\u00e9"}"#).starts_with(r#"{"json":{"a":1.0,"a":"\u00e9"},"length":22"#));
        assert!(on_disk(b"{\"a\": 1}").starts_with(r#"{"text":["{\"a\": 1}"],"#));
        assert!(on_disk(b"12").starts_with(r#"{"text":["12"],"#));
        assert!(on_disk(b"{\"a\":1").starts_with(r#"{"text":["{\"a\":1"],"#));
        assert!(on_disk(b"a\r\nb\n").starts_with(r#"{"text":["a\r","b",""],"#));
        assert!(on_disk(&[0xff]).starts_with(r#"{"base64":"/w==","length":1"#));
    }

    #[test]
    fn an_empty_body_is_one_empty_line() {
        assert_eq!(on_disk(b""), format!(r#"{{"text":[""],"length":0,"sha256":"{SHA256_OF_NOTHING}"}}"#));
    }

    #[test]
    fn every_form_gives_the_bytes_back() {
        for bytes in [&b"[1,2]"[..], b"", b"\n", b"a\r\nb", b"\xef\xbb\xbf{}", b"\x00\xff", "{\"é\":[]}".as_bytes()] {
            let back = read(&on_disk(bytes)).expect("what was written can be read");

            assert_eq!(back, bytes);
        }
    }

    #[test]
    fn white_space_of_the_layout_is_no_part_of_a_json_body() {
        let text = r#"{"json":{ "a": [ ] },"length":8,"sha256":"#;
        let sha256 = "c8a5b3a7a7a8d0bd0f6e0a7a45b5f6e2a8cb2a7d4f2d1d2e3c4b5a6978877665";

        let error = read(&format!("{text}\"{sha256}\"}}")).expect_err("the hash is made up");

        assert!(matches!(error, Problem::Hash { .. }), "the length of the compact form was right: {error}");
    }

    #[test]
    fn a_wrong_length_is_refused_with_both_numbers() {
        let error = read(&format!(r#"{{"text":[""],"length":1,"sha256":"{SHA256_OF_NOTHING}"}}"#));

        assert!(matches!(error, Err(Problem::Length { says: 1, is: 0 })), "{error:?}");
    }

    #[test]
    fn exactly_one_form_stands_in_a_body() {
        for forms in ["", r#""text":[""],"base64":"","#, r#""json":{},"text":["{}"],"#] {
            let error = read(&format!(r#"{{{forms}"length":0,"sha256":"{SHA256_OF_NOTHING}"}}"#));

            assert!(matches!(error, Err(Problem::BodyForm)), "{forms}: {error:?}");
        }
    }

    #[test]
    fn a_number_is_no_json_body() {
        let error = read(&format!(r#"{{"json":12,"length":2,"sha256":"{SHA256_OF_NOTHING}"}}"#));

        assert!(matches!(error, Err(Problem::JsonScalar)), "{error:?}");
    }

    #[test]
    fn nesting_is_bounded_both_ways() {
        let nested = |levels| format!("{}{}", "[".repeat(levels), "]".repeat(levels));

        let deep = read(&format!(r#"{{"json":{},"length":0,"sha256":""}}"#, nested(65)));
        let written = on_disk(nested(65).as_bytes());

        assert!(matches!(deep, Err(Problem::TooDeep)), "{deep:?}");
        assert_eq!(read(&on_disk(nested(64).as_bytes())).ok(), Some(nested(64).into_bytes()));
        assert!(written.starts_with(r#"{"text":["#), "{written}");
        assert!(on_disk(nested(64).as_bytes()).starts_with(r#"{"json":["#));
    }
}
