//! What a cassette claims and is not, beyond what keeps it from being read.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::cassette::{Cassette, Interaction};
use super::error::CassetteError;
use super::library::{Source, Sources};
use super::scan::{self, ScanRule};
use crate::wire::Timestamp;

/// One thing that a cassette claims and is not.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Lint {
    /// The file.
    pub path: PathBuf,
    /// The id of the interaction, where it is about one.
    pub interaction: Option<String>,
    /// What is wrong.
    pub rule: LintRule,
}

impl Lint {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        self.rule.help()
    }
}

impl fmt::Display for Lint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.path.display())?;
        if let Some(id) = &self.interaction {
            write!(f, "interaction {id}: ")?;
        }
        self.rule.fmt(f)
    }
}

/// What can be wrong with a cassette that can be read.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum LintRule {
    /// The address of what was quoted cannot be followed safely.
    Address(String),
    /// A made request without a word on what was made.
    ConstructedWithoutNote,
    /// A day that is none.
    Day(String),
    /// An id that no snapshot can be named after.
    Id,
    /// Not one interaction.
    Nothing,
    /// Only the gateway's refusals as answers, and still replayed.
    OnlyRefusals,
    /// Something that looks like a credential.
    Secret {
        /// The line, from one; none where it is the path.
        line: Option<usize>,
        /// What found it.
        rule: ScanRule,
    },
    /// Two files of one stem: a test key id could not choose between them.
    SharedStem {
        /// The earlier one.
        first: PathBuf,
    },
    /// A stem that no test key id can name.
    Stem(String),
    /// The text is another than this program writes for the same cassette.
    Text {
        /// The first line that differs, from one.
        line: usize,
    },
}

impl LintRule {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Address(_) => "give the https address at which it can be read",
            Self::ConstructedWithoutNote => "name in a note every part that the source did not give",
            Self::Day(_) => "write the day as 2026-11-24",
            Self::Id => "use lower-case letters, digits and single hyphens",
            Self::Nothing => "remove the file, or record its scenario again",
            Self::OnlyRefusals => "set \"exhibit\": true",
            Self::Secret { .. } => "if it is a credential, revoke it; take it out by hand or with `cassette scrub`",
            Self::SharedStem { .. } => "rename one of the files",
            Self::Stem(_) => "name the file with lower-case letters, digits and hyphens",
            Self::Text { .. } => {
                "two spaces a level, one item a line, the keys in their order; body as json where it can be"
            }
        }
    }
}

impl fmt::Display for LintRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => write!(f, "the address {address:?} is no https address"),
            Self::ConstructedWithoutNote => f.write_str("the request is constructed, and no note says which parts are"),
            Self::Day(day) => write!(f, "{day:?} is no day"),
            Self::Id => f.write_str("the id cannot be part of a snapshot's name"),
            Self::Nothing => f.write_str("there is no interaction in it"),
            Self::OnlyRefusals => f.write_str("every answer is a refusal of the gateway, and it is no exhibit"),
            Self::Secret { line: Some(line), rule } => write!(f, "line {line} holds {} ({})", rule.finds, rule.id),
            Self::Secret { line: None, rule } => write!(f, "the path holds {} ({})", rule.finds, rule.id),
            Self::SharedStem { first } => write!(f, "the file has the same stem as {}", first.display()),
            Self::Stem(stem) => write!(f, "no access key id can name the scenario {stem:?}"),
            Self::Text { line } => write!(f, "line {line} is not laid out as a cassette is"),
        }
    }
}

/// Looks over every cassette below `root`.
///
/// # Errors
/// [`CassetteError`] where one cannot be read: a file that is damaged is no finding.
pub fn lint(root: &Path) -> Result<Vec<Lint>, CassetteError> {
    let sources = Sources::read(root);
    let mut errors = sources.errors;
    let mut lints = Vec::new();
    let mut stems = BTreeMap::new();
    for source in &sources.found {
        match source.cassette() {
            Ok(cassette) => {
                lints.extend(rules_broken(source, &cassette, &mut stems));
            }
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(lints) } else { Err(CassetteError::new(errors)) }
}

fn rules_broken(source: &Source, cassette: &Cassette, stems: &mut BTreeMap<String, PathBuf>) -> Vec<Lint> {
    let lint = |interaction: Option<&Interaction>, rule| Lint {
        path: source.file.clone(),
        interaction: interaction.map(|interaction| interaction.id.clone()),
        rule,
    };
    let mut lints: Vec<Lint> = of_the_file(source, cassette).into_iter().map(|rule| lint(None, rule)).collect();
    if let Some(first) = stems.insert(cassette.stem().to_owned(), source.file.clone()) {
        lints.push(lint(None, LintRule::SharedStem { first }));
    }
    let text = String::from_utf8_lossy(&source.bytes);
    lints.extend(scan::leaks(&cassette.path, &text, None).into_iter().map(|leak| Lint {
        interaction: leak.interaction,
        ..lint(None, LintRule::Secret { line: leak.line, rule: leak.rule })
    }));
    for interaction in &cassette.interactions {
        lints.extend(of_an_interaction(interaction).into_iter().map(|rule| lint(Some(interaction), rule)));
    }
    lints
}

fn of_the_file(source: &Source, cassette: &Cassette) -> Vec<LintRule> {
    let mut rules = Vec::new();
    if let Some(line) = first_difference(&source.bytes, cassette.text().as_bytes()) {
        rules.push(LintRule::Text { line });
    }
    if cassette.interactions.is_empty() {
        rules.push(LintRule::Nothing);
    }
    if !is_name(cassette.stem()) {
        rules.push(LintRule::Stem(cassette.stem().to_owned()));
    }
    if let Some(address) = cassette.provenance.address().filter(|address| !is_https(address)) {
        rules.push(LintRule::Address(address.to_owned()));
    }
    if let Some(day) = cassette.provenance.day().filter(|day| !is_day(day)) {
        rules.push(LintRule::Day(day.to_owned()));
    }
    rules
}

fn of_an_interaction(interaction: &Interaction) -> Vec<LintRule> {
    let mut rules = Vec::new();
    if !is_name(&interaction.id) {
        rules.push(LintRule::Id);
    }
    if interaction.constructed && interaction.note.as_ref().is_none_or(|note| note.trim().is_empty()) {
        rules.push(LintRule::ConstructedWithoutNote);
    }
    if !interaction.exhibit && interaction.answers.are_refusals_of_the_gateway() {
        rules.push(LintRule::OnlyRefusals);
    }
    rules
}

fn first_difference(one: &[u8], other: &[u8]) -> Option<usize> {
    if one == other {
        return None;
    }
    let same = one.iter().zip(other).take_while(|(one, other)| one == other);
    Some(same.filter(|(byte, _)| **byte == b'\n').count() + 1)
}

/// What stems and ids are made of: they become parts of key ids and of snapshot names.
fn is_name(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    plain && !text.is_empty() && !text.contains("--")
}

fn is_https(address: &str) -> bool {
    let rest = address.strip_prefix("https://").unwrap_or_default();
    !rest.is_empty() && !rest.starts_with('/') && !rest.contains(|byte: char| byte.is_whitespace() || byte.is_control())
}

fn is_day(text: &str) -> bool {
    Timestamp::parse(&format!("{text}T00:00:00Z")).is_ok()
}
