//! What a client is asked, and what it will get.

use crate::cassettes::Asked;
use crate::contract::{Call, Operation, Reading, decode};
use crate::gateway::{Format, System};
use crate::wire::{Request, Response};

/// The call that a request makes: its action and what of it is matched.
///
/// A `Format` is part of it where XML is wanted: JSON is what clients ask for by themselves.
pub fn call_of(request: &Request) -> Call {
    let call = Call::made_by(request);
    if System::of(request).format() == Some(Format::Xml) { call.with("Format", "XML") } else { call }
}

/// How a stored answer reads; none where it is a result of an operation without a contract.
pub fn reading_of(asked: &Asked, answer: &Response) -> Option<Reading> {
    let call = asked.request().map(call_of);
    let operation = call.and_then(|call| Operation::named(&call.action, &call.version));
    // A refusal reads alike whatever was asked.
    let any = Operation::all().first().filter(|_| !(200..300).contains(&answer.status));
    operation.or(any).map(|operation| decode(answer, operation).reading)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Headers, Parameter};

    #[test]
    fn a_call_is_action_version_and_what_is_matched() {
        let parameters = [
            ("AccessKeyId", "testid"),
            ("Action", "DescribeBatchResultCount"),
            ("Format", "json"),
            ("TaskId", ""),
            ("RegionId", "cn-hangzhou"),
            ("Lang", "en"),
            ("Version", "2015-01-09"),
        ];
        let parameters = parameters.map(|(name, value)| Parameter::query(name, value)).to_vec();

        let call = call_of(&Request::compose("GET", parameters, Headers::new()));

        let expected = Call::new("DescribeBatchResultCount", "2015-01-09").with("TaskId", "").with("Lang", "en");
        assert_eq!(call, expected);
    }

    #[test]
    fn xml_is_asked_for_where_nothing_else_is_said_under_hmac_sha1() {
        let call = call_of(&Request::compose("GET", vec![Parameter::query("Action", "A")], Headers::new()));

        assert_eq!(call.value("Format"), Some("XML"));
    }
}
