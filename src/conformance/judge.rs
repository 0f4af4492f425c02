//! Judges a client: what it sends, and what it understands.

use std::time::Duration;

use super::case::{Case, answer_cases, call_of, exhibit_cases, reading_of, retry_cases, row_cases};
use super::covering::{Factors, Row};
use super::guard::{self, Ended};
use super::judgement::{JudgedCase, JudgedCassette, JudgedExchange, JudgedInteraction, Judgement, Part};
use super::stage::{House, Scripted, Seen, Stage};
use crate::cassettes::{Asked, Cassette, Cassettes, Interaction};
use crate::checks::{
    Answer, AnswerSource, Asked as Question, Asking, Breach, Finding, Observation, Run, SecretSearch, Standing,
    Subject, Understood, findings, found_in_verdict, malformed_encoding, noted, outcomes,
};
use crate::clients::{Client, Endpoint, Skipped};
use crate::contract::{Call, Operation, Reading, decode};
use crate::front::{ListenError, Origin, Service, Unreadable, system_clock};
use crate::gateway::{Gateway, Operations};
use crate::playback::Player;
use crate::signing::{Key, Keyring, Verdict};
use crate::wire::{Clock, Request, Response};

/// What a client is judged by.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Played one at a time, with the calls that their requests make. Exhibits are read by us.
    pub cassettes: Cassettes,
    /// Made-up answers and calls.
    pub cases: Vec<Case>,
    /// What time it is.
    pub clock: Clock,
    /// Who chooses the format of answers.
    pub formats: Formats,
    /// Whose readings are judged.
    pub readings: Readings,
    /// How long a call may take.
    pub time_limit: Duration,
}

/// Whether what a client makes of an answer is judged.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Readings {
    /// It is: the client reads answers by itself.
    Judged,
    /// It is not: the client reads with our own decoder, which would be its own judge.
    Ours,
}

/// Who chooses the format of answers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Formats {
    /// The call does where it has a `Format`; the client reads XML too.
    Called,
    /// The client does, as most do: no call has a `Format`, and what was recorded in XML is not asked for.
    Own,
}

impl Plan {
    /// Everything that ships, by the system's clock.
    pub fn shipped() -> Self {
        let cassettes = Cassettes::shipped();
        let cases = Operation::all().iter().flat_map(|operation| all_cases(operation, &cassettes)).collect();
        Self { cases, ..Self::of(cassettes) }
    }

    /// `cassettes` alone.
    pub fn of(cassettes: Cassettes) -> Self {
        Self {
            cassettes,
            cases: Vec::new(),
            clock: system_clock(),
            formats: Formats::Own,
            readings: Readings::Judged,
            time_limit: TIME_LIMIT,
        }
    }
}

/// The rows that bring every two levels of the operation's factors together, as committed beside its contract.
pub fn committed_rows(factors: &Factors<'_>) -> Vec<Row> {
    factors.read(PAIRS).expect("the committed rows are of this contract: a test holds them to it")
}

/// Judges `client` by everything that ships.
///
/// # Panics
/// Where loopback has no free port.
///
/// # Example
/// ```no_run
/// # use alidns_contract::{Call, Client, Endpoint, Reading, Skipped, judge};
/// # struct MyDns;
/// # impl Client for MyDns {
/// #     async fn call(&self, _: &Endpoint, _: &Call) -> Result<Reading, Skipped> { Err(Skipped::because("")) }
/// # }
/// # async fn in_a_test() {
/// judge(&MyDns).await.assert_clean();
/// # }
/// ```
pub async fn judge(client: &impl Client) -> Judgement {
    judge_by(client, &Plan::shipped()).await.expect("loopback has a free port")
}

/// Judges `client` by `plan`: each cassette and each case on a front of its own.
///
/// # Errors
/// [`ListenError`] where loopback has no free port.
pub async fn judge_by(client: &impl Client, plan: &Plan) -> Result<Judgement, ListenError> {
    let mut judging = Judging { plan, house: House::open(), run: Run::of(Subject::Client), requests: Vec::new() };
    let mut cassettes = Vec::new();
    for cassette in &plan.cassettes {
        cassettes.push(judging.cassette(client, cassette).await?);
    }
    let mut cases = Vec::new();
    for case in &plan.cases {
        cases.push(judging.case(client, case).await?);
    }
    Ok(Judgement { cassettes, cases, requests: judging.requests })
}

