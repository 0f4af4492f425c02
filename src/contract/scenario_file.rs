//! The file of scenarios: how it is written, and what makes it unsound.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use thiserror::Error;

use super::call::Call;
use super::names::Name;
use super::probe::{Pair, Probe};
use super::scenario::{KeyKind, Method, Order, Poll, Scenario, Scenarios, Step};
use super::world::World;
use crate::signing::{Digest, Scheme};

pub(super) fn parse(text: &str) -> Result<Scenarios, ScenarioError> {
    let file: File = toml::from_str(text).map_err(ScenarioError::Unreadable)?;
    let File { folder, action, version, variables, scenario: written, .. } = file;
    let sound = |one: WrittenScenario| one.into_scenario(&Call::new(&*action, &*version), &variables);
    let all: Vec<Scenario> = written.into_iter().map(sound).collect::<Result<_, _>>()?;
    let mut names = BTreeSet::new();
    match all.iter().find(|one| !names.insert(&one.name)) {
        Some(twice) => Err(Fault::RepeatedName.of(&twice.name)),
        None => Ok(Scenarios { folder, variables, all }),
    }
}

/// Why scenarios cannot be used.
#[derive(Debug, Error)]
pub enum ScenarioError {
    /// One of them could not be recorded as it stands.
    #[error("scenario {scenario}: {fault}")]
    Unsound {
        /// Its name.
        scenario: String,
        /// What is wrong with it.
        fault: Fault,
    },
    /// The text is no file of scenarios.
    #[error("the scenarios cannot be read")]
    Unreadable(#[source] toml::de::Error),
}

impl ScenarioError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "the head of the file of scenarios explains each word",
            Self::Unsound { fault, .. } => fault.help(),
        }
    }
}

/// What is wrong with a scenario.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum Fault {
    /// Two steps ask the same, so that a replay could not tell them apart.
    #[error("steps {0} and {1} ask the same")]
    EqualKeys(Name, Name),
    /// It holds no step.
    #[error("it has no step")]
    NoStep,
    /// A step repeats the nonce of one that is no earlier probe.
    #[error("step {step} repeats the nonce of {of}, which is no probe before it")]
    NonceOfNothing {
        /// The step.
        step: Name,
        /// Whose nonce it asks for.
        of: Name,
    },
    /// Another scenario has the same name.
    #[error("its name stands twice")]
    RepeatedName,
    /// Two steps have the same id.
    #[error("two steps are named {0}")]
    RepeatedStep(Name),
    /// It uses or needs a variable that the file does not explain, or that it does not say it needs.
    #[error("nothing explains the variable {0:?}, or it is used and not needed")]
    UnknownVariable(String),
    /// The embedded upstream could not supply a variable.
    #[error("its world does not supply the variable {0:?}")]
    Unsupplied(String),
}

impl Fault {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::EqualKeys(..) => "ask one of the two in a scenario of its own",
            Self::NoStep => "give it a step, or take it out",
            Self::NonceOfNothing { .. } => "name a step above it that is a probe",
            Self::RepeatedName | Self::RepeatedStep(_) => "choose another name",
            Self::UnknownVariable(_) => "explain it under [variables], and name it under needs",
            Self::Unsupplied(_) => "give it to a task of the world, or to the world's variables",
        }
    }

    fn of(self, scenario: &Name) -> ScenarioError {
        ScenarioError::Unsound { scenario: scenario.to_string(), fault: self }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "format")]
    _format: FormatTag,
    folder: Name,
    action: String,
    version: String,
    variables: BTreeMap<String, String>,
    scenario: Vec<WrittenScenario>,
}

/// The one version of the file that is known.
#[derive(Deserialize)]
enum FormatTag {
    #[serde(rename = "alidns-scenarios/1")]
    One,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenScenario {
    name: Name,
    note: String,
    #[serde(default)]
    records: Vec<String>,
    settles: Vec<String>,
    #[serde(default)]
    needs: Vec<String>,
    #[serde(default)]
    key: KeyKind,
    #[serde(default)]
    order: Order,
    #[serde(default)]
    world: World,
    steps: Vec<WrittenStep>,
}

impl WrittenScenario {
    fn into_scenario(self, call: &Call, explained: &BTreeMap<String, String>) -> Result<Scenario, ScenarioError> {
        let Self { name, note, records, settles, needs, key, order, world, steps } = self;
        let steps = steps.into_iter().map(|step| step.into_step(call)).collect();
        let scenario = Scenario { name, note, records, settles, needs, key, order, world, steps };
        match steps_fault(&scenario).or_else(|| variables_fault(&scenario, explained)) {
            Some(fault) => Err(fault.of(&scenario.name)),
            None => Ok(scenario),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenStep {
    id: Name,
    #[serde(default)]
    parameters: Vec<Pair>,
    #[serde(default)]
    scheme: WrittenScheme,
    #[serde(default)]
    method: Method,
    poll: Option<Poll>,
    probe: Option<Probe>,
}

impl WrittenStep {
    fn into_step(self, call: &Call) -> Step {
        let Self { id, parameters, scheme, method, poll, probe } = self;
        let call = parameters.into_iter().fold(call.clone(), |call, pair| call.with(pair.name, pair.value));
        Step { id, scheme: scheme.meant(), method, poll, probe, call }
    }
}

#[derive(Clone, Copy, Default, Deserialize)]
enum WrittenScheme {
    #[serde(rename = "ACS3-HMAC-SHA256")]
    Acs3,
    #[default]
    #[serde(rename = "HMAC-SHA1")]
    HmacSha1,
}

impl WrittenScheme {
    fn meant(self) -> Scheme {
        match self {
            Self::Acs3 => Scheme::Acs3(Digest::Sha256),
            Self::HmacSha1 => Scheme::HmacSha1,
        }
    }
}

fn steps_fault(scenario: &Scenario) -> Option<Fault> {
    let steps = &scenario.steps;
    let before = |at: usize, found: &dyn Fn(&Step) -> bool| steps[..at].iter().find(|step| found(step));
    for (at, step) in steps.iter().enumerate() {
        if before(at, &|earlier| earlier.id == step.id).is_some() {
            return Some(Fault::RepeatedStep(step.id.clone()));
        }
        let replayed = |other: &Step| other.probe.is_none() && step.probe.is_none();
        if let Some(equal) = before(at, &|earlier| replayed(earlier) && earlier.key() == step.key()) {
            return Some(Fault::EqualKeys(equal.id.clone(), step.id.clone()));
        }
        let Some(of) = step.probe.as_ref().and_then(|probe| probe.nonce_of.as_ref()) else { continue };
        if before(at, &|earlier| earlier.id == *of && earlier.probe.is_some()).is_none() {
            return Some(Fault::NonceOfNothing { step: step.id.clone(), of: of.clone() });
        }
    }
    steps.is_empty().then_some(Fault::NoStep)
}

fn variables_fault(scenario: &Scenario, explained: &BTreeMap<String, String>) -> Option<Fault> {
    let needed = |name: &str| scenario.needs.iter().any(|need| need == name);
    let used = scenario.steps.iter().flat_map(Step::variables);
    let unknown = used.filter(|name| !needed(name)).map(str::to_owned).next();
    let unexplained = || scenario.needs.iter().find(|need| !explained.contains_key(*need)).cloned();
    let unsupplied = || scenario.needs.iter().find(|need| !scenario.world.supplies(need)).cloned();
    unknown.or_else(unexplained).map(Fault::UnknownVariable).or_else(|| unsupplied().map(Fault::Unsupplied))
}
