//! The simulator as an origin.

use super::service::{Answered, Origin};
use crate::gateway::{Admitted, System};
use crate::simulator::Simulator;
use crate::wire::Clock;

/// A simulator that tells the time by a clock; its answers are counted by action.
#[derive(Debug)]
pub struct Simulated {
    simulator: Simulator,
    clock: Clock,
}

impl Simulated {
    /// Answers from `simulator`, at the time of `clock`.
    pub fn new(simulator: Simulator, clock: Clock) -> Self {
        Self { simulator, clock }
    }
}

impl Origin for Simulated {
    fn answer(&self, admitted: &Admitted) -> Answered {
        let action = System::of(admitted.request()).action().unwrap_or_default();
        let response = self.simulator.answer(admitted, self.clock.now());
        Answered::Stored { interaction: action.into_owned(), response }
    }
}
