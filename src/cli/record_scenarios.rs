//! `check --record`: scenarios of the contract, recorded one by one.

use std::collections::BTreeMap;

use clap::Args;
use thiserror::Error;
use tokio::runtime::Runtime;

use super::exit::Failure;
use super::options::CassetteOptions;
use super::record::{Misuse, RecordOptions, Source, Which, path_of};
use crate::cassettes::{Cassette, Folder};
use crate::contract::{KeyKind, Name, Scenario, Scenarios};
use crate::front::system_clock;
use crate::recording::{Embedded, Outcome, RecordError, Recorded, Session, Skip, Upstream, Waiting};
use crate::signing::Key;
use crate::simulator;
use crate::wire::Clock;

/// What the scenarios need beside an upstream.
#[derive(Args, Debug)]
pub(super) struct ScenarioOptions {
    /// The value of a variable that scenarios need; docs/recording-live.md lists them
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = variable, requires = "record")]
    variables: Vec<(String, String)>,
    /// Record the probes too: requests that no sound client sends
    #[arg(long, requires = "record")]
    probe: bool,
}

/// Records every chosen scenario by itself: one that fails leaves the files of the others as they are.
pub(super) fn record(
    options: &RecordOptions,
    which: Which,
    needs: &ScenarioOptions,
    cassettes: &CassetteOptions,
) -> Result<Vec<Recorded>, Failure> {
    let scenarios = cassettes.scenarios(Scenarios::shipped())?;
    let source = options.source()?;
    if matches!(source, Source::Embedded) && !needs.variables.is_empty() {
        return Err(Misuse::VariableOfEmbedded.into());
    }
    let folder = cassettes.folder()?;
    let variables = needs.variables.iter().cloned().collect();
    let recording = Recording { source, which, probe: needs.probe, variables, folder, clock: system_clock() };
    let runtime = Runtime::new().map_err(Failure::Runtime)?;
    Ok(runtime.block_on(recording.all(&scenarios)))
}

/// Scenarios that are being recorded.
struct Recording {
    source: Source,
    which: Which,
    probe: bool,
    variables: BTreeMap<String, String>,
    folder: Folder,
    clock: Clock,
}

impl Recording {
    async fn all(&self, scenarios: &[&Scenario]) -> Vec<Recorded> {
        let mut recorded = Vec::new();
        for scenario in scenarios {
            recorded.push(self.one(scenario).await);
        }
        recorded
    }

    async fn one(&self, scenario: &Scenario) -> Recorded {
        let variables = match self.source {
            Source::At(_) => self.variables.clone(),
            Source::Embedded => simulator::variables(&scenario.world),
        };
        let name = scenario.name.clone();
        if let Some(skip) = self.skip(scenario, &variables) {
            return Recorded::without_answers(name, Outcome::Skipped(skip));
        }
        let (key, cassette) = match &self.source {
            Source::At(upstream) => (upstream.key().clone(), self.asked(upstream, scenario, &variables).await),
            Source::Embedded => (Key::test(), self.asked_of_embedded(scenario, &variables).await),
        };
        Recorded::stored(name, cassette, &key, scenario.order, &self.folder)
    }

    fn skip(&self, scenario: &Scenario, variables: &BTreeMap<String, String>) -> Option<Skip> {
        let missing = scenario.missing(variables);
        let has_token = match &self.source {
            Source::At(upstream) => upstream.key().token.is_some(),
            Source::Embedded => true,
        };
        if scenario.is_probe() && !self.probe {
            Some(Skip::Probe)
        } else if self.which == Which::New && self.folder.holds(&path_of(&scenario.name)) {
            Some(Skip::HasFile)
        } else if scenario.key == KeyKind::Temporary && !has_token {
            Some(Skip::NoToken)
        } else {
            (!missing.is_empty()).then(|| Skip::Variables(missing.into_iter().map(str::to_owned).collect()))
        }
    }

    async fn asked_of_embedded(
        &self,
        scenario: &Scenario,
        variables: &BTreeMap<String, String>,
    ) -> Result<Cassette, RecordError> {
        let embedded = Embedded::open(scenario.world.clone(), self.clock.clone()).await?;
        let recorded = self.asked(&embedded.upstream(scenario.key)?, scenario, variables).await;
        embedded.close().await;
        recorded
    }

    async fn asked(
        &self,
        upstream: &Upstream,
        scenario: &Scenario,
        variables: &BTreeMap<String, String>,
    ) -> Result<Cassette, RecordError> {
        let waiting = match self.source {
            Source::At(_) => Waiting::AsTold,
            Source::Embedded => Waiting::Never,
        };
        let session = Session { scenario, upstream, variables, clock: &self.clock, waiting, on_poll: say_call };
        session.record(&Scenarios::shipped().folder).await
    }
}

/// A poll of a service takes minutes.
fn say_call(scenario: &Name, calls: u32) {
    eprintln!("{scenario}: call {calls} answered, waiting");
}

fn variable(text: &str) -> Result<(String, String), NoVariable> {
    let (name, value) = text.split_once('=').ok_or_else(|| NoVariable::Form(text.to_owned()))?;
    let known = &Scenarios::shipped().variables;
    if !known.contains_key(name) {
        let known = known.keys().cloned().collect::<Vec<_>>().join(", ");
        return Err(NoVariable::Unknown { name: name.to_owned(), known });
    }
    if value.is_empty() {
        return Err(NoVariable::Empty(name.to_owned()));
    }
    Ok((name.to_owned(), value.to_owned()))
}

/// A text that gives no variable its value.
#[derive(Clone, Debug, Error)]
enum NoVariable {
    #[error("{0} has no value")]
    Empty(String),
    #[error("{0:?} is no NAME=VALUE")]
    Form(String),
    #[error("no scenario has a variable {name:?}; there are {known}")]
    Unknown { name: String, known: String },
}
