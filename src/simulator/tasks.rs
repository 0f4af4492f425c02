//! The batch store: what was submitted, and how far it has come.

use crate::contract::{BatchType, World};

/// The batches of one account.
///
/// The same seed, submissions and times give the same ids and the same progress: nothing here reads a clock.
/// Times are seconds since any fixed moment.
#[derive(Clone, Debug)]
pub struct Tasks {
    seed: u64,
    submitted: Vec<Task>,
}

impl Tasks {
    /// None submitted yet.
    pub fn new(seed: u64) -> Self {
        Self { seed, submitted: Vec::new() }
    }

    /// What `world` holds when it begins at `began_seconds`.
    pub fn of(world: &World, began_seconds: i64) -> Self {
        let mut tasks = Self::new(world.seed);
        for past in &world.tasks {
            let fails = std::iter::repeat_n(Fate::Fails, past.failing as usize);
            let fates = fails.chain(std::iter::repeat_n(Fate::Succeeds, past.succeeding as usize));
            tasks.submit(past.batch, fates, began_seconds - i64::from(past.age_seconds));
        }
        tasks
    }

    /// Takes a batch, and gives it an id that no earlier one has.
    pub fn submit(&mut self, batch: BatchType, fates: impl IntoIterator<Item = Fate>, now_seconds: i64) -> i64 {
        let id = self.next_id();
        let entries = self.schedule(id, fates, now_seconds);
        self.submitted.push(Task { id, batch, entries });
        id
    }

    /// How far the most recent task has come that is `wanted`; none where there is no such task.
    pub fn progress(&self, wanted: Wanted, now_seconds: i64) -> Option<Progress> {
        let task = self.submitted.iter().rev().find(|task| wanted.includes(task))?;
        Some(task.progress(now_seconds))
    }

    /// The ids in the order of submission.
    pub fn ids(&self) -> impl Iterator<Item = i64> {
        self.submitted.iter().map(|task| task.id)
    }

    fn next_id(&self) -> i64 {
        let gap = |salt| 1 + i64::from(scramble(self.seed ^ salt) as u16);
        self.submitted.last().map_or_else(|| FIRST_ID + gap(0), |last| last.id + gap(last.id.unsigned_abs()))
    }

    /// One entry after the other, each taking a second or two.
    fn schedule(&self, id: i64, fates: impl IntoIterator<Item = Fate>, now_seconds: i64) -> Vec<Entry> {
        let mut done_seconds = now_seconds;
        let mut entry = |(at, fate): (usize, Fate)| {
            let salt = id.unsigned_abs().wrapping_mul(31).wrapping_add(at as u64);
            done_seconds += 1 + i64::from(scramble(self.seed ^ salt).is_multiple_of(2));
            Entry { fate, done_seconds }
        };
        fates.into_iter().enumerate().map(&mut entry).collect()
    }
}

/// What becomes of one entry of a batch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fate {
    /// It ends up in `FailedCount`.
    Fails,
    /// It ends up in `SuccessCount`.
    Succeeds,
}

/// Which task is meant: every part that is given has to fit.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Wanted {
    /// The task of that id.
    pub id: Option<i64>,
    /// A task of that kind.
    pub batch: Option<BatchType>,
}

impl Wanted {
    fn includes(self, task: &Task) -> bool {
        self.id.is_none_or(|id| id == task.id) && self.batch.is_none_or(|batch| batch == task.batch)
    }
}

/// How far one task has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Progress {
    /// The id of the task.
    pub id: i64,
    /// Its kind.
    pub batch: BatchType,
    /// Its state.
    pub state: State,
    /// How many entries it has.
    pub total: u32,
    /// How many of them have succeeded.
    pub succeeded: u32,
    /// How many of them have failed.
    pub failed: u32,
}

/// The state of a task that was submitted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    /// Every entry is done, and not all have failed.
    Completed,
    /// Every entry has failed.
    Failed,
    /// Entries are left.
    Processing,
}

impl State {
    /// The `Status` of an answer.
    pub fn code(self) -> i64 {
        match self {
            Self::Processing => 0,
            Self::Completed => 1,
            Self::Failed => 2,
        }
    }
}

#[derive(Clone, Debug)]
struct Task {
    id: i64,
    batch: BatchType,
    entries: Vec<Entry>,
}

impl Task {
    fn progress(&self, now_seconds: i64) -> Progress {
        let done = |fate| self.entries.iter().filter(|entry| entry.is(fate, now_seconds)).count() as u32;
        let (total, succeeded, failed) = (self.entries.len() as u32, done(Fate::Succeeds), done(Fate::Fails));
        let state = match total - succeeded - failed {
            0 if total > 0 && failed == total => State::Failed,
            0 => State::Completed,
            _ => State::Processing,
        };
        Progress { id: self.id, batch: self.batch, state, total, succeeded, failed }
    }
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    fate: Fate,
    done_seconds: i64,
}

impl Entry {
    fn is(self, fate: Fate, now_seconds: i64) -> bool {
        self.fate == fate && self.done_seconds <= now_seconds
    }
}

