//! What a client is asked, and what it will get.

use super::covering::{Factors, Producer, Row};
use super::judge::Formats;
use super::mutation::{MUTATIONS, Mutation, PLAIN};
use crate::cassettes::{Asked, Cassettes, Interaction};
use crate::contract::{Call, Operation, Reading, decode};
use crate::gateway::{Format, System};
use crate::signing::Key;
use crate::wire::{Request, Response};

/// A call, and the answers that are given to it whatever is asked.
#[derive(Clone, Debug)]
pub struct Case {
    /// The kind of case and its own name, divided by a slash.
    pub name: String,
    /// What the client is to do.
    pub call: Call,
    /// The key that it signs with.
    pub key: Key,
    /// What it gets.
    pub answers: Answers,
}

/// The answers of a case.
#[derive(Clone, Debug)]
pub enum Answers {
    /// A plain answer in the format that was asked for.
    InFormat,
    /// These, in turn; the last one for ever.
    InTurn(Vec<Response>),
}

impl Case {
    fn new(name: String, call: Call, answers: Answers) -> Self {
        Self { name, call, key: Key::test(), answers }
    }
}

/// One case for each made-up answer.
pub fn answer_cases(operation: &Operation) -> Vec<Case> {
    let case = |mutation: &Mutation| {
        let answers = Answers::InTurn(vec![mutation.response()]);
        Case::new(format!("answer/{}", mutation.name), plain_call(operation), answers)
    };
    MUTATIONS.iter().map(case).collect()
}

/// Answers after which a client may ask again; what it then sends is judged.
pub fn retry_cases(operation: &Operation) -> Vec<Case> {
    let refusals =
        MUTATIONS.iter().filter(|mutation| ["throttled", "unavailable", "html-503"].contains(&mutation.name));
    let case = |mutation: &Mutation| {
        let answers = Answers::InTurn(vec![mutation.response(), PLAIN[0].response()]);
        Case::new(format!("retry/{}", mutation.name), plain_call(operation), answers)
    };
    refusals.map(case).collect()
}

/// One case for each exhibit: its answers, given to a plain call.
pub fn exhibit_cases(cassettes: &Cassettes, operation: &Operation) -> Vec<Case> {
    let exhibits = cassettes.iter().flat_map(|cassette| {
        let exhibits = cassette.interactions.iter().filter(|interaction| interaction.exhibit);
        exhibits.map(move |interaction| (cassette.name(), interaction))
    });
    let case = |(cassette, interaction): (&str, &Interaction)| {
        let answers = Answers::InTurn(interaction.answers.iter().cloned().collect());
        Case::new(format!("exhibit/{cassette}/{}", interaction.id), plain_call(operation), answers)
    };
    exhibits.map(case).collect()
}

/// One case for each row that a client can produce, with a plain answer.
///
/// Method and signature are the client's own and not asked of it.
pub fn row_cases(operation: &Operation, factors: &Factors<'_>, rows: &[Row], formats: Formats) -> Vec<Case> {
    let numbered = rows.iter().enumerate().filter(|(_, row)| factors.producer(row) == Producer::Client);
    let case = |(at, row): (usize, &Row)| {
        let call = row_call(operation, factors, row, formats);
        let key = if factors.level(row, "SecurityToken") == Some("yes") {
            Key::test().with_token(TOKEN)
        } else {
            Key::test()
        };
        Case { name: format!("row/{}", at + 1), call, key, answers: Answers::InFormat }
    };
    numbered.map(case).collect()
}

/// The call of a row: each parameter with its level's value.
fn row_call(operation: &Operation, factors: &Factors<'_>, row: &[usize], formats: Formats) -> Call {
    let mut call = Call::new(&operation.action, &operation.version);
    for parameter in &operation.parameters {
        let level = factors.level(row, &parameter.name);
        let value = parameter
            .levels
            .iter()
            .find(|known| Some(known.name.as_str()) == level)
            .and_then(|known| known.value.as_ref());
        call = match value {
            Some(value) => call.with(&parameter.name, value),
            None => call,
        };
    }
    match (formats, factors.level(row, "Format")) {
        (Formats::Own, _) | (Formats::Called, Some("absent") | None) => call,
        (Formats::Called, Some(format)) => call.with("Format", format),
    }
}

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

fn plain_call(operation: &Operation) -> Call {
    Call::new(&operation.action, &operation.version).with("TaskId", "123456")
}

/// A token in which every way of spoiling it shows.
const TOKEN: &str = "CAIS+/==";

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
