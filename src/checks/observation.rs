//! All that a check may see.

use super::secrecy::SecretSearch;
use crate::contract::{Call, Decoded, Fields, Operation, Reading, Value};
use crate::gateway::Refusal;
use crate::signing::Verdict;
use crate::wire::{Request, Response, Timestamp};

/// One thing that was seen, to be judged.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Observation<'a> {
    /// The service answered.
    Answered(Answer<'a>),
    /// A client asked.
    Asked(Asking<'a>),
    /// A client made something of an answer.
    Understood(Understood<'a>),
}

/// A request, with what is known about it.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// The request.
    pub request: &'a Request,
    /// What verifying its signature found.
    pub verdict: &'a Verdict,
    /// All that the gateway would turn it down for, in the service's order.
    pub refusals: &'a [Refusal],
    /// The search for the secret that the client was given, where that is known.
    pub secret: Option<&'a SecretSearch>,
    /// When it came.
    pub now: Timestamp,
    /// What the client was asked to do, where that is known.
    pub call: Option<&'a Call>,
    /// What it was answered and what it made of that, where it is known.
    pub outcome: Option<(&'a Response, &'a Reading)>,
}

/// An answer of the service.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The bytes.
    pub response: &'a Response,
    /// Our reading of them.
    pub decoded: &'a Decoded,
    /// The operation that it was read as.
    pub operation: &'a Operation,
    /// What was asked, where it could be decoded.
    pub asked: Option<Asked<'a>>,
    /// Where the answer comes from.
    pub source: AnswerSource,
}

/// The question to an answer.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The request.
    pub request: &'a Request,
    /// What verifying its signature found.
    pub verdict: &'a Verdict,
    /// The call that it makes.
    pub call: &'a Call,
}

/// Where an answer comes from, as far as rules care.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AnswerSource {
    /// The live service.
    Live,
    /// Made up to see what a client does; it need not make sense.
    Scripted,
    /// A cassette that is not live: documented, reported or simulated.
    Stored,
}

/// What a client made of an answer.
#[derive(Clone, Copy, Debug)]
pub struct Understood<'a> {
    /// The bytes that it got.
    pub response: &'a Response,
    /// Our reading of them.
    pub decoded: &'a Decoded,
    /// The operation that it was read as.
    pub operation: &'a Operation,
    /// The client's reading.
    pub reading: &'a Reading,
}

impl<'a> Answer<'a> {
    /// Whether its status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.response.status)
    }

    /// The fields of a result, where there is one.
    pub fn fields(&self) -> Option<&'a Fields> {
        self.decoded.reading.fields()
    }

    /// The value of a field that the operation declares; `null` is none.
    pub fn value(&self, name: &str) -> Option<&'a Value> {
        self.operation.field(name)?;
        self.fields()?.get(name).filter(|value| **value != Value::Null)
    }

    /// The value of a field where it is an integer.
    pub fn integer(&self, name: &str) -> Option<i128> {
        match self.value(name)? {
            Value::Integer(integer) => Some(*integer),
            _ => None,
        }
    }

    /// The value of a field where it is a text.
    pub fn text(&self, name: &str) -> Option<&'a str> {
        match self.value(name)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// What was asked under `name`; empty is none.
    pub fn asked_for(&self, name: &str) -> Option<&'a str> {
        self.asked?.call.value(name).filter(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::decode;
    use crate::wire::Headers;

    #[test]
    fn only_declared_fields_with_a_value_are_seen() {
        let body = br#"{"Status":1,"Reason":null,"Extra":7,"TaskId":"7"}"#.to_vec();
        let response = Response { status: 200, headers: Headers::new(), body };
        let operation = &Operation::all()[0];
        let decoded = decode(&response, operation);
        let answer =
            Answer { response: &response, decoded: &decoded, operation, asked: None, source: AnswerSource::Live };

        assert_eq!(answer.value("Reason"), None);
        assert_eq!(answer.value("Extra"), None);
        assert_eq!(answer.integer("TaskId"), Some(7));
        assert_eq!(answer.text("TaskId"), None);
    }
}
