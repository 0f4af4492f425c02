//! Answers in a fixed order, whatever is asked.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::wire::Response;

/// A fixed list of answers: the first call gets the first one, whatever it asks.
#[derive(Debug)]
pub struct Script {
    answers: Vec<Response>,
    given: AtomicUsize,
}

impl Script {
    /// Gives `answers` once each.
    pub fn new(answers: Vec<Response>) -> Self {
        Self { answers, given: AtomicUsize::new(0) }
    }

    /// The next answer; none past the last.
    pub fn next_answer(&self) -> Option<&Response> {
        let due = self.given.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |given| {
            (given < self.answers.len()).then_some(given + 1)
        });
        self.answers.get(due.ok()?)
    }

    /// How many were given.
    pub fn given(&self) -> usize {
        self.given.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Headers;

    #[test]
    fn each_answer_is_given_once_and_in_order() {
        let answer = |status| Response { status, headers: Headers::new(), body: Vec::new() };
        let script = Script::new(vec![answer(503), answer(200)]);

        let statuses: Vec<_> = (0..4).map(|_| script.next_answer().map(|answer| answer.status)).collect();

        assert_eq!(statuses, [Some(503), Some(200), None, None]);
        assert_eq!(script.given(), 2);
    }
}
