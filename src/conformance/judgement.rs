//! What judging a client gives.

use crate::cassettes::Provenance;
use crate::checks::{Finding, Severity};
use crate::clients::Skipped;
use crate::contract::Reading;
use crate::wire::Request;

/// What judging a client gives.
#[derive(Clone, Debug, Default)]
#[must_use = "it is there to be asked what was found"]
pub struct Judgement {
    /// Every cassette, in the order of their paths.
    pub cassettes: Vec<JudgedCassette>,
    /// Every case, in the order of the plan.
    pub cases: Vec<JudgedCase>,
    /// Every request that could be decoded, in the order in which they came.
    pub requests: Vec<Request>,
}

/// A case that a client was judged by.
#[derive(Clone, Debug)]
pub struct JudgedCase {
    /// The kind of case and its own name.
    pub name: String,
    /// What was asked, answered and read.
    pub exchange: JudgedExchange,
}

/// A cassette that was played to a client.
#[derive(Clone, Debug)]
pub struct JudgedCassette {
    /// Its path without `.json`.
    pub name: String,
    /// Where its answers come from.
    pub provenance: Provenance,
    /// In the order of the file.
    pub interactions: Vec<JudgedInteraction>,
}

/// An interaction that was played to a client, or, of an exhibit, read by us.
#[derive(Clone, Debug)]
pub struct JudgedInteraction {
    /// Its id in the cassette.
    pub id: String,
    /// What was done with it.
    pub part: Part,
    /// One for each answer that is stored.
    pub exchanges: Vec<JudgedExchange>,
}

/// What was done with an interaction.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Part {
    /// Its answers were read, and nothing was asked.
    Exhibit,
    /// The client asked what its request asks.
    Played,
}

/// One question and its answer.
#[derive(Clone, Debug)]
pub struct JudgedExchange {
    /// What was asked.
    pub asked: String,
    /// The verdict on the signature in one word; none where no request came.
    pub signature: Option<&'static str>,
    /// The status that was answered; none where no request came.
    pub answered: Option<u16>,
    /// What was understood of the answer.
    pub read: Result<Reading, Skipped>,
    /// The rules that the client broke.
    pub findings: Vec<Finding>,
}

impl Judgement {
    /// This one, and behind it `other`.
    pub fn and(mut self, other: Self) -> Self {
        self.cassettes.extend(other.cassettes);
        self.cases.extend(other.cases);
        self.requests.extend(other.requests);
        self
    }

    /// Every exchange under the name of its interaction or case, in the order of the report.
    pub fn exchanges(&self) -> impl Iterator<Item = (String, &JudgedExchange)> {
        let played = self.cassettes.iter().flat_map(|cassette| {
            cassette.interactions.iter().flat_map(move |interaction| {
                let name = move || format!("{}, interaction {}", cassette.name, interaction.id);
                interaction.exchanges.iter().map(move |exchange| (name(), exchange))
            })
        });
        played.chain(self.cases.iter().map(|case| (format!("case {}", case.name), &case.exchange)))
    }

    /// Every finding, in the order of the report.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.exchanges().flat_map(|(_, exchange)| &exchange.findings)
    }

    /// Passes where no finding is an error.
    ///
    /// # Panics
    /// With every finding that is one, and where: what was asked, what the rule wants and what there is instead. A
    /// judgement in which the client never asked anything is no clean one either.
    pub fn assert_clean(&self) {
        let errors: Vec<String> = self
            .exchanges()
            .flat_map(|(name, exchange)| {
                let errors = exchange.findings.iter().filter(|finding| finding.severity == Severity::Error);
                errors.map(move |finding| format!("{name}: {}\n{finding}", exchange.asked))
            })
            .collect();
        assert!(errors.is_empty(), "{} findings\n\n{}", errors.len(), errors.join("\n\n"));
        assert!(!self.requests.is_empty(), "the client asked nothing, so nothing was judged");
    }

    /// The severity of the worst finding.
    pub fn worst(&self) -> Option<Severity> {
        self.findings().map(|finding| finding.severity).min()
    }
}

impl Part {
    /// The word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exhibit => "exhibit",
            Self::Played => "played",
        }
    }
}
