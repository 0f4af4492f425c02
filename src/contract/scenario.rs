//! Scenarios: named sequences of calls worth recording.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::call::Call;
use super::names::Name;
use super::probe::Probe;
use super::scenario_file::{self, ScenarioError};
use super::world::World;
use crate::signing::Scheme;

/// The scenarios of one operation.
#[derive(Clone, Debug)]
pub struct Scenarios {
    /// The folder of their cassettes, below the folder of all cassettes.
    pub folder: Name,
    /// What each variable stands for, by name.
    pub variables: BTreeMap<String, String>,
    /// In the order to record them.
    pub all: Vec<Scenario>,
}

impl Scenarios {
    /// The scenarios of `DescribeBatchResultCount`.
    pub fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<Scenarios> =
            LazyLock::new(|| Scenarios::parse(TEXT).expect("a test reads the scenarios that are compiled in"));
        &SHIPPED
    }

    /// Reads a file of scenarios.
    ///
    /// # Errors
    /// [`ScenarioError`] where the text is no such file, or a scenario could not be recorded as it stands.
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        scenario_file::parse(text)
    }

    /// The scenario of that name.
    pub fn named(&self, name: &str) -> Option<&Scenario> {
        self.all.iter().find(|one| one.name.as_str() == name)
    }
}

/// A named sequence of calls, with what it needs and what it settles.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// The stem of its cassette.
    pub name: Name,
    /// What it shows; the note of its cassette.
    pub note: String,
    /// The recordings that it stands for, as `R01`.
    pub records: Vec<String>,
    /// The rules that a live recording of it settles, by check id.
    pub settles: Vec<String>,
    /// The variables without which it is skipped.
    pub needs: Vec<String>,
    /// Which keys can record it.
    pub key: KeyKind,
    /// Whether its steps may be replayed in any order.
    pub order: Order,
    /// What the embedded upstream holds when it begins.
    pub world: World,
    /// Its steps, in the order to take them.
    pub steps: Vec<Step>,
}

impl Scenario {
    /// The variables that it needs and `variables` does not have.
    pub fn missing<'a>(&'a self, variables: &BTreeMap<String, String>) -> Vec<&'a str> {
        self.needs.iter().map(String::as_str).filter(|need| !variables.contains_key(*need)).collect()
    }

    /// Whether it holds steps that no sound client can take; those wait for `--probe`.
    pub fn is_probe(&self) -> bool {
        self.steps.iter().any(|step| step.probe.is_some())
    }
}

/// Which keys can record a scenario.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum KeyKind {
    /// Any key.
    #[default]
    Any,
    /// A temporary key, which has a token.
    Temporary,
}

/// Whether the steps of a scenario depend on each other.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// They do not.
    #[default]
    Any,
    /// Each answer is right at its place only.
    Fixed,
}

/// One question of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The id of its interaction.
    pub id: Name,
    /// How the request is signed.
    pub scheme: Scheme,
    /// How the parameters travel.
    pub method: Method,
    /// How often the question is asked, where once is not enough.
    pub poll: Option<Poll>,
    /// What makes it a probe.
    pub probe: Option<Probe>,
    pub(super) call: Call,
}

impl Step {
    /// What is asked, with each `${name}` replaced by its value; JSON is meant where it has no `Format`.
    ///
    /// A variable without value stays as it is written: whoever records asks [`Scenario::missing`] before.
    pub fn call(&self, variables: &BTreeMap<String, String>) -> Call {
        let value = |text: &str| {
            variables.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&placeholder(name), value))
        };
        let parameters = self.call.parameters.iter().map(|(name, text)| (name.clone(), value(text))).collect();
        Call { parameters, ..self.call.clone() }
    }

    /// The variables that its parameters use.
    pub(super) fn variables(&self) -> impl Iterator<Item = &str> {
        self.call
            .parameters
            .iter()
            .flat_map(|(_, text)| text.split("${").skip(1))
            .map(|rest| rest.split('}').next().unwrap_or_default())
    }

    /// What tells one interaction from another on a cassette.
    pub(super) fn key(&self) -> (Vec<&(String, String)>, bool) {
        let mut parameters: Vec<_> = self.call.parameters.iter().filter(|(name, _)| name != "Format").collect();
        parameters.sort();
        (parameters, self.call.value("Format").is_none_or(|format| format.eq_ignore_ascii_case("JSON")))
    }
}

