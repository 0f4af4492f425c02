//! The operation as data.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;
use thiserror::Error;

#[cfg(feature = "cli")]
use crate::cassettes::Enumerations;

/// An operation: what may be asked, what is answered, and the levels that the covering table combines.
///
/// A second operation is a second file in `contracts/`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    format: String,
    /// The product, as it stands in host names.
    pub product: String,
    /// The version of the product's interface.
    pub version: String,
    /// The action.
    pub action: String,
    /// The HTTP methods that are taken.
    pub methods: Vec<String>,
    /// What it is for.
    pub summary: String,
    /// Where it is documented.
    pub address: String,
    /// The day that page was read.
    pub read: String,
    /// What may be asked.
    #[serde(rename = "parameter")]
    pub parameters: Vec<DeclaredParameter>,
    /// What is answered.
    #[serde(rename = "field")]
    pub fields: Vec<DeclaredField>,
    /// What the covering table combines beside the levels of the parameters.
    #[serde(rename = "factor")]
    pub factors: Vec<Factor>,
    /// Levels that cannot stand together.
    #[serde(rename = "constraint")]
    pub constraints: Vec<Constraint>,
    /// Rows that no typed client can produce.
    pub verifier_only: Vec<VerifierOnly>,
}

/// A parameter of the operation.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct DeclaredParameter {
    /// The name.
    pub name: String,
    /// The type of its values.
    #[serde(rename = "type")]
    pub value_type: ValueType,
    /// Whether a request without it is refused.
    pub required: bool,
    /// Whether it is no longer documented.
    #[serde(default)]
    pub legacy: bool,
    /// What it asks.
    pub meaning: String,
    /// The documented values; empty where any will do.
    #[serde(default)]
    pub values: Vec<DeclaredValue>,
    /// What the covering table combines.
    pub levels: Vec<Level>,
}

/// A field of the operation's answer.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct DeclaredField {
    /// The name.
    pub name: String,
    /// The type of its value.
    #[serde(rename = "type")]
    pub value_type: ValueType,
    /// Whether every answer has it.
    pub always: bool,
    /// What it tells.
    pub meaning: String,
    /// The documented values; empty where any will do.
    #[serde(default)]
    pub values: Vec<DeclaredValue>,
}

/// The type of a value.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum ValueType {
    /// An integer of 32 bits.
    Int32,
    /// An integer of 64 bits.
    Int64,
    /// A text.
    String,
}

/// A documented value.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct DeclaredValue {
    /// The value, spelled as in a query.
    pub value: String,
    /// What it says.
    pub meaning: String,
    /// The state of a task that it stands for.
    pub state: Option<State>,
}

/// The state of a task.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// There is no such task.
    Absent,
    /// It is done.
    Completed,
    /// It went wrong.
    Failed,
    /// It is under way.
    Processing,
}

/// A level of a parameter.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// The name in the covering table.
    pub name: String,
    /// The value; none leaves the parameter out.
    pub value: Option<String>,
}

/// A factor of the covering table that is no parameter of the operation.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Factor {
    /// The name.
    pub name: String,
    /// The names of its levels.
    pub levels: Vec<String>,
}

/// Levels that go only with certain others.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Constraint {
    /// Why.
    pub because: String,
    /// Where each factor has this level,
    pub when: BTreeMap<String, String>,
    /// each of these has one of those levels.
    pub requires: BTreeMap<String, Vec<String>>,
}

/// Rows of the covering table that go to the verifier and the Player alone.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct VerifierOnly {
    /// Why no typed client can produce them.
    pub because: String,
    /// Where each factor has this level.
    pub when: BTreeMap<String, String>,
}

