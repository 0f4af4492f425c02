//! How far each access key id has come in each poll.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};

use super::index::Slot;

/// How far each access key id has come in each poll, within bounded memory.
///
/// Two generations of fingerprints: when the younger is full, it becomes the older and the older is forgotten. A
/// poll that was forgotten begins again; that takes [`GENERATION_CAPACITY`] other polls since its last call.
#[derive(Debug, Default)]
pub(super) struct Cursors(Mutex<Generations>);

impl Cursors {
    /// Moves on by one; which answer is due, from zero, or none past the last of `answers`.
    pub(super) fn advance(&self, key_id: &str, slot: Slot, answers: usize) -> Option<usize> {
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let next = generations.entry(fingerprint(key_id, slot));
        let due = *next;
        *next = answers.min(due + 1);
        (due < answers).then_some(due)
    }
}

#[derive(Debug, Default)]
struct Generations {
    older: HashMap<u64, usize>,
    younger: HashMap<u64, usize>,
}

impl Generations {
    fn entry(&mut self, fingerprint: u64) -> &mut usize {
        if self.younger.len() >= GENERATION_CAPACITY {
            self.older = std::mem::take(&mut self.younger);
        }
        let older = &mut self.older;
        self.younger.entry(fingerprint).or_insert_with(|| older.remove(&fingerprint).unwrap_or_default())
    }
}

fn fingerprint(key_id: &str, slot: Slot) -> u64 {
    let mut hasher = DefaultHasher::new();
    (key_id, slot).hash(&mut hasher);
    hasher.finish()
}

/// How many pairs of access key id and poll a generation holds.
const GENERATION_CAPACITY: usize = 1 << 16;

#[cfg(test)]
mod tests {
    use super::*;

    const POLL: Slot = Slot { cassette: 0, interaction: 0 };
    const OTHER: Slot = Slot { cassette: 0, interaction: 1 };

    #[test]
    fn each_call_takes_the_next_answer_and_past_the_last_there_is_none() {
        let cursors = Cursors::default();

        let due: Vec<_> = (0..5).map(|_| cursors.advance("testid", POLL, 3)).collect();

        assert_eq!(due, [Some(0), Some(1), Some(2), None, None]);
    }

    #[test]
    fn key_ids_and_polls_do_not_move_one_another() {
        let cursors = Cursors::default();
        cursors.advance("testid", POLL, 3);

        assert_eq!(cursors.advance("testid.a", POLL, 3), Some(0));
        assert_eq!(cursors.advance("testid", OTHER, 3), Some(0));
        assert_eq!(cursors.advance("testid", POLL, 3), Some(1));
    }

    #[test]
    fn a_poll_in_use_outlives_any_number_of_others_and_memory_stays_bounded() {
        let cursors = Cursors::default();
        cursors.advance("kept", POLL, usize::MAX);

        for lane in 0..4 * GENERATION_CAPACITY {
            cursors.advance(&lane.to_string(), POLL, 1);
            if lane % 1000 == 0 {
                cursors.advance("kept", POLL, usize::MAX);
            }
        }

        let generations = cursors.0.lock().expect("no other thread is there");
        assert!(generations.older.len() + generations.younger.len() <= 2 * GENERATION_CAPACITY);
        drop(generations);
        assert_eq!(cursors.advance("kept", POLL, usize::MAX), Some(264), "one at first and one each thousand lanes");
        assert_eq!(cursors.advance("0", POLL, 1), Some(0), "a poll that was forgotten begins again");
    }

    #[test]
    fn callers_side_by_side_share_out_the_answers_once_each() {
        let cursors = Cursors::default();

        let mut due: Vec<usize> = std::thread::scope(|scope| {
            let take = || (0..250).filter_map(|_| cursors.advance("testid", POLL, 900)).collect::<Vec<_>>();
            let threads = [(); 4].map(|()| scope.spawn(take));
            threads.into_iter().flat_map(|thread| thread.join().expect("no thread panics")).collect()
        });

        due.sort_unstable();
        assert_eq!(due, (0..900).collect::<Vec<_>>());
    }
}