/// Judging under way.
struct Judging<'p> {
    plan: &'p Plan,
    house: House,
    run: Run,
    requests: Vec<Request>,
}

impl Judging<'_> {
    async fn cassette(&mut self, client: &impl Client, cassette: &Cassette) -> Result<JudgedCassette, ListenError> {
        let alone: Cassettes = [cassette.clone()].into_iter().collect();
        let operations = alone.operations();
        let player = Player::new(alone).expect("one cassette shares its name with none");
        let stage = self.stage(player, operations).await?;
        let mut interactions = Vec::new();
        for interaction in &cassette.interactions {
            interactions.push(match &interaction.asked {
                Asked::Request(request, _) if !interaction.exhibit => {
                    self.play(client, &stage, interaction, &call_of(request)).await
                }
                _ => exhibit(interaction),
            });
        }
        stage.front.close().await;
        let (name, provenance) = (cassette.name().to_owned(), cassette.provenance.clone());
        Ok(JudgedCassette { name, provenance, interactions })
    }

    async fn case(&mut self, client: &impl Client, case: &Case) -> Result<JudgedCase, ListenError> {
        let known = [(case.call.action.as_str(), case.call.version.as_str())].into_iter().collect();
        let stage = self.stage(Scripted::new(&case.answers), known).await?;
        let exchange = self.exchange(client, &stage, &case.call, &case.key, None).await;
        stage.front.close().await;
        Ok(JudgedCase { name: case.name.clone(), exchange })
    }

    async fn stage<O: Origin>(&self, origin: O, operations: Operations) -> Result<Stage<O>, ListenError> {
        let gateway = Gateway::new(Keyring::test(), operations);
        self.house.stage(Service::new(gateway, origin, self.plan.clock.clone())).await
    }

    async fn play(
        &mut self,
        client: &impl Client,
        stage: &Stage<Player>,
        interaction: &Interaction,
        call: &Call,
    ) -> JudgedInteraction {
        let mut exchanges = Vec::new();
        if self.plan.formats == Formats::Own && call.value("Format").is_some() {
            exchanges.push(not_asked(call));
            return JudgedInteraction { id: interaction.id.clone(), part: Part::Played, exchanges };
        }
        for due in interaction.answers.iter() {
            exchanges.push(self.exchange(client, stage, call, &Key::test(), Some(due)).await);
        }
        JudgedInteraction { id: interaction.id.clone(), part: Part::Played, exchanges }
    }

    async fn exchange<O>(
        &mut self,
        client: &impl Client,
        stage: &Stage<O>,
        call: &Call,
        key: &Key,
        due: Option<&Response>,
    ) -> JudgedExchange {
        let endpoint = Endpoint::new(stage.front.url(), key.clone());
        let ended = guard::call(client, &endpoint, call, self.plan.time_limit).await;
        let mut findings: Vec<Finding> = did_not_return(&ended).into_iter().collect();
        let read = reading_of_end(ended);
        let seen = stage.seen();
        let mut signature = None;
        for seen in &seen {
            let (found, standing) = self.asked(seen, call, key, read.as_ref().ok());
            findings.extend(found);
            signature = standing.or(signature);
        }
        let last = seen.iter().rev().find_map(Seen::response);
        if let Ok(reading) = &read {
            findings.extend(missed(last, due));
            let judged = last.filter(|_| self.plan.readings == Readings::Judged);
            findings.extend(judged.into_iter().flat_map(|response| misread(call, response, reading)));
        }
        JudgedExchange {
            asked: call.to_string(),
            signature: signature.map(Standing::name),
            answered: last.map(|response| response.status),
            read,
            findings,
        }
    }

    /// What is found in a request, and how its signature stands; the latter only where HTTP could be read.
    fn asked(
        &mut self,
        seen: &Seen,
        call: &Call,
        key: &Key,
        reading: Option<&Reading>,
    ) -> (Vec<Finding>, Option<Standing>) {
        let (raw, response) = match seen {
            Seen::Exchange(raw, response) => (raw, response),
            Seen::Unreadable(unreadable) => return (vec![unparsable(unreadable)], None),
        };
        let request = match Request::parse(raw.clone()) {
            Ok(request) => request,
            Err(malformed) => {
                return (malformed_encoding(&malformed).into_iter().collect(), Some(Standing::Malformed));
            }
        };
        let operations = [(call.action.as_str(), call.version.as_str())].into_iter().collect();
        let now = self.plan.clock.now();
        let examined = Gateway::new(Keyring::test(), operations).examine(request, now);
        let (request, verdict) = (examined.request(), examined.verdict());
        let observation = Observation::Asked(Asking {
            request,
            verdict,
            refusals: examined.refusals(),
            secret: Some(&SecretSearch::new(&key.secret)),
            now,
            call: Some(call),
            outcome: reading.map(|reading| (response, reading)),
        });
        let mut judged: Vec<_> = outcomes(&observation).collect();
        judged.extend(self.run.step(&observation));
        self.answered(request, verdict, response, call);
        self.requests.push(request.clone());
        let mut found = findings(judged);
        found.extend(found_in_verdict(request, verdict, &Keyring::test()));
        (found, Some(Standing::of(verdict)))
    }

    /// Rules over several exchanges want to know what came of each.
    fn answered(&mut self, request: &Request, verdict: &Verdict, response: &Response, call: &Call) {
        let Some(operation) = Operation::named(&call.action, &call.version) else { return };
        let decoded = decode(response, operation);
        let asked = Some(Question { request, verdict, call });
        let answer = Answer { response, decoded: &decoded, operation, asked, source: AnswerSource::Scripted };
        self.run.step(&Observation::Answered(answer));
    }
}

