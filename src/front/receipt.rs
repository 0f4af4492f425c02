//! What came by, counted.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::handler::Unreadable;

/// What a service was asked, counted: it stays small however long the service runs.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Receipt {
    /// Answers given from each stored interaction, by its name.
    pub served: BTreeMap<String, u64>,
    /// Interactions that nothing was answered from, by name.
    pub unused: Vec<String>,
    /// Requests that no stored interaction answers.
    pub missed: Counted<String>,
    /// Requests that the service would refuse, by the code of the refusal.
    pub refused: BTreeMap<String, u64>,
    /// Bytes that are no request.
    pub unreadable: Counted<Unreadable>,
}

/// How many there were, and the first of them.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Counted<T> {
    /// All.
    pub count: u64,
    /// The first twenty.
    pub first: Vec<T>,
}

impl Receipt {
    /// Whether every request was good and was answered.
    pub fn is_clean(&self) -> bool {
        self.missed.count == 0 && self.refused.is_empty() && self.unreadable.count == 0
    }

    /// Nothing came by yet, and `interactions` are there to answer from.
    pub(super) fn new(interactions: Vec<String>) -> Self {
        Self { unused: interactions, ..Self::default() }
    }

    pub(super) fn count_served(&mut self, interaction: &str) {
        if !self.served.contains_key(interaction) {
            self.unused.retain(|unused| unused != interaction);
        }
        count(&mut self.served, interaction);
    }

    pub(super) fn count_missed(&mut self, report: String) {
        self.missed.push(report);
    }

    pub(super) fn count_unreadable(&mut self, unreadable: Unreadable) {
        self.unreadable.push(unreadable);
    }

    pub(super) fn count_refused(&mut self, code: &str) {
        count(&mut self.refused, code);
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let served: u64 = self.served.values().sum();
        let refused: u64 = self.refused.values().sum();
        let (missed, unreadable) = (self.missed.count, self.unreadable.count);
        writeln!(f, "served {served}, missed {missed}, refused {refused}, unreadable {unreadable}")?;
        for (interaction, count) in &self.served {
            writeln!(f, "  {count:>6}  served   {interaction}")?;
        }
        for interaction in &self.unused {
            writeln!(f, "       -  unused   {interaction}")?;
        }
        for (code, count) in &self.refused {
            writeln!(f, "  {count:>6}  refused  {code}")?;
        }
        write!(f, "{}{}", self.missed, self.unreadable)
    }
}

impl<T> Counted<T> {
    fn push(&mut self, item: T) {
        self.count += 1;
        if self.first.len() < KEPT {
            self.first.push(item);
        }
    }
}

impl<T> Default for Counted<T> {
    fn default() -> Self {
        Self { count: 0, first: Vec::new() }
    }
}

impl<T: fmt::Display> fmt::Display for Counted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for item in &self.first {
            write!(f, "\n{item}\n")?;
        }
        match self.count - self.first.len() as u64 {
            0 => Ok(()),
            more => writeln!(f, "\nand {more} more of the same kind"),
        }
    }
}

fn count(counts: &mut BTreeMap<String, u64>, name: &str) {
    match counts.get_mut(name) {
        Some(count) => *count += 1,
        None => drop(counts.insert(name.to_owned(), 1)),
    }
}

const KEPT: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt() -> Receipt {
        let mut receipt = Receipt::new(vec!["a#one".into(), "a#two".into()]);
        receipt.count_served("a#two");
        receipt.count_served("a#two");
        receipt
    }

    #[test]
    fn what_was_served_is_not_unused() {
        let receipt = receipt();

        assert_eq!(receipt.served, [("a#two".to_owned(), 2)].into());
        assert_eq!(receipt.unused, ["a#one"]);
        assert!(receipt.is_clean());
    }

    #[test]
    fn the_first_twenty_are_kept_and_all_are_counted() {
        let mut receipt = receipt();
        for number in 1..=1_000 {
            receipt.count_missed(format!("miss {number}"));
        }

        assert_eq!(receipt.missed.count, 1_000);
        assert_eq!(receipt.missed.first.len(), 20);
        assert_eq!(receipt.missed.first[19], "miss 20");
        assert!(receipt.to_string().ends_with("\nmiss 20\n\nand 980 more of the same kind\n"), "{receipt}");
    }

    #[test]
    fn a_miss_a_refusal_and_an_unreadable_request_are_each_not_clean() {
        let spoilers: [fn(&mut Receipt); 3] = [
            |receipt| receipt.count_missed("nothing".into()),
            |receipt| receipt.count_refused("MissingTimestamp"),
            |receipt| receipt.count_unreadable(Unreadable { head: b"\"".to_vec(), why: "no method".into() }),
        ];

        for spoil in spoilers {
            let mut receipt = receipt();
            spoil(&mut receipt);
            assert!(!receipt.is_clean(), "{receipt}");
        }
    }

    #[test]
    fn a_receipt_reads_as_a_table_and_what_went_wrong_below() {
        let mut receipt = receipt();
        receipt.count_refused("SignatureDoesNotMatch");
        receipt.count_unreadable(Unreadable { head: b"GET /?a=\"\xff\r\n".to_vec(), why: "invalid URI".into() });

        assert_eq!(
            receipt.to_string(),
            "\
served 2, missed 0, refused 1, unreadable 1
       2  served   a#two
       -  unused   a#one
       1  refused  SignatureDoesNotMatch

no HTTP request: invalid URI
  GET /?a=\\\"\\xff\\r\\n
"
        );
    }

    #[test]
    fn a_receipt_as_json_names_all_its_parts() {
        let mut receipt = receipt();
        receipt.count_unreadable(Unreadable { head: b"\x16".to_vec(), why: "invalid method".into() });

        let json = serde_json::to_string(&receipt).expect("a receipt is JSON");

        assert_eq!(
            json,
            r##"{"served":{"a#two":2},"unused":["a#one"],"missed":{"count":0,"first":[]},"refused":{},"unreadable":{"count":1,"first":[{"head":"\\x16","why":"invalid method"}]}}"##
        );
    }
}
