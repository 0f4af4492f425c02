//! What judging a client gives.

use crate::cassettes::Provenance;
use crate::checks::{Finding, Severity};
use crate::clients::Skipped;
use crate::contract::Reading;

/// What judging a client gives: every cassette, in the order of their paths.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// One entry each.
    pub cassettes: Vec<JudgedCassette>,
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
    /// Every finding, in the order of the report.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        let interactions = self.cassettes.iter().flat_map(|cassette| &cassette.interactions);
        interactions.flat_map(|interaction| &interaction.exchanges).flat_map(|exchange| &exchange.findings)
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