/// How the parameters of a request travel.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
pub enum Method {
    /// In the query of a GET.
    #[default]
    #[serde(rename = "GET")]
    Get,
    /// In the form body of a POST.
    #[serde(rename = "POST form")]
    PostForm,
    /// In the query of a POST.
    #[serde(rename = "POST query")]
    PostQuery,
}

/// A question that is asked again and again: one interaction with several answers.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Poll {
    /// It goes on while answers have this `Status`, and ends with the first that has not.
    pub while_status: i64,
    /// How long it waits between two calls. The embedded upstream need not be waited for: its world says how much time
    /// a call takes.
    pub every_seconds: u32,
    /// How often it asks at most.
    pub at_most: u32,
}

fn placeholder(name: &str) -> String {
    format!("${{{name}}}")
}

const TEXT: &str = include_str!("../../contracts/alidns/2015-01-09/DescribeBatchResultCount.scenarios.toml");

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::evidence::Evidence;
    use super::super::scenario_file::Fault;
    use super::*;

    const HEAD: &str =
        "format = 'alidns-scenarios/1'\nfolder = 'f'\naction = 'A'\nversion = 'V'\nvariables = { task = 'a task' }\n";

    fn parse(scenarios: &str) -> Result<Scenarios, ScenarioError> {
        Scenarios::parse(&format!("{HEAD}{scenarios}"))
    }

    fn fault_of(rest: &str) -> Fault {
        let scenario = format!("[[scenario]]\nname = 's'\nnote = 'n'\nsettles = []\n{rest}");
        match parse(&scenario).expect_err("the scenario is unsound") {
            ScenarioError::Unsound { fault, .. } => fault,
            other => panic!("{other}: {scenario}"),
        }
    }

    fn name(text: &str) -> Name {
        Name::parse(text).expect("the text is a name")
    }

    fn variables(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_shipped_scenarios_can_be_read() {
        if let Err(error) = Scenarios::parse(TEXT) {
            let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            panic!("{error}: {cause}");
        }
    }

    #[test]
    fn every_recording_that_a_rule_waits_for_is_a_scenario_that_settles_the_rule() {
        let scenarios = Scenarios::shipped();
        let evidence = include_str!("../../contracts/evidence.toml");

        for (id, evidence) in Evidence::parse(evidence).expect("the evidence can be read") {
            let settles = evidence.reasons.iter().filter_map(|reason| reason.settles.as_deref());
            for record in settles.flat_map(|records| records.split(", ")) {
                let found = scenarios
                    .all
                    .iter()
                    .any(|one| one.records.iter().any(|known| known == record) && one.settles.contains(&id));
                assert!(found, "{id} waits for {record}");
            }
        }
    }

    #[test]
    fn scenarios_settle_rules_that_there_are() {
        let ids: BTreeSet<&str> = Evidence::ids().collect();

        for scenario in &Scenarios::shipped().all {
            for rule in &scenario.settles {
                assert!(ids.contains(rule.as_str()), "{}: {rule}", scenario.name);
            }
        }
    }

    #[test]
    fn every_recording_and_every_variable_has_a_scenario() {
        let scenarios = Scenarios::shipped();

        for number in 1..=17 {
            let record = format!("R{number:02}");
            assert!(scenarios.all.iter().any(|one| one.records.contains(&record)), "{record}");
        }
        for variable in scenarios.variables.keys() {
            assert!(scenarios.all.iter().any(|one| one.needs.contains(variable)), "{variable}");
        }
    }

    #[test]
    fn probes_stand_apart_from_what_is_replayed() {
        for scenario in Scenarios::shipped().all.iter().filter(|one| one.is_probe()) {
            assert!(scenario.steps.iter().all(|step| step.probe.is_some()), "{}", scenario.name);
            assert!(scenario.name.as_str().starts_with("probe-"), "{}", scenario.name);
        }
    }

    #[test]
    fn a_step_asks_with_the_values_of_its_variables() {
        let rest = "needs = ['task']\nsteps = [{ id = 'a', parameters = ['TaskId=${task}', 'Lang=en'] }]\nworld = { variables = { task = '1' } }";
        let scenarios = parse(&format!("[[scenario]]\nname = 's'\nnote = 'n'\nsettles = []\n{rest}"));
        let scenarios = scenarios.expect("the scenario is sound");
        let scenario = scenarios.named("s").expect("it stands there");

        let call = scenario.steps[0].call(&variables(&[("task", "12"), ("other", "3")]));

        assert_eq!(call, Call::new("A", "V").with("TaskId", "12").with("Lang", "en"));
        assert_eq!(scenario.missing(&variables(&[])), ["task"]);
        assert_eq!(scenario.missing(&variables(&[("task", "")])), Vec::<&str>::new());
    }

    #[test]
    fn a_scenario_that_could_not_be_recorded_is_refused() {
        assert_eq!(fault_of("steps = []"), Fault::NoStep);
        assert_eq!(
            fault_of("steps = [{ id = 'a' }, { id = 'a', parameters = ['B=1'] }]"),
            Fault::RepeatedStep(name("a"))
        );
        assert_eq!(
            fault_of("steps = [{ id = 'a' }, { id = 'b', parameters = ['Format=json'], method = 'POST form' }]"),
            Fault::EqualKeys(name("a"), name("b"))
        );
        assert_eq!(
            fault_of("steps = [{ id = 'a' }, { id = 'b', probe = { nonce_of = 'a' } }]"),
            Fault::NonceOfNothing { step: name("b"), of: name("a") }
        );
        assert_eq!(
            fault_of("steps = [{ id = 'a', parameters = ['TaskId=${task}'] }]"),
            Fault::UnknownVariable("task".into())
        );
        assert_eq!(
            fault_of("needs = ['other']\nsteps = [{ id = 'a' }]\nworld = { variables = { other = '1' } }"),
            Fault::UnknownVariable("other".into())
        );
        assert_eq!(fault_of("needs = ['task']\nsteps = [{ id = 'a' }]"), Fault::Unsupplied("task".into()));
    }

    #[test]
    fn two_scenarios_of_one_name_are_refused() {
        let scenario = "[[scenario]]\nname = 's'\nnote = 'n'\nsettles = []\nsteps = [{ id = 'a' }]\n";

        let error = parse(&scenario.repeat(2)).expect_err("the name stands twice");

        assert_eq!(error.to_string(), "scenario s: its name stands twice");
    }

    #[test]
    fn names_that_climb_and_words_that_nobody_reads_are_refused() {
        let scenario = |name: &str, rest: &str| {
            format!("[[scenario]]\nname = '{name}'\nnote = 'n'\nsettles = []\nsteps = [{{ id = 'a' }}]\n{rest}")
        };

        assert!(parse(&scenario("s", "")).is_ok());
        assert!(matches!(parse(&scenario("../s", "")), Err(ScenarioError::Unreadable(_))));
        assert!(matches!(parse(&scenario("s", "expects = 1")), Err(ScenarioError::Unreadable(_))));
        assert!(matches!(
            Scenarios::parse(&HEAD.replace("scenarios/1", "scenarios/2")),
            Err(ScenarioError::Unreadable(_))
        ));
    }
}
