//! The embedded upstream: a simulator on a front of its own.

use std::sync::Arc;

use super::error::RecordError;
use super::upstream::{Address, Upstream};
use crate::contract::{KeyKind, Name, Scenarios, World};
use crate::front::{Front, Service};
use crate::gateway::Gateway;
use crate::signing::{Key, Keyring};
use crate::simulator::Simulator;
use crate::wire::Clock;

/// A simulator that listens on this machine; it knows the public test key.
#[derive(Debug)]
pub struct Embedded {
    front: Front,
    seed: u64,
}

impl Embedded {
    /// Every account begins in `world`.
    ///
    /// # Errors
    /// [`RecordError`] where loopback has no free port.
    pub async fn open(world: World, clock: Clock) -> Result<Self, RecordError> {
        let seed = world.seed;
        Self::around(Simulator::new(world), seed, clock).await
    }

    /// The account of a key id begins in the world of the scenario that it names, or of `unnamed` where it names none.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn for_clients(unnamed: Option<&Name>, clock: Clock) -> Result<Self, RecordError> {
        let world = unnamed.map(world_of).unwrap_or_default();
        let seed = world.seed;
        let known = Scenarios::shipped().all.iter().map(|scenario| &scenario.name);
        let simulator = known
            .chain(unnamed)
            .fold(Simulator::new(world), |simulator, name| simulator.with_scenario(name.as_str(), world_of(name)));
        Self::around(simulator, seed, clock).await
    }

    async fn around(simulator: Simulator, seed: u64, clock: Clock) -> Result<Self, RecordError> {
        let gateway = Gateway::new(Keyring::test(), Simulator::OPERATIONS.into_iter().collect());
        let front = Front::open(LOOPBACK.into(), Arc::new(Service::new(gateway, simulator, clock))).await?;
        Ok(Self { front, seed })
    }

    /// It as an upstream, for a key of that kind.
    ///
    /// # Errors
    /// [`RecordError`] where the system does not give what HTTP needs.
    pub fn upstream(&self, kind: KeyKind) -> Result<Upstream, RecordError> {
        let address = Address::parse(&self.front.url()).expect("a front's URL is a base URL on this machine");
        let upstream = Upstream::embedded(address, self.seed).map_err(RecordError::Transport)?;
        Ok(match kind {
            KeyKind::Any => upstream,
            KeyKind::Temporary => upstream.with_key(Key::test().with_token("testtoken")),
        })
    }

    /// Stops listening.
    pub async fn close(self) {
        self.front.close().await;
    }
}

/// The world of the scenario of that name; a scenario that the contract does not have begins in an empty one.
pub fn world_of(scenario: &Name) -> World {
    Scenarios::shipped().named(scenario.as_str()).map(|known| known.world.clone()).unwrap_or_default()
}

/// Any free port.
pub const LOOPBACK: ([u8; 4], u16) = ([127, 0, 0, 1], 0);
