//! The nonces that were used lately.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::wire::Timestamp;

/// Remembers nonces for [`MEMORY_SECONDS`] at least and twice that at most, within bounded memory.
///
/// Each access key id has its own. Two generations of fingerprints: when the younger is old or full, it becomes
/// the older and the older is forgotten. Two different nonces share a fingerprint once in 2^64.
#[derive(Debug, Default)]
pub(super) struct Nonces {
    older: HashSet<u64>,
    younger: HashSet<u64>,
    younger_since: Option<Timestamp>,
}

impl Nonces {
    /// Whether `nonce` was used with the key `key_id`.
    pub(super) fn knows(&self, key_id: &str, nonce: &str, now: Timestamp) -> bool {
        self.knows_fingerprint(fingerprint(key_id, nonce), now)
    }

    /// Remembers `nonce`; false where it is known already.
    pub(super) fn record(&mut self, key_id: &str, nonce: &str, now: Timestamp) -> bool {
        let fingerprint = fingerprint(key_id, nonce);
        if self.knows_fingerprint(fingerprint, now) {
            return false;
        }
        self.rotate(now);
        self.younger.insert(fingerprint)
    }

    fn knows_fingerprint(&self, fingerprint: u64, now: Timestamp) -> bool {
        let age = self.age_seconds(now);
        (age < 2 * MEMORY_SECONDS && self.younger.contains(&fingerprint))
            || (age < MEMORY_SECONDS && self.older.contains(&fingerprint))
    }

    fn rotate(&mut self, now: Timestamp) {
        let age = self.age_seconds(now);
        if age >= MEMORY_SECONDS || self.younger.len() >= GENERATION_CAPACITY {
            self.older = std::mem::take(&mut self.younger);
            self.younger_since = None;
        }
        if age >= 2 * MEMORY_SECONDS {
            self.older.clear();
        }
        self.younger_since.get_or_insert(now);
    }

    fn age_seconds(&self, now: Timestamp) -> u64 {
        self.younger_since.map_or(0, |since| since.distance_seconds(now))
    }
}

fn fingerprint(key_id: &str, nonce: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (key_id, nonce).hash(&mut hasher);
    hasher.finish()
}

/// The time within which a nonce must not come again
/// ([the service's error text](https://github.com/acmesh-official/acme.sh/issues/1639), read 2026-11-24).
pub(super) const MEMORY_SECONDS: u64 = 900;

/// How many nonces a generation holds: a quarter of an hour at 145 requests a second, in a few megabytes.
pub(super) const GENERATION_CAPACITY: usize = 1 << 17;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(1_000_000_000 + seconds).expect("a time in 2001")
    }

    #[test]
    fn a_nonce_is_new_once_for_each_key_id() {
        let mut nonces = Nonces::default();

        assert!(nonces.record("a", "n", at(0)));
        assert!(!nonces.record("a", "n", at(0)));
        assert!(nonces.record("a.left", "n", at(0)));
        assert!(nonces.record("a", "m", at(0)));
    }

    #[test]
    fn key_id_and_nonce_are_not_run_together() {
        let mut nonces = Nonces::default();
        nonces.record("ab", "c", at(0));

        assert!(!nonces.knows("a", "bc", at(0)));
    }

    #[test]
    fn a_nonce_is_remembered_for_a_quarter_of_an_hour_whenever_it_came() {
        for came in [0, 1, 450, 899] {
            let mut nonces = Nonces::default();
            nonces.record("k", "first", at(0));
            nonces.record("k", "n", at(came));
            nonces.record("k", "last", at(came + 890));

            assert!(nonces.knows("k", "n", at(came + 899)), "came at {came}");
        }
    }

    #[test]
    fn a_nonce_is_forgotten_after_half_an_hour_with_and_without_others_between() {
        let mut idle = Nonces::default();
        idle.record("k", "n", at(0));
        let mut busy = Nonces::default();
        busy.record("k", "n", at(0));
        for seconds in (0..1_800).step_by(100) {
            busy.record("k", &seconds.to_string(), at(seconds));
        }

        assert!(!idle.knows("k", "n", at(1_800)));
        assert!(idle.record("k", "other", at(1_800)));
        assert!(!idle.knows("k", "n", at(1_800)));
        assert!(!busy.knows("k", "n", at(1_800)));
    }

    #[test]
    fn memory_is_bounded_under_a_clock_that_stands_still_and_the_latest_are_kept() {
        let mut nonces = Nonces::default();
        for number in 0..3 * GENERATION_CAPACITY {
            nonces.record("k", &number.to_string(), at(0));
        }

        assert!(nonces.older.len() + nonces.younger.len() <= 2 * GENERATION_CAPACITY);
        assert!(nonces.knows("k", &(2 * GENERATION_CAPACITY).to_string(), at(0)));
        assert!(!nonces.knows("k", "0", at(0)));
    }
}