fn all_cases(operation: &Operation, cassettes: &Cassettes) -> Vec<Case> {
    let factors = Factors::of(operation);
    let mut cases = row_cases(operation, &factors, &committed_rows(&factors), Formats::Own);
    cases.extend(answer_cases(operation));
    cases.extend(retry_cases(operation));
    cases.extend(exhibit_cases(cassettes, operation));
    cases
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

fn not_asked(call: &Call) -> JudgedExchange {
    let read = Err(Skipped::because("the format is the client's own choice"));
    JudgedExchange { asked: call.to_string(), signature: None, answered: None, read, findings: Vec::new() }
}

fn reading_of_end(ended: Ended) -> Result<Reading, Skipped> {
    let unreadable = |why: String| Ok(Reading::Unreadable { status: None, why });
    match ended {
        Ended::Hung(limit) => unreadable(format!("the client did not return within {} s", limit.as_secs_f32())),
        Ended::Panicked(words) => unreadable(format!("the client panicked: {words}")),
        Ended::Returned(read) => read,
    }
}

fn did_not_return(ended: &Ended) -> Option<Finding> {
    let got = match ended {
        Ended::Hung(limit) => format!("nothing within {} s", limit.as_secs_f32()),
        Ended::Panicked(words) => format!("a panic: {words}"),
        Ended::Returned(_) => return None,
    };
    Some(noted("REP-03", Breach::new("a reading", got)))
}

fn misread(call: &Call, response: &Response, reading: &Reading) -> Vec<Finding> {
    let Some(operation) = Operation::named(&call.action, &call.version) else { return Vec::new() };
    let decoded = decode(response, operation);
    findings(outcomes(&Observation::Understood(Understood { response, decoded: &decoded, operation, reading })))
}

/// A client that says it called has to have asked, and to have been answered what is due.
fn missed(answered: Option<&Response>, due: Option<&Response>) -> Option<Finding> {
    let got = match answered {
        None => "no request".to_owned(),
        Some(response) if due.is_none_or(|due| response == due) => return None,
        Some(response) => String::from_utf8_lossy(&response.body).into_owned(),
    };
    Some(noted("REP-01", Breach::new("a request that gets the answer that is due", got)))
}

fn unparsable(unreadable: &Unreadable) -> Finding {
    let got = format!("{} ({})", unreadable.head.escape_ascii(), unreadable.why);
    noted("WIR-01", Breach::new("a request", got))
}

const TIME_LIMIT: Duration = Duration::from_secs(10);
const PAIRS: &str = include_str!("../../contracts/alidns/2015-01-09/DescribeBatchResultCount.pairs.tsv");
