//! The player as an origin.

use super::service::{Answered, Origin};
use crate::gateway::Admitted;
use crate::playback::{Decision, Player};

impl Origin for Player {
    fn answer(&self, admitted: &Admitted) -> Answered {
        let decision = self.decide(admitted);
        if let Decision::Hit { stored, answer } = decision {
            return Answered::Stored { interaction: stored.to_string(), response: answer.clone() };
        }
        let refusal = decision.refusal().expect("all but a hit are refusals");
        let report = match decision {
            Decision::Miss(miss) => miss.to_string(),
            _ => refusal.message.clone(),
        };
        Answered::Missed { refusal, report }
    }

    fn interactions(&self) -> Vec<String> {
        self.playable().map(|stored| stored.to_string()).collect()
    }
}
