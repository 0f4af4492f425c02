//! `serve --record`: whatever clients ask, recorded into the scenarios that they name.

use std::sync::Arc;

use super::exit::Failure;
use super::record::{Source, Which, path_of};
use crate::cassettes::{Cassette, Folder, Provenance};
use crate::contract::{KeyKind, Name, Operation, Order, Scenarios};
use crate::front::Intake;
use crate::gateway::Gateway;
use crate::recording::{Embedded, Outcome, RecordError, Recorded, Recorder, Skip, Tape, Upstream, day, world_of};
use crate::signing::Keyring;
use crate::simulator::Simulator;
use crate::wire::Clock;

/// Clients that record, each into the scenario that its key id names.
pub(super) struct Clients {
    recorder: Arc<Recorder>,
    upstream: Upstream,
    embedded: Option<Embedded>,
    clock: Clock,
}

impl Clients {
    /// Is ready for them. `unnamed` is the scenario of those that name none; the embedded upstream begins in its world.
    pub(super) async fn open(
        source: Source,
        unnamed: Option<Name>,
        clock: &Clock,
        max_skew_seconds: u64,
    ) -> Result<Self, Failure> {
        let (embedded, upstream) = match source {
            Source::At(upstream) => (None, upstream),
            Source::Embedded => {
                let embedded = Embedded::for_clients(unnamed.as_ref(), clock.clone()).await?;
                let upstream = embedded.upstream(KeyKind::Any)?;
                (Some(embedded), upstream)
            }
        };
        let operations = if embedded.is_some() { Simulator::OPERATIONS.to_vec() } else { known() };
        let gateway = Gateway::new(Keyring::test(), operations.into_iter().collect()).with_max_skew(max_skew_seconds);
        // A client that signs with the real key by mistake is turned down, and not shown.
        let intake = Intake::new(gateway, clock.clone(), Vec::new()).hiding(upstream.key());
        let recorder = Arc::new(Recorder::new(intake, upstream.clone(), unnamed));
        Ok(Self { recorder, upstream, embedded, clock: clock.clone() })
    }

    /// What they ask.
    pub(super) fn recorder(&self) -> Arc<Recorder> {
        self.recorder.clone()
    }

    /// Seals, accepts and stores what they have recorded, scenario by scenario.
    pub(super) fn store(&self, which: Which, folder: &Folder) -> Vec<Recorded> {
        let reels = self.recorder.finish().into_iter();
        let stored = |(scenario, reel): (Name, Result<Tape, RecordError>)| {
            if which == Which::New && folder.holds(&path_of(&scenario)) {
                return Recorded::without_answers(scenario, Outcome::Skipped(Skip::HasFile));
            }
            let recorded = reel.map(|tape| self.cassette(&scenario, tape));
            Recorded::stored(scenario, recorded, self.upstream.key(), Order::Any, folder)
        };
        reels.map(stored).collect()
    }

    fn cassette(&self, scenario: &Name, tape: Tape) -> Cassette {
        let provenance = match &self.embedded {
            Some(_) => Provenance::Simulated { seed: world_of(scenario).seed },
            None => self.upstream.provenance(&day(&self.clock)),
        };
        let note = Scenarios::shipped().named(scenario.as_str()).map(|known| known.note.clone());
        Cassette { path: path_of(scenario), note, provenance, interactions: tape.interactions() }
    }
}

/// What a service may be asked: nothing that the contract does not know to change nothing.
fn known() -> Vec<(&'static str, &'static str)> {
    Operation::all().iter().map(|known| (known.action.as_str(), known.version.as_str())).collect()
}
