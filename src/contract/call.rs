//! What a client is asked to do.

use std::fmt;

/// What a client is asked to do: an action and its parameters, as text.
///
/// Text, because `TaskId=abc` must be sayable; a client with typed parameters skips what it cannot say.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Call {
    /// The action.
    pub action: String,
    /// The version of the product's interface.
    pub version: String,
    /// Names and values in the order to send them; an option that is not set is not here.
    pub parameters: Vec<(String, String)>,
}

impl Call {
    /// A call without parameters.
    pub fn new(action: impl Into<String>, version: impl Into<String>) -> Self {
        Self { action: action.into(), version: version.into(), parameters: Vec::new() }
    }

    /// The same call with one parameter more.
    #[must_use = "the call itself is not changed"]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.push((name.into(), value.into()));
        self
    }

    /// The first value under `name`.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.action)?;
        self.parameters.iter().try_for_each(|(name, value)| write!(f, " {name}={value:?}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_is_empty_is_told_from_one_that_is_not_there() {
        let call = Call::new("DescribeBatchResultCount", "2015-01-09").with("TaskId", "").with("Lang", "en");

        assert_eq!(call.value("TaskId"), Some(""));
        assert_eq!(call.value("BatchType"), None);
        assert_eq!(call.to_string(), "DescribeBatchResultCount TaskId=\"\" Lang=\"en\"");
    }
}
