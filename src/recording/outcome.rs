//! What became of each scenario.

use std::fmt;

use super::acceptance::accept;
use super::error::RecordError;
use super::review::review;
use crate::cassettes::{Cassette, Folder, Provenance, Sealed, Stored};
use crate::checks::{Finding, Severity};
use crate::contract::{Name, Operation, Order};
use crate::signing::Key;

/// A scenario, and what became of it.
#[derive(Debug)]
pub struct Recorded {
    /// Its name.
    pub scenario: Name,
    /// What became of it.
    pub outcome: Outcome,
    /// What the answers break, each with the id of its interaction.
    pub findings: Vec<(String, Finding)>,
    /// Where they came from; none where there are none.
    pub provenance: Option<Provenance>,
}

impl Recorded {
    /// Seals what was recorded with the key `real`, has it replayed, and stores it.
    pub fn stored(
        scenario: Name,
        recorded: Result<Cassette, RecordError>,
        real: &Key,
        order: Order,
        folder: &Folder,
    ) -> Self {
        let cassette = match recorded {
            Ok(cassette) => cassette,
            Err(error) => return Self::without_answers(scenario, Outcome::Failed(error)),
        };
        let (findings, provenance) = (review(&cassette), Some(cassette.provenance.clone()));
        let outcome = store(cassette, real, order, folder).map_or_else(Outcome::Failed, Outcome::Stored);
        Self { scenario, outcome, findings, provenance }
    }

    /// A scenario of which nothing was kept.
    pub fn without_answers(scenario: Name, outcome: Outcome) -> Self {
        Self { scenario, outcome, findings: Vec::new(), provenance: None }
    }

    /// How bad the worst finding is.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|(_, finding)| finding.severity).min()
    }
}

/// What became of a scenario.
#[derive(Debug)]
pub enum Outcome {
    /// It was not recorded, and its file is as it was.
    Failed(RecordError),
    /// It was not tried.
    Skipped(Skip),
    /// It was recorded; what became of the file.
    Stored(Stored),
}

impl Outcome {
    /// In one word.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Failed(_) => "failed",
            Self::Skipped(_) => "skipped",
            Self::Stored(Stored::Changed(_)) => "changed",
            Self::Stored(Stored::Kept(_)) => "kept",
            Self::Stored(Stored::New) => "new",
            Self::Stored(Stored::Unchanged) => "unchanged",
        }
    }
}

/// Why a scenario was not tried.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Skip {
    /// Only scenarios without a file are recorded.
    HasFile,
    /// It needs a temporary key.
    NoToken,
    /// It sends what no sound client does.
    Probe,
    /// Nobody gave these variables.
    Variables(Vec<String>),
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HasFile => f.write_str("it has a file"),
            Self::NoToken => f.write_str("only a temporary key, which has a token, can record it"),
            Self::Probe => f.write_str("it sends what no sound client does: give --probe"),
            Self::Variables(names) => {
                let options: Vec<String> = names.iter().map(|name| format!("--var {name}=VALUE")).collect();
                write!(f, "give {}", options.join(" "))
            }
        }
    }
}

fn store(cassette: Cassette, real: &Key, order: Order, folder: &Folder) -> Result<Stored, RecordError> {
    let sealed = Sealed::new(cassette, Some(real))?;
    accept(&sealed.cassette().path, sealed.text(), order)?;
    Ok(folder.store(&sealed, &Operation::listed_values())?)
}
