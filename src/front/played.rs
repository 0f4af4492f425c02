//! A player as an origin.

use super::service::{Answered, Origin, Service};
use crate::cassettes::Cassettes;
use crate::checks::{Breach, Finding, noted};
use crate::contract::Operation;
use crate::gateway::{Admitted, Gateway};
use crate::playback::{Decision, Player, SharedStem};
use crate::signing::Keyring;
use crate::wire::{Clock, Timestamp};

impl Service<Player> {
    /// Plays `cassettes` to clients that hold the public test key.
    ///
    /// The gateway knows the actions that the cassettes ask for, and those of the contract.
    ///
    /// # Errors
    /// [`SharedStem`] where two cassettes have one name.
    pub fn playing(cassettes: Cassettes, clock: Clock) -> Result<Self, SharedStem> {
        let mut operations = cassettes.operations();
        operations.extend(Operation::all().iter().map(|known| (known.action.as_str(), known.version.as_str())));
        Ok(Self::new(Gateway::new(Keyring::test(), operations), Player::new(cassettes)?, clock))
    }
}

impl Origin for Player {
    fn answer(&self, admitted: &Admitted, _now: Timestamp) -> Answered {
        let decision = self.decide(admitted);
        match &decision {
            Decision::Exhausted { stored } => {
                let count = stored.interaction.answers.count();
                let breach = Breach::new(format_args!("{count} calls at the most"), "one more").at(stored);
                missed(&decision, noted("REP-02", breach))
            }
            Decision::Hit { stored, answer } => {
                Answered::Stored { interaction: stored.to_string(), response: (*answer).clone() }
            }
            Decision::Miss(miss) => missed(&decision, noted("REP-01", Breach::new("a request of a cassette", miss))),
            Decision::UnknownScenario(unknown) => {
                missed(&decision, noted("REP-01", Breach::new("an access key id that names a cassette", unknown)))
            }
        }
    }

    fn interactions(&self) -> Vec<String> {
        self.playable().map(|stored| stored.to_string()).collect()
    }
}

fn missed(decision: &Decision<'_>, finding: Finding) -> Answered {
    let refusal = decision.refusal().expect("only a hit has no refusal");
    Answered::Missed { refusal, finding: Box::new(finding) }
}
