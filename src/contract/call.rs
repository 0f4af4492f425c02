//! What a client is asked to do.

use std::fmt;

use crate::gateway::{Class, System};
use crate::wire::Request;

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

    /// The call that a request makes: its action and what it asks, without all that belongs to the signature.
    ///
    /// `Format` is left out: which format a client reads is its own business. What is not UTF-8 shows as U+FFFD.
    pub fn made_by(request: &Request) -> Self {
        let system = System::of(request);
        let parameters = request.parameters().iter().filter_map(|parameter| {
            let name = String::from_utf8_lossy(&parameter.name);
            asks(&name).then(|| (name.into_owned(), String::from_utf8_lossy(&parameter.value).into_owned()))
        });
        Self {
            action: system.action().unwrap_or_default().into_owned(),
            version: system.version().unwrap_or_default().into_owned(),
            parameters: parameters.collect(),
        }
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

fn asks(name: &str) -> bool {
    !NOT_ASKED.contains(&name) && Class::of(name) == Class::Semantic
}

const NOT_ASKED: [&str; 3] = ["Action", "Format", "Version"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Headers, Parameter};

    #[test]
    fn the_call_of_a_request_is_what_it_asks() {
        let parameters = [
            ("Action", "DescribeBatchResultCount"),
            ("Version", "2015-01-09"),
            ("Format", "XML"),
            ("Signature", "x"),
            ("UserClientIp", "192.0.2.1"),
            ("TaskId", "7"),
            ("Lang", ""),
        ];
        let parameters = parameters.map(|(name, value)| Parameter::query(name, value)).to_vec();

        let call = Call::made_by(&Request::compose("GET", parameters, Headers::new()));

        let expected = Call::new("DescribeBatchResultCount", "2015-01-09").with("TaskId", "7").with("Lang", "");
        assert_eq!(call, expected);
    }

    #[test]
    fn a_value_that_is_empty_is_told_from_one_that_is_not_there() {
        let call = Call::new("DescribeBatchResultCount", "2015-01-09").with("TaskId", "").with("Lang", "en");

        assert_eq!(call.value("TaskId"), Some(""));
        assert_eq!(call.value("BatchType"), None);
        assert_eq!(call.to_string(), "DescribeBatchResultCount TaskId=\"\" Lang=\"en\"");
    }
}
