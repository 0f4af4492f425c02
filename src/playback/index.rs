//! The interactions by what they are asked.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::cassettes::{Cassette, MatchKey};

/// Finds an interaction by key, at a cost that does not grow with their number.
#[derive(Debug, Default)]
pub(super) struct Index {
    keys: HashMap<MatchKey, First>,
    within: HashMap<(usize, usize), Slot>,
    shadowed: Vec<(Slot, Slot)>,
}

/// An interaction, by its cassette's place among the cassettes and its own in the cassette.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct Slot {
    pub cassette: usize,
    pub interaction: usize,
}

/// Which cassettes may answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Scope {
    Every,
    Only(usize),
}

impl Index {
    /// Takes the cassettes in the order in which they answer.
    pub(super) fn new(cassettes: &[Cassette]) -> Self {
        let mut index = Self::default();
        for (at, cassette) in cassettes.iter().enumerate() {
            for (interaction, stored) in cassette.interactions.iter().enumerate() {
                if let Some(key) = stored.key() {
                    index.add(key, Slot { cassette: at, interaction });
                }
            }
        }
        index
    }

    /// The interaction that answers `key`.
    pub(super) fn find(&self, key: &MatchKey, scope: Scope) -> Option<Slot> {
        let first = self.keys.get(key)?;
        match scope {
            Scope::Every => Some(first.slot),
            Scope::Only(cassette) => self.within.get(&(cassette, first.number)).copied(),
        }
    }

    /// The interactions that only their scenario's name reaches, each with the one that answers in its place.
    pub(super) fn shadowed(&self) -> &[(Slot, Slot)] {
        &self.shadowed
    }

    fn add(&mut self, key: MatchKey, slot: Slot) {
        let number = self.keys.len();
        let first = match self.keys.entry(key) {
            Entry::Occupied(entry) => {
                self.shadowed.push((slot, entry.get().slot));
                *entry.get()
            }
            Entry::Vacant(entry) => *entry.insert(First { number, slot }),
        };
        self.within.entry((slot.cassette, first.number)).or_insert(slot);
    }
}

/// The first interaction of a key, and the key's number.
#[derive(Clone, Copy, Debug)]
struct First {
    number: usize,
    slot: Slot,
}
