//! What came by, counted.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use crate::checks::{Finding, Severity};
use crate::contract::CheckId;

/// What a service was asked, counted: it stays small however long the service runs.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Receipt {
    /// Answers given from each stored interaction, by its name.
    pub served: BTreeMap<String, u64>,
    /// The interactions that nothing was answered from, by name.
    pub unused: Vec<String>,
    /// Requests that no stored interaction answers; the findings say more.
    pub missed: u64,
    /// Requests that the service would refuse, by the code of the refusal.
    pub refused: BTreeMap<String, u64>,
    /// Broken rules, the worst first.
    pub findings: Vec<Findings>,
}

/// A rule that was broken: how often, and the first times.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Findings {
    /// The rule.
    pub check: CheckId,
    /// How bad it is.
    pub severity: Severity,
    /// How often it was broken.
    pub count: u64,
    /// The first twenty times.
    pub first: Vec<Found>,
}

/// A finding, and the request that it was made in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Found {
    /// The finding.
    pub finding: Finding,
    /// The beginning of the request as sent; bytes outside ASCII are escaped.
    pub request: String,
}

impl Receipt {
    /// The same, saying which of `interactions` nothing was answered from.
    pub(super) fn with_unused(self, interactions: &[String]) -> Self {
        let unused = interactions.iter().filter(|interaction| !self.served.contains_key(*interaction));
        Self { unused: unused.cloned().collect(), ..self }
    }

    /// Whether every request was answered, and without an error. Warnings and notes may be there.
    pub fn is_clean(&self) -> bool {
        self.refused.is_empty() && self.findings.iter().all(|findings| findings.severity != Severity::Error)
    }

    pub(super) fn count_served(&mut self, interaction: &str) {
        count(&mut self.served, interaction);
    }

    pub(super) fn count_refused(&mut self, code: &str) {
        count(&mut self.refused, code);
    }

    pub(super) fn count_missed(&mut self) {
        self.missed += 1;
    }

    pub(super) fn count_finding(&mut self, finding: Finding, request: &[u8]) {
        let rank = (finding.severity, finding.check);
        let at = match self.findings.binary_search_by_key(&rank, |known| (known.severity, known.check)) {
            Ok(at) => at,
            Err(at) => {
                self.findings.insert(at, Findings::of(&finding));
                at
            }
        };
        self.findings[at].count(finding, request);
    }
}

impl Findings {
    fn of(finding: &Finding) -> Self {
        Self { check: finding.check, severity: finding.severity, count: 0, first: Vec::new() }
    }

    fn count(&mut self, finding: Finding, request: &[u8]) {
        self.count += 1;
        if self.first.len() < KEPT {
            self.first.push(Found { finding, request: beginning(request) });
        }
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (served, refused): (u64, u64) = (self.served.values().sum(), self.refused.values().sum());
        let found: u64 = self.findings.iter().map(|findings| findings.count).sum();
        writeln!(f, "served {served}, missed {}, refused {refused}, findings {found}", self.missed)?;
        for (interaction, count) in &self.served {
            writeln!(f, "  {count:>6}  served   {interaction}")?;
        }
        for interaction in &self.unused {
            writeln!(f, "       -  unused   {interaction}")?;
        }
        for (code, count) in &self.refused {
            writeln!(f, "  {count:>6}  refused  {code}")?;
        }
        for findings in &self.findings {
            writeln!(f, "  {:>6}  {:7}  {}", findings.count, findings.severity, findings.check)?;
        }
        self.findings.iter().try_for_each(|findings| write!(f, "{findings}"))
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for found in &self.first {
            writeln!(f, "\n{found}")?;
        }
        match self.count - self.first.len() as u64 {
            0 => Ok(()),
            more => writeln!(f, "\nand {more} more of {}", self.check),
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  request  {}", self.finding, self.request)
    }
}

impl Serialize for Findings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Findings", 4)?;
        fields.serialize_field("check", self.check.as_str())?;
        fields.serialize_field("severity", &self.severity.to_string())?;
        fields.serialize_field("count", &self.count)?;
        fields.serialize_field("first", &self.first)?;
        fields.end()
    }
}

impl Serialize for Found {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Found", 2)?;
        fields.serialize_field("message", &self.finding.message())?;
        fields.serialize_field("request", &self.request)?;
        fields.end()
    }
}

/// As much of a request as a report needs.
fn beginning(request: &[u8]) -> String {
    let shown = request[..request.len().min(SHOWN_BYTES)].escape_ascii();
    if request.len() > SHOWN_BYTES { format!("{shown}.. ({} bytes)", request.len()) } else { shown.to_string() }
}

