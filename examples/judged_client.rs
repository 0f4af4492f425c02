//! A client on another HTTP crate than ours, judged: `cargo run --example judged_client`.
//!
//! In a project of its own the last function is a test.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use alidns_contract::signing::{Scheme, Style, sign};
use alidns_contract::{
    Call, Client, Endpoint, Fields, Headers, Parameter, Reading, Request, Skipped, Timestamp, Value, judge,
};
use serde_json::Value as Json;

/// Stands for your client: it signs, asks and reads by itself.
struct MyDns(ureq::Agent);

impl Client for MyDns {
    async fn call(&self, endpoint: &Endpoint, call: &Call) -> Result<Reading, Skipped> {
        let agent = self.0.clone();
        let url = format!("{}{}", endpoint.url, String::from_utf8_lossy(&request(endpoint, call).raw().target));
        let asked = tokio::task::spawn_blocking(move || ask(&agent, &url)).await;
        Ok(asked.unwrap_or_else(|panic| Reading::Unreadable { status: None, why: panic.to_string() }))
    }
}

fn request(endpoint: &Endpoint, call: &Call) -> Request {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = i64::try_from(since.as_secs()).ok().and_then(|seconds| Timestamp::from_unix(seconds).ok());
    let (time, nonce) = (now.map_or_else(String::new, |time| time.to_string()), uuid());
    let system = [
        ("Action", call.action.as_str()),
        ("Version", &call.version),
        ("Format", "JSON"),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureVersion", "1.0"),
        ("SignatureNonce", &nonce),
        ("Timestamp", &time),
    ];
    let asked = call.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let parameters = system.into_iter().chain(asked).map(|(name, value)| Parameter::query(name, value));
    let unsigned = Request::compose("GET", parameters.collect(), Headers::new());
    sign(&unsigned, Scheme::HmacSha1, &endpoint.key, &Style::SERVICE)
}

fn ask(agent: &ureq::Agent, url: &str) -> Reading {
    let mut answer = match agent.get(url).call() {
        Ok(answer) => answer,
        Err(error) => return Reading::Unreadable { status: None, why: error.to_string() },
    };
    let status = answer.status().as_u16();
    let body = answer.body_mut().read_to_vec().unwrap_or_default();
    match serde_json::from_slice::<Json>(&body) {
        Ok(body) => read(status, &body),
        Err(error) => Reading::Unreadable { status: Some(status), why: error.to_string() },
    }
}

fn read(status: u16, body: &Json) -> Reading {
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    let integer = |name: &str| body[name].as_i64().or_else(|| body[name].as_str()?.parse().ok()).map(i128::from);
    if status >= 400 || (integer("Status").is_none() && text("Code").is_some()) {
        let (code, message, request_id) = (text("Code"), text("Message"), text("RequestId"));
        return Reading::Refused { status: Some(status), code, message, request_id };
    }
    let Some(state) = integer("Status") else {
        return Reading::Unreadable { status: Some(status), why: "no Status".to_owned() };
    };
    let counts =
        ["TotalCount", "SuccessCount", "FailedCount", "TaskId"].map(|name| (name, integer(name).map(Value::Integer)));
    let texts = ["RequestId", "BatchType", "Reason"].map(|name| (name, text(name).map(Value::Text)));
    let optional = counts.into_iter().chain(texts);
    Reading::Answer(optional.fold(Fields::new().with("Status", Value::Integer(state)), |fields, (name, value)| {
        fields.with_some(name, value)
    }))
}

fn uuid() -> String {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).expect("the system has randomness");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::main]
async fn main() {
    let config = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(5)));
    let judgement = judge(&MyDns(config.proxy(None).build().into())).await;
    judgement.assert_clean();
    println!("clean: {} cases, {} requests", judgement.cases.len(), judgement.requests.len());
}
