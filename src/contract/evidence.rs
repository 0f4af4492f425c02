//! Why each rule is believed.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use serde::Deserialize;
use thiserror::Error;

/// The id of a check: three letters, a hyphen, two digits. It never changes meaning.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CheckId(&'static str);

impl CheckId {
    /// Names a check; a test over the registry holds the form.
    pub const fn new(id: &'static str) -> Self {
        Self(id)
    }

    /// The id as text.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for CheckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

/// Why a rule is believed, the strongest reason first.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Evidence {
    /// At least one.
    pub reasons: Vec<Reason>,
}

/// One reason to believe a rule.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// What it rests on.
    pub kind: EvidenceKind,
    /// What was found there, or what is taken for granted.
    pub source: String,
    /// Where it can be read.
    pub address: Option<String>,
    /// The day it was read, as `2026-11-24`.
    pub read: Option<String>,
    /// Where it was recorded: interactions of live cassettes, as `describe-batch-result-count/failed-task#by-id`.
    #[serde(default)]
    pub interactions: Vec<String>,
    /// The recordings that would settle an assumption, as `R05, R12`.
    pub settles: Option<String>,
}

/// What a reason rests on.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq)]
#[non_exhaustive]
#[serde(rename_all = "lowercase")]
pub enum EvidenceKind {
    /// Believed until a live recording settles it.
    Assumed,
    /// Published by the vendor or in a standard.
    Document,
    /// It follows from a definition.
    Mathematics,
    /// Seen in public answers of the service, or in what official clients do.
    Observed,
    /// Ours, for safety.
    Policy,
    /// In a live cassette.
    Recorded,
}

impl Evidence {
    /// The evidence of a check; none only for an id that no check has.
    pub fn of(id: CheckId) -> Option<&'static Self> {
        SHIPPED.get(id.as_str())
    }

    /// Every id that has evidence, in order.
    pub fn ids() -> impl Iterator<Item = &'static str> {
        SHIPPED.keys().map(String::as_str)
    }

    /// The kinds of its reasons, each once, the strongest first.
    pub fn kinds(&self) -> Vec<EvidenceKind> {
        let mut kinds = Vec::new();
        for reason in &self.reasons {
            if !kinds.contains(&reason.kind) {
                kinds.push(reason.kind);
            }
        }
        kinds
    }

    /// Whether nothing but an assumption speaks for it.
    pub fn is_assumed(&self) -> bool {
        self.reasons.iter().all(|reason| reason.kind == EvidenceKind::Assumed)
    }

    /// Reads a file of evidence, keyed by check id.
    ///
    /// # Errors
    /// [`EvidenceError`] where the text is no such file, or a check has no reason.
    pub fn parse(text: &str) -> Result<BTreeMap<String, Self>, EvidenceError> {
        let file: BTreeMap<String, Entry> = toml::from_str(text).map_err(EvidenceError::Format)?;
        file.into_iter().map(|(id, entry)| Ok((id.clone(), entry.into_evidence(id)?))).collect()
    }
}

impl fmt::Display for EvidenceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Assumed => "assumed",
            Self::Document => "document",
            Self::Mathematics => "mathematics",
            Self::Observed => "observed",
            Self::Policy => "policy",
            Self::Recorded => "recorded",
        })
    }
}

/// Why a file of evidence cannot be used.
#[derive(Debug, Error)]
pub enum EvidenceError {
    /// It is not TOML of the right shape.
    #[error("the evidence is not TOML of the shape [ID] evidence = [{{ kind, source, .. }}]")]
    Format(#[source] toml::de::Error),
    /// A check without a reason.
    #[error("{0} has no evidence")]
    NoReason(String),
    /// A reason that can be read somewhere has to say where and when.
    #[error("{id} has a reason of kind {kind} without address and day")]
    NoAddress {
        /// The check.
        id: String,
        /// What the reason rests on.
        kind: EvidenceKind,
    },
    /// What was recorded has to say where.
    #[error("{0} is said to be recorded, in no interaction")]
    NoInteraction(String),
}

impl EvidenceError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        "see the comment at the top of contracts/evidence.toml"
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    evidence: Vec<Reason>,
}

impl Entry {
    fn into_evidence(self, id: String) -> Result<Evidence, EvidenceError> {
        if self.evidence.is_empty() {
            return Err(EvidenceError::NoReason(id));
        }
        if let Some(reason) = self.evidence.iter().find(|reason| !reason.is_traceable()) {
            return Err(EvidenceError::NoAddress { id, kind: reason.kind });
        }
        let is_recorded = |reason: &Reason| reason.kind == EvidenceKind::Recorded;
        if self.evidence.iter().any(|reason| is_recorded(reason) && reason.interactions.is_empty()) {
            return Err(EvidenceError::NoInteraction(id));
        }
        Ok(Evidence { reasons: self.evidence })
    }
}

impl Reason {
    fn is_traceable(&self) -> bool {
        match self.kind {
            EvidenceKind::Document | EvidenceKind::Observed => self.address.is_some() && self.read.is_some(),
            _ => self.address.is_some() == self.read.is_some(),
        }
    }
}

static SHIPPED: LazyLock<BTreeMap<String, Evidence>> =
    LazyLock::new(|| Evidence::parse(SHIPPED_TEXT).expect("a test reads the evidence that is compiled in"));

const SHIPPED_TEXT: &str = include_str!("../../contracts/evidence.toml");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_evidence_that_is_compiled_in_can_be_read() {
        let evidence = Evidence::of(CheckId::new("SIG-11")).expect("SIG-11 has evidence");

        assert_eq!(evidence.kinds(), [EvidenceKind::Document, EvidenceKind::Assumed]);
        assert_eq!(evidence.reasons[1].settles.as_deref(), Some("R11"));
        assert!(!evidence.is_assumed());
        assert_eq!(Evidence::of(CheckId::new("SIG-99")), None);
    }

    #[test]
    fn only_a_rule_without_any_other_reason_is_assumed() {
        let assumed = Evidence::of(CheckId::new("SCH-30")).expect("SCH-30 has evidence");

        assert!(assumed.is_assumed());
    }

    #[test]
    fn a_check_without_a_reason_is_an_error() {
        let error = Evidence::parse("[SIG-01]\nevidence = []").expect_err("there is no reason");

        assert_eq!(error.to_string(), "SIG-01 has no evidence");
    }

    #[test]
    fn what_was_read_says_where_and_when() {
        let error = Evidence::parse("[SIG-01]\nevidence = [{ kind = \"document\", source = \"a page\" }]")
            .expect_err("there is no address");

        assert_eq!(error.to_string(), "SIG-01 has a reason of kind document without address and day");
    }

    #[test]
    fn what_was_recorded_says_in_which_interaction() {
        let error = Evidence::parse("[SIG-01]\nevidence = [{ kind = \"recorded\", source = \"it is so\" }]")
            .expect_err("there is no interaction");

        assert_eq!(error.to_string(), "SIG-01 is said to be recorded, in no interaction");
    }

    #[test]
    fn an_unknown_member_is_an_error() {
        let text = "[SIG-01]\nevidence = [{ kind = \"policy\", source = \"ours\", since = \"always\" }]";

        assert!(matches!(Evidence::parse(text), Err(EvidenceError::Format(_))));
    }

    #[test]
    fn an_address_comes_with_the_day_it_was_read() {
        let text = "[SIG-01]\nevidence = [{ kind = \"policy\", source = \"ours\", address = \"https://a.test\" }]";

        assert!(matches!(Evidence::parse(text), Err(EvidenceError::NoAddress { .. })));
    }
}
