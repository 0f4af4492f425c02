//! A rule, what judging by it gives, and how bad that is.

use std::fmt;

use super::observation::{Answer, Asking, Observation, Understood};
use crate::contract::{CheckId, Evidence};

/// A rule with a stable id.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// Never changes meaning.
    pub id: CheckId,
    /// How binding it is.
    pub grade: Grade,
    /// The rule in one sentence, without a full stop.
    pub claim: &'static str,
    /// How it is judged.
    pub judge: Judge,
}

/// How binding a rule is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Grade {
    /// Worth knowing.
    Info,
    /// What breaks it does not work.
    Must,
    /// What breaks it works for now.
    Should,
}

/// How a rule is judged, and so whom it judges.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Judge {
    /// The service: an answer, and the call that it answers.
    Answer(fn(&Answer<'_>) -> Outcome),
    /// The client, noted by the part of the harness that meets it.
    Noted {
        /// The room that notes it.
        by: &'static str,
    },
    /// Nobody yet.
    NotJudged {
        /// Why.
        because: &'static str,
    },
    /// Our own signing, by a test.
    Property {
        /// The name of the test.
        test: &'static str,
    },
    /// The client: what it made of an answer.
    Reading(fn(&Understood<'_>) -> Outcome),
    /// The client: a cause of SIG-01, found where one of these recipes reproduces a wrong signature.
    Recipes(&'static [&'static str]),
    /// The client: one request.
    Request(fn(&Asking<'_>) -> Outcome),
    /// Either, over several exchanges.
    Run(Subject, fn() -> Box<dyn Fold>),
}

/// Whom a rule judges.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Subject {
    /// Its requests and its readings.
    Client,
    /// Its answers.
    Service,
}

/// A rule over several exchanges, from one observation to the next.
///
/// It keeps no exchange, and no more than a fixed number of what it has to remember, so that a server can run
/// it for ever.
pub trait Fold: Send {
    /// Takes in what happened next.
    fn step(&mut self, observation: &Observation<'_>) -> Outcome;
}

/// What judging by a rule gives.
///
/// Closed on purpose: there is no third way between holding and breaking but not to apply.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// The rule is broken.
    Broken(Breach),
    /// The rule says nothing about this.
    DoesNotApply,
    /// The rule is kept.
    Holds,
}

/// How a rule is broken.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Breach {
    /// What the rule wants.
    pub expected: String,
    /// What there is instead.
    pub got: String,
    /// Where: the name of a parameter, a field, a header.
    pub place: Option<String>,
}

/// A rule that was broken, as reports and exit codes know it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// The rule.
    pub check: CheckId,
    /// How bad it is.
    pub severity: Severity,
    /// The rule in one sentence.
    pub claim: &'static str,
    /// How it is broken.
    pub breach: Breach,
}

/// How bad a finding is, from worst to least.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// It does not work.
    Error,
    /// It works for now, or is not known to fail.
    Warning,
    /// Worth knowing.
    Note,
}

/// A rule that has to be kept.
pub(super) const fn must(id: &'static str, claim: &'static str, judge: Judge) -> Check {
    Check { id: CheckId::new(id), grade: Grade::Must, claim, judge }
}

/// A rule that ought to be kept.
pub(super) const fn should(id: &'static str, claim: &'static str, judge: Judge) -> Check {
    Check { id: CheckId::new(id), grade: Grade::Should, claim, judge }
}

/// A rule that is worth knowing about.
pub(super) const fn info(id: &'static str, claim: &'static str, judge: Judge) -> Check {
    Check { id: CheckId::new(id), grade: Grade::Info, claim, judge }
}

impl Check {
    /// How bad it is to break it.
    pub fn severity(&self) -> Severity {
        Evidence::of(self.id).map_or(Severity::Warning, |evidence| Severity::of(self.grade, evidence))
    }

    /// Whom it judges; none where it judges our own signing, or nobody yet.
    pub fn subject(&self) -> Option<Subject> {
        match self.judge {
            Judge::Answer(_) => Some(Subject::Service),
            Judge::Noted { .. } | Judge::Reading(_) | Judge::Recipes(_) | Judge::Request(_) => Some(Subject::Client),
            Judge::NotJudged { .. } | Judge::Property { .. } => None,
            Judge::Run(subject, _) => Some(subject),
        }
    }

    /// Judges one observation. A rule of another kind, or over several exchanges, does not apply.
    pub fn outcome(&self, observation: &Observation<'_>) -> Outcome {
        match (self.judge, observation) {
            (Judge::Answer(judge), Observation::Answered(answer)) => judge(answer),
            (Judge::Reading(judge), Observation::Understood(understood)) => judge(understood),
            (Judge::Request(judge), Observation::Asked(asking)) => judge(asking),
            _ => Outcome::DoesNotApply,
        }
    }

    /// The finding that a breach of it is.
    pub fn finding(&self, breach: Breach) -> Finding {
        Finding { check: self.id, severity: self.severity(), claim: self.claim, breach }
    }
}

impl Judge {
    /// The way it judges, in a word or two, for a list of rules.
    pub fn way(self) -> &'static str {
        match self {
            Self::Answer(_) => "answer",
            Self::Noted { .. } => "noted",
            Self::NotJudged { .. } => "not judged",
            Self::Property { .. } => "property test",
            Self::Reading(_) => "reading",
            Self::Recipes(_) => "cause of SIG-01",
            Self::Request(_) => "request",
            Self::Run(..) => "several exchanges",
        }
    }
}

impl Outcome {
    /// Holds, or is broken by `got` where `expected` is wanted.
    pub(super) fn of(holds: bool, expected: impl fmt::Display, got: impl fmt::Display) -> Self {
        if holds { Self::Holds } else { Self::broken(expected, got) }
    }

