//! One scenario, from a front to a cassette.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::embedded::LOOPBACK;
use super::error::RecordError;
use super::probing::probing;
use super::recorder::Recorder;
use super::twin::Side;
use super::upstream::Upstream;
use crate::cassettes::{Answers, Asked, Cassette, Interaction};
use crate::clients::{Bundled, Client as _, Endpoint, Sending, Stamp, Transport, Trust};
use crate::contract::{KeyState, Method, Name, Operation, Poll, Probe, Reading, Scenario, Step, Value, World};
use crate::front::{Front, Intake};
use crate::gateway::{Gateway, Refusal};
use crate::signing::{Key, Keyring};
use crate::wire::Clock;

/// One scenario that is being recorded, with all that it takes.
pub struct Session<'s> {
    /// What is asked.
    pub scenario: &'s Scenario,
    /// Whom.
    pub upstream: &'s Upstream,
    /// The values of its variables.
    pub variables: &'s BTreeMap<String, String>,
    /// What time it is.
    pub clock: &'s Clock,
    /// Whether a poll waits between two calls.
    pub waiting: Waiting,
    /// Is told of each call of a poll that waits: its scenario, and how many there were.
    pub on_poll: fn(&Name, u32),
}

/// Whether a poll waits between two calls.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Waiting {
    /// Each call moves the upstream's time on.
    Never,
    /// As long as the scenario says.
    AsTold,
}