/// [SplitMix64](https://prng.di.unimi.it/splitmix64.c): one number out of another.
fn scramble(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// As large as one seen in a client's public tests in 2022, and beyond 32 bits: a client that cuts ids short shows it.
const FIRST_ID: i64 = 4_521_793_536;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::contract::PastTask;

    const LONG_AGO: u32 = 3600;

    fn submitted(batches: &[(BatchType, &[Fate])]) -> Tasks {
        let mut tasks = Tasks::new(7);
        for (batch, fates) in batches {
            tasks.submit(*batch, fates.iter().copied(), 0);
        }
        tasks
    }

    fn state(tasks: &Tasks, wanted: Wanted, now_seconds: i64) -> Option<State> {
        tasks.progress(wanted, now_seconds).map(|progress| progress.state)
    }

    #[test]
    fn nothing_submitted_is_no_progress() {
        assert_eq!(Tasks::new(7).progress(Wanted::default(), 0), None);
    }

    #[test]
    fn a_task_is_processed_and_then_completed_in_part() {
        let tasks = submitted(&[(BatchType::RrAdd, &[Fate::Fails, Fate::Succeeds, Fate::Succeeds])]);

        let begun = tasks.progress(Wanted::default(), 0).expect("a task was submitted");
        let done = tasks.progress(Wanted::default(), 6).expect("a task was submitted");

        assert_eq!((begun.state, begun.total, begun.succeeded, begun.failed), (State::Processing, 3, 0, 0));
        assert_eq!((done.state, done.total, done.succeeded, done.failed), (State::Completed, 3, 2, 1));
    }

    #[test]
    fn a_task_fails_only_when_each_of_its_entries_has() {
        let tasks = submitted(&[(BatchType::RrAdd, &[Fate::Fails, Fate::Fails])]);

        assert_eq!(state(&tasks, Wanted::default(), 0), Some(State::Processing));
        assert_eq!(state(&tasks, Wanted::default(), 4), Some(State::Failed));
    }

    #[test]
    fn a_task_without_entries_is_completed_and_not_failed() {
        let tasks = submitted(&[(BatchType::RrAdd, &[])]);

        assert_eq!(state(&tasks, Wanted::default(), 0), Some(State::Completed));
    }

    #[test]
    fn the_most_recent_task_answers_over_all_and_of_each_kind() {
        let one: &[Fate] = &[Fate::Succeeds];
        let tasks = submitted(&[(BatchType::RrAdd, one), (BatchType::RrAdd, one), (BatchType::DomainAdd, one)]);
        let ids: Vec<i64> = tasks.ids().collect();
        let found = |batch| tasks.progress(Wanted { id: None, batch }, 0).map(|progress| progress.id);

        assert_eq!(found(None), Some(ids[2]));
        assert_eq!(found(Some(BatchType::RrAdd)), Some(ids[1]));
        assert_eq!(found(Some(BatchType::RrDel)), None);
    }

    #[test]
    fn an_id_that_was_never_given_or_is_of_another_kind_finds_nothing() {
        let tasks = submitted(&[(BatchType::RrAdd, &[Fate::Succeeds])]);
        let id = tasks.ids().next();

        assert_eq!(state(&tasks, Wanted { id: Some(1), batch: None }, 9), None);
        assert_eq!(state(&tasks, Wanted { id, batch: Some(BatchType::DomainAdd) }, 9), None);
        assert_eq!(state(&tasks, Wanted { id, batch: Some(BatchType::RrAdd) }, 9), Some(State::Completed));
    }

    #[test]
    fn ids_lie_beyond_32_bits_and_rise() {
        let tasks = submitted(&[(BatchType::RrAdd, &[]), (BatchType::RrDel, &[]), (BatchType::RrDel, &[])]);

        let ids: Vec<i64> = tasks.ids().collect();

        assert!(ids[0] > 4_294_967_295, "{ids:?}");
        assert!(ids[0] < ids[1] && ids[1] < ids[2], "{ids:?}");
    }

    #[test]
    fn another_seed_gives_other_ids() {
        let first = |seed| Tasks::new(seed).submit(BatchType::RrAdd, [], 0);

        assert_eq!(first(1), first(1));
        assert_ne!(first(1), first(2));
    }

    #[test]
    fn a_world_holds_its_tasks_from_the_beginning() {
        let past =
            PastTask { age_seconds: LONG_AGO, batch: BatchType::DomainDel, failing: 1, succeeding: 3, variable: None };

        let tasks = Tasks::of(&World { tasks: vec![past], ..World::default() }, 1_000_000);
        let progress = tasks.progress(Wanted::default(), 1_000_000).expect("the world holds a task");

        assert_eq!((progress.state, progress.batch), (State::Completed, BatchType::DomainDel));
        assert_eq!((progress.total, progress.succeeded, progress.failed), (4, 3, 1));
    }

    fn fate() -> impl Strategy<Value = Fate> {
        prop_oneof![Just(Fate::Fails), Just(Fate::Succeeds)]
    }

    proptest! {
        /// SCH-30, SCH-31 and SCH-48, whatever is submitted and whenever it is asked for.
        #[test]
        fn counts_add_up_and_never_fall(
            seed: u64,
            batches in prop::collection::vec(prop::collection::vec(fate(), 0..20), 1..5),
            waits in prop::collection::vec(0_i64..12, 1..12),
        ) {
            let mut tasks = Tasks::new(seed);
            let ids: Vec<i64> = batches.iter().map(|fates| tasks.submit(BatchType::RrAdd, fates.iter().copied(), 0)).collect();

            for (id, fates) in ids.into_iter().zip(&batches) {
                let wanted = Wanted { id: Some(id), batch: None };
                let mut now_seconds = 0;
                let mut before = tasks.progress(wanted, 0).expect("the task was submitted");
                for wait in &waits {
                    now_seconds += wait;
                    let after = tasks.progress(wanted, now_seconds).expect("the task was submitted");

                    prop_assert_eq!(after.total as usize, fates.len());
                    prop_assert!(after.succeeded + after.failed <= after.total);
                    prop_assert_eq!(after.state != State::Processing, after.succeeded + after.failed == after.total);
                    prop_assert!(after.succeeded >= before.succeeded && after.failed >= before.failed);
                    prop_assert!(before.state == State::Processing || before == after);
                    before = after;
                }
            }
        }
    }
}