    /// Broken by `got` where `expected` is wanted.
    pub(super) fn broken(expected: impl fmt::Display, got: impl fmt::Display) -> Self {
        Self::Broken(Breach::new(expected, got))
    }

    /// The same outcome, with the place where a rule is broken.
    #[must_use = "the outcome itself is not changed"]
    pub(super) fn at(self, place: impl fmt::Display) -> Self {
        match self {
            Self::Broken(breach) => Self::Broken(breach.at(place)),
            other => other,
        }
    }

    /// The first that is broken, else whether any applied.
    pub(super) fn all(outcomes: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Self::DoesNotApply;
        for outcome in outcomes {
            match outcome {
                Self::Broken(_) => return outcome,
                Self::DoesNotApply => {}
                Self::Holds => all = Self::Holds,
            }
        }
        all
    }
}

impl Breach {
    /// `got` where `expected` is wanted. Each is cut where it is so long that nobody reads it.
    pub fn new(expected: impl fmt::Display, got: impl fmt::Display) -> Self {
        Self { expected: cut(expected.to_string()), got: cut(got.to_string()), place: None }
    }

    /// The same breach, with its place.
    #[must_use = "the breach itself is not changed"]
    pub fn at(self, place: impl fmt::Display) -> Self {
        Self { place: Some(place.to_string()), ..self }
    }
}

impl Finding {
    /// The finding in one line, without id and severity.
    pub fn message(&self) -> String {
        let Breach { expected, got, place } = &self.breach;
        let place = place.as_ref().map(|place| format!(" in {place}")).unwrap_or_default();
        format!("{}: expected {expected}, got {got}{place}", self.claim)
    }
}

impl fmt::Display for Finding {
    /// Four lines at the most: severity, id and rule; then what was expected, what there is, and where.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Breach { expected, got, place } = &self.breach;
        write!(f, "{} {}: {}\n  expected {expected}\n  got      {got}", self.severity, self.check, self.claim)?;
        place.iter().try_for_each(|place| write!(f, "\n  in       {place}"))
    }
}

impl Severity {
    /// The severity of breaking a rule of that grade and evidence: the one function that decides it.
    ///
    /// A MUST is an error unless nothing but an assumption speaks for it.
    pub fn of(grade: Grade, evidence: &Evidence) -> Self {
        match grade {
            Grade::Info => Self::Note,
            Grade::Must if !evidence.is_assumed() => Self::Error,
            Grade::Must | Grade::Should => Self::Warning,
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Error => "error",
            Self::Note => "note",
            Self::Warning => "warning",
        })
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Info => "INFO",
            Self::Must => "MUST",
            Self::Should => "SHOULD",
        })
    }
}

/// A value in an answer can be as long as the answer.
fn cut(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(MOST_CHARACTERS) {
        text.truncate(end);
        text.push_str("..");
    }
    text
}

const MOST_CHARACTERS: usize = 2_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn severity(grade: Grade, kinds: &str) -> Severity {
        let reasons = kinds.split_whitespace().map(|kind| format!("{{ kind = \"{kind}\", source = \"x\" }}"));
        let text = format!("[X]\nevidence = [{}]", reasons.collect::<Vec<_>>().join(", "));
        let evidence = Evidence::parse(&text).expect("the kinds are known");

        Severity::of(grade, &evidence["X"])
    }

    #[test]
    fn only_an_assumption_alone_makes_a_must_a_warning() {
        assert_eq!(severity(Grade::Must, "assumed"), Severity::Warning);
        assert_eq!(severity(Grade::Must, "assumed assumed"), Severity::Warning);
        assert_eq!(severity(Grade::Must, "policy assumed"), Severity::Error);
        assert_eq!(severity(Grade::Must, "mathematics"), Severity::Error);
    }

    #[test]
    fn no_evidence_makes_a_should_an_error_or_an_info_more_than_a_note() {
        assert_eq!(severity(Grade::Should, "mathematics"), Severity::Warning);
        assert_eq!(severity(Grade::Should, "assumed"), Severity::Warning);
        assert_eq!(severity(Grade::Info, "mathematics"), Severity::Note);
    }

    #[test]
    fn the_worst_severity_sorts_first() {
        let mut severities = [Severity::Note, Severity::Error, Severity::Warning];
        severities.sort();

        assert_eq!(severities, [Severity::Error, Severity::Warning, Severity::Note]);
    }

    #[test]
    fn of_many_outcomes_the_first_breach_counts_and_then_any_that_holds() {
        let broken = |got: &str| Outcome::broken("a", got);

        assert_eq!(Outcome::all([Outcome::Holds, broken("b"), broken("c")]), broken("b"));
        assert_eq!(Outcome::all([Outcome::DoesNotApply, Outcome::Holds]), Outcome::Holds);
        assert_eq!(Outcome::all([Outcome::DoesNotApply]), Outcome::DoesNotApply);
    }

    #[test]
    fn a_finding_says_what_was_expected_what_there_is_and_where() {
        let check = must("SIG-31", "the time is UTC", Judge::NotJudged { because: "an example" });
        let finding = check.finding(Breach::new("Z", "+08:00").at("Timestamp"));

        assert_eq!(
            finding.to_string(),
            "error SIG-31: the time is UTC\n  expected Z\n  got      +08:00\n  in       Timestamp"
        );
        assert_eq!(finding.message(), "the time is UTC: expected Z, got +08:00 in Timestamp");
    }

    #[test]
    fn what_is_too_long_to_read_is_cut() {
        let breach = Breach::new("é".repeat(2_000), "é".repeat(2_001));

        assert_eq!(breach.expected, "é".repeat(2_000));
        assert_eq!(breach.got, format!("{}..", "é".repeat(2_000)));
    }
}