impl Operation {
    /// Every operation that is compiled in.
    pub fn all() -> &'static [Self] {
        &SHIPPED
    }

    /// The operation of that action and version.
    pub fn named(action: &str, version: &str) -> Option<&'static Self> {
        Self::all().iter().find(|known| known.action == action && known.version == version)
    }

    /// The values that all of them list for the fields of their answers.
    #[cfg(feature = "cli")]
    pub fn listed_values() -> Enumerations {
        let mut listed = Enumerations::default();
        for operation in Self::all() {
            for field in &operation.fields {
                field.values.iter().for_each(|one| listed.add(&operation.action, &field.name, &one.value));
            }
        }
        listed
    }

    /// The declared field of that name.
    pub fn field(&self, name: &str) -> Option<&DeclaredField> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The declared parameter of that name.
    pub fn parameter(&self, name: &str) -> Option<&DeclaredParameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }

    /// Reads a contract.
    ///
    /// # Errors
    /// [`ContractError`] where the text is no contract, or contradicts itself.
    pub fn parse(text: &str) -> Result<Self, ContractError> {
        let operation: Self = toml::from_str(text).map_err(ContractError::Shape)?;
        if operation.format != FORMAT {
            return Err(ContractError::Format(operation.format));
        }
        operation.names_once()?;
        operation.levels_known()?;
        Ok(operation)
    }

    fn names_once(&self) -> Result<(), ContractError> {
        let factors = self.parameters.iter().map(|parameter| &parameter.name);
        once("factor", factors.chain(self.factors.iter().map(|factor| &factor.name)))?;
        once("field", self.fields.iter().map(|field| &field.name))?;
        for parameter in &self.parameters {
            once("level", parameter.levels.iter().map(|level| &level.name))?;
            once("value", parameter.values.iter().map(|value| &value.value))?;
        }
        self.factors.iter().try_for_each(|factor| once("level", &factor.levels))?;
        self.fields.iter().try_for_each(|field| once("value", field.values.iter().map(|value| &value.value)))
    }

    fn levels_known(&self) -> Result<(), ContractError> {
        let when = self.constraints.iter().map(|one| &one.when).chain(self.verifier_only.iter().map(|one| &one.when));
        let when = when.flatten();
        let required = self.constraints.iter().flat_map(|one| &one.requires);
        let required = required.flat_map(|(factor, levels)| levels.iter().map(move |level| (factor, level)));
        let mut named = when.chain(required);
        match named.find(|(factor, level)| !self.levels_of(factor).contains(&level.as_str())) {
            Some((factor, level)) => Err(ContractError::UnknownLevel { factor: factor.clone(), level: level.clone() }),
            None => Ok(()),
        }
    }

    /// The names of the levels of a parameter or of another factor, in order; empty where there is none such.
    pub fn levels_of(&self, factor: &str) -> Vec<&str> {
        let parameter = self.parameter(factor).into_iter().flat_map(|found| &found.levels).map(|level| &level.name);
        let other = self.factors.iter().filter(|found| found.name == factor).flat_map(|found| &found.levels);
        parameter.chain(other).map(String::as_str).collect()
    }
}

impl DeclaredField {
    /// The documented value that is spelled so.
    pub fn value(&self, spelling: &str) -> Option<&DeclaredValue> {
        self.values.iter().find(|declared| declared.value == spelling)
    }
}

impl State {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Processing => "processing",
        }
    }
}

impl ValueType {
    /// Whether an integer fits; for a text none does.
    pub fn holds(self, integer: i128) -> bool {
        match self {
            Self::Int32 => i32::try_from(integer).is_ok(),
            Self::Int64 => i64::try_from(integer).is_ok(),
            Self::String => false,
        }
    }
}

/// Why a contract cannot be used.
#[derive(Debug, Error)]
pub enum ContractError {
    /// Another format.
    #[error("the contract has format {0:?}, {FORMAT:?} is known")]
    Format(String),
    /// A name that stands twice.
    #[error("the {what} {name:?} is declared twice")]
    Repeated {
        /// What it names.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// It is not TOML of the right shape.
    #[error("the contract is not TOML of the known shape")]
    Shape(#[source] toml::de::Error),
    /// A constraint on something that is not declared.
    #[error("a constraint names level {level:?} of {factor:?}, which is not declared")]
    UnknownLevel {
        /// The parameter or factor.
        factor: String,
        /// Its level.
        level: String,
    },
}

impl ContractError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Format(_) => "update alidns-contract, or write the contract in the known format",
            Self::Repeated { .. } => "give each its own name",
            Self::Shape(_) => "see contracts/alidns/2015-01-09/DescribeBatchResultCount.toml for the shape",
            Self::UnknownLevel { .. } => "spell the factor and its level as they are declared",
        }
    }
}

fn once<'a>(what: &'static str, names: impl IntoIterator<Item = &'a String>) -> Result<(), ContractError> {
    let mut seen = BTreeSet::new();
    match names.into_iter().find(|name| !seen.insert(*name)) {
        Some(name) => Err(ContractError::Repeated { what, name: name.clone() }),
        None => Ok(()),
    }
}