impl Session<'_> {
    /// Makes the calls of the scenario through a front and real HTTP, or sends its probes; what comes of it stands in
    /// the file `folder`/SCENARIO`.json`.
    ///
    /// # Errors
    /// [`RecordError`] at the first call that does not give what can be kept.
    pub async fn record(&self, folder: &Name) -> Result<Cassette, RecordError> {
        let interactions = if self.scenario.is_probe() { self.probe().await? } else { self.call().await? };
        Ok(Cassette {
            path: format!("{folder}/{}.json", self.scenario.name),
            note: Some(self.scenario.note.clone()),
            provenance: self.upstream.provenance(&day(self.clock)),
            interactions,
        })
    }

    async fn call(&self) -> Result<Vec<Interaction>, RecordError> {
        let operations = Operation::all().iter().map(|known| (known.action.as_str(), known.version.as_str())).collect();
        let intake = Intake::new(Gateway::new(Keyring::test(), operations), self.clock.clone(), Vec::new());
        let recorder = Arc::new(Recorder::new(intake, self.upstream.clone(), Some(self.scenario.name.clone())));
        let front = Front::open(LOOPBACK.into(), recorder.clone()).await?;
        let mut called = Ok(());
        for step in &self.scenario.steps {
            called = self.take(step, &front.url()).await;
            if called.is_err() {
                break;
            }
        }
        front.close().await;
        // What the recorder says of a lost answer is the cause of what the client read.
        let tape = recorder.finish().remove(&self.scenario.name).unwrap_or(Err(RecordError::Unasked))?;
        called?;
        tape.interactions_of(&self.scenario.steps).ok_or(RecordError::Unasked)
    }

    async fn take(&self, step: &Step, url: &str) -> Result<(), RecordError> {
        let endpoint = Endpoint::new(url, Key::test());
        let client = self.client(step)?;
        let call = step.call(self.variables);
        let at_most = step.poll.map_or(1, |poll| poll.at_most);
        for number in 1..=at_most {
            let reading = client.call(&endpoint, &call).await?;
            self.check(step, &reading)?;
            let Some(poll) = step.poll.filter(|poll| number < at_most && goes_on(*poll, &reading)) else { break };
            if self.waiting == Waiting::AsTold {
                (self.on_poll)(&self.scenario.name, number);
                tokio::time::sleep(Duration::from_secs(poll.every_seconds.into())).await;
            }
        }
        Ok(())
    }

    /// Whether an answer is worth keeping: a refusal that has nothing to do with what was asked is not, unless the
    /// scenario is about such refusals.
    fn check(&self, step: &Step, reading: &Reading) -> Result<(), RecordError> {
        let step = step.id.to_string();
        match reading {
            Reading::Answer(_) if self.is_about_a_bad_key() => Err(RecordError::Taken { step }),
            Reading::Answer(_) => Ok(()),
            Reading::Refused { status, code, .. } => {
                let refusal = Refusal::new(code.clone().unwrap_or_default(), status.unwrap_or_default(), "");
                self.unwanted(step, &refusal).map_or(Ok(()), Err)
            }
            Reading::Unreadable { why, .. } => Err(RecordError::Unreadable { step, why: why.clone() }),
        }
    }

    fn unwanted(&self, step: String, refusal: &Refusal) -> Option<RecordError> {
        let code = refusal.code.clone();
        if refusal.status >= 500 {
            Some(RecordError::TurnedDown { step, code })
        } else if self.wants(&code) || !(refusal.is_of_the_gateway() || refusal.is_of_the_account()) {
            None
        } else if OF_CREDENTIALS.iter().any(|known| code.starts_with(known)) {
            Some(RecordError::NotTaken { step, code })
        } else {
            Some(RecordError::TurnedDown { step, code })
        }
    }

    fn wants(&self, code: &str) -> bool {
        let World { key, calls_before_throttling, .. } = &self.scenario.world;
        match key {
            KeyState::Active | KeyState::Temporary => {
                calls_before_throttling.is_some() && code.starts_with("Throttling")
            }
            KeyState::Denied => code.starts_with("Forbidden") || code.starts_with("NoPermission"),
            KeyState::Disabled => code.starts_with("InvalidAccessKeyId") && code != "InvalidAccessKeyId.NotFound",
        }
    }

    fn is_about_a_bad_key(&self) -> bool {
        matches!(self.scenario.world.key, KeyState::Denied | KeyState::Disabled)
    }

    async fn probe(&self) -> Result<Vec<Interaction>, RecordError> {
        let mut stamps: BTreeMap<&Name, Stamp> = BTreeMap::new();
        let mut interactions = Vec::new();
        for step in &self.scenario.steps {
            let Some(probe) = &step.probe else { return Err(RecordError::Unasked) };
            let client = self.client(step)?;
            let fresh = client.stamp()?;
            let nonce = probe.nonce_of.as_ref().and_then(|of| stamps.get(of)).map(|stamp| stamp.nonce.clone());
            let stamp = Stamp { nonce: nonce.unwrap_or_else(|| fresh.nonce.clone()), time: fresh.time };
            interactions.push(self.exhibit(step, probe, &stamp, &client).await?);
            stamps.insert(&step.id, stamp);
        }
        Ok(interactions)
    }

    async fn exhibit(
        &self,
        step: &Step,
        probe: &Probe,
        stamp: &Stamp,
        client: &Bundled,
    ) -> Result<Interaction, RecordError> {
        let upstream = Side { host: self.upstream.host(), key: self.upstream.key() };
        let twin = probing(step, probe, self.variables, stamp, client, upstream);
        let answer = self.upstream.send(&twin.sent).await.map_err(RecordError::Transport)?;
        let (answer, note) = twin.retold(&answer);
        let asked = Asked::of(twin.taped.raw().clone()).ok_or(RecordError::Unasked)?;
        let id = step.id.to_string();
        Ok(Interaction { id, note, exhibit: true, constructed: false, asked, answers: Answers::one(answer) })
    }

    fn client(&self, step: &Step) -> Result<Bundled, RecordError> {
        let sending = match step.method {
            Method::Get => Sending::Get,
            Method::PostForm => Sending::PostForm,
            Method::PostQuery => Sending::PostQuery,
        };
        // Behind the front there is the upstream, which has a limit of its own.
        let transport = Transport::new(Trust::Nobody, TIME_LIMIT).map_err(RecordError::Transport)?;
        Ok(Bundled::new(step.scheme, sending, self.clock.clone(), transport))
    }
}

fn goes_on(poll: Poll, reading: &Reading) -> bool {
    let status = reading.fields().and_then(|fields| fields.get("Status"));
    status == Some(&Value::Integer(poll.while_status.into()))
}

/// As `2026-11-24`.
pub fn day(clock: &Clock) -> String {
    clock.now().to_string().chars().take("2026-11-24".len()).collect()
}

const TIME_LIMIT: Duration = Duration::from_secs(120);
const OF_CREDENTIALS: &[&str] = &[
    "Forbidden",
    "InvalidAccessKeyId",
    "InvalidSecurityToken",
    "MissingSecurityToken",
    "NoPermission",
    "SignatureDoesNotMatch",
];
