//! Plays cassettes to a client, and judges what it sends and what it understands.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::case::{call_of, reading_of};
use super::judgement::{JudgedCassette, JudgedExchange, JudgedInteraction, Judgement, Part};
use crate::cassettes::{Asked, Cassette, Cassettes, Interaction};
use crate::checks::{
    Asking, Breach, Finding, Observation, Run, Standing, Subject, Understood, check, findings, outcomes,
};
use crate::clients::{Client, Endpoint, Skipped};
use crate::contract::{Call, Operation, Reading, decode};
use crate::front::{Front, Handler, ListenError, Service, Unreadable};
use crate::gateway::{Gateway, Operations, Refusal};
use crate::playback::Player;
use crate::signing::{Key, Keyring, verify};
use crate::wire::{Clock, RawRequest, Request, Response};

/// Plays every cassette to `client`, one at a time on a front of its own, with the calls that the cassette's
/// requests make.
///
/// Exhibits are read by us and not played.
///
/// # Errors
/// [`ListenError`] where loopback has no free port.
pub async fn judge(client: &impl Client, cassettes: &Cassettes, clock: &Clock) -> Result<Judgement, ListenError> {
    let mut run = Run::of(Subject::Client);
    let mut judged = Vec::new();
    for cassette in cassettes {
        judged.push(judge_cassette(client, cassette, clock, &mut run).await?);
    }
    Ok(Judgement { cassettes: judged })
}

async fn judge_cassette(
    client: &impl Client,
    cassette: &Cassette,
    clock: &Clock,
    run: &mut Run,
) -> Result<JudgedCassette, ListenError> {
    let mut stage = Stage::open(cassette, clock, run).await?;
    let mut interactions = Vec::new();
    for interaction in &cassette.interactions {
        interactions.push(match &interaction.asked {
            Asked::Request(request, _) if !interaction.exhibit => {
                stage.play(client, interaction, &call_of(request)).await
            }
            _ => exhibit(interaction),
        });
    }
    stage.front.close().await;
    let (name, provenance) = (cassette.name().to_owned(), cassette.provenance.clone());
    Ok(JudgedCassette { name, provenance, interactions })
}

fn exhibit(interaction: &Interaction) -> JudgedInteraction {
    let asked = match &interaction.asked {
        Asked::Raw(raw) => String::from_utf8_lossy(&raw.target).into_owned(),
        Asked::Request(request, _) => call_of(request).to_string(),
    };
    let exchange = |answer: &Response| JudgedExchange {
        asked: asked.clone(),
        signature: Some(interaction.asked.signed().name()),
        answered: Some(answer.status),
        read: reading_of(&interaction.asked, answer)
            .ok_or_else(|| Skipped::because("there is no contract for this action")),
        findings: Vec::new(),
    };
    let exchanges = interaction.answers.iter().map(exchange).collect();
    JudgedInteraction { id: interaction.id.clone(), part: Part::Exhibit, exchanges }
}

/// A cassette, ready to be played to a client.
struct Stage<'a> {
    front: Front,
    observed: Arc<Observed>,
    gateway: Gateway,
    clock: &'a Clock,
    run: &'a mut Run,
}

impl<'a> Stage<'a> {
    async fn open(cassette: &Cassette, clock: &'a Clock, run: &'a mut Run) -> Result<Self, ListenError> {
        let operations = operations(cassette);
        let player =
            Player::new([cassette.clone()].into_iter().collect()).expect("one cassette shares its name with none");
        let service = Service::new(Gateway::new(Keyring::test(), operations.clone()), player, clock.clone());
        let observed = Arc::new(Observed { service, seen: Mutex::default() });
        let address = "127.0.0.1:0".parse().expect("an address of loopback");
        let front = Front::open(address, observed.clone()).await?;
        Ok(Self { front, observed, gateway: Gateway::new(Keyring::test(), operations), clock, run })
    }

    async fn play(&mut self, client: &impl Client, interaction: &Interaction, call: &Call) -> JudgedInteraction {
        let endpoint = Endpoint::new(self.front.url(), Key::test());
        let mut exchanges = Vec::new();
        for due in interaction.answers.iter() {
            let read = client.call(&endpoint, call).await;
            exchanges.push(self.judge(call, due, read));
        }
        JudgedInteraction { id: interaction.id.clone(), part: Part::Played, exchanges }
    }

