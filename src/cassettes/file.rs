//! The format on disk.

use serde::{Deserialize, Serialize};
use serde_json::error::Category;

use super::asked::Signed;
use super::body::Body;
use super::error::{Problem, Spot};
use super::layout;
use super::provenance::Provenance;

/// The newest format that this program reads, and the one that it writes, as in `"format": "alidns-cassette/1"`.
///
/// - 1: the first.
pub const FORMAT_VERSION: u32 = 1;

/// A cassette as it stands on disk, key by key.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CassetteFile {
    pub format: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    pub provenance: Provenance,
    pub interactions: Vec<InteractionFile>,
}

/// One request and its answers on disk.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InteractionFile {
    pub id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub exhibit: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    pub constructed: bool,
    pub request: RequestFile,
    pub answers: Vec<AnswerFile>,
}

/// A request on disk.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RequestFile {
    pub method: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub query: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub form: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
    pub signature: Signed,
}

/// An answer on disk.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AnswerFile {
    pub status: u16,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<String>,
    pub body: Body,
}

impl CassetteFile {
    /// Reads a file, its format first: what follows an unknown one is not looked at.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, (Spot, Problem)> {
        let text = text_of(bytes)?;
        let head: Head = serde_json::from_str(text).map_err(located)?;
        let Some(format) = head.format else {
            return Err((start(), Problem::NoFormat));
        };
        if format != current_format() {
            let spot = Spot::Field { interaction: None, pointer: "/format".to_owned() };
            return Err((spot, Problem::UnknownFormat(format)));
        }
        serde_json::from_str(text).map_err(located)
    }

    /// The text, byte for byte the same for the same cassette.
    pub(super) fn text(&self) -> String {
        let compact = serde_json::to_string(self).expect("maps with text keys, numbers and text are always JSON");
        layout::pretty(&compact)
    }
}

/// The value of `format` today.
pub(super) fn current_format() -> String {
    format!("alidns-cassette/{FORMAT_VERSION}")
}

#[derive(Deserialize)]
#[serde(expecting = "a cassette")]
struct Head {
    format: Option<String>,
}

fn text_of(bytes: &[u8]) -> Result<&str, (Spot, Problem)> {
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Err((start(), Problem::ByteOrderMark));
    }
    if let Some(at) = bytes.iter().position(|&byte| byte == b'\r') {
        return Err((spot_at(bytes, at), Problem::CarriageReturn));
    }
    std::str::from_utf8(bytes).map_err(|error| (spot_at(bytes, error.valid_up_to()), Problem::NotUtf8))
}

fn spot_at(bytes: &[u8], at: usize) -> Spot {
    let before = &bytes[..at];
    let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|&&byte| byte != b'\n').count() + 1;
    Spot::Text { line, column }
}

fn start() -> Spot {
    Spot::Text { line: 1, column: 1 }
}

fn located(error: serde_json::Error) -> (Spot, Problem) {
    let spot = Spot::Text { line: error.line(), column: error.column() };
    let problem = match error.classify() {
        Category::Eof => Problem::CutShort(error),
        Category::Data => Problem::NotInFormat(error),
        Category::Io | Category::Syntax => Problem::NotJson(error),
    };
    (spot, problem)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over references")]
fn is_false(value: &bool) -> bool {
    !value
}
