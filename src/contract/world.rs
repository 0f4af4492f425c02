//! What the embedded upstream holds when a scenario begins.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

/// The state of the embedded upstream before the first call, the same at every start.
///
/// The default is an account that has never submitted a batch.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct World {
    /// Decides task ids and how long each entry takes.
    pub seed: u64,
    /// How many calls are answered before all others are throttled; none throttles nobody.
    pub calls_before_throttling: Option<u64>,
    /// What the caller's access key is worth.
    pub key: KeyState,
    /// How many seconds pass with each call; none lets the clock decide.
    ///
    /// A poll that is to give the same answers each time cannot wait for a clock.
    pub seconds_per_call: Option<u32>,
    /// The tasks submitted before, oldest first.
    pub tasks: Vec<PastTask>,
    /// Variables of the scenario that no task takes, with their values.
    pub variables: BTreeMap<String, String>,
}

impl World {
    /// Whether it has a value for the variable `name`.
    pub fn supplies(&self, name: &str) -> bool {
        self.variables.contains_key(name) || self.tasks.iter().any(|task| task.variable.as_deref() == Some(name))
    }
}

/// A task that was submitted before a scenario begins.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct PastTask {
    /// How many seconds ago it was submitted.
    pub age_seconds: u32,
    /// Its kind.
    pub batch: BatchType,
    /// How many of its entries fail.
    pub failing: u32,
    /// How many of its entries succeed.
    pub succeeding: u32,
    /// The scenario's variable that takes its id.
    pub variable: Option<String>,
}

/// What an access key is worth to the service.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum KeyState {
    /// It may call everything.
    #[default]
    Active,
    /// RAM lets it call nothing.
    Denied,
    /// It was switched off.
    Disabled,
    /// It is a temporary one, which needs its token.
    Temporary,
}

/// A kind of batch.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BatchType {
    /// Domains are added.
    DomainAdd,
    /// Domains are deleted.
    DomainDel,
    /// Records are added.
    RrAdd,
    /// Records are deleted.
    RrDel,
}

impl BatchType {
    /// Every kind, in the order of the documentation.
    pub const ALL: [Self; 4] = [Self::DomainAdd, Self::DomainDel, Self::RrAdd, Self::RrDel];

    /// The kind that the wire calls `name`, in exactly that case.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|batch| batch.name() == name)
    }

    /// What the wire calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::DomainAdd => "DOMAIN_ADD",
            Self::DomainDel => "DOMAIN_DEL",
            Self::RrAdd => "RR_ADD",
            Self::RrDel => "RR_DEL",
        }
    }
}

impl fmt::Display for BatchType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_of_batch_is_named_in_exactly_one_way() {
        assert_eq!(BatchType::named("RR_DEL"), Some(BatchType::RrDel));

        for name in ["rr_del", "RR_DEL ", "", "RR_MODIFY"] {
            assert_eq!(BatchType::named(name), None, "{name}");
        }
    }

    #[test]
    fn a_world_is_read_with_its_defaults() {
        let text =
            "seconds_per_call = 2\ntasks = [{ age_seconds = 5, batch = \"RR_ADD\", failing = 1, succeeding = 2 }]";

        let world: World = toml::from_str(text).expect("the text describes a world");

        let task = PastTask { age_seconds: 5, batch: BatchType::RrAdd, failing: 1, succeeding: 2, variable: None };
        assert_eq!(world, World { seconds_per_call: Some(2), tasks: vec![task], ..World::default() });
    }

    #[test]
    fn a_word_that_nobody_reads_is_refused() {
        assert!(toml::from_str::<World>("throttled = true").is_err());
    }
}