    fn judge(&mut self, call: &Call, due: &Response, read: Result<Reading, Skipped>) -> JudgedExchange {
        let seen = std::mem::take(&mut *self.observed.seen());
        let mut findings = Vec::new();
        for seen in &seen {
            findings.extend(self.wrongly_asked(seen, call, read.as_ref().ok()));
        }
        let last = seen.iter().rev().find_map(Seen::exchange);
        if let Ok(reading) = &read {
            findings.extend(missed(last.map(|(_, response)| response), due));
            findings.extend(last.into_iter().flat_map(|(_, response)| misread(call, response, reading)));
        }
        JudgedExchange {
            asked: call.to_string(),
            signature: last.map(|(request, _)| standing(request).name()),
            answered: last.map(|(_, response)| response.status),
            read,
            findings,
        }
    }

    fn wrongly_asked(&mut self, seen: &Seen, call: &Call, reading: Option<&Reading>) -> Vec<Finding> {
        let (raw, response) = match seen {
            Seen::Exchange(raw, response) => (raw, response),
            Seen::Unreadable(unreadable) => return unparsable(unreadable).into_iter().collect(),
        };
        let Ok(request) = Request::parse(raw.clone()) else { return Vec::new() };
        let now = self.clock.now();
        let refusals: Vec<Refusal> = self.gateway.refusals(&request, now).collect();
        let observation = Observation::Asked(Asking {
            request: &request,
            verdict: &verify(&request, &Keyring::test()),
            refusals: &refusals,
            key: Some(&Key::test()),
            now,
            call: Some(call),
            outcome: reading.map(|reading| (response, reading)),
        });
        let mut judged = outcomes(&observation);
        judged.extend(self.run.step(&observation));
        findings(judged)
    }
}

/// A service that keeps what it was asked, one call at a time.
struct Observed {
    service: Service<Player>,
    seen: Mutex<Vec<Seen>>,
}

enum Seen {
    Exchange(RawRequest, Response),
    Unreadable(Unreadable),
}

impl Seen {
    fn exchange(&self) -> Option<(&RawRequest, &Response)> {
        match self {
            Self::Exchange(request, response) => Some((request, response)),
            Self::Unreadable(_) => None,
        }
    }
}

impl Observed {
    fn seen(&self) -> MutexGuard<'_, Vec<Seen>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Handler for Observed {
    async fn answer(&self, request: RawRequest) -> Response {
        let response = self.service.answer(request.clone());
        self.seen().push(Seen::Exchange(request, response.clone()));
        response
    }

    fn note(&self, unreadable: Unreadable) {
        self.seen().push(Seen::Unreadable(unreadable));
    }
}

fn operations(cassette: &Cassette) -> Operations {
    let requests = cassette.interactions.iter().filter_map(|interaction| interaction.asked.request());
    requests.map(call_of).map(|call| (call.action, call.version)).collect()
}

fn misread(call: &Call, response: &Response, reading: &Reading) -> Vec<Finding> {
    let Some(operation) = Operation::named(&call.action, &call.version) else { return Vec::new() };
    let decoded = decode(response, operation);
    findings(outcomes(&Observation::Understood(Understood { response, decoded: &decoded, operation, reading })))
}

fn standing(raw: &RawRequest) -> Standing {
    let request = Request::parse(raw.clone());
    request.map_or(Standing::Malformed, |request| Standing::of(&verify(&request, &Keyring::test())))
}

/// A client that says it called has to have asked, and to have been answered what is stored.
fn missed(answered: Option<&Response>, due: &Response) -> Option<Finding> {
    let got = match answered {
        None => "no request".to_owned(),
        Some(response) if response == due => return None,
        Some(response) => String::from_utf8_lossy(&response.body).into_owned(),
    };
    Some(check("REP-01")?.finding(Breach::new("a request that gets the stored answer", got)))
}

fn unparsable(unreadable: &Unreadable) -> Option<Finding> {
    let got = format!("{} ({})", unreadable.head.escape_ascii(), unreadable.why);
    Some(check("WIR-01")?.finding(Breach::new("a request", got)))
}
