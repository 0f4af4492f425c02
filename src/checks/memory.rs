//! What a rule over several exchanges may remember: fingerprints and few values, however long it runs.

use std::collections::{HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Whether something was seen before, for the last [`GENERATION`] things at least and twice as many at most.
///
/// Keeps fingerprints alone: two different things are taken for one once in 2^64.
#[derive(Default)]
pub(super) struct Seen {
    older: HashSet<u64>,
    younger: HashSet<u64>,
}

impl Seen {
    /// Remembers `thing`; false where it was seen before.
    pub(super) fn insert(&mut self, thing: impl Hash) -> bool {
        let fingerprint = fingerprint(thing);
        if self.older.contains(&fingerprint) {
            return false;
        }
        if self.younger.len() >= GENERATION {
            self.older = std::mem::take(&mut self.younger);
        }
        self.younger.insert(fingerprint) && !self.older.contains(&fingerprint)
    }
}

/// The value that was last kept under each of the last [`RECENT`] keys.
pub(super) struct Recent<V>(VecDeque<(u64, V)>);

impl<V> Default for Recent<V> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<V> Recent<V> {
    /// Keeps `value` under `key`, and gives back what was kept there before.
    pub(super) fn replace(&mut self, key: impl Hash, value: V) -> Option<V> {
        let fingerprint = fingerprint(key);
        let before = self.position(fingerprint).and_then(|at| self.0.remove(at));
        if self.0.len() >= RECENT {
            self.0.pop_front();
        }
        self.0.push_back((fingerprint, value));
        before.map(|(_, value)| value)
    }

    /// The value under `key`.
    pub(super) fn get_mut(&mut self, key: impl Hash) -> Option<&mut V> {
        let at = self.position(fingerprint(key))?;
        self.0.get_mut(at).map(|(_, value)| value)
    }

    fn position(&self, fingerprint: u64) -> Option<usize> {
        self.0.iter().position(|(known, _)| *known == fingerprint)
    }
}

fn fingerprint(thing: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    thing.hash(&mut hasher);
    hasher.finish()
}

const GENERATION: usize = 65_536;

const RECENT: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_is_known_for_a_generation_and_forgotten_after_two() {
        let mut seen = Seen::default();
        assert!(seen.insert("first"));
        assert!(!seen.insert("first"));

        assert!((0..GENERATION).all(|thing| seen.insert(thing)));
        assert!(!seen.insert("first"));
        assert!((0..GENERATION).all(|thing| seen.insert(("again", thing))));

        assert!(seen.insert("first"));
        assert!(seen.older.len() <= GENERATION && seen.younger.len() <= GENERATION);
    }

    #[test]
    fn the_oldest_key_makes_room() {
        let mut recent = Recent::default();
        assert_eq!(recent.replace("a", 1), None);
        assert_eq!(recent.replace("a", 2), Some(1));

        (0..RECENT).for_each(|key| assert_eq!(recent.replace(key, 0), None));

        assert_eq!(recent.get_mut("a"), None);
        assert_eq!(recent.get_mut(0_usize), Some(&mut 0));
    }
}