fn count(counts: &mut BTreeMap<String, u64>, name: &str) {
    match counts.get_mut(name) {
        Some(count) => *count += 1,
        None => drop(counts.insert(name.to_owned(), 1)),
    }
}

const KEPT: usize = 20;
const SHOWN_BYTES: usize = 2000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::Breach;

    fn receipt() -> Receipt {
        let mut receipt = Receipt::default();
        receipt.count_served("a, two");
        receipt.count_served("a, two");
        receipt.with_unused(&["a, one".into(), "a, two".into()])
    }

    fn finding(check: &'static str, severity: Severity, got: &str) -> Finding {
        let breach = Breach::new("good", got);
        Finding { check: CheckId::new(check), severity, claim: "all is well", breach }
    }

    #[test]
    fn what_was_served_is_not_unused() {
        let receipt = receipt();

        assert_eq!(receipt.served, [("a, two".to_owned(), 2)].into());
        assert_eq!(receipt.unused, ["a, one"]);
        assert!(receipt.is_clean());
    }

    #[test]
    fn of_each_rule_the_first_twenty_findings_are_kept_and_all_are_counted() {
        let mut receipt = receipt();
        for number in 1..=1_000 {
            receipt.count_finding(finding("SIG-01", Severity::Error, &number.to_string()), b"GET /");
        }

        let [findings] = &receipt.findings[..] else { panic!("one rule was broken") };
        assert_eq!((findings.count, findings.first.len()), (1_000, 20));
        assert_eq!(findings.first[19].finding.breach.got, "20");
        assert!(receipt.to_string().ends_with("\nand 980 more of SIG-01\n"), "{receipt}");
    }

    #[test]
    fn the_worst_rule_comes_first_and_then_the_order_of_ids_counts() {
        let mut receipt = receipt();
        for (check, severity) in [
            ("SIG-36", Severity::Warning),
            ("SIG-30", Severity::Error),
            ("SIG-50", Severity::Note),
            ("SIG-01", Severity::Error),
        ] {
            receipt.count_finding(finding(check, severity, "bad"), b"GET /");
        }

        let order: Vec<&str> = receipt.findings.iter().map(|findings| findings.check.as_str()).collect();

        assert_eq!(order, ["SIG-01", "SIG-30", "SIG-36", "SIG-50"]);
    }

    #[test]
    fn an_error_or_a_refusal_is_not_clean_and_a_warning_is() {
        let mut warned = receipt();
        warned.count_finding(finding("SIG-36", Severity::Warning, "+"), b"GET /");
        let mut wrong = receipt();
        wrong.count_missed();
        wrong.count_finding(finding("REP-01", Severity::Error, "nothing"), b"GET /");
        let mut refused = receipt();
        refused.count_refused("InvalidVersion");

        assert!(warned.is_clean());
        assert!(!wrong.is_clean());
        assert!(!refused.is_clean());
    }

    #[test]
    fn a_receipt_reads_as_a_table_with_the_findings_below() {
        let mut receipt = receipt();
        receipt.count_refused("SignatureDoesNotMatch");
        receipt.count_finding(finding("WIR-01", Severity::Error, "invalid URI"), b"GET /?a=\"\xff\r\n");

        assert_eq!(
            receipt.to_string(),
            "\
served 2, missed 0, refused 1, findings 1
       2  served   a, two
       -  unused   a, one
       1  refused  SignatureDoesNotMatch
       1  error    WIR-01

error WIR-01: all is well
  expected good
  got      invalid URI
  request  GET /?a=\\\"\\xff\\r\\n
"
        );
    }

    #[test]
    fn a_receipt_as_json_names_all_its_parts() {
        let mut receipt = receipt();
        receipt.count_missed();
        receipt.count_finding(finding("REP-01", Severity::Error, "nothing"), b"GET /");

        let json = serde_json::to_string(&receipt).expect("a receipt is JSON");

        assert_eq!(
            json,
            "{\"served\":{\"a, two\":2},\"unused\":[\"a, one\"],\"missed\":1,\"refused\":{},\"findings\":[{\"check\":\"REP-01\",\
             \"severity\":\"error\",\"count\":1,\"first\":[{\"message\":\"all is well: expected good, got nothing\",\
             \"request\":\"GET /\"}]}]}"
        );
    }

    #[test]
    fn a_long_request_is_shown_by_its_beginning() {
        let mut receipt = receipt();

        receipt.count_finding(finding("SIG-01", Severity::Error, "bad"), &[b'a'; 70_000]);

        let shown = &receipt.findings[0].first[0].request;
        assert_eq!(shown.len(), 2000 + ".. (70000 bytes)".len());
        assert!(shown.ends_with("a.. (70000 bytes)"), "{shown}");
    }
}
