//! The simulator as an origin.

use super::service::{Answered, Origin};
use crate::gateway::{Admitted, System};
use crate::simulator::Simulator;
use crate::wire::Timestamp;

impl Origin for Simulator {
    fn answer(&self, admitted: &Admitted, now: Timestamp) -> Answered {
        let action = System::of(admitted.request()).action().unwrap_or_default().into_owned();
        Answered::Stored { interaction: action, response: Self::answer(self, admitted, now) }
    }
}
