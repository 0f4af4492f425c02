//! The simulator as an origin.

use super::service::{Answered, Origin, Service};
use crate::checks::{Breach, noted};
use crate::contract::{Scenarios, World};
use crate::gateway::{Admitted, Gateway, Refusal, System};
use crate::signing::{Key, Keyring};
use crate::simulator::Simulator;
use crate::wire::{Clock, Timestamp};

impl Service<Simulator> {
    /// Simulates the batch service to clients that hold the public test key, and to those that hold `key`.
    ///
    /// The account of each access key id begins empty, that of `testid-SCENARIO` in the world of the scenario.
    pub fn simulating(key: Option<Key>, clock: Clock) -> Self {
        let worlds = Scenarios::shipped().all.iter().map(|scenario| (scenario.name.as_str(), scenario.world.clone()));
        let empty = Simulator::new(World::default());
        let simulator = worlds.fold(empty, |simulator, (name, world)| simulator.with_scenario(name, world));
        let service = |keys: Keyring, simulator: Simulator| {
            Self::new(Gateway::new(keys, Simulator::OPERATIONS.into_iter().collect()), simulator, clock)
        };
        let Some(key) = key.filter(|key| !key.is_public()) else { return service(Keyring::test(), simulator) };
        let simulator = match key.token.clone() {
            Some(token) => simulator.with_token(&*key.id, token),
            None => simulator,
        };
        service(Keyring::test().with(key.clone()), simulator).hiding(&key)
    }
}

impl Origin for Simulator {
    fn answer(&self, admitted: &Admitted, now: Timestamp) -> Answered {
        let system = System::of(admitted.request());
        match self.unknown_scenario(&system.key_id().unwrap_or_default()) {
            Some(named) => missed(self, named),
            None => {
                let action = system.action().unwrap_or_default().into_owned();
                Answered::Stored { interaction: action, response: Self::answer(self, admitted, now) }
            }
        }
    }
}

/// Whoever names a scenario wants its world, and no other.
fn missed(simulator: &Simulator, named: &str) -> Answered {
    let known = simulator.scenarios().collect::<Vec<_>>().join(", ");
    let message = format!("there is no scenario {named:?}; there is {known}");
    let breach = Breach::new("an access key id that names a scenario", &message);
    let refusal = Refusal::new("SimulatorUnknownScenario", 400, message);
    Answered::Missed { refusal, finding: Box::new(noted("REP-01", breach)) }
}
