//! Cassettes of any size, and signed requests for them.

use alidns_contract::cassettes::{Answers, Asked, Signed};
use alidns_contract::signing::{Key, Scheme, Style, sign};
use alidns_contract::{
    Cassette, Cassettes, Clock, Headers, Interaction, Parameter, Provenance, Request, Response, Timestamp,
};

/// How many interactions are played.
pub const SIZES: [usize; 4] = [1, 100, 1_000, 10_000];

/// One cassette of `count` interactions, which ask for the tasks 0 to `count - 1`.
pub fn cassettes(count: usize) -> Cassettes {
    let cassette = Cassette {
        path: "bench.json".to_owned(),
        note: None,
        provenance: Provenance::Simulated { seed: 1 },
        interactions: (0..count).map(interaction).collect(),
    };
    [cassette].into_iter().collect()
}

/// The answer of every interaction, as long as the documented one.
pub fn answer() -> Response {
    let headers: Headers = [("Content-Type", "application/json;charset=utf-8")].into_iter().collect();
    Response { status: 200, headers, body: BODY.into() }
}

/// A signed request for a task, under a nonce of its own for every `number`.
pub fn request(task: usize, number: usize) -> Request {
    let (task, nonce) = (task.to_string(), format!("{number:032x}"));
    let parameters = [
        ("Action", ACTION),
        ("Format", "JSON"),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureNonce", &nonce),
        ("SignatureVersion", "1.0"),
        ("TaskId", &task),
        ("Timestamp", TIME),
        ("Version", VERSION),
    ];
    let parameters = parameters.map(|(name, value)| Parameter::query(name, value)).to_vec();
    let headers = [("Host", "alidns.aliyuncs.com")].into_iter().collect();
    sign(&Request::compose("GET", parameters, headers), Scheme::HmacSha1, &Key::test(), &Style::SERVICE)
}

/// A clock that stands at the time of all requests.
pub fn clock() -> Clock {
    Clock::fixed(Timestamp::parse(TIME).expect("it is spelled as the wire spells it"))
}

fn interaction(task: usize) -> Interaction {
    let asked = Asked::Request(request(task, task), Signed::Valid);
    let answers = Answers::one(answer());
    Interaction { id: task.to_string(), note: None, exhibit: false, constructed: true, asked, answers }
}

pub const ACTION: &str = "DescribeBatchResultCount";
pub const VERSION: &str = "2015-01-09";
const TIME: &str = "2026-11-24T03:45:00Z";
const BODY: &str = "{\"Status\":0,\"TotalCount\":4,\"TaskId\":0,\"RequestId\":\"75446CC1-FC9A-4595-8D96-089D73D7A63D\",\
    \"FailedCount\":2,\"SuccessCount\":2,\"BatchType\":\"DOMAIN_ADD\",\
    \"Reason\":\"No match is found for the domain name specified in the file.\"}";
