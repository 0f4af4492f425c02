//! Answers from cassettes.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use thiserror::Error;

use super::cursors::Cursors;
use super::index::{Index, Scope, Slot};
use super::near_miss::Miss;
use crate::cassettes::{Cassette, Cassettes, Interaction, MatchKey};
use crate::gateway::{Admitted, Refusal, System};
use crate::signing::TestKeyId;
use crate::wire::Response;

/// Answers from cassettes. Exhibits are no answers; a stored refusal is one.
#[derive(Debug)]
pub struct Player {
    /// In the order in which they answer.
    cassettes: Vec<Cassette>,
    index: Index,
    scenarios: BTreeMap<String, usize>,
    cursors: Cursors,
}

/// What a player has for a request.
#[derive(Debug)]
pub enum Decision<'p> {
    /// The answers of a poll were all given.
    Exhausted {
        /// The poll.
        stored: Stored<'p>,
    },
    /// A stored answer.
    Hit {
        /// Where it is stored.
        stored: Stored<'p>,
        /// What to answer.
        answer: &'p Response,
    },
    /// Nothing is stored for the request.
    Miss(Box<Miss<'p>>),
    /// The access key id names a scenario that no file has.
    UnknownScenario(UnknownScenario<'p>),
}

/// An interaction, and the cassette that it stands in.
#[derive(Clone, Copy, Debug)]
pub struct Stored<'p> {
    /// The cassette.
    pub cassette: &'p Cassette,
    /// The interaction.
    pub interaction: &'p Interaction,
}

/// An interaction that only its scenario's name reaches: another cassette holds the same request and goes first.
#[derive(Clone, Copy, Debug)]
pub struct Shadowed<'p> {
    /// The hidden one.
    pub stored: Stored<'p>,
    /// The one that answers.
    pub by: Stored<'p>,
}

/// A scenario that no file has.
#[derive(Debug)]
pub struct UnknownScenario<'p> {
    /// As the access key id names it.
    pub named: String,
    /// Those that there are, in alphabetical order.
    pub known: Vec<&'p str>,
}

/// Two cassettes of one stem: an access key id could not choose between them.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("cassettes {first} and {second} are both named {stem}")]
pub struct SharedStem {
    /// The stem.
    pub stem: String,
    /// The path of one.
    pub first: String,
    /// The path of the other.
    pub second: String,
}

impl Player {
    /// Takes the cassettes in the order of their provenance (live, reported, documented, simulated), then of their
    /// paths: where two hold one request, the first answers.
    ///
    /// # Errors
    /// [`SharedStem`] where two files have one name.
    pub fn new(cassettes: Cassettes) -> Result<Self, SharedStem> {
        let mut cassettes = cassettes.into_vec();
        cassettes.sort_by_key(|cassette| cassette.provenance.rank());
        let scenarios = scenarios(&cassettes)?;
        let index = Index::new(&cassettes);
        Ok(Self { cassettes, index, scenarios, cursors: Cursors::default() })
    }