static SHIPPED: LazyLock<Vec<Operation>> = LazyLock::new(|| {
    let parse = |text| Operation::parse(text).expect("a test reads the contracts that are compiled in");
    SHIPPED_TEXTS.iter().copied().map(parse).collect()
});

const SHIPPED_TEXTS: &[&str] = &[include_str!("../../contracts/alidns/2015-01-09/DescribeBatchResultCount.toml")];

const FORMAT: &str = "alidns-contract/1";

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(from: &str, to: &str) -> Result<Operation, ContractError> {
        let text = SHIPPED_TEXTS[0];
        assert!(text.contains(from), "{from}");
        Operation::parse(&text.replacen(from, to, 1))
    }

    #[test]
    fn the_contract_that_is_compiled_in_is_found_by_action_and_version() {
        let operation = Operation::named("DescribeBatchResultCount", "2015-01-09").expect("it is compiled in");

        let names: Vec<&str> = operation.fields.iter().map(|field| field.name.as_str()).collect();

        let expected =
            ["RequestId", "Status", "TaskId", "BatchType", "TotalCount", "SuccessCount", "FailedCount", "Reason"];
        assert_eq!(names, expected);
        assert_eq!(Operation::named("DescribeBatchResultCount", "2018-01-09"), None);
    }

    #[test]
    fn the_levels_of_parameters_and_of_other_factors_are_found_alike() {
        let operation = &Operation::all()[0];

        assert_eq!(operation.levels_of("Lang"), ["absent", "empty", "zh", "en", "EN", "ja"]);
        assert_eq!(operation.levels_of("space"), ["%20", "+"]);
        assert_eq!(operation.levels_of("Space"), Vec::<&str>::new());
    }

    #[test]
    fn a_type_holds_what_fits_in_it() {
        assert!(ValueType::Int32.holds(2_147_483_647) && ValueType::Int32.holds(-2_147_483_648));
        assert!(!ValueType::Int32.holds(2_147_483_648));
        assert!(ValueType::Int64.holds(9_223_372_036_854_775_807));
        assert!(!ValueType::Int64.holds(9_223_372_036_854_775_808));
    }

    #[test]
    fn another_format_is_refused_by_name() {
        let error = changed("alidns-contract/1", "alidns-contract/2").expect_err("the format is newer");

        assert_eq!(error.to_string(), "the contract has format \"alidns-contract/2\", \"alidns-contract/1\" is known");
    }

    #[test]
    fn a_name_that_stands_twice_is_refused() {
        let field = changed("name = \"FailedCount\"", "name = \"SuccessCount\"").expect_err("a field stands twice");
        let level = changed("name = \"2^63-1\"", "name = \"abc\"").expect_err("a level stands twice");
        let factor = changed("name = \"space\"", "name = \"Lang\"").expect_err("a factor stands twice");

        assert_eq!(field.to_string(), "the field \"SuccessCount\" is declared twice");
        assert_eq!(level.to_string(), "the level \"abc\" is declared twice");
        assert_eq!(factor.to_string(), "the factor \"Lang\" is declared twice");
    }

    #[test]
    fn a_constraint_on_what_is_not_declared_is_refused() {
        let when = changed("when = { space = \"+\" }", "when = { space = \" \" }").expect_err("no such level");
        let requires = changed("\"absent\", \"JSON\", \"XML\"]", "\"yaml\"]").expect_err("no such level");

        assert_eq!(when.to_string(), "a constraint names level \" \" of \"space\", which is not declared");
        assert_eq!(requires.to_string(), "a constraint names level \"yaml\" of \"Format\", which is not declared");
    }

    #[test]
    fn a_member_without_a_reader_is_refused() {
        let error = changed("required = false", "required = false\nsince = 2019").expect_err("nobody reads it");

        assert!(matches!(error, ContractError::Shape(_)), "{error:?}");
    }

    #[test]
    fn a_level_of_a_factor_and_a_documented_value_stand_once_too() {
        let level = changed("\"POST query\"", "\"POST form\"").expect_err("a level stands twice");
        let asked = changed("value = \"DOMAIN_DEL\"", "value = \"DOMAIN_ADD\"").expect_err("a value stands twice");
        let answered = changed("value = \"2\", meaning", "value = \"1\", meaning").expect_err("a value stands twice");

        assert_eq!(level.to_string(), "the level \"POST form\" is declared twice");
        assert_eq!(asked.to_string(), "the value \"DOMAIN_ADD\" is declared twice");
        assert_eq!(answered.to_string(), "the value \"1\" is declared twice");
    }
}
