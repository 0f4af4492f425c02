//! Carries admitted requests to an upstream, and keeps what it answers.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::error::RecordError;
use super::tape::{Taken, Tape};
use super::twin::{Side, Twin};
use super::upstream::Upstream;
use crate::cassettes::{Redaction, StandIn};
use crate::contract::{Name, is_html};
use crate::front::{Handler, Intake, Receipt, Received, Unreadable};
use crate::gateway::{self, Refusal, System};
use crate::signing::{Key, Scheme, Secret, TestKeyId};
use crate::wire::{Document, RawRequest, Response, with_causes};

/// Lets requests in as the service would, carries them to its one upstream under the real key, and keeps a tape of each
/// scenario.
///
/// `testid-SCENARIO` records into that scenario, `testid` into the one that was named at the start.
pub struct Recorder {
    intake: Intake,
    upstream: Upstream,
    unnamed: Option<Name>,
    reels: Mutex<BTreeMap<Name, Reel>>,
}

/// What a recording gives: a tape of each scenario, or why there is none.
pub type Reels = BTreeMap<Name, Reel>;

/// The tape of one scenario, or why there is none.
pub type Reel = Result<Tape, RecordError>;

impl Recorder {
    /// Records from `upstream` what `intake` lets in; `unnamed` is the scenario of requests that name none.
    pub fn new(intake: Intake, upstream: Upstream, unnamed: Option<Name>) -> Self {
        Self { intake, upstream, unnamed, reels: Mutex::default() }
    }

    /// What was recorded until now. A scenario in which one answer was lost has none.
    pub fn finish(&self) -> Reels {
        std::mem::take(&mut *self.reels())
    }

    /// What came by until now.
    pub fn receipt(&self) -> Receipt {
        self.intake.receipt()
    }

    async fn carry(&self, received: &Received, heading: &Heading) -> Result<Response, RecordError> {
        let request = received.admitted.request();
        let scheme = received.admitted.claim().map_or(Scheme::HmacSha1, |claim| claim.scheme);
        if scheme == Scheme::HmacSha1 && request.opaque_body().is_some() {
            return Err(RecordError::OpaqueBody);
        }
        let key = self.key_for(&heading.client);
        let twin = Twin::of(request, scheme, Side { host: self.upstream.host(), key: &key });
        let answer = self.upstream.send(&twin.sent).await.map_err(RecordError::Transport)?;
        check_readable(&answer)?;
        let for_client = heading.told(&key, &answer);
        let (answer, note) = twin.retold(&answer);
        let taken = Taken { request: twin.taped, lane: heading.lane.clone(), answer, note };
        self.keep(heading, taken)?;
        Ok(for_client)
    }

    fn keep(&self, heading: &Heading, taken: Taken) -> Result<(), RecordError> {
        let mut reels = self.reels();
        let reel = reels.entry(heading.scenario.clone()).or_insert_with(|| Ok(Tape::default()));
        let kept = reel.as_mut().map_or(true, |tape| tape.add(taken));
        if kept { Ok(()) } else { Err(RecordError::TooMuch) }
    }

    /// Who knows the public test key knows it under every id of its family, and may tell those apart.
    fn key_for(&self, client: &Key) -> Key {
        let key = self.upstream.key();
        if key.is_public() { Key { id: client.id.clone(), ..key.clone() } } else { key.clone() }
    }

    fn heading(&self, received: &Received) -> Result<Heading, Refusal> {
        let client = client_key(received);
        let id = TestKeyId::parse(&client.id).unwrap_or_default();
        let lane = id.lane.map(str::to_owned);
        let scenario = match id.scenario {
            Some(named) => Name::parse(named).map_err(|bad| no_scenario(&format!("{bad}: {}", bad.help())))?,
            None => self.unnamed.clone().ok_or_else(|| no_scenario(NO_SCENARIO))?,
        };
        Ok(Heading { scenario, lane, client })
    }

    /// The client is told, and the scenario is not stored.
    fn fail(&self, received: &Received, heading: &Heading, error: RecordError) -> Response {
        let refusal = Refusal::new("RecordFailed", 400, with_causes(&error));
        let mut reels = self.reels();
        let reel = reels.entry(heading.scenario.clone()).or_insert_with(|| Ok(Tape::default()));
        if reel.is_ok() {
            *reel = Err(error);
        }
        drop(reels);
        self.intake.turn_down(received, &refusal)
    }

    fn reels(&self) -> MutexGuard<'_, BTreeMap<Name, Reel>> {
        self.reels.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Handler for Recorder {
    async fn answer(&self, request: RawRequest) -> Response {
        let received = match self.intake.receive(request) {
            Ok(received) => received,
            Err(refusal) => return refusal,
        };
        let heading = match self.heading(&received) {
            Ok(heading) => heading,
            Err(refusal) => return self.intake.turn_down(&received, &refusal),
        };
        match self.carry(&received, &heading).await {
            Ok(answer) => {
                self.intake.count_served(&received, heading.scenario.as_str());
                answer
            }
            Err(error) => self.fail(&received, &heading, error),
        }
    }

    fn note(&self, unreadable: Unreadable) {
        self.intake.note(&unreadable);
    }
}

/// Whose tape an exchange goes onto.
#[derive(Clone, Debug)]
struct Heading {
    scenario: Name,
    lane: Option<String>,
    /// The public test key, under the id and with the token that the client uses.
    client: Key,
}

impl Heading {
    /// The answer as the client may see it.
    fn told(&self, real: &Key, answer: &Response) -> Response {
        let token = self.client.token.as_ref().map(Secret::expose);
        Redaction::new(Some(real), StandIn::Client { id: &self.client.id, token }).response(answer)
    }
}

fn client_key(received: &Received) -> Key {
    let system = System::of(received.admitted.request());
    let id = system.key_id().unwrap_or_default().into_owned();
    Key { id, token: system.token().map(|token| Secret::new(token.as_bytes())), ..Key::test() }
}

/// What is no answer of the service is not recorded, and neither is what could not be searched for secrets.
fn check_readable(answer: &Response) -> Result<(), RecordError> {
    if answer.headers.text("Content-Encoding").is_some_and(|coding| !coding.eq_ignore_ascii_case("identity")) {
        return Err(RecordError::Encoded);
    }
    if gateway::read(answer).is_some_and(|refusal| refusal.code == "SimulatorUnknownScenario") {
        return Err(RecordError::NoWorld);
    }
    match Document::parse(&answer.body) {
        Ok(_) if !is_html(&answer.body) => Ok(()),
        _ => Err(RecordError::NoAnswer { status: answer.status }),
    }
}

fn no_scenario(message: &str) -> Refusal {
    Refusal::new("RecordNoScenario", 400, message)
}

const NO_SCENARIO: &str = "the access key id names no scenario to record into: use testid-SCENARIO";
