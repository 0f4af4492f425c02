//! Text of others, made fit to be shown.

use crate::checks::Check;
use crate::contract::{Evidence, Reading};

/// Indents every line, each of them visible.
pub(super) fn indented(text: &str) -> String {
    text.split('\n').map(|line| format!("  {}", visible(line))).collect::<Vec<_>>().join("\n")
}

/// Control characters escaped: what a request holds must not steer the reader's terminal.
pub(super) fn visible(text: &str) -> String {
    let escaped = |character: char| match character {
        character if character.is_control() => character.escape_default().to_string(),
        character => character.to_string(),
    };
    text.chars().map(escaped).collect()
}

/// What a rule rests on, the strongest first.
pub(super) fn evidence(check: &Check) -> Vec<String> {
    let reasons = Evidence::of(check.id).into_iter().flat_map(|evidence| &evidence.reasons);
    reasons.map(|reason| reason.kind.to_string()).collect()
}

/// A reading without line breaks.
pub(super) fn one_line(reading: &Reading) -> String {
    let text = reading.to_string();
    visible(&text.lines().map(str::trim).collect::<Vec<_>>().join(" "))
}