    /// Finds the answer to a request, and moves the cursor of a poll on.
    ///
    /// Each access key id has cursors of its own. One that names a scenario (`testid-SCENARIO`) gets that one's
    /// answers alone.
    pub fn decide(&self, admitted: &Admitted) -> Decision<'_> {
        let request = admitted.request();
        let key_id = System::of(request).key_id().unwrap_or_default();
        let scope = match TestKeyId::parse(&key_id).and_then(|id| id.scenario) {
            None => Scope::Every,
            Some(named) => match self.scenarios.get(named) {
                None => return Decision::UnknownScenario(self.unknown_scenario(named)),
                Some(&cassette) => Scope::Only(cassette),
            },
        };
        let key = MatchKey::of(request);
        match self.index.find(&key, scope) {
            None => Decision::Miss(Box::new(self.miss(admitted, &key, scope))),
            Some(slot) => self.play(&key_id, slot),
        }
    }

    /// What only a scenario's name reaches.
    pub fn shadowed(&self) -> impl Iterator<Item = Shadowed<'_>> {
        let pairs = self.index.shadowed().iter();
        pairs.map(|&(hidden, by)| Shadowed { stored: self.stored(hidden), by: self.stored(by) })
    }

    /// Every interaction that can be played, in the order in which they answer.
    pub fn playable(&self) -> impl Iterator<Item = Stored<'_>> {
        self.cassettes.iter().flat_map(playable)
    }

    fn play(&self, key_id: &str, slot: Slot) -> Decision<'_> {
        let stored = self.stored(slot);
        let answers = &stored.interaction.answers;
        if !answers.is_poll() {
            return Decision::Hit { stored, answer: &answers.first };
        }
        let due = self.cursors.advance(key_id, slot, answers.count());
        match due.and_then(|due| answers.nth(due)) {
            None => Decision::Exhausted { stored },
            Some(answer) => Decision::Hit { stored, answer },
        }
    }

    fn miss(&self, admitted: &Admitted, key: &MatchKey, scope: Scope) -> Miss<'_> {
        let in_scope = match scope {
            Scope::Every => &self.cassettes[..],
            Scope::Only(cassette) => &self.cassettes[cassette..=cassette],
        };
        let elsewhere = self.index.find(key, Scope::Every).map(|slot| self.stored(slot));
        Miss::new(admitted, in_scope.iter().flat_map(playable), elsewhere)
    }

    fn stored(&self, slot: Slot) -> Stored<'_> {
        let cassette = &self.cassettes[slot.cassette];
        Stored { cassette, interaction: &cassette.interactions[slot.interaction] }
    }

    fn unknown_scenario(&self, named: &str) -> UnknownScenario<'_> {
        let answering = self.scenarios.iter().filter(|(_, at)| playable(&self.cassettes[**at]).next().is_some());
        UnknownScenario { named: named.to_owned(), known: answering.map(|(stem, _)| stem.as_str()).collect() }
    }
}

impl Decision<'_> {
    /// What to answer where nothing is stored, in the service's own shape; none for a hit.
    ///
    /// The status is 400: clients repeat a request that was answered 5xx, and take a 404 for an answer.
    pub fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Exhausted { stored } => {
                let count = stored.interaction.answers.count();
                let message = format!("{stored} has {count} answers, and this access key id was given all of them");
                Some(Refusal::new("ReplayExhausted", 400, message))
            }
            Self::Hit { .. } => None,
            Self::Miss(miss) => Some(Refusal::new("ReplayMiss", 400, miss.summary())),
            Self::UnknownScenario(unknown) => Some(Refusal::new("ReplayUnknownScenario", 400, unknown.to_string())),
        }
    }
}

impl std::fmt::Display for Stored<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, interaction {}", self.cassette.name(), self.interaction.id)
    }
}

impl std::fmt::Display for UnknownScenario<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "no cassette has scenario {:?}; there is {}",
            self.named,
            self.known[..self.known.len().min(NAMED)].join(", ")
        )?;
        match self.known.len().saturating_sub(NAMED) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

impl SharedStem {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        "rename one of the files: an access key id names a scenario by its file's name"
    }
}

fn scenarios(cassettes: &[Cassette]) -> Result<BTreeMap<String, usize>, SharedStem> {
    let mut scenarios = BTreeMap::new();
    for (at, cassette) in cassettes.iter().enumerate() {
        match scenarios.entry(cassette.stem().to_owned()) {
            Entry::Vacant(entry) => entry.insert(at),
            Entry::Occupied(entry) => return Err(shared_stem(&cassettes[*entry.get()], cassette)),
        };
    }
    Ok(scenarios)
}

fn shared_stem(one: &Cassette, other: &Cassette) -> SharedStem {
    let (first, second) = if one.path < other.path { (one, other) } else { (other, one) };
    SharedStem { stem: one.stem().to_owned(), first: first.path.clone(), second: second.path.clone() }
}

fn playable(cassette: &Cassette) -> impl Iterator<Item = Stored<'_>> {
    let played = cassette.interactions.iter().filter(|interaction| interaction.playable().is_some());
    played.map(move |interaction| Stored { cassette, interaction })
}

/// How many scenarios an answer lists.
const NAMED: usize = 20;
