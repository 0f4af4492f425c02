//! Base64 inside other text.

use std::ops::Range;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// A run of base64 as far as it is whole bytes.
pub(super) struct Base64 {
    /// What it says.
    pub bytes: Vec<u8>,
    /// How much of the run that is.
    pub length: usize,
    engine: GeneralPurpose,
}

impl Base64 {
    /// Reads either alphabet, also mixed; what is left over at the end is no part of it.
    pub(super) fn decode(text: &[u8]) -> Option<Self> {
        let digits = text.iter().position(|&byte| byte == b'=').unwrap_or(text.len());
        let whole = if digits % 4 == 1 { digits - 1 } else { digits };
        let length = if whole == digits { text.len() } else { whole };
        let standard: Vec<u8> = text[..whole].iter().map(|byte| standard_digit(*byte)).collect();
        let bytes = LENIENT.decode(standard).ok()?;
        let is_url_safe = text.iter().any(|byte| b"-_".contains(byte));
        let alphabet = if is_url_safe { &alphabet::URL_SAFE } else { &alphabet::STANDARD };
        let padding = GeneralPurposeConfig::new().with_encode_padding(length > digits);
        Some(Self { bytes, length, engine: GeneralPurpose::new(alphabet, padding) })
    }

    /// Writes other bytes as these were written.
    pub(super) fn encode(&self, bytes: &[u8]) -> Vec<u8> {
        self.engine.encode(bytes).into_bytes()
    }
}

/// Runs of at least `fewest` characters of base64 in either alphabet, each with its padding.
pub(super) fn runs(text: &[u8], fewest: usize) -> Vec<Range<usize>> {
    let in_run = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte);
    let mut runs = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let length = text[at..].iter().take_while(|byte| in_run(byte)).count();
        let padding = text[at + length..].iter().take(2).take_while(|&&byte| byte == b'=').count();
        if length >= fewest.max(4) {
            runs.push(at..at + length + padding);
        }
        at += (length + padding).max(1);
    }
    runs
}

fn standard_digit(byte: u8) -> u8 {
    match byte {
        b'-' => b'+',
        b'_' => b'/',
        other => other,
    }
}

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);
